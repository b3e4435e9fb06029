"""Pages, cards and frames in the few words that a test of the site needs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from garden.archive.event import EventId, RoomAlias, RoomId, UserId
from garden.conversations.conversation import ConversationKind, MessageKind
from garden.conversations.room import Room
from garden.pages.address import Address, Anchor, absolute_url, message_anchor, root_prefix
from garden.pages.page import Answered, Page, PageCard, PageMessage
from garden.site.place import RoomPlace
from garden.site.view import FeedView, FrameView

BASE_URL = "https://fen.example/garden/"
NOON = 1_741_003_200_000
"""3 March 2025, 12:00 UTC."""
MINUTE = 60_000
SEEDS = RoomPlace(
    Room(
        RoomId("!seeds:fen.example"), "Seeds", "What to sow.", RoomAlias("#seeds:fen.example"), "fen.example"
    ),
    Address("seeds/"),
)
WATER = RoomPlace(Room(RoomId("!water"), "Water", via="fen.example"), Address("water/"))
BEANS = Address("seeds/beans-3fk2a9xy/")


def anchor(name: str) -> Anchor:
    return message_anchor(EventId(f"${name}"))


def say(name: str, words: str, *, who: str = "ada", at: int = 0, to: str | None = None) -> PageMessage:
    """A message `at` minutes past noon, answering the message called `to`."""
    return PageMessage(
        anchor=anchor(name),
        event_id=EventId(f"${name}"),
        sender=UserId(f"@{who}:fen.example"),
        author=who.title(),
        sent_at=NOON + at * MINUTE,
        kind=MessageKind.TEXT,
        text=words,
        reply_to=Answered(EventId(f"${to}"), anchor(to), "", "") if to is not None else None,
    )


def remove(message: PageMessage) -> PageMessage:
    return replace(message, kind=MessageKind.REMOVED, text="")


def talk(*messages: PageMessage, kind: ConversationKind = ConversationKind.THREAD) -> Page:
    """A conversation about beans; its first message is its root, unless it is a day."""
    return Page(
        address=BEANS if kind is not ConversationKind.DAY else Address("seeds/2025-03-03/"),
        kind=kind,
        title="Beans",
        room_id=SEEDS.room.room_id,
        root_id=messages[0].event_id if kind is not ConversationKind.DAY else None,
        planted=messages[0].sent_at,
        tended=messages[-1].sent_at,
        tags=("beans",),
        messages=messages,
    )


def frame(address: Address) -> FrameView:
    return FrameView(
        site_title="Fen",
        description="Forty neighbours.",
        language="en",
        direction="ltr",
        base_url=BASE_URL,
        canonical=absolute_url(BASE_URL, address),
        root=root_prefix(address),
        feeds=(FeedView("Fen", f"{root_prefix(address)}feed.atom", "application/atom+xml"),),
        rings=(),
        neighbours="",
        map=f"{root_prefix(address)}map/",
        privacy=f"{root_prefix(address)}privacy/",
        index=True,
    )


def card(
    name: str,
    *,
    tended: int = 0,
    planted: int = 0,
    kind: str = "thread",
    place: RoomPlace | None = SEEDS,
    tags: Iterable[str] = (),
) -> PageCard:
    """A page that was planted and tended so many minutes past noon."""
    folder = place.address if place is not None else "notes/"
    return PageCard(
        address=Address(f"{folder}{name}/"),
        kind=kind,
        title=name.title(),
        excerpt=f"About {name}.",
        room_id=place.room.room_id if place is not None else None,
        root_id=EventId(f"${name}"),
        planted=NOON + planted * MINUTE,
        tended=NOON + tended * MINUTE,
        tags=tuple(tags),
        message_count=3,
        people_count=2,
        links_out=(),
    )


_OWN_SCRIPT = re.compile(
    r'<script type="module" src="[./a-z]*/static/garden\.js"( data-[a-z]+="[^"<>]*")*></script>'
)


def count_strange_scripts(page: str) -> int:
    """Count the scripts of a page but for the theme's own, which has no words inside."""
    return page.count("<script") - len(_OWN_SCRIPT.findall(page))

"""Cards become the pages that lead to others: home, a room's index, tags, neighbours, not found.

A list shows only what its reader needs, so that a new message changes few of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from garden.archive.event import EventId, RoomId
from garden.conversations.conversation import ConversationKind
from garden.pages.address import Address, relative_url, room_part_address, tag_address
from garden.pages.page import PageCard
from garden.site.index_view import BedView, HomeView, NotFoundView, RoomView, TagPageView, TagView
from garden.site.pins import Pin, present_pins
from garden.site.place import RoomPlace, permalink, present_time
from garden.site.present import home_link, present_card
from garden.site.reason import present_reason
from garden.site.view import FrameView, LinkView

TENDED_ON_HOME: Final = 7


def present_home(
    frame: FrameView, places: Sequence[RoomPlace], cards: Sequence[PageCard], spaces: Iterable[str]
) -> HomeView:
    """Show the whole garden as a map.

    What a room keeps from search engines stands in no list here, since they read this page.
    """
    home = Address("")
    names = {place.room.room_id: place.room.name for place in places}
    listed = {place.room.room_id for place in places if place.index}
    talks = [card for card in cards if card.kind in _TALKS and card.room_id in listed]
    return HomeView(
        frame=frame,
        rooms=tuple(
            _present_bed(place, [card for card in cards if card.room_id == place.room.room_id])
            for place in places
        ),
        tended=tuple(
            present_card(home, card, _room_name(names, card)) for card in by_tended(talks)[:TENDED_ON_HOME]
        ),
        notes=tuple(
            present_card(home, card) for card in sorted(_notes(cards), key=lambda card: card.title.casefold())
        ),
        tags=tuple(
            TagView(tag, relative_url(home, tag_address(tag)), len(tagged))
            for tag, tagged in by_tag(cards).items()
        ),
        spaces=tuple(LinkView(space, f"https://matrix.to/#/{quote(space, safe='!:')}") for space in spaces),
    )


def present_room(
    frames: Sequence[FrameView],
    place: RoomPlace,
    cards: Sequence[PageCard],
    per_part: int,
    pins: Mapping[EventId, Pin],
) -> list[tuple[Address, RoomView]]:
    """Show a room's index in parts, last tended first; `frames` has one frame for each part.

    `pins` are the garden's pinned messages that stand on a page.
    """
    talks = by_tended(card for card in cards if card.kind in _TALKS)
    days = sorted(
        (card for card in cards if card.kind == ConversationKind.DAY), key=lambda card: card.address
    )
    addresses = room_part_addresses(place.address, len(talks), per_part)
    return [
        (
            address,
            RoomView(
                frame=frame,
                name=place.room.name,
                topic=place.room.topic,
                home=home_link(frame),
                pinned=present_pins(address, place.room.pinned, pins) if number == 0 else (),
                conversations=tuple(
                    present_card(address, card) for card in talks[number * per_part : (number + 1) * per_part]
                ),
                days=tuple(present_card(address, card) for card in reversed(days)) if number == 0 else (),
                part=number + 1,
                parts=tuple(
                    LinkView(str(other + 1), relative_url(address, part))
                    for other, part in enumerate(addresses)
                )
                if len(addresses) > 1
                else (),
                join_url=permalink(place.room),
                reason=present_reason(place),
            ),
        )
        for number, (address, frame) in enumerate(zip(addresses, frames, strict=True))
    ]


def room_part_addresses(room: Address, conversations: int, per_part: int) -> list[Address]:
    """Return the addresses of all parts of a room's index; there is always one."""
    count = max(1, -(-conversations // per_part))
    return [room_part_address(room, number) for number in range(1, count + 1)]


def present_tag(
    frame: FrameView, tag: str, cards: Iterable[PageCard], places: Iterable[RoomPlace]
) -> TagPageView:
    """Show the pages that carry a tag, oldest first; nothing on it changes when a page is tended."""
    names = {place.room.room_id: place.room.name for place in places}
    address = tag_address(tag)
    ordered = sorted(cards, key=lambda card: (card.planted or 0, card.address))
    still = (replace(card, tended=None, message_count=0, people_count=0) for card in ordered)
    return TagPageView(
        frame=frame,
        name=tag,
        home=home_link(frame),
        pages=tuple(present_card(address, card, _room_name(names, card)) for card in still),
    )


def present_not_found(frame: FrameView, places: Iterable[RoomPlace]) -> NotFoundView:
    """Show the way home from any address that does not exist; the frame's root is an absolute path."""
    return NotFoundView(
        frame=frame,
        home=home_link(frame),
        rooms=tuple(
            LinkView(place.room.name, frame.root + relative_url(Address(""), place.address))
            for place in places
        ),
    )


def by_tended(cards: Iterable[PageCard]) -> list[PageCard]:
    """Order pages by their last change, newest first; ties by address."""
    return sorted(cards, key=lambda card: (-(card.tended or 0), card.address))


def by_tag(cards: Iterable[PageCard]) -> dict[str, list[PageCard]]:
    """Gather pages by tag, tags in alphabetical order."""
    found: dict[str, list[PageCard]] = {}
    for card in cards:
        for tag in card.tags:
            found.setdefault(tag, []).append(card)
    return dict(sorted(found.items()))


_TALKS: Final = frozenset({ConversationKind.THREAD.value, ConversationKind.CHAIN.value})


def _notes(cards: Iterable[PageCard]) -> list[PageCard]:
    return [card for card in cards if card.kind == "note"]


def _room_name(names: dict[RoomId, str], card: PageCard) -> str:
    return names.get(card.room_id, "") if card.room_id is not None else ""


def _present_bed(place: RoomPlace, cards: Sequence[PageCard]) -> BedView:
    tended = [card.tended for card in cards if card.tended is not None]
    talks = sum(card.kind in _TALKS for card in cards)
    return BedView(
        name=place.room.name,
        url=relative_url(Address(""), place.address),
        topic=place.room.topic,
        conversation_count=talks,
        day_count=len(cards) - talks,
        tended=present_time(max(tended)) if tended else None,
    )

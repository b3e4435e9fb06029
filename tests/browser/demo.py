"""The demo as a built site that tests read: planted, built, tended once more and built again."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest

from garden.archive.event import Event, get_text
from garden.archive.import_files import import_events
from garden.archive.store import ArchiveStore
from garden.archive.transcript import event_id, room_id
from garden.config import read_config
from garden.conversations.conversation import ConversationKind
from garden.demo.plant import plant_demo
from garden.pages.address import DOMAINS, HOME, MAP, NEIGHBOURS, PEOPLE, TAGS, YEARS, Address, document_path
from garden.pages.page import Page
from garden.pages.store import read_pages
from garden.pipeline import build_garden
from garden.resources import DEFAULT_THEME, demo_folder
from garden.site import present_years
from garden.site.consent_view import PrivacyView
from garden.site.domain_view import DomainsView, DomainView
from garden.site.index_view import (
    HomeView,
    MovedView,
    NeighboursView,
    NotFoundView,
    RoomView,
    TagPageView,
    TagsView,
)
from garden.site.map_view import MapView
from garden.site.people_view import PeopleView, PersonView
from garden.site.privacy import PRIVACY
from garden.site.templates import View
from garden.site.view import ConversationView, NoteView
from garden.site.years_view import MonthPageView, YearsView, YearView
from tests.smallholding import NOW_MS

RENAMED: Final = ("workshop", "solder")
"""Room and label of the question whose wording, and so whose address, changes between the two builds."""

KINDS: Final[dict[str, type[View]]] = {
    "home": HomeView,
    "room": RoomView,
    "thread": ConversationView,
    "chain": ConversationView,
    "day": ConversationView,
    "picture": ConversationView,
    "note": NoteView,
    "tags": TagsView,
    "tag": TagPageView,
    "years": YearsView,
    "year": YearView,
    "month": MonthPageView,
    "people": PeopleView,
    "person": PersonView,
    "map": MapView,
    "sites": DomainsView,
    "site": DomainView,
    "neighbours": NeighboursView,
    "privacy": PrivacyView,
    "not found": NotFoundView,
    "moved": MovedView,
}
"""Every kind of page that tests look at, by the view that its template draws: each view has a kind at least.

Who adds a view adds a kind here, and its address in `_choose_kinds`; then all tests look at it.
"""


_MANY: Final = 40
"""Conversations of a year from which on its months have pages here; some years of the demo have fewer."""
_YEAR, _MONTH = 2, 3
"""Slashes in the addresses of a year and of a month."""


@dataclass(frozen=True, slots=True)
class GrownDemo:
    """A garden with its site."""

    folder: Path
    out: Path
    base_url: str
    theme: str
    kinds: dict[str, str]
    """One address for every kind in `KINDS`, of the longest page of its kind."""
    conversations: tuple[Page, ...]
    """All pages of messages."""
    addresses: tuple[str, ...]
    """All addresses that end in a slash."""


def grow_demo(
    folder: Path, base_url: str | None = None, language: str | None = None, theme: str = DEFAULT_THEME
) -> GrownDemo:
    """Grow the demo in a folder, its site in `public/`, for `base_url`, in `language`, or as it is.

    Its people have pages, and a year has months from fewer conversations on, so that there is a page of each
    kind.
    """
    plant_demo(demo_folder(), folder)
    config = read_config(folder / "site.toml")
    site = replace(
        config.site,
        base_url=base_url or config.site.base_url,
        language=language or config.site.language,
        theme=theme,
    )
    config = replace(config, site=site, pages=replace(config.pages, people=True))
    out = folder / "public"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(present_years, "MANY", _MANY)
        build_garden(folder, config, out, now_ms=NOW_MS, jobs=1, report=lambda *_: None)
        _ask_once_more(folder)
        build_garden(folder, config, out, now_ms=NOW_MS, jobs=1, report=lambda *_: None)
    addresses = tuple(
        path.parent.relative_to(out).as_posix().removeprefix(".") + "/"
        for path in sorted(out.rglob("index.html"))
    )
    found = tuple("" if address == "/" else address for address in addresses)
    pages = tuple(read_pages(folder / "content_cache/pages"))
    return GrownDemo(folder, out, site.base_url, theme, _choose_kinds(pages, out, found), pages, found)


def _ask_once_more(folder: Path) -> None:
    """Edit a question as its author would, so that its page moves and its former address leads on."""
    room, label = RENAMED
    with ArchiveStore.open(folder) as store:
        asked = next(each for each in store.events(room_id(room)) if each.event_id == event_id(room, label))
        import_events(store, [json.dumps(_edit(asked)).encode()], "an edit")


def _edit(asked: Event) -> dict[str, object]:
    new = {"msgtype": "m.text", "body": f"Once more: {get_text(asked.content, 'body')}"}
    relation = {"rel_type": "m.replace", "event_id": asked.event_id}
    return {
        "type": "m.room.message",
        "room_id": asked.room_id,
        "event_id": "$asked-once-more",
        "sender": asked.sender,
        "origin_server_ts": asked.sent_at + 60_000,
        "content": {**new, "m.new_content": new, "m.relates_to": relation},
    }


def _choose_kinds(pages: Sequence[Page], out: Path, addresses: tuple[str, ...]) -> dict[str, str]:
    current = {str(page.address) for page in pages}
    rooms = {address.split("/")[0] + "/" for address in current}

    def longest(fits: Callable[[str], bool]) -> str:
        return max(
            filter(fits, addresses), key=lambda each: (out / document_path(Address(each))).stat().st_size
        )

    def shows_picture(address: str) -> bool:
        return b"<img " in (out / document_path(Address(address))).read_bytes()

    by_kind = {kind: {str(page.address) for page in pages if page.kind is kind} for kind in ConversationKind}
    return {
        "home": HOME,
        "room": longest(lambda each: each in rooms),
        "thread": longest(lambda each: each in by_kind[ConversationKind.THREAD]),
        "chain": longest(lambda each: each in by_kind[ConversationKind.CHAIN]),
        "day": longest(lambda each: each in by_kind[ConversationKind.DAY]),
        "picture": longest(lambda each: each in by_kind[ConversationKind.THREAD] and shows_picture(each)),
        "note": longest(lambda each: each.startswith("notes/")),
        "tags": TAGS,
        "tag": longest(lambda each: each.startswith(TAGS) and each != TAGS),
        "years": YEARS,
        "year": longest(lambda each: each.startswith(YEARS) and each.count("/") == _YEAR),
        "month": longest(lambda each: each.startswith(YEARS) and each.count("/") == _MONTH),
        "people": PEOPLE,
        "person": longest(lambda each: each.startswith(PEOPLE) and each != PEOPLE),
        "map": MAP,
        "sites": DOMAINS,
        "site": longest(lambda each: each.startswith(DOMAINS) and each != DOMAINS),
        "neighbours": NEIGHBOURS,
        "privacy": PRIVACY,
        "moved": longest(lambda each: each.split("/")[0] + "/" in rooms and each not in current | rooms),
        "not found": "nothing/of/the/kind/",
    }

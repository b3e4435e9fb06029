"""A garden of nothing but hostile rooms: the corpus goes through import and build, and a site comes out."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from garden.archive.import_files import import_events
from garden.archive.store import ArchiveStore
from garden.pages.address import Address, document_path
from garden.pages.page import Page
from garden.pages.store import read_pages
from tests.hostile.case import Case
from tests.hostile.formulas import FORMULAS
from tests.hostile.places import Json
from tests.hostile.scripts import ADDRESSES
from tests.hostile.story import Room, RoomOfNames, RoomOfWords
from tests.smallholding import BASE_URL, build, lay_out, settings

MORE: Final = "\n[pages]\nmin_messages = 2\nhistory = true\nshow_membership = true\nper_page = 100000\n"
"""Settings under which a garden shows most."""

_TOGETHER: Final = 10
"""Texts that share a room of words, and so a page: a browser takes longer to open pages than to read them."""


@dataclass(frozen=True, slots=True)
class HostileGarden:
    """A built garden and what was sent to it."""

    folder: Path
    out: Path
    rooms: tuple[Room, ...]
    sent: Mapping[str, Json]
    """Every event by its identifier."""
    pages: tuple[Page, ...]
    """What stands in the Markdown files."""

    def html(self, address: Address) -> str:
        """Return a page of the site."""
        return (self.out / document_path(address)).read_text(encoding="utf-8")


def grow_hostile(folder: Path, cases: Sequence[Case]) -> HostileGarden:
    """Grow a room named by each text that could be a name, and rooms in which all are said."""
    named = [case for case in cases if case not in ADDRESSES and case not in FORMULAS]
    names = [RoomOfNames(number, case) for number, case in enumerate(named)]
    words = [
        RoomOfWords(len(cases) + start, cases[start : start + _TOGETHER])
        for start in range(0, len(cases), _TOGETHER)
    ]
    return grow(folder, [event for room in (*names, *words) for event in room.events()], (*names, *words))


def grow(folder: Path, events: Sequence[Json], told: tuple[Room, ...] = ()) -> HostileGarden:
    """Import events into a new garden in a folder and build it."""
    rooms = list(dict.fromkeys(str(event["room_id"]) for event in events))
    lay_out(folder, settings(vouched=rooms, more=MORE))
    with ArchiveStore.open(folder) as store:
        import_events(store, io.BytesIO(as_lines(events)), "hostile")
    out = folder / "public"
    build(folder)
    pages = tuple(read_pages(folder / "content_cache/pages"))
    return HostileGarden(folder, out, told, {str(event["event_id"]): event for event in events}, pages)


def as_lines(events: Iterable[object]) -> bytes:
    """Write events as JSON lines; lone surrogates stay escaped, as a server may send them."""
    return b"".join(json.dumps(event, ensure_ascii=True).encode() + b"\n" for event in events)


__all__ = ["BASE_URL", "HostileGarden", "as_lines", "grow", "grow_hostile"]

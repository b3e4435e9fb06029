"""The memory of a garden's feeds: what readers have got from them, so that they can be told what is gone.

`content_cache/feeds.json` is read before a build and written after it. It holds identifiers of entries and
times, and of each entry a digest by which a change of it is seen; no word of any page.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from garden.errors import ArchiveError
from garden.memory_file import read_memory_file, write_memory_file

FEEDS_FILE: Final = "feeds.json"

TOMBSTONE_MS: Final = 90 * 24 * 60 * 60 * 1000
"""How long a feed says that an entry is gone."""

MOST_TOMBSTONES: Final = 100
MOST_CARRIED: Final = 300
"""Entries that a feed remembers to have carried, the newest ones."""

_LAST_TIME: Final = 253_402_300_799_999
"""End of the year 9999 in milliseconds: the last moment that a feed can name."""


@dataclass(frozen=True, slots=True)
class Carried:
    """An entry as a feed last carried it."""

    shape: str
    """Digest of which messages it holds; another one where one came or went."""
    updated: int
    """The time of its last change that the feed gave, milliseconds since 1970, UTC."""


@dataclass(frozen=True, slots=True)
class FeedPast:
    """What one feed has carried."""

    carried: Mapping[str, Carried] = field(default_factory=dict)
    """By the entry's identifier, newest first; those that were pushed out by newer ones are among them."""
    deleted: Mapping[str, int] = field(default_factory=dict)
    """Entries that are gone, each with the time when that was noticed, newest first."""


FeedMemory = Mapping[str, FeedPast]
"""By the feed's identifier."""


def remember_feed(
    past: FeedPast, entries: Mapping[str, Carried], alive: Collection[str], now_ms: int
) -> FeedPast:
    """Return what is to be remembered of a feed that carries these entries.

    `entries` come as their messages date them. What was carried and is not `alive` any more, anywhere in the
    garden, was deleted `now_ms`; what comes back was not.
    """
    carried = {entry: _date(said, past.carried.get(entry), now_ms) for entry, said in entries.items()}
    pushed_out = {
        entry: said for entry, said in past.carried.items() if entry in alive and entry not in carried
    }
    gone = {
        entry: min(max(now_ms, said.updated), _LAST_TIME)
        for entry, said in past.carried.items()
        if entry not in alive
    }
    known = {
        entry: when
        for entry, when in past.deleted.items()
        if entry not in alive and now_ms - when < TOMBSTONE_MS
    }
    deleted = sorted((gone | known).items(), key=lambda each: (-each[1], each[0]))
    return FeedPast(
        dict(islice((carried | pushed_out).items(), MOST_CARRIED)), dict(deleted[:MOST_TOMBSTONES])
    )


def _date(said: Carried, before: Carried | None, now_ms: int) -> Carried:
    """Give an entry a new time where something went, or came late: no message's own time tells of that.

    Readers take an entry anew when its time moves on (RFC 4287, section 4.2.15).
    """
    if before is None or said.updated > before.updated:
        return said
    if said.shape == before.shape:
        return before
    return Carried(said.shape, min(max(now_ms, before.updated + 1), _LAST_TIME))


def read_feed_memory(cache: Path) -> FeedMemory:
    """Read the memory in `content_cache/`; a new garden has none. Raises `ArchiveError`."""
    nothing: FeedMemory = {}
    return read_memory_file(cache / FEEDS_FILE, nothing, _read_memory, _explain)


def _explain(path: Path, error: Exception) -> ArchiveError:
    return ArchiveError(
        f"{path} cannot be read: {error}.",
        hint="Remove it: the feeds will then not tell which entries were deleted before.",
    )


def write_feed_memory(cache: Path, memory: FeedMemory) -> None:
    """Write the memory where it changed, and remove what a killed run has left. Raises `ArchiveError`."""
    feeds = {
        feed: {
            "carried": {entry: [said.shape, said.updated] for entry, said in past.carried.items()},
            "deleted": dict(past.deleted),
        }
        for feed, past in memory.items()
    }
    write_memory_file(cache / FEEDS_FILE, json.dumps({"feeds": feeds}, indent=1))


def _read_memory(memory: Mapping[str, Mapping[str, Any]]) -> FeedMemory:
    return {str(feed): _read_past(past) for feed, past in memory["feeds"].items()}


def _read_past(past: Mapping[str, Mapping[str, object]]) -> FeedPast:
    carried = {str(entry): _read_carried(said) for entry, said in past["carried"].items()}
    deleted = {str(entry): int(str(when)) for entry, when in past["deleted"].items()}
    return FeedPast(carried, deleted)


def _read_carried(said: object) -> Carried:
    if not isinstance(said, list):
        raise TypeError(f"{said!r} is no list")
    shape, updated = said
    return Carried(str(shape), int(updated))

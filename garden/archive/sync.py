"""Brings the archive up to date: what `site.toml` asks for goes in, a homeserver's rooms come into the store.

Several rooms at once, each on its own: a room that cannot be read or that not everybody may read is reported
and skipped, and what was archived of it is erased. What one room needs stands in `garden.archive.room_sync`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass

from garden.archive.event import RoomId
from garden.archive.room_sync import RoomResult, RoomSync, SyncLimits, SyncProgress
from garden.archive.source import RoomSource
from garden.archive.store import ArchiveStore, RoomRecord
from garden.errors import HomeserverError, LoginError

__all__ = ["RoomResult", "RoomSource", "SyncLimits", "SyncProgress", "SyncResult", "Wanted", "sync_rooms"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a garden is to be made from, as `site.toml` names it."""

    rooms: tuple[str, ...] = ()
    """Room ids (`!…`) and aliases (`#…`)."""
    spaces: tuple[str, ...] = ()
    """Ids and aliases of spaces: all rooms in them, nested."""


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What a sync did, room by room, in the order in which they were asked for."""

    rooms: tuple[RoomResult, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """One room to sync, or one entry of `site.toml` that could not be looked up."""

    asked: str
    room_id: RoomId | None
    problem: HomeserverError | None = None


async def sync_rooms(
    wanted: Wanted,
    source: RoomSource,
    store: ArchiveStore,
    *,
    now_ms: int,
    limits: SyncLimits,
    full: bool = False,
    report: Callable[[SyncProgress], None] = lambda _progress: None,
) -> SyncResult:
    """Bring every wanted room up to date.

    `now_ms` is the time in milliseconds since 1970; `full` compares whole histories, not only what is new;
    `report` hears how far each room is. Problems of single rooms stand in the result. Raises `LoginError` and
    `ArchiveError`, which concern them all; what was archived until then stays, and the next sync goes on.
    """
    found = await _find_rooms(wanted, source, store)
    _note_rooms(found, store)
    gate = asyncio.Semaphore(limits.concurrency)

    async def sync_one(entry: _Found) -> RoomResult:
        if entry.room_id is None or entry.problem is not None:
            return RoomResult(entry.room_id, entry.asked, problem=entry.problem)
        async with gate:
            room = RoomSync(entry.room_id, entry.asked, source, store, now_ms, limits, report)
            return await room.run(full=full)

    try:
        results = await _run_all(sync_one(entry) for entry in found)
    finally:
        store.remove_unused_media()
        store.vacuum_traces()
    return SyncResult(tuple(results))


async def _run_all(jobs: Iterable[Coroutine[None, None, RoomResult]]) -> list[RoomResult]:
    """Run all at once and return their results in order; the first failure ends the others."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(job) for job in jobs]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


async def _find_rooms(wanted: Wanted, source: RoomSource, store: ArchiveStore) -> list[_Found]:
    """Look up what is asked for; each room once, under the first entry that names it."""
    found: list[_Found] = []
    seen = set[RoomId]()
    entries = [(asked, False) for asked in wanted.rooms] + [(asked, True) for asked in wanted.spaces]
    for asked, is_space in entries:
        for entry in await _look_up(asked, is_space=is_space, source=source, store=store):
            if entry.room_id is None or entry.room_id not in seen:
                found.append(entry)
            if entry.room_id is not None:
                seen.add(entry.room_id)
    return found


async def _look_up(asked: str, *, is_space: bool, source: RoomSource, store: ArchiveStore) -> list[_Found]:
    """Ask which rooms an entry stands for by now.

    Where that fails, the rooms that it stood for are still synced: one of them may be closed by now, and its
    words have to go.
    """
    try:
        room_id = RoomId(asked) if asked.startswith("!") else await source.resolve_alias(asked)
        room_ids = (
            [child.room_id for child in await source.list_space_rooms(room_id)] if is_space else [room_id]
        )
    except LoginError:
        raise
    except HomeserverError as error:
        return [_Found(asked, None, error), *(_Found(asked, known) for known in store.selected(asked))]
    store.select(asked, room_ids)
    return [_Found(asked, known) for known in room_ids]


def _note_rooms(found: Iterable[_Found], store: ArchiveStore) -> None:
    """Give every room its record in the order asked for, before the order of answers can decide it."""
    for entry in found:
        if entry.room_id is not None and store.room(entry.room_id) is None:
            store.save_room(RoomRecord(entry.room_id))

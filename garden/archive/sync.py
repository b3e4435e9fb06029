"""Brings the archive up to date: what `site.toml` asks for goes in, a homeserver's rooms come into the store.

Several rooms at once, each on its own: a room that cannot be read or that not everybody may read is reported
and skipped, and what was archived of it is erased, as are rooms that nobody asks for any more. What one room
needs stands in `garden.archive.room_sync`. A room that was upgraded brings the rooms that it went through
with it, see `garden.archive.room_upgrade`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass

from garden.archive.event import RoomId
from garden.archive.letting_go import let_go
from garden.archive.room_sync import RoomResult, RoomSync, SyncLimits, SyncProgress
from garden.archive.room_upgrade import MAX_ROOMS, Claim, Upgrades, read_told_claim
from garden.archive.source import RoomClosedError, RoomSource, resolve_room
from garden.archive.store import ArchiveStore, RoomRecord
from garden.errors import HomeserverError, LoginError, RoomAccessError

__all__ = ["RoomResult", "RoomSource", "SyncLimits", "SyncProgress", "SyncResult", "Wanted", "sync_rooms"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a garden is to be made from, as `site.toml` names it."""

    rooms: tuple[str, ...] = ()
    """Room ids (`!…`) and aliases (`#…`)."""
    spaces: tuple[str, ...] = ()
    """Ids and aliases of spaces: all rooms in them, nested."""
    kept: tuple[RoomId, ...] = ()
    """Rooms that stay in the archive as they are, though no homeserver is asked about them."""


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What a sync did, room by room, in the order in which they were asked for, older rooms first."""

    rooms: tuple[RoomResult, ...]
    notes: tuple[str, ...] = ()
    """What is to be known and is no failure: older rooms that cannot be read, or not any more; rooms of
    spaces that were forgotten; rooms that the account had left."""


@dataclass(frozen=True, slots=True)
class _Found:
    """One room to sync, or one entry of `site.toml` that could not be looked up."""

    asked: str
    room_id: RoomId | None
    problem: HomeserverError | None = None
    is_older: bool = False
    """Whether it is here only because a room that was asked for replaces it."""


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
    """Bring every wanted room up to date, and let go of those that are not wanted any more.

    `now_ms` is the time in milliseconds since 1970; `full` compares whole histories, not only what is new;
    `report` hears how far each room is. Problems of single rooms stand in the result. Raises `LoginError` and
    `ArchiveError`, which concern them all; what was archived until then stays, and the next sync goes on.
    """
    finder = _Finder(wanted, source, store, keep_closed=limits.keep_closed)
    found = await finder.find()
    follower = _Follower(source, store)
    gate = asyncio.Semaphore(limits.concurrency)

    async def sync_one(entry: _Found) -> RoomResult:
        if entry.room_id is None or entry.problem is not None:
            return RoomResult(entry.room_id, entry.asked, problem=entry.problem)
        async with gate:
            room = RoomSync(entry.room_id, entry.asked, source, store, now_ms, limits, report)
            return await room.run(full=full)

    done: dict[_Found, RoomResult] = {}
    try:
        while waiting := [entry for entry in found if entry not in done]:
            _note_rooms(waiting, store)
            results = await _run_all(sync_one(entry) for entry in waiting)
            done |= zip(waiting, results, strict=True)
            found = await follower.follow(found)
        let_go(
            store,
            [*(entry.room_id for entry in found if entry.room_id), *follower.unsure, *wanted.kept],
            closed=finder.let_go,
            entries=(*wanted.rooms, *wanted.spaces),
        )
    finally:
        store.files.remove_unused()
        store.vacuum_traces()
    return _sum_up([(entry, done[entry]) for entry in found], [*finder.notes, *follower.notes])


def _sum_up(done: Iterable[tuple[_Found, RoomResult]], notes: Iterable[str]) -> SyncResult:
    """An older room that cannot be read is no failure of the one that was asked for."""
    rooms: list[RoomResult] = []
    more: list[str] = []
    for entry, result in done:
        if result.has_left:
            more.append(_note_leave(result))
        if entry.is_older and result.problem is not None:
            more.append(_note_absence(entry.asked, result.problem, is_older=True))
        else:
            rooms.append(result)
    return SyncResult(tuple(rooms), (*notes, *more))


def _note_leave(result: RoomResult) -> str:
    return (
        f"The account had left {result.room_id}, and was shown it as it was then. The homeserver was asked to"
        " forget that the account was there, which reads the room as anybody does from now on."
    )


class _Follower:
    """Follows rooms through their upgrades: one step at each end of each chain, each time it is asked.

    Where the other room is not archived, its state is asked for before any of its history: what names a room
    of this garden need not belong to it.
    """

    def __init__(self, source: RoomSource, store: ArchiveStore) -> None:
        self._source = source
        self._store = store
        self._steps = 0
        self._asked: set[tuple[RoomId | None, RoomId]] = set()
        self.notes: list[str] = []
        """Why upgrades could not be followed."""
        self.unsure: set[RoomId] = set()
        """Rooms that did not answer, and of which nobody knows whether they belong to this garden."""

    async def follow(self, found: Sequence[_Found]) -> list[_Found]:
        """Put older rooms before those that replaced them, and newer ones behind."""
        self._steps += 1
        if self._steps >= MAX_ROOMS:
            return list(found)
        upgrades = Upgrades(self._store)
        seen = {entry.room_id for entry in found if entry.room_id is not None}
        grown: list[_Found] = []
        for entry in found:
            claim = upgrades.named_by(entry.room_id) if entry.room_id is not None else Claim()
            before = await self._step(entry, claim.older, upgrades, seen, is_older=True)
            behind = await self._step(entry, claim.newer, upgrades, seen, is_older=False)
            grown += [*before, entry, *behind]
        return grown

    async def _step(
        self, entry: _Found, other: RoomId | None, upgrades: Upgrades, seen: set[RoomId], *, is_older: bool
    ) -> list[_Found]:
        """Return the room that an entry's room names, where both say so and it is not there already."""
        if entry.room_id is None or other is None or self._store.wishes.is_forgotten_room(other):
            return []
        older, newer = (other, entry.room_id) if is_older else (entry.room_id, other)
        is_new = other not in seen
        if not upgrades.is_upgrade(older, newer) and not (
            is_new and await self._ask(entry, other, is_older=is_older)
        ):
            return []
        upgrades.note(older, newer)
        seen.add(other)
        return [_Found(entry.asked, other, is_older=is_older)] if is_new else []

    async def _ask(self, entry: _Found, other: RoomId, *, is_older: bool) -> bool:
        """Ask a room that this sync has not read whether it names this one too; each question once."""
        if (entry.room_id, other) in self._asked:
            return False
        self._asked.add((entry.room_id, other))
        try:
            claim = read_told_claim(other, await self._source.read_state(other))
        except LoginError:
            raise
        except HomeserverError as error:
            self.notes.append(_note_absence(entry.asked, error, is_older=is_older))
            if not isinstance(error, RoomClosedError):
                self.unsure.add(other)
            return False
        return entry.room_id == (claim.newer if is_older else claim.older)


def _note_absence(asked: str, problem: HomeserverError, *, is_older: bool) -> str:
    how = "replaces a room" if is_older else "was replaced by a room"
    return f"{asked} {how} that is left out: {problem}"


async def _run_all(jobs: Iterable[Coroutine[None, None, RoomResult]]) -> list[RoomResult]:
    """Run all at once and return their results in order; the first failure ends the others."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(job) for job in jobs]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


class _Finder:
    """Looks up what is asked for; each room once, under the first entry that names it."""

    def __init__(self, wanted: Wanted, source: RoomSource, store: ArchiveStore, *, keep_closed: bool) -> None:
        self._wanted = wanted
        self._source = source
        self._store = store
        self._keep_closed = keep_closed
        self.let_go: list[RoomId] = []
        """Rooms that a space has let go and that stay all the same."""
        self.notes: list[str] = []
        """Which rooms of spaces were forgotten."""

    async def find(self) -> list[_Found]:
        """Return the rooms to sync, and the entries that could not be looked up."""
        found: list[_Found] = []
        seen = set[RoomId]()
        entries = [(asked, False) for asked in self._wanted.rooms]
        entries += [(asked, True) for asked in self._wanted.spaces]
        for asked, is_space in entries:
            for entry in await self._look_up(asked, is_space=is_space):
                if entry.room_id is None or entry.room_id not in seen:
                    found.append(entry)
                if entry.room_id is not None:
                    seen.add(entry.room_id)
        return found

    async def _look_up(self, asked: str, *, is_space: bool) -> list[_Found]:
        """Ask which rooms an entry stands for by now.

        Where that fails, the rooms that it stood for are still synced: one of them may be closed by now, and
        its words have to go.
        """
        try:
            room_ids = await self._ask(asked, is_space=is_space)
        except LoginError:
            raise
        except HomeserverError as error:
            known = self._store.selected(asked)
            return [_Found(asked, None, error), *(_Found(asked, room_id) for room_id in known)]
        former = self._list_former(asked, room_ids) if is_space and self._keep_closed else []
        self.let_go += former
        self._store.select(asked, [*room_ids, *former])
        return [self._judge(asked, room_id) for room_id in room_ids if not is_space or self._is_free(room_id)]

    async def _ask(self, asked: str, *, is_space: bool) -> list[RoomId]:
        room_id = await resolve_room(self._source, asked)
        if not is_space:
            return [room_id]
        return [child.room_id for child in await self._source.list_space_rooms(room_id)]

    def _list_former(self, space: str, room_ids: Sequence[RoomId]) -> list[RoomId]:
        """Return what a space stood for and does not any more, where something of it is archived."""
        former = (room_id for room_id in self._store.selected(space) if room_id not in room_ids)
        return [room_id for room_id in former if self._store.count_events(room_id)]

    def _judge(self, asked: str, room_id: RoomId) -> _Found:
        return _Found(asked, room_id, _explain_forgotten(room_id, self._store))

    def _is_free(self, room_id: RoomId) -> bool:
        """Whether a room of a space is to be read; one that was forgotten is no failure of the space."""
        error = _explain_forgotten(room_id, self._store)
        if error is not None:
            self.notes.append(f"{error}. {error.hint}")
        return error is None


def _explain_forgotten(room_id: RoomId, store: ArchiveStore) -> RoomAccessError | None:
    if not store.wishes.is_forgotten_room(room_id):
        return None
    return RoomAccessError(
        f"{room_id} was forgotten, and nothing of it is kept",
        hint=f"Take it out of site.toml, or archive it again: garden forget --undo '{room_id}'",
    )


def _note_rooms(found: Iterable[_Found], store: ArchiveStore) -> None:
    """Give every room its record in the order asked for, before the order of answers can decide it."""
    for entry in found:
        if entry.room_id is not None and entry.problem is None and store.room(entry.room_id) is None:
            store.save_room(RoomRecord(entry.room_id))

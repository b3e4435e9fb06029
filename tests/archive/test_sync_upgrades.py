"""A sync follows rooms through their upgrades where both sides agree, and checks each room like any other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from garden.archive.event import JsonObject, RoomId
from garden.archive.room_upgrade import Upgrades
from garden.archive.store import ArchiveStore
from garden.archive.sync import SyncLimits, SyncResult, Wanted, sync_rooms
from garden.errors import LoginError
from tests.archive.fake_source import FakeRoom, FakeSource, KilledError
from tests.archive.material import bytes_of, message
from tests.archive.test_room_upgrade import A, B, C, create, tombstone
from tests.archive.test_sync import contents, visibility

LIMITS = SyncLimits(recrawl_ms=1000, max_media_bytes=100_000, concurrency=2)
ALIAS = "#hall:fen.example"


def room(room_id: RoomId, older: RoomId | None = None, newer: RoomId | None = None) -> FakeRoom:
    """A room in which one thing was said before it was upgraded."""
    said = message(f"said-{room_id}", f"words of {room_id}") | {"room_id": room_id}
    opened = visibility(f"open-{room_id}", "world_readable")
    state: list[JsonObject] = [create(room_id, older), {**opened, "room_id": room_id}]
    state += [tombstone(room_id, newer)] if newer is not None else []
    return FakeRoom([*state[:2], said, *state[2:]], state=state)


def hall() -> FakeSource:
    """A room that was upgraded twice; its alias names the newest."""
    return FakeSource({A: room(A, None, B), B: room(B, A, C), C: room(C, B)}, {ALIAS: C})


def run(
    folder: Path, source: FakeSource, *rooms: str, spaces: Iterable[str] = (), now: int = 1
) -> SyncResult:
    wanted = Wanted(rooms or (() if spaces else (ALIAS,)), tuple(spaces))
    with ArchiveStore.open(folder) as store:
        return asyncio.run(sync_rooms(wanted, source, store, now_ms=now, limits=LIMITS))


def told(result: SyncResult) -> list[tuple[str, RoomId | None, bool]]:
    return [(entry.asked, entry.room_id, entry.problem is None) for entry in result.rooms]


def archived(folder: Path) -> list[RoomId]:
    with ArchiveStore.open_existing(folder) as store:
        return sorted(record.room_id for record in store.rooms() if store.count_events(record.room_id))


def chain(folder: Path, start: RoomId = C) -> tuple[RoomId, ...]:
    with ArchiveStore.open_existing(folder) as store:
        return Upgrades(store).follow(start)


@pytest.mark.parametrize("asked", [ALIAS, A, B, C])
def test_whichever_room_is_named_all_of_them_are_read_oldest_first(tmp_path: Path, asked: str) -> None:
    result = run(tmp_path, hall(), asked)
    assert told(result) == [(asked, A, True), (asked, B, True), (asked, C, True)]
    assert result.notes == ()
    assert chain(tmp_path) == (A, B, C)


def test_a_room_that_is_asked_for_itself_is_read_once(tmp_path: Path) -> None:
    source = hall()
    space = RoomId("!space:fen.example")
    source.spaces[space] = [C, B]
    result = run(tmp_path, source, A, spaces=[space])
    assert told(result) == [(A, A, True), (space, C, True), (space, B, True)]


def test_the_second_sync_asks_only_for_what_is_new(tmp_path: Path) -> None:
    source = hall()
    run(tmp_path, source)
    source.calls.clear()
    result = run(tmp_path, source, now=2)
    assert [entry.new_events for entry in result.rooms] == [0, 0, 0]
    assert sorted(source.calls) == ["read_stream"] * 3 + ["read_visibility"] * 3 + ["resolve_alias"]


def test_an_alias_that_has_moved_on_keeps_the_old_rooms_words(tmp_path: Path) -> None:
    source = FakeSource({A: room(A)}, {ALIAS: A})
    run(tmp_path, source)
    source.rooms |= {A: room(A, None, B), B: room(B, A)}
    source.aliases[ALIAS] = B
    result = run(tmp_path, source, now=2)
    assert told(result) == [(ALIAS, A, True), (ALIAS, B, True)]
    assert archived(tmp_path) == [A, B]
    assert chain(tmp_path, B) == (A, B)


@pytest.mark.parametrize(
    ("rooms", "asked"),
    [
        ({A: room(A), B: room(B, A)}, B),
        ({A: room(A, None, C), B: room(B, A), C: room(C, A)}, B),
        ({A: room(A, None, B), B: room(B)}, A),
        ({A: room(A, None, B), B: room(B, C), C: room(C)}, A),
    ],
)
def test_nothing_is_read_of_a_room_that_does_not_agree(
    tmp_path: Path, rooms: dict[RoomId, FakeRoom], asked: RoomId
) -> None:
    result = run(tmp_path, FakeSource(rooms), asked)
    assert [(entry.room_id, entry.problem) for entry in result.rooms] == [(asked, None)]
    assert archived(tmp_path) == [asked]
    assert result.notes == ()


def test_a_room_that_names_itself_or_a_circle_is_read_once(tmp_path: Path) -> None:
    source = FakeSource({A: room(A, C, B), B: room(B, A, C), C: room(C, B, A)})
    assert sorted(entry.room_id or "" for entry in run(tmp_path, source, A).rooms) == [A, B, C]


@pytest.mark.parametrize("how", ["closed", "gone"])
def test_an_older_room_that_cannot_be_read_is_a_note_and_no_failure(tmp_path: Path, how: str) -> None:
    source = hall()
    if how == "gone":
        del source.rooms[B]
    else:
        source.rooms[B].is_closed = True
    result = run(tmp_path, source)
    assert told(result) == [(ALIAS, C, True)]
    assert archived(tmp_path) == [C]
    assert result.notes == (f"{ALIAS} replaces a room that is left out: {B} is closed",)


def test_an_older_room_that_is_shared_is_not_kept_though_the_account_is_told_of_it(tmp_path: Path) -> None:
    source = hall()
    source.rooms[A].visibility = "shared"
    result = run(tmp_path, source)
    assert told(result) == [(ALIAS, B, True), (ALIAS, C, True)]
    assert archived(tmp_path) == [B, C]
    assert [A in note for note in result.notes] == [True]


@pytest.mark.parametrize("closed", [A, B])
def test_an_older_room_that_closed_loses_its_words_and_the_others_stay(
    tmp_path: Path, closed: RoomId
) -> None:
    source = hall()
    run(tmp_path, source)
    source.rooms[closed].is_closed = True
    for now in (2, 3):
        result = run(tmp_path, source, now=now)
        assert [entry.room_id for entry in result.rooms] == [each for each in (A, B, C) if each != closed]
        assert [closed in note for note in result.notes] == [True]
        assert chain(tmp_path) == (A, B, C)
    assert f"words of {closed}".encode() not in bytes_of(tmp_path)
    assert f"words of {C}".encode() in bytes_of(tmp_path)
    source.rooms[closed].is_closed = False
    assert archived(tmp_path) == [each for each in (A, B, C) if each != closed]
    run(tmp_path, source, now=4)
    assert archived(tmp_path) == [A, B, C]


def test_a_newer_room_that_closed_is_a_failure_and_the_older_ones_stay(tmp_path: Path) -> None:
    source = hall()
    run(tmp_path, source, A)
    source.rooms[C].is_closed = True
    assert told(run(tmp_path, source, A, now=2)) == [(A, A, True), (A, B, True), (A, C, False)]
    assert archived(tmp_path) == [A, B]


def test_a_wrong_token_stops_everything_also_on_the_way(tmp_path: Path) -> None:
    @dataclass
    class Expiring(FakeSource):
        asked: list[RoomId] = field(default_factory=list)

        async def read_state(self, room_id: RoomId) -> list[JsonObject]:
            if room_id == B:
                raise LoginError("expired", hint="garden login")
            return await super().read_state(room_id)

    with pytest.raises(LoginError):
        run(tmp_path, Expiring(hall().rooms, hall().aliases))


def test_killed_at_any_question_it_resumes_to_the_same_archive(tmp_path: Path) -> None:
    run(tmp_path / "whole", hall())
    wanted = contents(tmp_path / "whole")
    for moment in range(60):
        source, folder = hall(), tmp_path / str(moment)
        source.dies_at = moment
        try:
            run(folder, source)
        except (KilledError, BaseExceptionGroup):
            source.dies_at = None
            run(folder, source)
        else:
            break
        assert contents(folder) == wanted, moment
    else:
        pytest.fail("the sync asked more than sixty questions")

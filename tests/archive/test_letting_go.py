"""A room that nobody asks for any more leaves the archive; what is forgotten is asked for in vain."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from garden.archive.event import JsonObject, RoomId
from garden.archive.import_files import import_events
from garden.archive.store import ArchiveStore
from garden.archive.sync import SyncLimits, SyncResult, Wanted, sync_rooms
from garden.archive.vocabulary import PREFERENCE, ROBOTS
from garden.errors import ImportFileError, UnreachableError
from tests.archive.fake_source import FakeRoom, FakeSource
from tests.archive.material import MO, bytes_of, event, message, redacted, redaction
from tests.archive.test_room_upgrade import create, tombstone
from tests.archive.test_sync import visibility

A, B, C = (RoomId(f"!{name}:fen.example") for name in ("a", "b", "c"))
ALIAS, SPACE = "#hall:fen.example", RoomId("!space:fen.example")


def words(room_id: RoomId) -> str:
    return f"words of {room_id}"


def room(room_id: RoomId, older: RoomId | None = None, newer: RoomId | None = None) -> FakeRoom:
    opened = {**visibility(f"open-{room_id}", "world_readable"), "room_id": room_id}
    topic = event(f"topic-{room_id}", "m.room.topic", {"topic": f"topic of {room_id}"}, state_key="")
    state: list[JsonObject] = [create(room_id, older), opened, topic | {"room_id": room_id}]
    state += [tombstone(room_id, newer)] if newer is not None else []
    return FakeRoom([*state, message(f"said-{room_id}", words(room_id)) | {"room_id": room_id}], state=state)


def fen() -> FakeSource:
    rooms = {room_id: room(room_id) for room_id in (A, B, C)}
    return FakeSource(rooms, {ALIAS: A, "#other:fen.example": B}, {SPACE: [B, C]})


def run(
    folder: Path, source: FakeSource, *, now: int = 1, keep_closed: bool = False, **wanted: object
) -> SyncResult:
    limits = SyncLimits(recrawl_ms=10**9, max_media_bytes=1000, keep_closed=keep_closed)
    with ArchiveStore.open(folder) as store:
        return asyncio.run(
            sync_rooms(Wanted(**wanted), source, store, now_ms=now, limits=limits)  # type: ignore[arg-type]
        )


def archived(folder: Path) -> list[RoomId]:
    with ArchiveStore.open_existing(folder) as store:
        return sorted(record.room_id for record in store.rooms() if store.count_events(record.room_id))


def selected(folder: Path, asked: str) -> tuple[RoomId, ...]:
    with ArchiveStore.open_existing(folder) as store:
        return store.selected(asked)


def seen(folder: Path, room_id: RoomId) -> str | None:
    with ArchiveStore.open_existing(folder) as store:
        record = store.room(room_id)
    return record.visibility if record is not None else None


def forget(folder: Path, *rooms: RoomId) -> None:
    with ArchiveStore.open(folder) as store:
        for room_id in rooms:
            store.wishes.forget("room", room_id, at=1)
        store.honour_wishes()
        store.vacuum_traces()


@pytest.mark.parametrize("keep_closed", [True, False])
@pytest.mark.parametrize("asked", [ALIAS, A])
def test_of_a_room_that_left_site_toml_no_byte_stays(
    tmp_path: Path, asked: str, *, keep_closed: bool
) -> None:
    source = fen()
    run(tmp_path, source, rooms=(asked, B))
    run(tmp_path, source, now=2, keep_closed=keep_closed, rooms=(B,))
    kept = bytes_of(tmp_path)
    assert [word for word in (A, "hall", f"topic of {A}") if word.encode() in kept] == []
    assert archived(tmp_path) == [B]


def test_a_room_that_its_space_let_go_is_erased_and_comes_back_with_it(tmp_path: Path) -> None:
    source = fen()
    run(tmp_path, source, spaces=(SPACE,))
    source.spaces[SPACE] = [C]
    run(tmp_path, source, now=2, spaces=(SPACE,))
    assert words(B).encode() not in bytes_of(tmp_path)
    assert archived(tmp_path) == [C]
    source.spaces[SPACE] = [B, C]
    run(tmp_path, source, now=3, spaces=(SPACE,))
    assert archived(tmp_path) == [B, C]


def test_a_kept_room_that_its_space_let_go_stays_closed_behind_the_present_ones(tmp_path: Path) -> None:
    source = fen()
    run(tmp_path, source, spaces=(SPACE,))
    source.spaces[SPACE] = [C]
    source.rooms[B].timeline.append(message("late", "too late") | {"room_id": B})
    for now in (2, 3):
        source.calls.clear()
        result = run(tmp_path, source, now=now, keep_closed=True, spaces=(SPACE,))
        assert [entry.room_id for entry in result.rooms] == [C]
    assert archived(tmp_path) == [B, C]
    assert selected(tmp_path, SPACE) == (C, B)
    assert seen(tmp_path, B) == "closed"
    assert b"too late" not in bytes_of(tmp_path)
    source.spaces[SPACE] = [B, C]
    run(tmp_path, source, now=4, keep_closed=True, spaces=(SPACE,))
    assert (seen(tmp_path, B), selected(tmp_path, SPACE)) == ("world_readable", (B, C))
    assert b"too late" in bytes_of(tmp_path)


def test_a_room_that_is_asked_for_elsewhere_stays_open(tmp_path: Path) -> None:
    source = fen()
    run(tmp_path, source, spaces=(SPACE,))
    source.spaces[SPACE] = [C]
    run(tmp_path, source, now=2, keep_closed=True, rooms=(B,), spaces=(SPACE,))
    assert seen(tmp_path, B) == "world_readable"


def test_what_was_kept_goes_once_nothing_is_kept(tmp_path: Path) -> None:
    source = fen()
    run(tmp_path, source, spaces=(SPACE,))
    source.spaces[SPACE] = [C]
    run(tmp_path, source, now=2, keep_closed=True, spaces=(SPACE,))
    run(tmp_path, source, now=3, spaces=(SPACE,))
    assert archived(tmp_path) == [C]


@pytest.mark.parametrize("how", ["closed", "shared"])
def test_a_kept_room_that_closed_stays_as_it_was(tmp_path: Path, how: str) -> None:
    source = fen()
    run(tmp_path, source, rooms=(A,))
    source.rooms[A].timeline.append(message("late", "too late") | {"room_id": A})
    source.rooms[A].is_closed = how == "closed"
    source.rooms[A].visibility = "shared"
    (result,) = run(tmp_path, source, now=2, keep_closed=True, rooms=(A,)).rooms
    assert result.problem is not None
    assert seen(tmp_path, A) == "closed"
    kept = bytes_of(tmp_path)
    assert (words(A).encode() in kept, b"too late" in kept) == (True, False)
    run(tmp_path, source, now=3, rooms=(A,))
    assert archived(tmp_path) == []


def test_a_redaction_that_was_sent_while_a_kept_room_was_closed_counts_when_it_opens(tmp_path: Path) -> None:
    source = fen()
    run(tmp_path, source, rooms=(A,))
    source.rooms[A].is_closed = True
    run(tmp_path, source, now=2, keep_closed=True, rooms=(A,))
    said = dict(source.rooms[A].timeline[-1])
    source.rooms[A].timeline[-1] = redacted(said, redaction("r", f"said-{A}", sender=MO) | {"room_id": A})
    source.rooms[A].is_closed = False
    run(tmp_path, source, now=3, keep_closed=True, rooms=(A,))
    assert words(A).encode() not in bytes_of(tmp_path)
    assert seen(tmp_path, A) == "world_readable"


@pytest.mark.parametrize("entry", ["alias", "space"])
def test_an_entry_that_cannot_be_looked_up_keeps_what_it_stood_for(tmp_path: Path, entry: str) -> None:
    source = fen()
    rooms, spaces = ((ALIAS,), ()) if entry == "alias" else ((), (SPACE,))
    run(tmp_path, source, rooms=rooms, spaces=spaces)
    before = archived(tmp_path)
    source.silent = {ALIAS, SPACE}
    run(tmp_path, source, now=2, rooms=rooms, spaces=spaces)
    assert archived(tmp_path) == before
    source.silent = {ALIAS, SPACE, A, B, C}
    run(tmp_path, source, now=3, rooms=rooms, spaces=spaces)
    assert archived(tmp_path) == before


def test_an_older_room_that_does_not_answer_stays_until_it_says_whose_it_is(tmp_path: Path) -> None:
    """The alias has moved on to a room that names the old one; that one has said nothing yet."""
    source = FakeSource({A: room(A)}, {ALIAS: A})
    run(tmp_path, source, rooms=(ALIAS,))
    source.rooms |= {A: room(A), B: room(B, A)}
    source.aliases[ALIAS] = B
    source.silent = {A}
    result = run(tmp_path, source, now=2, rooms=(ALIAS,))
    assert [A in note for note in result.notes] == [True]
    assert archived(tmp_path) == [A, B]
    source.silent = set()
    run(tmp_path, source, now=3, rooms=(ALIAS,))
    assert archived(tmp_path) == [B]


def test_older_rooms_stay_with_the_room_that_replaced_them_and_go_with_it(tmp_path: Path) -> None:
    source = FakeSource({A: room(A, None, B), B: room(B, A), C: room(C)}, {}, {SPACE: [B, C]})
    run(tmp_path, source, spaces=(SPACE,))
    assert archived(tmp_path) == [A, B, C]
    source.spaces[SPACE] = [C]
    run(tmp_path, source, now=2, keep_closed=True, spaces=(SPACE,))
    assert archived(tmp_path) == [A, B, C]
    assert (seen(tmp_path, A), seen(tmp_path, B)) == ("closed", "closed")
    run(tmp_path, source, now=3, spaces=(SPACE,))
    assert archived(tmp_path) == [C]
    assert A.encode() not in bytes_of(tmp_path)


def test_imported_rooms_and_those_that_are_to_be_kept_stay(tmp_path: Path) -> None:
    source = fen()
    with ArchiveStore.open(tmp_path) as store:
        store.append_file(A, [message("filed", "from a file") | {"room_id": A}])
    run(tmp_path, source, rooms=(B, C))
    run(tmp_path, source, now=2, rooms=(C,), kept=(B,))
    assert archived(tmp_path) == [A, B, C]


def test_a_forgotten_room_is_not_read_again_and_says_how_to_undo_that(tmp_path: Path) -> None:
    source = fen()
    run(tmp_path, source, rooms=(ALIAS,))
    forget(tmp_path, A)
    source.calls.clear()
    (result,) = run(tmp_path, source, now=2, rooms=(ALIAS,)).rooms
    assert result.problem is not None
    assert "was forgotten" in str(result.problem)
    assert f"garden forget --undo '{A}'" in result.problem.hint
    assert source.calls == ["resolve_alias"]
    kept = bytes_of(tmp_path)
    assert [word for word in (A, "hall", words(A)) if word.encode() in kept] == []
    with ArchiveStore.open(tmp_path) as store:
        assert store.wishes.recall("room", A)
    run(tmp_path, source, now=3, rooms=(ALIAS,))
    assert archived(tmp_path) == [A]


def test_a_forgotten_room_is_no_failure_of_its_space_nor_of_what_replaced_it(tmp_path: Path) -> None:
    source = FakeSource({A: room(A, None, B), B: room(B, A), C: room(C)}, {}, {SPACE: [A, C]})
    run(tmp_path, source, rooms=(B,), spaces=(SPACE,))
    forget(tmp_path, A)
    result = run(tmp_path, source, now=2, rooms=(B,), spaces=(SPACE,))
    assert [(entry.room_id, entry.problem) for entry in result.rooms] == [(B, None), (C, None)]
    assert [A in note for note in result.notes] == [True]
    assert archived(tmp_path) == [B, C]
    with ArchiveStore.open(tmp_path) as store:
        assert store.room(A) is None
        assert store.selected(SPACE) == (C,)


def test_of_a_forgotten_room_a_file_brings_nothing(tmp_path: Path) -> None:
    forget(tmp_path, A)
    lines = [json.dumps(source).encode() + b"\n" for source in room(A).timeline]
    other = json.dumps(message("b", "one") | {"room_id": B}).encode()
    with ArchiveStore.open(tmp_path) as store:
        result = import_events(
            store, [*lines, b'{"room_id": "!a:fen.example", "type": 7}\n', other], "x.json"
        )
        assert ([each.room_id for each in result.rooms], result.forgotten) == ([B], (A,))
        assert result.malformed == ()
        only = import_events(store, lines, "y.json")
        assert (only.rooms, only.forgotten) == ((), (A,))
        with pytest.raises(ImportFileError):
            import_events(store, [b"{}\n"], "z.json")
    assert A.encode() not in bytes_of(tmp_path)


@pytest.mark.parametrize("kind", [ROBOTS, PREFERENCE, "m.room.history_visibility"])
def test_when_a_room_says_anew_who_may_read_it_all_of_it_is_read_again(tmp_path: Path, kind: str) -> None:
    source = fen()
    run(tmp_path, source, rooms=(A,))
    said = event("new", kind, {"history_visibility": "world_readable"}, state_key="") | {"room_id": A}
    source.rooms[A].timeline.append(said)
    source.calls.clear()
    run(tmp_path, source, now=2, rooms=(A,))
    assert "read_history" in source.calls
    source.calls.clear()
    run(tmp_path, source, now=3, rooms=(A,))
    assert "read_history" not in source.calls


def test_a_clock_that_was_ahead_breaks_nothing(tmp_path: Path) -> None:
    source = fen()
    run(tmp_path, source, now=10**15, rooms=(A,))
    source.rooms[A].timeline.append(message("late", "three", at=5) | {"room_id": A})
    run(tmp_path, source, now=1_700_000_000_100, rooms=(A,))
    with ArchiveStore.open(tmp_path) as store:
        *_, late = store.events(A)
        record = store.room(A)
    assert (late.event_id, late.arrived_at) == ("$late", 1_700_000_000_100)
    assert record is not None
    assert (record.synced_at, record.crawled_at) == (1_700_000_000_100, 1_700_000_000_100)
    source.calls.clear()
    run(tmp_path, source, now=1_700_000_000_200, rooms=(A,))
    assert "read_history" not in source.calls


def test_a_room_that_did_not_answer_says_so_and_loses_nothing(tmp_path: Path) -> None:
    source = fen()
    run(tmp_path, source, rooms=(A,))
    source.silent = {A}
    (result,) = run(tmp_path, source, now=2, rooms=(A,)).rooms
    assert isinstance(result.problem, UnreachableError)
    assert archived(tmp_path) == [A]

"""What can be read of a damaged archive is kept, what was lost is said, and wishes survive."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from garden.archive.database import SCHEMA_VERSION
from garden.archive.event import EventId, RoomId, UserId
from garden.archive.inspection import Inspection, need_written
from garden.archive.salvage import MENDED, MENDING, Salvage, finish_swap, list_drafts, salvage
from garden.archive.store import ArchiveStore
from garden.errors import ArchiveError
from tests.archive.material import BEN, ROOM, message

PAGE = 4096
EVENTS = 400


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The database of an archive with a room from a homeserver, one from a file, and wishes."""
    with ArchiveStore.open(tmp_path) as store:
        store.wishes.forget("user", "@zinnia:fen.example", at=1)
        store.wishes.forget("event", "$forgotten", at=1)
        events = [message(f"m-{number:03}", f"Line {number}. " * 30, at=number) for number in range(EVENTS)]
        store.append(RoomId(ROOM), events, end="newest", now_ms=2_000_000_000_000)
        others = [
            {**message(f"o-{number}", "Told by a file."), "room_id": "!o:x.example"} for number in range(5)
        ]
        store.append_file(RoomId("!o:x.example"), others)
        store.remember("account", "@gardener:fen.example")
        store.note_settled("now")
        store.vacuum_traces()
    return tmp_path / "content_cache" / "events.sqlite3"


def header(data: bytearray) -> None:
    data[:100] = b"\xaa" * 100


def first_page(data: bytearray) -> None:
    data[:PAGE] = bytes(PAGE)


def cut(data: bytearray) -> None:
    del data[len(data) // 2 + 77 :]


def pages(data: bytearray) -> None:
    chance = random.Random(1)
    for _ in range(15):
        start = chance.randrange(12, len(data) // PAGE) * PAGE
        data[start : start + PAGE] = chance.randbytes(PAGE)


def bytes_here_and_there(data: bytearray) -> None:
    chance = random.Random(2)
    for _ in range(40):
        start = chance.randrange(12 * PAGE, len(data) - 64)
        data[start : start + 64] = b"\xff\0" * 32


def emptied(data: bytearray) -> None:
    data.clear()


def random_bytes(data: bytearray) -> None:
    data[:] = random.Random(3).randbytes(len(data))


def damage(path: Path, how: Callable[[bytearray], None]) -> None:
    data = bytearray(path.read_bytes())
    how(data)
    path.write_bytes(data)


def mended(path: Path) -> Salvage:
    """Mend it and check what always holds: a whole database that every command can open."""
    report = salvage(path)
    assert list_drafts(path) == []
    assert [each.name for each in path.parent.iterdir() if each.name.startswith("events")] == [path.name]
    with Inspection(path) as inspection:
        assert inspection.find_faults(thorough=True) == []
        assert inspection.version() == SCHEMA_VERSION
    with ArchiveStore.open_existing(path.parent.parent) as store:
        assert not store.is_settled("now")
        for room in store.rooms():
            kept = [event.event_id for event in store.events(room.room_id)]
            assert len(kept) == len(set(kept))
    return report


@pytest.mark.parametrize("how", [header, first_page])
def test_a_database_without_its_beginning_loses_nothing(how: Callable[[bytearray], None], path: Path) -> None:
    damage(path, how)
    report = mended(path)
    assert (report.kept["events"], report.has_lost()) == (EVENTS + 5, False)
    with ArchiveStore.open_existing(path.parent.parent) as store:
        assert store.wishes.is_gone(UserId("@zinnia:fen.example"))
        assert store.wishes.is_forgotten_event(EventId("$forgotten"))
        assert store.recall("account") == "@gardener:fen.example"


@pytest.mark.parametrize("how", [cut, pages, bytes_here_and_there])
def test_what_lies_on_other_pages_is_kept(how: Callable[[bytearray], None], path: Path) -> None:
    damage(path, how)
    report = mended(path)
    assert EVENTS // 5 < report.kept["events"] < EVENTS + 5
    assert report.has_lost("events")
    with ArchiveStore.open_existing(path.parent.parent) as store:
        for event in store.events(RoomId(ROOM)):
            number = int(event.event_id.removeprefix("$m-"))
            assert event.content["body"] == f"Line {number}. " * 30


@pytest.mark.parametrize("how", [emptied, random_bytes])
def test_where_nothing_can_be_read_an_empty_archive_says_that_all_is_lost(
    how: Callable[[bytearray], None], path: Path
) -> None:
    damage(path, how)
    report = mended(path)
    assert not report.kept
    assert {"events", "rooms", "wishes"} <= set(report.lost)
    assert report.has_lost("wishes")


def test_every_single_page_may_be_damaged(path: Path) -> None:
    whole = path.read_bytes()
    for number in range(1, len(whole) // PAGE, 7):
        path.write_bytes(whole[: number * PAGE] + b"\xa5" * PAGE + whole[(number + 1) * PAGE :])
        mended(path)


def test_rooms_of_a_homeserver_are_read_from_their_beginning_and_those_of_files_are_named(path: Path) -> None:
    damage(path, pages)
    report = mended(path)
    assert report.imported == ("!o:x.example",)
    with ArchiveStore.open_existing(path.parent.parent) as store:
        record = store.room(RoomId(ROOM))
        assert record is not None
        assert (record.origin, record.stream_token, record.history_token) == ("homeserver", None, None)
        assert (record.history_done, record.crawled_at) == (False, None)


def test_wishes_whose_table_is_lost_are_read_from_what_they_changed(path: Path) -> None:
    folder = path.parent.parent
    with ArchiveStore.open_existing(folder) as store:
        store.append(RoomId(ROOM), [message("ben", "Ben speaks.", sender=BEN)], end="newest", now_ms=1)
        store.wishes.forget("user", BEN, at=1)
        store.honour_wishes()
        store.vacuum_traces()
    with sqlite3.connect(path) as database:
        [root] = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'wishes'").fetchone()
    database.close()
    damage(path, lambda data: data.__setitem__(slice((root - 1) * PAGE, root * PAGE), b"\xa5" * PAGE))
    report = mended(path)
    assert "wishes" in report.lost
    assert report.recalled == 1
    with ArchiveStore.open_existing(folder) as store:
        assert store.wishes.is_gone(UserId(BEN))
        assert not store.wishes.is_gone(UserId("@ada:fen.example"))
        store.append(RoomId(ROOM), [message("again", "Ben again.", sender=BEN)], end="newest", now_ms=1)
        store.honour_wishes()
    assert b"Ben again." not in path.read_bytes()


@pytest.mark.parametrize("content", [b"", b"\xff" * 40, b"\xff" * 200_000])
def test_a_damaged_log_costs_its_transactions_at_most(content: bytes, path: Path) -> None:
    path.with_name(f"{path.name}-wal").write_bytes(content)
    damage(path, bytes_here_and_there)
    assert mended(path).kept["events"] > EVENTS // 2


def test_a_repair_that_was_killed_goes_on(path: Path) -> None:
    before = path.read_bytes()
    path.with_name(path.name + MENDING).write_bytes(b"half of it")
    finish_swap(path)
    assert (path.read_bytes(), list_drafts(path)) == (before, [])
    path.with_name(path.name + MENDED).write_bytes(before)
    path.with_name(f"{path.name}-wal").write_bytes(b"the log of the damaged one")
    path.write_bytes(b"damaged")
    finish_swap(path)
    assert path.read_bytes() == before
    assert not path.with_name(f"{path.name}-wal").exists()


def test_a_newer_garden_s_archive_is_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    database.close()
    before = path.read_bytes()
    with pytest.raises(ArchiveError, match="newer garden"):
        salvage(path)
    assert path.read_bytes() == before


def test_looking_at_a_database_leaves_no_file_behind(path: Path) -> None:
    before = sorted(path.parent.iterdir())
    with Inspection(path) as inspection:
        assert inspection.find_faults(thorough=True) == []
        assert sum(1 for table in inspection.tables for _ in inspection.rows(table)) > EVENTS
    assert sorted(path.parent.iterdir()) == before


def test_an_empty_file_is_no_archive_where_there_was_one(path: Path, tmp_path: Path) -> None:
    need_written(path)
    path.write_bytes(b"")
    with pytest.raises(ArchiveError, match="is empty") as raised:
        need_written(path)
    assert "garden doctor --repair" in raised.value.hint
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "events.sqlite3").touch()
    need_written(tmp_path / "new" / "events.sqlite3")


def test_rows_of_a_table_without_numbers_are_read(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "x.sqlite3") as database:
        database.execute("CREATE TABLE words (word TEXT PRIMARY KEY) WITHOUT ROWID")
        database.execute("INSERT INTO words VALUES ('bean'), ('pea')")
    database.close()
    with Inspection(tmp_path / "x.sqlite3") as inspection:
        assert [row for table in inspection.tables for row in inspection.rows(table)] == [("bean",), ("pea",)]


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite3").write_bytes(b"no database" * 999)
    with pytest.raises(ArchiveError, match="not a database") as raised:
        Inspection(tmp_path / "x.sqlite3")
    assert "garden doctor --repair" in raised.value.hint

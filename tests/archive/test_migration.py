"""An archive of an earlier garden goes on: no event is lost, and what is shown is known anew."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from garden.archive import migration
from garden.archive.database import SCHEMA_VERSION
from garden.archive.event import NOBODY, MediaForm, MxcUri
from garden.archive.picture import Picture
from garden.archive.store import ArchiveStore, RoomRecord
from garden.archive.sync import SyncLimits, Wanted, sync_rooms
from tests.archive.fake_source import FakeRoom, FakeSource
from tests.archive.material import ADA, BEN, ROOM, Json, event, message, picture, redaction
from tests.archive.recorded import photograph, voice

PICTURE = MxcUri("mxc://fen.example/one")
MISSING = MxcUri("mxc://fen.example/two")
SOUND = MxcUri("mxc://fen.example/three")
FACE = MxcUri("mxc://fen.example/face")

_FORMAT_2 = """
DROP INDEX events_by_veil;
DROP INDEX events_by_withheld;
DROP INDEX events_in_private;
ALTER TABLE events DROP COLUMN was_open;
ALTER TABLE rooms DROP COLUMN forgotten_leave;
ALTER TABLE rooms DROP COLUMN in_doubt;
ALTER TABLE events DROP COLUMN veil;
ALTER TABLE events DROP COLUMN withheld;
ALTER TABLE events DROP COLUMN arrived_at;
DROP TABLE wishes;
DROP TABLE veils;
DROP TABLE memory;
PRAGMA user_version = 2;
"""

_FORMAT_1 = """
DROP INDEX events_by_speaker;
ALTER TABLE events DROP COLUMN speaker;
DROP TABLE media;
DROP TABLE media_uses;
CREATE TABLE media (
    uri TEXT PRIMARY KEY, digest TEXT, mimetype TEXT,
    width INTEGER, height INTEGER, size INTEGER, problem TEXT
);
CREATE TABLE media_uses (
    uri TEXT NOT NULL,
    room_id TEXT NOT NULL REFERENCES rooms (room_id),
    event_id TEXT NOT NULL,
    PRIMARY KEY (room_id, event_id, uri)
);
CREATE INDEX media_uses_by_uri ON media_uses (uri);
PRAGMA user_version = 1;
"""


def timeline() -> list[Json]:
    joined: Json = {"membership": "join", "avatar_url": FACE}
    return [
        event("m", "m.room.member", joined, sender=ADA, state_key=ADA),
        message("a", "hello"),
        picture("p", PICTURE),
        picture("q", MISSING),
        event("s", "m.room.message", {"msgtype": "m.audio", "body": "x", "url": SOUND}),
        event("n", "m.room.member", joined, sender=BEN, state_key=BEN),
        message("gone", "erasedword"),
        redaction("r", "gone"),
    ]


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    """An archive of format 1 that holds one picture."""
    with ArchiveStore.open(tmp_path) as store:
        store.append(ROOM, timeline(), end="newest")
        store.replace_state(ROOM, timeline()[:1])
        digest = store.files.save(PICTURE, Picture(b"pixels", "image/png", 3, 2)).digest
    path = tmp_path / "content_cache/events.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_FORMAT_2 + _FORMAT_1)
        rows = [(PICTURE, digest, "image/png", 3, 2, 6, None), (MISSING, *[None] * 5, "not there")]
        connection.executemany("INSERT INTO media VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        uses = [(PICTURE, ROOM, "$p"), (MISSING, ROOM, "$q")]
        connection.executemany("INSERT INTO media_uses VALUES (?, ?, ?)", uses)
        connection.commit()
    return path


def test_an_old_archive_keeps_its_events_and_its_pictures(
    tmp_path: Path, old_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migration, "_PAGE", 3)
    with ArchiveStore.open_existing(tmp_path) as store:
        assert [found.event_id for found in store.events(ROOM)] == [f"${name}" for name in "mapqsn"] + [
            "$gone",
            "$r",
        ]
        assert [found.event_id for found in store.state(ROOM)] == ["$m"]
        record = store.files.find(PICTURE)
        assert record is not None
        assert store.files.path(record).read_bytes() == b"pixels"
        store.files.remove_unused()
        assert store.files.path(record).is_file()
        assert store.files.find(MISSING) is None
    with closing(sqlite3.connect(old_file)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_an_upgraded_archive_is_the_same_as_a_new_one(tmp_path: Path, old_file: Path) -> None:
    ArchiveStore.open_existing(tmp_path).close()
    fresh = tmp_path / "fresh"
    with ArchiveStore.open(fresh) as store:
        store.append(ROOM, timeline(), end="newest")
        store.replace_state(ROOM, timeline()[:1])
    tables = ("events", "media_uses", "state", "rooms")
    for table in tables:
        names, upgraded = rows(old_file, table)
        assert upgraded == rows(fresh / "content_cache/events.sqlite3", table)[1], (table, names)


def rows(path: Path, table: str) -> tuple[list[str], list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        return names, sorted(connection.execute(f"SELECT * FROM {table}"), key=repr)  # noqa: S608


def test_the_next_sync_fetches_what_was_not_shown_before_and_measures_pictures(
    tmp_path: Path, old_file: Path
) -> None:
    assert old_file.is_file()
    source = FakeSource({ROOM: FakeRoom(list(timeline()))}, files={PICTURE: photograph(), SOUND: voice()})
    limits = SyncLimits(recrawl_ms=1000, max_media_bytes=10_000_000)
    with ArchiveStore.open_existing(tmp_path) as store:
        (result,) = asyncio.run(
            sync_rooms(Wanted(rooms=(ROOM,)), source, store, now_ms=1, limits=limits)
        ).rooms
        assert {problem.uri for problem in result.media_problems} == {MISSING, FACE}
        record = store.files.find(PICTURE)
        assert record is not None
        assert record.thumb_digest is not None
        assert record.color is not None
        assert store.files.find(SOUND, MediaForm.RECORDING) is not None
        assert store.files.list_missing(ROOM) == []


def test_an_upgrade_that_is_interrupted_begins_anew(
    tmp_path: Path, old_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = old_file.read_bytes()
    monkeypatch.setattr(migration, "parse_source", lambda _text: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ArchiveStore.open_existing(tmp_path)
    monkeypatch.undo()
    assert len(before) > 0
    with ArchiveStore.open_existing(tmp_path) as store:
        assert store.count_events(ROOM) == 8


def test_what_format_2_held_arrived_when_it_says_or_by_the_last_sync(tmp_path: Path) -> None:
    late, early = message("late", "from the future", at=10**12), message("early", "as told", at=5)
    with ArchiveStore.open(tmp_path) as store:
        store.append(ROOM, [early, late], end="newest")
        store.append(ROOM, [message("filed", "from a file")], end="newest", origin="import")
        synced_at = 1_700_000_000_000 + 1000
        store.save_room(RoomRecord(ROOM, synced_at=synced_at))
    path = tmp_path / "content_cache/events.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_FORMAT_2)
    with ArchiveStore.open_existing(tmp_path) as store:
        arrived = {found.event_id: found.arrived_at for found in store.events(ROOM)}
        assert arrived == {"$early": 1_700_000_000_005, "$late": synced_at, "$filed": None}
        store.wishes.forget("user", ADA, at=1)
        store.honour_wishes()
        assert [found.sender for found in store.events(ROOM)] == [NOBODY] * 3


def test_the_schema_of_an_upgraded_archive_is_the_one_of_a_new_one(tmp_path: Path, old_file: Path) -> None:
    ArchiveStore.open_existing(tmp_path).close()
    ArchiveStore.open(tmp_path / "fresh").close()
    assert schema(old_file) == schema(tmp_path / "fresh/content_cache/events.sqlite3")


def schema(path: Path) -> dict[str, object]:
    """The columns of every table, in order, and of every index."""
    with closing(sqlite3.connect(path)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master ORDER BY name")]
        return {
            name: [row[1:] for row in connection.execute(f"PRAGMA table_info({name})")]
            or [row[2] for row in connection.execute(f"PRAGMA index_info({name})")]
            for name in names
        }

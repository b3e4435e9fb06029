"""A sync brings rooms up to date, asks only for what is new, and ends the same wherever it was killed."""

from __future__ import annotations

import asyncio
import io
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from garden.archive.event import JsonObject, MxcUri, RoomId
from garden.archive.store import ArchiveStore
from garden.archive.sync import SyncLimits, SyncProgress, SyncResult, Wanted, sync_rooms
from garden.errors import LoginError
from tests.archive.fake_source import FakeRoom, FakeSource, KilledError
from tests.archive.material import (
    ADA,
    BEN,
    MO,
    ROOM,
    bytes_of,
    edit,
    event,
    message,
    picture,
    redacted,
    redaction,
    reply,
)

OTHER = RoomId("!other:fen.example")
LIMITS = SyncLimits(recrawl_ms=1000, max_media_bytes=100_000, concurrency=2)
URI = MxcUri("mxc://fen.example/bean")


def visibility(name: str, value: str) -> JsonObject:
    return event(name, "m.room.history_visibility", {"history_visibility": value}, state_key="")


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 3), "green").save(out, "PNG")
    return out.getvalue()


def fen() -> FakeSource:
    """A room of ten events with a picture, an edit, an answer and two redactions."""
    gone = message("gone", "erasedword")
    because = redaction("r1", "gone", sender=MO, at=9)
    timeline: list[JsonObject] = [
        visibility("v", "world_readable"),
        event("name", "m.room.name", {"name": "Seeds"}, state_key=""),
        message("a", "one"),
        redacted(gone, because),
        picture("p", URI),
        edit("a1", "a", "one and a half"),
        reply("b", "a", "two"),
        message("c", "erasedword too", sender=BEN),
        redaction("r2", "c", sender=BEN),
        because,
    ]
    room = FakeRoom(timeline, state=[timeline[0], timeline[1]])
    return FakeSource({ROOM: room}, {"#seeds:fen.example": ROOM}, files={URI: png()})


def run(
    folder: Path,
    source: FakeSource,
    *,
    now: int = 1,
    full: bool = False,
    limits: SyncLimits = LIMITS,
    **wanted: object,
) -> SyncResult:
    asked = Wanted(**wanted) if wanted else Wanted(rooms=(ROOM,))  # type: ignore[arg-type]
    with ArchiveStore.open(folder) as store:
        return asyncio.run(
            sync_rooms(asked, source, store, now_ms=now, limits=limits, full=full, report=lambda _: None)
        )


def ids(folder: Path, room_id: RoomId = ROOM) -> list[str]:
    with ArchiveStore.open_existing(folder) as store:
        return [event.event_id for event in store.events(room_id)]


def bodies(folder: Path) -> dict[str, object]:
    with ArchiveStore.open_existing(folder) as store:
        return {event.event_id: event.content.get("body") for event in store.events(ROOM)}


def contents(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the database but the times of syncs."""
    with closing(sqlite3.connect(folder / "content_cache/events.sqlite3")) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: sorted(connection.execute(f"SELECT * FROM {table}"), key=repr) for table in tables}  # noqa: S608


def test_the_first_sync_brings_everything_in_the_servers_order(tmp_path: Path) -> None:
    source = fen()
    (result,) = run(tmp_path, source).rooms
    assert (result.new_events, result.problem, result.malformed, result.media_problems) == (10, None, (), ())
    assert ids(tmp_path) == ["$v", "$name", "$a", "$gone", "$p", "$a1", "$b", "$c", "$r2", "$r1"]
    with ArchiveStore.open_existing(tmp_path) as store:
        assert [event.type for event in store.state(ROOM)] == ["m.room.history_visibility", "m.room.name"]
        media = store.files.find(URI)
        assert media is not None
        assert store.files.path(media).is_file()
        record = store.room(ROOM)
        assert record is not None
        assert (record.visibility, record.synced_at, record.crawled_at) == ("world_readable", 1, 1)
    assert b"erasedword" not in bytes_of(tmp_path)


def test_the_second_sync_asks_only_for_what_is_new(tmp_path: Path) -> None:
    source = fen()
    run(tmp_path, source)
    source.rooms[ROOM].timeline += [message("d", "three"), edit("a2", "a", "late edit")]
    source.calls.clear()
    (result,) = run(tmp_path, source, now=2).rooms
    assert result.new_events == 2
    assert source.calls == ["read_visibility", "read_stream", "read_stream", "read_history"]
    assert ids(tmp_path)[-2:] == ["$d", "$a2"]


def test_an_event_that_came_late_from_another_server_is_seen(tmp_path: Path) -> None:
    source = fen()
    run(tmp_path, source)
    late = message("late", "from a split network", at=-1)
    room = source.rooms[ROOM]
    room.history = [*room.timeline[:4], late, *room.timeline[4:]]
    room.timeline.append(late)
    run(tmp_path, source, now=2)
    assert ids(tmp_path)[3:6] == ["$gone", "$late", "$p"]


@pytest.mark.parametrize("without", ["stream", "token"])
def test_without_a_stream_the_walk_back_ends_at_what_is_known(tmp_path: Path, without: str) -> None:
    source = fen()
    source.has_stream = without != "stream"
    room = source.rooms[ROOM]
    room.timeline[2:2] = [message(f"old{n}", "old") for n in range(30)]
    run(tmp_path, source)
    source.stale = {f"s{len(room.timeline)}"} if without == "token" else set()
    room.timeline += [message("d", "three"), message("e", "four")]
    source.calls.clear()
    (result,) = run(tmp_path, source, now=2).rooms
    assert (result.new_events, result.problem) == (2, None)
    assert source.calls.count("read_history") == 3
    assert ids(tmp_path)[-2:] == ["$d", "$e"]


def test_the_servers_word_counts_for_redactions_by_others(tmp_path: Path) -> None:
    source = fen()
    run(tmp_path, source)
    room = source.rooms[ROOM]
    spam, fine = redaction("r3", "a", sender=MO), redaction("r4", "b", sender=ADA)
    room.timeline[2] = redacted(room.timeline[2], spam)  # type: ignore[arg-type]
    room.timeline += [spam, fine]
    run(tmp_path, source, now=2)
    known = bodies(tmp_path)
    assert (known["$a"], known["$a1"], known["$b"]) == (None, None, "two")


def test_what_left_nothing_in_the_timeline_is_found_by_the_next_crawl(tmp_path: Path) -> None:
    source = fen()
    run(tmp_path, source)
    room = source.rooms[ROOM]
    del room.timeline[7]
    room.timeline[2] = {**room.timeline[2], "content": {}}
    source.files.clear()
    run(tmp_path, source, now=900)
    assert bodies(tmp_path)["$a"] == "one"
    run(tmp_path, source, now=1001)
    assert bodies(tmp_path) | {"$a": None, "$c": None} == bodies(tmp_path)
    assert list((tmp_path / "content_cache/media").rglob("*.png")) == []


def test_a_change_of_visibility_starts_a_crawl(tmp_path: Path) -> None:
    source = fen()
    run(tmp_path, source)
    source.rooms[ROOM].timeline.append(visibility("v2", "world_readable"))
    source.calls.clear()
    run(tmp_path, source, now=2)
    assert source.calls.count("read_history") == 1 + 4  # a look at the end, and the whole history
    source.calls.clear()
    run(tmp_path, source, now=3)
    assert "read_history" not in source.calls


@pytest.mark.parametrize("how", ["closed", "shared"])
def test_a_room_that_is_closed_by_now_loses_its_words(tmp_path: Path, how: str) -> None:
    source = fen()
    run(tmp_path, source)
    source.rooms[ROOM].is_closed = how == "closed"
    source.rooms[ROOM].visibility = "shared"
    (result,) = run(tmp_path, source, now=2).rooms
    assert result.problem is not None
    assert b"half" not in bytes_of(tmp_path)
    assert b"Seeds" not in bytes_of(tmp_path)
    assert list((tmp_path / "content_cache/media").rglob("*.png")) == []
    with ArchiveStore.open_existing(tmp_path) as store:
        record = store.room(ROOM)
        assert record is not None
        assert record.visibility == "closed"
    source.rooms[ROOM].is_closed = False
    source.rooms[ROOM].visibility = "world_readable"
    assert run(tmp_path, source, now=3).rooms[0].new_events == 10


def test_a_room_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    source = fen()
    space = RoomId("!space:fen.example")
    source.spaces[space] = [OTHER, ROOM, RoomId("!nowhere:fen.example")]
    source.rooms[OTHER] = FakeRoom(visibility="invited")
    result = run(tmp_path, source, rooms=("#seeds:fen.example", "#gone:fen.example"), spaces=(space,))
    assert [(room.asked, room.room_id, room.problem is None) for room in result.rooms] == [
        ("#seeds:fen.example", ROOM, True),
        ("#gone:fen.example", None, False),
        (space, OTHER, False),
        (space, "!nowhere:fen.example", False),
    ]
    with ArchiveStore.open_existing(tmp_path) as store:
        assert store.selected(space) == (OTHER, ROOM, "!nowhere:fen.example")


def test_a_room_whose_alias_is_gone_is_still_checked(tmp_path: Path) -> None:
    source = fen()
    run(tmp_path, source, rooms=("#seeds:fen.example",))
    source.aliases.clear()
    source.rooms[ROOM].is_closed = True
    run(tmp_path, source, now=2, rooms=("#seeds:fen.example",))
    assert b"half" not in bytes_of(tmp_path)


def test_malformed_events_are_kept_and_reported_once(tmp_path: Path) -> None:
    source = fen()
    source.rooms[ROOM].timeline[3:3] = [{"event_id": "$x", "content": "words"}, "no object"]  # type: ignore[list-item]
    (result,) = run(tmp_path, source).rooms
    assert (result.new_events, [kept.event_id for kept in result.malformed]) == (10, [None, "$x"])
    assert run(tmp_path, source, now=2, full=True).rooms[0].malformed == ()


def test_what_is_no_picture_is_reported_once(tmp_path: Path) -> None:
    source = fen()
    source.files[URI] = b"<svg onload='alert(1)'/>"
    (result,) = run(tmp_path, source).rooms
    assert [problem.uri for problem in result.media_problems] == [URI]
    assert run(tmp_path, source, now=2).rooms[0].media_problems == ()


def test_events_from_files_find_their_place_when_the_room_is_synced(tmp_path: Path) -> None:
    source = fen()
    room = source.rooms[ROOM]
    purged = message("purged", "only the file has it")
    with ArchiveStore.open(tmp_path) as store:
        store.append_file(ROOM, [room.timeline[2], purged, room.timeline[6]])
    run(tmp_path, source)
    assert ids(tmp_path) == ["$v", "$name", "$a", "$purged", "$gone", "$p", "$a1", "$b", "$c", "$r2", "$r1"]
    with ArchiveStore.open_existing(tmp_path) as store:
        assert store.file_only_ids(ROOM) == {"$purged"}


def test_a_wrong_token_stops_everything_with_its_own_error(tmp_path: Path) -> None:
    class Expired(FakeSource):
        async def read_visibility(self, room_id: RoomId) -> str:
            raise LoginError(f"expired while reading {room_id}", hint="garden login")

    with pytest.raises(LoginError):
        run(tmp_path, Expired())


def test_progress_tells_how_far_each_room_is(tmp_path: Path) -> None:
    heard: list[SyncProgress] = []
    with ArchiveStore.open(tmp_path) as store:
        asyncio.run(sync_rooms(Wanted((ROOM,)), fen(), store, now_ms=1, limits=LIMITS, report=heard.append))
    assert [(step.stage, step.events) for step in heard if step.stage == "history"] == [
        ("history", 3),
        ("history", 6),
        ("history", 9),
        ("history", 10),
    ]
    assert heard[-1] == SyncProgress(ROOM, "done", 10)


def kill_and_resume(folder: Path, source: FakeSource, *, now: int, full: bool = False) -> bool:
    """Run a sync that dies at one of its questions, then run it again; whether it came to die."""
    died = False
    try:
        run(folder, source, now=now, full=full)
    except (KilledError, BaseExceptionGroup):
        died = True
    source.dies_at = None
    if died:
        run(folder, source, now=now, full=full)
    return died


def grown() -> FakeSource:
    source = fen()
    room = source.rooms[ROOM]
    spam = redaction("r3", "b", sender=MO)
    room.timeline[6] = redacted(room.timeline[6], spam)  # type: ignore[arg-type]
    room.timeline += [
        message("d", "three"),
        spam,
        visibility("v2", "world_readable"),
        event("name2", "m.room.name", {"name": "Beans"}, state_key=""),
        redaction("r4", "name2", sender=MO),
    ]
    room.state = room.timeline[-3:-1]
    return source


@pytest.mark.parametrize("has_stream", [True, False])
def test_killed_at_any_question_it_resumes_to_the_same_archive(tmp_path: Path, *, has_stream: bool) -> None:
    for story in ("first", "later", "full"):
        wanted: dict[str, list[tuple[object, ...]]] = {}
        for moment in range(-1, 40):
            folder = tmp_path / story / str(moment)
            if story != "first":
                before = fen()
                before.has_stream = has_stream
                run(folder, before)
            source = grown()
            source.has_stream = has_stream
            source.dies_at = moment if moment >= 0 else None
            died = kill_and_resume(folder, source, now=2, full=story == "full")
            wanted = wanted or contents(folder)
            assert contents(folder) == wanted, (story, moment)
            if moment >= 0 and not died:
                break
        else:
            pytest.fail("the sync asked more than forty questions")

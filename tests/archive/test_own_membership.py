"""An account that has left a room reads it as anybody does; whoever never was there is asked nothing."""

from __future__ import annotations

from pathlib import Path

from garden.archive.event import JsonObject, UserId
from garden.archive.store import ArchiveStore
from tests.archive.fake_source import FakeRoom, FakeSource
from tests.archive.material import ROOM, event, message
from tests.archive.test_sync import ids, run

ME = UserId("@garden:fen.example")


def own(name: str, membership: str) -> JsonObject:
    return event(name, "m.room.member", {"membership": membership}, sender=ME, state_key=ME)


def visibility() -> JsonObject:
    return event("v", "m.room.history_visibility", {"history_visibility": "world_readable"}, state_key="")


def fen(*more: JsonObject) -> FakeSource:
    timeline = [visibility(), *more, message("a", "one")]
    states = [each for each in timeline if "state_key" in each]
    return FakeSource({ROOM: FakeRoom(timeline, state=states)}, reader=ME, joined={ROOM} if more else set())


def go(source: FakeSource, name: str) -> None:
    """Let the account leave, which is shown nothing more from then on, and talk go on behind it."""
    room = source.rooms[ROOM]
    room.timeline.append(own(name, "leave"))
    room.left_at = len(room.timeline)
    room.timeline.append(message(f"{name}-since", "said since"))
    room.state = [visibility(), own(name, "leave")]
    source.joined = set()


def test_a_room_that_the_account_is_not_in_is_asked_about_once(tmp_path: Path) -> None:
    source = fen()
    for now in (1, 2, 3):
        source.calls.clear()
        assert run(tmp_path, source, now=now).notes == ()
        assert source.calls.count("forget_left") == (1 if now == 1 else 0)


def test_a_guest_is_asked_about_nothing(tmp_path: Path) -> None:
    source = fen()
    source.reader = None
    run(tmp_path, source)
    assert "forget_left" not in source.calls


def test_a_room_that_the_account_left_is_read_as_it_is_by_now_and_that_is_told_once(tmp_path: Path) -> None:
    source = fen(own("in", "join"))
    run(tmp_path, source)
    go(source, "out")
    (note,) = run(tmp_path, source, now=2).notes
    assert note.startswith(f"The account had left {ROOM}")
    assert ids(tmp_path) == ["$v", "$in", "$a", "$out", "$out-since"]
    source.calls.clear()
    assert run(tmp_path, source, now=3).notes == ()
    assert source.calls == ["read_visibility", "read_stream"]


def test_an_account_that_left_before_the_first_sync_reads_it_as_anybody(tmp_path: Path) -> None:
    source = fen(own("in", "join"))
    go(source, "out")
    assert len(run(tmp_path, source).notes) == 1
    assert ids(tmp_path)[-1] == "$out-since"
    assert source.calls.count("read_history") == 2
    source.calls.clear()
    assert run(tmp_path, source, now=2).notes == ()
    assert "forget_left" not in source.calls


def test_an_account_that_came_and_left_between_two_syncs_reads_it_as_anybody(tmp_path: Path) -> None:
    source = fen()
    run(tmp_path, source)
    for number in range(2):
        source.rooms[ROOM].timeline.append(own(f"in{number}", "join"))
        go(source, f"out{number}")
        assert len(run(tmp_path, source, now=2 + number).notes) == 1
        assert ids(tmp_path)[-1] == f"$out{number}-since"


def test_a_room_that_was_closed_since_the_account_left_loses_its_words(tmp_path: Path) -> None:
    source = fen(own("in", "join"))
    run(tmp_path, source)
    go(source, "out")
    source.rooms[ROOM].is_closed = True
    (result,) = run(tmp_path, source, now=2).rooms
    assert result.problem is not None
    with ArchiveStore.open_existing(tmp_path) as store:
        assert store.count_events(ROOM) == 0


def test_where_somebody_who_opted_out_reads_all_that_they_are_told_is_asked_about(tmp_path: Path) -> None:
    source = fen(own("in", "join"), message("b", "from elsewhere", sender="@bea:marsh.example"))
    with ArchiveStore.open(tmp_path) as store:
        store.wishes.set_listed([ME])
    run(tmp_path, source)
    assert source.calls.count("was_open") == 1

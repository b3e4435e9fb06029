"""What is new stands where the homeserver has it, however late it came, whether or not the stream told."""

from __future__ import annotations

from pathlib import Path

import pytest

from garden.archive.event import JsonObject
from garden.archive.store import ArchiveStore
from tests.archive.fake_source import FakeRoom, FakeSource
from tests.archive.material import ADA, BEN, MO, ROOM, event, message, redaction
from tests.archive.test_sync import contents, ids, kill_and_resume, run


def visibility() -> JsonObject:
    return event("v", "m.room.history_visibility", {"history_visibility": "world_readable"}, state_key="")


def topic(name: str, sender: str = MO) -> JsonObject:
    return event(name, "m.room.topic", {"topic": name}, sender=sender, state_key="")


def member(name: str, membership: str, sender: str) -> JsonObject:
    return event(name, "m.room.member", {"membership": membership}, sender=sender, state_key=BEN)


def pool(*more: JsonObject, page: int = 3) -> FakeSource:
    """A room of seven events."""
    timeline: list[JsonObject] = [visibility(), *(message(f"e{n}", f"word {n}") for n in range(6)), *more]
    return FakeSource({ROOM: FakeRoom(timeline, state=[timeline[0]])}, page=page)


def come(source: FakeSource, *events: JsonObject, place: int) -> None:
    """Have events come by the stream that have their place further up in the room's history."""
    room = source.rooms[ROOM]
    history = room.timeline if room.history is None else room.history
    room.history = [*history[:place], *events, *history[place:]]
    room.timeline = [*room.timeline, *events]


def topics(folder: Path) -> list[object]:
    with ArchiveStore.open_existing(folder) as store:
        return [each.content["topic"] for each in store.state(ROOM) if each.type == "m.room.topic"]


@pytest.mark.parametrize("place", range(1, 8))
@pytest.mark.parametrize("page", [1, 2, 3, 100])
def test_what_comes_late_stands_where_the_server_has_it(tmp_path: Path, place: int, page: int) -> None:
    source = pool(page=page)
    run(tmp_path / "followed", source)
    come(source, message("late", "from a split network"), message("late2", "more of it"), place=place)
    (result,) = run(tmp_path / "followed", source, now=2).rooms
    run(tmp_path / "anew", source)
    assert (result.new_events, result.changed_events, result.problem) == (2, 0, None)
    assert ids(tmp_path / "followed") == ids(tmp_path / "anew")
    source.calls.clear()
    run(tmp_path / "followed", source, now=3)
    assert source.calls == ["read_visibility", "read_stream"]


def test_what_the_stream_never_tells_is_found_beside_what_it_does(tmp_path: Path) -> None:
    source = pool(page=100)
    run(tmp_path, source)
    come(source, message("told", "the last of it"), place=7)
    room = source.rooms[ROOM]
    assert room.history is not None
    room.history[7:7] = [message(f"handed{n}", "over later") for n in range(3)]
    (result,) = run(tmp_path, source, now=2).rooms
    assert result.new_events == 4
    assert ids(tmp_path)[7:] == ["$handed0", "$handed1", "$handed2", "$told"]


def test_a_walk_without_a_stream_comes_to_the_same_order(tmp_path: Path) -> None:
    source = pool()
    source.has_stream = False
    run(tmp_path, source)
    come(source, message("late", "from a split network"), place=5)
    source.calls.clear()
    run(tmp_path, source, now=2)
    assert ids(tmp_path) == ["$v", "$e0", "$e1", "$e2", "$e3", "$late", "$e4", "$e5"]
    assert source.calls.count("read_history") == 3
    source.calls.clear()
    run(tmp_path, source, now=3)
    assert source.calls.count("read_history") == 2


def test_words_that_are_kept_away_here_are_no_news_and_do_not_come_back(tmp_path: Path) -> None:
    source = pool()
    source.has_stream = False
    run(tmp_path, source)
    with ArchiveStore.open_existing(tmp_path) as store:
        store.erase(ROOM, [each.event_id for each in store.events(ROOM) if each.state_key is None])
        store.note_settled("print")
    source.calls.clear()
    (result,) = run(tmp_path, source, now=2).rooms
    assert source.calls.count("read_history") == 2
    assert (result.new_events, result.changed_events) == (0, 0)
    with ArchiveStore.open_existing(tmp_path) as store:
        assert store.is_settled("print")


def test_where_the_end_goes_on_for_ever_the_whole_history_is_compared(tmp_path: Path) -> None:
    source = pool(*(message(f"f{n}", "word") for n in range(40)))
    run(tmp_path, source)
    come(source, message("late", "from long ago"), place=2)
    run(tmp_path, source, now=2)
    assert ids(tmp_path)[:4] == ["$v", "$e0", "$late", "$e1"]
    with ArchiveStore.open_existing(tmp_path) as store:
        record = store.room(ROOM)
        assert record is not None
        assert record.crawled_at == 2


def test_what_the_server_refuses_to_go_on_with_is_found_by_comparing(tmp_path: Path) -> None:
    source = pool()
    run(tmp_path, source)
    come(source, message("late", "from a split network"), place=4)
    source.stale = {"t5"}
    assert run(tmp_path, source, now=2).rooms[0].problem is not None
    source.stale = set()
    run(tmp_path, source, now=3)
    assert ids(tmp_path) == ["$v", "$e0", "$e1", "$e2", "$late", "$e3", "$e4", "$e5"]


def test_of_two_changes_that_did_not_know_of_each_other_the_servers_choice_counts(tmp_path: Path) -> None:
    source = pool(topic("before"))
    run(tmp_path, source)
    room = source.rooms[ROOM]
    won, lost = topic("won"), topic("lost", ADA)
    room.timeline += [won, lost]
    room.state = [visibility(), won]
    run(tmp_path, source, now=2)
    assert topics(tmp_path) == ["won"]


def test_members_are_taken_as_they_come_and_asked_about_where_something_is_late(tmp_path: Path) -> None:
    source = pool(member("in", "join", BEN))
    run(tmp_path, source)
    room = source.rooms[ROOM]
    ban = member("ban", "ban", MO)
    room.timeline.append(ban)
    source.calls.clear()
    run(tmp_path, source, now=2)
    assert "read_state" not in source.calls
    room.state = [visibility(), ban]
    come(source, member("again", "join", BEN), place=7)
    run(tmp_path, source, now=3)
    with ArchiveStore.open_existing(tmp_path) as store:
        (kept,) = (each for each in store.state(ROOM) if each.type == "m.room.member")
    assert kept.event_id == "$ban"


def test_a_redaction_that_comes_late_takes_the_words_it_is_about(tmp_path: Path) -> None:
    source = pool()
    run(tmp_path, source)
    come(source, redaction("r", "e5"), place=3)
    run(tmp_path, source, now=2)
    with ArchiveStore.open_existing(tmp_path) as store:
        (kept,) = (each for each in store.events(ROOM) if each.event_id == "$e5")
    assert dict(kept.content) == {}


def test_killed_at_any_question_what_came_late_finds_its_place(tmp_path: Path) -> None:
    def split() -> FakeSource:
        source = pool(topic("before"))
        come(source, *(message(f"late{n}", "word") for n in range(5)), topic("won"), place=4)
        room = source.rooms[ROOM]
        assert room.history is not None
        room.history.insert(6, message("handed", "over later"))
        room.state = [visibility(), topic("won")]
        return source

    wanted: dict[str, list[tuple[object, ...]]] = {}
    for moment in range(-1, 40):
        folder = tmp_path / str(moment)
        run(folder, pool(topic("before")))
        source = split()
        source.dies_at = moment if moment >= 0 else None
        died = kill_and_resume(folder, source, now=2)
        wanted = wanted or contents(folder)
        assert contents(folder) == wanted, moment
        if moment >= 0 and not died:
            break
    else:
        pytest.fail("the sync asked more than forty questions")
    assert len(ids(tmp_path / "0")) == 8 + 7

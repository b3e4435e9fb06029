"""What was sent in private is found out, wherever it stands, with few questions, and after any kill."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from garden.archive.event import NOBODY, EventId, JsonObject, UserId
from garden.archive.store import ArchiveStore
from tests.archive.fake_source import FakeRoom, FakeSource
from tests.archive.material import ADA, MO, ROOM, event, message
from tests.archive.test_sync import run

BEA = "@bea:marsh.example"
HAL = "@hal:heath.example"
ME = UserId("@garden:fen.example")
MARSH = [f"$m{number}" for number in range(4)]


def show(name: str, value: str, sender: str = MO) -> JsonObject:
    return event(
        name, "m.room.history_visibility", {"history_visibility": value}, sender=sender, state_key=""
    )


def create() -> JsonObject:
    return event("create", "m.room.create", {}, sender=MO, state_key="")


def join(name: str, sender: str) -> JsonObject:
    return event(name, "m.room.member", {"membership": "join"}, sender=sender, state_key=sender)


def marsh(numbers: Iterable[int]) -> list[JsonObject]:
    return [message(f"m{number}", "from the marsh", sender=BEA) for number in numbers]


def opened() -> list[JsonObject]:
    """A room of two homeservers that one of them opens while the other is cut off."""
    return [
        create(),
        show("v1", "shared"),
        join("me", ME),
        join("bea", BEA),
        message("a", "among ourselves"),
        show("v2", "world_readable"),
        message("b", "in the open"),
        *marsh(range(4)),
    ]


def fen(timeline: list[JsonObject], private: Iterable[str] = MARSH[:2]) -> FakeSource:
    """A homeserver whose account is in the room."""
    state = {(str(each["type"]), str(each["state_key"])): each for each in timeline if "state_key" in each}
    room = FakeRoom(timeline, state=list(state.values()), private=set(private))
    return FakeSource({ROOM: room}, reader=ME, joined={ROOM})


def private(folder: Path) -> list[str]:
    with ArchiveStore.open_existing(folder) as store:
        return sorted(store.openings.list_private(ROOM))


def doubts(folder: Path, timeline: list[JsonObject]) -> list[tuple[str, ...]]:
    with ArchiveStore.open(folder) as store:
        store.append(ROOM, timeline, end="newest")
        return [tuple(each) for each in store.openings.list_doubts(ROOM)]


def test_a_homeserver_is_asked_about_until_it_knew_that_the_room_was_open(tmp_path: Path) -> None:
    source = fen(opened())
    run(tmp_path, source)
    assert private(tmp_path) == ["$m0", "$m1"]
    assert source.calls.count("was_open") == 3
    source.calls.clear()
    source.rooms[ROOM].timeline += marsh([9])
    run(tmp_path, source, now=2)
    assert "was_open" not in source.calls
    assert private(tmp_path) == ["$m0", "$m1"]


def test_nobody_is_asked_where_the_account_is_told_what_the_world_is(tmp_path: Path) -> None:
    for reader in (None, UserId("@other:fen.example")):
        source = fen(opened())
        source.reader, source.joined = reader, set()
        run(tmp_path / str(reader), source)
        assert "was_open" not in source.calls


def test_who_opens_a_room_knows_of_it(tmp_path: Path) -> None:
    timeline = [*opened()[:-4], message("c", "mine", sender=ADA), show("v3", "shared"), join("hal", HAL)]
    timeline += [show("v4", "world_readable", BEA), *marsh(range(2)), message("d", "mine")]
    assert doubts(tmp_path, timeline) == [("$d",)]


def test_what_one_homeserver_has_opened_before_others_came_is_open_to_them(tmp_path: Path) -> None:
    timeline = [create(), show("v1", "shared"), show("v2", "world_readable"), join("bea", BEA), *marsh([1])]
    assert doubts(tmp_path / "whole", timeline) == []
    assert doubts(tmp_path / "cut", timeline[1:]) == [("$bea", "$m1")]
    timeline[1] = show("v1", "joined")
    assert doubts(tmp_path / "hidden", timeline) == [("$bea", "$m1")]


def test_each_opening_has_to_reach_everybody_anew(tmp_path: Path) -> None:
    timeline = [*opened(), show("v3", "joined"), *marsh([5]), show("v4", "world_readable"), *marsh([6])]
    assert doubts(tmp_path, timeline) == [tuple(MARSH), ("$m6",)]


def test_to_say_once_more_that_a_room_is_open_opens_nothing(tmp_path: Path) -> None:
    with ArchiveStore.open(tmp_path) as store:
        timeline = [*opened(), show("v3", "world_readable"), *marsh([6])]
        store.append(ROOM, timeline, end="newest")
        store.openings.note(ROOM, EventId("$m0"), was_open=True)
        assert store.openings.list_doubts(ROOM) == []


def test_a_room_whose_opening_is_older_than_the_archive_is_asked_about(tmp_path: Path) -> None:
    timeline = [message("a", "one", sender=NOBODY), *marsh([1]), message("b", "two")]
    assert doubts(tmp_path, timeline) == [("$m1",), ("$b",)]


def test_what_only_a_file_tells_is_asked_of_nobody(tmp_path: Path) -> None:
    with ArchiveStore.open(tmp_path) as store:
        store.append(ROOM, opened()[:-1], end="newest")
        store.append_file(ROOM, [message("m2", "from the marsh", sender=BEA), message("f", "x", sender=HAL)])
        assert store.openings.list_doubts(ROOM) == [("$m0", "$m1", "$m2")]


def test_an_answer_unsettles_the_archive(tmp_path: Path) -> None:
    with ArchiveStore.open(tmp_path) as store:
        store.append(ROOM, opened(), end="newest")
        store.note_settled("print")
        store.openings.note(ROOM, EventId("$m0"), was_open=False)
        assert not store.is_settled("print")


@pytest.mark.parametrize("story", ["first", "news"])
def test_killed_at_any_question_nothing_in_doubt_is_taken_for_open(tmp_path: Path, story: str) -> None:
    for moment in range(60):
        folder = tmp_path / str(moment)
        if story == "news":
            run(folder, fen(opened()[:-4]))
        source = fen(opened())
        source.dies_at = moment
        died = False
        try:
            run(folder, source, now=2)
        except BaseExceptionGroup:
            died = True
        with ArchiveStore.open_existing(folder) as store:
            here = store.known_ids(ROOM, MARSH[:2])
            assert here <= store.openings.list_private(ROOM), moment
            store.erase(ROOM, store.openings.list_private(ROOM))
        if not died:
            break
        source.dies_at = None
        run(folder, source, now=3)
        assert private(folder) == ["$m0", "$m1"], moment
        with ArchiveStore.open_existing(folder) as store:
            words = [each.content.get("body") for each in store.events(ROOM) if each.event_id in MARSH[2:]]
        assert words == ["from the marsh"] * 2, moment
    else:
        pytest.fail("the sync asked more than sixty questions")

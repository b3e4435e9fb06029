"""One thing is removed, and what belongs to it goes or stays: edits, files, addresses, rooms."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from garden.archive.event import EventId, MxcUri
from garden.archive.vocabulary import PREFERENCE, ROBOTS
from garden.config import read_config
from garden.forget import forget, recall
from garden.gather import import_files
from tests.archive.material import Json, redacted
from tests.deletion.dice import Dice
from tests.deletion.planting import BED, BEN, MEADOW, MO, Planting, edit_of, text
from tests.deletion.plot import Plot
from tests.deletion.search import find_words
from tests.smallholding import NOW_MS, build, json_lines, lay_out, settings

WREN = "@wren:fen.example"


@pytest.fixture
def planting(request: pytest.FixtureRequest) -> Planting:
    """A room that anyone may read; its words are different in each test."""
    planting = Planting(Dice(request.node.name), wren=WREN)
    planting.set_state("m.room.create", {"room_version": "11"})
    planting.set_state("m.room.power_levels", {"users": {MO: 100}})
    planting.set_state("m.room.history_visibility", {"history_visibility": "world_readable"})
    return planting


def lay(folder: Path, planting: Planting) -> Plot:
    return Plot.lay(folder, planting, rooms=[BED])


def stands(plot: Plot, *words: str) -> list[bool]:
    """Say of each word whether it stands anywhere."""
    found = find_words(plot.folder, words)
    return [word in found for word in words]


def words(planting: Planting, count: int) -> list[str]:
    return [planting.dice.word() for _ in range(count)]


def last(plot: Plot, event_id: str) -> Json:
    return next(event for event in plot.timeline() if event["event_id"] == event_id)


def test_where_an_edit_is_removed_its_words_go_and_the_earlier_ones_return(
    planting: Planting, tmp_path: Path
) -> None:
    first, then = words(planting, 2)
    said = planting.say("said", f"It is {first}.")
    edited = planting.say("edited", edit_of(said, text(f"It is {then}.")))
    plot = lay(tmp_path, planting)
    plot.grow()
    assert stands(plot, first, then) == [False, True]
    plot.redact([last(plot, edited)], WREN)
    plot.grow()
    assert stands(plot, first, then) == [True, False]
    plot.redact([last(plot, said)], WREN)
    plot.grow()
    assert stands(plot, first, then) == [False, False]


def test_where_an_edit_is_forgotten_its_words_go_and_the_earlier_ones_return(
    planting: Planting, tmp_path: Path
) -> None:
    first, then = words(planting, 2)
    said = planting.say("said", f"It is {first}.")
    edited = planting.say("edited", edit_of(said, text(f"It is {then}.")))
    plot = lay(tmp_path, planting)
    plot.grow()
    plot.forget(edited)
    plot.grow()
    assert stands(plot, first, then) == [True, False]


def test_a_reaction_goes_alone(planting: Planting, tmp_path: Path) -> None:
    said, one, other = words(planting, 3)
    message = planting.say("said", f"It is {said}.")
    for name, key in (("one", one), ("other", other)):
        relation = {"rel_type": "m.annotation", "event_id": message, "key": key}
        planting.tell(name, "m.reaction", {"m.relates_to": relation})
    plot = lay(tmp_path, planting)
    plot.grow()
    assert stands(plot, said, one, other) == [True, True, True]
    plot.redact([last(plot, "$one")], WREN)
    plot.grow()
    assert stands(plot, said, one, other) == [True, False, True]


def test_where_the_beginning_of_a_conversation_goes_the_answers_stay_without_its_title(
    planting: Planting, tmp_path: Path
) -> None:
    title, *answers = words(planting, 3)
    root = planting.say("root", f"What of {title}?")
    for number, word in enumerate(answers):
        planting.answer(f"answer {number}", root, f"I say {word}.")
    plot = lay(tmp_path, planting)
    plot.grow()
    assert [path.name for path in (tmp_path / "public").glob(f"*/*{title}*")] != []
    plot.redact([last(plot, root)], MO)
    plot.grow()
    assert stands(plot, title, *answers) == [False, True, True]


@pytest.mark.parametrize("kind", ["m.image", "m.file"])
def test_a_file_of_two_messages_stays_until_both_are_gone(
    planting: Planting, tmp_path: Path, kind: str
) -> None:
    uri = MxcUri("mxc://fen.example/shared")
    (said,) = words(planting, 1)
    planting.files[uri] = planting.dice.picture() if kind == "m.image" else f"Notes on {said}".encode()
    for name, sender in (("one", WREN), ("other", BEN)):
        planting.say(name, {"msgtype": kind, "body": f"{name}.bin", "url": uri}, sender)
    plot = lay(tmp_path, planting)
    plot.grow()

    def files() -> int:
        return len([path for path in tmp_path.glob("*/media/**/*") if path.is_file()])

    before = files()
    assert before >= 2
    plot.redact([last(plot, "$one")], WREN)
    plot.grow()
    assert files() == before
    plot.redact([last(plot, "$other")], BEN)
    plot.grow()
    assert files() == 0
    assert stands(plot, said) == [False]


def test_a_file_that_the_server_hides_goes_and_what_was_said_beside_it_stays(
    planting: Planting, tmp_path: Path
) -> None:
    caption, steady = words(planting, 2)
    uri, other = MxcUri("mxc://fen.example/bad"), MxcUri("mxc://fen.example/good")
    planting.files |= {uri: planting.dice.picture(), other: planting.dice.picture()}
    planting.say("bad", {"msgtype": "m.image", "filename": "a.png", "body": caption, "url": uri})
    planting.say("good", {"msgtype": "m.image", "filename": "b.png", "body": steady, "url": other})
    plot = lay(tmp_path, planting)
    plot.grow()

    def pictures() -> set[str]:
        return {path.name for path in tmp_path.glob("*/media/**/*") if path.is_file()}

    before = pictures()
    del planting.files[uri]
    plot.grow(full=True)
    assert len(before - pictures()) == 1
    assert stands(plot, caption, steady, *(name.partition(".")[0] for name in before - pictures())) == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("sender", [WREN, MO])
def test_what_was_removed_before_it_was_ever_fetched_is_never_kept(
    planting: Planting, tmp_path: Path, sender: str
) -> None:
    """By a server that has emptied it, and by one that is late; for a sender's own no server is asked."""
    steady, told, late = words(planting, 3)
    planting.say("steady", f"It is {steady}.")
    planting.say("told", f"It is {told}.")
    planting.say("late", f"It is {late}.")
    plot = lay(tmp_path, planting)
    plot.redact([last(plot, "$told")], sender)
    plot.redact([last(plot, "$late")], sender, empties=sender == MO)
    plot.grow()
    assert stands(plot, steady, told, late) == [True, False, False]


@pytest.mark.parametrize("sender", [WREN, MO])
def test_a_removal_that_comes_before_what_it_removes_counts(
    planting: Planting, tmp_path: Path, sender: str
) -> None:
    """Servers come to know of events late, and in any order."""
    steady, late, edited = words(planting, 3)
    planting.say("steady", f"It is {steady}.")
    target = planting.say("late", f"It is {late}.")
    planting.say("edited", edit_of(target, text(f"It is {edited}.")))
    *begun, message, edit = planting.rooms[BED]
    planting.rooms[BED][:] = begun
    plot = lay(tmp_path, planting)
    plot.grow()
    plot.timeline().append(message)
    plot.redact([message], sender)
    plot.timeline().remove(last(plot, target))
    plot.grow()
    plot.timeline().append(edit)
    plot.timeline().append(redacted(message, plot.timeline()[-2]) if sender == MO else message)
    plot.grow()
    assert stands(plot, steady, late, edited) == [True, False, False]


@pytest.mark.parametrize(
    ("kind", "content"),
    [(ROBOTS, {"dev.matrixgarden": {"messages": False}}), (PREFERENCE, {"publish": False})],
)
def test_a_room_that_asks_to_be_left_alone_and_changes_its_mind_is_read_again(
    planting: Planting, tmp_path: Path, kind: str, content: Json
) -> None:
    name, said, when_shut = words(planting, 3)
    planting.set_state("m.room.name", {"name": name})
    planting.say("said", f"It is {said}.")
    plot = lay(tmp_path, planting)
    plot.grow()
    planting.set_state(kind, content)
    planting.say("shut", f"It is {when_shut}.")
    planting.tell("no event", "m.room.message", when_shut)
    for _ in range(2):
        plot.grow()
        assert stands(plot, name, said, when_shut) == [False, False, False]
    planting.set_state(kind, {})
    plot.grow()
    assert stands(plot, name, said, when_shut) == [True, True, True]
    assert [path.parent.name for path in (tmp_path / "public").glob("*/feed.atom")] == [name]


def test_an_address_that_a_conversation_left_goes_with_its_last_word(
    planting: Planting, tmp_path: Path
) -> None:
    one, other = words(planting, 2)
    root = planting.say("root", f"{one} or {other}")
    for number in range(2):
        planting.answer(f"answer {number}", root, "Well.")
    plot = lay(tmp_path, planting)
    plot.grow()
    planting.say("turned", edit_of(root, text(f"{other} or {one}")))
    plot.grow()
    assert len(list((tmp_path / "public").glob(f"*/*{one}*"))) == 2, "the former address leads to the present"
    planting.say("shorter", edit_of(root, text(f"Only {other}")))
    plot.grow()
    assert stands(plot, one, other) == [False, True]
    plot.redact([last(plot, root)], WREN)
    plot.grow()
    assert stands(plot, one, other) == [False, False]


def test_a_room_s_name_that_is_removed_leaves_its_folder(planting: Planting, tmp_path: Path) -> None:
    before, now = words(planting, 2)
    named = planting.set_state("m.room.name", {"name": before})
    planting.say("said", "It is here.")
    plot = lay(tmp_path, planting)
    plot.grow()
    plot.redact([last(plot, named)], MO)
    planting.set_state("m.room.name", {"name": now})
    plot.grow()
    assert stands(plot, before, now) == [False, True]


def test_what_the_garden_s_account_sees_of_a_closed_period_is_not_kept(
    planting: Planting, tmp_path: Path
) -> None:
    """State as much as messages: a topic holds words, and a member's name is one."""
    topic, name, said, open_topic = words(planting, 4)
    planting.set_state("m.room.history_visibility", {"history_visibility": "joined"})
    planting.set_state("m.room.topic", {"topic": topic})
    planting.set_state("m.room.member", {"membership": "join", "displayname": name}, WREN, key=WREN)
    planting.say("closed", f"It is {said}.")
    planting.set_state("m.room.member", {"membership": "join"}, WREN, key=WREN)
    planting.set_state("m.room.history_visibility", {"history_visibility": "world_readable"})
    planting.set_state("m.room.topic", {"topic": open_topic})
    planting.say("open", "It is open.")
    plot = lay(tmp_path, planting)
    for full in (False, True):
        plot.grow(full=full)
        assert stands(plot, topic, name, said, open_topic) == [False, False, False, True]


def test_who_is_remembered_again_comes_back_with_the_next_sync(planting: Planting, tmp_path: Path) -> None:
    said, name, steady = words(planting, 3)
    planting.set_state("m.room.member", {"membership": "join", "displayname": name}, WREN, key=WREN)
    planting.say("said", f"It is {said}.")
    planting.answer("answer", "$said", f"{name} knows {steady}.")
    plot = lay(tmp_path, planting)
    plot.grow()
    plot.forget(WREN)
    plot.build()
    assert stands(plot, said, "wren", steady) == [False, False, True]
    recall(tmp_path, read_config(tmp_path / "site.toml"), WREN)
    plot.grow()
    assert stands(plot, said, "wren", name) == [True, True, True]


@pytest.mark.parametrize("is_forgotten", [True, False])
def test_a_room_that_is_let_go_is_known_by_no_name_and_not_read_again(
    planting: Planting, tmp_path: Path, *, is_forgotten: bool
) -> None:
    (said,) = words(planting, 1)
    planting.say("said", f"It is {said}.")
    planting.set_state("m.room.history_visibility", {"history_visibility": "world_readable"}, room=MEADOW)
    planting.say("elsewhere", "Hm.", BEN, room=MEADOW)
    plot = Plot.lay(tmp_path, planting, rooms=[BED, MEADOW])
    plot.grow()
    assert stands(plot, said, BED) == [True, True]
    if is_forgotten:
        plot.forget(BED)
        plot.build()
    else:
        plot.settle_on(MEADOW)
        plot.grow()
    assert stands(plot, said, BED) == [False, False]
    plot.grow(full=True)
    assert stands(plot, said, BED) == [False, False]


def test_nothing_of_an_event_that_was_forgotten_before_it_came_is_kept(
    planting: Planting, tmp_path: Path
) -> None:
    said, steady = words(planting, 2)
    planting.say("steady", f"It is {steady}.")
    plot = lay(tmp_path, planting)
    plot.grow()
    plot.forget(EventId("$said"))
    planting.say("said", f"It is {said}.")
    plot.grow()
    assert stands(plot, said, steady) == [False, True]


def test_a_purge_of_a_room_s_beginning_leaves_it_open_and_named(planting: Planting, tmp_path: Path) -> None:
    """The server goes on saying what the room is called and who may read it, and tells the events no more."""
    name, before, since = words(planting, 3)
    planting.set_state("m.room.history_visibility", {"history_visibility": "shared"})
    planting.set_state("m.room.history_visibility", {"history_visibility": "world_readable"})
    planting.set_state("m.room.name", {"name": name})
    planting.say("before", f"It is {before}.")
    planting.say("since", f"It is {since}.")
    plot = lay(tmp_path, planting)
    plot.grow()
    assert stands(plot, name, before, since) == [True, True, True]
    plot.keep_state()
    plot.timeline()[:] = [last(plot, "$since")]
    for _ in range(2):
        plot.grow(full=True)
        assert stands(plot, name, before, since) == [True, False, True]
        assert (tmp_path / "public" / name / "index.html").is_file()


@pytest.mark.parametrize("what", [WREN, BED, "$said"])
def test_what_a_file_told_and_was_forgotten_is_not_read_from_it_again(
    planting: Planting, tmp_path: Path, what: str
) -> None:
    said, steady = words(planting, 2)
    planting.say("said", f"It is {said}.")
    planting.answer("steady", "$said", f"> It is {said}.\n\nNo, {steady}.")
    lay_out(tmp_path, settings(vouched=[BED]))
    file = tmp_path / "events.jsonl"
    file.write_bytes(json_lines(planting.rooms[BED]))
    _bring(tmp_path, file)
    assert sorted(find_words(tmp_path, [said, steady])) == sorted([said, steady])
    forget(tmp_path, read_config(tmp_path / "site.toml"), what, now_ms=NOW_MS)
    stays = {steady} if what != BED else set()
    for _ in range(2):
        build(tmp_path)
        assert find_words(tmp_path, [said, steady]).keys() == stays
        _bring(tmp_path, file)


def test_a_newer_file_takes_away_what_was_removed_since(planting: Planting, tmp_path: Path) -> None:
    said, steady = words(planting, 2)
    target = planting.say("said", f"It is {said}.")
    planting.answer("steady", target, f"> It is {said}.\n\nNo, {steady}.")
    lay_out(tmp_path, settings(vouched=[BED]))
    file = tmp_path / "events.jsonl"
    old = json_lines(planting.rooms[BED])
    file.write_bytes(old)
    _bring(tmp_path, file)
    build(tmp_path)
    planting.tell("removal", "m.room.redaction", {"redacts": target}, MO)
    file.write_bytes(json_lines(planting.rooms[BED][-1:]))
    _bring(tmp_path, file)
    build(tmp_path)
    assert find_words(tmp_path, [said, steady]).keys() == {steady}
    file.write_bytes(old)
    _bring(tmp_path, file)
    build(tmp_path)
    assert find_words(tmp_path, [said, steady]).keys() == {steady}


def _bring(folder: Path, file: Path) -> None:
    config = read_config(folder / "site.toml")
    import_files(folder, config, [file], io.BytesIO(), report=lambda *_: None)

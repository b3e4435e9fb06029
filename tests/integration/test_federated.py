"""Two homeservers whose line is cut and mended: what comes late reaches the site, in its place, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from garden.archive.event import EventId
from garden.pages.address import message_anchor
from tests.homeserver.federation import Federation, Side, federate
from tests.integration.tended import Tended
from tests.integration.twins import Twins, find_changes, plant_twins
from tests.smallholding import lay_out, page_of, read_site, settings

pytestmark = [pytest.mark.synapse, pytest.mark.xdist_group("federation")]

MINUTE: Final = 60_000
PRIVATE: Final = "quagmire"
"""What nobody says in the open."""
NOON: Final = 1_741_003_200_000
"""3 March 2025, 12:00 UTC."""


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    with federate(tmp_path_factory.mktemp("federation")) as running:
        yield running


def tend(folder: Path, side: Side, room: str) -> Tended:
    """Make a garden of one room as it is told on one side, to an account that joined nothing."""
    lay_out(folder, settings(rooms=[room], homeserver=side.server.base_url))
    return Tended(folder, side.reader.token)


def tend_twins(folder: Path, side: Side, room: str) -> Twins:
    """Make two gardens of one room as it is told on one side."""
    return plant_twins(folder, side.server.base_url, [room], side.reader, side.member)


def in_thread(root: str) -> dict[str, object]:
    return {"m.relates_to": {"rel_type": "m.thread", "event_id": root}}


def reworded(event_id: str, words: str) -> dict[str, object]:
    relation = {"rel_type": "m.replace", "event_id": event_id}
    return {"m.new_content": {"msgtype": "m.text", "body": words}, "m.relates_to": relation}


def count_places(garden: Tended, event_id: str) -> int:
    """Return how many messages of the site are this event."""
    return garden.text().count(f'id="{message_anchor(EventId(event_id))}"')


def grow_anew(garden: Tended) -> Tended:
    """Grow a garden from nothing that has the same settings and account."""
    folder = garden.folder / "anew"
    lay_out(folder, (garden.folder / "site.toml").read_text("utf-8"))
    anew = Tended(folder, garden.token)
    anew.grow()
    return anew


def test_what_both_sides_said_while_they_were_cut_off_stands_in_its_place_once(
    federation: Federation, tmp_path: Path
) -> None:
    fen, marsh = federation.fen, federation.marsh
    room = federation.create_room("world_readable", "Said before the marsh was there.")
    at = iter(range(NOON, NOON + 1000 * MINUTE, MINUTE))
    root = fen.say(room, "ada", "How deep is the ditch?", ts=next(at))
    federation.meet(room, root)
    first = marsh.say(room, "bea", "Deep enough for a bott.", ts=next(at), more=in_thread(root))
    slip = marsh.say(room, "bea", "A slip-of-the-tongue.", ts=next(at), more=in_thread(root))
    federation.meet(room, first, slip)
    gardens = [tend(tmp_path / side.server.name, side, room) for side in (fen, marsh)]
    for garden in gardens:
        garden.sync()
    federation.line.cut()
    here: list[str] = []
    there: list[str] = []
    there.append(marsh.say(room, "bea", "Said on the marsh alone.", ts=next(at)))
    here.append(fen.say(room, "ada", "Said on the fen alone.", ts=next(at)))
    there.append(marsh.say(room, "bea", "Two yards at the willow.", ts=next(at), more=in_thread(root)))
    here.append(fen.say(room, "ada", "And at the sluice?", ts=next(at), more=in_thread(root)))
    here.append(fen.say(room, "ada", "It is foggy on the fen.", ts=next(at)))
    there.append(
        marsh.say(room, "bea", "* Mind.", ts=next(at), more=reworded(first, "Deep enough for a boat."))
    )
    there.append(marsh.send(room, "bea", "m.room.redaction", {"redacts": slip}, ts=next(at)))
    key = {"rel_type": "m.annotation", "event_id": root, "key": "🦆"}
    there.append(marsh.send(room, "bea", "m.reaction", {"m.relates_to": key}, ts=next(at)))
    for garden, said in zip(gardens, (here, there), strict=True):
        garden.grow()
        assert [count_places(garden, event_id) for event_id in said[:2]] == [1, 1]
    assert not gardens[0].has_anywhere("on the marsh alone")
    assert not gardens[1].has_anywhere("on the fen alone")
    word = federation.mend(room)
    federation.meet(room, *here, *there)
    for garden in gardens:
        garden.grow()
        said = [root, first, *here, *there[:2], word]
        assert [count_places(garden, event_id) for event_id in said] == [1] * len(said)
        thread = (garden.out / page_of(garden.out, "How deep is the ditch?") / "index.html").read_text()
        for words in ("Two yards at the willow.", "And at the sluice?", "Deep enough for a boat.", "🦆"):
            assert words in thread
        assert not garden.has_anywhere("slip-of-the-tongue")
        assert "enough for a bott" not in garden.text()
        assert "Said before the marsh was there." in garden.text()
        assert find_changes(garden, grow_anew(garden)) == []
    before = read_site(garden.out)
    for told in (garden.sync()[room], garden.sync("--full")[room]):
        assert (told["new_events"], told["changed_events"]) == (0, 0)
    assert garden.run("build", "--quiet").code == 0
    assert read_site(garden.out) == before


def test_of_what_both_sides_changed_while_they_were_cut_off_the_site_shows_what_the_room_settled_on(
    federation: Federation, tmp_path: Path
) -> None:
    fen, marsh = federation.fen, federation.marsh
    room = federation.create_room()
    start = fen.say(room, "ada", "The map is wrong.", ts=NOON)
    federation.meet(room, start)
    garden = tend(tmp_path, fen, room)
    garden.sync()
    federation.line.cut()
    there = marsh.send(room, "member", "m.room.topic", {"topic": "Of the marsh."}, state_key="", ts=NOON + 1)
    fen.send(room, "member", "m.room.topic", {"topic": "Of the fen."}, state_key="", ts=NOON + 2)
    federation.mend(room)
    federation.meet(room, there)
    garden.grow()
    assert ">Of the fen.</p>" in (garden.out / "index.html").read_text()


def test_more_than_a_homeserver_hands_over_at_once_reaches_the_site_too(
    federation: Federation, tmp_path: Path
) -> None:
    fen, marsh = federation.fen, federation.marsh
    room = federation.create_room()
    start = marsh.say(room, "bea", "We shall be cut off.", ts=NOON)
    federation.meet(room, start)
    garden = tend(tmp_path, fen, room)
    garden.sync()
    federation.line.cut()
    many = [marsh.say(room, "bea", f"Entry {number}.", ts=NOON + number * MINUTE) for number in range(1, 161)]
    federation.mend(room)
    federation.meet(room, many[-1])
    garden.grow()
    shown = garden.text()
    anchors = [f'id="{message_anchor(EventId(event_id))}"' for event_id in many]
    assert [shown.count(anchor) for anchor in anchors] == [1] * len(many)
    assert sorted(anchors, key=shown.index) == anchors
    assert find_changes(garden, grow_anew(garden)) == []


def test_what_was_said_in_private_by_those_whom_the_opening_had_not_reached_stays_private(
    federation: Federation, tmp_path: Path
) -> None:
    fen, marsh = federation.fen, federation.marsh
    room = federation.create_room("shared", f"Said before anybody could read it: {PRIVATE}.")
    start = marsh.say(room, "bea", f"Among ourselves: {PRIVATE}.")
    federation.meet(room, start)
    twins = tend_twins(tmp_path, fen, room)
    federation.line.cut()
    fen.set_visibility(room, "world_readable")
    fen.say(room, "ada", "Said in the open.")
    twins.sync()
    late = [marsh.say(room, "bea", f"Still among ourselves: {PRIVATE} {number}.") for number in range(3)]
    late.append(marsh.say(room, "bea", "* Anew.", more=reworded(late[0], f"{PRIVATE} 3")))
    word = federation.mend(room)
    federation.meet(room, *late)
    known = marsh.say(room, "bea", "Now we know that it is open.")
    federation.meet(room, known)
    for options in ((), ("--full",)):
        twins.grow(*options)
        twins.check(PRIVATE)
        assert [count_places(twins.joined, event_id) for event_id in (word, known)] == [1, 1]


def test_a_closing_that_had_not_reached_everybody_lets_no_account_see_more_than_the_world(
    federation: Federation, tmp_path: Path
) -> None:
    fen, marsh = federation.fen, federation.marsh
    room = federation.create_room()
    start = marsh.say(room, "bea", "Said in the open.")
    federation.meet(room, start)
    twins = tend_twins(tmp_path, fen, room)
    twins.sync()
    federation.line.cut()
    fen.set_visibility(room, "shared")
    private = fen.say(room, "ada", f"Among ourselves: {PRIVATE}.")
    late = [marsh.say(room, "bea", f"Said as if in the open {number}.") for number in range(3)]
    twins.sync()
    for garden in (twins.unjoined, twins.joined):
        assert not garden.has_anywhere("Said in the open.")
    federation.mend(room)
    federation.meet(room, private, *late)
    fen.set_visibility(room, "world_readable")
    known = fen.say(room, "ada", "Open again.")
    federation.meet(room, known)
    twins.grow()
    twins.check(PRIVATE)
    assert [count_places(twins.joined, event_id) for event_id in (start, known)] == [1, 1]


def test_who_is_banned_on_one_side_while_cut_off_says_nothing_more_on_its_site(
    federation: Federation, tmp_path: Path
) -> None:
    fen, marsh = federation.fen, federation.marsh
    room = federation.create_room()
    start = marsh.say(room, "bea", "Good morning.")
    federation.meet(room, start)
    garden = tend(tmp_path, fen, room)
    garden.sync()
    federation.line.cut()
    fen.send(room, "member", "m.room.member", {"membership": "ban"}, state_key=marsh.user("bea"))
    marsh.say(room, "bea", f"Buy my {PRIVATE}.")
    late = marsh.say(room, "ben", "Good evening.")
    word = federation.mend(room)
    federation.meet(room, late)
    for option in ((), ("--full",)):
        garden.sync(*option)
        assert garden.run("build", "--quiet").code == 0
        assert [count_places(garden, event_id) for event_id in (start, late, word)] == [1, 1, 1]
        assert not garden.has_anywhere(PRIVATE)

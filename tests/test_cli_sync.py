"""`garden sync` against a real homeserver: which rooms it brings, as whom, what it asks for, what it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.homeserver.homeserver import Homeserver
from tests.homeserver.story import SECRET
from tests.integration.tended import Tended, tend
from tests.loopback import asked_paths, forward, server
from tests.smallholding import read_site
from tests.terminal import run_on_terminal

pytestmark = [pytest.mark.synapse, pytest.mark.xdist_group("synapse")]


def test_rooms_come_by_alias_by_id_and_through_nested_spaces(homeserver: Homeserver, tmp_path: Path) -> None:
    rooms = homeserver.seeded.rooms
    garden = tend(
        tmp_path, homeserver, "#seeds:fen.example", rooms["bridged"], spaces=["#quagmire:fen.example"]
    )
    told = garden.sync()
    assert told[rooms["seeds"]]["asked"] == "#seeds:fen.example"
    assert told[rooms["bridged"]]["asked"] == rooms["bridged"]
    assert told[rooms["meadow"]]["asked"] == "#quagmire:fen.example"
    assert rooms["outcast"] not in told
    assert all(told[rooms[name]]["new_events"] > 0 for name in ("seeds", "bridged", "meadow"))
    assert "Found two spaces deep." in garden.messages(rooms["meadow"]).values()


@pytest.fixture(scope="module")
def readers(homeserver: Homeserver, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tended]:
    """The same garden as a guest, an account that joined nothing and one that joined everything make it."""
    seeded = homeserver.seeded
    wanted = [seeded.rooms[name] for name in ("seeds", "weather", "encrypted", "vague", "closed")]
    gardens = {}
    for name, token in (("guest", ""), ("reader", seeded.reader.token), ("member", seeded.member.token)):
        gardens[name] = tend(tmp_path_factory.mktemp(name), homeserver, *wanted, token=token)
        gardens[name].grow()
    return gardens


@pytest.mark.parametrize("name", ["guest", "member"])
def test_guests_and_members_archive_the_same_words_as_an_account_that_joined_nothing(
    name: str, readers: dict[str, Tended], homeserver: Homeserver
) -> None:
    for room in ("seeds", "weather", "vague"):
        room_id = homeserver.seeded.rooms[room]
        assert readers[name].messages(room_id) == readers["reader"].messages(room_id)
        assert readers[name].messages(room_id)


@pytest.mark.parametrize("name", ["guest", "reader", "member"])
def test_what_only_members_may_read_is_in_no_byte_whoever_reads(
    name: str, readers: dict[str, Tended]
) -> None:
    assert not readers[name].has_anywhere(SECRET)


def test_wording_that_somebody_else_gave_or_that_was_taken_back_is_not_published(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    garden = tend(tmp_path, homeserver, homeserver.seeded.rooms["relations"])
    garden.grow()
    assert "The first wording counts again." in garden.text()
    assert [path for path in garden.holds(SECRET) if not path.startswith("events.sqlite3")] == []


def test_the_site_does_not_show_who_read_the_rooms(readers: dict[str, Tended]) -> None:
    sites = [read_site(garden.out) for garden in readers.values()]
    assert sites[0] == sites[1] == sites[2]


def test_a_room_that_cannot_be_read_is_told_and_skipped_and_strict_fails(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    rooms = homeserver.seeded.rooms
    garden = tend(tmp_path, homeserver, "#nobody:fen.example", rooms["closed"], rooms["meadow"])
    plain, strict = garden.run("sync"), garden.run("sync", "--strict")
    assert (plain.code, strict.code) == (0, 1)
    assert "Skipped #nobody:fen.example: " in plain.out
    assert "Skipped " + rooms["closed"] in plain.out
    assert plain.out.count("  → ") == 2
    assert "Meadow: " in plain.out
    assert strict.lines[-1] == "Meadow: 0 new events"
    status = garden.run("status")
    assert "#nobody:fen.example: nothing archived yet" in status.out
    assert "The last sync could not read it" in status.out


def test_json_says_what_became_of_each_entry(homeserver: Homeserver, tmp_path: Path) -> None:
    rooms = homeserver.seeded.rooms
    garden = tend(tmp_path, homeserver, "#nobody:fen.example", rooms["closed"], rooms["hostile"])
    said = garden.run("sync", "--json")
    nobody, closed, hostile = json.loads(said.out)
    assert said.err == ""
    assert (nobody["asked"], nobody["room_id"]) == ("#nobody:fen.example", None)
    assert "knows no room" in nobody["problem"]
    assert closed["new_events"] == 0
    assert closed["problem"]
    assert hostile["problem"] is None
    assert any("mxc://" in problem for problem in hostile["media_problems"])


def test_the_second_sync_asks_only_for_what_is_new(homeserver: Homeserver, tmp_path: Path) -> None:
    rooms = [homeserver.create_room(f"counted-{number}") for number in range(2)]
    rooms.append(homeserver.seeded.rooms["seeds"])
    with server() as proxy:
        forward(proxy, homeserver.base_url)
        garden = tend(tmp_path, homeserver, *rooms, base_url=proxy.base_url)
        garden.sync()
        first = asked_paths(proxy)
        proxy.asked.clear()
        said = homeserver.send_message(rooms[0], "ada", "the only news")
        told = garden.sync()
        second = asked_paths(proxy)
    assert [room["new_events"] for room in told.values()] == [2, 0, 0]  # ada's joining, and what she said
    assert garden.messages(rooms[0])[said] == "the only news"
    assert [path for path in first if path.endswith("/messages")] != []
    assert [path for path in second if path.endswith(("/state", "/initialSync"))] == []
    # The stream says that there is something new, and the room's end where it stands.
    assert len([path for path in second if path.endswith("/messages")]) == 1
    assert [path for path in second if "download" in path] == []
    visibility = [path for path in second if "m.room.history_visibility" in path]
    stream = [path for path in second if path == "/events"]
    assert len(visibility) == len(rooms)
    assert len(stream) == len(rooms) + 1  # the room with news is asked once more, whether there is more
    # Discovery, versions, whoami, and the account's private messages: which rooms it is in, and what is new.
    assert len(second) <= len(visibility) + len(stream) + 1 + 5


def test_the_second_sync_brings_late_edits_redactions_and_reactions_to_the_pages(
    homeserver: Homeserver, fresh_room: str, tmp_path: Path
) -> None:
    garden = tend(tmp_path, homeserver, fresh_room)
    root = homeserver.send_message(fresh_room, "ada", "The first wording of an old message.")
    gone = homeserver.send_message(fresh_room, "ben", "words that will be erased")
    for number in range(5):
        homeserver.send_message(fresh_room, "cleo", f"Line {number}.")
    garden.grow()
    assert "The first wording" in garden.text()
    homeserver.edit(fresh_room, "ada", root, "The second wording.")
    homeserver.react(fresh_room, "ben", root, "🌻")
    homeserver.redact(fresh_room, "ben", gone)
    told = garden.sync()[fresh_room]
    assert garden.run("build").code == 0
    assert told["new_events"] == 3
    assert "The second wording." in garden.text()
    assert "🌻" in garden.text()
    assert garden.holds("The first wording") == []
    assert garden.holds("words that will be erased") == []


def test_full_compares_everything_and_changes_nothing(homeserver: Homeserver, tmp_path: Path) -> None:
    room = homeserver.seeded.rooms["relations"]
    garden = tend(tmp_path, homeserver, room)
    garden.grow()
    before = read_site(garden.out)
    told = garden.sync("--full")[room]
    garden.run("build")
    assert (told["new_events"], told["changed_events"], told["malformed"]) == (0, 0, 0)
    assert read_site(garden.out) == before


def test_on_a_terminal_there_is_a_bar_and_then_only_the_result(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    garden = tend(tmp_path, homeserver, homeserver.seeded.rooms["meadow"])
    said = run_on_terminal("sync", folder=tmp_path, more=garden.environment)
    assert said.code == 0
    assert "Reading events" in said.out
    assert "Meadow: " in said.out

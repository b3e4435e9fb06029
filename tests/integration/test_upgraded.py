"""A room that a real homeserver upgraded reads as one room, whichever of the rooms the settings name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.homeserver.homeserver import Homeserver
from tests.integration.tended import tend
from tests.smallholding import page_of

pytestmark = [pytest.mark.synapse, pytest.mark.xdist_group("synapse")]


@pytest.mark.parametrize("named", ["#hall:fen.example", "old-hall", "hall"])
def test_an_upgraded_room_is_one_room_with_its_pins(
    homeserver: Homeserver, tmp_path: Path, named: str
) -> None:
    rooms = homeserver.seeded.rooms
    garden = tend(tmp_path, homeserver, rooms.get(named, named))
    told = garden.sync()
    assert list(told) == [rooms["old-hall"], rooms["hall"]]
    assert all(room["problem"] is None for room in told.values())
    assert garden.run("build", "--strict").code == 0
    page = garden.out / page_of(garden.out, "And I still have it.") / "index.html"
    assert "Who has the key of the village hall?" in page.read_text()
    assert [path.parent.name for path in garden.out.glob("*/feed.atom")] == ["old-hall"]
    (status,) = json.loads(garden.run("status", "--json").out)["rooms"]
    assert (status["room_id"], status["name"]) == (rooms["hall"], "Village hall")
    room = (garden.out / "old-hall/index.html").read_text()
    pins = room.partition('id="pinned"')[2].partition("</section>")[0]
    assert pins.index("Who has the key") < pins.index("We asked this before we moved")
    assert pins.count("<li") == 2


def test_a_room_that_is_upgraded_twice_between_builds_keeps_its_folder_and_pages(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    first = homeserver.create_room(version="10")
    garden = tend(tmp_path, homeserver, first)
    homeserver.send_message(first, "ada", "Said in the first room.")
    garden.grow()
    before = page_of(garden.out, "Said in the first room.")
    second = homeserver.upgrade(first, "11")
    homeserver.send_message(second, "ada", "Said in the second room.")
    third = homeserver.upgrade(second, "12")
    homeserver.send_message(third, "ada", "Said in the third room.")
    assert list(garden.sync()) == [first, second, third]
    garden.grow()
    assert page_of(garden.out, "Said in the first room.") == before
    assert page_of(garden.out, "Said in the third room.").split("/")[0] == before.split("/")[0]
    assert len(list(garden.out.glob("*/feed.atom"))) == 1


def test_an_older_room_that_is_closed_leaves_and_the_newer_one_stays(
    homeserver: Homeserver, fresh_room: str, tmp_path: Path
) -> None:
    homeserver.send_message(fresh_room, "ada", "Said in the marsh-room.")
    newer = homeserver.upgrade(fresh_room)
    homeserver.send_message(newer, "ada", "Said in the meadow-room.")
    garden = tend(tmp_path, homeserver, newer)
    garden.grow()
    folder = page_of(garden.out, "Said in the meadow-room.").split("/")[0]
    assert "Said in the marsh-room." in garden.text()
    homeserver.set_visibility(fresh_room, "joined")
    assert garden.run("sync", "--strict", "--quiet").code == 0
    assert garden.run("build", "--strict", "--quiet").code == 0
    assert not garden.has_anywhere("marsh-room")
    assert page_of(garden.out, "Said in the meadow-room.").split("/")[0] == folder


def test_a_room_that_claims_a_predecessor_gets_none_of_its_words(
    homeserver: Homeserver, fresh_room: str, tmp_path: Path
) -> None:
    homeserver.send_message(fresh_room, "ada", "Said in a room that never moved.")
    forged = homeserver.client.call(
        "POST",
        "/_matrix/client/v3/createRoom",
        {
            "creation_content": {"predecessor": {"room_id": fresh_room, "event_id": "$last"}},
            "initial_state": [
                {
                    "type": "m.room.history_visibility",
                    "state_key": "",
                    "content": {"history_visibility": "world_readable"},
                }
            ],
        },
        token=homeserver.seeded.member.token,
    )["room_id"]
    garden = tend(tmp_path, homeserver, forged)
    assert list(garden.sync()) == [forged]
    assert not garden.has_anywhere("never moved")

"""The seeded homeserver holds what the other tests take for granted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.homeserver.client import Account, RefusedError, quote_id
from tests.homeserver.community import Seeded, SeedFile
from tests.homeserver.demo import demo_rooms
from tests.homeserver.hard_cases import HARD_SPACE, hard_rooms
from tests.homeserver.homeserver import Homeserver
from tests.homeserver.story import SECRET

pytestmark = pytest.mark.synapse


def test_the_demo_stands_on_the_server_in_its_order_with_its_times(homeserver: Homeserver) -> None:
    room = demo_rooms()[0]
    wanted = [
        (homeserver.seeded.ids[event["event_id"]], event["sender"], event["origin_server_ts"])
        for event in room.events
        if "state_key" not in event
    ]
    found = [
        (event["event_id"], event["sender"], event["origin_server_ts"])
        for event in homeserver.read_room(homeserver.seeded.rooms[room.name])
        if "state_key" not in event
    ]
    assert found == wanted


@pytest.mark.parametrize("reader", ["reader", "guest", "member", "admin"])
def test_every_account_reads_the_demo(homeserver: Homeserver, reader: str) -> None:
    account: Account = getattr(homeserver.seeded, reader)
    assert all(homeserver.read_room(homeserver.seeded.rooms[room.name], account) for room in demo_rooms())


def test_the_space_lists_every_room_of_the_demo(homeserver: Homeserver) -> None:
    path = f"/_matrix/client/v1/rooms/{quote_id(homeserver.seeded.rooms['fen'])}/hierarchy"
    listed = homeserver.client.call("GET", path, token=homeserver.seeded.reader.token)["rooms"]
    wanted = {homeserver.seeded.rooms[room.name] for room in demo_rooms()}
    assert {room["room_id"] for room in listed[1:]} == wanted


def test_a_picture_comes_back_as_it_was_uploaded(homeserver: Homeserver) -> None:
    uri = homeserver.upload(SeedFile(b"not really a picture", "image/webp", "jar.webp"))
    address = f"{homeserver.base_url}/_matrix/client/v1/media/download/{uri.removeprefix('mxc://')}"
    request = Request(address, headers={"Authorization": f"Bearer {homeserver.seeded.reader.token}"})
    with urlopen(request, timeout=10) as answer:
        assert answer.read() == b"not really a picture"


@pytest.mark.parametrize("name", ["closed", "invite-only"])
def test_a_shut_room_is_refused_to_who_has_not_joined(homeserver: Homeserver, name: str) -> None:
    with pytest.raises(RefusedError) as refused:
        homeserver.read_room(homeserver.seeded.rooms[name])
    assert refused.value.status == 403
    assert SECRET in json.dumps(homeserver.read_room(homeserver.seeded.rooms[name], homeserver.seeded.member))


def test_every_hard_case_is_there_but_the_purged_one(homeserver: Homeserver) -> None:
    seeded = homeserver.seeded
    on_server = {
        event["event_id"]
        for room in hard_rooms()
        for event in homeserver.read_room(seeded.rooms[room.name], seeded.member)
    }
    named = {seeded.ids[name]: name for room in hard_rooms() for name in room.event_ids}
    assert [name for real, name in named.items() if real not in on_server] == ["$purged-message"]
    assert seeded.rooms[HARD_SPACE] not in (seeded.rooms["fen"], seeded.rooms["undergrowth"])


def test_an_upgraded_room_names_its_successor(homeserver: Homeserver) -> None:
    events = homeserver.read_room(homeserver.seeded.rooms["old-hall"])
    tombstone = next(event["content"] for event in events if event["type"] == "m.room.tombstone")
    assert tombstone["replacement_room"] == homeserver.seeded.rooms["hall"]


def test_people_write_change_and_remove_in_a_fresh_room(homeserver: Homeserver, fresh_room: str) -> None:
    said = homeserver.send_message(fresh_room, "ada", "hello", ts=1_700_000_000_000)
    others = [
        homeserver.edit(fresh_room, "ada", said, "hullo"),
        homeserver.react(fresh_room, "newcomer", said, "🌱"),
        homeserver.redact(fresh_room, "ada", said, "no"),
        homeserver.set_visibility(fresh_room, "shared"),
    ]
    hidden = homeserver.send_message(fresh_room, "ben", "between ourselves")
    others.append(homeserver.set_visibility(fresh_room, "world_readable"))
    served = [event["event_id"] for event in homeserver.read_room(fresh_room)]
    assert [event for event in served if event in (said, hidden, *others)] == [said, *others]


def test_an_own_homeserver_keeps_rooms_and_tokens_over_a_restart(own_homeserver: Homeserver) -> None:
    room = own_homeserver.seeded.rooms["meadow"]
    before = [event["event_id"] for event in own_homeserver.read_room(room, own_homeserver.seeded.guest)]
    own_homeserver.server.stop()
    own_homeserver.server.start()
    after = [event["event_id"] for event in own_homeserver.read_room(room, own_homeserver.seeded.guest)]
    assert after == before


def test_what_is_seeded_can_be_written_down_and_read_again(homeserver: Homeserver) -> None:
    assert Seeded.from_json(homeserver.seeded.to_json()) == homeserver.seeded


def test_the_server_goes_when_its_parent_is_killed(own_homeserver: Homeserver) -> None:
    own_homeserver.server.stop()
    program = (
        "import pathlib, sys, time\n"
        "from tests.homeserver.synapse import Synapse\n"
        "server = Synapse(pathlib.Path(sys.argv[1]))\n"
        "server.start()\n"
        "print(server.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    root = Path(__file__).parents[2]
    parent = subprocess.Popen(
        [sys.executable, "-c", program, own_homeserver.server.folder], cwd=root, stdout=subprocess.PIPE
    )
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while _lives(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _lives(child)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True

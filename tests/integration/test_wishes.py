"""The garden's account on a real homeserver: it tells a room, reads what people write to it, and answers."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from garden.archive.event import Event, EventId, RoomId, read_event
from garden.archive.letters import Letters, read_letters
from garden.archive.matrix import MatrixSource
from garden.archive.vocabulary import NOTICE
from garden.archive.wish import collect_removals, collect_wishes
from garden.config import SiteConfig, SiteSettings
from garden.notice import write_replies
from tests.homeserver.client import Account, room_path
from tests.homeserver.community import JsonObject
from tests.homeserver.homeserver import Homeserver
from tests.integration.tended import Tended, tend
from tests.loopback import forward, server
from tests.smallholding import BASE_URL
from tests.terminal import check_told

pytestmark = [pytest.mark.synapse, pytest.mark.xdist_group("synapse")]

REPLIES = write_replies(SiteConfig(SiteSettings("Fen", BASE_URL)))
V3 = "/_matrix/client/v3"


@dataclass(frozen=True)
class Person:
    """Somebody with an account of their own, who does what people do with a client."""

    homeserver: Homeserver
    account: Account

    @property
    def id(self) -> str:
        return self.account.user_id

    def call(self, method: str, path: str, body: JsonObject | None = None) -> dict[str, Any]:
        return self.homeserver.client.call(method, path, body, token=self.account.token)

    def write_to(self, other: Person, *, encrypted: bool = False, **more: object) -> str:
        """Begin a private conversation, as clients do, and return its room."""
        encryption = {
            "type": "m.room.encryption",
            "state_key": "",
            "content": {"algorithm": "m.megolm.v1.aes-sha2"},
        }
        body = {
            "preset": "trusted_private_chat",
            "is_direct": True,
            "invite": [other.id],
            "initial_state": [encryption] if encrypted else [],
            **more,
        }
        return str(self.call("POST", f"{V3}/createRoom", body)["room_id"])

    def say(self, room: str, body: str) -> str:
        return self.send(room, "m.room.message", {"msgtype": "m.text", "body": body})

    def send(self, room: str, kind: str, content: JsonObject) -> str:
        return str(self.call("PUT", room_path(room, "send", kind, uuid.uuid4().hex), content)["event_id"])

    def enter(self, room: str) -> None:
        self.call("POST", room_path(room, "join"), {})

    def leave(self, room: str) -> None:
        self.call("POST", room_path(room, "leave"), {})

    def rooms(self) -> list[str]:
        return list(self.call("GET", f"{V3}/joined_rooms")["joined_rooms"])

    def hears(self, room: str, other: Person) -> list[str]:
        """Return what another one has said in a room, oldest first."""
        chunk = self.call("GET", room_path(room, "messages") + "?dir=b&limit=100")["chunk"]
        return [
            event["content"]["body"]
            for event in reversed(chunk)
            if event["type"] == "m.room.message" and event["sender"] == other.id
        ]


def newcomer(homeserver: Homeserver, name: str) -> Person:
    return Person(homeserver, homeserver.register(f"{name}-{uuid.uuid4().hex[:8]}"))


@pytest.fixture
def gardener(homeserver: Homeserver) -> Person:
    return newcomer(homeserver, "gardener")


@pytest.fixture
def ada(homeserver: Homeserver) -> Person:
    return newcomer(homeserver, "ada")


def read(person: Person, remembered: str | None = "{}", *published: str) -> Letters:
    """Let an account read its letters and answer them."""

    async def run() -> Letters:
        async with MatrixSource(person.homeserver.base_url, person.account.token) as source:
            return await read_letters(source.account, frozenset(map(RoomId, published)), remembered, REPLIES)

    return asyncio.run(run())


def wishes(letters: Letters) -> list[tuple[str, bool]]:
    assert letters.notes == ()
    return [(wish.user, wish.out) for wish in letters.wishes]


def told(person: Person, room: str) -> list[Event]:
    """Return the events of a room that anyone may read, oldest first."""

    async def run() -> list[Event]:
        async with MatrixSource(person.homeserver.base_url, person.account.token) as source:
            batch = await source.read_history(RoomId(room), None)
            return [read_event(each, RoomId(room)) for each in reversed(batch.events)]

    return asyncio.run(run())


def garden_of(folder: Path, gardener: Person, room: str, base_url: str = "") -> Tended:
    return tend(folder, gardener.homeserver, room, token=gardener.account.token, base_url=base_url)


def notices(homeserver: Homeserver, room: str) -> list[str]:
    return [
        str(event["event_id"])
        for event in homeserver.read_room(room)
        if event["type"] == "m.room.message" and NOTICE in event["content"]
    ]


def pins(homeserver: Homeserver, room: str) -> list[str]:
    return [
        pinned
        for event in homeserver.read_room(room)
        if event["type"] == "m.room.pinned_events"
        for pinned in event["content"]["pinned"]
    ]


def give_power(homeserver: Homeserver, room: str, person: Person, level: int) -> None:
    path = room_path(room, "state", "m.room.power_levels") + "/"
    levels = homeserver.client.call("GET", path, token=homeserver.seeded.admin.token)
    users = {**levels["users"], person.id: level}
    homeserver.send(room, "admin", "m.room.power_levels", {**levels, "users": users}, state_key="")


def test_a_notice_is_posted_by_who_is_in_the_room_and_says_who_could_pin_it(
    gardener: Person, fresh_room: str, tmp_path: Path
) -> None:
    homeserver = gardener.homeserver
    garden = garden_of(tmp_path, gardener, fresh_room)
    check_told(garden.run("notice", fresh_room), 1, f"{gardener.id} is not in {fresh_room}", "--join")
    assert notices(homeserver, fresh_room) == []
    said = garden.run("notice", fresh_room, "--join")
    assert said.code == 0, said
    (posted,) = notices(homeserver, fresh_room)
    assert said.lines[0] == f"Joined {fresh_room} and posted a notice there: {posted}"
    assert f"Who can: {homeserver.seeded.admin.user_id}." in said.lines[1]
    assert pins(homeserver, fresh_room) == []
    again = garden.run("notice", fresh_room)
    assert again.lines[0] == f"{fresh_room} has a notice already, not pinned: {posted}. Nothing was posted"
    assert notices(homeserver, fresh_room) == [posted]


def test_with_the_power_for_it_the_notice_is_pinned_beside_what_was_there(
    gardener: Person, fresh_room: str, tmp_path: Path
) -> None:
    homeserver = gardener.homeserver
    rules = homeserver.send_message(fresh_room, "admin", "Be kind.")
    homeserver.send(fresh_room, "admin", "m.room.pinned_events", {"pinned": [rules]}, state_key="")
    gardener.enter(fresh_room)
    give_power(homeserver, fresh_room, gardener, 50)
    garden = garden_of(tmp_path, gardener, fresh_room)
    said = garden.run("notice", fresh_room)
    (posted,) = notices(homeserver, fresh_room)
    assert said.lines == [f"Posted a notice in {fresh_room}, and pinned it: {posted}"]
    assert pins(homeserver, fresh_room)[-2:] == [rules, posted]
    homeserver.redact(fresh_room, "admin", posted)
    assert "Posted a notice" in garden.run("notice", fresh_room).out, "one that was removed is none"
    (second,) = notices(homeserver, fresh_room)
    assert second != posted
    garden.run("notice", fresh_room, "--again")
    assert len(notices(homeserver, fresh_room)) == 2
    assert len(pins(homeserver, fresh_room)[-4:]) == 4


def test_who_may_not_speak_in_the_room_is_told_so(gardener: Person, fresh_room: str, tmp_path: Path) -> None:
    homeserver = gardener.homeserver
    gardener.enter(fresh_room)
    give_power(homeserver, fresh_room, gardener, -1)
    said = garden_of(tmp_path, gardener, fresh_room).run("notice", fresh_room)
    check_told(said, 1, f"{gardener.id} may not speak in {fresh_room}", "power levels")
    invited = homeserver.create_room(invite_only=True)
    check_told(
        garden_of(tmp_path, gardener, invited).run("notice", invited, "--join"), 1, "does not let", "invite"
    )


def test_a_notice_whose_answer_was_lost_on_the_way_is_posted_once(
    gardener: Person, fresh_room: str, tmp_path: Path
) -> None:
    homeserver, lost = gardener.homeserver, list[str]()
    gardener.enter(fresh_room)

    async def forward_and_lose(request: web.Request) -> web.StreamResponse:
        lost.append(request.path)
        headers = {"Authorization": request.headers["Authorization"]}
        async with (
            ClientSession() as session,
            session.request(
                "PUT", homeserver.base_url + request.raw_path, data=await request.read(), headers=headers
            ) as answer,
        ):
            if len(lost) > 1:
                return web.Response(body=await answer.read(), content_type="application/json")
            assert request.transport is not None
            request.transport.abort()
            return web.Response()

    with server() as proxy:
        forward(proxy, homeserver.base_url)
        (hand_on,) = proxy.answers[""]

        async def pass_on(request: web.Request) -> web.StreamResponse:
            return await (forward_and_lose if "/send/" in request.path else hand_on)(request)

        proxy.answer("", pass_on)
        said = garden_of(tmp_path, gardener, fresh_room, proxy.base_url).run("notice", fresh_room)
    assert said.code == 0, said
    assert len(lost) == 2
    assert len(set(lost)) == 1
    (posted,) = notices(homeserver, fresh_room)
    assert posted in said.out


def test_a_private_message_is_a_wish_and_is_answered_once(gardener: Person, ada: Person) -> None:
    room = ada.write_to(gardener)
    ada.say(room, "!garden opt-out")
    letters = read(gardener, None)
    assert wishes(letters) == [(ada.id, True)]
    assert ada.hears(room, gardener) == [REPLIES.opted_out]
    again = read(gardener, letters.remembered)
    assert (wishes(again), ada.hears(room, gardener)) == ([], [REPLIES.opted_out])
    ada.say(room, "!garden opt-in")
    assert wishes(read(gardener, again.remembered)) == [(ada.id, False)]
    repeated = read(gardener, again.remembered)
    assert wishes(repeated) == [(ada.id, False)], "what was not remembered is read again"
    assert ada.hears(room, gardener) == [REPLIES.opted_out, REPLIES.opted_in], "and not answered again"


def test_the_account_explains_itself_and_leaves_with_the_other_one(gardener: Person, ada: Person) -> None:
    room = ada.write_to(gardener)
    letters = read(gardener)
    assert room in gardener.rooms()
    assert ada.hears(room, gardener) == []
    ada.say(room, "Hello, who are you?")
    letters = read(gardener, letters.remembered)
    ada.say(room, "I see.")
    letters = read(gardener, letters.remembered)
    assert ada.hears(room, gardener) == [REPLIES.explain]
    ada.say(room, "!garden opt-out")
    ada.leave(room)
    letters = read(gardener, letters.remembered)
    assert wishes(letters) == [(ada.id, True)]
    assert gardener.rooms() == []


def test_who_writes_encrypted_is_told_what_to_do_instead(gardener: Person, ada: Person) -> None:
    room = ada.write_to(gardener, encrypted=True)
    secret = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "…", "session_id": "s", "device_id": "D"}
    ada.send(room, "m.room.encrypted", secret)
    letters = read(gardener)
    ada.send(room, "m.room.encrypted", secret)
    assert wishes(letters) == []
    assert wishes(read(gardener, letters.remembered)) == []
    assert ada.hears(room, gardener) == [REPLIES.encrypted]


def test_crowds_and_public_rooms_are_not_entered_for_long(
    gardener: Person, ada: Person, homeserver: Homeserver
) -> None:
    ben = newcomer(homeserver, "ben")
    crowd = ada.write_to(gardener, is_direct=False, preset="private_chat", invite=[gardener.id, ben.id])
    public = ada.write_to(gardener, is_direct=False, preset="public_chat")
    pair = ada.write_to(gardener, is_direct=False, preset="private_chat")
    for room in (crowd, public, pair):
        ada.say(room, "Hello!")
    letters = read(gardener)
    assert wishes(letters) == []
    assert gardener.rooms() == [pair]
    assert [ada.hears(room, gardener) for room in (crowd, public, pair)] == [[], [], [REPLIES.explain]]


def test_many_messages_between_two_readings_are_all_read(gardener: Person, ada: Person) -> None:
    room = ada.write_to(gardener)
    letters = read(gardener)
    ada.say(room, "!garden opt-out")
    for number in range(120):
        ada.say(room, f"And {number}.")
    assert wishes(read(gardener, letters.remembered)) == [(ada.id, True)]


def test_a_room_of_the_garden_is_no_private_one(gardener: Person, fresh_room: str) -> None:
    gardener.enter(fresh_room)
    letters = read(gardener, "{}", fresh_room)
    gardener.homeserver.send_message(fresh_room, "ben", "!garden opt-out")
    assert wishes(read(gardener, letters.remembered, fresh_room)) == []
    assert wishes(read(gardener, letters.remembered)) == [("@ben:fen.example", True)]


def test_what_waits_for_a_client_of_the_same_account_stays(gardener: Person, ada: Person) -> None:
    """A key of an encrypted room, sent to the device whose token the garden was lent."""
    device = gardener.call("GET", f"{V3}/account/whoami")["device_id"]
    key = {"messages": {gardener.id: {device: {"session_key": "needed"}}}}
    ada.call("PUT", f"{V3}/sendToDevice/m.room_key/{uuid.uuid4().hex}", key)
    letters = read(gardener)
    read(gardener, letters.remembered)
    waiting = gardener.call("GET", f"{V3}/sync?timeout=0")["to_device"]["events"]
    assert [event["content"] for event in waiting] == [{"session_key": "needed"}]


def test_a_guest_gets_no_letters(homeserver: Homeserver) -> None:
    assert read(Person(homeserver, homeserver.client.register_guest()), "kept") == Letters(remembered="kept")


def test_a_message_and_a_reaction_in_the_room_are_wishes_until_they_are_taken_back(
    gardener: Person, ada: Person, fresh_room: str, tmp_path: Path
) -> None:
    homeserver = gardener.homeserver
    garden_of(tmp_path, gardener, fresh_room).run("notice", fresh_room, "--join")
    (posted,) = notices(homeserver, fresh_room)
    ada.enter(fresh_room)
    relation = {"rel_type": "m.annotation", "event_id": posted, "key": "🚫\ufe0f"}
    sign = ada.send(fresh_room, "m.reaction", {"m.relates_to": relation})
    homeserver.send_message(fresh_room, "ben", "!garden opt-out")
    wishes = collect_wishes(told(gardener, fresh_room), {EventId(posted)})
    assert [(wish.user, wish.out, wish.event_id) for wish in wishes] == [
        (ada.id, True, sign),
        ("@ben:fen.example", True, None),
    ]
    ada.call("PUT", room_path(fresh_room, "redact", sign, uuid.uuid4().hex), {})
    events = told(gardener, fresh_room)
    assert [wish.user for wish in collect_wishes(events, {EventId(posted)})] == ["@ben:fen.example"]
    assert {(removal.user, removal.event_id) for removal in collect_removals(events)} == {(ada.id, sign)}

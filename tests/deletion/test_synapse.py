"""The same against the real Synapse: what people, moderators and admins remove there is gone here.

Each test does several removals at once, so that few commands have to run.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.deletion.dice import Dice
from tests.deletion.search import find_words
from tests.homeserver.client import Account, room_path
from tests.homeserver.community import SeedFile
from tests.homeserver.homeserver import Homeserver
from tests.integration.tended import Tended, tend

pytestmark = [pytest.mark.synapse, pytest.mark.xdist_group("synapse")]


class Talk:
    """What is said in a room of a homeserver, with words that are looked for later."""

    def __init__(self, homeserver: Homeserver, room: str, seed: str) -> None:
        self.homeserver = homeserver
        self.room = room
        self.dice = Dice(seed)
        self.words: dict[str, str] = {}
        self.events: dict[str, str] = {}

    def word(self, name: str) -> str:
        return self.words.setdefault(name, self.dice.word())

    def say(self, name: str, sender: str = "ada", **more: object) -> str:
        """Let somebody say a word that is called `name`."""
        content = {"msgtype": "m.text", "body": f"It is {self.word(name)}.", **more}
        self.events[name] = self.homeserver.send_message(self.room, sender, content)
        return self.events[name]

    def show(self, name: str) -> str:
        """Let somebody show a picture with a word beside it, and return the picture's address."""
        uri = self.homeserver.upload(SeedFile(self.dice.picture(), "image/png", "a.png"))
        self.say(name, msgtype="m.image", filename="a.png", url=uri)
        return uri

    def redact(self, name: str, sender: str) -> None:
        self.homeserver.redact(self.room, sender, self.events[name], self.word(f"reason for {name}"))


def check(garden: Tended, talk: Talk, *, stays: Iterable[str], goes: Iterable[str]) -> None:
    """Check which words stand in the garden's files by now."""
    wanted = {name: talk.words[name] for name in (*stays, *goes)}
    found = find_words(garden.folder, wanted.values())
    assert [name for name in stays if wanted[name] not in found] == []
    told = {name: sorted(found[wanted[name]]) for name in goes if wanted[name] in found}
    assert told == {}


def grow_fully(garden: Tended) -> None:
    garden.sync("--full")
    assert garden.run("build", "--quiet").code == 0


def pictures(garden: Tended) -> set[str]:
    return {path.name for path in garden.folder.glob("*/media/**/*") if path.is_file()}


def test_what_is_removed_at_the_homeserver_leaves_the_garden(homeserver: Homeserver, tmp_path: Path) -> None:
    """By senders, moderators, an edit, an erased account, a purge and a quarantine."""
    room = homeserver.create_room()
    talk = Talk(homeserver, room, "at the homeserver")
    purged = talk.say("purged")
    first_kept = talk.say("kept", "ben")
    hidden = talk.show("caption")
    other = talk.show("other caption")
    for name in ("own", "moderated", "edited", "edited twice"):
        talk.say(name)
    quoting = {"m.relates_to": {"m.in_reply_to": {"event_id": talk.events["own"]}}}
    talk.say("answer", "ben", body=f"> It is {talk.word('own')}.\n\n{talk.word('answer')}", **quoting)
    homeserver.edit(room, "ada", talk.events["edited twice"], talk.word("edit"))
    eve = f"eve-{uuid.uuid4().hex[:8]}"
    talk.say("erased", eve)
    homeserver.react(room, eve, first_kept, talk.word("reaction"))
    garden = tend(tmp_path, homeserver, room)
    garden.grow()
    kept = ["kept", "caption", "other caption", "answer"]
    going = ["own", "moderated", "edited", "edit", "erased", "reaction"]
    check(garden, talk, stays=[*kept, "purged", *going], goes=["edited twice"])
    shown = pictures(garden)
    talk.redact("own", "ada")
    talk.redact("moderated", "admin")
    talk.redact("edited twice", "ada")
    homeserver.edit(room, "ada", talk.events["edited"], "I take that back.")
    garden.grow()
    check(garden, talk, stays=[*kept, "purged", "erased"], goes=["own", "moderated", "edited", "edit"])
    homeserver.erase_user(eve)
    homeserver.purge(room, first_kept)
    homeserver.quarantine(hidden)
    assert other not in {hidden, purged}
    for _ in range(2):
        grow_fully(garden)
        check(garden, talk, stays=kept, goes=[*going, "purged", "edited twice"])
        assert len(pictures(garden)) == len(shown) // 2


def test_what_is_removed_while_a_room_is_closed_does_not_return_with_it(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    room = homeserver.create_room()
    talk = Talk(homeserver, room, "closed")
    for name in ("removed", "kept"):
        talk.say(name)
    homeserver.send(room, "admin", "m.room.topic", {"topic": talk.word("topic")}, state_key="")
    garden = tend(tmp_path, homeserver, room, homeserver.seeded.rooms["meadow"])
    garden.grow()
    check(garden, talk, stays=["removed", "kept", "topic"], goes=[])
    homeserver.set_visibility(room, "shared")
    talk.say("said inside")
    garden.sync()
    assert garden.run("build", "--quiet").code == 0
    check(garden, talk, stays=[], goes=["removed", "kept", "topic"])
    talk.redact("removed", "ada")
    homeserver.set_visibility(room, "world_readable")
    garden.grow()
    check(garden, talk, stays=["kept", "topic"], goes=["removed", "said inside", "reason for removed"])


def test_who_asks_to_be_left_out_is_nowhere(homeserver: Homeserver, tmp_path: Path) -> None:
    """In the room, by a private message, at the garden: three people, of whom Ben speaks."""
    room = homeserver.create_room()
    talk = Talk(homeserver, room, "left out")
    gardener = homeserver.register(f"gardener-{uuid.uuid4().hex[:8]}")
    people = [homeserver.register(talk.word(name)) for name in ("in the room", "by letter", "at the garden")]
    for person in people:
        _introduce(talk, person)
    talk.say("kept", "ben")
    garden = tend(tmp_path, homeserver, room, token=gardener.token)
    garden.grow()
    everything = [name for name in talk.words if name != "kept"]
    check(garden, talk, stays=["kept", *everything], goes=[])
    _say(homeserver, people[0], room, "!garden opt-out")
    letter = homeserver.client.call(
        "POST",
        "/_matrix/client/v3/createRoom",
        {"preset": "trusted_private_chat", "is_direct": True, "invite": [gardener.user_id]},
        token=people[1].token,
    )["room_id"]
    homeserver.client.call("POST", room_path(letter, "join"), {}, token=gardener.token)
    _say(homeserver, people[1], letter, "!garden opt-out")
    assert garden.run("forget", people[2].user_id).code == 0
    garden.grow()
    check(garden, talk, stays=["kept"], goes=everything)
    grow_fully(garden)
    check(garden, talk, stays=["kept"], goes=everything)
    assert garden.run("audit", *(person.user_id for person in people)).code == 0


def _introduce(talk: Talk, person: Account) -> None:
    """Let somebody come with a name and a picture and speak, and Ben speak to them."""
    homeserver, local = talk.homeserver, person.user_id[1:].partition(":")[0]
    client = homeserver.client
    profile = f"/_matrix/client/v3/profile/{person.user_id}"
    name = talk.word(f"name of {local}")
    client.call("PUT", f"{profile}/displayname", {"displayname": name}, token=person.token)
    avatar = client.upload(talk.dice.picture(), "image/png", "me.png", token=person.token)
    talk.words[f"avatar of {local}"] = avatar.rpartition("/")[2].lower()
    client.call("PUT", f"{profile}/avatar_url", {"avatar_url": avatar}, token=person.token)
    client.call("POST", room_path(talk.room, "join"), {}, token=person.token)
    _say(homeserver, person, talk.room, f"It is {talk.word(f'words of {local}')}.")
    pill = f'<a href="https://matrix.to/#/{person.user_id}">{name}</a>: hello'
    mention = {"m.mentions": {"user_ids": [person.user_id]}, "format": "org.matrix.custom.html"}
    homeserver.send_message(
        talk.room,
        "ben",
        {"msgtype": "m.text", "body": f"{name}: hello", "formatted_body": pill, **mention},
    )


def _say(homeserver: Homeserver, person: Account, room: str, body: str) -> None:
    path = room_path(room, "send", "m.room.message", uuid.uuid4().hex)
    homeserver.client.call("PUT", path, {"msgtype": "m.text", "body": body}, token=person.token)


def test_a_room_is_forgotten_while_its_space_still_lists_it(homeserver: Homeserver, tmp_path: Path) -> None:
    space, room = homeserver.create_room(is_space=True), homeserver.create_room()
    homeserver.add_to_space(space, room)
    talk = Talk(homeserver, room, "forgotten room")
    talk.say("said")
    talk.words["id"] = room[1:].partition(":")[0].lower()
    garden = tend(tmp_path, homeserver, spaces=[space])
    garden.grow()
    check(garden, talk, stays=["said", "id"], goes=[])
    assert garden.run("forget", room).code == 0
    assert garden.run("build", "--quiet").code == 0
    check(garden, talk, stays=[], goes=["said", "id"])
    garden.sync("--full")
    assert garden.run("build", "--quiet").code == 0
    check(garden, talk, stays=[], goes=["said", "id"])
    assert json.loads(garden.run("status", "--json").out)["rooms"] == []

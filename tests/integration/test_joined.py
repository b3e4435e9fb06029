"""An account that has joined is told more than the world, and its garden shows no more: not a byte.

People talk in rooms that are opened and closed at random. What they say is `open…` while the world may read
it and `quagmire…` while it may not, so whatever holds that word holds too much.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

import pytest

from tests.homeserver.client import Account, RefusedError, room_path
from tests.homeserver.community import JsonObject, SeedFile
from tests.homeserver.homeserver import Homeserver
from tests.integration.twins import plant_twins

pytestmark = [pytest.mark.synapse, pytest.mark.xdist_group("synapse")]

PRIVATE: Final = "quagmire"
_NOON: Final = 1_741_003_200_000
"""3 March 2025, 12:00 UTC."""
_STEP_MS: Final = 97 * 60_000
_PEOPLE: Final = ("ada", "ben", "cleo")
_VISIBILITIES: Final = ("world_readable", "world_readable", "shared", "joined", "invited")
_ROOMS: Final = 5
_STEPS: Final = 24
_POLL: Final = "org.matrix.msc3381.poll"


@dataclass(slots=True)
class Talk:
    """What happens in one room, by chance."""

    homeserver: Homeserver
    room: str
    visitor: Account
    """The account of the joined garden, which comes and goes."""
    chance: random.Random
    visibility: str = "world_readable"
    said: list[tuple[str, str]] = field(default_factory=list)
    """Event and sender of whatever can be answered, edited or removed."""
    polls: list[str] = field(default_factory=list)
    answers: set[str] = field(default_factory=set)
    """What stands in relation to something else, on which no thread can hang."""
    _numbers: Iterator[int] = field(default_factory=count)

    def go_on(self, steps: int) -> None:
        """Let so many things happen, one after the other."""
        ways: dict[Callable[[], object], int] = {
            self.turn: 3,
            self.say: 6,
            self.answer: 4,
            self.edit: 4,
            self.react: 3,
            self.remove: 2,
            self.show_file: 2,
            self.rename: 1,
            self.retitle: 1,
            self.pin: 1,
            self.ask: 1,
            self.vote: 2,
            self.come_or_go: 2,
        }
        for way in self.chance.choices(list(ways), list(ways.values()), k=steps):
            way()

    def turn(self) -> None:
        """Change who may read what is said from now on."""
        self.show(self.chance.choice(_VISIBILITIES))

    def show(self, visibility: str) -> None:
        """Let these read what is said from now on."""
        self.homeserver.set_visibility(self.room, visibility)
        self.visibility = visibility

    def words(self) -> str:
        """Return words that nobody has said before."""
        return f"{'open' if self.visibility == 'world_readable' else PRIVATE}{next(self._numbers)}"

    def say(self, **more: object) -> None:
        """Say something."""
        sender = self.chance.choice(_PEOPLE)
        content = {"msgtype": "m.text", "body": f"Said {self.words()}.", **more}
        self.said.append((self._send(sender, "m.room.message", content), sender))

    def answer(self) -> None:
        """Answer something, in a thread or not."""
        if self.said:
            event_id, _ = self.chance.choice(self.said)
            relation: dict[str, object] = {"m.in_reply_to": {"event_id": event_id}}
            if event_id not in self.answers and self.chance.random() < 0.5:
                relation |= {"rel_type": "m.thread", "event_id": event_id}
            self.say(**{"m.relates_to": relation})
            self.answers.add(self.said[-1][0])

    def edit(self) -> None:
        """Word something anew."""
        if self.said:
            event_id, sender = self.chance.choice(self.said)
            new = {"msgtype": "m.text", "body": f"Rather {self.words()}."}
            relation = {"rel_type": "m.replace", "event_id": event_id}
            content = {**new, "body": f"* {new['body']}", "m.new_content": new, "m.relates_to": relation}
            self._send(sender, "m.room.message", content)

    def react(self) -> None:
        """React to something."""
        if self.said:
            event_id, _ = self.chance.choice(self.said)
            relation = {"rel_type": "m.annotation", "event_id": event_id, "key": self.words()}
            with suppress(RefusedError):  # nobody reacts twice with one key, nor to what is gone
                self._send(self.chance.choice(_PEOPLE), "m.reaction", {"m.relates_to": relation})

    def remove(self) -> None:
        """Take something back, or have a moderator remove it."""
        if self.said:
            event_id, sender = self.chance.choice(self.said)
            content = {"redacts": event_id, "reason": f"Because of {self.words()}."}
            self._send(self.chance.choice((sender, "admin")), "m.room.redaction", content)

    def show_file(self) -> None:
        """Show a file."""
        words = self.words()
        url = self.homeserver.upload(SeedFile(f"Holds {words}.".encode(), "text/plain", f"{words}.txt"))
        self.say(msgtype="m.file", body=f"{words}.txt", url=url, info={"mimetype": "text/plain"})

    def rename(self) -> None:
        """Go by another name for a moment."""
        sender = self.chance.choice(_PEOPLE)
        for name in (self.words(), sender.title()):
            content = {"membership": "join", "displayname": name}
            self._send(sender, "m.room.member", content, state_key=f"@{sender}:fen.example")

    def retitle(self) -> None:
        """Give the room another topic for a moment."""
        for topic in (self.words(), "Of the water."):
            self._send("admin", "m.room.topic", {"topic": topic}, state_key="")

    def pin(self) -> None:
        """Pin something."""
        if self.said:
            content = {"pinned": [self.chance.choice(self.said)[0]]}
            self._send("admin", "m.room.pinned_events", content, state_key="")

    def ask(self) -> None:
        """Put something to the vote."""
        sender, text = self.chance.choice(_PEOPLE), "org.matrix.msc1767.text"
        answers = [{"id": str(number), text: self.words()} for number in range(2)]
        poll = {
            "kind": f"{_POLL}.disclosed",
            "question": {text: f"Asked {self.words()}?"},
            "answers": answers,
        }
        event_id = self._send(sender, f"{_POLL}.start", {f"{_POLL}.start": poll, text: "A question."})
        self.polls.append(event_id)
        self.said.append((event_id, sender))

    def vote(self) -> None:
        """Take part in a vote."""
        if self.polls:
            relation = {"rel_type": "m.reference", "event_id": self.chance.choice(self.polls)}
            choice = {f"{_POLL}.response": {"answers": [self.chance.choice("01")]}, "m.relates_to": relation}
            self._send(self.chance.choice(_PEOPLE), f"{_POLL}.response", choice)

    def come_or_go(self) -> None:
        """Let the joined garden's account in, or out."""
        path = room_path(self.room, self.chance.choice(("join", "leave")))
        with suppress(RefusedError):  # nobody leaves twice
            self.homeserver.client.call("POST", path, {}, token=self.visitor.token)

    def _send(
        self, sender: str, event_type: str, content: JsonObject, *, state_key: str | None = None
    ) -> str:
        ts = _NOON + next(self._numbers) * _STEP_MS
        return self.homeserver.send(self.room, sender, event_type, content, state_key=state_key, ts=ts)


def all_at_once(action: Callable[[Talk], object], talks: Iterable[Talk]) -> None:
    with ThreadPoolExecutor(_ROOMS) as pool:
        for _ in pool.map(action, talks):
            pass


def test_an_account_that_joined_publishes_exactly_what_one_that_never_joined_does(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    visitor = homeserver.register("visitor")
    talks = [
        Talk(homeserver, homeserver.create_room(), visitor, random.Random(number)) for number in range(_ROOMS)
    ]
    rooms = [talk.room for talk in talks]
    twins = plant_twins(tmp_path, homeserver.base_url, rooms, homeserver.seeded.reader, visitor)

    def open_again(talk: Talk) -> None:
        talk.show("world_readable")
        talk.say()

    def moderate(talk: Talk) -> None:
        open_again(talk)
        homeserver.redact(talk.room, "admin", talk.chance.choice(talk.said)[0])

    for _ in range(3):
        all_at_once(lambda talk: talk.go_on(_STEPS), talks)
        twins.sync()
    all_at_once(open_again, talks)
    twins.grow()
    twins.check(PRIVATE)
    assert twins.joined.text().count("Said open") > 5 * _ROOMS
    for talk in talks[::2]:
        talk.show("shared")
        talk.say()
    twins.grow()
    twins.check(PRIVATE)
    all_at_once(moderate, talks)
    twins.grow()
    twins.check(PRIVATE)


def test_an_edit_that_was_sent_in_private_leaves_standing_what_was_said_in_the_open(
    homeserver: Homeserver, fresh_room: str, tmp_path: Path
) -> None:
    visitor = homeserver.register("editors-visitor")
    homeserver.join(fresh_room, "editors-visitor")
    twins = plant_twins(tmp_path, homeserver.base_url, [fresh_room], homeserver.seeded.reader, visitor)
    said = homeserver.send_message(fresh_room, "ada", "Said in the open.")
    twins.grow()
    homeserver.set_visibility(fresh_room, "shared")
    homeserver.edit(fresh_room, "ada", said, f"Said in the {PRIVATE}.")
    homeserver.set_visibility(fresh_room, "world_readable")
    twins.grow()
    twins.check(PRIVATE)
    for garden in (twins.unjoined, twins.joined):
        assert garden.messages(fresh_room)[said] == "Said in the open."
        assert "Said in the open." in garden.text()


def test_what_a_room_and_its_people_were_called_in_private_is_in_no_archive(
    homeserver: Homeserver, fresh_room: str, tmp_path: Path
) -> None:
    visitor = homeserver.register("callers-visitor")
    homeserver.join(fresh_room, "callers-visitor")
    twins = plant_twins(tmp_path, homeserver.base_url, [fresh_room], homeserver.seeded.reader, visitor)
    homeserver.send_message(fresh_room, "ada", "Said in the open.")
    homeserver.set_visibility(fresh_room, "shared")
    for name in (f"Ada of the {PRIVATE}", "Ada"):
        content = {"membership": "join", "displayname": name}
        homeserver.send(fresh_room, "ada", "m.room.member", content, state_key="@ada:fen.example")
    for topic in (f"Of the {PRIVATE}.", "Of the water."):
        homeserver.send(fresh_room, "admin", "m.room.topic", {"topic": topic}, state_key="")
    homeserver.set_visibility(fresh_room, "world_readable")
    twins.grow()
    twins.check(PRIVATE)
    assert "Of the water." in twins.joined.text()


def test_an_account_that_left_reads_the_room_as_it_is_by_now(
    homeserver: Homeserver, fresh_room: str, tmp_path: Path
) -> None:
    visitor = homeserver.register("leaver-visitor")
    twins = plant_twins(tmp_path, homeserver.base_url, [fresh_room], homeserver.seeded.reader, visitor)
    homeserver.join(fresh_room, "leaver-visitor")
    homeserver.send_message(fresh_room, "ada", "Said while it was there.")
    twins.sync()
    homeserver.set_visibility(fresh_room, "shared")
    homeserver.leave(fresh_room, "leaver-visitor")
    homeserver.set_visibility(fresh_room, "world_readable")
    homeserver.send_message(fresh_room, "ada", "Said when it had left.")
    for options in ((), ("--full",)):
        twins.grow(*options)
        twins.check(PRIVATE)
        assert "Said while it was there." in twins.joined.text()
        assert "Said when it had left." in twins.joined.text()
    homeserver.set_visibility(fresh_room, "shared")
    homeserver.send_message(fresh_room, "ada", f"Said in the {PRIVATE}.")
    twins.grow()
    twins.check(PRIVATE)
    assert not twins.joined.has_anywhere("Said while it was there.")

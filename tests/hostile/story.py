"""Rooms in which Ada and Ben talk and Mallory breaks in: hostile texts go in, events come out.

The story stays the same whatever the text, so that a page can be compared with what was sent.
A `RoomOfNames` has one text for everything that a room, a person or a page is called by; a `RoomOfWords`
has many, each in every place of a message, below one question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from garden.archive.event import EventId
from garden.pages.address import message_anchor
from tests.hostile.case import VICTIM, Case
from tests.hostile.places import ADA, BEGIN, BEN, EVENTS, HTML, MALLORY, MESSAGES, NAMING, SERVER, STATE, Json

_MINUTE: Final = 60_000
_DAY: Final = 86_400_000

CALM: Final[Mapping[str, str]] = {
    "ada-day": "Words of the day before.",
    "ben-day": "Words behind the changes of the room.",
    "ada-first": "I never said more than this.",
    "ben-between": "Nor did I.",
    "ada-last": "And still here.",
    "root-answer": "An answer to what was said.",
    "root-html-answer": "An answer to what was written.",
}
"""What Ada and Ben say, by the names of their messages; nobody may change it, add to it or hide it."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room of the story; `events` gives it its own."""

    number: int
    """Unique in the garden."""

    @property
    def room_id(self) -> str:
        """The room's identifier."""
        return f"!room{self.number}:{SERVER}"

    def event_id(self, name: str) -> str:
        """Return the identifier of an event by its name in the story."""
        return f"${name}-{self.number}"

    def events(self) -> Iterator[Json]:
        """Yield all events, oldest first."""
        begin = BEGIN + self.number * 7
        for index, event in enumerate(self._tell()):
            yield {"room_id": self.room_id, "origin_server_ts": begin + index * _MINUTE, **event}

    def _tell(self) -> Iterator[Json]:
        raise NotImplementedError

    def _aim(self, case: Case) -> str:
        """Point a text at Ada's first message."""
        return case.text.replace(VICTIM, message_anchor(EventId(self.event_id("ada-first"))))

    def _introduce(self) -> Iterator[Json]:
        for user, name in ((ADA, "Ada Lindqvist"), (BEN, "Ben Ode")):
            profile: Json = {"membership": "join", "displayname": name}
            yield self._send(f"member-{name[:3]}", user, "m.room.member", profile) | {"state_key": user}

    def _call_mallory(self, name: str, text: str) -> Json:
        profile: Json = {"membership": "join", "displayname": text, "avatar_url": text, "reason": text}
        return self._send(name, MALLORY, "m.room.member", profile) | {"state_key": MALLORY}

    def _calm(self, name: str, sender: str, root: str = "") -> Json:
        content: Json = {"msgtype": "m.text", "body": CALM[name]}
        if root:
            return self._thread(name, "m.room.message", content, root) | {"sender": sender}
        return self._send(name, sender, "m.room.message", content)

    def _thread(self, name: str, kind: str, content: Json, root: str = "ada-first") -> Json:
        relation = {"rel_type": "m.thread", "event_id": self.event_id(root)}
        return self._send(name, MALLORY, kind, {**content, "m.relates_to": relation})

    def _say(self, name: str, body: str, **more: object) -> Json:
        return self._send(name, MALLORY, "m.room.message", {"msgtype": "m.text", "body": body, **more})

    def _send(self, name: str, sender: str, kind: str, content: Json) -> Json:
        return {"event_id": self.event_id(name), "sender": sender, "type": kind, "content": content}


@dataclass(frozen=True, slots=True)
class RoomOfNames(Room):
    """One text is the name of everything: room, topic, alias, people, widgets, pages, identifiers."""

    case: Case

    def _tell(self) -> Iterator[Json]:
        text = self._aim(self.case)
        yield self._calm("ada-day", ADA) | {"origin_server_ts": BEGIN - _DAY}
        yield from self._introduce()
        yield self._call_mallory("member-mallory", text)
        for name, make in STATE.items():
            kind, key, content = make(text)
            yield self._send(f"state-{name}", MALLORY, kind, content) | {"state_key": key}
        yield self._calm("ben-day", BEN)
        yield self._say("root", text)
        yield self._calm("root-answer", ADA, "root")
        yield self._say("root-html", "words", format=HTML, formatted_body=text)
        yield self._calm("root-html-answer", ADA, "root-html")
        yield from self._identify(text)

    def _identify(self, text: str) -> Iterator[Json]:
        """Identifiers and times that are made of the text."""
        folded = "".join(text.split())[:60]
        yield self._say("hanging", "words", **{"m.relates_to": {"rel_type": "m.thread", "event_id": text}})
        yield self._say("named", "words") | {"event_id": f"${text}-{self.number}"}
        yield self._say("named-folded", "words") | {"event_id": f"${folded}-{self.number}"}
        yield self._say("sent-by", "words") | {"sender": f"@{folded}:{SERVER}"}
        yield self._say("sent-later", "words") | {"origin_server_ts": text}


@dataclass(frozen=True, slots=True)
class RoomOfWords(Room):
    """Some texts in every place of a message, below Ada's question."""

    cases: Sequence[Case]

    def _tell(self) -> Iterator[Json]:
        yield from self._introduce()
        yield self._calm("ada-first", ADA)
        for case in self.cases:
            text = self._aim(case)
            yield self._call_mallory(f"member-{case.name}", text)
            for name, make_message in MESSAGES.items():
                if not case.is_name or name in NAMING:
                    yield self._thread(f"{case.name}-{name}", "m.room.message", make_message(text))
            for name, make_event in EVENTS.items():
                yield self._thread(f"{case.name}-event-{name}", *make_event(text))
            yield from self._relate(case.name, text)
            yield self._calm("ben-between", BEN, "ada-first") | {
                "event_id": self.event_id(f"{case.name}-ben-between")
            }
        yield self._calm("ada-last", ADA, "ada-first")

    def _relate(self, case: str, text: str) -> Iterator[Json]:
        """Edits, reactions, answers, votes and redactions, of what exists and of what the text names."""
        edit: Json = {"msgtype": "m.text", "body": text, "format": HTML, "formatted_body": text}
        targets = {"own": f"{case}-body", "victim": "ada-first"}
        for name, target in {
            **{key: self.event_id(value) for key, value in targets.items()},
            "nothing": text,
        }.items():
            relation = {"rel_type": "m.replace", "event_id": target}
            yield self._say(f"{case}-edit-{name}", text, **{"m.new_content": edit, "m.relates_to": relation})
            yield self._react(f"{case}-react-{name}", target, text)
            answer = {"m.relates_to": {"m.in_reply_to": {"event_id": target}}}
            yield self._say(f"{case}-answer-{name}", text, **answer)
        own = self.event_id(f"{case}-body")
        yield self._react(f"{case}-emoji", own, f"mxc://{SERVER}/{text}", shortcode=text)
        yield self._react(
            f"{case}-emoji-2", own, f"mxc://{SERVER}/x", **{"com.beeper.reaction.shortcode": text}
        )
        yield self._react(f"{case}-ben", own, "\N{SEEDLING}") | {"sender": BEN}
        yield from self._vote(case, text)
        yield self._say(f"{case}-removed", "taken back")
        for name, target in (("removal", self.event_id(f"{case}-removed")), ("removal-odd", text)):
            content: Json = {"redacts": target, "reason": text}
            yield self._send(f"{case}-{name}", MALLORY, "m.room.redaction", content)

    def _react(self, name: str, target: str, key: str, **more: object) -> Json:
        relation = {"rel_type": "m.annotation", "event_id": target, "key": key}
        return self._send(name, MALLORY, "m.reaction", {"m.relates_to": relation, **more})

    def _vote(self, case: str, text: str) -> Iterator[Json]:
        for poll, kind in (("poll", "m.poll"), ("poll-old", "org.matrix.msc3381.poll")):
            target = self.event_id(f"{case}-event-{poll}")
            about: Json = {"m.relates_to": {"rel_type": "m.reference", "event_id": target}}
            vote: Json = {"m.selections": [text], "org.matrix.msc3381.poll.response": {"answers": [text]}}
            end: Json = {"m.text": [{"body": text}], "body": text}
            yield self._send(f"{case}-{poll}-vote", BEN, f"{kind}.response", vote | about)
            yield self._send(f"{case}-{poll}-end", MALLORY, f"{kind}.end", end | about)

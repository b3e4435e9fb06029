"""A large community, the same at every run: a seed goes in, events as a homeserver sends them come out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

SERVER: Final = "bench.example"
BEGIN: Final = 1_700_000_000_000
"""14 November 2023."""
_TWO_YEARS: Final = 63_072_000_000
_TAGS: Final = ("beans", "water", "tools", "bees", "bread", "compost", "cellar", "sensors")

JsonObject = dict[str, object]


@dataclass(slots=True)
class Community:
    """Rooms with threads, reply chains, chatter, edits, reactions, code and links between conversations."""

    conversations: int
    """About so many pages; a thread or chain has ten messages on average."""
    rooms: int = 8
    people: int = 60
    dice: random.Random = field(default_factory=lambda: random.Random(2026))
    roots: list[tuple[str, str]] = field(default_factory=list)
    """Room and event of every root so far, for links to it."""
    count: int = 0

    def events(self) -> Iterator[JsonObject]:
        """Yield all events, room by room, oldest first."""
        words = [self._make_word() for _ in range(4000)]
        share = -(-self.conversations // self.rooms)
        for number in range(self.rooms):
            room = room_id(number)
            yield from self._open(room, number)
            for index in range(min(share, self.conversations - number * share)):
                at = BEGIN + _TWO_YEARS * index // share
                yield from self._converse(room, at, words)

    def _open(self, room: str, number: int) -> Iterator[JsonObject]:
        state: dict[str, JsonObject] = {
            "m.room.create": {"room_version": "11"},
            "m.room.history_visibility": {"history_visibility": "world_readable"},
            "m.room.canonical_alias": {"alias": f"#room-{number}:{SERVER}"},
            "m.room.name": {"name": f"Room {number}"},
        }
        for kind, content in state.items():
            yield self._event(room, 0, kind, content, BEGIN) | {"state_key": ""}
        for person in range(self.people):
            member: JsonObject = {"membership": "join", "displayname": f"Person {person}"}
            yield self._event(room, person, "m.room.member", member, BEGIN) | {"state_key": user_id(person)}

    def _converse(self, room: str, at: int, words: list[str]) -> Iterator[JsonObject]:
        threaded = self.dice.random() < 0.8
        root = self._say(room, at, self._write(words))
        yield root
        self.roots.append((room, str(root["event_id"])))
        last = root
        for number in range(self.dice.randint(2, 16)):
            at += self.dice.randint(20_000, 40_000_000)
            relation: JsonObject = {"m.in_reply_to": {"event_id": last["event_id"]}}
            if threaded:
                falling_back = self.dice.random() < 0.6
                relation |= {
                    "rel_type": "m.thread",
                    "event_id": root["event_id"],
                    "is_falling_back": falling_back,
                }
            last = self._say(room, at, self._write(words), relation)
            yield last
            yield from self._react(room, last, at, number)
        if self.dice.random() < 0.3:
            yield self._say(room, at + 1000, self._write(words))

    def _react(self, room: str, said: JsonObject, at: int, number: int) -> Iterator[JsonObject]:
        if self.dice.random() < 0.2:
            relation = {"rel_type": "m.annotation", "event_id": said["event_id"], "key": "🌱"}
            yield self._event(room, number, "m.reaction", {"m.relates_to": relation}, at + 500)
        if self.dice.random() < 0.1:
            content = said["content"]
            assert isinstance(content, dict)
            new: JsonObject = {"msgtype": "m.text", "body": f"{content['body']} (mended)"}
            edit = {
                **new,
                "m.new_content": new,
                "m.relates_to": {"rel_type": "m.replace", "event_id": said["event_id"]},
            }
            yield self._event(room, 0, "m.room.message", edit, at + 700) | {"sender": said["sender"]}

    def _say(self, room: str, at: int, content: JsonObject, relation: JsonObject | None = None) -> JsonObject:
        related = {"m.relates_to": relation} if relation else {}
        return self._event(room, self.dice.randrange(self.people), "m.room.message", content | related, at)

    def _write(self, words: list[str]) -> JsonObject:
        body = " ".join(self._sentence(words) for _ in range(self.dice.randint(1, 5)))
        if self.dice.random() < 0.15:
            body += f" #{self.dice.choice(_TAGS)}"
        if self.roots and self.dice.random() < 0.1:
            room, root = self.dice.choice(self.roots)
            body += f" See https://matrix.to/#/{room}/{root} for more."
        content: JsonObject = {"msgtype": "m.text", "body": body}
        if self.dice.random() < 0.25:
            html = f"<p>{body}</p><ul><li>{self._sentence(words)}</li><li><em>mulch</em></li></ul>"
            if self.dice.random() < 0.3:
                html += f'<pre><code class="language-python">print("{self._sentence(words)}")\n</code></pre>'
            content |= {"format": "org.matrix.custom.html", "formatted_body": html}
        return content

    def _sentence(self, words: list[str]) -> str:
        # A power law, as in any language: few words are common, many are rare.
        chosen = [words[int(len(words) * self.dice.random() ** 3)] for _ in range(self.dice.randint(5, 18))]
        return " ".join(chosen).capitalize() + "."

    def _make_word(self) -> str:
        syllables = ("ba", "ne", "lo", "ti", "ru", "sa", "mek", "dor", "fen", "il", "ost", "vy")
        return "".join(self.dice.choices(syllables, k=self.dice.randint(1, 4)))

    def _event(self, room: str, person: int, kind: str, content: JsonObject, at: int) -> JsonObject:
        self.count += 1
        return {
            "room_id": room,
            "event_id": f"$event-{self.count}",
            "sender": user_id(person),
            "type": kind,
            "origin_server_ts": at,
            "content": content,
        }


def room_id(number: int) -> str:
    """Return the identifier of a room."""
    return f"!room{number}:{SERVER}"


def user_id(person: int) -> str:
    """Return the identifier of a person."""
    return f"@person{person}:{SERVER}"


def one_answer(root: str) -> JsonObject:
    """Return one more message in the thread of `root`, in the first room, after everything else."""
    relation = {"rel_type": "m.thread", "event_id": root, "is_falling_back": True}
    return {
        "room_id": room_id(0),
        "event_id": "$one-answer",
        "sender": user_id(0),
        "type": "m.room.message",
        "origin_server_ts": BEGIN + 2 * _TWO_YEARS,
        "content": {"msgtype": "m.text", "body": "One more thing.", "m.relates_to": relation},
    }

"""Where words are planted: dice and events go in, rooms come out with a list of what stands where in them.

It is Wren who is going to be removed. A removal takes her wordings, her events, her as a person, or the whole
room, each of which takes more than the one before; what Ben, Cleo and Mo say beside her survives the first
three, what stands in the other room survives them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Flag, auto
from typing import Final

from garden.archive.event import MxcUri, RoomId
from tests.archive.material import Json
from tests.deletion.dice import Dice
from tests.hostile.places import HTML

BED: Final = RoomId("!bed:fen.example")
"""The room from which something is removed."""
MEADOW: Final = RoomId("!meadow:fen.example")
"""A room that stays, in which people speak of the other one."""
BEN: Final = "@ben:fen.example"
CLEO: Final = "@cleo:fen.example"
MO: Final = "@mo:fen.example"
BOT: Final = "@bridge:fen.example"

_BEGIN: Final = 1_700_000_000_000
_MINUTE: Final = 60_000


class Scope(Flag):
    """How much a removal takes."""

    EDIT = auto()
    """The wordings of Wren's messages, as far as edits replace them."""
    EVENT = auto()
    """Wren's events, one by one."""
    PERSON = auto()
    """Wren: her events, her identifier, her names and her pictures."""
    ROOM = auto()
    """The room."""


SAID: Final = Scope.EVENT | Scope.PERSON | Scope.ROOM
"""What Wren said."""
WORDED: Final = SAID | Scope.EDIT
"""What Wren said and can say differently."""
NAMED: Final = Scope.PERSON | Scope.ROOM
"""Who Wren is."""
NEVER: Final = Scope(0)
"""What stays whatever is removed."""


@dataclass(frozen=True, slots=True)
class Planted:
    """One word, and where it was planted."""

    place: str
    word: str
    scope: Scope
    """The removals with which it goes."""
    is_kept: bool = True
    """Whether it stands anywhere before; if not, it must not stand anywhere at any time."""
    is_shown: bool = True
    """Whether it stands on the site before."""


@dataclass
class Planting:
    """Rooms, files and what was planted in them, as they come about."""

    dice: Dice
    planted: list[Planted] = field(default_factory=list)
    rooms: dict[RoomId, list[Json]] = field(default_factory=lambda: {BED: [], MEADOW: []})
    files: dict[MxcUri, bytes] = field(default_factory=dict)
    shown_files: set[MxcUri] = field(default_factory=set)
    wren: str = ""

    def word(self, place: str, scope: Scope, *, is_shown: bool = True, is_kept: bool = True) -> str:
        """Make a word for a place."""
        word = self.dice.word()
        self.planted.append(Planted(place, word, scope, is_kept, is_shown and is_kept))
        return word

    def file(self, place: str, scope: Scope, data: bytes | None = None, *, is_shown: bool = True) -> MxcUri:
        """Make a file, a picture where none is given, and return its address, which is a word, too."""
        uri = MxcUri(f"mxc://fen.example/{self.word(f'{place}: address', scope, is_shown=False)}")
        self.files[uri] = data if data is not None else self.dice.picture()
        self.shown_files |= {uri} if is_shown else set()
        return uri

    def tell(
        self, name: str, kind: str, content: object, sender: str = "", *, room: RoomId = BED, **more: object
    ) -> str:
        """Let somebody, Wren unless it is said who, send an event; returns its id."""
        timeline, event_id = self.rooms[room], f"${name.replace(' ', '-')}"
        timeline.append(
            {
                "type": kind,
                "room_id": room,
                "event_id": event_id,
                "sender": sender or self.wren,
                "origin_server_ts": _BEGIN + len(timeline) * _MINUTE,
                "content": content,
                **more,
            }
        )
        return event_id

    def say(self, name: str, content: str | Json, sender: str = "", *, room: RoomId = BED) -> str:
        """Let somebody say something."""
        content = text(content) if isinstance(content, str) else content
        return self.tell(name, "m.room.message", content, sender, room=room)

    def answer(self, name: str, target: str, content: str | Json, sender: str = BEN) -> str:
        """Let somebody, Ben unless it is said who, answer a message."""
        content = text(content) if isinstance(content, str) else content
        return self.say(name, {**content, "m.relates_to": {"m.in_reply_to": {"event_id": target}}}, sender)

    def set_state(
        self, kind: str, content: object, sender: str = MO, *, key: str = "", room: RoomId = BED
    ) -> str:
        """Let somebody change the room's state."""
        return self.tell(
            f"state {room[1:4]} {len(self.rooms[room])}", kind, content, sender, room=room, state_key=key
        )


def text(body: str, **more: object) -> Json:
    """Return the content of a message."""
    return {"msgtype": "m.text", "body": body, **more}


def formatted(html: str, body: str = "words") -> Json:
    """Return the content of a message with HTML."""
    return text(body, format=HTML, formatted_body=html)


def in_thread(root: str, content: Json) -> Json:
    """Return a content as an answer in a thread; what else it relates to stays."""
    relation = content.get("m.relates_to")
    own = relation if isinstance(relation, Mapping) else {}
    return {**content, "m.relates_to": {**own, "rel_type": "m.thread", "event_id": root}}


def edit_of(target: str, content: Json) -> Json:
    """Return the content of an edit, with the new wording beside it for clients that know no edits."""
    relation = {"rel_type": "m.replace", "event_id": target}
    wording = {key: value for key, value in content.items() if key != "m.relates_to"}
    return {**wording, "m.new_content": wording, "m.relates_to": relation}

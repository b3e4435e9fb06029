"""What is to be seeded and what came of it: `SeedRoom` and `SeedFile` go into `seed`, `Seeded` comes out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from .client import Account
from .synapse import SERVER_NAME

SPACE: Final = "fen"
"""Name of the space that holds every room which names no other."""

JsonObject = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SeedFile:
    """A file that events show under an invented `mxc://` URL."""

    data: bytes
    content_type: str
    file_name: str


@dataclass(frozen=True, slots=True)
class SeedRoom:
    """A room as somebody wrote it down, before any server has seen it."""

    name: str
    """What tests find it by; its alias is `#name:fen.example`."""
    title: str
    """`m.room.name`."""
    topic: str = ""
    events: Sequence[JsonObject] = ()
    """Client events in the order of sending: `sender`, `type`, `content`, and where they have them
    `event_id`, `origin_server_ts`, `state_key`, `redacts`. `m.room.create` is left out, since the server
    makes its own."""
    room_id: str = ""
    """The invented id that events use for it; `!name:fen.example` where empty."""
    history_visibility: str = "world_readable"
    invite_only: bool = False
    is_space: bool = False
    parent: str | None = SPACE
    """Name of the space that lists it; None for none."""
    replaces: str | None = None
    """Name of the room that is upgraded to this one once its last event is sent."""
    version: str = "12"
    """Room version."""

    @property
    def invented_id(self) -> str:
        """The room id that events use before the server has given one."""
        return self.room_id or f"!{self.name}:{SERVER_NAME}"

    @property
    def people(self) -> list[str]:
        """User ids of everybody who sends something here, in order of appearance."""
        return list(dict.fromkeys(event["sender"] for event in self.events))

    @property
    def event_ids(self) -> Iterator[str]:
        """The invented ids of its events, as far as they have one."""
        return (event["event_id"] for event in self.events if "event_id" in event)

    @property
    def first_time(self) -> int | None:
        """The earliest `origin_server_ts` in milliseconds, or None."""
        return min(
            (event["origin_server_ts"] for event in self.events if "origin_server_ts" in event), default=None
        )


@dataclass(frozen=True, slots=True)
class Seeded:
    """What the server holds now, by the names it was written with; says nothing of the port it runs on."""

    rooms: Mapping[str, str]
    """`SeedRoom.name` to the real room id."""
    ids: Mapping[str, str]
    """Every invented event id, room id and `mxc://` URL to the real one."""
    admin: Account
    """Server administrator, and creator of every room."""
    reader: Account
    """An ordinary account that joined nothing."""
    guest: Account
    member: Account
    """An ordinary account that joined everything."""

    def event_id(self, name: str) -> str:
        """Return the real id of the event that was written as `$name`."""
        return self.ids[f"${name}"]

    def to_json(self) -> str:
        """Write it down for another process."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> Seeded:
        """Read what `to_json` wrote."""
        value = json.loads(text)
        accounts = {name: Account(**value[name]) for name in ("admin", "reader", "guest", "member")}
        return cls(rooms=value["rooms"], ids=value["ids"], **accounts)

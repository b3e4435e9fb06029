"""The Room: what its current state says about it, ready for readers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from garden.archive.event import NOBODY, Event, EventId, RoomAlias, RoomId, get_text
from garden.conversations.change import read_topic
from garden.conversations.label import clean_label

_LONGEST_NAME: Final = 255
_MOST_PINS: Final = 50
_EVENT_ID: Final = re.compile(r"\$[^\s]{1,254}")


@dataclass(frozen=True, slots=True)
class Room:
    """A room as its state events describe it (client-server API, "Room state")."""

    room_id: RoomId
    name: str
    """Never empty: name, else alias, else the identifier."""
    topic: str = ""
    alias: RoomAlias | None = None
    """The canonical alias, where the room has one."""
    via: str | None = None
    """A server that is in the room, for links into it."""
    pinned: tuple[EventId, ...] = ()
    """Events that the room's moderators have pinned, the newest pin last; perhaps none that is known."""


def describe_room(room_id: RoomId, state: Iterable[Event]) -> Room:
    """Read name, topic, alias and pins from a room's current state."""
    by_type = {event.type: event for event in state if event.state_key == ""}
    contents = {kind: event.content for kind, event in by_type.items()}
    create = by_type.get("m.room.create")

    def value(event_type: str, *path: str) -> str:
        return get_text(contents.get(event_type), *path) or ""

    alias = " ".join(value("m.room.canonical_alias", "alias").split())
    return Room(
        room_id=room_id,
        name=clean_label(value("m.room.name", "name"), _LONGEST_NAME)
        or clean_label(alias, _LONGEST_NAME)
        or room_id,
        topic=read_topic(contents.get("m.room.topic", {})),
        alias=RoomAlias(alias) if alias.startswith("#") and ":" in alias else None,
        via=_server_of(alias) or _server_of(room_id) or _creator_server(create),
        pinned=_read_pinned(contents.get("m.room.pinned_events", {})),
    )


def _read_pinned(content: Mapping[str, object]) -> tuple[EventId, ...]:
    listed = content.get("pinned")
    valid = (each for each in listed if isinstance(each, str)) if isinstance(listed, list) else ()
    found = dict.fromkeys(EventId(each) for each in valid if _EVENT_ID.fullmatch(each))
    return tuple(found)[-_MOST_PINS:]


def _creator_server(create: Event | None) -> str | None:
    return _server_of(create.sender) if create is not None and create.sender != NOBODY else None


def _server_of(identifier: str) -> str | None:
    """Room identifiers of version 12 name no server."""
    return identifier.split(":", 1)[1] if ":" in identifier else None

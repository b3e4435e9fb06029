"""The Room: what its current state says about it, ready for readers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from garden.archive.event import Event, RoomAlias, RoomId, UserId, get_text


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


def describe_room(room_id: RoomId, state: Iterable[Event]) -> Room:
    """Read name, topic and alias from a room's current state."""
    by_type = {event.type: event for event in state if event.state_key == ""}

    def value(event_type: str, key: str) -> str:
        event = by_type.get(event_type)
        text = get_text(event.content, key) if event is not None else None
        return " ".join((text or "").split())

    alias = value("m.room.canonical_alias", "alias")
    return Room(
        room_id=room_id,
        name=value("m.room.name", "name") or alias or room_id,
        topic=value("m.room.topic", "topic"),
        alias=RoomAlias(alias) if alias.startswith("#") and ":" in alias else None,
        via=_server_of(alias) or _server_of(room_id) or _creators_server(by_type),
    )


def name_members(events: Iterable[Event]) -> dict[UserId, str]:
    """Map members to their display names, later events winning."""
    names: dict[UserId, str] = {}
    for event in events:
        note_name(names, event)
    return names


def note_name(names: dict[UserId, str], event: Event) -> None:
    """Take in one event: membership events carry a member's display name, others change nothing."""
    if event.type != "m.room.member" or not event.state_key:
        return
    name = " ".join((get_text(event.content, "displayname") or "").split())
    if name:
        names[UserId(event.state_key)] = name[:_LONGEST_NAME]


_LONGEST_NAME = 100
"""Characters of a display name that are kept; longer ones are pranks."""


def localpart(user_id: UserId) -> str:
    """Return the part of a user's identifier between `@` and the server's name; never empty."""
    return user_id.removeprefix("@").split(":", 1)[0] or user_id


def _server_of(identifier: str) -> str | None:
    """Room identifiers of version 12 name no server."""
    return identifier.split(":", 1)[1] if ":" in identifier else None


def _creators_server(by_type: dict[str, Event]) -> str | None:
    create = by_type.get("m.room.create")
    return _server_of(create.sender) if create is not None else None

"""The letter box: what a homeserver tells an account at once comes in, invitations and private rooms go out.

Pure. So is the small text in which a garden keeps, between two syncs, what it has read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from garden.archive.event import (
    Event,
    EventId,
    JsonObject,
    RoomId,
    UserId,
    get_number,
    get_object,
    get_text,
    read_events,
)

LETTER_TYPES: Final = ("m.room.message", "m.room.encrypted")
"""Types of events that can be a letter."""

_MESSAGES: Final = 20
"""Messages of each room that are asked for at once."""

_LEFT_OUT: Final = 50
"""Rooms that are named as not wanted: an address has to stay short."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A room that the account was invited to."""

    room_id: RoomId
    is_direct: bool
    """Whether whoever invited called it a private conversation."""
    may_be_private: bool
    """Whether it looks like one: nobody comes in without being invited, and it has no address."""


@dataclass(frozen=True, slots=True)
class PrivateRoom:
    """A room that the account is in, and the latest messages there."""

    room_id: RoomId
    events: tuple[Event, ...]
    """Oldest first."""
    token: str | None
    """Where older messages are to be had; None where there are none."""
    joined: int | None
    """How many are in the room; None where the homeserver does not say so."""
    invited: int

    @property
    def last(self) -> EventId | None:
        """The latest message."""
        return self.events[-1].event_id if self.events else None


@dataclass(frozen=True, slots=True)
class KnownRoom:
    """What is remembered of a private room."""

    seen: EventId | None = None
    """The latest message that was read."""
    is_own: bool = False
    """Whether the account came because it was invited, as the garden's."""
    is_direct: bool = False
    """Whether the invitation called it a private conversation."""
    told: bool = False
    """Whether the account has said here what one can say to it."""
    warned: bool = False
    """Whether it has said here that it cannot read encrypted messages."""


@dataclass(slots=True)
class Memory:
    """What is remembered between two readings."""

    rooms: dict[RoomId, KnownRoom] = field(default_factory=dict)
    turn: int = 0
    """How often the box has been read."""


def make_filter(published: Iterable[RoomId]) -> dict[str, object]:
    """Return what to ask of `GET /sync`: messages of private rooms, and nothing else.

    Members are loaded lazily, for then the answer counts them (client-server API, "Syncing", `summary`).
    """
    nothing: dict[str, object] = {"types": []}
    return {
        "presence": nothing,
        "account_data": nothing,
        "room": {
            "not_rooms": sorted(published)[:_LEFT_OUT],
            "account_data": nothing,
            "ephemeral": nothing,
            "state": {**nothing, "lazy_load_members": True, "include_redundant_members": True},
            "timeline": {"types": list(LETTER_TYPES), "limit": _MESSAGES},
        },
    }


def list_invitations(box: JsonObject, me: UserId) -> Iterator[Invitation]:
    """Yield what the account is invited to, by the stripped state that comes with it."""
    for room_id, room in _rooms(box, "invite"):
        state = get_object(room, "invite_state") or {}
        events = state.get("events")
        stripped = {
            (get_text(event, "type"), get_text(event, "state_key")): get_object(event, "content") or {}
            for event in (events if isinstance(events, list) else [])
        }
        rule = get_text(stripped.get(("m.room.join_rules", "")), "join_rule") or "invite"
        is_space = get_text(stripped.get(("m.room.create", "")), "type") is not None
        has_address = ("m.room.canonical_alias", "") in stripped
        yield Invitation(
            room_id,
            is_direct=stripped.get(("m.room.member", me), {}).get("is_direct") is True,
            may_be_private=rule == "invite" and not is_space and not has_address,
        )


def list_rooms(box: JsonObject) -> Iterator[PrivateRoom]:
    """Yield the rooms that the account is in; what is no event is left out."""
    for room_id, room in _rooms(box, "join"):
        timeline = get_object(room, "timeline") or {}
        sources = timeline.get("events")
        yield PrivateRoom(
            room_id,
            events=tuple(read_letters_of(sources if isinstance(sources, list) else [], room_id)),
            token=get_text(timeline, "prev_batch") if timeline.get("limited") is True else None,
            joined=get_number(room, "summary", "m.joined_member_count"),
            invited=get_number(room, "summary", "m.invited_member_count") or 0,
        )


def read_letters_of(sources: Iterable[object], room_id: RoomId) -> Iterator[Event]:
    """Yield the messages among raw JSON."""
    for event in read_events(sources, room_id):
        if event.type in LETTER_TYPES and event.state_key is None:
            yield event


def read_memory(text: str | None) -> Memory:
    """Read what `write_memory` wrote; whatever else it is, nothing is remembered."""
    try:
        kept = json.loads(text or "{}")
    except ValueError:
        return Memory()
    rooms = get_object(kept, "rooms") or {}
    return Memory(
        {RoomId(room_id): _read_known(get_object(known) or {}) for room_id, known in rooms.items()},
        get_number(kept, "turn") or 0,
    )


def write_memory(memory: Memory) -> str:
    """Write what is remembered as a text."""
    rooms = {room_id: _write_known(known) for room_id, known in sorted(memory.rooms.items())}
    return json.dumps({"turn": memory.turn, "rooms": rooms})


def _write_known(known: KnownRoom) -> dict[str, object]:
    told = {"own": known.is_own, "direct": known.is_direct, "told": known.told, "warned": known.warned}
    return {key: value for key, value in {"seen": known.seen, **told}.items() if value}


def _read_known(source: JsonObject) -> KnownRoom:
    seen = get_text(source, "seen")
    return KnownRoom(
        seen=EventId(seen) if seen else None,
        is_own=source.get("own") is True,
        is_direct=source.get("direct") is True,
        told=source.get("told") is True,
        warned=source.get("warned") is True,
    )


def _rooms(box: JsonObject, membership: str) -> Iterator[tuple[RoomId, JsonObject]]:
    for room_id, room in (get_object(box, "rooms", membership) or {}).items():
        if isinstance(room, Mapping):
            yield RoomId(room_id), room

"""What a sync asks of a homeserver: room ids go out, raw event JSON, tokens and bytes come back.

`garden.archive.matrix` answers over the network. A token is whatever the source handed out before; nobody
else looks into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from garden.archive.event import EventId, JsonObject, MxcUri, RoomId, UserId
from garden.errors import RoomAccessError


@dataclass(frozen=True, slots=True)
class Batch:
    """One answer's events, as the server told them: not checked, not trimmed."""

    events: tuple[JsonObject, ...]
    next_token: str | None
    """Where to go on; None where there is nothing more."""


@dataclass(frozen=True, slots=True)
class SpaceChild:
    """One room that a space lists, itself or through spaces in it."""

    room_id: RoomId
    name: str | None = None
    """Its name, where the server shows one."""


class RoomClosedError(RoomAccessError):
    """The homeserver says that this room is not to be read, rather than that something went wrong."""


class StaleTokenError(Exception):
    """The server does not go on from a token that it once gave."""


class MissingMediaError(Exception):
    """The server gives out no file for this address; the message says why."""


class LargeMediaError(MissingMediaError):
    """There is a file, and it is larger than asked for."""


class RoomSource(Protocol):
    """A homeserver as a sync sees it.

    Every method raises `UnreachableError` or `LoginError` where the homeserver as a whole does not answer,
    and `RoomAccessError` where it does not answer about this room: `RoomClosedError` where it says so.
    """

    async def find_reader(self) -> UserId | None:
        """Return the account that reads; None for a guest, who is in no room."""

    async def is_joined(self, room_id: RoomId) -> bool:
        """Whether the account is in a room; asks once for all rooms."""

    async def forget_left(self, room_id: RoomId) -> bool:
        """Ask to be shown a room as anybody is, where the account has left it; returns whether it had."""

    async def resolve_alias(self, alias: str) -> RoomId:
        """Return the room that an alias names by now."""

    async def list_space_rooms(self, space: RoomId) -> list[SpaceChild]:
        """Return all rooms of a space, those of spaces in it included, each once, in the space's order."""

    async def read_visibility(self, room_id: RoomId) -> str:
        """Return what `m.room.history_visibility` says by now."""

    async def read_state(self, room_id: RoomId) -> list[JsonObject]:
        """Return the current state events."""

    async def start_stream(self, room_id: RoomId) -> str | None:
        """Return the token of the stream's end; None where the server offers no stream."""

    async def read_stream(self, room_id: RoomId, token: str) -> Batch:
        """Return what came after the token, oldest first, perhaps nothing; raises `StaleTokenError`."""

    async def read_history(self, room_id: RoomId, token: str | None) -> Batch:
        """Return what stands before the token, or at the room's end, newest first; raises `StaleTokenError`.

        A batch may be empty and still have a token to go on from.
        """

    async def fetch_event(self, room_id: RoomId, event_id: EventId) -> JsonObject | None:
        """Return one event as the server shows it by now; None where it shows nothing."""

    async def was_open(self, room_id: RoomId, event_id: EventId) -> bool:
        """Whether the world could read the room when an event was sent, as far as its sender could know."""

    async def has_media(self, uri: MxcUri) -> bool:
        """Whether the server still gives out this file."""

    async def download(self, uri: MxcUri, max_bytes: int) -> bytes:
        """Return a file; raises `MissingMediaError`."""


async def resolve_room(source: RoomSource, asked: str) -> RoomId:
    """Return the room that an id or an alias stands for; raises `RoomAccessError` where it is unknown."""
    return RoomId(asked) if asked.startswith("!") else await source.resolve_alias(asked)

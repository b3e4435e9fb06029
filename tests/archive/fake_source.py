"""A homeserver in memory that a test can rewrite between two questions, and that can die at any of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from garden.archive.event import EventId, JsonObject, MxcUri, RoomId, UserId, get_text
from garden.archive.source import (
    Batch,
    LargeMediaError,
    MissingMediaError,
    RoomClosedError,
    SpaceChild,
    StaleTokenError,
)
from garden.errors import RoomAccessError, UnreachableError


class KilledError(BaseException):
    """The process dies here: nothing may catch it."""


@dataclass
class FakeRoom:
    """One room: its timeline in stream order, and what else a homeserver says of it."""

    timeline: list[JsonObject] = field(default_factory=list)
    visibility: str = "world_readable"
    state: list[JsonObject] = field(default_factory=list)
    is_closed: bool = False
    history: list[JsonObject] | None = None
    """The order of `/messages` where it differs from the stream's."""
    private: set[str] = field(default_factory=set)
    """Ids of events that were sent before their sender could know that the room was open."""
    left_at: int | None = None
    """How long the timeline was when the account left: all that is shown to it until it is forgotten."""


@dataclass
class FakeSource:
    """A `RoomSource`; tokens are numbers into the lists, history comes in pages of three."""

    rooms: dict[RoomId, FakeRoom] = field(default_factory=dict)
    aliases: dict[str, RoomId] = field(default_factory=dict)
    spaces: dict[RoomId, list[RoomId]] = field(default_factory=dict)
    files: dict[MxcUri, bytes] = field(default_factory=dict)
    has_stream: bool = True
    stale: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)
    """Aliases, spaces and rooms about which nothing can be asked just now."""
    dies_at: int | None = None
    """The number of the call that is never answered."""
    page: int = 3
    reader: UserId | None = None
    """The account that reads; None for a guest."""
    joined: set[RoomId] = field(default_factory=set)

    async def find_reader(self) -> UserId | None:
        return self.reader

    async def is_joined(self, room_id: RoomId) -> bool:
        return room_id in self.joined

    async def forget_left(self, room_id: RoomId) -> bool:
        self._note("forget_left")
        room = self.rooms.get(room_id)
        if room is None or room.left_at is None:
            return False
        room.left_at = None
        return True

    async def resolve_alias(self, alias: str) -> RoomId:
        self._note("resolve_alias")
        self._ask(alias)
        if alias not in self.aliases:
            raise RoomAccessError(f"no room {alias}", hint="check it")
        return self.aliases[alias]

    async def list_space_rooms(self, space: RoomId) -> list[SpaceChild]:
        self._note("list_space_rooms")
        self._ask(space)
        return [SpaceChild(room_id) for room_id in self.spaces[space]]

    async def read_visibility(self, room_id: RoomId) -> str:
        return self._room("read_visibility", room_id).visibility

    async def read_state(self, room_id: RoomId) -> list[JsonObject]:
        return self._room("read_state", room_id).state

    async def start_stream(self, room_id: RoomId) -> str | None:
        room = self._room("start_stream", room_id)
        return f"s{len(room.timeline)}" if self.has_stream else None

    async def read_stream(self, room_id: RoomId, token: str) -> Batch:
        room = self._room("read_stream", room_id)
        if token in self.stale:
            raise StaleTokenError(token)
        start = int(token.removeprefix("s"))
        events = room.timeline[start : start + self.page]
        return Batch(tuple(events), f"s{start + len(events)}")

    async def read_history(self, room_id: RoomId, token: str | None) -> Batch:
        room = self._room("read_history", room_id)
        if token in self.stale:
            raise StaleTokenError(token)
        told = room.timeline if room.history is None else room.history
        history: Sequence[JsonObject] = told[: room.left_at]
        end = len(history) if token is None else int(token.removeprefix("t"))
        start = max(0, end - self.page)
        return Batch(tuple(history[start:end][::-1]), f"t{start}" if start > 0 else None)

    async def fetch_event(self, room_id: RoomId, event_id: EventId) -> JsonObject | None:
        room = self._room("fetch_event", room_id)
        return next((event for event in room.timeline if get_text(event, "event_id") == event_id), None)

    async def was_open(self, room_id: RoomId, event_id: EventId) -> bool:
        return event_id not in self._room("was_open", room_id).private

    async def has_media(self, uri: MxcUri) -> bool:
        self._note("has_media")
        return uri in self.files

    async def download(self, uri: MxcUri, max_bytes: int) -> bytes:
        self._note("download")
        if uri not in self.files:
            raise MissingMediaError("it is not there")
        if len(self.files[uri]) > max_bytes:
            raise LargeMediaError(f"it is larger than {max_bytes} bytes")
        return self.files[uri]

    def _room(self, call: str, room_id: RoomId) -> FakeRoom:
        self._note(call)
        self._ask(room_id)
        room = self.rooms.get(room_id)
        if room is None or room.is_closed:
            raise RoomClosedError(f"{room_id} is closed", hint="open it")
        return room

    def _ask(self, what: str) -> None:
        if what in self.silent:
            raise UnreachableError(f"no answer about {what}", hint="try again")

    def _note(self, call: str) -> None:
        if self.dies_at is not None and len(self.calls) == self.dies_at:
            raise KilledError
        self.calls.append(call)

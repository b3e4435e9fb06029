"""What the garden's account does on its homeserver beside reading: it joins, speaks, pins and gets letters.

Calls of the client-server API go out over a `Transport`, identifiers and raw JSON come back. Each call may be
made again where its answer was lost: a message carries a transaction id that is made from the message, and
joining, leaving and pinning twice is the same as once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from garden.archive.answer import Answer
from garden.archive.event import EventId, JsonObject, RoomId, UserId, get_text
from garden.archive.source import Batch
from garden.archive.transport import Query, Request, Transport
from garden.errors import RoomAccessError

_MOST_TURNS: Final = 1000
"""Readings of the letter box until a number comes again; as milliseconds nobody notices them."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose access token it is."""

    user_id: UserId
    is_guest: bool = False
    """A guest may read, and may do nothing else."""


class ForbiddenError(RoomAccessError):
    """The room, or the homeserver for it, does not let the account do something."""


class Account:
    """The account that a transport's token belongs to."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self._identity: Identity | None = None

    async def whoami(self) -> Identity:
        """Return whose token it is (client-server API, "Current account information"); asks once."""
        if self._identity is None:
            answer = await self.transport.call(Request("GET", ("account", "whoami")))
            told = answer.read_object()
            user_id = get_text(told, "user_id")
            if not answer.is_ok or user_id is None:
                raise answer.complain("without a user id")
            self._identity = Identity(UserId(user_id), is_guest=told.get("is_guest") is True)
        return self._identity

    async def list_joined(self) -> list[RoomId]:
        """Return the rooms that the account is in (client-server API, "Room membership")."""
        answer = await self.transport.call(Request("GET", ("joined_rooms",)))
        rooms: Sequence[object] = answer.read_list("joined_rooms")
        return [RoomId(room) for room in rooms if isinstance(room, str)]

    async def join(self, room: str) -> RoomId:
        """Join a room, by id or alias, or accept its invitation; raises `ForbiddenError`."""
        answer = await self.transport.call(Request("POST", ("join", room), body={}))
        _check(
            answer,
            f"{room} does not let the account in",
            "Let somebody in the room invite the account, then run the command again.",
        )
        return RoomId(get_text(answer.read_object(), "room_id") or room)

    async def leave(self, room_id: RoomId) -> None:
        """Leave a room, or turn its invitation down; raises `ForbiddenError`."""
        answer = await self.transport.call(Request("POST", ("rooms", room_id, "leave"), body={}))
        _check(answer, f"{room_id} cannot be left", "Leave it with a Matrix client.")

    async def send(self, room_id: RoomId, content: Mapping[str, object], *, after: str) -> EventId:
        """Send a message and return its id (client-server API, "Sending events to a room").

        Room, content and `after`, the event that it follows or answers, make the transaction id: the same
        message to the same event is sent once, however often it is tried. Raises `ForbiddenError`.
        """
        path = ("rooms", room_id, "send", "m.room.message", _transaction_id(room_id, content, after))
        answer = await self.transport.call(Request("PUT", path, body=content))
        _check(
            answer,
            f"The account may not speak in {room_id}",
            "A moderator can give it the power level that messages need there.",
        )
        event_id = get_text(answer.read_object(), "event_id")
        if not event_id:
            raise answer.complain("without an event id")
        return EventId(event_id)

    async def pin(self, room_id: RoomId, content: Mapping[str, object]) -> None:
        """Write a room's `m.room.pinned_events`; raises `ForbiddenError`."""
        path = ("rooms", room_id, "state", "m.room.pinned_events", "")
        answer = await self.transport.call(Request("PUT", path, body=content))
        _check(
            answer,
            f"The account may not pin messages in {room_id}",
            "A moderator can pin the message, or give the account the power level that pinning needs.",
        )

    async def read_back(
        self,
        room_id: RoomId,
        token: str | None = None,
        *,
        types: Sequence[str],
        senders: Sequence[UserId] | None = None,
    ) -> Batch:
        """Return what stands before the token, newest first, of these types and senders only.

        `GET /rooms/{roomId}/messages` with a filter; there is more as long as there is a token to go on from.
        """
        wanted = {"types": list(types)} | ({} if senders is None else {"senders": list(senders)})
        query: Query = {"dir": "b", "limit": 100, "from": token, "filter": json.dumps(wanted)}
        answer = await self.transport.call(Request("GET", ("rooms", room_id, "messages"), query))
        _check(
            answer,
            f"{room_id} cannot be read",
            "A moderator can make its history readable for anyone (world_readable).",
        )
        end = get_text(answer.read_object(), "end")
        return Batch(tuple(answer.read_list("chunk")), None if end == token else end)

    async def read_box(self, wanted: Mapping[str, object], turn: int) -> JsonObject:
        """Return invitations, and of each joined room what the filter wants (client-server API, "Syncing").

        Always from the beginning, without `since`: a homeserver takes that token for a receipt and throws
        away what it held ready for the device, among it the keys of encrypted rooms. Whoever lent the garden
        the token of a client would lose them. `turn` is another number each time, for Synapse gives the same
        answer to the same question for two minutes; it is how many milliseconds the homeserver may wait.
        """
        query: Query = {
            "timeout": turn % _MOST_TURNS,
            "set_presence": "offline",
            "filter": json.dumps(wanted),
        }
        answer = await self.transport.call(Request("GET", ("sync",), query))
        if not answer.is_ok:
            raise answer.complain(f"with {answer.errcode or 'something that is not Matrix JSON'}")
        return answer.read_object()


def _check(answer: Answer, what: str, hint: str) -> None:
    """Raise what a refusal means."""
    if answer.is_ok:
        return
    if answer.errcode is None:
        raise answer.complain("with something that is not Matrix JSON")
    raise ForbiddenError(f"{what} ({answer.errcode})", hint=hint)


def _transaction_id(room_id: RoomId, content: Mapping[str, object], after: str) -> str:
    text = json.dumps([room_id, content, after], sort_keys=True)
    return f"garden-{hashlib.sha256(text.encode()).hexdigest()[:40]}"

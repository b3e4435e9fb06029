"""The only module that speaks Matrix: questions go out as client-server API calls, raw JSON comes back.

Everything works on world_readable rooms that the account has not joined. Nothing is taken from nio's own
reading of events, and none of its classes leave `garden.archive.transport`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self

from garden.archive.account import Account
from garden.archive.answer import Answer
from garden.archive.discovery import open_transport
from garden.archive.event import (
    MXC_URI,
    EventId,
    JsonObject,
    MxcUri,
    RoomId,
    UserId,
    get_text,
)
from garden.archive.source import (
    Batch,
    LargeMediaError,
    MissingMediaError,
    RoomClosedError,
    SpaceChild,
    StaleTokenError,
)
from garden.archive.space import list_children, read_child
from garden.archive.transport import CLIENT_V1, Patience, Query, Request, Transport
from garden.archive.vocabulary import VISIBILITY, WORLD_READABLE
from garden.errors import LoginError, RoomAccessError

HISTORY_LIMIT: Final = 1000
"""Events per page of history: the most that Synapse gives."""

_MAX_PAGES: Final = 1000
"""Pages of one space that are read: fifty thousand rooms."""

_EPHEMERAL: Final = ("m.presence", "m.receipt", "m.typing")
_NOT_OFFERED: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED)
_NOT_IMPLEMENTED: Final = (HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED)
"""What a server says that has no such call; that it is not found may be said by a proxy, of anything."""
_STALE: Final = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
_OUTSIDE: Final = ("leave", "ban")
"""Memberships of those who were in a room."""
_REFUSED: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


class MatrixSource:
    """A homeserver as an account that need not have joined anything reads it; a `RoomSource`.

    Use it as an async context manager. `homeserver` is an `http(s)` address or a server name; without a token
    it registers as a guest where the server admits guests. Entering raises `UnreachableError` where no
    homeserver answers there, and `LoginError` where it wants an account.
    """

    def __init__(
        self,
        homeserver: str,
        token: str | None,
        *,
        patience: Patience | None = None,
        page: int = HISTORY_LIMIT,
    ) -> None:
        self._homeserver = homeserver
        self._token = token
        self._patience = patience
        self._page = page
        self._open: Account | None = None
        self._joined: frozenset[RoomId] | None = None
        self._once = asyncio.Lock()

    async def __aenter__(self) -> Self:
        transport = await open_transport(self._homeserver, patience=self._patience)
        self._open = Account(transport)
        try:
            transport.token = self._token or await _register_guest(transport)
        except BaseException:
            await transport.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.close()

    @property
    def account(self) -> Account:
        """The account that reads, for what it does beside reading."""
        if self._open is None:
            raise RuntimeError("a MatrixSource is used inside `async with`")
        return self._open

    @property
    def _transport(self) -> Transport:
        return self.account.transport

    async def whoami(self) -> UserId:
        """Return whose token it is (client-server API, "Current account information")."""
        return (await self.account.whoami()).user_id

    async def find_reader(self) -> UserId | None:
        """Return the account that reads; None for a guest, who is in no room."""
        async with self._once:
            identity = await self.account.whoami()
        return None if identity.is_guest else identity.user_id

    async def is_joined(self, room_id: RoomId) -> bool:
        """Whether the account is in a room; asks once for all rooms."""
        async with self._once:
            if self._joined is None:
                self._joined = frozenset(await self.account.list_joined())
        return room_id in self._joined

    async def forget_left(self, room_id: RoomId) -> bool:
        """Ask to be shown a room as anybody is, where the account has left it; returns whether it had.

        Who has left a room, or was put out of it, is shown it for ever as it was then, until the homeserver
        forgets that they were there (client-server API, "Leaving rooms").
        """
        me = (await self.account.whoami()).user_id
        answer = await self._call("rooms", room_id, "state", "m.room.member", me)
        if answer.status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND) and answer.errcode is not None:
            return False
        self._check_room(answer, room_id)
        if get_text(answer.read_object(), "membership") not in _OUTSIDE:
            return False
        request = Request("POST", ("rooms", room_id, "forget"), body={})
        return (await self._transport.call(request)).is_ok

    async def resolve_alias(self, alias: str) -> RoomId:
        """Return the room that an alias names by now; raises `RoomAccessError` where it names none."""
        answer = await self._call("directory", "room", alias)
        room_id = get_text(answer.read_object(), "room_id")
        if not answer.is_ok or room_id is None:
            raise RoomAccessError(
                f"{self._transport.base_url} knows no room {alias} ({answer.errcode or answer.status})",
                hint="Check the alias in site.toml; it may have been renamed or removed.",
            )
        return RoomId(room_id)

    async def list_space_rooms(self, space: RoomId) -> list[SpaceChild]:
        """Return a space's rooms, nested (client-server API, "Spaces"), each once, in the space's order.

        Rooms that the space lists and the server does not show are among them: why is for the sync to ask.
        """
        first = await self._call_hierarchy(space, None)
        if first.status in _NOT_OFFERED and first.errcode != "M_NOT_FOUND":
            return await self._walk_space(space)
        return list_children(await self._read_hierarchy(space, first), space)

    async def read_state(self, room_id: RoomId) -> list[JsonObject]:
        """Return the current state events (client-server API, "Getting events for a room")."""
        answer = await self._call_room(room_id, "state")
        state = answer.read_list()
        if not state:
            # Every room has at least its creation, and an empty list would take its name and all else away.
            raise answer.complain("without any state")
        return state

    async def read_visibility(self, room_id: RoomId) -> str:
        """Return what `m.room.history_visibility` says by now; `shared` where the room says nothing."""
        answer = await self._call("rooms", room_id, "state", VISIBILITY, "")
        if answer.status == HTTPStatus.NOT_FOUND and answer.errcode == "M_NOT_FOUND":
            return "shared"
        self._check_room(answer, room_id)
        return get_text(answer.read_object(), "history_visibility") or "shared"

    async def start_stream(self, room_id: RoomId) -> str | None:
        """Return the token of the stream's end; None where the server does not offer to peek into rooms.

        It comes from `/initialSync`, which the specification calls deprecated and which stays the only way to
        a stream of a room that is not joined.
        """
        answer = await self._call("rooms", room_id, "initialSync", limit=1)
        if answer.status in _NOT_IMPLEMENTED or answer.errcode == "M_UNRECOGNIZED":
            return None
        self._check_room(answer, room_id)
        return get_text(answer.read_object(), "messages", "end")

    async def read_stream(self, room_id: RoomId, token: str) -> Batch:
        """Return what came after the token, oldest first, perhaps nothing; raises `StaleTokenError`.

        This is the peek of `GET /events` with a room id. Stream order holds what came late from other
        servers, which the order of `/messages` does not.
        """
        answer = await self._call("events", room_id=room_id, timeout=0, limit=self._page, **{"from": token})
        if (answer.status in _STALE and answer.errcode is not None) or answer.errcode == "M_UNRECOGNIZED":
            raise StaleTokenError(answer.asked)
        self._check_room(answer, room_id)
        events = tuple(event for event in answer.read_list("chunk") if _belongs(event, room_id))
        return Batch(events, get_text(answer.read_object(), "end"))

    async def read_history(self, room_id: RoomId, token: str | None) -> Batch:
        """Return what stands before the token, newest first; raises `StaleTokenError`.

        `GET /rooms/{roomId}/messages` with `dir=b`: there is more as long as there is an `end`.
        """
        answer = await self._call("rooms", room_id, "messages", dir="b", limit=self._page, **{"from": token})
        if token is not None and answer.status == HTTPStatus.BAD_REQUEST and answer.errcode is not None:
            raise StaleTokenError(answer.asked)
        self._check_room(answer, room_id)
        end, events = get_text(answer.read_object(), "end"), tuple(answer.read_list("chunk"))
        # Some servers stay where they are at the room's beginning. Elsewhere that is a page of before, given
        # once more on the way here, and not the end.
        stays = end == token and (not events or any(_is_creation(event) for event in events))
        return Batch(events, None if stays else end)

    async def fetch_event(self, room_id: RoomId, event_id: EventId) -> JsonObject | None:
        """Return one event as the server shows it by now; None where it shows nothing."""
        answer = await self._call("rooms", room_id, "event", event_id)
        if answer.status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND) and answer.errcode is not None:
            return None
        self._check_room(answer, room_id)
        return answer.read_object()

    async def was_open(self, room_id: RoomId, event_id: EventId) -> bool:
        """Whether the world could read the room when an event was sent, as far as its sender could know.

        `GET /rooms/{roomId}/context/{eventId}` with nothing around the event gives the room's state at it.
        """
        query: Query = {"limit": 0, "filter": '{"lazy_load_members":true}'}
        answer = await self._transport.call(Request("GET", ("rooms", room_id, "context", event_id), query))
        if answer.status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND) and answer.errcode is not None:
            return False
        self._check_room(answer, room_id)
        visibility = (
            get_text(state, "content", "history_visibility")
            for state in answer.read_list("state")
            if get_text(state, "type") == VISIBILITY and get_text(state, "state_key") == ""
        )
        return next(visibility, None) == WORLD_READABLE

    async def has_media(self, uri: MxcUri) -> bool:
        """Whether the server still gives out this file; reads its beginning at most."""
        try:
            await self.download(uri, max_bytes=1)
        except LargeMediaError:
            return True
        except MissingMediaError:
            return False
        return True

    async def download(self, uri: MxcUri, max_bytes: int) -> bytes:
        """Return a file (client-server API, "Content repository"); raises `MissingMediaError`.

        Authenticated media first; where the server does not know that yet, or not this file, the older way.
        """
        match = MXC_URI.fullmatch(uri)
        if match is None:
            raise MissingMediaError("its address is no mxc:// address")
        answer = await self._call_media(CLIENT_V1, ("media", "download", *match.groups()), max_bytes)
        if answer.status == HTTPStatus.NOT_FOUND:
            older = await self._call_media("/_matrix/media/v3", ("download", *match.groups()), max_bytes)
            knows_both = answer.errcode is not None and older.errcode != "M_UNRECOGNIZED"
            answer = older if older.is_ok or older.limit is not None or knows_both else answer
        if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise LargeMediaError(f"it is larger than {max_bytes} bytes")
        if not answer.is_ok and answer.errcode is None:
            # Nobody but the homeserver can say that it has no such file.
            raise answer.complain("with something that is not Matrix JSON")
        if not answer.is_ok:
            raise MissingMediaError(f"the homeserver does not give it out ({answer.errcode})")
        return answer.body

    async def _call_media(self, prefix: str, path: tuple[str, ...], max_bytes: int) -> Answer:
        return await self._transport.call(Request("GET", path, prefix=prefix, max_bytes=max_bytes))

    async def _call(self, *path: str, **query: str | int | None) -> Answer:
        return await self._transport.call(Request("GET", path, query))

    async def _call_room(self, room_id: RoomId, *path: str) -> Answer:
        answer = await self._call("rooms", room_id, *path)
        self._check_room(answer, room_id)
        return answer

    def _check_room(self, answer: Answer, room_id: RoomId) -> None:
        """Raise what a refusal means for this room."""
        if answer.is_ok:
            return
        errcode = answer.errcode
        if errcode is None or answer.status not in _REFUSED:
            raise answer.complain(f"with {errcode or 'something that is not Matrix JSON'}")
        is_closed = answer.status == HTTPStatus.FORBIDDEN and errcode == "M_FORBIDDEN"
        raise (RoomClosedError if is_closed else RoomAccessError)(
            f"{room_id} cannot be read on {self._transport.base_url} ({errcode})",
            hint="A moderator can make its history readable for anyone (world_readable); a room of another"
            " server is readable only where somebody of this homeserver is in it.",
        )

    async def _call_hierarchy(self, space: RoomId, token: str | None) -> Answer:
        return await self._transport.call(
            Request("GET", ("rooms", space, "hierarchy"), {"limit": 50, "from": token}, prefix=CLIENT_V1)
        )

    async def _read_hierarchy(self, space: RoomId, answer: Answer) -> list[JsonObject]:
        rooms: list[JsonObject] = []
        seen = set[str]()
        for _ in range(_MAX_PAGES):
            self._check_room(answer, space)
            rooms += answer.read_list("rooms")
            token = get_text(answer.read_object(), "next_batch")
            if token is None or token in seen:
                break
            seen.add(token)
            answer = await self._call_hierarchy(space, token)
        return rooms

    async def _walk_space(self, space: RoomId) -> list[SpaceChild]:
        """Read `m.space.child` state, space by space, where the server has no `/hierarchy`."""
        children: dict[RoomId, SpaceChild] = {}
        open_spaces, seen = [space], {space}
        while open_spaces:
            current = open_spaces.pop(0)
            for state in await self.read_state(current):
                child = read_child(state)
                if child is not None and child not in seen:
                    seen.add(child)
                    if await self._is_space(child):
                        open_spaces.append(child)
                    else:
                        children[child] = SpaceChild(child)
        return list(children.values())

    async def _is_space(self, room_id: RoomId) -> bool:
        answer = await self._call("rooms", room_id, "state", "m.room.create", "")
        return answer.is_ok and get_text(answer.read_object(), "type") == "m.space"


async def login_with_password(
    homeserver: str, user: str, password: str, *, patience: Patience | None = None
) -> str:
    """Return a new access token for an account (client-server API, "Login").

    `user` is a user id or its localpart. Raises `LoginError` where the server refuses, `UnreachableError`
    where there is none.
    """
    transport = await open_transport(homeserver, patience=patience)
    body = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": user},
        "password": password,
        "initial_device_display_name": "garden",
    }
    try:
        answer = await transport.call(Request("POST", ("login",), body=body))
        token = get_text(answer.read_object(), "access_token")
    finally:
        await transport.close()
    if not answer.is_ok or not token:
        raise LoginError(
            f"{transport.base_url} refused the password of {user} ({answer.errcode or answer.status})",
            hint="Check user name and password; where the homeserver signs in on a web page only, take an"
            " access token from your Matrix client.",
        )
    return token


async def _register_guest(transport: Transport) -> str:
    answer = await transport.call(Request("POST", ("register",), {"kind": "guest"}, body={}))
    token = get_text(answer.read_object(), "access_token")
    if not answer.is_ok or not token:
        raise LoginError(
            f"{transport.base_url} admits no guests ({answer.errcode or answer.status})",
            hint="Run garden login with any account of it, or set GARDEN_ACCESS_TOKEN; it need not join.",
        )
    return token


def _belongs(event: object, room_id: RoomId) -> bool:
    """Whether something from the stream is this room's and lasting; what is no event at all is handed on."""
    if not isinstance(event, Mapping):
        return True
    return event.get("room_id", room_id) == room_id and event.get("type") not in _EPHEMERAL


def _is_creation(event: object) -> bool:
    return get_text(event, "type") == "m.room.create" and get_text(event, "state_key") == ""

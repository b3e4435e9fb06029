"""A community is replayed on a homeserver: invented events go in, a seeded server and its real ids come out.

People are registered, files uploaded, rooms and spaces made; then every event is sent as its own sender at
its own time, with each invented id rewritten to the one that the server gave. Rooms run side by side; inside
a room the order holds, and an event waits for those it refers to.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

from .client import Account, Client, RefusedError, quote_id, room_path
from .community import SPACE, JsonObject, Seeded, SeedFile, SeedRoom
from .rewrite import find_references, rewrite
from .synapse import SERVER_NAME, Synapse

_SENDERS: Final = 8
"""Rooms written at once: 8 write twice as fast as 1, more than 10 only queue up in the server."""

_CREATORS_STAND_APART: Final = 12
"""From this room version on creators have power without being named in the power levels, and must not be."""


class SeedError(Exception):
    """The community cannot be replayed as it is written; the message names the event."""


def seed(
    server: Synapse,
    rooms: Sequence[SeedRoom],
    *,
    display_names: Mapping[str, str] | None = None,
    files: Mapping[str, SeedFile] | None = None,
) -> Seeded:
    """Replay a community on a running homeserver that holds nothing yet.

    `display_names` are by user id (`@ada:fen.example`), `files` by invented `mxc://` URL. The space `fen` is
    made where no room of that name is given. Raises `SeedError` where the server refuses an event or events
    refer to later ones, and `client.RefusedError` where the server refuses anything else.
    """
    if not any(room.name == SPACE for room in rooms):
        rooms = [SeedRoom(SPACE, "Fen", is_space=True, parent=None), *rooms]
    with ThreadPoolExecutor(_SENDERS) as pool:
        replay = _Replay(Client(server.base_url), rooms, pool)
        try:
            return replay.run(display_names or {}, files or {})
        finally:
            replay.is_over = True


@dataclass(slots=True)
class _Replay:
    """One run of `seed`: `ids` grows from nothing to the map of every invented id to the real one."""

    client: Client
    rooms: Sequence[SeedRoom]
    pool: ThreadPoolExecutor
    ids: dict[str, str] = field(default_factory=dict)
    is_over: bool = False
    """Set when one sender failed or somebody pressed Ctrl-C: the other senders stop too."""

    def run(self, display_names: Mapping[str, str], files: Mapping[str, SeedFile]) -> Seeded:
        admin = self.client.register_account("admin", admin=True)
        reader, member = (self.client.register_account(name) for name in ("reader", "member"))
        guest = self.client.register_guest()
        people = {user for room in self.rooms for user in room.people} | set(display_names)
        people -= {account.user_id for account in (admin, reader, member)}
        self._each(lambda user: self._register(user, display_names), sorted(people))
        self._each(lambda uri: self._upload(uri, files[uri], admin), files)
        for wave in _waves(self.rooms):
            self._each(lambda room: self._open(room, admin, member), wave)
            self._send_all(wave)
        self._fill_spaces(admin)
        return Seeded(
            {room.name: self._real(room) for room in self.rooms}, self.ids, admin, reader, guest, member
        )

    def _each(self, action: Callable[[Any], object], items: Iterable[object]) -> None:
        for done in [self.pool.submit(action, item) for item in items]:
            done.result()

    def _real(self, room: SeedRoom) -> str:
        return self.ids[room.invented_id]

    def _register(self, user_id: str, display_names: Mapping[str, str]) -> None:
        self.client.register(user_id[1:].split(":", maxsplit=1)[0], display_names.get(user_id, ""))

    def _upload(self, uri: str, file: SeedFile, admin: Account) -> None:
        self.ids[uri] = self.client.upload(file.data, file.content_type, file.file_name, token=admin.token)

    def _open(self, room: SeedRoom, admin: Account, member: Account) -> None:
        """Make the room and let everybody in, at the time of its first event."""
        people = [user for user in (member.user_id, *room.people) if user != admin.user_id]
        room_id = self._upgrade(room, admin) if room.replaces else self._create(room, people, admin)
        self.ids[room.invented_id] = room_id
        come_themselves = _self_joining(room)
        for user in people:
            if user not in come_themselves:
                path = room_path(room_id, "state", "m.room.member", user)
                self.client.call_as(user, "PUT", path, {"membership": "join"}, ts=room.first_time)

    def _create(self, room: SeedRoom, people: Sequence[str], admin: Account) -> str:
        body = creation_body(room, people, admin.user_id)
        room_id: str = self.client.call("POST", "/_matrix/client/v3/createRoom", body, token=admin.token)[
            "room_id"
        ]
        return room_id

    def _upgrade(self, room: SeedRoom, admin: Account) -> str:
        old = next(other for other in self.rooms if other.name == room.replaces)
        path = room_path(self._real(old), "upgrade")
        room_id: str = self.client.call("POST", path, {"new_version": room.version}, token=admin.token)[
            "replacement_room"
        ]
        alias = f"/_matrix/client/v3/directory/room/{quote_id(f'#{room.name}:{SERVER_NAME}')}"
        self.client.call("PUT", alias, {"room_id": room_id}, token=admin.token)
        return room_id

    def _send_all(self, rooms: Sequence[SeedRoom]) -> None:
        """Send in rounds: each room goes on until an event has to wait for another room, then all again."""
        known = {name: "" for room in self.rooms for name in (room.invented_id, *room.event_ids)}
        queues = [
            (room, [event for event in room.events if event["type"] != "m.room.create"]) for room in rooms
        ]
        waiting = sum(len(queue) for _, queue in queues)
        while waiting:
            self._each(lambda pair: self._send_ready(pair[0], pair[1], known), queues)
            before, waiting = waiting, sum(len(queue) for _, queue in queues)
            if waiting == before:
                stuck = ", ".join(
                    f"{queue[0].get('event_id')} in {room.name}" for room, queue in queues if queue
                )
                message = f"These events refer to something that comes after them: {stuck}"
                raise SeedError(message)

    def _send_ready(self, room: SeedRoom, queue: list[JsonObject], known: Mapping[str, str]) -> None:
        sent = 0
        for event in queue:
            if self.is_over or not all(name in self.ids for name in find_references(_speech(event), known)):
                break
            real_id = self._send(room, event)
            if "event_id" in event:
                self.ids[event["event_id"]] = real_id
            sent += 1
        del queue[:sent]

    def _send(self, room: SeedRoom, event: JsonObject) -> str:
        speech: Any = rewrite(_speech(event), self.ids)
        try:
            return send_event(
                self.client,
                self._real(room),
                event["sender"],
                event["type"],
                speech["content"],
                state_key=speech.get("state_key"),
                ts=event.get("origin_server_ts"),
            )
        except RefusedError as refused:
            message = f"The server refuses {event.get('event_id', event['type'])} in {room.name}: {refused}"
            raise SeedError(message) from refused

    def _fill_spaces(self, admin: Account) -> None:
        for parent, child in _memberships(self.rooms):
            path = room_path(self._real(parent), "state", "m.space.child", self._real(child))
            self.client.call("PUT", path, {"via": [SERVER_NAME]}, token=admin.token)


def send_event(
    client: Client,
    room_id: str,
    sender: str,
    event_type: str,
    content: JsonObject,
    *,
    state_key: str | None = None,
    ts: int | None = None,
) -> str:
    """Send one event as anybody, at any time in milliseconds, and return its real id.

    Redactions carry `redacts` in their content and go this way too: Synapse's `/redact` takes no time.
    """
    path = (
        room_path(room_id, "send", event_type, uuid.uuid4().hex)
        if state_key is None
        else room_path(room_id, "state", event_type, state_key)
    )
    event_id: str = client.call_as(sender, "PUT", path, content, ts=ts)["event_id"]
    return event_id


def creation_body(room: SeedRoom, people: Sequence[str], creator: str) -> dict[str, object]:
    """Return what `/createRoom` is to be told for a room which these people join."""
    users = dict.fromkeys(_moderators(room) - {creator}, 100)
    if int(room.version) < _CREATORS_STAND_APART:
        users[creator] = 100
    visibility = {"history_visibility": room.history_visibility}
    return {
        "preset": "private_chat" if room.invite_only else "public_chat",
        "visibility": "private" if room.invite_only else "public",
        "room_version": room.version,
        "room_alias_name": room.name,
        "name": room.title,
        "topic": room.topic,
        "initial_state": [{"type": "m.room.history_visibility", "state_key": "", "content": visibility}],
        "creation_content": {"type": "m.space"} if room.is_space else {},
        "power_level_content_override": {"users": users},
        "invite": list(people) if room.invite_only else [],
    }


def _moderators(room: SeedRoom) -> set[str]:
    """Find who must have power: who removes others' words or changes the room."""
    authors = {event["event_id"]: event["sender"] for event in room.events if "event_id" in event}
    return {
        event["sender"]
        for event in room.events
        if (event["type"] == "m.room.redaction" and authors.get(_target(event)) != event["sender"])
        or ("state_key" in event and event["state_key"] != event["sender"])
    }


def _self_joining(room: SeedRoom) -> set[str]:
    """Find the people whose first event in the room is their own membership."""
    first = {event["sender"]: event for event in reversed(room.events)}
    return {
        user
        for user, event in first.items()
        if event.get("state_key") == user and event["type"] == "m.room.member"
    }


def _target(event: JsonObject) -> str:
    return str(event.get("redacts") or event["content"].get("redacts"))


def _speech(event: JsonObject) -> dict[str, object]:
    """Return the parts of an event that its sender says, where ids can stand."""
    content = dict(event["content"])
    if event["type"] == "m.room.redaction":
        content["redacts"] = _target(event)
    return {"content": content} | ({"state_key": event["state_key"]} if "state_key" in event else {})


def _waves(rooms: Sequence[SeedRoom]) -> Iterator[list[SeedRoom]]:
    """Yield rooms in groups: an upgraded room stands in a later group than the one it replaces."""
    done: set[str | None] = {None}
    left = list(rooms)
    while left:
        wave = [room for room in left if room.replaces in done]
        if not wave:
            message = f"No such room to replace: {left[0].replaces}"
            raise SeedError(message)
        yield wave
        done |= {room.name for room in wave}
        left = [room for room in left if room not in wave]


def _memberships(rooms: Sequence[SeedRoom]) -> Iterator[tuple[SeedRoom, SeedRoom]]:
    by_name = {room.name: room for room in rooms}
    return ((by_name[room.parent], room) for room in rooms if room.parent is not None)

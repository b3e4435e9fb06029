"""The seeded homeserver in the hands of a test: `Homeserver` speaks as anybody and does what people do."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from .client import Account, Client, RefusedError, quote_id, room_path
from .community import JsonObject, Seeded, SeedFile, SeedRoom
from .planting import read_seeded
from .seed import creation_body, send_event
from .synapse import SERVER_NAME, Synapse


@dataclass(frozen=True, slots=True)
class Homeserver:
    """A running homeserver that holds the demo and the hard cases.

    Senders are localparts (`ada`); they join a room when they first speak in it. Rooms are real room ids.
    Whoever changes a room (visibility, upgrade, purge) is its creator, the account `seeded.admin`.
    """

    server: Synapse
    seeded: Seeded

    @classmethod
    def start(cls, folder: Path) -> Self:
        """Start the server whose planted data are in the folder; the caller stops it."""
        server = Synapse(folder)
        server.start()
        return cls(server, read_seeded(folder))

    @property
    def base_url(self) -> str:
        """What belongs in `[matrix] homeserver`, without a slash at the end."""
        return self.server.base_url

    @property
    def client(self) -> Client:
        """The bare client-server API, for what has no method here."""
        return Client(self.base_url)

    def create_room(
        self,
        name: str = "",
        *,
        history_visibility: str = "world_readable",
        invite_only: bool = False,
        is_space: bool = False,
        version: str = "12",
    ) -> str:
        """Make an empty room that only `admin` is in; its alias is `#name:fen.example`, or something new."""
        name = name or f"room-{uuid.uuid4().hex[:12]}"
        room = SeedRoom(
            name,
            name.title(),
            history_visibility=history_visibility,
            invite_only=invite_only,
            is_space=is_space,
            version=version,
        )
        body = creation_body(room, [], self.seeded.admin.user_id)
        answer = self.client.call(
            "POST", "/_matrix/client/v3/createRoom", body, token=self.seeded.admin.token
        )
        return str(answer["room_id"])

    def send_message(
        self, room: str, sender: str, content: str | JsonObject, *, ts: int | None = None
    ) -> str:
        """Say something and return the event id; a text is an `m.text`, an object is the content as it is."""
        content = {"msgtype": "m.text", "body": content} if isinstance(content, str) else content
        return self.send(room, sender, "m.room.message", content, ts=ts)

    def send(
        self,
        room: str,
        sender: str,
        event_type: str,
        content: JsonObject,
        *,
        state_key: str | None = None,
        ts: int | None = None,
    ) -> str:
        """Send any event, at any time in milliseconds since 1970, and return its id."""
        self.join(room, sender)
        user = _user_id(sender)
        return send_event(self.client, room, user, event_type, content, state_key=state_key, ts=ts)

    def edit(self, room: str, sender: str, event_id: str, body: str, *, ts: int | None = None) -> str:
        """Give a message a new wording; nothing checks that it is the sender's own."""
        content = {
            "msgtype": "m.text",
            "body": f"* {body}",
            "m.new_content": {"msgtype": "m.text", "body": body},
            "m.relates_to": {"rel_type": "m.replace", "event_id": event_id},
        }
        return self.send_message(room, sender, content, ts=ts)

    def react(self, room: str, sender: str, event_id: str, key: str) -> str:
        """React to an event."""
        relation = {"rel_type": "m.annotation", "event_id": event_id, "key": key}
        return self.send(room, sender, "m.reaction", {"m.relates_to": relation})

    def redact(
        self, room: str, sender: str, event_id: str, reason: str = "", *, ts: int | None = None
    ) -> str:
        """Remove an event and return the id of the redaction."""
        content = {"redacts": event_id} | ({"reason": reason} if reason else {})
        return self.send(room, sender, "m.room.redaction", content, ts=ts)

    def set_visibility(self, room: str, visibility: str) -> str:
        """Set `m.room.history_visibility`, for example to `shared` or `world_readable`."""
        content = {"history_visibility": visibility}
        return self.send(room, "admin", "m.room.history_visibility", content, state_key="")

    def add_to_space(self, space: str, room: str) -> str:
        """List a room in a space."""
        return self.send(space, "admin", "m.space.child", {"via": [SERVER_NAME]}, state_key=room)

    def upgrade(self, room: str, version: str = "12") -> str:
        """Replace a room by a new one and return the new room's id."""
        path = room_path(room, "upgrade")
        answer = self.client.call("POST", path, {"new_version": version}, token=self.seeded.admin.token)
        return str(answer["replacement_room"])

    def upload(self, file: SeedFile) -> str:
        """Upload a file and return its `mxc://` URI."""
        return self.client.upload(file.data, file.content_type, file.file_name, token=self.seeded.admin.token)

    def register(self, localpart: str) -> Account:
        """Make a new account with a password and a token."""
        return self.client.register_account(localpart)

    def join(self, room: str, sender: str) -> None:
        """Let somebody into a room, registered first where nobody of that name is; in it already is fine."""
        user = _user_id(sender)
        if user not in self._joined(room):
            self._register(sender)
            path, membership = room_path(room, "state", "m.room.member", user), {"membership": "join"}
            try:
                self.client.call_as(user, "PUT", path, membership)
            except RefusedError:
                self._invite(room, user)
                self.client.call_as(user, "PUT", path, membership)

    def leave(self, room: str, sender: str) -> None:
        """Let somebody leave a room."""
        self.client.call_as(_user_id(sender), "POST", room_path(room, "leave"), {})

    def log_out(self, account: Account) -> None:
        """Make an account's token worthless."""
        self.client.call("POST", "/_matrix/client/v3/logout", {}, token=account.token)

    def erase_user(self, sender: str) -> None:
        """Deactivate a user and erase what they said: without any redaction, contents are served empty."""
        path = f"/_synapse/admin/v1/deactivate/{quote_id(_user_id(sender))}"
        self.client.call("POST", path, {"erase": True}, token=self.seeded.admin.token)

    def purge(self, room: str, before: str) -> None:
        """Delete what came before an event in a room; nothing says afterwards that it was there."""
        self.client.purge(room, before, token=self.seeded.admin.token)

    def quarantine(self, uri: str) -> None:
        """Make a file unreadable for everybody: its download is answered with 404."""
        path = f"/_synapse/admin/v1/media/quarantine/{uri.removeprefix('mxc://')}"
        self.client.call("POST", path, {}, token=self.seeded.admin.token)

    def read_room(self, room: str, account: Account | None = None) -> Sequence[JsonObject]:
        """Return every event that an account (`reader` unless given) is served, oldest first."""
        token = (account or self.seeded.reader).token
        events: list[JsonObject] = []
        query: dict[str, str | int] = {"dir": "f", "limit": 1000}
        while True:
            page: dict[str, Any] = self.client.call(
                "GET", room_path(room, "messages"), token=token, query=query
            )
            events += page["chunk"]
            if "end" not in page:
                return events
            query["from"] = page["end"]

    def _joined(self, room: str) -> Sequence[str]:
        answer = self.client.call("GET", room_path(room, "joined_members"), token=self.seeded.admin.token)
        return list(answer["joined"])

    def _register(self, sender: str) -> None:
        try:
            self.client.register(sender)
        except RefusedError as refused:
            if refused.errcode != "M_USER_IN_USE":
                raise

    def _invite(self, room: str, user: str) -> None:
        path = room_path(room, "invite")
        self.client.call("POST", path, {"user_id": user}, token=self.seeded.admin.token)


def _user_id(sender: str) -> str:
    return f"@{sender}:{SERVER_NAME}"

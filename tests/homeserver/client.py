"""The few client-server calls that seeding needs: a method and a path go out, the server's JSON comes back.

It is not `garden.archive.matrix`, on purpose: the tests must not trust the code they test.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from .synapse import AS_TOKEN, SERVER_NAME, SHARED_SECRET

_TIMEOUT_SECONDS = 60


class RefusedError(Exception):
    """The homeserver answered with an error; `status` and `errcode` are its own."""

    def __init__(self, call: str, status: int, body: str) -> None:
        super().__init__(f"{call}: {status} {body[:300]}")
        self.status = status
        self.errcode = _errcode(body)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may read: what a client needs to be them."""

    user_id: str
    token: str
    password: str = ""
    """Empty for a guest, who has none."""


@dataclass(frozen=True, slots=True)
class Client:
    """The client-server API of one homeserver; each call has its own connection, so threads may share it."""

    base_url: str

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | bytes | None = None,
        *,
        token: str = "",
        query: Mapping[str, str | int] | None = None,
        content_type: str = "application/json",
    ) -> dict[str, Any]:
        """Send one request and return the JSON object it is answered with.

        `path` is percent-encoded and starts with a slash. Raises `RefusedError` on any status but 200.
        """
        headers = {"Content-Type": content_type}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        target = f"{path}?{urlencode(query)}" if query else path
        address = urlsplit(self.base_url)
        connection = http.client.HTTPConnection(
            address.hostname or "", address.port, timeout=_TIMEOUT_SECONDS
        )
        try:
            connection.request(method, target, data, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
        if answer.status != http.HTTPStatus.OK:
            raise RefusedError(f"{method} {path}", answer.status, text)
        value: dict[str, Any] = json.loads(text)
        return value

    def call_as(
        self, user_id: str, method: str, path: str, body: Mapping[str, object], *, ts: int | None = None
    ) -> dict[str, Any]:
        """Do one request as any local user; `ts` is its time in milliseconds since 1970, None for now.

        Follows the application service API, "Identity assertion" and "Timestamp massaging".
        """
        query: dict[str, str | int] = {"user_id": user_id}
        if ts is not None:
            query["ts"] = ts
        return self.call(method, path, body, token=AS_TOKEN, query=query)

    def register(self, localpart: str, display_name: str = "") -> str:
        """Make a user without a token of their own and return the user id."""
        body = {"type": "m.login.application_service", "username": localpart, "inhibit_login": True}
        self.call("POST", "/_matrix/client/v3/register", body, token=AS_TOKEN)
        user_id = f"@{localpart}:{SERVER_NAME}"
        if display_name:
            path = f"/_matrix/client/v3/profile/{quote_id(user_id)}/displayname"
            self.call_as(user_id, "PUT", path, {"displayname": display_name})
        return user_id

    def register_account(self, localpart: str, *, admin: bool = False) -> Account:
        """Make a user with a password and a token (Synapse's admin API, "Shared-secret registration")."""
        path = "/_synapse/admin/v1/register"
        nonce: str = self.call("GET", path)["nonce"]
        password = f"password of {localpart}"
        signed = "\0".join((nonce, localpart, password, "admin" if admin else "notadmin"))
        mac = hmac.new(SHARED_SECRET.encode(), signed.encode(), hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": localpart, "password": password, "admin": admin, "mac": mac}
        answer = self.call("POST", path, body)
        return Account(answer["user_id"], answer["access_token"], password)

    def register_guest(self) -> Account:
        """Make a guest (client-server API, "Guest Access")."""
        answer = self.call("POST", "/_matrix/client/v3/register", {}, query={"kind": "guest"})
        return Account(answer["user_id"], answer["access_token"])

    def upload(self, data: bytes, content_type: str, file_name: str, *, token: str) -> str:
        """Upload a file and return its `mxc://` URI."""
        path = "/_matrix/media/v3/upload"
        answer = self.call(
            "POST", path, data, token=token, query={"filename": file_name}, content_type=content_type
        )
        uri: str = answer["content_uri"]
        return uri

    def purge(self, room_id: str, before: str, *, token: str) -> None:
        """Delete a room's history before an event, and wait for it (Synapse's admin API, "Purge History")."""
        path = f"/_synapse/admin/v1/purge_history/{quote_id(room_id)}/{quote_id(before)}"
        purge_id: str = self.call("POST", path, {"delete_local_events": True}, token=token)["purge_id"]
        status = f"/_synapse/admin/v1/purge_history_status/{quote_id(purge_id)}"
        while self.call("GET", status, token=token)["status"] == "active":
            time.sleep(0.02)


def quote_id(identifier: str) -> str:
    """Make an identifier fit to be one segment of a path."""
    return quote(identifier, safe="")


def room_path(room_id: str, *rest: str) -> str:
    """Return the path of something in a room; each part is encoded."""
    return "/".join(("/_matrix/client/v3/rooms", quote_id(room_id), *map(quote_id, rest)))


def _errcode(body: str) -> str:
    try:
        value = json.loads(body)
    except ValueError:
        return ""
    return str(value.get("errcode", "")) if isinstance(value, dict) else ""

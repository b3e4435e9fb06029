"""Events as the archive hands them on, in the few words that a test of this stage needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from garden.archive.event import Event, RoomId, read_event

ROOM = RoomId("!room:fen.example")
ADA = "@ada:fen.example"
BEN = "@ben:fen.example"
MO = "@mo:fen.example"
NOON = 1_741_003_200_000
"""2025-03-03, 12:00 UTC."""
DAY = 86_400_000

Json = Mapping[str, object]


def event(
    name: str,
    kind: str,
    content: Json,
    *,
    sender: str = ADA,
    at: int = 0,
    state_key: str | None = None,
    **more: object,
) -> Event:
    """One event, `at` milliseconds after noon; it is read as the archive reads every event."""
    source: dict[str, object] = {
        "type": kind,
        "event_id": f"${name}",
        "sender": sender,
        "origin_server_ts": NOON + at,
        "content": content,
        **more,
    }
    if state_key is not None:
        source["state_key"] = state_key
    return read_event(source, ROOM)


def said(name: str, body: str, *, sender: str = ADA, at: int = 0, **content: object) -> Event:
    return event(name, "m.room.message", {"msgtype": "m.text", "body": body, **content}, sender=sender, at=at)


def answering(target: str) -> dict[str, Any]:
    return {"m.relates_to": {"m.in_reply_to": {"event_id": f"${target}"}}}


def in_thread(root: str, target: str | None = None, *, falling_back: bool = True) -> dict[str, Any]:
    relation: dict[str, object] = {"rel_type": "m.thread", "event_id": f"${root}"}
    if target is not None:
        relation |= {"m.in_reply_to": {"event_id": f"${target}"}, "is_falling_back": falling_back}
    return {"m.relates_to": relation}


def edited(name: str, target: str, body: str, *, sender: str = ADA, at: int = 1, **content: object) -> Event:
    new = {"msgtype": "m.text", "body": body, **content}
    relation = {"rel_type": "m.replace", "event_id": f"${target}"}
    return said(name, f"* {body}", sender=sender, at=at, **{"m.new_content": new, "m.relates_to": relation})


def reacted(name: str, target: str, key: object, *, sender: str = BEN) -> Event:
    relation = {"rel_type": "m.annotation", "event_id": f"${target}", "key": key}
    return event(name, "m.reaction", {"m.relates_to": relation}, sender=sender)


def member(
    name: str,
    user: str,
    displayname: object = None,
    *,
    membership: str = "join",
    sender: str = "",
    **more: object,
) -> Event:
    """Somebody's membership; `more` goes into its content."""
    content = {"membership": membership, "displayname": displayname, **more}
    return event(name, "m.room.member", content, sender=sender or user, state_key=user)


def state(name: str, kind: str, content: Json, *, state_key: str = "", sender: str = ADA) -> Event:
    return event(name, kind, content, sender=sender, state_key=state_key)


def erased(name: str) -> Event:
    """A message as the server shows it once a redaction has emptied it."""
    because = {"type": "m.room.redaction", "event_id": f"$redaction-of-{name}"}
    return event(name, "m.room.message", {}, unsigned={"redacted_because": because})


def visibility(name: str, value: object) -> Event:
    return event(name, "m.room.history_visibility", {"history_visibility": value}, state_key="")


def encryption(name: str) -> Event:
    return event(name, "m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"}, state_key="")


def secret(name: str) -> Event:
    return event(name, "m.room.encrypted", {"ciphertext": "…"})

"""Words for writing events by hand: who said what, in relation to what, becomes client-event JSON.

Event ids are written without their `$`. `in_order` gives each event the next minute of one January morning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from .community import JsonObject
from .synapse import SERVER_NAME

SECRET: Final = "sundew-secret"
"""Stands in every message that must not be published."""

_START: Final = 1_767_254_400_000
"""2026-01-01 08:00 UTC in milliseconds."""
_MINUTE: Final = 60_000


def say(event_id: str, sender: str, body: str, more: Mapping[str, object] | None = None) -> dict[str, Any]:
    """Return a text message; `more` is laid over its content."""
    return {
        "event_id": f"${event_id}",
        "sender": f"@{sender}:{SERVER_NAME}",
        "type": "m.room.message",
        "content": {"msgtype": "m.text", "body": body} | dict(more or {}),
    }


def state(sender: str, event_type: str, state_key: str, content: Mapping[str, object]) -> dict[str, Any]:
    """Return a state event, which nothing refers to and so has no id."""
    return {
        "sender": f"@{sender}:{SERVER_NAME}",
        "type": event_type,
        "state_key": state_key,
        "content": dict(content),
    }


def member(sender: str, display_name: str) -> dict[str, Any]:
    """Return somebody's joining under a name for this room."""
    content = {"membership": "join", "displayname": display_name}
    return state(sender, "m.room.member", f"@{sender}:{SERVER_NAME}", content)


def relate(rel_type: str, target: str, **more: object) -> dict[str, object]:
    """Return content that relates an event to another (client-server API, "Forming relationships")."""
    return {"m.relates_to": {"rel_type": rel_type, "event_id": f"${target}", **more}}


def reply(target: str) -> dict[str, object]:
    """Return content that makes an event a rich reply (client-server API, "Rich replies")."""
    return {"m.relates_to": {"m.in_reply_to": {"event_id": f"${target}"}}}


def new_wording(text: str, target: str, **inner: object) -> dict[str, object]:
    """Return content that edits an event; `inner` is laid over the new content."""
    return {"m.new_content": {"msgtype": "m.text", "body": text, **inner}} | relate("m.replace", target)


def react(event_id: str, sender: str, target: str, key: str) -> dict[str, Any]:
    """Return a reaction."""
    content = relate("m.annotation", target, key=key)
    return {**say(event_id, sender, ""), "type": "m.reaction", "content": content}


def redact(event_id: str, sender: str, target: str, reason: str) -> dict[str, Any]:
    """Return a redaction."""
    content = {"redacts": f"${target}", "reason": reason}
    return {**say(event_id, sender, ""), "type": "m.room.redaction", "content": content}


def in_order(events: Sequence[JsonObject]) -> list[JsonObject]:
    """Give each event without a time its minute."""
    return [{"origin_server_ts": _START + minute * _MINUTE, **event} for minute, event in enumerate(events)]

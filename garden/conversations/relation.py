"""Relations: an event's content comes in, the identifier of the event that it relates to goes out."""

from __future__ import annotations

from garden.archive.event import EventId, JsonObject, get_object, get_text


def relation_target(content: JsonObject, rel_type: str) -> EventId | None:
    """Return the event that a relation points to (client-server API, "Forming relationships")."""
    relates_to = content.get("m.relates_to")
    if relates_to is None or get_text(relates_to, "rel_type") != rel_type:
        return None
    target = get_text(relates_to, "event_id")
    return EventId(target) if target else None


def reply_target(content: JsonObject) -> EventId | None:
    """Return the event that a message answers; in a thread a fallback for old clients is no answer."""
    relates_to = get_object(content, "m.relates_to")
    if relates_to is None:
        return None
    target = get_text(relates_to, "m.in_reply_to", "event_id")
    in_thread = relation_target(content, "m.thread") is not None
    fallback = in_thread and relates_to.get("is_falling_back") is True
    return EventId(target) if target and not fallback else None

"""Settle edits, redactions and reactions: events in the server's order become messages in final wording.

An edit counts only when its sender is the original's sender; nothing is taken from what a server bundles.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from garden.archive.event import Event, EventId, JsonObject, MxcUri, UserId, get_object, get_text
from garden.conversations.conversation import Attachment, Message, MessageKind, Reaction
from garden.conversations.room import localpart, name_members, note_name

_KINDS: Mapping[str, MessageKind] = {
    "m.notice": MessageKind.NOTICE,
    "m.emote": MessageKind.EMOTE,
    "m.image": MessageKind.IMAGE,
    "m.file": MessageKind.FILE,
    "m.audio": MessageKind.FILE,
    "m.video": MessageKind.FILE,
}
"""Message types that are no plain text; an unknown type reads as its fallback body."""

_FALLBACK_LINE = re.compile(r"> (?:\* )?<@[^>\n]+>")
"""First line of a reply's fallback; a quotation that begins with `<3` is somebody's own."""

_LONGEST_KEY = 40
"""Characters of a reaction that are shown; emoji sequences stay far below."""


def resolve_messages(events: Iterable[Event], state: Iterable[Event] = ()) -> list[Message]:
    """Turn one room's publishable events into messages.

    `state` is the room's current state; it names members whose own membership event is not among
    `events`. The order of the result is the order of the events.
    """
    names = name_members(state)
    originals: list[tuple[Event, str]] = []
    edits: dict[EventId, list[Event]] = defaultdict(list)
    reactions: dict[EventId, dict[str, dict[UserId, None]]] = defaultdict(lambda: defaultdict(dict))
    for event in events:
        note_name(names, event)
        if event.type == "m.reaction":
            _note_reaction(reactions, event)
        elif event.type in {"m.room.message", "m.sticker"} and event.state_key is None:
            target = relation_target(event.content, "m.replace")
            if target is None:
                originals.append((event, names.get(event.sender) or localpart(event.sender)))
            else:
                edits[target].append(event)
    return [
        _settle(event, name, edits.get(event.event_id, []), reactions.get(event.event_id, {}))
        for event, name in originals
    ]


def relation_target(content: JsonObject, rel_type: str) -> EventId | None:
    """Return the event that a relation points to (client-server API, "Forming relationships")."""
    relates_to = get_object(content, "m.relates_to")
    if get_text(relates_to, "rel_type") != rel_type:
        return None
    target = get_text(relates_to, "event_id")
    return EventId(target) if target else None


def reply_target(content: JsonObject) -> EventId | None:
    """Return the event that a message answers; in a thread a fallback for old clients is no answer."""
    relates_to = get_object(content, "m.relates_to")
    target = get_text(relates_to, "m.in_reply_to", "event_id")
    in_thread = relation_target(content, "m.thread") is not None
    fallback = in_thread and relates_to is not None and relates_to.get("is_falling_back") is True
    return EventId(target) if target and not fallback else None


def _note_reaction(reactions: dict[EventId, dict[str, dict[UserId, None]]], event: Event) -> None:
    target = relation_target(event.content, "m.annotation")
    key = (get_text(event.content, "m.relates_to", "key") or "").strip()
    if target is not None and key:
        reactions[target][" ".join(key.split())[:_LONGEST_KEY]][event.sender] = None


def _settle(
    event: Event, name: str, edits: list[Event], reactions: Mapping[str, Mapping[UserId, None]]
) -> Message:
    edit = _last_edit(event, edits)
    content = event.content if edit is None else get_object(edit.content, "m.new_content") or event.content
    body = get_text(content, "body")
    if event.redacted_because is not None or body is None:
        return _settle_removed(event, name)
    reply_to = reply_target(event.content)
    formatted = get_text(content, "formatted_body")
    kind = _kind_of(event, content)
    return Message(
        event_id=event.event_id,
        room_id=event.room_id,
        sender=event.sender,
        sender_name=name,
        sent_at=event.sent_at,
        kind=kind,
        body=_strip_plain_fallback(body) if reply_to or relation_target(event.content, "m.thread") else body,
        formatted_body=formatted if content.get("format") == "org.matrix.custom.html" else None,
        attachment=_attachment(content, body) if kind in {MessageKind.IMAGE, MessageKind.FILE} else None,
        edited_at=edit.sent_at if edit is not None else None,
        reply_to=reply_to,
        thread_root=relation_target(event.content, "m.thread"),
        reactions=tuple(Reaction(key, tuple(senders)) for key, senders in reactions.items()),
    )


def _kind_of(event: Event, content: JsonObject) -> MessageKind:
    if event.type == "m.sticker":
        return MessageKind.IMAGE
    return _KINDS.get(get_text(content, "msgtype") or "", MessageKind.TEXT)


def _settle_removed(event: Event, name: str) -> Message:
    return Message(
        event_id=event.event_id,
        room_id=event.room_id,
        sender=event.sender,
        sender_name=name,
        sent_at=event.sent_at,
        kind=MessageKind.REMOVED,
        thread_root=relation_target(event.content, "m.thread"),
    )


def _last_edit(event: Event, edits: Iterable[Event]) -> Event | None:
    """The newest valid edit wins, ties by identifier (client-server API, "Event replacements")."""
    valid = [
        edit
        for edit in edits
        if edit.sender == event.sender
        and edit.type == event.type
        and get_text(edit.content, "m.new_content", "body") is not None
    ]
    return max(valid, key=lambda edit: (edit.sent_at, edit.event_id), default=None)


def _strip_plain_fallback(body: str) -> str:
    """Drop the quotation that old clients put before a reply ("Fallbacks for rich replies")."""
    lines = body.split("\n")
    if not _FALLBACK_LINE.match(lines[0]):
        return body
    rest = next((index for index, line in enumerate(lines) if not line.startswith(">")), len(lines))
    return "\n".join(lines[rest:]).lstrip("\n")


def _attachment(content: JsonObject, body: str) -> Attachment | None:
    uri = get_text(content, "url")
    if uri is None or not uri.startswith("mxc://"):
        return None
    return Attachment(MxcUri(uri), get_text(content, "filename") or body)

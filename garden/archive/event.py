"""The Event: one thing that happened in a room, as the server told it.

Raw JSON comes in, from a homeserver or a file; a checked, frozen `Event` goes out, or a
`MalformedEventError` that says why not. Nobody after this module has to ask whether a sender is text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType

RoomId = NewType("RoomId", str)
EventId = NewType("EventId", str)
UserId = NewType("UserId", str)
RoomAlias = NewType("RoomAlias", str)
MxcUri = NewType("MxcUri", str)


class MediaForm(StrEnum):
    """What a file behind a `mxc:` address is wanted for: it decides what may lie there and how it is kept."""

    PICTURE = "picture"
    """Shown as a picture: it has to be one."""
    RECORDING = "recording"
    """Video or sound: it has to be one."""
    FILE = "file"
    """Offered for download: any bytes."""
    SMALL = "small"
    """A picture shown small: avatars, custom emoji."""


JsonObject = Mapping[str, object]
"""A JSON object that a stranger wrote: look into it with the functions below only."""

MAX_EVENT_BYTES: Final = 256 * 1024
"""Four times the specification's limit of 65,536 bytes (client-server API, "Size limits"), since the
client format adds fields to what the limit counts."""

MAX_IDENTIFIER_BYTES: Final = 255
"""Longest identifier of a user, room or event (appendices, "Common identifier format")."""

MAX_DEPTH: Final = 64
"""Deepest nesting of `content` that is read; real events stay below ten."""

_LAST_SANE_TIME: Final = 253_402_300_799_999
"""End of the year 9999 in milliseconds: the last moment a calendar can name."""

_KEPT_KEYS: Final = (
    "type",
    "room_id",
    "event_id",
    "sender",
    "origin_server_ts",
    "state_key",
    "redacts",
    "content",
)


MXC_URI: Final = re.compile(
    r"mxc://((?:[A-Za-z0-9.-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?)/([A-Za-z0-9_-]{1,255})"
)
"""Server name (appendices, "Server name") and media id (client-server API, "Content repository")."""

PROFILE_KEYS: Final = ("m.per_message_profile", "com.beeper.per_message_profile")
"""Where a bridge says in a message for whom it speaks (MSC4144), the name by which it is known first."""


COVERED_SERVER: Final = ":garden.invalid"
"""How identifiers end that a garden has made up; `.invalid` is nobody's (RFC 2606)."""

NOBODY: Final = UserId(f"@nobody{COVERED_SERVER}")
"""Who stands in an event instead of somebody who is not to be named."""


class MalformedEventError(ValueError):
    """The JSON is no Matrix event; the message says which field is wrong."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of one room (client-server API, "Room event format")."""

    room_id: RoomId
    event_id: EventId
    sender: UserId
    type: str
    """For example `m.room.message`."""
    sent_at: int
    """`origin_server_ts` in milliseconds since 1970; the sender's server chose it and may lie."""
    content: JsonObject
    state_key: str | None = None
    """Text, perhaps empty, for state events; None for everything else."""
    redacts: EventId | None = None
    """For `m.room.redaction`: the event that is to go, wherever the room's version keeps it."""
    redacted_because: JsonObject | None = None
    """The redaction that emptied this event, where the server said so."""
    arrived_at: int | None = None
    """When it was here at the latest, by this machine's clock, milliseconds since 1970; None where only
    files have told it."""


def read_event(source: object, room_id: RoomId) -> Event:
    """Check one event's JSON and give it its type.

    `room_id` is the room it was asked from; it must agree with the event's own where that is given.
    Raises `MalformedEventError`.
    """
    if not isinstance(source, Mapping):
        raise MalformedEventError(f"an event is an object, this is {type(source).__name__}")
    _check_size(source)
    return revive_event(source, room_id)


def read_events(sources: Iterable[object], room_id: RoomId) -> Iterator[Event]:
    """Yield the events among raw JSON of one room; what is none is left out."""
    for source in sources:
        with suppress(MalformedEventError):
            yield read_event(source, room_id)


def revive_event(source: JsonObject, room_id: RoomId) -> Event:
    """Give an event from the archive its type again; what it costs most to check was checked when it came in.

    Raises `MalformedEventError`.
    """
    if source.get("room_id", room_id) != room_id:
        raise MalformedEventError("room_id is another room's")
    content = source.get("content")
    if not isinstance(content, Mapping):
        raise MalformedEventError("content is no object")
    state_key = source.get("state_key")
    if state_key is not None and not isinstance(state_key, str):
        raise MalformedEventError("state_key is no text")
    event_type = _need_text(source, "type")
    return Event(
        room_id=room_id,
        event_id=EventId(_need_sigil(source, "event_id", "$")),
        sender=UserId(_need_sigil(source, "sender", "@")),
        type=event_type,
        sent_at=_need_time(source),
        content=content,
        state_key=state_key,
        redacts=_redaction_target(source, content) if event_type == "m.room.redaction" else None,
        redacted_because=get_object(source, "unsigned", "redacted_because"),
    )


def trim_source(source: JsonObject) -> dict[str, object]:
    """Reduce an event's JSON to what a garden may keep.

    Of `unsigned` only `redacted_because` stays: the rest is the server's commentary for one reader and
    can hold words from events that other readers may not see.
    """
    kept = {key: source[key] for key in _KEPT_KEYS if key in source}
    because = get_object(source, "unsigned", "redacted_because")
    if because is not None:
        kept["unsigned"] = {"redacted_because": trim_source(because)}
    return kept


def get_object(source: object, *path: str) -> JsonObject | None:
    """Return the object at a path of keys, or None where anything on the way is something else."""
    for key in path:
        source = source.get(key) if isinstance(source, Mapping) else None
    return source if isinstance(source, Mapping) else None


def get_text(source: object, *path: str) -> str | None:
    """Return the text at a path of keys, fit for UTF-8, or None.

    Lone surrogates, which JSON can spell but no file can hold, become U+FFFD; NUL goes.
    """
    holder = get_object(source, *path[:-1])
    value = holder.get(path[-1]) if holder is not None else None
    return clean_text(value) if isinstance(value, str) else None


def get_number(source: object, *path: str) -> int | None:
    """Return the whole number at a path of keys, or None."""
    holder = get_object(source, *path[:-1])
    value = holder.get(path[-1]) if holder is not None else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def get_mxc(source: object, *path: str) -> MxcUri | None:
    """Return the well-formed `mxc:` address at a path of keys, or None; no letter of it is cleaned away."""
    uri = (get_object(source, *path[:-1]) or {}).get(path[-1])
    return MxcUri(uri) if isinstance(uri, str) and MXC_URI.fullmatch(uri) else None


def get_time(source: object, *path: str) -> int | None:
    """Return the time at a path of keys, in milliseconds since 1970; None where no calendar names it."""
    value = get_number(source, *path)
    return value if value is not None and 0 <= value <= _LAST_SANE_TIME else None


_UNWRITABLE: Final = re.compile("[\ud800-\udfff]")
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


def clean_text(text: str) -> str:
    """Make text that UTF-8, XML and a terminal can all carry.

    Lone surrogates become U+FFFD; control characters other than tab and line ends go; line ends become LF.
    """
    if text.isprintable():  # the usual case: nothing of what goes is printable
        return text
    text = _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _need_text(source: JsonObject, key: str) -> str:
    value = source.get(key)
    if not isinstance(value, str) or not value:
        raise MalformedEventError(f"{key} is missing or no text")
    return value


def _need_sigil(source: JsonObject, key: str, sigil: str) -> str:
    value = _need_text(source, key)
    if (
        not value.startswith(sigil)
        or len(value.encode("utf-8", "replace")) > MAX_IDENTIFIER_BYTES
        or clean_text("".join(value.split())) != value
    ):
        raise MalformedEventError(f"{key} is no identifier that starts with {sigil}")
    return value


def _need_time(source: JsonObject) -> int:
    value = get_time(source, "origin_server_ts")
    if value is None:
        raise MalformedEventError("origin_server_ts is missing or no time in milliseconds")
    return value


def _redaction_target(source: JsonObject, content: JsonObject) -> EventId | None:
    """Room versions 1 to 10 keep `redacts` beside the content, 11 and later inside."""
    target = get_text(content, "redacts") or get_text(source, "redacts")
    return EventId(target) if target else None


def _check_size(source: JsonObject) -> None:
    if _depth(source) > MAX_DEPTH:
        raise MalformedEventError(f"nested deeper than {MAX_DEPTH} levels")
    try:
        size = len(json.dumps(source, allow_nan=False, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, TypeError) as error:
        raise MalformedEventError(f"no JSON: {error}") from error
    if size > MAX_EVENT_BYTES:
        raise MalformedEventError(f"{size} bytes, more than {MAX_EVENT_BYTES}")


def _depth(source: object) -> int:
    """Measure nesting level by level, since a recursive walk is what a hostile event wants."""
    depth, level = 0, [source]
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [
            child
            for parent in level
            if isinstance(parent, Mapping | list)
            for child in (parent.values() if isinstance(parent, Mapping) else parent)
        ]
    return depth

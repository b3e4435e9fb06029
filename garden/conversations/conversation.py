"""Message and Conversation: what people said, in final wording.

These are the types that the archive's events become and that pages are composed from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from garden.archive.event import EventId, MxcUri, RoomId, UserId


class MessageKind(StrEnum):
    """How a message wants to be read (client-server API, "m.room.message msgtypes")."""

    TEXT = "text"
    NOTICE = "notice"
    EMOTE = "emote"
    IMAGE = "image"
    FILE = "file"
    """A file, video or sound: its name stands on the page, the bytes are not copied."""
    REMOVED = "removed"
    """Redacted, or emptied by the server; only who, when and its place are left."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """What a message carries beside words."""

    uri: MxcUri
    name: str
    """File name as the sender gave it, for alternative text only."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """One reaction key and everybody who used it."""

    key: str
    """Emoji or short text."""
    senders: tuple[UserId, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """One message after edits, redactions and reactions have been settled."""

    event_id: EventId
    room_id: RoomId
    sender: UserId
    sender_name: str
    """Display name when the message was sent, else the localpart; never empty."""
    sent_at: int
    """Milliseconds since 1970, UTC."""
    kind: MessageKind
    body: str = ""
    """Plain text of the final wording."""
    formatted_body: str | None = None
    """HTML of the final wording, as untrusted as it came."""
    attachment: Attachment | None = None
    edited_at: int | None = None
    """Time of the edit that gave the final wording."""
    reply_to: EventId | None = None
    """The message that this one answers; a thread's fallback reply does not count."""
    thread_root: EventId | None = None
    reactions: tuple[Reaction, ...] = ()


class ConversationKind(StrEnum):
    """Why messages stand on one page."""

    THREAD = "thread"
    """A Matrix thread (client-server API, "Threading")."""
    CHAIN = "chain"
    """Replies to replies, outside threads."""
    DAY = "day"
    """What else was said in a room on one day (UTC)."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The messages that one page will hold, in the server's order; never empty."""

    kind: ConversationKind
    room_id: RoomId
    messages: tuple[Message, ...]
    root_id: EventId | None = None
    """Root of a thread or chain; for threads it may be an event nobody can read."""
    day: date | None = None
    """For day conversations: the day, UTC."""

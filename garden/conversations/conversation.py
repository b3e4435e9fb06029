"""Message and Conversation: what people said, in final wording.

These are the types that the archive's events become and that pages are composed from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from garden.archive.event import EventId, MxcUri, RoomId, UserId
from garden.conversations.tending import UNTENDED, Tending


class Naming(StrEnum):
    """How people are named, from the most open to the strictest."""

    FULL = "full"
    PSEUDONYM = "pseudonym"
    """By a name that the garden has made up, the same everywhere in it."""
    HIDDEN = "hidden"
    """Not at all."""


class MessageKind(StrEnum):
    """How a message wants to be read (client-server API, "m.room.message msgtypes" and event types)."""

    TEXT = "text"
    NOTICE = "notice"
    EMOTE = "emote"
    IMAGE = "image"
    STICKER = "sticker"
    VIDEO = "video"
    AUDIO = "audio"
    VOICE = "voice"
    FILE = "file"
    LOCATION = "location"
    POLL = "poll"
    CALL = "call"
    OTHER = "other"
    """A type that garden does not know: its fallback words, with the type named."""
    STATE = "state"
    """Something about the room changed; `change` says what."""
    ENCRYPTED = "encrypted"
    """Sent encrypted, so its words are not published; only when and its place are left."""
    REMOVED = "removed"
    """Redacted, or emptied by the server; only who, when and its place are left."""


SPOKEN: Final = frozenset(MessageKind) - {
    MessageKind.CALL,
    MessageKind.STATE,
    MessageKind.ENCRYPTED,
    MessageKind.REMOVED,
}
"""Kinds that are somebody's words: they count as messages, name people and fill searches."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """What a message carries beside words, as the sender declared it; nothing here has been checked."""

    uri: MxcUri
    name: str
    """File name, one line, for people only: it never names a file."""
    mimetype: str = ""
    size: int | None = None
    """In bytes."""
    duration_ms: int | None = None
    waveform: tuple[int, ...] = ()
    """Loudness of a voice message over its length, each 0 to 1024 (MSC1767)."""
    thumbnail: MxcUri | None = None
    """A still of a video."""


@dataclass(frozen=True, slots=True)
class Location:
    """A place (client-server API, `m.location`)."""

    geo_uri: str
    """RFC 5870: `geo:52.08,4.31`; only coordinates and uncertainty, checked."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Reaction:
    """One reaction key and everybody who used it."""

    key: str
    """Emoji or short text; for a custom emoji its shortcode, `:bean:`."""
    senders: tuple[UserId, ...]
    names: tuple[str, ...] = ()
    """The senders' names, in the same order."""
    image: MxcUri | None = None
    """The picture of a custom emoji (MSC4027)."""


@dataclass(frozen=True, slots=True)
class PollAnswer:
    """One answer of a poll."""

    text: str
    votes: int | None
    """None where the counts are not to be seen, because an undisclosed poll is still open."""
    is_winner: bool = False
    """Whether the poll has ended and no answer got more votes."""


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll as it stands now (MSC3381); the question is the message's body."""

    answers: tuple[PollAnswer, ...]
    voters: int
    """How many people's votes count."""
    max_selections: int = 1
    ended_at: int | None = None
    """Milliseconds since 1970, UTC; None while it is open."""


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier wording of an edited message."""

    sent_at: int
    body: str
    formatted_body: str | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """Who took a message away, and when, where the server says so."""

    by: UserId
    name: str
    at: int
    """Milliseconds since 1970, UTC."""


class ChangeKind(StrEnum):
    """What about a room a state event changed."""

    CREATED = "created"
    UPGRADED = "upgraded"
    """The conversation went on in a new room."""
    NAME = "name"
    TOPIC = "topic"
    AVATAR = "avatar"
    PINS = "pins"
    WIDGET = "widget"
    JOIN = "join"
    LEAVE = "leave"
    INVITE = "invite"
    KICK = "kick"
    BAN = "ban"
    RENAME = "rename"
    """A member took another display name."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a state event says for people."""

    kind: ChangeKind
    value: str = ""
    """New name or topic, the member's name, the widget's name; one line; empty where it was taken away."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message after edits, redactions, reactions and votes have been settled."""

    event_id: EventId
    room_id: RoomId
    """Where it was sent: for an upgraded room perhaps an older one."""
    sender: UserId
    sender_name: str
    """Display name when the message was sent, else the localpart; one line, never empty."""
    sent_at: int
    """Milliseconds since 1970, UTC."""
    kind: MessageKind
    body: str = ""
    """Plain text of the final wording: of a file its caption, of a place its description, of a poll its
    question."""
    formatted_body: str | None = None
    """HTML of the final wording, as untrusted as it came."""
    avatar: MxcUri | None = None
    """The sender's picture when the message was sent."""
    network: str = ""
    """Where a bridge brought it from, `Discord`; empty for people on Matrix itself."""
    attachment: Attachment | None = None
    location: Location | None = None
    poll: Poll | None = None
    change: Change | None = None
    type_name: str = ""
    """For kinds `OTHER` and `CALL`: the event's or message's type as the sender wrote it."""
    edited_at: int | None = None
    """Time of the edit that gave the final wording."""
    versions: tuple[Version, ...] = ()
    """Earlier wordings, oldest first, without the final one."""
    removal: Removal | None = None
    """For kind `REMOVED`."""
    reply_to: EventId | None = None
    """The message that this one answers; a thread's fallback reply does not count."""
    thread_root: EventId | None = None
    reactions: tuple[Reaction, ...] = ()
    names: tuple[tuple[UserId, str], ...] = ()
    """The people whom the wording mentions by a link or an identifier, with their names at that time."""
    mentions_room: bool = False
    """Whether `@room` in it calls everybody (`m.mentions`)."""

    @property
    def is_spoken(self) -> bool:
        """Whether these are somebody's words."""
        return self.kind in SPOKEN


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
    tending: Tending = UNTENDED

"""Sayings: the type and one wording of a message come in, what kind it is and what it says goes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from garden.archive.event import Event, JsonObject, get_text
from garden.conversations.attachment import has_caption, is_voice, read_attachment
from garden.conversations.conversation import Attachment, Location, MessageKind
from garden.conversations.label import clean_label
from garden.conversations.place import read_location
from garden.conversations.poll import POLL_ENDS, POLL_RESPONSES, POLL_STARTS, Ballot, read_ballot
from garden.conversations.profile import read_profile, strip_profile_fallback
from garden.conversations.words import Words, read_words

_LONGEST_TYPE: Final = 80

_TEXT_KINDS: Final[Mapping[str, MessageKind]] = {
    "m.text": MessageKind.TEXT,
    "m.notice": MessageKind.NOTICE,
    "m.server_notice": MessageKind.NOTICE,
    "m.emote": MessageKind.EMOTE,
}
_MEDIA_KINDS: Final[Mapping[str, MessageKind]] = {
    "m.image": MessageKind.IMAGE,
    "m.video": MessageKind.VIDEO,
    "m.audio": MessageKind.AUDIO,
    "m.file": MessageKind.FILE,
}
_CALLS: Final = frozenset({"m.call.invite", "m.call.hangup", "m.call.reject"})
"""The beginning and the end of a call; what stands between them is talk between devices."""

_SILENT: Final = frozenset(
    {"m.reaction", "m.beacon", "m.dummy", "m.fully_read", "m.presence", "org.matrix.dummy_event"}
) | (POLL_RESPONSES | POLL_ENDS)
_SILENT_PREFIXES: Final = (
    "m.call.",
    "m.key.",
    "m.poll.",
    "m.receipt",
    "m.room.",
    "m.room_key",
    "m.rtc.",
    "m.secret.",
    "m.space.",
    "m.typing",
    "com.beeper.message_send_status",
    "org.matrix.call.",
    "org.matrix.msc2716.",
    "org.matrix.msc3381.",
    "org.matrix.msc3401.",
    "org.matrix.msc3672.",
    "org.matrix.msc4075.",
    "org.matrix.msc4143.",
)
"""Bookkeeping between clients, and types of state that somebody has sent as a message."""
_SPEAKING: Final = frozenset({"m.room.message", "m.room.encrypted", "m.sticker"}) | POLL_STARTS | _CALLS
_VERIFICATION: Final = "m.key.verification.request"


@dataclass(frozen=True, slots=True)
class Saying:
    """One wording of a message."""

    kind: MessageKind
    body: str = ""
    """Empty where an attachment has no caption."""
    formatted_body: str | None = None
    type_name: str = ""
    attachment: Attachment | None = None
    location: Location | None = None
    ballot: Ballot | None = None

    def in_words(self) -> Words:
        """Return the wording as text: of a poll the question and its answers."""
        if self.ballot is not None:
            return Words(self.ballot.in_words())
        return Words(self.body, self.formatted_body)


def is_message(event: Event) -> bool:
    """Whether an event is one that people read; all others are bookkeeping."""
    if event.type in _SPEAKING:
        return event.content.get("msgtype") != _VERIFICATION
    return event.type not in _SILENT and not event.type.startswith(_SILENT_PREFIXES)


def is_call(event: Event) -> bool:
    """Whether an event begins or ends a call."""
    return event.type in _CALLS


def read_saying(event_type: str, content: JsonObject) -> Saying | None:
    """Read one wording of a message; None where a redaction or the server has left nothing of it."""
    if event_type in _CALLS:
        return Saying(MessageKind.CALL, type_name=event_type)
    if event_type == "m.room.encrypted":
        return Saying(MessageKind.ENCRYPTED)
    if event_type == "m.room.message":
        saying = _read_message(content)
    elif event_type == "m.sticker":
        saying = _read_media(MessageKind.STICKER, content)
    elif event_type in POLL_STARTS:
        saying = _read_poll(event_type, content)
    else:
        saying = _read_other(event_type, content)
    return saying


def _read_message(content: JsonObject) -> Saying | None:
    msgtype = get_text(content, "msgtype") or "m.text"
    if msgtype in _MEDIA_KINDS:
        kind = _MEDIA_KINDS[msgtype]
        voice = kind is MessageKind.AUDIO and is_voice(content)
        return _read_media(MessageKind.VOICE if voice else kind, content)
    if msgtype == "m.location":
        return _read_place(content)
    if msgtype in _TEXT_KINDS:
        return _read_text(_TEXT_KINDS[msgtype], content)
    return _read_other(msgtype, content)


def _read_text(kind: MessageKind, content: JsonObject) -> Saying | None:
    words = read_words(content)
    return _say(kind, words, content) if words is not None else None


def _read_media(kind: MessageKind, content: JsonObject) -> Saying | None:
    """Read what carries a file; without one the words are all there is."""
    attachment = read_attachment(content, video=kind is MessageKind.VIDEO)
    words = read_words(content)
    if attachment is None:
        return _say(kind, words, content) if words is not None else None
    if words is None or not has_caption(content):
        return Saying(kind, attachment=attachment)
    return _say(kind, words, content, attachment)


def _read_place(content: JsonObject) -> Saying | None:
    location = read_location(content)
    if location is None:
        return _read_text(MessageKind.TEXT, content)
    return Saying(MessageKind.LOCATION, location.description, location=location)


def _read_poll(event_type: str, content: JsonObject) -> Saying | None:
    ballot = read_ballot(content)
    if ballot is None:
        return _read_other(event_type, content)
    return Saying(MessageKind.POLL, ballot.question, ballot=ballot)


def _read_other(type_name: str, content: JsonObject) -> Saying | None:
    """Read what nobody here knows: it may say in words what it is."""
    if not content:
        return None
    saying = _say(MessageKind.OTHER, read_words(content) or Words(""), content)
    return replace(saying, type_name=clean_label(type_name, _LONGEST_TYPE))


def _say(
    kind: MessageKind, words: Words, content: JsonObject, attachment: Attachment | None = None
) -> Saying:
    profile = read_profile(content)
    if profile is not None:
        words = strip_profile_fallback(words, profile)
    return Saying(kind, words.body, words.formatted_body, attachment=attachment)

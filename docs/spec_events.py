"""What becomes of each type of event that the Matrix specification names, as one table.

`tests/spec` holds an example of each and asks what the table says; `docs/reference/events.md` shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Becomes(StrEnum):
    """What can become of an event."""

    SHOWN = "is read"
    QUIET = "is a quiet line"
    CHANGES = "changes what is read"
    FALLBACK = "is read by its fallback"
    LEFT_OUT = "is left out"
    CLOSES = "closes the room"
    REFUSED = "is refused by the import"


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one type, or of one variant of a type."""

    name: str
    """The type; a variant in brackets behind it."""
    becomes: Becomes
    how: str
    """How it reads, what it changes, or why it is left out."""


_SIGNALLING: Final = "Talk between the devices of a call."
_VERIFYING: Final = "Two devices verify each other; nobody said anything."
_MACHINERY: Final = "Tells servers and clients how to treat the room."
_ACCOUNT: Final = "One account's own data, which belongs to no room."
_TO_DEVICE: Final = "Goes from device to device, outside of rooms."
_FLEETING: Final = "Passes by and is kept nowhere."


def _message(*rows: tuple[str, str]) -> tuple[Fate, ...]:
    return tuple(Fate(name, Becomes.SHOWN, how) for name, how in rows)


def _all(names: str, becomes: Becomes, how: str) -> tuple[Fate, ...]:
    return tuple(Fate(name, becomes, how) for name in names.split())


FATES: Final[tuple[Fate, ...]] = (
    *_message(
        ("m.room.message (m.text)", "Words."),
        ("m.room.message (m.notice)", "Words, marked as a notice."),
        ("m.room.message (m.emote)", "What somebody does, behind their name."),
        ("m.room.message (m.image)", "The picture, with its caption."),
        ("m.room.message (m.video)", "The video, with its still."),
        ("m.room.message (m.audio)", "The sound; a voice message with its waveform."),
        ("m.room.message (m.file)", "A link with type and size."),
        ("m.room.message (m.location)", "Words and coordinates."),
        ("m.room.message (m.server_notice)", "Words, marked as a notice."),
        ("m.sticker", "The picture, without a frame."),
    ),
    Fate("m.room.message (another msgtype)", Becomes.FALLBACK, "The body, with the type named."),
    Fate("an unknown type", Becomes.FALLBACK, "The body, with the type named."),
    Fate("m.reaction", Becomes.CHANGES, "Counted at the message, with who gave it."),
    Fate("m.room.redaction", Becomes.CHANGES, "The message goes; who took it away and when stays."),
    Fate("m.room.encrypted (megolm)", Becomes.QUIET, "One line that it is not published."),
    Fate("m.room.encrypted (olm)", Becomes.QUIET, "One line that it is not published."),
    Fate("m.call.invite", Becomes.QUIET, "Somebody started a call."),
    Fate("m.call.hangup", Becomes.QUIET, "Somebody ended the call."),
    Fate("m.call.reject", Becomes.QUIET, "Somebody ended the call."),
    *_all(
        "m.call.answer m.call.candidates m.call.negotiate m.call.sdp_stream_metadata_changed"
        " m.call.select_answer",
        Becomes.LEFT_OUT,
        _SIGNALLING,
    ),
    Fate("m.room.message (m.key.verification.request)", Becomes.LEFT_OUT, _VERIFYING),
    *(
        Fate(f"m.key.verification.{step} (in a room)", Becomes.LEFT_OUT, _VERIFYING)
        for step in ("ready", "start", "accept", "key", "mac", "done", "cancel")
    ),
    Fate("m.room.create", Becomes.QUIET, "Somebody created the room; its predecessor joins the two rooms."),
    Fate("m.room.name", Becomes.QUIET, "The new name; the room's page carries it."),
    Fate("m.room.topic", Becomes.QUIET, "The new topic; the room's page carries it."),
    Fate("m.room.avatar", Becomes.QUIET, "The room's picture changed."),
    Fate("m.room.pinned_events", Becomes.QUIET, "The pins changed; they lead the room's page."),
    Fate("m.room.tombstone", Becomes.QUIET, "The room moved; both read as one."),
    Fate("m.room.member", Becomes.CHANGES, "Name and picture of what somebody says from then on."),
    *(
        Fate(f"m.room.member ({variant})", Becomes.LEFT_OUT, how)
        for variant, how in (
            ("invited", "Joining and leaving is told only with `pages.show_membership`."),
            ("invited by mail", "Joining and leaving is told only with `pages.show_membership`."),
            ("knocking", "A wish to join is not told."),
            ("joined by a server's leave", "Joining and leaving is told only with `pages.show_membership`."),
        )
    ),
    Fate("m.room.canonical_alias", Becomes.CHANGES, "Where the room's pages stand, and links to it."),
    Fate("m.room.history_visibility", Becomes.LEFT_OUT, "Decides what may be published at all."),
    Fate("m.room.power_levels", Becomes.LEFT_OUT, "Says who may end a poll; nothing else reads it."),
    Fate("m.space.child", Becomes.LEFT_OUT, "Says which rooms a space holds; the page of a room does not."),
    Fate("m.room.encryption", Becomes.CLOSES, "Nothing of a room that is encrypted is published."),
    *_all(
        "m.room.guest_access m.room.image_pack m.room.policy m.room.server_acl"
        " m.room.third_party_invite m.room.join_rules m.policy.rule.room m.policy.rule.server"
        " m.policy.rule.user m.space.parent",
        Becomes.LEFT_OUT,
        _MACHINERY,
    ),
    Fate("m.room.join_rules (restricted)", Becomes.LEFT_OUT, _MACHINERY),
    *_all(
        "m.accepted_terms m.direct m.fully_read m.identity_server m.ignored_user_list m.image_pack.rooms"
        " m.invite_permission_config m.key_backup m.marked_unread m.push_rules m.recent_emoji m.tag",
        Becomes.REFUSED,
        _ACCOUNT,
    ),
    *_all("m.presence m.receipt m.typing", Becomes.REFUSED, _FLEETING),
    *_all(
        "m.dummy m.forwarded_room_key m.key.verification.request m.key.verification.ready"
        " m.key.verification.start m.key.verification.accept m.key.verification.key m.key.verification.mac"
        " m.key.verification.done m.key.verification.cancel m.room_key m.room_key.withheld m.room_key_bundle"
        " m.room_key_request m.secret.request m.secret.send",
        Becomes.REFUSED,
        _TO_DEVICE,
    ),
    Fate("m.key.verification.start (emoji)", Becomes.REFUSED, _TO_DEVICE),
    Fate("m.room_key_request (withdrawn)", Becomes.REFUSED, _TO_DEVICE),
    Fate("state of an invitation", Becomes.REFUSED, "A stripped copy without identifier and time."),
    Fate("state of a knock", Becomes.REFUSED, "A stripped copy without identifier and time."),
)
"""In the order in which the reference shows them."""

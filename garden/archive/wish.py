"""Wishes: events come in, and who wants to be out of the garden, or in it again, goes out.

Pure. People say it in words that everybody can type, or with a reaction to a garden's notice. In doubt a wish
to be out counts, and one to be in does not.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from garden.archive.event import NOBODY, Event, EventId, UserId, get_object, get_text, get_time
from garden.archive.redaction import strip_reply_fallback
from garden.archive.vocabulary import COMMAND, OPT_IN, OPT_OUT, OPT_OUT_REACTION, UNSEEN

_PARTS: Final = re.compile(r"[\s\u2010-\u2015\u2212-]+")
"""What stands between words, and what keyboards write for a hyphen."""

_UNSEEN: Final = re.compile(f"[{UNSEEN}]")

_OUT: Final = re.compile(OPT_OUT.replace("-", "-?") + r"(?!\w)")
_IN: Final = re.compile(OPT_IN.replace("-", "-?") + "[.!-]*")

_COLOURED: Final = "\N{VARIATION SELECTOR-16}"
"""Asks for the colourful form of a sign: clients differ in whether they send it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants."""

    user: UserId
    out: bool
    """Whether they want to be out, or in again."""
    at: int
    """`origin_server_ts` in milliseconds since 1970; of several the latest counts."""
    event_id: EventId | None = None
    """The reaction that says so, which can be taken back; None for words, which can be removed and hold."""


@dataclass(frozen=True, slots=True)
class Removal:
    """Somebody removed an event, which nobody can read any more: perhaps a reaction that was a wish.

    It takes back a wish to be out that the same user uttered with that very event; any other is untouched.
    """

    user: UserId
    event_id: EventId
    """What was removed."""
    at: int
    """When, in milliseconds since 1970."""


def read_command(event: Event) -> str | None:
    """Return what a message asks the garden, in small letters and joined by hyphens; None where nothing.

    `!garden opt-out` is read as `opt-out`; `!garden` alone as an empty text. Only `m.text` speaks to the
    garden: notices are other programs', and an edit is no second message.
    """
    content = event.content
    if event.type != "m.room.message" or event.state_key is not None or event.redacted_because is not None:
        return None
    if (
        get_text(content, "msgtype") != "m.text"
        or get_text(content, "m.relates_to", "rel_type") == "m.replace"
    ):
        return None
    body = get_text(strip_reply_fallback(content), "body") or ""
    first, rest = [*_UNSEEN.sub("", body).casefold().split(maxsplit=1), "", ""][:2]
    return _PARTS.sub("-", rest.strip()) if first == COMMAND else None


def read_wish(event: Event) -> Wish | None:
    """Return the wish that a message utters, or None.

    Whatever follows `opt-out` does not weaken it; `opt-in` has to stand alone.
    """
    command = read_command(event)
    if command is None or event.sender == NOBODY:
        return None
    if _OUT.match(command):
        return Wish(event.sender, out=True, at=event.sent_at)
    if _IN.fullmatch(command):
        return Wish(event.sender, out=False, at=event.sent_at)
    return None


def collect_wishes(events: Iterable[Event], notices: Container[EventId]) -> Iterator[Wish]:
    """Yield what people want, in the order in which they said it.

    `notices` are the messages of this garden to which OPT_OUT_REACTION can be the answer.
    """
    for event in events:
        wish = read_wish(event) or _read_reaction(event, notices)
        if wish is not None:
            yield wish


def collect_removals(events: Iterable[Event]) -> Iterator[Removal]:
    """Yield who removed which event."""
    yield from filter(None, map(read_removal, events))


def read_removal(event: Event) -> Removal | None:
    """Return what somebody removed, or None.

    A redaction says so; and so does a reaction that its own sender emptied, where the redaction is gone.
    """
    if event.sender == NOBODY:
        return None
    if event.type == "m.room.redaction" and event.redacts is not None:
        return Removal(event.sender, event.redacts, event.sent_at)
    because = event.redacted_because
    if event.type != "m.reaction" or get_text(because, "sender") != event.sender:
        return None
    removed_at = get_time(because, "origin_server_ts")
    return Removal(event.sender, event.event_id, event.sent_at if removed_at is None else removed_at)


def _read_reaction(event: Event, notices: Container[EventId]) -> Wish | None:
    if event.type != "m.reaction" or event.state_key is not None or event.redacted_because is not None:
        return None
    relation = get_object(event.content, "m.relates_to")
    key = (get_text(relation, "key") or "").replace(_COLOURED, "")
    if get_text(relation, "rel_type") != "m.annotation" or key != OPT_OUT_REACTION:
        return None
    if event.sender == NOBODY or get_text(relation, "event_id") not in notices:
        return None
    return Wish(event.sender, out=True, at=event.sent_at, event_id=event.event_id)

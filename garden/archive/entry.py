"""An event as the archive keeps it: raw JSON comes in, one settled spelling with its relations comes out.

Pure. One event has one spelling here, whichever endpoint or file told it, so that two tellings can be
compared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from garden.archive.event import (
    Event,
    JsonObject,
    RoomId,
    get_number,
    get_object,
    get_text,
    read_event,
    trim_source,
)
from garden.archive.redaction import is_redacted, prune_source, strip_reply_fallback

REDACTION: Final = "m.room.redaction"
"""Type of a redaction; also what relates it to its target here, as a relation of its own."""

EDIT: Final = "m.replace"

_WORDLESS: Final = frozenset(
    {
        REDACTION,
        "m.reaction",
        "m.room.encrypted",
        "m.poll.response",
        "m.poll.end",
        "org.matrix.msc3381.poll.response",
        "org.matrix.msc3381.poll.end",
    }
)
"""What people send without saying something of their own that a page shows."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event and what it bears on."""

    event_id: str
    sender: str
    source: dict[str, object]
    """The event's JSON, reduced to what is kept."""
    relates_to: str | None
    """The event that `rel_type` is about: target of an edit, a reaction, a redaction, or root of a thread."""
    rel_type: str | None
    replies_to: str | None
    """The event that this one answers."""
    redacted: bool
    """Whether its words are gone."""
    veil: str | None = None
    """What wishes have changed in it, see `garden.archive.veil`; None where it stands as it was told."""
    withheld: int = 0
    """Whether an edit has replaced its words, see `garden.archive.hollow`."""

    @property
    def speaker(self) -> str | None:
        """Who says something here that a page shows; None where nobody does."""
        is_said = get_text(self.source, "state_key") is None and self.source["type"] not in _WORDLESS
        return self.sender if is_said and not self.redacted else None

    @property
    def sent_at(self) -> int:
        """When it was sent, as the sender's server says; in milliseconds since 1970."""
        return get_number(self.source, "origin_server_ts") or 0

    def become(self, source: dict[str, object], *, veil: str | None = None) -> Entry:
        """Return the same row with other JSON; it stays veiled where nothing is said about that."""
        return replace(relate(source), veil=veil or self.veil, withheld=self.withheld)


def read_entry(source: object, room_id: RoomId) -> Entry:
    """Check an event's JSON and bring it to the form that is kept; raises `MalformedEventError`."""
    event = read_event(source, room_id)
    return relate(_normalise(source, event))


def relate(source: dict[str, object]) -> Entry:
    """Read from a checked event's JSON which other events it bears on."""
    relation = get_object(source, "content", "m.relates_to")
    relates_to, rel_type = get_text(relation, "event_id"), get_text(relation, "rel_type")
    if source["type"] == REDACTION:
        relates_to, rel_type = get_text(source, "redacts"), REDACTION
    elif rel_type == REDACTION:
        relates_to, rel_type = None, None
    return Entry(
        event_id=str(source["event_id"]),
        sender=str(source["sender"]),
        source=source,
        relates_to=relates_to if rel_type else None,
        rel_type=rel_type if relates_to else None,
        replies_to=get_text(relation, "m.in_reply_to", "event_id"),
        redacted=is_redacted(source),
    )


def format_source(source: JsonObject) -> str:
    """Format an event's JSON as its row holds it: one spelling for one event, in ASCII.

    ASCII because JSON can spell lone surrogates, which UTF-8 cannot.
    """
    return json.dumps(source, ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def parse_source(text: str) -> dict[str, object]:
    """Parse what `format_source` made."""
    source: dict[str, object] = json.loads(text)
    return source


def _normalise(source: object, event: Event) -> dict[str, object]:
    """Bring an event to the form in which it is kept and compared, whichever endpoint or file told it."""
    kept = trim_source(source if isinstance(source, Mapping) else {}) | {"room_id": event.room_id}
    if event.type == REDACTION:
        kept["redacts"] = event.redacts
    if event.redacted_because is not None:
        return prune_source(kept, event.redacted_because)
    if event.state_key is None:
        kept["content"] = strip_reply_fallback(event.content)
    return kept

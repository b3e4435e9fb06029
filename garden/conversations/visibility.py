"""The one place that refuses to publish.

Events of one room come in, in the server's order; those that the world was invited to read go on, and
each refusal has its reason. The order is the server's since a sender can forge `origin_server_ts`.
It runs when a sync ends, so that nothing else stays on disk, and again before every build.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from garden.archive.event import Event, EventId, get_text

WORLD_READABLE = "world_readable"


class Refusal(StrEnum):
    """Why something is not published; the value is the sentence for people."""

    ROOM_CLOSED = "the room is not world_readable now"
    ROOM_UNKNOWN = "the room's visibility is not known; sync it, or vouch for it in site.toml"
    ROOM_ENCRYPTED = "the room is encrypted"
    EVENT_BEFORE_OPEN = "sent while the room was not world_readable"
    EVENT_FROM_FILE = "known from a file only; vouch for the room in site.toml to publish it"
    EVENT_ENCRYPTED = "the message is encrypted"


@dataclass(frozen=True, slots=True)
class RoomAccess:
    """What is known about who may read a room now."""

    visibility: str | None
    """`history_visibility` as last seen, `closed` where it could not be read any more, None if unknown."""
    vouched: bool = False
    """The admin says in `site.toml` that the world may read this imported room."""
    at_first: str | None = None
    """`history_visibility` before the first archived event, where that is known: a room whose oldest
    events the homeserver does not have was opened before them."""
    from_files: frozenset[EventId] = frozenset()
    """Events of a synced room that only a file has told: no homeserver says who could read them."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What may be published of one room, and what may not."""

    kept: tuple[Event, ...]
    """What may be published, in the server's order; of encrypted messages only that they were sent."""
    refused: dict[EventId, Refusal] = field(default_factory=dict)
    """What people sent and nobody else may read. State that is kept back, which holds no words, is not
    counted."""
    room: Refusal | None = None
    """Why the whole room stays out, where it does."""

    def without_events(self) -> Judgement:
        """Return the reasons without the events, which are many."""
        return replace(self, kept=())

    def count_refusals(self) -> dict[Refusal, int]:
        """Return how many events each reason kept out."""
        return dict(Counter(self.refused.values()))


def keep_publishable(events: Iterable[Event], access: RoomAccess) -> Judgement:
    """Sort a room's events, in the server's order, into those to publish and those to refuse.

    Of an encrypted message that it is there may be published, and nothing of what is in it: it is refused,
    and a place without content is kept for it.
    """
    kept: list[Event] = []
    refused: dict[EventId, Refusal] = {}
    seen = _Seen(access)
    for event in events:
        refusal = seen.judge(event)
        if refusal is None:
            kept.append(event)
            continue
        if event.state_key is None:
            refused[event.event_id] = refusal
            if refusal is Refusal.EVENT_ENCRYPTED:
                kept.append(replace(event, content={}))
    room = _refuse_room(access, seen)
    if room is not None:
        for event in kept:
            if event.state_key is None:
                refused.setdefault(event.event_id, room)
        kept = []
    return Judgement(tuple(kept), refused, room)


def _refuse_room(access: RoomAccess, seen: _Seen) -> Refusal | None:
    """What the homeserver said last counts; an import may carry the room's visibility among its events."""
    if seen.encrypted:
        return Refusal.ROOM_ENCRYPTED
    visibility = access.visibility or seen.visibility
    if access.vouched or visibility == WORLD_READABLE:
        return None
    return Refusal.ROOM_UNKNOWN if visibility is None else Refusal.ROOM_CLOSED


class _Seen:
    """What the events so far say about the room."""

    def __init__(self, access: RoomAccess) -> None:
        self._vouched = access.vouched
        self._from_files = access.from_files
        self.visibility = access.at_first
        self.encrypted = False

    def judge(self, event: Event) -> Refusal | None:
        """An event is public if the room was when it was sent (client-server API, "Room history visibility").

        A room starts as `shared`. The event that changes the visibility is public if either side of it is.
        """
        before = self.visibility
        if event.state_key == "" and event.type == "m.room.encryption":
            self.encrypted = True
        # Before the visibility is read: a file cannot open a room that a homeserver speaks for.
        if not self._vouched and event.event_id in self._from_files:
            return Refusal.EVENT_FROM_FILE
        if event.state_key == "" and event.type == "m.room.history_visibility":
            self.visibility = get_text(event.content, "history_visibility") or "shared"
        if not self._vouched and WORLD_READABLE not in (before, self.visibility):
            return Refusal.EVENT_BEFORE_OPEN
        return Refusal.EVENT_ENCRYPTED if event.type == "m.room.encrypted" else None

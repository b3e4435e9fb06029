"""The one place that refuses to publish.

Events of one room come in, in the server's order; those that the world was invited to read, and that neither
the room nor its people nor the admin keep back, go on, and each refusal has its reason. The order is the
server's since a sender can forge `origin_server_ts`.
It runs when a sync ends, so that nothing else stays on disk, and again before every build.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from garden.archive.event import NOBODY, Event, EventId, UserId
from garden.archive.vocabulary import NOTICE, VISIBILITY, WORLD_READABLE
from garden.conversations.command import is_command, may_be_command
from garden.conversations.conversation import Naming
from garden.conversations.curation import Hidings, Plantings
from garden.conversations.edit import edit_target, spread_edits
from garden.conversations.gesture import may_be_gesture
from garden.conversations.hearing import Asked, Heard, hear
from garden.conversations.notice import find_notices
from garden.conversations.opening import Opening, OpeningWatch
from garden.conversations.power import read_moderators
from garden.conversations.preference import read_preference, read_robots, strictest
from garden.conversations.saying import is_call, is_message

__all__ = [
    "Gate",
    "Judgement",
    "Opening",
    "Refusal",
    "RoomAccess",
    "Rules",
    "keep_publishable",
]


class Refusal(StrEnum):
    """Why something is not published; the value is the sentence for people.

    Where several reasons hold, the first of them in this order is given. Those against the whole room refuse
    everything in it; those that nothing can change come before those that pass.
    """

    ROOM_ENCRYPTED = "the room is encrypted"
    ROOM_CLOSED = "the room is not world_readable now"
    ROOM_UNKNOWN = "the room's visibility is not known; sync it, or vouch for it in site.toml"
    ROOM_ROBOTS = "the room keeps gardens out (m.room.robots)"
    ROOM_PREFERENCE = "the room asks not to be published (dev.matrixgarden.room)"
    ROOM_WITHOUT_NOTICE = "no notice in the room tells its members that it is published"
    EVENT_FROM_FILE = "known from a file only; vouch for the room in site.toml to publish it"
    EVENT_BEFORE_OPEN = "sent while the room was not world_readable"
    EVENT_OPTED_OUT = "its sender has opted out"
    EVENT_ENCRYPTED = "the message is encrypted"
    EVENT_COMMAND = "a command to the garden"
    EVENT_TOO_NEW = "newer than the delay in site.toml allows"
    EVENT_EDITED_LATELY = "edited, and the edit is newer than the delay in site.toml allows"
    EVENT_HIDDEN = "a moderator, or the garden's admin, has hidden it"
    EVENT_NOT_PLANTED = "no moderator has planted its conversation"

    @property
    def waits(self) -> bool:
        """Whether what is refused may be published some day though nothing about it changes."""
        return self in _WAITING


_WAITING: Final = frozenset(
    {
        Refusal.ROOM_WITHOUT_NOTICE,
        Refusal.EVENT_TOO_NEW,
        Refusal.EVENT_EDITED_LATELY,
        Refusal.EVENT_HIDDEN,
        Refusal.EVENT_NOT_PLANTED,
    }
)
_HOLDS_PLACE: Final = frozenset({Refusal.EVENT_OPTED_OUT, Refusal.EVENT_ENCRYPTED})
"""Reasons for which nothing of a message is published but that it was sent."""
_HOLDS_EDITS: Final = frozenset({Refusal.EVENT_COMMAND, Refusal.EVENT_TOO_NEW})
"""Reasons that go from an edit to its message, and from a message to its edits."""


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
    private: frozenset[EventId] = frozenset()
    """Events that stand behind an opening of the room which had not reached those who sent them."""
    encrypted: bool = False
    """Whether the room is encrypted by its current state: its events tell that only to those who may read
    what was sent then."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the admin asks beside the room's own visibility (`[consent]`)."""

    ripe_before: int | None = None
    """Nothing that came later than this is published: milliseconds since 1970; None where nothing waits."""
    keep_closed: bool = False
    """Whether the public history of a room that has closed stays."""
    require_notice: bool = False
    curated: bool = False
    """Whether only planted conversations are published; a room may ask for that by itself."""
    plant_with: str = "\N{SEEDLING}"
    """The reaction by which a moderator plants a conversation."""
    account: UserId | None = None
    """The garden's own account, which may send notices."""
    planted: frozenset[EventId] = frozenset()
    """Messages whose conversations are planted, whoever reacted."""
    hidden: frozenset[EventId] = frozenset()
    """Messages that the admin hides, by themselves or as the first of a conversation."""
    unhidden: frozenset[EventId] = frozenset()
    """Messages that the admin shows, whoever in the room has hidden them."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What may be published of one room, and what may not."""

    kept: tuple[Event, ...]
    """What may be published, in the server's order; of messages that are encrypted or whose sender has
    opted out only that they were sent."""
    refused: dict[EventId, Refusal] = field(default_factory=dict)
    """What people sent and nobody else may read. State that is kept back is
    not counted."""
    sealed: frozenset[EventId] = frozenset()
    """State that was set while the room was not world_readable: nobody else may read what it was then."""
    room: Refusal | None = None
    """Why the whole room stays out, where it does."""
    against_room: tuple[Refusal, ...] = ()
    """All the reasons against the whole room; `room` is the first."""
    opening: Opening | None = None
    """How the room came to be world_readable as it is now; None where it is not."""
    notice: EventId | None = None
    """The newest notice that tells the members that their room is published."""
    notices: tuple[EventId, ...] = ()
    """All notices that count, in the server's order."""
    naming: Naming = Naming.FULL
    """How the room asks to have its people named."""
    index: bool = True
    """Whether the room lets search engines index its pages."""
    heard: Heard = field(default_factory=Heard)
    """What people of the room have asked of the garden."""

    def without_events(self) -> Judgement:
        """Return the reasons without the events, which are many."""
        return replace(self, kept=(), heard=Heard())

    def count_refusals(self) -> dict[Refusal, int]:
        """Return how many events each reason kept out."""
        return dict(Counter(self.refused.values()))


def keep_publishable(
    events: Iterable[Event], access: RoomAccess, state: Iterable[Event] = (), rules: Rules | None = None
) -> Judgement:
    """Sort a room's events, in the server's order, into those to publish and those to refuse.

    `state` is the room's current state: its preferences, and who moderates it. Of a message that is
    encrypted, or whose sender has opted out, that it is there may be published, and nothing of what is in
    it: it is refused, and a place without content is kept for it.
    """
    gate = Gate(access, tuple(state), rules or Rules())
    gate.take_all(events)
    return gate.settle()


class Gate:
    """One pass through a room's events says of each what speaks against it; the end, what hangs on others."""

    def __init__(self, access: RoomAccess, state: tuple[Event, ...], rules: Rules) -> None:
        self._access, self._state, self._rules = access, state, rules
        self._from_files = frozenset() if access.vouched else access.from_files
        self._private = frozenset() if access.vouched else access.private
        self.preference = read_preference(state)
        self.watch = OpeningWatch(access.at_first)
        """The room's visibility after the events so far."""
        self.plantings: Plantings | None = None
        """What is planted, once everything is settled; None in a room that is not curated."""
        self.hidings: Hidings | None = None
        """What is hidden, once everything is settled; None where nothing is."""
        self._is_public = access.vouched or self.watch.is_open
        self._closing: EventId | None = None
        self._is_encrypted = access.encrypted
        self._kept: list[Event] = []
        self._places: set[EventId] = set()
        self._held: dict[EventId, Event] = {}
        self._asked: list[Asked] = []
        self._sealed: set[EventId] = set()
        self._notices: list[Event] = []
        self._refused: dict[EventId, Refusal] = {}

    def take_all(self, events: Iterable[Event]) -> None:
        """Take in the next events and judge each by itself."""
        keep = self._kept.append
        # Nearly every event of a garden is somebody's message in an open room, with nothing about it that a
        # rule could ask for: that is seen at once, since the gate runs over everything several times.
        ripe_before = self._rules.ripe_before
        for event in events:
            if (
                self._is_public
                and event.state_key is None
                and not self._from_files
                and not self._private
                and event.sender != NOBODY
                and (ripe_before is None or _is_ripe(event, ripe_before))
                and (
                    (event.type == "m.room.message" and not may_be_command(event.content))
                    or event.type == "m.reaction"
                )
                and NOTICE not in event.content
            ):
                keep(event)
                if event.type == "m.reaction" and may_be_gesture(event):
                    self._asked.append(Asked(event, is_ripe=True))
            else:
                self.take(event)

    def take(self, event: Event) -> None:
        """Take in the next event and judge it by itself."""
        if event.state_key == "":
            self._note_state(event)
        reasons = list(self.reasons(event))
        first = reasons[0] if reasons else None
        if first is None:
            self._kept.append(event)
        elif event.state_key is None:
            self._refuse(event, first, set(reasons[1:]))
        elif first is Refusal.EVENT_BEFORE_OPEN:
            self._sealed.add(event.event_id)
        if is_command(event) or (event.type == "m.reaction" and may_be_gesture(event)):
            self._listen(event, set(reasons))
        if NOTICE in event.content and event.event_id not in self._from_files:
            self._notices.append(event)

    def reasons(self, event: Event) -> Iterator[Refusal]:
        """Yield what speaks against the event that was taken in last, by itself, in the order of `Refusal`.

        An event is public if the room was when it was sent (client-server API, "Room history visibility").
        """
        if event.event_id in self._from_files:
            yield Refusal.EVENT_FROM_FILE
        is_closing = event.event_id == self._closing
        if event.event_id in self._private or not (self._is_public or is_closing):
            yield Refusal.EVENT_BEFORE_OPEN
        if event.sender == NOBODY and event.state_key is None:
            yield Refusal.EVENT_OPTED_OUT
        if event.type == "m.room.encrypted":
            yield Refusal.EVENT_ENCRYPTED
        if is_command(event):
            yield Refusal.EVENT_COMMAND
        if self._rules.ripe_before is not None and not _is_ripe(event, self._rules.ripe_before):
            yield Refusal.EVENT_TOO_NEW

    def settle(self) -> Judgement:
        """Judge what hangs on other events, and the room as a whole."""
        is_curated = self._rules.curated or self.preference.curated
        heard = self._hold_back_edits(self._rules.plant_with if is_curated else "")
        self._hold_back_hidden((heard.hidden | self._rules.hidden) - self._rules.unhidden)
        if is_curated:
            self._hold_back_unplanted()
        notices = find_notices(self._notices, self._state, self._rules.account)
        robots = read_robots(self._state)
        against = tuple(self._judge_room(is_told=bool(notices), robots_allow=robots.allows))
        return Judgement(
            kept=() if against else self._empty_places(),
            refused=self._refuse_rest(against[0]) if against else self._refused,
            sealed=frozenset(self._sealed),
            room=against[0] if against else None,
            against_room=against,
            opening=self.watch.tell(self._state) if self._visibility == WORLD_READABLE else None,
            notice=notices[-1] if notices else None,
            notices=notices,
            naming=strictest(self.preference.naming, Naming.FULL if robots.names_members else Naming.HIDDEN),
            index=self.preference.index,
            heard=Heard() if against else heard,
        )

    @property
    def _visibility(self) -> str | None:
        """What the homeserver said last counts; an import may carry it among its events."""
        return self._access.visibility or self.watch.visibility

    def _note_state(self, event: Event) -> None:
        """Take in state of the room itself; a file cannot open a room that a homeserver speaks for.

        A room starts as `shared`. The event that changes the visibility is public if either side of it is.
        """
        if event.type == "m.room.encryption":
            self._is_encrypted = True
        elif event.type == VISIBILITY and event.event_id not in self._from_files:
            self._closing = event.event_id if self._is_public else None
            self.watch.note(event)
            self._is_public = self._access.vouched or self.watch.is_open

    def _refuse(self, event: Event, first: Refusal, rest: set[Refusal]) -> None:
        """Give a message its reason, and keep its place where nothing else speaks against that."""
        self._refused[event.event_id] = first
        if first in _HOLDS_PLACE:
            if rest <= _HOLDS_PLACE and is_message(event) and not is_call(event):
                self._kept.append(event)
                self._places.add(event.event_id)
        elif first in _HOLDS_EDITS:
            self._held[event.event_id] = event

    def _listen(self, event: Event, against: set[Refusal]) -> None:
        """Hear what speaks to the garden, where nothing else is against it than that."""
        if against <= {Refusal.EVENT_COMMAND, Refusal.EVENT_TOO_NEW}:
            self._asked.append(Asked(event, is_ripe=Refusal.EVENT_TOO_NEW not in against))

    def _hold_back_edits(self, planting: str) -> Heard:
        """Settle what was edited, and what was asked of the garden; returns the latter."""
        going = spread_edits(self._kept, self._held) if self._held else {}
        for event_id, holder in going.items():
            reason = self._refused[holder]
            is_edit = reason is Refusal.EVENT_TOO_NEW and edit_target(self._held[holder]) is not None
            self._refused[event_id] = Refusal.EVENT_EDITED_LATELY if is_edit else reason
        turned = [event for event in self._kept if event.event_id in going] if going else []
        heard = hear(self._asked, turned, self._kept, read_moderators(self._state), planting)
        if going:
            self._kept = [event for event in self._kept if event.event_id not in going]
        return heard

    def _hold_back_hidden(self, hidden: frozenset[EventId]) -> None:
        if not hidden:
            return
        self.hidings = Hidings(self._kept, hidden)
        self._kept, refused = self.hidings.sift(self._kept)
        for event_id in refused:
            self._refused.setdefault(event_id, Refusal.EVENT_HIDDEN)

    def _hold_back_unplanted(self) -> None:
        self.plantings = plantings = Plantings(
            self._kept,
            self._rules.plant_with,
            read_moderators(self._state),
            self._rules.planted | self.preference.planted,
        )
        kept = [event for event in self._kept if plantings.holds(event)]
        planted = {event.event_id for event in kept}
        for event in self._kept:
            if event.event_id not in planted:
                self._refused.setdefault(event.event_id, Refusal.EVENT_NOT_PLANTED)
        self._kept = kept

    def _judge_room(self, *, is_told: bool, robots_allow: bool) -> Iterator[Refusal]:
        """Yield what speaks against the whole room, in the order of `Refusal`."""
        if self._is_encrypted:
            yield Refusal.ROOM_ENCRYPTED
        if not self._access.vouched and self._visibility != WORLD_READABLE:
            if self._visibility is None:
                yield Refusal.ROOM_UNKNOWN
            elif not (self._rules.keep_closed and self.watch.was_open):
                yield Refusal.ROOM_CLOSED
        if not robots_allow:
            yield Refusal.ROOM_ROBOTS
        if not self.preference.publish:
            yield Refusal.ROOM_PREFERENCE
        if self._rules.require_notice and not is_told:
            yield Refusal.ROOM_WITHOUT_NOTICE

    def _refuse_rest(self, reason: Refusal) -> dict[EventId, Refusal]:
        for event in self._kept:
            if event.state_key is None:
                self._refused.setdefault(event.event_id, reason)
        return self._refused

    def _empty_places(self) -> tuple[Event, ...]:
        if not self._places:
            return tuple(self._kept)
        return tuple(
            replace(event, content={}) if event.event_id in self._places else event for event in self._kept
        )


def _is_ripe(event: Event, ripe_before: int) -> bool:
    """Whether an event came long enough ago; what only files have told came when its sender says."""
    return (event.sent_at if event.arrived_at is None else event.arrived_at) <= ripe_before

"""Explanations: one message comes in, with its room; what the gate asked of it and what it found goes out.

It is the gate itself that is asked, so an explanation cannot say anything else than what happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from garden.archive.event import Event, EventId
from garden.archive.vocabulary import WORLD_READABLE
from garden.conversations.edit import edit_target
from garden.conversations.opening import Opening
from garden.conversations.visibility import Gate, Judgement, Refusal, RoomAccess, Rules


class Rule(StrEnum):
    """What has to hold before something is published; the value is the sentence for people."""

    ROOM_PLAIN = "the room is not encrypted"
    ROOM_OPEN = "the room is world_readable now"
    ROOM_ROBOTS = "the room lets gardens in (m.room.robots)"
    ROOM_PREFERENCE = "the room lets itself be published (dev.matrixgarden.room)"
    ROOM_NOTICE = "a notice in the room tells its members that it is published"
    EVENT_TOLD = "a homeserver has told it"
    EVENT_WHILE_OPEN = "the room was world_readable when it was sent"
    EVENT_PERSON = "its sender has not opted out"
    EVENT_PLAIN = "the message is not encrypted"
    EVENT_FOR_READERS = "it speaks to readers, not to the garden"
    EVENT_RIPE = "it is older than the delay"
    EVENT_EDIT_RIPE = "its last edit is older than the delay"
    EVENT_UNHIDDEN = "neither a moderator nor the admin has hidden it"
    EVENT_PLANTED = "a moderator has planted its conversation"


NOT_ASKED: Final = "not asked for"
"""As a check's detail: the rule does not apply here."""

_BROKEN_BY: Final[Mapping[Refusal, Rule]] = {
    Refusal.ROOM_ENCRYPTED: Rule.ROOM_PLAIN,
    Refusal.ROOM_CLOSED: Rule.ROOM_OPEN,
    Refusal.ROOM_UNKNOWN: Rule.ROOM_OPEN,
    Refusal.ROOM_ROBOTS: Rule.ROOM_ROBOTS,
    Refusal.ROOM_PREFERENCE: Rule.ROOM_PREFERENCE,
    Refusal.ROOM_WITHOUT_NOTICE: Rule.ROOM_NOTICE,
    Refusal.EVENT_FROM_FILE: Rule.EVENT_TOLD,
    Refusal.EVENT_BEFORE_OPEN: Rule.EVENT_WHILE_OPEN,
    Refusal.EVENT_OPTED_OUT: Rule.EVENT_PERSON,
    Refusal.EVENT_ENCRYPTED: Rule.EVENT_PLAIN,
    Refusal.EVENT_COMMAND: Rule.EVENT_FOR_READERS,
    Refusal.EVENT_TOO_NEW: Rule.EVENT_RIPE,
    Refusal.EVENT_EDITED_LATELY: Rule.EVENT_EDIT_RIPE,
    Refusal.EVENT_HIDDEN: Rule.EVENT_UNHIDDEN,
    Refusal.EVENT_NOT_PLANTED: Rule.EVENT_PLANTED,
}


@dataclass(frozen=True, slots=True)
class Check:
    """One rule, and whether it holds."""

    rule: Rule
    refusal: Refusal | None = None
    """Why it does not hold; None where it holds."""
    detail: str = ""
    """Why it holds, since when, or that it is not asked here."""

    @property
    def holds(self) -> bool:
        """Whether the rule holds."""
        return self.refusal is None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one event is published, or why not."""

    event: Event
    checks: tuple[Check, ...]
    """All rules, in their order: the room's, then the event's."""
    refusal: Refusal | None
    """The first rule's that does not hold; None where the event is published."""
    holds_place: bool
    """Whether a refused message is still shown as one that was sent, without words."""
    is_removed: bool
    """Whether the message was taken away in the room, so that only its place is left."""
    edit_of: EventId | None
    """The message that the event gives another wording."""


def check_room(judgement: Judgement, access: RoomAccess, rules: Rules | None = None) -> tuple[Check, ...]:
    """Return the rules for a whole room, each with what the gate found when it judged the room."""
    rules = rules or Rules()
    against = judgement.against_room or ((judgement.room,) if judgement.room is not None else ())
    details = {
        Rule.ROOM_OPEN: _describe_access(judgement.opening, access),
        Rule.ROOM_NOTICE: judgement.notice or ("" if rules.require_notice else NOT_ASKED),
    }
    return _check([rule for rule in Rule if rule.name.startswith("ROOM_")], against, details)


def explain(
    event_id: EventId,
    events: Iterable[Event],
    access: RoomAccess,
    state: Iterable[Event] = (),
    rules: Rules | None = None,
) -> Explanation | None:
    """Say what the gate finds about one of a room's events; None where it is not among them.

    The other arguments are those of `keep_publishable`.
    """
    asked = rules or Rules()
    gate = Gate(access, tuple(state), asked)
    found: _Found | None = None
    for event in events:
        gate.take(event)
        if event.event_id == event_id and found is None:
            found = _Found(event, frozenset(gate.reasons(event)), gate.watch.standing)
    judgement = gate.settle()
    return _explain(found, gate, judgement, access, asked) if found is not None else None


@dataclass(frozen=True, slots=True)
class _Found:
    """An event, what spoke against it by itself, and how the room was open when it was sent."""

    event: Event
    reasons: frozenset[Refusal]
    opening: Opening | None


def _explain(
    found: _Found, gate: Gate, judgement: Judgement, access: RoomAccess, rules: Rules
) -> Explanation:
    event = found.event
    against = {*found.reasons, judgement.refused.get(event.event_id)} - {None, *judgement.against_room}
    planted_by = gate.plantings.planted_by(event) if gate.plantings is not None else None
    if gate.plantings is not None and not gate.plantings.holds(event):
        against.add(Refusal.EVENT_NOT_PLANTED)
    details = {
        Rule.EVENT_TOLD: NOT_ASKED if access.vouched or access.visibility is None else "",
        Rule.EVENT_WHILE_OPEN: _describe_access(found.opening, access),
        Rule.EVENT_RIPE: _describe_arrival(event, rules.ripe_before),
        Rule.EVENT_EDIT_RIPE: NOT_ASKED if rules.ripe_before is None else "",
        Rule.EVENT_PLANTED: NOT_ASKED if gate.plantings is None else planted_by or "",
    }
    own = _check([rule for rule in Rule if rule.name.startswith("EVENT_")], against, details)
    checks = (*check_room(judgement, access, rules), *own)
    refusal = next((check.refusal for check in checks if check.refusal is not None), None)
    return Explanation(
        event=event,
        checks=checks,
        refusal=refusal,
        holds_place=refusal is not None and any(kept.event_id == event.event_id for kept in judgement.kept),
        is_removed=event.redacted_because is not None,
        edit_of=edit_target(event),
    )


def _check(
    rules: Iterable[Rule], against: Iterable[Refusal | None], details: Mapping[Rule, str]
) -> tuple[Check, ...]:
    broken = {_BROKEN_BY[refusal]: refusal for refusal in against if refusal is not None}
    return tuple(
        Check(rule, broken.get(rule), "" if rule in broken else details.get(rule, "")) for rule in rules
    )


def _describe_access(opening: Opening | None, access: RoomAccess) -> str:
    if opening is not None and opening.at is not None:
        return f"since {_moment(opening.at)}, by {opening.by or 'somebody who has opted out'}"
    if opening is not None:
        return "since before the archive begins"
    if access.vouched:
        return "vouched for in site.toml"
    closed = access.visibility not in {None, WORLD_READABLE}
    return "it has closed since; what was public stays" if closed else ""


def _describe_arrival(event: Event, ripe_before: int | None) -> str:
    if ripe_before is None:
        return NOT_ASKED
    return f"it came {_moment(event.sent_at if event.arrived_at is None else event.arrived_at)}"


def _moment(at_ms: int) -> str:
    """Write a time, in milliseconds since 1970, for people."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")

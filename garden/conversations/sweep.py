"""Sweeps: a room's events come in; those that a kick or a ban took away go out (MSC4293).

A homeserver that knows the flag empties these events itself; the others leave it to who reads them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from garden.archive.event import NOBODY, Event, EventId, UserId, get_text
from garden.conversations.power import Powers, read_powers

_FLAGS: Final = ("redact_events", "org.matrix.msc4293.redact_events")
_POWER_EVENTS: Final = frozenset({"m.room.create", "m.room.power_levels"})


def find_banned(events: Iterable[Event], state: Iterable[Event]) -> set[EventId]:
    """Return the messages that kicks and bans took away with their sender.

    `events` stand in the server's order; `state` is the current one, which speaks where they do not. A sweep
    reaches back to what the room heard last about the member, and forward for as long as nothing else is
    heard. It counts where its sender was allowed to redact, as far as that is known, and stood above the
    member; of a sender who is gone from the garden it is not known any more, and it counts.
    """
    current = tuple(state)
    sweeper = _Sweeper(current)
    known: set[EventId] = set()
    for event in events:
        if event.state_key is None:
            sweeper.take_message(event)
        else:
            known.add(event.event_id)
            sweeper.take_state(event)
    for event in current:
        if event.type == "m.room.member" and event.event_id not in known:
            sweeper.take_state(event)
    return sweeper.swept


class _Sweeper:
    """What was said since each member's last membership event."""

    def __init__(self, state: Iterable[Event]) -> None:
        self.swept: set[EventId] = set()
        self._powers_state = {event.type: event for event in state if _tells_powers(event)}
        self._powers: Powers | None = None
        self._open: dict[UserId, list[EventId]] = defaultdict(list)
        self._gone: set[UserId] = set()

    def take_message(self, event: Event) -> None:
        # What a redaction holds is which event it took away, and that has to stay known.
        if event.type == "m.room.redaction":
            return
        if event.sender in self._gone:
            self.swept.add(event.event_id)
        else:
            self._open[event.sender].append(event.event_id)

    def take_state(self, event: Event) -> None:
        if _tells_powers(event):
            self._powers_state[event.type] = event
            self._powers = None
        elif event.type == "m.room.member":
            self._take_membership(event, UserId(event.state_key or ""))

    def _take_membership(self, event: Event, member: UserId) -> None:
        said = self._open.pop(member, [])
        may_sweep = event.sender == NOBODY or self._read_powers().may_sweep(event.sender, member)
        if may_sweep and _asks_for_sweep(event):
            self.swept.update(said)
            self._gone.add(member)
        else:
            self._gone.discard(member)

    def _read_powers(self) -> Powers:
        if self._powers is None:
            self._powers = read_powers(self._powers_state.values())
        return self._powers


def _tells_powers(event: Event) -> bool:
    return event.state_key == "" and event.type in _POWER_EVENTS


def _asks_for_sweep(event: Event) -> bool:
    """Whether somebody else removed the member and asked for their messages to go; leaving cannot ask."""
    content = event.content
    return (
        event.sender != event.state_key
        and get_text(content, "membership") in {"ban", "leave"}
        and any(content.get(flag) is True for flag in _FLAGS)
    )

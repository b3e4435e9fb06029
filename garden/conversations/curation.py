"""Curation: a room's events come in, the conversations that its moderators have planted or hidden go out.

What hangs together is found by relations alone, so that it is known before anything else is: a thread with
its root, a chain of replies, and with each message its edits, reactions and votes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from garden.archive.event import NOBODY, Event, EventId, UserId, get_text
from garden.conversations.gesture import Gesture, Verb, fold_key
from garden.conversations.relation import relation_target, reply_target
from garden.conversations.saying import is_call, is_message


class Grove:
    """Which of a room's events stand in one conversation."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._parents = {event.event_id: _parent(event) for event in events}
        self._tops: dict[EventId, EventId] = {}

    def top(self, event_id: EventId) -> EventId:
        """Follow relations to the top; in a forged cycle the smallest identifier is the top.

        What was found is remembered, since a forged chain may be as long as the room.
        """
        path: dict[EventId, int] = {}
        current = event_id
        while current not in self._tops and current not in path:
            path[current] = len(path)
            parent = self._parents.get(current)
            if parent is None:
                self._tops[current] = current
            else:
                current = parent
        top = self._tops[current] if current in self._tops else min(list(path)[path[current] :])
        self._tops.update(dict.fromkeys(path, top))
        return top

    def top_of(self, event: Event) -> EventId:
        """Return the top of an event that is perhaps not among those that were given."""
        parent = None if event.event_id in self._parents else _parent(event)
        return self.top(event.event_id if parent is None else parent)


class Plantings:
    """The conversations of a room that are planted."""

    def __init__(
        self,
        events: Iterable[Event],
        mark: str,
        is_moderator: Callable[[UserId], bool],
        named: Iterable[EventId] = (),
    ) -> None:
        """Find them among events that may be published.

        A moderator's reaction with the key `mark` to any message of a conversation plants it, and so does the
        identifier of one among `named`.
        """
        everything = tuple(events)
        self._grove = Grove(everything)
        wanted = fold_key(mark)
        self._by: dict[EventId, EventId] = {}
        for event in everything:
            if event.type == "m.reaction" and is_moderator(event.sender):
                target = _marked(event, wanted)
                if target is not None:
                    self._by.setdefault(self._grove.top(target), event.event_id)
        for event_id in sorted(named):
            self._by.setdefault(self._grove.top(event_id), event_id)

    def holds(self, event: Event) -> bool:
        """Whether an event stands in a planted conversation; what is no message stands outside of all."""
        return event.state_key is not None or self.planted_by(event) is not None

    def planted_by(self, event: Event) -> EventId | None:
        """Return what has planted the conversation of an event: a reaction, or a message that is named."""
        return self._by.get(self._grove.top_of(event))


class Hidings:
    """What moderators have hidden of a room.

    The first message of a thread, or of a chain of replies, stands for the conversation; any other message
    for itself, with its edits, reactions and votes.
    """

    def __init__(self, events: Iterable[Event], hidden: Iterable[EventId]) -> None:
        everything = tuple(events)
        self._wanted = frozenset(hidden)
        self._parents = {event.event_id: _parent(event) for event in everything}
        self._owners = {event.event_id: _owner(event) for event in everything}
        roots = {relation_target(event.content, "m.thread") for event in everything}
        self._roots = {each for each in self._wanted if each in roots or self._parents.get(each) is None}
        self._found: dict[EventId, EventId | None] = {}

    def hidden_by(self, event: Event) -> EventId | None:
        """Return the message by which an event is hidden; None where it is not."""
        if event.state_key is not None:
            return None
        own = self._owner_of(event.event_id)
        return own if own in self._wanted else self._find_root(event.event_id)

    def sift(self, events: Iterable[Event]) -> tuple[list[Event], list[EventId]]:
        """Return what is left of some events, and which are hidden.

        Of a message that is hidden by itself, that it was there is left, and not whose it was.
        """
        left: list[Event] = []
        refused: list[EventId] = []
        for event in events:
            if self.hidden_by(event) is None:
                left.append(event)
                continue
            refused.append(event.event_id)
            if self._is_alone(event) and is_message(event) and not is_call(event):
                left.append(_hollow(event))
        return left, refused

    def _is_alone(self, event: Event) -> bool:
        """Whether an event is a message that was hidden by itself, so that others stand around it."""
        return event.event_id in self._wanted - self._roots and self._find_root(event.event_id) is None

    def _owner_of(self, event_id: EventId) -> EventId:
        """Follow an edit, a reaction or a vote to its message; what goes round in a circle has none."""
        seen = {event_id}
        while (owner := self._owners.get(event_id)) is not None and owner not in seen:
            seen.add(owner)
            event_id = owner
        return event_id

    def _find_root(self, event_id: EventId) -> EventId | None:
        """Go up a conversation to a first message that is hidden; what was found is remembered."""
        path: dict[EventId, None] = {}
        current: EventId | None = event_id
        while current is not None and current not in self._found and current not in path:
            path[current] = None
            if current in self._roots:
                break
            current = self._parents.get(current)
        found = current if current in self._roots else None
        if current is not None and found is None:
            found = self._found.get(current)
        self._found.update(dict.fromkeys(path, found))
        return found


def find_hidden(gestures: Iterable[Gesture]) -> frozenset[EventId]:
    """Return the messages that are hidden after these gestures, in the order in which they came."""
    hidden: dict[EventId, bool] = {}
    for gesture in gestures:
        if gesture.verb in {Verb.HIDE, Verb.UNHIDE}:
            hidden[gesture.about] = gesture.verb is Verb.HIDE
    return frozenset(event_id for event_id, is_hidden in hidden.items() if is_hidden)


def _hollow(event: Event) -> Event:
    """Leave of a message where it stands in its conversation."""
    content = event.content
    thread, answered = relation_target(content, "m.thread"), reply_target(content)
    relation: dict[str, object] = {"rel_type": "m.thread", "event_id": thread} if thread is not None else {}
    if answered is not None:
        relation["m.in_reply_to"] = {"event_id": answered}
    because = {"type": "m.room.redaction"}
    return replace(event, sender=NOBODY, content={"m.relates_to": relation}, redacted_because=because)


def _parent(event: Event) -> EventId | None:
    """Return what an event hangs on: an edit on its message alone, an answer in a thread on its root."""
    if event.state_key is not None:
        return None
    content = event.content
    if "m.relates_to" not in content:
        return event.redacts
    return (
        relation_target(content, "m.replace")
        or relation_target(content, "m.thread")
        or reply_target(content)
        or relation_target(content, "m.annotation")
        or relation_target(content, "m.reference")
        or event.redacts
    )


def _owner(event: Event) -> EventId | None:
    """Return the message that an event is part of: an edit, a reaction, a vote, what takes it away."""
    content = event.content
    if event.state_key is not None or "m.relates_to" not in content:
        return event.redacts if event.state_key is None else None
    return (
        relation_target(content, "m.replace")
        or relation_target(content, "m.annotation")
        or relation_target(content, "m.reference")
    )


def _marked(event: Event, wanted: str) -> EventId | None:
    """Return the message that a reaction plants; a redacted one plants nothing."""
    if not wanted or event.state_key is not None or event.redacted_because is not None:
        return None
    key = fold_key(get_text(event.content, "m.relates_to", "key") or "")
    return relation_target(event.content, "m.annotation") if key == wanted else None

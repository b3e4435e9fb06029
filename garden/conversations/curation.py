"""Curation: a room's events come in, the conversations that its moderators have planted go out.

What hangs together is found by relations alone, so that it is known before anything else is: a thread with
its root, a chain of replies, and with each message its edits, reactions and votes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import Final

from garden.archive.event import Event, EventId, UserId, get_text
from garden.conversations.relation import relation_target, reply_target

_EMOJI_LOOK: Final = "\ufe0f"
"""Variation selector 16: clients differ in whether they send it."""


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
        wanted = _fold(mark)
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


def _marked(event: Event, wanted: str) -> EventId | None:
    """Return the message that a reaction plants; a redacted one plants nothing."""
    if not wanted or event.state_key is not None or event.redacted_because is not None:
        return None
    key = _fold(get_text(event.content, "m.relates_to", "key") or "")
    return relation_target(event.content, "m.annotation") if key == wanted else None


def _fold(key: str) -> str:
    return unicodedata.normalize("NFC", key).replace(_EMOJI_LOOK, "").strip()

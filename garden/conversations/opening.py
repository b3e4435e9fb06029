"""Openings: a room's visibility events come in, who made it readable for the world and when goes out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from garden.archive.event import NOBODY, Event, EventId, UserId, get_text
from garden.archive.vocabulary import VISIBILITY, WORLD_READABLE


@dataclass(frozen=True, slots=True)
class Opening:
    """How a room came to be world_readable; with nothing in it where the archive does not tell."""

    by: UserId | None = None
    """None, too, where who opened it is gone from the garden."""
    at: int | None = None
    """Milliseconds since 1970, UTC, as the sender's server says."""


class OpeningWatch:
    """Follows a room's visibility through its timeline; to say it twice does not open a room anew."""

    def __init__(self, at_first: str | None) -> None:
        self.visibility = at_first
        """`history_visibility` after what was noted so far; None where nothing has said it."""
        self.was_open = self.is_open
        """Whether the room was world_readable at any time."""
        self.standing: Opening | None = Opening() if self.is_open else None
        """How the room came to be open as it was last; None while it is not."""
        self._noted: set[EventId] = set()

    @property
    def is_open(self) -> bool:
        """Whether the world may read what is sent now."""
        return self.visibility == WORLD_READABLE

    def note(self, event: Event) -> None:
        """Take in an event that sets the visibility; what cannot be understood closes the room."""
        self._noted.add(event.event_id)
        self.visibility = get_text(event.content, "history_visibility") or "shared"
        self.was_open = self.was_open or self.is_open
        if not self.is_open:
            self.standing = None
        elif self.standing is None:
            self.standing = _read_opening(event)

    def tell(self, state: Iterable[Event]) -> Opening:
        """Say how the room came to be open as it is now; `state` knows it where the timeline does not."""
        if self.standing is not None and self.standing.at is not None:
            return self.standing
        for event in state:
            if event.state_key == "" and event.type == VISIBILITY and event.event_id not in self._noted:
                is_open = get_text(event.content, "history_visibility") == WORLD_READABLE
                return _read_opening(event) if is_open else Opening()
        return Opening()


def _read_opening(event: Event) -> Opening:
    return Opening(event.sender if event.sender != NOBODY else None, event.sent_at)

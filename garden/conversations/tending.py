"""Tending: what those who look after a room, or the garden's admin, have decided about a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from garden.archive.event import EventId


class Stage(StrEnum):
    """How far a page has grown, from the first to the last."""

    SEEDLING = "seedling"
    BUDDING = "budding"
    EVERGREEN = "evergreen"


@dataclass(frozen=True, slots=True)
class Tending:
    """What was decided about one conversation; what is empty was left to the garden."""

    title: str = ""
    """One line."""
    summary: str = ""
    """A sentence or two as plain text, one line."""
    tags: tuple[str, ...] = ()
    """As somebody wrote them, beside those that the conversation has by itself."""
    stage: Stage | None = None
    answer: EventId | None = None
    """The message that answers the question."""
    featured: bool = False
    """Whether it stands first where a choice is shown."""


UNTENDED = Tending()

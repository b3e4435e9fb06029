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
    tags_off: tuple[str, ...] = ()
    """Tags that the conversation has by itself and is not to have."""
    stage: Stage | None = None
    answer: EventId | None = None
    """The message that answers the question."""
    featured: bool = False
    """Whether it stands first where a choice is shown."""
    former_titles: tuple[str, ...] = ()
    """Titles that it was given earlier and that still may be read: addresses made of them go on working."""


UNTENDED = Tending()


@dataclass(frozen=True, slots=True)
class GivenTending:
    """What a file in git says about one conversation; None and empty lists say nothing.

    Conversations and messages are pointed at by an event's identifier, a Matrix link or an address of the
    garden.
    """

    where: str
    """The file and line, for messages to the admin."""
    of: str
    """The conversation, or any message of it."""
    title: str | None = None
    """Empty where the garden is to find one, whatever the room says."""
    summary: str | None = None
    tags: tuple[str, ...] | None = None
    """All the tags that somebody gave it; those in its words stay."""
    growth: Stage | None = None
    answer: str | None = None
    """A message."""
    featured: bool | None = None
    hidden: bool | None = None
    merge: tuple[str, ...] = ()
    """Other conversations of the same room, whose messages it takes in."""
    split: tuple[str, ...] = ()
    """Messages at each of which another page begins."""
    former_titles: tuple[str, ...] = ()
    """Titles under which it was published before, so that addresses made of them go on working."""

"""Views of people: the index of those who have spoken, and one person's page."""

from __future__ import annotations

from dataclasses import dataclass

from garden.site.view import FrameView, LinkView
from garden.site.years_view import PlantedView


@dataclass(frozen=True, slots=True)
class PersonCardView:
    """Somebody in the index."""

    name: str
    url: str
    count: int
    """Conversations that they began."""


@dataclass(frozen=True, slots=True)
class PeopleView:
    """Template `people.html`: who has spoken in conversations, by name."""

    frame: FrameView
    home: LinkView
    people: tuple[PersonCardView, ...]
    part: int
    parts: tuple[LinkView, ...]
    """All parts, for the pagination; empty where there is one."""


@dataclass(frozen=True, slots=True)
class TrackView:
    """Conversations of one kind on a person's page."""

    count: int
    """All of them; `pages` are the last planted, at most two hundred."""
    pages: tuple[PlantedView, ...]
    """The last planted first; each leads to the person's message there."""


@dataclass(frozen=True, slots=True)
class PersonView:
    """Template `person.html`: what somebody began, answered and took part in."""

    frame: FrameView
    home: LinkView
    index: LinkView
    """The index of people; its title is empty."""
    name: str
    planted: TrackView
    answered: TrackView
    """Conversations in which their message is the accepted answer."""
    joined: TrackView

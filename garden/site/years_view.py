"""Views of what was planted when: the index of years, a year, a month."""

from __future__ import annotations

from dataclasses import dataclass

from garden.site.view import FrameView, LinkView, TimeView


@dataclass(frozen=True, slots=True)
class PlantedView:
    """A conversation or note in the order of planting; nothing here changes when it is tended."""

    title: str
    url: str
    room: str
    """Name of the room; empty for notes."""
    time: TimeView


@dataclass(frozen=True, slots=True)
class YearCardView:
    """A year in the index."""

    name: str
    """`2025`."""
    url: str
    count: int
    """Conversations and notes that were planted in it."""


@dataclass(frozen=True, slots=True)
class YearsView:
    """Template `years.html`: the years in which something was planted, the last one first."""

    frame: FrameView
    home: LinkView
    years: tuple[YearCardView, ...]


@dataclass(frozen=True, slots=True)
class MonthView:
    """A month of a year in which something was planted."""

    time: TimeView
    """Its first day."""
    count: int
    url: str
    """The month's own page in a year of many conversations, else empty."""
    pages: tuple[PlantedView, ...]
    """Oldest first; empty where the month has a page of its own."""


@dataclass(frozen=True, slots=True)
class YearView:
    """Template `year.html`: what was planted in a year, by month."""

    frame: FrameView
    home: LinkView
    index: LinkView
    """The index of years; its title is empty."""
    name: str
    """`2025`."""
    count: int
    months: tuple[MonthView, ...]
    """January first."""
    earlier: LinkView | None
    """The year before in which something was planted."""
    later: LinkView | None


@dataclass(frozen=True, slots=True)
class MonthPageView:
    """Template `month.html`: what was planted in a month of a year of many conversations."""

    frame: FrameView
    home: LinkView
    year: LinkView
    time: TimeView
    """The month's first day."""
    count: int
    pages: tuple[PlantedView, ...]
    """Oldest first."""
    part: int
    parts: tuple[LinkView, ...]
    """All parts, for the pagination; empty where there is one."""

"""Views of the map: the garden as a plan of its rooms, as beds with what grows there, and by tag."""

from __future__ import annotations

from dataclasses import dataclass

from garden.site.view import FrameView, LinkView


@dataclass(frozen=True, slots=True)
class StageCountView:
    """How many pages have reached a stage of growth."""

    stage: str
    """`evergreen`, `budding` or `seedling`."""
    count: int


@dataclass(frozen=True, slots=True)
class PatchView:
    """Where the plants of one stage stand, 16 by 16 units each: a pattern of them is laid over it."""

    stage: str
    path: str
    """Rectangles (SVG 2, section 9.3)."""


@dataclass(frozen=True, slots=True)
class PlotView:
    """A tag within a bed."""

    name: str
    url: str
    count: int
    """Pages of this room that carry it."""
    stages: tuple[StageCountView, ...]
    """Empty where stages are not known."""
    plants: int
    """Length of its row of plants."""
    patches: tuple[PatchView, ...]
    """The row; sprouts where stages are not known."""


@dataclass(frozen=True, slots=True)
class LandmarkView:
    """A page that readers should find: featured or far grown."""

    title: str
    url: str
    stage: str
    """Empty where it is not known."""


@dataclass(frozen=True, slots=True)
class MapBedView:
    """A room on the map, with what grows there."""

    anchor: str
    name: str
    url: str
    count: int
    """Conversations."""
    stages: tuple[StageCountView, ...]
    plots: tuple[PlotView, ...]
    """Its most frequent tags; empty where search engines may not list the room."""
    more_tags: int
    """How many tags it has beside these."""
    landmarks: tuple[LandmarkView, ...]
    """Empty where search engines may not list the room."""


@dataclass(frozen=True, slots=True)
class PlanBedView:
    """A room's box on the plan; its area grows with the number of its conversations."""

    name: str
    """Empty for the box of all rooms that are too many to be drawn."""
    url: str
    """To what the page says about the room further down."""
    count: int
    rooms: int
    """How many rooms the box stands for."""
    x: int
    y: int
    width: int
    height: int
    lines: tuple[str, ...]
    """The name as it fits."""
    from_right: bool
    """Whether the name is written from the right."""
    planted_at: int
    """Where in the box the plants begin, downwards."""
    patches: tuple[PatchView, ...]
    """Plants by the shares of their stages; empty where the room may not be listed or the box is too low."""


@dataclass(frozen=True, slots=True)
class PlanView:
    """The rooms drawn as beds; the theme shows the plan that is as wide as the window."""

    size: str
    """`narrow` or `wide`."""
    width: int
    height: int
    beds: tuple[PlanBedView, ...]


@dataclass(frozen=True, slots=True)
class MapTagView:
    """A tag and the rooms in which it grows."""

    name: str
    url: str
    count: int
    """Pages that carry it."""
    rooms: tuple[LinkView, ...]
    """Those where it grows most, at most three."""
    more_rooms: int


@dataclass(frozen=True, slots=True)
class SmallBedView:
    """A room of which the map tells no more than how large it is."""

    name: str
    url: str
    count: int


@dataclass(frozen=True, slots=True)
class MapView:
    """Template `map.html`: the whole garden, of any size, on one page."""

    frame: FrameView
    home: LinkView
    conversation_count: int
    note_count: int
    stages: tuple[StageCountView, ...]
    per_plant: int
    """How many pages a plant in a row stands for."""
    plans: tuple[PlanView, ...]
    beds: tuple[MapBedView, ...]
    """The largest rooms, largest first."""
    small_beds: tuple[SmallBedView, ...]
    more_rooms: int
    """How many rooms there are beside these; home lists all."""
    notes: tuple[LandmarkView, ...]
    """The notes that are named."""
    more_notes: int
    tags: tuple[MapTagView, ...]
    """The most frequent tags, in alphabetical order."""
    more_tags: int

"""Views of the pages that lead to others: home, a room's index, tags, neighbours, moved and not found."""

from __future__ import annotations

from dataclasses import dataclass, field

from garden.site.consent_view import ReasonView
from garden.site.view import BacklinkGroupView, FrameView, LinkView, TimeView


@dataclass(frozen=True, slots=True)
class CardView:
    """A page in a list."""

    title: str
    url: str
    kind: str
    """`thread`, `chain`, `day` or `note`."""
    excerpt: str
    room: str
    """Name of the room; empty for notes and where the list is one room's."""
    planted: TimeView | None
    tended: TimeView | None
    message_count: int
    people_count: int
    """0 where people are not told from one another."""
    tags: tuple[str, ...]
    stage: str = ""
    """`seedling`, `budding` or `evergreen`; empty for days."""
    is_question: bool = False
    is_answered: bool = False
    featured: bool = False


@dataclass(frozen=True, slots=True)
class BedView:
    """A room on the home page."""

    name: str
    url: str
    topic: str
    conversation_count: int
    day_count: int
    tended: TimeView | None
    sparkline: tuple[int, ...] = ()
    """Conversations that began in each of 24 months, ending with the month of the garden's last one."""
    stages: tuple[int, int, int] = (0, 0, 0)
    """Seedlings, budding and evergreen conversations."""


@dataclass(frozen=True, slots=True)
class TagView:
    """A tag and how many pages carry it."""

    name: str
    url: str
    count: int
    weight: int = 1
    """1 to 5, by how many pages carry it and how far they have grown."""


@dataclass(frozen=True, slots=True)
class WaysView:
    """The indexes through the whole garden, as URLs; empty where there is none."""

    tags: str = ""
    years: str = ""
    links: str = ""
    """Sites from which several pages share something."""
    people: str = ""


@dataclass(frozen=True, slots=True)
class HomeView:
    """Template `home.html`: a map of the garden."""

    frame: FrameView
    rooms: tuple[BedView, ...]
    evergreens: tuple[CardView, ...]
    """The shelf: featured pages first, then evergreens, at most twelve."""
    tended: tuple[CardView, ...]
    """The conversations that changed last, at most seven."""
    questions: tuple[CardView, ...]
    """Questions that nobody has answered yet, newest first, at most seven."""
    notes: tuple[CardView, ...]
    tags: tuple[TagView, ...]
    """By name; at most forty, those that most pages carry."""
    spaces: tuple[LinkView, ...]
    """matrix.to links by which a reader can join."""
    ways: WaysView = field(default_factory=WaysView)
    """The indexes through the whole garden."""


@dataclass(frozen=True, slots=True)
class PinnedView:
    """A pinned message at the head of its room's index."""

    author: str
    """Empty where nobody is to be named."""
    excerpt: str
    """Its first words; empty where it has none."""
    kind: str
    """`text`, `image`, `video`, …, as in `MessageView`."""
    url: str
    """To the message on its page."""
    time: TimeView


@dataclass(frozen=True, slots=True)
class RoomView:
    """Template `room.html`: one part of a room's index, last tended first."""

    frame: FrameView
    name: str
    topic: str
    home: LinkView
    pinned: tuple[PinnedView, ...]
    """What the room has pinned, newest pin first; all on the first part, none on the others."""
    conversations: tuple[CardView, ...]
    days: tuple[CardView, ...]
    """Day pages; all on the first part, none on the others."""
    part: int
    parts: tuple[LinkView, ...]
    """All parts, for the pagination; empty where there is one."""
    join_url: str
    """matrix.to URL of the room."""
    reason: ReasonView
    """Why the room may be read here."""
    backlinks: tuple[BacklinkGroupView, ...] = ()
    """Pages that link to the room itself, the latest at most; on the first part only."""


@dataclass(frozen=True, slots=True)
class TagPageView:
    """Template `tag.html`: the pages that carry a tag."""

    frame: FrameView
    name: str
    home: LinkView
    pages: tuple[CardView, ...]
    co_tags: tuple[TagView, ...] = ()
    """Tags that stand on the same pages, the most frequent first, at most twelve."""
    stages: tuple[int, int, int] = (0, 0, 0)
    """Seedlings, budding and evergreen pages."""
    backlinks: tuple[BacklinkGroupView, ...] = ()
    """Pages that link to this one, the latest at most; on the first part only."""
    count: int = 0
    """All pages that carry it; `pages` are those of this part."""
    part: int = 1
    parts: tuple[LinkView, ...] = ()
    """All parts, for the pagination; empty where there is one."""


@dataclass(frozen=True, slots=True)
class TagsView:
    """Template `tags.html`: all tags of the garden, by name."""

    frame: FrameView
    home: LinkView
    tags: tuple[TagView, ...]
    """At most a thousand, those that most pages carry."""
    count: int
    """All of them."""


@dataclass(frozen=True, slots=True)
class NeighbourRingView:
    """One ring on the neighbours page."""

    name: str
    neighbours: tuple[LinkView, ...]


@dataclass(frozen=True, slots=True)
class NeighboursView:
    """Template `neighbours.html`: who is in the rings and what a ring is."""

    frame: FrameView
    home: LinkView
    webrings: tuple[NeighbourRingView, ...]


@dataclass(frozen=True, slots=True)
class NotFoundView:
    """Template `not_found.html`: written as `404.html`, with absolute paths since it is read at any depth."""

    frame: FrameView
    home: LinkView
    rooms: tuple[LinkView, ...]


@dataclass(frozen=True, slots=True)
class MovedView:
    """Template `moved.html`: stands at a former address of a conversation and leads to it."""

    frame: FrameView
    """Its `canonical` is the page's."""
    page: LinkView

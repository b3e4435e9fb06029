"""Views of the local graph: what is tied to one page, as boxes and lines of a drawing and as lists.

All lengths are whole units of the drawing's `viewBox`; a drawing as wide as a phone shows one unit as about
one pixel, and the theme lets it grow no wider than its words need.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NodeView:
    """A page as a box of the drawing; for the page itself, its middle."""

    title: str
    """In full; the drawing shows `lines`."""
    url: str
    """Relative to the page; empty for the page itself."""
    tie: str
    """`from`, `to`, `both` or `related`; empty for the page itself."""
    stage: str
    """`seedling`, `budding`, `evergreen`, or empty: what stands on the box."""
    x: int
    y: int
    width: int
    height: int
    """With the room for the stage's mark above the box."""
    lines: tuple[str, ...]
    """The title as it fits, cut where it is longer."""
    from_right: bool
    """Whether the title is written from the right."""


@dataclass(frozen=True, slots=True)
class GraphGroupView:
    """Pages that are tied to this one in the same way."""

    side: str
    """`from`: they link here, those with the tie `both` in turn; `to`: this page links to them; `related`."""
    y: int
    """Line on which the group's name stands."""
    nodes: tuple[NodeView, ...]
    """In the order of the drawing, never empty."""
    more: int
    """How many there are beside these."""


@dataclass(frozen=True, slots=True)
class GraphView:
    """Part `graph.html`: one page with what is tied to it."""

    width: int
    height: int
    mark: int
    """Height of a stage's mark, which stands above its box."""
    line: int
    """Distance from one line of a title to the next."""
    start: int
    """Where a group's name starts: left, or right where the page is written from the right."""
    end: int
    """Where the words opposite to it end."""
    from_right: bool
    """Whether the page is written from the right."""
    centre: NodeView
    groups: tuple[GraphGroupView, ...]
    """At most three, never empty."""
    links: str
    """Path of the lines that stand for links (SVG 2, section 9.3)."""
    heads: str
    """Path of their arrow heads."""
    kinships: str
    """Path of the lines to related pages."""

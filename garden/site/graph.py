"""What is tied to a page becomes a drawing that is laid out at build time, and the same in lists.

The drawing is a trunk: in the middle the page, above it the pages that link to it, below those that it links
to, two in a row; the lines run in the gutter between them, where no box stands, so none crosses a box or
another line. Related pages hang below on lines along the outer edges.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from garden.pages.address import Address, relative_url
from garden.site.graph_view import GraphGroupView, GraphView, NodeView
from garden.site.lettering import fit_lines, reads_from_right

MOST: Final = 12
"""Neighbours that are drawn; a reader takes in no more at a glance."""

_SIDES: Final = ("from", "to", "related")
_FAIR: Final = MOST // len(_SIDES)
"""Places that a side has before the others may take what it leaves."""

_WIDTH: Final = 330
_EDGE: Final = 12
"""Outer strip, in which the lines to related pages run."""
_GUTTER: Final = 30
_BOX: Final = (_WIDTH - 2 * _EDGE - _GUTTER) // 2
_TRUNK: Final = _WIDTH // 2
_PADDING: Final = 8
_LETTER: Final = 13
"""Size of the letters, as the theme's style sheet has it."""
_LINE: Final = 16
_LINES: Final = 3
"""Lines of a title, where there are few neighbours."""
_FEW: Final = 6
_MARK: Final = 16
"""Height of a stage's mark, which stands on its box."""
_LABEL: Final = 14
"""Height of a group's name."""
_GAP: Final = 8
_BEND: Final = 8
"""Radius of a branch."""
_HEAD: Final = 5
"""Length of an arrow head, and half its width."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A page that is tied to another one."""

    address: Address
    title: str
    tie: str
    """`from` links to the page, `to` is linked to by it, `both`; `related` has no link."""
    stage: str = ""
    """`seedling`, `budding`, `evergreen`, or empty where that is not known."""


@dataclass(frozen=True, slots=True)
class _Manner:
    """How all boxes of a drawing are made."""

    mark: int
    """Height above a box for its stage; 0 where no stage is known."""
    lines: int
    """Lines of a title at most."""
    first: int
    """Column in which a row begins."""


@dataclass(frozen=True, slots=True)
class _Seat:
    """A neighbour's box: in `column` -1 on the left, 1 on the right, 0 on the trunk."""

    neighbour: Neighbour
    column: int
    top: int
    bottom: int
    lines: tuple[str, ...]

    @property
    def middle(self) -> int:
        """Where a line meets the box."""
        return (self.top + self.bottom) // 2

    @property
    def left(self) -> int:
        """Where the box begins."""
        return (
            _TRUNK - _BOX // 2
            if self.column == 0
            else (_WIDTH - _GUTTER - 2 * _BOX) // 2 + (0 if self.column < 0 else _BOX + _GUTTER)
        )

    @property
    def inner(self) -> int:
        """The edge at the gutter."""
        return _TRUNK + self.column * _GUTTER // 2


def present_graph(
    start: Address,
    title: str,
    neighbours: Sequence[Neighbour],
    *,
    stage: str = "",
    from_right: bool = False,
) -> GraphView | None:
    """Draw the page at `start` and its neighbours, the more important first; None where it has none.

    A page stands in the drawing once, whatever ties it: a link counts before kinship, and links both ways are
    one tie. The page itself is none of its neighbours. `from_right` mirrors the drawing for a page that is
    written from the right.
    """
    sides = _part(start, neighbours)
    if not sides:
        return None
    shown = _choose(sides)
    members = [each for side in shown.values() for each in side]
    manner = _Manner(
        mark=_MARK if stage or any(each.stage for each in members) else 0,
        lines=_LINES if len(members) <= _FEW else _LINES - 1,
        first=1 if from_right else -1,
    )
    above = list(_place("from", shown, 0, manner))
    centre = _place_centre(Neighbour(start, title, "", stage), _below(above, 0) + manner.mark)
    below = list(_place("to", shown, centre.bottom + _GAP, manner))
    kin = list(_place("related", shown, _below(below, centre.bottom + _GAP), manner))
    links, heads = _draw_links(above, centre, below)
    return GraphView(
        width=_WIDTH,
        height=_below(kin or below, centre.bottom + _GAP),
        mark=manner.mark,
        line=_LINE,
        start=_WIDTH - _EDGE if from_right else _EDGE,
        end=_EDGE if from_right else _WIDTH - _EDGE,
        from_right=from_right,
        centre=_view_node(start, centre, manner),
        groups=tuple(
            GraphGroupView(
                side=side,
                y=seats[0].top - manner.mark - _GAP,
                nodes=tuple(_view_node(start, seat, manner) for seat in seats),
                more=len(sides[side]) - len(seats),
            )
            for side, seats in zip(_SIDES, (above, below, kin), strict=True)
            if seats
        ),
        links=links,
        heads=heads,
        kinships=_draw_kinships(kin, centre),
    )


def _part(start: Address, neighbours: Iterable[Neighbour]) -> dict[str, list[Neighbour]]:
    """Part the neighbours by the side that they stand on, each page once."""
    found: dict[Address, Neighbour] = {}
    for each in neighbours:
        before = found.get(each.address)
        if each.address != start:
            found[each.address] = each if before is None else replace(before, tie=_join(before.tie, each.tie))
    sides: dict[str, list[Neighbour]] = {side: [] for side in _SIDES}
    for each in found.values():
        sides["from" if each.tie == "both" else each.tie].append(each)
    return {side: members for side, members in sides.items() if members}


def _join(one: str, other: str) -> str:
    ties = {one, other} - {"related"}
    return ties.pop() if len(ties) == 1 else "both" if ties else "related"


def _choose(sides: Mapping[str, Sequence[Neighbour]]) -> dict[str, Sequence[Neighbour]]:
    """Give each side its fair part of the places, and what is left to the sides in turn."""
    places = {side: min(len(members), _FAIR) for side, members in sides.items()}
    for side, members in sides.items():
        places[side] += min(MOST - sum(places.values()), len(members) - places[side])
    return {side: members[: places[side]] for side, members in sides.items()}


def _place_centre(page: Neighbour, top: int) -> _Seat:
    lines = fit_lines(page.title, (2 * _BOX + _GUTTER - 2 * _PADDING) / _LETTER, _LINES - 1)
    return _Seat(page, 0, top, top + _height(len(lines)), lines)


def _place(side: str, shown: Mapping[str, Sequence[Neighbour]], y: int, manner: _Manner) -> Iterator[_Seat]:
    """Seat a group in rows of two; one without a partner sits at the trunk's end, or where a row begins."""
    width = (_BOX - 2 * _PADDING) / _LETTER
    y += _LABEL + _GAP
    for row in _pair(shown.get(side, ()), lone_first=side == "from"):
        titles = [fit_lines(each.title, width, manner.lines) for each in row]
        top = y + manner.mark
        y = top + _height(max(map(len, titles)))
        is_lone = len(row) == 1 and side != "related"
        columns = (0,) if is_lone else (manner.first, -manner.first)
        for each, column, lines in zip(row, columns, titles, strict=False):
            yield _Seat(each, column, top, y, lines)
        y += _GAP


def _pair(members: Sequence[Neighbour], *, lone_first: bool) -> list[Sequence[Neighbour]]:
    """Part a group into pairs; of an odd number the first or the last stays alone."""
    head = len(members) % 2 if lone_first else 0
    pairs = [members[at : at + 2] for at in range(head, len(members), 2)]
    return [members[:1], *pairs] if head else pairs


def _below(seats: Sequence[_Seat], y: int) -> int:
    """Return where the next thing may stand below a group, or `y` where there is no group."""
    return seats[-1].bottom + 2 * _GAP if seats else y


def _height(lines: int) -> int:
    return lines * _LINE + 2 * _PADDING


def _draw_links(above: Sequence[_Seat], centre: _Seat, below: Sequence[_Seat]) -> tuple[str, str]:
    """Draw the trunk with its branches, and the arrow heads."""
    links: list[str] = []
    heads: list[str] = []
    if above:
        ends = [seat.middle + _BEND if seat.column else seat.bottom for seat in above]
        links.append(f"M{_TRUNK} {min(ends)}V{centre.top}")
        heads.append(_draw_head(_TRUNK, centre.top, 0, 1))
    if below:
        ends = [seat.middle - _BEND if seat.column else seat.top for seat in below]
        links.append(f"M{_TRUNK} {centre.bottom}V{max(ends)}")
    for seat in (*above, *below):
        turn = _BEND if seat in above else -_BEND
        if seat.column:
            links.append(f"M{seat.inner} {seat.middle}Q{_TRUNK} {seat.middle} {_TRUNK} {seat.middle + turn}")
        if seat.neighbour.tie != "from":
            y = seat.middle if seat.column else seat.bottom if turn > 0 else seat.top
            heads.append(_draw_head(seat.inner, y, seat.column, 0 if seat.column else -turn // _BEND))
    return "".join(links), "".join(heads)


def _draw_head(x: int, y: int, right: int, down: int) -> str:
    """Draw the head of an arrow that ends at a point, in one of the four directions."""
    x1, y1 = x - (right + down) * _HEAD, y - (down + right) * _HEAD
    x2, y2 = x - (right - down) * _HEAD, y - (down - right) * _HEAD
    return f"M{x1} {y1}L{x} {y}L{x2} {y2}"


def _draw_kinships(seats: Sequence[_Seat], centre: _Seat) -> str:
    """Draw one line down each outer edge, from the page's side to the last of its related pages there."""
    drawn: list[str] = []
    for column in (-1, 1):
        own = [seat for seat in seats if seat.column == column]
        if own:
            box = _EDGE if column < 0 else _WIDTH - _EDGE
            strip = box + column * _EDGE // 2
            drawn.append(f"M{box} {centre.middle}H{strip}V{own[-1].middle}")
            drawn += [f"M{strip} {seat.middle}H{box}" for seat in own]
    return "".join(drawn)


def _view_node(start: Address, seat: _Seat, manner: _Manner) -> NodeView:
    page = seat.neighbour
    is_centre = not page.tie
    return NodeView(
        title=page.title,
        url="" if is_centre else relative_url(start, page.address),
        tie=page.tie,
        # A stage is an enumeration, which is no plain value.
        stage=str(page.stage),
        x=_EDGE if is_centre else seat.left,
        y=seat.top - manner.mark,
        width=_WIDTH - 2 * _EDGE if is_centre else _BOX,
        height=seat.bottom - seat.top + manner.mark,
        lines=seat.lines,
        from_right=reads_from_right(page.title),
    )

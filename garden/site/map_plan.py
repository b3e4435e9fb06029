"""Rooms become beds on the plan of a garden, drawn once for narrow and once for wide windows.

Letters on a drawing grow and shrink with it, so that one drawing cannot be read on a phone and on a desk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from garden.site.lettering import fit_lines, reads_from_right
from garden.site.map_view import PlanBedView, PlanView
from garden.site.plan import Box, lay_out
from garden.site.planting import PLANT, plant, share_plants

SIZES: Final = (("narrow", 330, 22_000), ("wide", 720, 18_000))
"""Names and widths of the plans, in units that are about a pixel, and the mean area of a bed."""

_HEIGHTS: Final = (125, 520)
"""Lowest and highest plan."""
_SMALLEST: Final = 36
"""No bed is drawn smaller than this part of all, or nobody could read its name."""
_PATH: Final = 3
"""Half the path between two beds."""
_PADDING: Final = 8
_LETTER: Final = 13
_LINE: Final = 16
_LINES: Final = 2
"""Lines of a name."""


@dataclass(frozen=True, slots=True)
class PlanBed:
    """A room to be drawn."""

    name: str
    url: str
    count: int
    stages: tuple[tuple[str, int], ...] = ()
    """Stages of growth and how many pages have reached them."""
    rooms: int = 1
    """How many rooms it stands for."""


def present_plans(beds: Sequence[PlanBed], rest: PlanBed) -> tuple[PlanView, ...]:
    """Draw the beds, largest first, with one more for the rest of the rooms where there are any.

    A single room needs no plan.
    """
    drawn = [*beds, rest] if rest.rooms else list(beds)
    if len(drawn) < 2:  # noqa: PLR2004 - what a plan is for: to tell one from another
        return ()
    return tuple(
        _present_plan(size, width, len(drawn) * per_bed // width, drawn) for size, width, per_bed in SIZES
    )


def _present_plan(size: str, width: int, wished: int, beds: Sequence[PlanBed]) -> PlanView:
    lowest, highest = _HEIGHTS
    height = min(max(wished, lowest), highest)
    floor = max(1, -(-sum(bed.count for bed in beds) // _SMALLEST))
    boxes = lay_out([max(bed.count, floor) for bed in beds], width, height)
    return PlanView(
        size, width, height, tuple(_present_bed(bed, box) for bed, box in zip(beds, boxes, strict=True))
    )


def _present_bed(bed: PlanBed, box: Box) -> PlanBedView:
    width, height = box.width - 2 * _PATH, box.height - 2 * _PATH
    most_lines = max(1, min(_LINES, (height - 2 * _PADDING) // _LINE - 1))
    lines = fit_lines(bed.name, (width - 2 * _PADDING) / _LETTER, most_lines)
    planted_at = _PADDING // 2 + (len(lines) + 1) * _LINE + _PADDING
    columns, rows = (width - 2 * _PADDING) // PLANT, (height - planted_at - _PADDING // 2) // PLANT
    # A bed has never more plants than conversations.
    plants = min(max(columns, 0) * max(rows, 0), bed.count)
    return PlanBedView(
        name=bed.name,
        url=bed.url,
        count=bed.count,
        rooms=bed.rooms,
        x=box.x + _PATH,
        y=box.y + _PATH,
        width=width,
        height=height,
        lines=lines,
        from_right=reads_from_right(bed.name),
        planted_at=planted_at,
        patches=plant(share_plants(bed.stages, plants), columns) if plants else (),
    )

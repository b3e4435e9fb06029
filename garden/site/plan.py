"""Numbers become boxes whose areas say how large they are: rows of beds, as on the plan of a garden.

A strip treemap (Bederson, Shneiderman and Wattenberg, 2002): the order is kept, so that one reads it as one
reads text, and boxes of a row are equally high, so that their names stand in a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

_SHAPE: Final = 1.8
"""How much wider than high a box is at best: names are written from side to side."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in whole units; y grows downwards."""

    x: int
    y: int
    width: int
    height: int


def lay_out(sizes: Sequence[int], width: int, height: int) -> list[Box]:
    """Cover a rectangle with one box for each size, in their order; sizes are positive.

    No two boxes overlap, and none is left out; edges are rounded to whole units.
    """
    if not sizes:
        return []
    rows = _part_into_rows(sizes, width, height)
    boxes: list[Box] = []
    for (top, bottom), row in zip(_share(height, [sum(row) for row in rows]), rows, strict=True):
        boxes += [Box(left, top, right - left, bottom - top) for left, right in _share(width, row)]
    return boxes


def _part_into_rows(sizes: Sequence[int], width: int, height: int) -> list[list[int]]:
    """Break the sizes into rows, as a paragraph into lines: so that boxes miss their best shape least in all.

    Each break is judged with the best breaks before it, in quadratic time; a plan has few boxes.
    """
    per_unit = sum(sizes) / (width * height)
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(sizes) + 1):
        best.append(
            min(
                (best[start][0] + _misshape(sizes[start:end], width, per_unit), start) for start in range(end)
            )
        )
    rows: list[list[int]] = []
    end = len(sizes)
    while end:
        start = best[end][1]
        rows.insert(0, list(sizes[start:end]))
        end = start
    return rows


def _misshape(row: Sequence[int], width: int, per_unit: float) -> float:
    """Return how far the boxes of a row miss their best shape; few that miss it far weigh more than many."""
    height = sum(row) / per_unit / width
    ratios = [size / per_unit / height / height / _SHAPE for size in row]
    return sum(max(ratio, 1 / ratio) ** 2 for ratio in ratios)


def _share(length: int, sizes: Sequence[int]) -> list[tuple[int, int]]:
    """Cut a length into parts in proportion to sizes: where each begins and ends."""
    total = sum(sizes)
    ends = [length * end // total for end in accumulate(sizes)]
    return list(zip([0, *ends[:-1]], ends, strict=True))

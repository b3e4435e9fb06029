"""Shares become plants that stand in rows, as paths over which a pattern of plants is laid.

A path for each stage is a few bytes however many plants it covers; a drawing of each plant would not be.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from garden.site.map_view import PatchView

PLANT: Final = 16
"""Width and height of a plant, in units of a drawing."""


def plant(stages: Sequence[tuple[str, int]], columns: int) -> tuple[PatchView, ...]:
    """Plant so many of each stage one after the other, row by row."""
    patches: list[PatchView] = []
    at = 0
    for stage, plants in stages:
        patches.append(PatchView(stage, "".join(_cover(at, at + plants, columns))))
        at += plants
    return tuple(patches)


def share_plants(stages: Sequence[tuple[str, int]], plants: int) -> list[tuple[str, int]]:
    """Share so many plants among stages by their counts; whichever is there has one, if there are as many."""
    total = sum(count for _, count in stages)
    shares: list[tuple[str, int]] = []
    for number, (stage, count) in enumerate(stages):
        others = len(stages) - number - 1
        left = plants - sum(share for _, share in shares)
        wished = max(1, round(plants * count / total))
        shares.append((stage, max(0, min(wished, left - others) if others else left)))
    return [(stage, share) for stage, share in shares if share]


def _cover(start: int, end: int, columns: int) -> list[str]:
    """Return rectangles over the places from `start` to before `end`.

    They are the rest of a row, whole rows, and the beginning of another.
    """
    first, last = start // columns, end // columns
    if first == last:
        return [_rectangle(start % columns, first, end - start, 1)]
    whole = first + (1 if start % columns else 0)
    rectangles: list[str] = []
    if start % columns:
        rectangles.append(_rectangle(start % columns, first, columns - start % columns, 1))
    if last > whole:
        rectangles.append(_rectangle(0, whole, columns, last - whole))
    if end % columns:
        rectangles.append(_rectangle(0, last, end % columns, 1))
    return rectangles


def _rectangle(column: int, row: int, columns: int, rows: int) -> str:
    width, height = columns * PLANT, rows * PLANT
    return f"M{column * PLANT} {row * PLANT}h{width}v{height}h-{width}"

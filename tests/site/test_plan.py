"""Boxes cover the plan, none lies upon another, and the larger number has the larger box."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from garden.site.plan import Box, lay_out

sizes = st.lists(st.integers(1, 500), min_size=1, max_size=20).map(lambda each: sorted(each, reverse=True))


@given(sizes)
def test_boxes_cover_the_plan_and_none_lies_upon_another(sizes: list[int]) -> None:
    boxes = lay_out(sizes, 720, 400)

    assert sum(box.width * box.height for box in boxes) == 720 * 400
    for one, other in combinations(boxes, 2):
        is_beside = one.x + one.width <= other.x or other.x + other.width <= one.x
        assert is_beside or one.y + one.height <= other.y or other.y + other.height <= one.y


@given(sizes)
def test_areas_say_how_large_the_numbers_are(sizes: list[int]) -> None:
    per_unit = 720 * 400 / sum(sizes)
    for size, box in zip(sizes, lay_out(sizes, 720, 400), strict=True):
        # Rounded edges make a box larger or smaller by one unit at most on each side.
        assert abs(box.width * box.height - size * per_unit) <= 2 * (box.width + box.height) + 4


def test_the_order_is_that_of_a_text() -> None:
    boxes = lay_out([9, 8, 7, 6, 5, 4, 3, 2, 1], 330, 300)

    assert [(box.y, box.x) for box in boxes] == sorted((box.y, box.x) for box in boxes)


def test_equal_numbers_stand_side_by_side() -> None:
    assert lay_out([1, 1], 360, 100) == [Box(0, 0, 180, 100), Box(180, 0, 180, 100)]


def test_a_plan_of_nothing_is_empty() -> None:
    assert lay_out([], 330, 100) == []

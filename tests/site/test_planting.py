"""Plants stand in rows, as many as their share, and a path covers each once."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from garden.site.planting import PLANT, plant, share_plants

counts = st.tuples(st.sampled_from("ebs"), st.integers(1, 40))
shares = st.lists(counts, max_size=3, unique_by=lambda each: each[0])


def covered(path: str) -> list[tuple[int, int]]:
    """The places that a path covers."""
    found: list[tuple[int, int]] = []
    for x, y, width, height in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)h-\d+", path):
        columns = range(int(x) // PLANT, (int(x) + int(width)) // PLANT)
        rows = range(int(y) // PLANT, (int(y) + int(height)) // PLANT)
        found += [(row, column) for row in rows for column in columns]
    return found


@given(shares, st.integers(1, 12))
def test_every_place_is_covered_once_in_its_turn(stages: list[tuple[str, int]], columns: int) -> None:
    places = [place for patch in plant(stages, columns) for place in sorted(covered(patch.path))]

    assert places == [divmod(number, columns) for number in range(sum(count for _, count in stages))]


@given(shares, st.integers(0, 60))
def test_all_plants_are_shared_out(stages: list[tuple[str, int]], plants: int) -> None:
    shared = share_plants(stages, plants)

    assert sum(count for _, count in shared) == (plants if stages else 0)
    assert all(count > 0 for _, count in shared)


@pytest.mark.parametrize(
    ("plants", "shared"), [(10, [("e", 1), ("s", 9)]), (2, [("e", 1), ("s", 1)]), (1, [("s", 1)]), (0, [])]
)
def test_the_few_are_seen_where_there_is_room(plants: int, shared: list[tuple[str, int]]) -> None:
    assert share_plants([("e", 1), ("s", 999)], plants) == shared

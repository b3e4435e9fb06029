"""The local graph: every box stands free, inside the drawing, and says the same as the lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from garden.pages.address import Address
from garden.resources import find_theme
from garden.site.graph import MOST, Neighbour, present_graph
from garden.site.graph_view import GraphView, NodeView
from garden.site.lettering import ELLIPSIS

HERE = Address("seeds/beans-3fk2a9xy/")
TIES = ("from", "to", "both", "related")
STAGES = ("", "seedling", "budding", "evergreen")
HOSTILE = (
    "\u202eevil \u2066turn",
    "M" * 3000,
    "👩‍🌾" * 90,
    "﷽" * 9,
    "Z" + "\u0351" * 99,
    "</text><script>alert(1)",
)


def near(name: str, tie: str = "from", stage: str = "") -> Neighbour:
    return Neighbour(Address(f"water/{name}/"), name.title(), tie, stage)


def many(tie: str, count: int) -> list[Neighbour]:
    return [near(f"{tie}-{number}", tie) for number in range(count)]


def draw(neighbours: Sequence[Neighbour], *, from_right: bool = False) -> GraphView:
    view = present_graph(HERE, "Beans", neighbours, from_right=from_right)
    assert view is not None
    return view


def boxes(view: GraphView) -> Iterator[NodeView]:
    yield view.centre
    for group in view.groups:
        yield from group.nodes


def titles(view: GraphView) -> dict[str, list[str]]:
    return {group.side: [node.title for node in group.nodes] for group in view.groups}


neighbours = st.lists(
    st.builds(
        Neighbour,
        st.integers(0, 60).map(lambda number: Address(f"water/{number}/")),
        st.text(min_size=1, max_size=90) | st.sampled_from(HOSTILE),
        st.sampled_from(TIES),
        st.sampled_from(STAGES),
    ),
    min_size=1,
    max_size=30,
)


@given(neighbours, st.booleans())
def test_no_box_touches_another_or_leaves_the_drawing(near: list[Neighbour], from_right: bool) -> None:  # noqa: FBT001
    view = draw(near, from_right=from_right)

    for box in boxes(view):
        assert 0 <= box.x < box.x + box.width <= view.width
        assert 0 <= box.y < box.y + box.height <= view.height
        assert len(box.lines) * view.line < box.height - view.mark
    for one, other in combinations(boxes(view), 2):
        is_beside = one.x + one.width <= other.x or other.x + other.width <= one.x
        is_below = one.y + one.height <= other.y or other.y + other.height <= one.y
        assert is_beside or is_below


@given(neighbours)
def test_no_line_runs_through_a_box(near: list[Neighbour]) -> None:
    view = draw(near)

    for path in (view.links, view.heads, view.kinships):
        for x, y in points(path):
            for box in boxes(view):
                top = box.y + view.mark
                is_inside = box.x < x < box.x + box.width and top < y < box.y + box.height
                assert not is_inside


def points(path: str) -> Iterator[tuple[int, int]]:
    """Yield where the commands of a path end."""
    x = y = 0
    for command, numbers in re.findall(r"([MLQHV])([^MLQHV]*)", path):
        values = [int(number) for number in numbers.split()]
        if command == "H":
            x = values[0]
        elif command == "V":
            y = values[0]
        else:
            x, y = values[-2:]
        yield x, y


@given(neighbours)
def test_no_page_is_drawn_twice_and_none_is_forgotten(near: list[Neighbour]) -> None:
    view = draw(near)
    urls = [node.url for group in view.groups for node in group.nodes]

    assert len(urls) == len(set(urls)) <= MOST
    assert len(urls) + sum(group.more for group in view.groups) == len({each.address for each in near})


def test_a_page_without_neighbours_has_no_drawing() -> None:
    assert present_graph(HERE, "Beans", []) is None
    assert present_graph(HERE, "Beans", [Neighbour(HERE, "Beans", "to")]) is None


def test_each_side_has_its_part_and_the_rest_is_counted() -> None:
    view = draw([*many("from", 100), *many("to", 1), *many("related", 50)])

    assert {group.side: (len(group.nodes), group.more) for group in view.groups} == {
        "from": (7, 93),
        "to": (1, 0),
        "related": (4, 46),
    }


def test_the_more_important_come_first() -> None:
    assert titles(draw([near("c"), near("a"), near("b")])) == {"from": ["C", "A", "B"]}


def test_a_link_counts_before_kinship_and_two_links_are_one_tie() -> None:
    view = draw([near("a", "related"), near("a", "to"), near("b", "from"), near("b", "to")])

    assert titles(view) == {"from": ["B"], "to": ["A"]}
    assert [node.tie for node in boxes(view)] == ["", "both", "to"]


def test_a_link_both_ways_has_a_head_at_either_end() -> None:
    heads = [draw([near("a", tie)]).heads.count("M") for tie in ("from", "to", "both", "related")]

    assert heads == [1, 1, 2, 0]


def test_a_page_that_is_written_from_the_right_is_mirrored() -> None:
    left = draw([near("a"), near("b"), near("c", "related")])
    right = draw([near("a"), near("b"), near("c", "related")], from_right=True)

    assert (left.start, left.end) == (right.end, right.start)
    for one, other in zip(boxes(left), boxes(right), strict=True):
        assert other.x == left.width - one.x - one.width
        assert (other.y, other.lines) == (one.y, one.lines)


def test_an_arabic_title_runs_from_the_right_wherever_it_stands() -> None:
    node = draw([Neighbour(Address("a/"), "كيف نحفظ البذور؟", "to")]).groups[0].nodes[0]

    assert node.from_right


def test_a_long_title_is_cut_in_the_drawing_and_whole_in_the_list() -> None:
    title = "What to do when it rains for a week and everything is under water"
    node = draw([Neighbour(Address("water/rain/"), title, "to")]).groups[0].nodes[0]

    assert node.title == title
    assert node.lines[-1].endswith(ELLIPSIS)


def test_links_are_relative_to_the_page() -> None:
    node = draw([Neighbour(Address("سوق/água-3fk2a9xy/"), "A", "to")]).groups[0].nodes[0]

    assert node.url == "../../%D8%B3%D9%88%D9%82/%C3%A1gua-3fk2a9xy/"


def test_the_same_neighbours_make_the_same_drawing() -> None:
    assert draw(many("from", 9)) == draw(many("from", 9))


@pytest.fixture(scope="module")
def part() -> jinja2.Template:
    theme = find_theme(Path(), "commons")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(theme),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # made by the extension
    return environment.from_string('{% from "parts/graph.html" import graph %}{{ graph(view) }}')


@settings(max_examples=25)
@given(neighbours)
def test_everything_in_the_drawing_stands_in_the_list(part: jinja2.Template, near: list[Neighbour]) -> None:
    drawing, _, words = part.render(view=draw(near)).partition("<details")

    drawn, written = (sorted(re.findall(r'<a [^>]*href="([^"]*)"', half)) for half in (drawing, words))
    assert drawn == written
    assert "<script" not in drawing + words
    assert "style=" not in drawing + words


def test_a_full_drawing_is_small(part: jinja2.Template) -> None:
    view = draw(
        [
            Neighbour(each.address, "How do we store bean seed over winter?", tie, "budding")
            for tie in TIES
            for each in many(tie, 9)
        ]
    )

    assert len(part.render(view=view).partition("<details")[0].encode()) < 9000


def test_a_page_without_neighbours_has_no_section(part: jinja2.Template) -> None:
    assert part.render(view=None) == ""

"""The map stays legible whatever the size, tells nothing that may not be listed, and keeps still."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from garden.archive.event import RoomId
from garden.conversations.room import Room
from garden.conversations.tending import Stage
from garden.pages.address import MAP, Address
from garden.pages.page import PageCard
from garden.resources import find_theme
from garden.site.map import (
    MOST_BEDS,
    MOST_LANDMARKS,
    MOST_NOTES,
    MOST_PLOTS,
    MOST_SMALL_BEDS,
    MOST_TAGS,
    ROW,
    present_map,
)
from garden.site.map_view import LandmarkView, MapView, StageCountView
from garden.site.place import RoomPlace
from garden.site.templates import load_theme, plan_render, render_task
from garden.site.view import LinkView
from tests.site.growing import SEEDS, WATER, card, count_strange_scripts, frame

HIDDEN = RoomPlace(
    Room(RoomId("!quiet"), "Quiet", "Talk.", via="fen.example"), Address("quiet/"), index=False
)
MOST_BYTES = 60_000
STAGES = (Stage.EVERGREEN, Stage.BUDDING, Stage.SEEDLING)


def show(
    cards: Sequence[PageCard],
    stages: dict[Address, Stage] | None = None,
    places: Sequence[RoomPlace] = (SEEDS, WATER, HIDDEN),
) -> MapView:
    return present_map(frame(MAP), places, cards, stages or {})


def render(view: MapView) -> str:
    theme = load_theme(find_theme(Path(), "commons"))
    return render_task(theme, plan_render("map/index.html", view, theme)).content.decode()


def stage(cards: Iterable[PageCard], *stages: str) -> dict[Address, Stage]:
    return {each.address: Stage(stage) for each, stage in zip(cards, stages, strict=True)}


def rooms(count: int) -> list[RoomPlace]:
    return [
        replace(
            SEEDS, room=Room(RoomId(f"!r{number}"), f"Room of {number}"), address=Address(f"room-{number}/")
        )
        for number in range(count)
    ]


def grow(pages: int, places: Sequence[RoomPlace]) -> tuple[list[PageCard], dict[Address, Stage]]:
    """Pages in all places, the first with the most, with stages and up to three of some hundred tags."""
    cards = [
        replace(
            card(
                f"how-do-we-store-bean-seed-over-winter-{number:08d}",
                place=places[number * number // pages % len(places)],
                tags={f"tag-{number % 7}", f"tag-{number % 31}", f"tag-{number % 401}"},
                kind="note" if number % 100 == 0 else "thread",
            ),
            title=f"How do we store bean seed number {number} over winter?",
        )
        for number in range(pages)
    ]
    return cards, {each.address: STAGES[number % 3] for number, each in enumerate(cards)}


@pytest.fixture(scope="module")
def large() -> MapView:
    places = rooms(200)
    cards, stages = grow(10_000, places)
    return show(cards, stages, places=places)


def test_a_map_of_ten_thousand_pages_is_small(large: MapView) -> None:
    page = render(large)

    assert len(page.encode()) < MOST_BYTES
    assert page.count("<a ") < 300


def test_what_is_not_on_the_map_is_counted(large: MapView) -> None:
    assert len(large.beds) == MOST_BEDS
    assert len(large.small_beds) == MOST_SMALL_BEDS
    assert large.more_rooms == 200 - MOST_BEDS - MOST_SMALL_BEDS
    assert (len(large.tags), large.more_tags) == (MOST_TAGS, 401 - MOST_TAGS)
    assert (len(large.notes), large.more_notes) == (MOST_NOTES, 100 - MOST_NOTES)
    assert all(len(bed.plots) <= MOST_PLOTS and len(bed.landmarks) <= MOST_LANDMARKS for bed in large.beds)
    assert large.conversation_count == 9_900


def test_every_room_has_its_part_in_the_plan(large: MapView) -> None:
    assert [plan.size for plan in large.plans] == ["narrow", "wide"]
    for plan in large.plans:
        assert sum(bed.rooms for bed in plan.beds) == 200
        assert sum(bed.count for bed in plan.beds) == 9_900


def test_no_bed_of_the_plan_touches_another_or_leaves_it(large: MapView) -> None:
    for plan in large.plans:
        for bed in plan.beds:
            assert 0 < bed.x < bed.x + bed.width < plan.width
            assert 0 < bed.y < bed.y + bed.height < plan.height
        for one, other in combinations(plan.beds, 2):
            is_beside = one.x + one.width < other.x or other.x + other.width < one.x
            assert is_beside or one.y + one.height < other.y or other.y + other.height < one.y


def test_every_name_on_the_plan_leads_to_what_the_page_says_below(large: MapView) -> None:
    page = render(large)

    for plan in large.plans:
        for bed in plan.beds:
            assert f'id="{bed.url.removeprefix("#")}"' in page


def test_rows_of_plants_have_one_scale(large: MapView) -> None:
    plots = [plot for bed in large.beds for plot in bed.plots]

    assert max(plot.plants for plot in plots) <= ROW + len(STAGES)
    assert all(plot.plants <= -(-plot.count // large.per_plant) + len(STAGES) for plot in plots)


def test_a_small_garden_shows_each_conversation() -> None:
    view = show([card("a", tags=["x"]), card("b", tags=["x"]), card("c", place=WATER)])

    assert view.per_plant == 1
    assert [(bed.name, bed.count) for bed in view.beds] == [("Seeds", 2), ("Water", 1), ("Quiet", 0)]
    assert [(plot.name, plot.count, plot.plants) for plot in view.beds[0].plots] == [("x", 2, 2)]


def test_a_room_that_may_not_be_listed_is_a_name_and_a_number() -> None:
    page = render(show([card("secret", place=HIDDEN, tags=["hush"]), card("a", tags=["x"])], {}))
    bed = next(bed for bed in show([card("secret", place=HIDDEN, tags=["hush"])]).beds if bed.name == "Quiet")

    assert (bed.count, bed.plots, bed.more_tags, bed.landmarks, bed.stages) == (1, (), 0, (), ())
    assert "secret" not in page.casefold()
    assert "hush" not in page
    assert "Talk." not in page


def test_pages_of_rooms_that_are_not_here_are_nowhere() -> None:
    strayed = replace(card("strayed", tags=["x"]), room_id=RoomId("!gone"))

    assert "strayed" not in render(show([strayed])).casefold()
    assert show([strayed]).tags == ()


def test_days_are_not_counted() -> None:
    assert show([card("2025-03-03", kind="day", tags=["x"])]).conversation_count == 0


def test_what_has_grown_far_is_named_first_and_what_is_featured_before() -> None:
    cards = [card(name) for name in "abcd"]
    stages = stage(cards, "seedling", "evergreen", "budding", "budding")

    assert show(cards, stages).beds[0].landmarks == (
        LandmarkView("B", "../seeds/b/", "evergreen"),
        LandmarkView("C", "../seeds/c/", "budding"),
        LandmarkView("D", "../seeds/d/", "budding"),
    )
    featured = [replace(cards[0], featured=True), *cards[1:]]
    assert show(featured, stages).beds[0].landmarks[0].title == "A"


def test_stages_are_counted_furthest_grown_first() -> None:
    cards = [card(name) for name in "abc"]
    stages = stage(cards, "seedling", "evergreen", "seedling")

    assert show(cards, stages).stages == (StageCountView("evergreen", 1), StageCountView("seedling", 2))


def test_a_tag_says_in_which_rooms_it_grows_most() -> None:
    pages = [card("a", tags=["x"]), *(card(name, tags=["x"], place=WATER) for name in "bc")]
    note = card("n", kind="note", place=None, tags=["x", "y"])
    x, y = show([*pages, note]).tags

    assert (x.name, x.url, x.count, x.more_rooms) == ("x", "../tag/x/", 4, 0)
    assert x.rooms == (LinkView("Water", "../water/"), LinkView("Seeds", "../seeds/"))
    assert (y.name, y.count, y.rooms) == ("y", 1, ())


def test_a_message_in_a_conversation_does_not_change_the_map() -> None:
    before = card("a", tags=["x"])
    after = replace(
        before, message_count=before.message_count - 1, tended=(before.tended or 0) + 1, people_count=9
    )

    assert show([before]) == show([after])


def test_the_order_of_pages_does_not_change_the_map() -> None:
    places = rooms(30)
    cards, stages = grow(300, places)

    assert show(cards, stages, places=places) == show(cards[::-1], stages, places=places[::-1])


def test_a_garden_of_one_room_needs_no_plan_and_an_empty_one_no_bed() -> None:
    assert show([card("a")], places=[SEEDS]).plans == ()
    assert show([], places=[]).beds == ()
    assert "<h1>Map</h1>" in render(show([], places=[]))


def test_what_people_write_is_text() -> None:
    word = '<script>alert("1")</script>'
    place = replace(SEEDS, room=replace(SEEDS.room, name=word))
    page = render(show([replace(card("a", tags=[word]), title=word)], places=[place, WATER]))

    assert count_strange_scripts(page) == 0
    assert "style=" not in page


def test_a_page_from_the_right_is_drawn_from_the_right() -> None:
    cards = [card("a"), card("b"), card("c", place=WATER)]
    view = show(cards, places=[SEEDS, WATER])
    arabic = replace(view, frame=replace(view.frame, language="ar", direction="rtl"))
    found = re.compile(r'</title><svg aria-hidden="true" x="(\d+)"')
    left, right = (found.findall(render(each)) for each in (view, arabic))

    beds = [(plan.width, bed.width) for plan in view.plans for bed in plan.beds]
    assert [int(x) for x in right] == [plan - bed - int(x) for (plan, bed), x in zip(beds, left, strict=True)]

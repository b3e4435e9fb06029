"""Years hold what was planted in them, and stay as they are when something is tended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from garden.pages.address import Address
from garden.pages.page import PageCard
from garden.resources import find_theme
from garden.site.indexes import (
    TAG_PART,
    TAGS_ON_HOME,
    by_tag,
    present_home,
    present_tag,
    present_tag_index,
)
from garden.site.place import name_rooms
from garden.site.present_years import MANY, present_years
from garden.site.templates import View, load_theme, plan_render, render_task
from garden.site.view import FrameView
from garden.site.years_view import MonthPageView, YearsView, YearView
from tests.site.growing import SEEDS, WATER, card, count_strange_scripts, frame

DAY = 24 * 60
NAMES = {SEEDS.room.room_id: "Seeds"}
HOSTILE = '"><script>alert(1)</script><b>'


def years(cards: Sequence[PageCard]) -> dict[str, YearsView | YearView | MonthPageView]:
    return {str(address): view for address, view in present_years(cards, NAMES, frame)}


def year(cards: Sequence[PageCard], name: str) -> YearView:
    view = years(cards)[f"years/{name}/"]
    assert isinstance(view, YearView)
    return view


def test_a_year_shows_its_months_with_what_was_planted_oldest_first() -> None:
    view = year([card("late", planted=40 * DAY), card("b", planted=DAY), card("a")], "2025")
    assert [(month.time.date, [page.title for page in month.pages]) for month in view.months] == [
        ("2025-03-01", ["A", "B"]),
        ("2025-04-01", ["Late"]),
    ]
    assert (view.months[0].pages[0].url, view.months[0].pages[0].room) == ("../../seeds/a/", "Seeds")
    assert view.count == 3


def test_years_lead_to_those_before_and_after_and_the_index_to_all() -> None:
    views = years([card(str(number), planted=number * 800 * DAY) for number in range(3)])
    index = views["years/"]
    assert isinstance(index, YearsView)
    assert [(each.name, each.url, each.count) for each in index.years] == [
        ("2029", "2029/", 1),
        ("2027", "2027/", 1),
        ("2025", "2025/", 1),
    ]
    middle = views["years/2027/"]
    assert isinstance(middle, YearView)
    assert middle.earlier is not None
    assert middle.later is not None
    assert (middle.earlier.url, middle.later.title) == ("../2025/", "2029")


def test_days_and_pages_without_a_date_stand_in_no_year() -> None:
    undated = replace(card("note", kind="note", place=None), planted=None)
    assert years([card("2025-03-03", kind="day"), undated]) == {}


def test_a_page_that_is_tended_changes_no_year() -> None:
    before = card("a")
    after = replace(before, tended=10**13, message_count=99, people_count=9)
    assert years([before]) == years([after])


def test_a_new_conversation_changes_its_own_year_and_the_index() -> None:
    cards = [card("a"), card("b", planted=400 * DAY)]
    before, after = years(cards), years([*cards, card("c", planted=401 * DAY)])
    assert {path for path in after if before[path] != after[path]} == {"years/", "years/2026/"}


def test_the_months_of_a_large_year_have_pages_in_parts() -> None:
    cards = [card(f"p{number:04}", planted=number) for number in range(2 * MANY + 1)]
    views = years([*cards, card("april", planted=40 * DAY)])
    assert {path for path in views if path.startswith("years/2025/")} == {
        "years/2025/",
        "years/2025/03/",
        "years/2025/03/part-2/",
        "years/2025/03/part-3/",
        "years/2025/04/",
    }
    large = views["years/2025/"]
    assert isinstance(large, YearView)
    assert [(month.url, month.pages) for month in large.months] == [("03/", ()), ("04/", ())]
    last = views["years/2025/03/part-3/"]
    assert isinstance(last, MonthPageView)
    assert [page.url for page in last.pages] == ["../../../../seeds/p0400/"]
    assert (last.year.url, last.parts[0].url, last.part) == ("../../", "../", 3)


def test_a_tag_that_many_pages_carry_has_parts_of_which_the_last_grows() -> None:
    cards = [card(f"p{number:04}", tags=["beans"], planted=number) for number in range(TAG_PART + 1)]
    before = dict(present_tag(frame, "beans", cards, {}, name_rooms([SEEDS])))
    more = [*cards, card("new", tags=["beans"], planted=9999)]
    after = dict(present_tag(frame, "beans", more, {}, name_rooms([SEEDS])))
    assert list(before) == ["tag/beans/", "tag/beans/part-2/"]
    assert before[Address("tag/beans/")].pages == after[Address("tag/beans/")].pages
    last = after[Address("tag/beans/part-2/")]
    assert [page.url for page in last.pages] == ["../../../seeds/p0100/", "../../../seeds/new/"]
    assert last.count == TAG_PART + 2


def test_home_shows_the_most_frequent_tags_and_the_index_all() -> None:
    cards = [card(f"p{number:03}", tags=[f"t{number:03}", f"t{number % 3:03}"]) for number in range(100)]
    shown = present_home(frame(Address("")), [SEEDS, WATER], cards, {}, []).tags
    assert len(shown) == TAGS_ON_HOME
    assert [tag.name for tag in shown[:3]] == ["t000", "t001", "t002"]
    index = present_tag_index(frame(Address("tag/")), by_tag(cards), {})
    assert (len(index.tags), index.count, index.tags[0].url) == (100, 100, "t000/")


def hostile_views() -> list[View]:
    cards = [replace(card(f"p{number}", tags=["x"]), title=HOSTILE) for number in range(MANY + 1)]
    few = list(present_years(cards[:1], {SEEDS.room.room_id: HOSTILE}, hostile_frame))
    many = list(present_years(cards, {SEEDS.room.room_id: HOSTILE}, hostile_frame))
    tags = present_tag_index(hostile_frame(Address("tag/")), {HOSTILE: cards}, {})
    return [*(view for _, view in (*few, *many)), tags]


def hostile_frame(address: Address) -> FrameView:
    return replace(frame(address), site_title=HOSTILE, description=HOSTILE)


@pytest.mark.parametrize("number", range(7))
def test_nothing_that_people_write_becomes_markup(number: int) -> None:
    theme = load_theme(find_theme(Path(), "commons"))
    page = render_task(theme, plan_render("x", hostile_views()[number], theme)).content.decode()
    assert "alert(1)" in page
    assert count_strange_scripts(page) == 0

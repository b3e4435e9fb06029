"""Lists show what their readers need, so that a new message changes few of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from garden.pages.address import Address
from garden.pages.page import PageCard
from garden.site.index_view import HomeView, RoomView, TagPageView
from garden.site.indexes import (
    TENDED_ON_HOME,
    by_tag,
    by_tended,
    present_home,
    present_not_found,
    present_room,
    present_tag,
)
from garden.site.place import name_rooms
from garden.site.view import LinkView
from tests.site.growing import MINUTE, SEEDS, WATER, card, frame

HOME = Address("")


def room(cards: list[PageCard], per_part: int = 2) -> list[tuple[Address, RoomView]]:
    return list(present_room(frame, SEEDS, cards, {}, per_part, {}))


def home(cards: list[PageCard]) -> HomeView:
    return present_home(frame(HOME), [SEEDS, WATER], cards, {}, ["#fen:fen.example"])


def tag(name: str, cards: list[PageCard]) -> TagPageView:
    ((_, view),) = present_tag(frame, name, by_tag(cards)[name], {}, name_rooms([SEEDS, WATER]))
    return view


def test_a_rooms_index_is_cut_into_parts_last_tended_first() -> None:
    parts = room([card(name, tended=minute) for name, minute in zip("abcde", (1, 5, 3, 2, 4), strict=True)])

    assert [address for address, _ in parts] == ["seeds/", "seeds/part-2/", "seeds/part-3/"]
    assert [[each.title for each in view.conversations] for _, view in parts] == [
        ["B", "E"],
        ["C", "D"],
        ["A"],
    ]
    assert [view.part for _, view in parts] == [1, 2, 3]


def test_every_part_leads_to_every_other_and_to_its_pages() -> None:
    _, second = room([card(name) for name in "abc"])[1]

    assert second.parts == (LinkView("1", "../"), LinkView("2", "./"))
    assert [each.url for each in second.conversations] == ["../c/"]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_one_part_needs_no_pagination(count: int) -> None:
    parts = room([card(str(number)) for number in range(count)])

    assert len(parts) == 1
    assert parts[0][1].parts == ()


def test_days_stand_on_the_first_part_newest_first_and_notes_on_none() -> None:
    days = [card(name, kind="day") for name in ("2025-03-03", "2025-03-05", "2025-03-04")]
    parts = room([*days, *(card(name) for name in "abc"), card("note", kind="note", place=None)])

    assert [[each.title for each in view.days] for _, view in parts] == [
        ["2025-03-05", "2025-03-04", "2025-03-03"],
        [],
    ]
    assert {each.kind for _, view in parts for each in view.conversations} == {"thread"}


def test_home_shows_seven_conversations_and_no_day() -> None:
    view = home(
        [card(str(number), tended=number) for number in range(9)] + [card("day", tended=99, kind="day")]
    )

    assert [each.title for each in view.tended] == [
        str(number) for number in range(8, 8 - TENDED_ON_HOME, -1)
    ]
    assert view.tended[0].room == "Seeds"


def test_home_shows_every_room_with_what_grows_there() -> None:
    seeds, water = home(
        [card("a", tended=5), card("b", kind="day"), card("n", kind="note", place=None)]
    ).rooms

    assert (seeds.name, seeds.url, seeds.conversation_count, seeds.day_count) == ("Seeds", "seeds/", 1, 1)
    assert (water.name, water.conversation_count, water.day_count, water.tended) == ("Water", 0, 0, None)


def test_home_shows_notes_by_title_tags_by_name_and_how_to_join() -> None:
    notes = [card(name, kind="note", place=None, tags=["beans"]) for name in ("zinc", "Apple", "beet")]
    view = home([*notes, card("a", tags=["beans", "air"])])

    assert [each.title for each in view.notes] == ["Apple", "Beet", "Zinc"]
    assert [(each.name, each.count, each.url) for each in view.tags] == [
        ("air", 1, "tag/air/"),
        ("beans", 4, "tag/beans/"),
    ]
    assert view.spaces == (LinkView("#fen:fen.example", "https://matrix.to/#/%23fen:fen.example"),)


def test_a_tags_page_stays_the_same_when_a_page_on_it_is_tended() -> None:
    before = card("beans", tags=["beans"], tended=1)
    after = replace(before, tended=before.tended and before.tended + MINUTE, message_count=9, people_count=5)

    assert tag("beans", [before]) == tag("beans", [after])


def test_a_tags_page_shows_pages_of_all_rooms_oldest_first() -> None:
    late = card("late", tags=["x"], planted=9)
    early = card("early", tags=["x"], planted=1, place=WATER)
    note = card("note", tags=["x"], planted=5, kind="note", place=None)
    view = tag("x", [late, early, note])

    assert [(each.title, each.room) for each in view.pages] == [
        ("Early", "Water"),
        ("Note", ""),
        ("Late", "Seeds"),
    ]
    assert view.pages[0].url == "../../water/early/"


def test_pages_tended_at_once_stand_in_the_order_of_their_addresses() -> None:
    assert [each.title for each in by_tended([card("b"), card("a"), card("c")])] == ["A", "B", "C"]


def test_the_page_for_unknown_addresses_leads_from_the_hosts_root() -> None:
    view = present_not_found(replace(frame(HOME), root="/garden/"), [SEEDS, WATER])

    assert view.home.url == "/garden/"
    assert view.rooms == (LinkView("Seeds", "/garden/seeds/"), LinkView("Water", "/garden/water/"))

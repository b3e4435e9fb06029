"""From every conversation a reader goes to the one before and the one after it in its room."""

from __future__ import annotations

from garden.pages.elsewhere import Sharing
from garden.pages.wayfinding import find_paths
from tests.site.growing import WATER, card


def test_earlier_and_later_follow_when_conversations_began() -> None:
    cards = [card("c", planted=3), card("a", planted=1, tended=9), card("b", planted=2)]
    paths = find_paths(cards, {}, Sharing(cards))

    def beside(name: str) -> tuple[str, str]:
        found = paths[card(name).address]
        return (
            found.earlier.title if found.earlier is not None else "",
            found.later.title if found.later is not None else "",
        )

    assert [beside(name) for name in "abc"] == [("", "B"), ("A", "C"), ("B", "")]


def test_days_notes_and_other_rooms_stand_in_no_row() -> None:
    cards = [
        card("a", planted=1),
        card("day", planted=2, kind="day"),
        card("note", planted=3, kind="note", place=None),
        card("pond", planted=4, place=WATER),
    ]
    assert all(each.earlier is each.later is None for each in find_paths(cards, {}, Sharing(cards)).values())

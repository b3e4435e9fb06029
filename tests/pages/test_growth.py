"""How far a page has grown follows from what came of it, and from nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from garden.conversations.tending import Stage
from garden.pages.address import Address
from garden.pages.growth import judge_growth
from garden.pages.page import Backlink, PageCard
from tests.site.growing import NOON, card

DAY = 24 * 60 * 60 * 1000


def grown(messages: int = 1, people: int = 1, *, days: int = 0, answered: bool = False) -> PageCard:
    return replace(
        card("beans"),
        message_count=messages,
        people_count=people,
        tended=NOON + days * DAY,
        is_answered=answered,
    )


def links(count: int, *, after_days: int = 0) -> list[Backlink]:
    return [
        Backlink(Address(f"water/{number}/"), "", None, None, "", "", NOON + after_days * DAY)
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("page", "links_in", "stage"),
    [
        (grown(), 0, Stage.SEEDLING),
        (grown(4, 2), 0, Stage.SEEDLING),
        (grown(5, 3), 0, Stage.SEEDLING),
        (grown(5, 3, answered=True), 0, Stage.BUDDING),
        (grown(15, 3), 0, Stage.BUDDING),
        (grown(2, 2), 3, Stage.BUDDING),
        (grown(15, 6, days=30), 1, Stage.BUDDING),
        (grown(15, 6, days=30, answered=True), 1, Stage.EVERGREEN),
        (grown(15, 3, days=30), 3, Stage.EVERGREEN),
    ],
)
def test_messages_people_links_age_and_an_answer_make_a_page_grow(
    page: PageCard, links_in: int, stage: Stage
) -> None:
    assert judge_growth(page, links(links_in)).stage is stage


def test_what_somebody_has_said_counts_and_the_reason_says_so() -> None:
    growth = judge_growth(replace(grown(), stage=Stage.EVERGREEN), [])
    assert (growth.stage, growth.given) == (Stage.EVERGREEN, True)


def test_a_page_that_links_twice_counts_once() -> None:
    assert judge_growth(grown(), links(1) * 3).links_in == 1


def test_a_page_lives_as_long_as_it_is_linked_to() -> None:
    assert judge_growth(grown(days=2), links(1, after_days=400)).days == 400


def test_a_note_begins_further_than_a_message() -> None:
    note = replace(grown(0, 0), kind="note", planted=None, tended=None)
    assert judge_growth(note, links(1)).stage is Stage.BUDDING
    assert judge_growth(note, []).days == 0

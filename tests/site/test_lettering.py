"""Words fit into their box, in every script, and cannot leave it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from garden.site.lettering import ELLIPSIS, fit_lines, measure, reads_from_right


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Jar labels", ("Jar labels",)),
        ("How do we store bean seed over winter?", ("How do we", "store bean…")),
        ("Donaudampfschifffahrt", ("Donaudampfs", "chifffahrt")),
        ("種を冬の間どのように保存しますか", ("種を冬の間どの", "ように保存し…")),
        ("  spaces \n and\ttabs ", ("spaces and", "tabs")),
    ],
)
def test_words_break_where_their_script_lets_them(text: str, lines: tuple[str, ...]) -> None:
    assert fit_lines(text, 7.2, 2) == lines


@given(st.text(max_size=80), st.floats(3, 30), st.integers(1, 4))
def test_no_line_is_wider_than_its_box(text: str, width: float, count: int) -> None:
    lines = fit_lines(text, width, count)

    assert 1 <= len(lines) <= count
    assert all(measure(line) <= width + 1e-9 for line in lines)


@given(st.text(max_size=80))
def test_what_is_not_cut_is_whole(text: str) -> None:
    lines = fit_lines(text, 500, 1)

    unseen = {"Cf", "Cc", "Zs", "Zl", "Zp"}
    shown = "".join(char for char in text if unicodedata.category(char) not in unseen)
    assert not shown or "".join(lines[0].split()).replace("\u200d", "") == "".join(shown.split())


def test_no_line_turns_what_stands_around_it() -> None:
    (line,) = fit_lines("\u202eevil\u2066 title\u061c\u200f", 20, 1)

    assert line == "evil title"


def test_a_text_that_nobody_can_see_is_an_ellipsis() -> None:
    assert fit_lines("\u200b\u2060", 20, 2) == (ELLIPSIS,)


def test_a_family_of_emoji_stays_together() -> None:
    family = "👨‍👩‍👧‍👦"

    assert all(line.strip(ELLIPSIS) in {family, ""} for line in fit_lines(family * 3, 6.5, 3))


def test_a_stack_of_accents_is_low() -> None:
    assert len(fit_lines("Z" + "\u0351" * 300, 20, 1)[0]) <= 12


@pytest.mark.parametrize(
    ("text", "from_right"),
    [("Seeds", False), ("كيف", True), ("«שלום» and", True), ("12 beans", False), ("", False)],
)
def test_the_first_letter_tells_the_direction(text: str, *, from_right: bool) -> None:
    assert reads_from_right(text) is from_right

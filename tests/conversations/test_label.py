"""A label is one line that cannot turn, hide or flood what stands around it, in any script."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from garden.conversations.label import clean_label, fold_label

FAMILY = "👩‍👩‍👧"
SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Ada", "Ada"),
        ("  Ada \n L.\tLindqvist\u2028! ", "Ada L. Lindqvist !"),
        ("Ada\u202egnp.exe", "Adagnp.exe"),
        ("\u2066Ada\u2069\u200e\u200f\u061c", "Ada"),
        ("A\u200bd\u2060a\ufeff\u00ad", "Ada"),
        ("A\u200dd\u200ca", "Ada"),
        ("\u3164\u115f\u2800\u1160", ""),
        ("\u0301\u0302", ""),
        ("Z\u0351\u036b\u0343\u0350\u0357\u0369\u034b", "Z\u0351\u036b\u0343\u0350"),
        ("Ada\x00\x1b[31m", "Ada[31m"),
        ("half \ud83d", "half \ufffd"),
        ("Ada\U000e0041\U000e0042", "Ada"),
    ],
)
def test_what_harms_the_line_is_taken_out(typed: str, shown: str) -> None:
    assert clean_label(typed, 100) == shown


@pytest.mark.parametrize(
    "typed",
    [
        "Zoë",
        "Zoe\u0308",
        "李小龍",
        "עדה לובלייס",
        "שָׁ֑לוֹם",
        "آدا",
        "می\u200cخواهم",  # Persian: the non-joiner parts two words' letters
        "क्\u200dष",  # Devanagari: the joiner asks for a half form
        "ශ්\u200dරී",  # Sinhala
        "Việt Nam",
        "ภาษาไทย",
        FAMILY,
        "🏳️‍🌈",
        "❤️",
        "1️⃣",
        SCOTLAND,
        "🇳🇱",
        "👍🏽",
        "۝",  # counted as formatting, and seen
    ],
)
def test_every_script_and_emoji_stays_as_it_is(typed: str) -> None:
    assert clean_label(typed, 100) == typed


@pytest.mark.parametrize(
    ("typed", "longest", "shown"),
    [
        ("A" * 5000, 100, "A" * 100),
        ("ab cd", 3, "ab"),
        ("abc👍🏽", 4, "abc"),
        ("abce\u0301\u0302", 4, "abc"),
        ("🇳🇱🇧🇪", 3, "🇳🇱"),
        (f"a{FAMILY}", 3, "a"),
        (f"a{SCOTLAND}", 4, "a"),
        (FAMILY, 2, FAMILY[:2]),  # nothing would be left
    ],
)
def test_a_label_is_not_cut_inside_a_character(typed: str, longest: int, shown: str) -> None:
    assert clean_label(typed, longest) == shown


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada", "ada"),
        ("Ada", "Ａｄａ"),
        ("straße", "STRASSE"),
        ("Zoë", "Zoe\u0308"),
        ("❤️", "❤"),
        ("می\u200cخواهم", "میخواهم"),
        ("Ada  L.", "ada l."),
    ],
)
def test_labels_that_read_the_same_fold_to_the_same(one: str, other: str) -> None:
    assert fold_label(one) == fold_label(other)


def test_labels_that_read_differently_do_not() -> None:
    assert len({fold_label(name) for name in ("Ada", "Adam", "Äda", "A da")}) == 4


@given(st.text(max_size=60), st.integers(1, 40))
@settings(max_examples=500)
def test_a_label_is_one_bounded_line_and_clean_already(typed: str, longest: int) -> None:
    label = clean_label(typed, longest)
    assert len(label) <= longest
    assert label == " ".join(label.split())
    assert label.encode().decode() == label
    assert not any(unicodedata.bidirectional(char) in BIDI_CONTROLS for char in label)
    assert clean_label(label, longest) == label


BIDI_CONTROLS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})

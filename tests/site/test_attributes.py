"""Attributes in braces are read as Pandoc reads them, in one look at each character."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from garden.site.attributes import Attributes, read_attributes


@pytest.mark.parametrize(
    ("text", "classes", "keys"),
    [
        ("{.spoiler}", {"spoiler"}, {}),
        ('{.spoiler reason="the end"}', {"spoiler"}, {"reason": "the end"}),
        (r'{reason="say \"}\" or \\"}', set(), {"reason": r'say "}" or \ '.strip()}),
        ("{width=800 height=600}", set(), {"width": "800", "height": "600"}),
        ("{ .a  .b c=d #e }", {"a", "b"}, {"c": "d"}),
        ("{color=#aabbcc}", set(), {"color": "#aabbcc"}),
        ('{a="1" a="2"}', set(), {"a": "2"}),
        ('{a=""}', set(), {"a": ""}),
    ],
)
def test_classes_and_keys(text: str, classes: set[str], keys: dict[str, str]) -> None:
    assert read_attributes(f"x{text}y", 1) == (Attributes(frozenset(classes), keys), 1 + len(text))


@pytest.mark.parametrize(
    "text", ["", "{}", "{ }", "{a}", "{.}", '{a="b}', '{a="b\n"}', "{.a,.b}", "x{.a}", "{.a"]
)
def test_what_is_no_attribute_is_text(text: str) -> None:
    assert read_attributes(text, 0) is None


@given(st.text(alphabet='{}.#=" \\abc\n', max_size=40), st.integers(0, 5))
def test_any_text_can_be_tried(text: str, start: int) -> None:
    found = read_attributes(text, start)
    assert found is None or text[found[1] - 1] == "}"


@pytest.mark.parametrize("piece", ["{", "{.a ", '{a="', ".a ", 'a="b" ', '{a="\\"', " "])
def test_a_long_attempt_takes_no_longer_than_its_length(piece: str) -> None:
    start = time.process_time()
    assert read_attributes("{" + piece * 100_000, 0) is None
    assert time.process_time() - start < 1

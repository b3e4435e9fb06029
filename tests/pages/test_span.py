"""Spans, pictures and files carry what is known of them, and no value forms anything else."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings

from garden.pages.page import Markdown
from garden.pages.plain import plain_text
from garden.pages.span import ATTRIBUTES, file_link, picture, span, write_attributes
from garden.site.attributes import read_attributes
from tests.pages.reading import letters_of
from tests.pages.strategies import texts


@pytest.mark.parametrize(
    ("markdown", "written"),
    [
        (span("x", ("spoiler",), {"reason": 'say "no"\\'}), '[x]{.spoiler reason="say \\"no\\"\\\\"}'),
        (span("x", (), {"color": "#ff0000", "bg": ""}), '[x]{color="#ff0000"}'),
        (span("x"), "x"),
        (picture("a [jar]", "../media/a b.webp"), "![a \\[jar\\]](../media/a%20b.webp)"),
        (
            picture("bean", "../media/b.webp", ("emote",), {"width": 32, "height": None}),
            "![bean](../media/b.webp){.emote width=32}",
        ),
        (
            file_link("a\n{b}.pdf", "../media/b.pdf", 0, "application/pdf"),
            '[a \\{b}.pdf](../media/b.pdf){.file size=0 type="application/pdf"}',
        ),
    ],
)
def test_what_is_known_stands_behind_the_words(markdown: Markdown, written: str) -> None:
    assert markdown == written


@given(texts)
@settings(max_examples=500)
@example('a"}\n{.b}')
def test_any_value_is_read_back_on_one_line(value: str) -> None:
    written = write_attributes(("spoiler",), {"reason": f"x{value}"})
    assert "\n" not in written
    assert re.fullmatch(ATTRIBUTES, written)
    found = read_attributes(written, 0)
    assert found is not None
    assert found[1] == len(written)
    assert letters_of(found[0].keys["reason"]) == letters_of(f"x{value}")


@given(texts)
@settings(max_examples=300)
def test_a_files_name_is_all_that_it_says(name: str) -> None:
    assert letters_of(plain_text(file_link(f"x{name}", "../media/b.pdf", 1, name))) == letters_of(f"x{name}")
    assert plain_text(picture(name, "../media/b.webp", (), {"thumb": name})) == ""

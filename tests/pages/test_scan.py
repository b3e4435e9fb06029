"""A scan finds each mark once, hides none behind code, and takes no longer than the text is long."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings

from garden.pages.link import hide_permalinks
from garden.pages.plain import plain_text, sentences
from garden.pages.quote import quote_sentence
from garden.pages.rewrite import Place, find_targets, replace_targets
from garden.pages.scan import Mark, scan
from tests.pages.strategies import texts

URL = "https://a.example/x"


@given(texts)
@settings(max_examples=800)
def test_pieces_stand_in_order_and_inside_the_text(text: str) -> None:
    end = 0
    for piece in scan(text):
        assert end <= piece.start < piece.end <= len(text)
        end = piece.end


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("a `b` ``c`d``", [Mark.CODE, Mark.CODE]),
        ("`` no end `", []),
        ("`no end\n\nhere`", []),
        ("`x`{.math} {y}", [Mark.CODE]),
        ("\\`a\\`", [Mark.ESCAPED, Mark.ESCAPED]),
        ('[a](<u> "t") [b](u) [c](u_(v))', [Mark.OPEN, Mark.LINK] * 3),
        ("[a]{.u} [b] ](", [Mark.OPEN, Mark.SPAN, Mark.OPEN, Mark.CLOSE, Mark.CLOSE]),
        ("![a](b){width=1} [[w|x]]", [Mark.OPEN, Mark.LINK, Mark.WIKILINK]),
        ("> ```\n> [a](b)\n> ```\n[a](b)", [Mark.FENCE, Mark.OPEN, Mark.LINK]),
        ("```\n> ```\n[a](b)\n```", [Mark.FENCE]),
        ("~~~ x\n`a`", [Mark.FENCE]),
    ],
)
def test_marks_are_told_apart(text: str, marks: list[Mark]) -> None:
    assert [piece.mark for piece in scan(text)] == marks


@pytest.mark.parametrize(
    "text",
    [
        f'[x]{{.spoiler reason="<{URL}>"}}',
        f'[x]{{.spoiler reason="]({URL})"}}',
        f'[x]{{.spoiler reason="[[{URL}]]"}}',
        f"`<{URL}>`{{.math}}",
        f"```math\n<{URL}>\n```",
        f"::: {{.details}}\n```\n<{URL}>\n```\n:::",
    ],
)
def test_nothing_in_attributes_and_formulas_is_a_link(text: str) -> None:
    assert find_targets(text) == []
    assert replace_targets(text, lambda _target: Place("moved.md", "moved")) == text


def test_links_are_rewritten_wherever_words_may_stand() -> None:
    text = (
        f'[[**a** [b](<{URL}>)]{{.underline}} <{URL}>]{{.spoiler reason="r"}}\n\n'
        f'::: {{.details}}\n[c]({URL} "t")\n\n- <{URL}>\n:::\n\n'
        f'![d](../media/a.webp){{thumb="{URL}"}} [![e](../media/b.webp){{.emote}}](<{URL}>)'
    )
    assert find_targets(text).count(URL) == 5
    moved = replace_targets(text, lambda target: Place("m.md", "M") if target == URL else None)
    assert moved == text.replace(f"(<{URL}>", "(<m.md>").replace(f"({URL} ", "(<m.md> ").replace(
        f"<{URL}>", "[M](<m.md>)"
    )


HOSTILE = (
    *(
        "[",
        "]",
        "{",
        "`",
        "` ",
        "![",
        "](",
        "](<",
        "[[",
        "]{",
        ']{a="',
        "\\",
        "*",
        "**a ",
        "_",
        "~",
        "<a:",
        "http:",
    ),
    *(
        "https://.....",
        ".",
        '."',
        ":::\n",
        "\n",
        "\n ",
        " ",
        "> ",
        "- ",
        "1. ",
        "| |\n",
        "```\n",
        "a",
        "a\n",
        "&a;",
    ),
    *("`a``b", "[a](b", "](a(", "![a]{", "[]{.a", "~~~\n> ```\n", "](<a>\t", ']{.a b="\\'),
)


@pytest.mark.parametrize("unit", HOSTILE)
def test_no_text_takes_longer_than_it_is_long(unit: str) -> None:
    text = (unit * 60_000)[:60_000] + "x"
    start = time.process_time()
    shown = plain_text(text)
    sentences(shown)
    find_targets(text)
    hide_permalinks(text, "https://g.example/")
    quote_sentence(text, URL)
    assert time.process_time() - start < 3


def test_backticks_of_every_length_are_no_trap() -> None:
    text = " ".join("`" * length for length in range(1, 340))
    start = time.process_time()
    assert find_targets(text) == []
    assert time.process_time() - start < 1

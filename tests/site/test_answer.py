"""An answer stands at the top with its first paragraphs, of which none is cut in two."""

from __future__ import annotations

from dataclasses import replace

import pytest

from garden.site.present_paths import present_answer
from garden.site.view import AnswerView
from tests.site.growing import anchor, say, talk

LONG = "Dry them well. " * 30


def answer(text: str) -> AnswerView:
    view = present_answer(replace(talk(say("q", "How?"), say("a", text, who="ben")), answer=anchor("a")))
    assert view is not None
    return view


def test_a_short_answer_stands_there_as_a_whole() -> None:
    view = answer("Dry.\n\nCool.")
    assert (view.text, view.is_whole, view.author, view.url) == (
        "Dry.\n\nCool.",
        True,
        "Ben",
        f"#{anchor('a')}",
    )


def test_a_long_answer_ends_with_a_paragraph() -> None:
    view = answer(f"Dry.\n\n{LONG}\n\n{LONG}")
    assert (view.text, view.is_whole) == (f"Dry.\n\n{LONG}", False)


@pytest.mark.parametrize(
    "block",
    [
        "```python\n" + "x = 1\n\n" * 100 + "```",
        "~~~~\n```\n\n" + "x = 1\n\n" * 100 + "~~~~",
        "> ```\n" + "> x = 1\n>\n" * 100 + "> ```",
        "- ```\n" + "  x = 1\n\n" * 100 + "  ```",
        "::: {.details}\nMore\n\n" + "x = 1\n\n" * 100 + ":::",
        ":::: {.details}\nMore\n\n::: {.details}\nx\n\n:::\n\n" + "x = 1\n\n" * 100 + "::::",
        "| a | b |\n| --- | --- |\n" + "| 1 | 2 |\n" * 100,
    ],
    ids=["fence", "tildes", "in a quotation", "in a list", "details", "details in details", "table"],
)
def test_a_block_is_left_out_as_a_whole(block: str) -> None:
    view = answer(f"Like this:\n\n{block.strip()}\n\nSo.")
    assert view.text == "Like this:"
    assert answer(f"{block.strip()}\n\nSo.").text == block.strip()


def test_what_follows_a_fence_that_has_ended_counts_again() -> None:
    view = answer(f"```\nx\n```\n\nThen.\n\n{LONG}{LONG}")
    assert view.text == "```\nx\n```\n\nThen."


def test_inline_code_in_backticks_begins_no_fence() -> None:
    assert answer(f"``` x ``` is code.\n\n{LONG}{LONG}").text == "``` x ``` is code."

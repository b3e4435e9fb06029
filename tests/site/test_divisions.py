"""Divisions that open, with a summary of their own or a plain word, and those that show another page."""

from __future__ import annotations

import pytest

from garden.site.markdown import render_markdown
from tests.allowed_html import find_forbidden


@pytest.mark.parametrize(
    ("markdown", "rendered"),
    [
        (
            "::: {.details}\nMore *here*\n\nhidden\n:::\nafter",
            "<details>\n<summary>More <em>here</em></summary>\n<p>hidden</p>\n</details>\n<p>after</p>\n",
        ),
        (
            "::: {.details .unnamed}\nhidden\n:::",
            "<details>\n<summary>Details</summary>\n<p>hidden</p>\n</details>\n",
        ),
        (
            "::: {.details}\n#### Head\n:::",
            "<details>\n<summary>Head</summary>\n</details>\n",
        ),
        (
            "::: {.details}\n- a\n:::",
            "<details>\n<summary>Details</summary>\n<ul>\n<li>a</li>\n</ul>\n</details>\n",
        ),
        ("::: {.details}\n:::", "<details>\n<summary>Details</summary>\n</details>\n"),
        (
            ":::: {.details}\na\n\n::: {.details}\nb\n:::\n::::",
            "<details>\n<summary>a</summary>\n<details>\n<summary>b</summary>\n</details>\n</details>\n",
        ),
        (
            "> ::: {.details}\n> a\n>\n> b\n> :::\n> c",
            "<blockquote>\n<details>\n<summary>a</summary>\n<p>b</p>\n</details>\n<p>c</p>\n</blockquote>\n",
        ),
        (
            "- ::: {.details}\n  a\n  :::\n- b",
            "<ul>\n<li>\n<details>\n<summary>a</summary>\n</details>\n</li>\n<li>b</li>\n</ul>\n",
        ),
        (
            "> ::: {.details}\n> a\n\nb",
            "<blockquote>\n<details>\n<summary>a</summary>\n</details>\n</blockquote>\n<p>b</p>\n",
        ),
        ("a\n::: {.details}\nb\n:::", "<p>a</p>\n<details>\n<summary>b</summary>\n</details>\n"),
    ],
)
def test_a_division_opens(markdown: str, rendered: str) -> None:
    assert render_markdown(markdown) == rendered


@pytest.mark.parametrize(
    "markdown",
    [
        "::: {.message}\na\n:::",
        "::: details\na\n:::",
        '::: {.details onclick="x"}\na\n:::',
        ":: {.details}\na\n::",
        r"\::: {.details}",
        "    ::: {.details}\n",
        "```\n::: {.details}\n```",
    ],
)
def test_any_other_division_is_text(markdown: str) -> None:
    assert "<details>" not in render_markdown(markdown)
    assert "::" in render_markdown(markdown)


def test_a_division_without_an_end_ends_with_the_text() -> None:
    assert (
        render_markdown("::: {.details}\na\n\n::")
        == "<details>\n<summary>a</summary>\n<p>::</p>\n</details>\n"
    )


QUOTED = "<blockquote>\n<p>a</p>\n</blockquote>\n"
INNER = '<blockquote>\n<figure class="embed">\n<figcaption>a</figcaption>\n</figure>\n</blockquote>\n'
CAPTION = "<figcaption>b</figcaption>\n"


@pytest.mark.parametrize(
    ("markdown", "name", "inside"),
    [
        ("::: {.embed}\n> a\n\nb\n:::", "embed", f"\n{QUOTED}{CAPTION}"),
        ("::: {.embed .gone}\nb\n:::", "embed gone", f"\n{CAPTION}"),
        ("::: {.embed}\n> a\n:::", "embed", f"\n{QUOTED}"),
        ("::: {.embed}\n:::", "embed", ""),
        ("::: {.embed}\n> ::: {.embed}\n> a\n> :::\n\nb\n:::", "embed", f"\n{INNER}{CAPTION}"),
    ],
)
def test_a_division_shows_a_quotation_and_whose_it_is(markdown: str, name: str, inside: str) -> None:
    rendered = f'<figure class="{name}">{inside}</figure>\n'
    assert render_markdown(markdown) == rendered
    assert find_forbidden(rendered) == []


def test_an_author_is_set_apart_and_a_day_is_a_time() -> None:
    moment = "2025-03-03T11:13:00.000Z"
    assert render_markdown(f'[A]{{.author}} [3 March]{{at="{moment}"}} [x]{{at="soon"}}') == (
        f'<p><cite class="author"><bdi>A</bdi></cite> <time datetime="{moment}">3 March</time> x</p>\n'
    )

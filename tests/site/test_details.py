"""Divisions that open: nested, in quotations and lists, with a summary of their own or a plain word."""

from __future__ import annotations

import pytest

from garden.site.markdown import render_markdown


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

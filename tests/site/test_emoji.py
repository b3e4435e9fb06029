"""Which messages are shown large: a few emoji, as people see them, and nothing else."""

from __future__ import annotations

import time

import pytest

from garden.site.emoji import is_only_emoji

BEAN = "![:bean:](../../media/ab/cd.webp){.emote width=32 height=32}"


@pytest.mark.parametrize(
    "text",
    ["🌱", "🌱🌿 🌳", "❤️", "👩🏽‍🌾", "🏳️‍🌈", "🇫🇷", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "1️⃣", "☀", "©️", "👍🏿", BEAN, f"{BEAN} 🌱", "🌱" * 12],
)
def test_a_few_emoji_and_nothing_else_are_large(text: str) -> None:
    assert is_only_emoji(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a",
        "1",
        "#",
        "🌱 a",
        "🌱" * 13,
        "`🌱`",
        "\u200d",
        "\ufe0f",
        "![🌱](../../media/ab/cd.webp)",
        "*",
    ],
)
def test_words_many_emoji_and_pictures_are_not(text: str) -> None:
    assert not is_only_emoji(text)


def test_long_runs_are_refused_at_once() -> None:
    start = time.process_time()
    for text in ("👩‍" * 20_000, "🌱 " * 3_000 + "a", "🌱" + "\ufe0f" * 5_900, BEAN[:-1] * 100):
        assert not is_only_emoji(text)
    assert time.process_time() - start < 1

"""A conversation that begins by asking is a question, in any script."""

from __future__ import annotations

import pytest

from garden.conversations.conversation import ConversationKind
from garden.pages.question import is_question
from tests.site.growing import say, talk


@pytest.mark.parametrize(
    "words",
    [
        "How do we store beans?",
        "I have a jar. Will it do?",
        "豆はどう保存しますか？",
        "كيف نحفظ البذور؟",
        "“Will it do?”",
        "# Which jar?\n\nThe tall one leaks.",
    ],
)
def test_it_asks(words: str) -> None:
    assert is_question(talk(say("q", words)))


@pytest.mark.parametrize(
    "words", ["Beans keep in jars.", "See `a?b`", "A. B. C. D. E. And now?", "https://fen.example/?q=beans"]
)
def test_it_does_not_ask(words: str) -> None:
    assert not is_question(talk(say("q", words)))


def test_a_day_asks_nothing() -> None:
    assert not is_question(talk(say("q", "Rain?"), kind=ConversationKind.DAY))


def test_a_question_further_down_does_not_make_one() -> None:
    assert not is_question(talk(say("a", "Beans are in."), say("b", "Where?", at=1)))

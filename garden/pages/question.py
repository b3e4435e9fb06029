"""Questions: a page comes in, whether it asks something goes out."""

from __future__ import annotations

from typing import Final

from garden.conversations.conversation import ConversationKind
from garden.pages.link import hide_permalinks
from garden.pages.page import Page
from garden.pages.plain import plain_text, sentences

_MARKS: Final = ("?", "\uff1f", "\u061f", "\u037e")
"""Question marks: Latin, full-width, Arabic, Greek."""
_CLOSING: Final = "\"'”’)]»"
_FIRST: Final = 4
"""Sentences of the first message among which the question has to be."""


def is_question(page: Page) -> bool:
    """Whether a conversation begins with a question: in its title, or near the start of its first message."""
    if page.kind is ConversationKind.DAY or not page.speaking:
        return False
    first = page.messages[0]
    said = sentences(plain_text(hide_permalinks(first.text))) if first.is_spoken else []
    return any(words.rstrip(_CLOSING).endswith(_MARKS) for words in [page.title, *said[:_FIRST]])

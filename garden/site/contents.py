"""The contents of a long discussion: messages come in, those that began something go out.

A short discussion has none: it is its own table of contents.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from garden.pages.plain import excerpt, plain_text
from garden.site.view import ContentsView, MessageView

LONG: Final = 30
"""Messages from which on a discussion has contents."""
MOST: Final = 12
"""Entries; more are no help."""

_FEWEST_ANSWERS: Final = 2
_FEWEST_ENTRIES: Final = 2
_EXCERPT_LENGTH: Final = 70


def list_contents(messages: Sequence[MessageView]) -> tuple[ContentsView, ...]:
    """Return the messages with the most answers below them, in the order in which they stand."""
    counts = [count_replies(message) for message in messages]
    if len(counts) + sum(counts) < LONG:
        return ()
    began = [at for at, message in enumerate(messages) if counts[at] >= _FEWEST_ANSWERS and message.text]
    chosen = sorted(sorted(began, key=lambda at: -counts[at])[:MOST])
    if len(chosen) < _FEWEST_ENTRIES:
        return ()
    return tuple(_present_entry(messages[at], counts[at]) for at in chosen)


def count_replies(message: MessageView) -> int:
    """Count the answers below a message, on all levels."""
    return sum(1 + count_replies(reply) for reply in message.replies)


def _present_entry(message: MessageView, replies: int) -> ContentsView:
    return ContentsView(
        author=message.author,
        excerpt=excerpt(plain_text(message.text), _EXCERPT_LENGTH),
        url=f"#{message.anchor}",
        replies=replies,
    )

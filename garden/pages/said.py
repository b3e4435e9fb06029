"""What was said on a page, as plain words: pages and notes come in, what says what they are about goes out.

Links, blocks of code and the names of people who are called by them are left out; what a spoiler hides is
hidden here, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from garden.pages.page import Markdown, Note, Page
from garden.pages.plain import plain_text
from garden.pages.scan import Mark, scan

_MENTION: Final = re.compile(r"\[(?:\\.|[^\\\[\]\n])*\]\{\.mention\}")
_URL: Final = re.compile(r"(?<!\]\()<[a-zA-Z][a-zA-Z0-9+.-]*:[^\s<>]*>")
Words = tuple[str, Iterator[str], tuple[str, ...]]
"""A title, texts, and the names of those who speak."""


def read_words(page: Page) -> Words:
    """Return a conversation's title, what was said in it in turn, and who spoke."""
    names = tuple(dict.fromkeys(message.author for message in page.speaking))
    return page.title, (_read(message.text) for message in page.speaking), names


def read_note_words(note: Note) -> Words:
    """Return a note's title and words; nobody speaks there."""
    return note.title, iter((_read(note.text),)), ()


def _read(markdown: Markdown) -> str:
    text = _leave_code_out(markdown) if "```" in markdown or "~~~" in markdown else markdown
    text = _MENTION.sub(" ", text) if "]{.mention}" in text else text
    return plain_text(_URL.sub(" ", text) if "<" in text else text)


def _leave_code_out(markdown: Markdown) -> Markdown:
    pieces, end = [], 0
    for piece in scan(markdown):
        if piece.mark is Mark.FENCE:
            pieces.append(markdown[end : piece.start])
            end = piece.end
    return "\n".join([*pieces, markdown[end:]])

"""Text of any language becomes the words that the search index holds.

What is indexed and what is asked for go the same way, so that they meet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from garden.pages.script import UNSPACED, mark_ranges

_ACCENTS: Final = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]")
"""Marks that people leave out when they type: accents, Hebrew points, Arabic vowels."""

_LONGEST_WORD: Final = 64


def split_words(text: str) -> list[str]:
    """Cut text of any language into words as the index knows them: small letters, no accents."""
    normal = unicodedata.normalize("NFKC", text)
    return [fold_word(found[0]) for found in _word_pattern().finditer(normal)]


def find_words(text: str) -> Iterator[tuple[int, int, str]]:
    """Find each word of a text as it stands: start, end, and the word as the index knows it."""
    for found in _word_pattern().finditer(text):
        yield found.start(), found.end(), fold_word(found[0])


def list_written(text: str) -> list[str]:
    """Return the words of a text as they stand."""
    return _word_pattern().findall(text)


@lru_cache(maxsize=65_536)
def fold_word(word: str) -> str:
    """Return a word as the index knows it: small letters, no accents, not too long."""
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", word.casefold()))
    return unicodedata.normalize("NFKC", bare)[:_LONGEST_WORD]


@cache
def _word_pattern() -> re.Pattern[str]:
    """Make the pattern of a word; each character of a script without spaces is one."""
    letter = f"[^\\W_{UNSPACED}]"
    return re.compile(f"[{UNSPACED}]|{letter}(?:{letter}|(?![{UNSPACED}])[{mark_ranges()}])*")

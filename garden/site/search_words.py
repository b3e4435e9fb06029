"""Text of any language becomes the words that the search index holds.

What is indexed and what is asked for go the same way, so that they meet.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import groupby
from typing import Final

_SINGLE: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
"""Scripts that write no spaces between words, or glue endings to them: Thai, Chinese, Japanese, Korean.

Each character is a word there, and what is asked for is a row of such words.
"""

_ACCENTS: Final = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]")
"""Marks that people leave out when they type: accents, Hebrew points, Arabic vowels."""

_LONGEST_WORD: Final = 64


def split_words(text: str) -> list[str]:
    """Cut text of any language into words as the index knows them: small letters, no accents."""
    normal = unicodedata.normalize("NFKC", text)
    return [_fold(found[0]) for found in _word_pattern().finditer(normal)]


def find_words(text: str) -> Iterator[tuple[int, int, str]]:
    """Find each word of a text as it stands: start, end, and the word as the index knows it."""
    for found in _word_pattern().finditer(text):
        yield found.start(), found.end(), _fold(found[0])


@lru_cache(maxsize=65_536)
def _fold(word: str) -> str:
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", word.casefold()))
    return unicodedata.normalize("NFKC", bare)[:_LONGEST_WORD]


@cache
def _word_pattern() -> re.Pattern[str]:
    """Make the pattern of a word; Python's own letters lack the vowels that Indic scripts write as marks."""
    marks = [code for code in range(0x300, sys.maxunicode >> 3) if unicodedata.category(chr(code))[0] == "M"]
    runs = groupby(enumerate(marks), key=lambda place: place[1] - place[0])
    inside = "".join(f"{chr(run[0][1])}-{chr(run[-1][1])}" for run in (list(group) for _, group in runs))
    return re.compile(f"[{_SINGLE}]|(?:[^\\W_{_SINGLE}])(?:[^\\W_{_SINGLE}]|(?![{_SINGLE}])[{inside}])*")

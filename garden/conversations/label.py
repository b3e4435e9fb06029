"""Labels: what people typed as a name, topic or reaction becomes one line that harms nothing around it.

Text of one line comes in from events; what could turn, hide or flood the words beside it is taken out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

from garden.archive.event import clean_text

_ZWNJ: Final = "\u200c"
_ZWJ: Final = "\u200d"
_BLACK_FLAG: Final = "\U0001f3f4"
_CANCEL_TAG: Final = "\U000e007f"
_TAGS: Final = range(0xE0020, 0xE007F)
"""Letters of a flag such as Scotland's; anywhere else they are invisible text."""

_VISIBLE_FORMATS: Final = frozenset(
    map(chr, (*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD))
)
"""Signs that Unicode counts as formatting and that are seen: Arabic numbers' and verses' marks."""

_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Characters of other classes that show nothing."""

_MOST_MARKS: Final = 4
"""Marks on one letter: Hebrew with points and accents has as many; more reach into the lines around."""

_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)
_REGIONAL: Final = range(0x1F1E6, 0x1F200)
"""Letters of which two make a flag."""

_PICTURES: Final = range(0x1F000, 0x20000)
"""Where emoji are, those included that are younger than this Python's Unicode."""

_SHAPING: Final = (
    range(0x600, 0x1D00),
    range(0xA800, 0xAC00),
    range(0xFB50, 0xFF00),
    range(0x10800, 0x12000),
)
"""Blocks of scripts whose letters change when they touch: Arabic, Syriac, the Indic scripts, Mongolian."""


def clean_label(text: str, longest: int) -> str:
    """Return text as one line of at most `longest` characters, never cut inside a letter or emoji.

    Bidirectional controls, invisible characters and floods of combining marks go. A joiner stays only where
    it shapes something: between letters of a script that joins, and inside an emoji (Unicode Standard,
    "Cursive Connection and Ligatures"). The result may be empty.
    """
    line = " ".join(clean_text(text[: longest * 8 + 64]).split())
    if not line.isascii():
        line = " ".join("".join(_seen(line)).split())
    return _cut(line, longest)


def fold_label(text: str) -> str:
    """Return what two labels have in common that a reader takes for the same; only to be compared."""
    if text.isascii():
        return " ".join(text.split()).casefold()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = (char for char in folded if char not in {_ZWNJ, _ZWJ} and not _selects_variant(char))
    return " ".join("".join(kept).split())


def _seen(line: str) -> Iterator[str]:
    """Yield the characters that are seen, or that shape what is seen."""
    before = ""
    marks = 0
    for index, char in enumerate(line):
        category = unicodedata.category(char)
        if category == "Cf" or char in _BLANK:
            keep = char in _VISIBLE_FORMATS or _shapes(char, before, line, index)
        elif category[0] == "M" or _selects_variant(char):
            marks += 1
            keep = bool(before.strip()) and marks <= _MOST_MARKS
        else:
            marks = 0
            keep = True
        if keep:
            yield char
            before = char


def _shapes(char: str, before: str, line: str, index: int) -> bool:
    if char in {_ZWNJ, _ZWJ}:
        after = line[index + 1 : index + 2]
        return _joins(before) and _joins(after) and (char == _ZWJ or not _is_pictorial(after))
    if ord(char) in _TAGS or char == _CANCEL_TAG:
        return _is_in_flag(line, index)
    return False


def _joins(char: str) -> bool:
    return bool(char) and (_is_pictorial(char) or any(ord(char) in block for block in _SHAPING))


def _is_pictorial(char: str) -> bool:
    return ord(char) in _PICTURES or char == "\ufe0f" or unicodedata.category(char) == "So"


def _selects_variant(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def _is_in_flag(line: str, index: int) -> bool:
    """Whether a tag stands in a run that a black flag begins and a cancel tag ends."""
    start = line.rfind(_BLACK_FLAG, max(0, index - 8), index)
    end = line.find(_CANCEL_TAG, index, index + 8)
    return start >= 0 and end >= 0 and all(ord(char) in _TAGS for char in line[start + 1 : end])


def _cut(line: str, longest: int) -> str:
    """Cut a line where a reader sees one character end."""
    if len(line) <= longest:
        return line
    end = next((end for end in range(longest, 0, -1) if _may_part(line, end)), longest)
    return line[:end].rstrip()


def _may_part(line: str, index: int) -> bool:
    """Whether a line may be cut before a character: the part of grapheme clusters that matters in labels."""
    after, before = line[index], line[index - 1]
    glued = (
        unicodedata.category(after)[0] == "M"
        or after in {_ZWJ, _ZWNJ}
        or before == _ZWJ
        or ord(after) in _SKIN_TONES
        or ord(after) in _TAGS
        or after == _CANCEL_TAG
    )
    return not glued and not (ord(after) in _REGIONAL and _regional_run(line, index) % 2)


def _regional_run(line: str, index: int) -> int:
    """Count the letters of flags right before a place."""
    count = 0
    while count < index and ord(line[index - 1 - count]) in _REGIONAL:
        count += 1
    return count

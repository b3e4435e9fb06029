"""Words become lines that fit into a box of a drawing, since SVG breaks no lines.

The widths are estimates on the wide side, in em of the reader's own sans face, so that a line that is said to
fit does so in nearly every face; what draws a box clips it for the rest.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

ELLIPSIS: Final = "…"

_LONGEST: Final = 400
"""Characters that are looked at; no box of a drawing holds as many."""
_CLUSTER: Final = 12
"""Characters of one sign at most: a family of emoji has seven and more, a stack of accents any number."""
_NARROW: Final = frozenset("fijlrtI .,:;'’!|()[]-/")
_BROAD: Final = frozenset("mwMW@%&—…")
_JOINER: Final = "\u200d"
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})


def fit_lines(text: str, width: float, count: int) -> tuple[str, ...]:
    """Break a text into at most `count` lines of at most `width` em; the last is cut where more would come.

    Lines break at spaces, behind hyphens and beside wide signs, and inside a word that is longer than a line.
    Nothing in a line can turn the direction of what stands around it. A text without anything to see is an
    ellipsis.
    """
    signs = _clusters(_clean(text))
    lines: list[str] = []
    while signs and len(lines) < count:
        end = _count_fitting(signs, width)
        if end < len(signs):
            is_last = len(lines) == count - 1
            end = _count_fitting(signs, width - measure(ELLIPSIS)) if is_last else end
            end = _find_break(signs, end)
        line = "".join(signs[:end]).rstrip()
        signs = signs[end:]
        while signs and signs[0] == " ":
            del signs[0]
        lines.append(line + ELLIPSIS if signs and len(lines) == count - 1 else line)
    return tuple(lines) or (ELLIPSIS,)


@lru_cache(maxsize=4096)
def measure(text: str) -> float:
    """Estimate the width of a text in em, rather too wide than too narrow."""
    return sum(map(_width, text))


def reads_from_right(text: str) -> bool:
    """Tell by its first letter which way a text runs (Unicode Standard Annex #9, rules P2 and P3)."""
    for char in text[:_LONGEST]:
        direction = unicodedata.bidirectional(char)
        if direction == "L" or direction in _RIGHT_TO_LEFT:
            return direction != "L"
    return False


def _clean(text: str) -> str:
    """Keep what can be seen, and the joiners inside of words and emoji; spaces become one."""
    seen = (
        " " if unicodedata.category(char) in {"Zs", "Zl", "Zp", "Cc"} else char
        for char in text[:_LONGEST]
        if unicodedata.category(char) != "Cf" or char in {_JOINER, "\u200c"}
    )
    return " ".join("".join(seen).split())


def _clusters(text: str) -> list[str]:
    """Part a text into signs: a character with its marks, or emoji that are joined to one."""
    signs: list[str] = []
    for char in text:
        # No character of ASCII belongs to another one.
        if signs and not char.isascii() and _belongs_to(signs[-1], char):
            signs[-1] = (signs[-1] + char)[:_CLUSTER]
        else:
            signs.append(char)
    return signs


def _belongs_to(sign: str, char: str) -> bool:
    is_emoji_joined = sign.endswith(_JOINER) and unicodedata.category(char) == "So"
    return (
        is_emoji_joined
        or char in {_JOINER, "\u200c"}
        or unicodedata.category(char) in {"Mn", "Me", "Mc", "Sk"}
    )


def _count_fitting(signs: list[str], width: float) -> int:
    """Return how many signs fit; at least one, or nothing would ever be written."""
    for count, sign in enumerate(signs):
        width -= measure(sign)
        if width < 0:
            return max(count, 1)
    return len(signs)


def _find_break(signs: list[str], end: int) -> int:
    """Step back to where a line may break, unless that would leave less than a third of it."""
    for place in range(end, end // 3, -1):
        before, after = signs[place - 1], signs[place] if place < len(signs) else " "
        if after == " " or before in {" ", "-", "/"} or _is_wide(before[0]) or _is_wide(after[0]):
            return place
    return end


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in {"W", "F"}


def _width(char: str) -> float:
    category = unicodedata.category(char)
    if category in {"Mn", "Me", "Cf"}:
        return 0
    if _is_wide(char):
        return 1.4 if category == "So" else 1
    if char in _NARROW:
        return 0.36
    if char in _BROAD:
        return 1
    if category == "Lu":
        return 0.72
    return 0.58 if _is_common(ord(char)) else 1


def _is_common(code: int) -> bool:
    """Tell Latin, Greek, Cyrillic, Hebrew and Arabic, whose letters are about half as wide as high."""
    return code < 0x0700 or 0x1E00 <= code < 0x2070  # noqa: PLR2004 - the blocks of Unicode

"""Names as people write them: a display name comes in, what it may look like in a text goes out.

The archive remembers names by digests only, so that a name in a text is found by asking of every few words
whether they are one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container, Iterator
from typing import Final

from garden.archive.written_text import GAP

MOST_WORDS: Final = 6
"""Words of a name that is found in a text."""

_MOST_PIECES: Final = 20
"""Words, signs and lone letters of such a name together."""

_MOST_QUESTIONS: Final = 250_000
"""How often it is asked of one text whether something is a name; in a long one only short names are found."""

_LONE: Final = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
    r"\U00020000-\U0003ffff"
)
"""Scripts that put no blanks between words: each letter may begin or end a name."""
_SIGNS: Final = (
    r"\s\x00-/:-@\[-^`{-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7\u2000-\u2bff\u3000-\u3020\ufe00-\ufe0f"
    r"\uff00-\uff20\U0001f000-\U0001faff\U000e0000-\U000e0fff"
)
_PIECE: Final = re.compile(rf"[{_LONE}]|[^{_SIGNS}{_LONE}]+|{GAP}|\S")
_ELSEWHERE: Final = re.compile(
    r"""(?:[a-z][a-z0-9+.-]{1,30}://|www\.|(?:matrix|mailto|magnet|geo|tel):)[^\s<>"]+"""
    r"|(?<![\w&])[#!$@][^\s:]{1,255}:[A-Za-z0-9\[][^\s,;!?<>()]*",
    re.IGNORECASE,
)
"""Addresses and identifiers, in which words are no names."""
_BRACKET: Final = re.compile(r"[(\[{|]")
_EDGES: Final = re.compile(rf"^[{_SIGNS}]+|[{_SIGNS}]+$")
_LONGEST_NAME: Final = 300


def fold_name(text: str) -> str:
    """Return what the spellings of a name have in common: it is compared and digested, never shown.

    Compatibility forms (NFKC), case, blanks and letters that nobody sees make no difference.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join("".join(char for char in folded if not _is_unseen(char)).split())


def name_forms(name: str) -> tuple[str, ...]:
    """Return a display name as people may write it, folded: whole, without signs around it, without brackets.

    `🌱 Ada (she/her)` is also `ada`. A single letter is nobody's name.
    """
    name = name[:_LONGEST_NAME]
    shorter = (_EDGES.sub("", part) for part in (name, _BRACKET.split(name, maxsplit=1)[0]))
    forms = dict.fromkeys(map(fold_name, (name, *shorter)))
    return tuple(form for form in forms if len(form) > 1 or (form and not form.isascii()))


def name_beginning(name: str) -> str:
    """Return with which word or sign a name begins, folded; empty where it has none."""
    pieces = _cut_between(name, 0, len(name))
    return pieces[0][2] if pieces else ""


def find_names(
    text: str, is_name: Callable[[str], bool], *, cost: int = 1, beginnings: Container[str] | None = None
) -> Iterator[tuple[int, int, str]]:
    """Yield where names occur in a text, from the first to the last, and each in folded form.

    `is_name` is asked of every few words in a row, folded; the longest name counts. `cost` says how much one
    such question costs; where the `beginnings` of all names are known, few are asked. Addresses and
    identifiers are left alone. A text of which too much would have to be asked is one name as a whole, which
    has no folded form.
    """
    pieces = _cut(text)
    most = _MOST_QUESTIONS // (cost * len(pieces) + 1)
    if pieces and not most:
        yield 0, len(text), ""
        return
    known: dict[str, bool] = {}
    index = 0
    while index < len(pieces):
        behind, name = index + 1, ""
        if beginnings is not None and pieces[index][2] not in beginnings:
            index = behind
            continue
        for end, words in _phrases(pieces, index, min(_MOST_PIECES, most)):
            if words not in known:
                known[words] = is_name(words)
            if known[words]:
                behind, name = end, words
        if name:
            yield pieces[index][0], pieces[behind - 1][1], name
        index = behind


_Piece = tuple[int, int, str, bool]
"""A word, a letter that may stand for one, or a sign: its start, its end, how it is folded, and whether a
blank is before it."""


def _cut(text: str) -> list[_Piece]:
    """Cut a text into pieces; no name reaches over one that ends where it starts."""
    pieces: list[_Piece] = []
    at = 0
    for elsewhere in _ELSEWHERE.finditer(text) if ":" in text or "www." in text.lower() else ():
        pieces += _cut_between(text, at, elsewhere.start())
        pieces.append((elsewhere.start(), elsewhere.start(), "", False))
        at = elsewhere.end()
    return pieces + _cut_between(text, at, len(text))


def _cut_between(text: str, start: int, end: int) -> list[_Piece]:
    fold = str.lower if text.isascii() else fold_name
    pieces: list[_Piece] = []
    behind = start
    for found in _PIECE.finditer(text, start, end):
        start, end = found.span()
        pieces.append((start, start if found[0] == GAP else end, fold(found[0]), start > behind))
        behind = end
    return pieces


def _phrases(pieces: list[_Piece], start: int, longest: int) -> Iterator[tuple[int, str]]:
    """Yield which words stand from a piece on, folded, and behind which piece they end."""
    words, count = "", 0
    for index in range(start, min(start + longest, len(pieces))):
        begin, end, folded, follows_blank = pieces[index]
        is_new = index == start or follows_blank
        count += is_new
        if begin == end or count > MOST_WORDS:
            return
        words += f" {folded}" if is_new and words else folded
        yield index + 1, words


def _is_unseen(char: str) -> bool:
    is_selector = "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"
    return is_selector or unicodedata.category(char) == "Cf"

"""Written text: what a reader makes of it, and where each letter of that stands in it as it was written.

A text comes in as somebody's client wrote it; the same text without its tags, entities and percent signs goes
out. Whoever finds words in that can put others in their place, and nothing else of the text changes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Final
from urllib.parse import unquote

_ENTITY: Final = re.compile(r"&(?:#\d{1,7};?|#[xX][0-9a-fA-F]{1,6};?|[A-Za-z][A-Za-z0-9]{1,31};)")
_QUOTED: Final = re.compile(
    r"%[0-7][0-9A-F]|%[CD][0-9A-F]%[89AB][0-9A-F]"
    r"|%E[0-9A-F](?:%[89AB][0-9A-F]){2}|%F[0-4](?:%[89AB][0-9A-F]){3}",
    re.IGNORECASE,
)
"""One letter in UTF-8, percent-encoded (RFC 3986, section 2.1)."""

_TAG: Final = re.compile(r"<(?:(?P<comment>!--)|[!?]|(?P<closes>/?)(?P<name>[A-Za-z][^\s/>]*))")
_TAG_STOP: Final = re.compile(r"=\s*(?P<quote>[\"'])|>")
_COMMENT_END: Final = "-->"

GAP: Final = "\x1e"
"""Stands where one piece of text ends and another begins; white space to whoever looks for words."""

_INLINE: Final = frozenset(
    {
        "",
        "a",
        "abbr",
        "b",
        "big",
        "code",
        "del",
        "em",
        "font",
        "i",
        "img",
        "ins",
        "mark",
        "s",
        "small",
        "span",
    }
    | {"strike", "strong", "sub", "sup", "tt", "u"}
)
"""Elements between whose letters no reader sees a gap; comments are nameless."""


@dataclass(frozen=True, slots=True)
class Letters:
    """A text, and the text that it was made from."""

    text: str
    starts: Sequence[int]
    """Where each letter begins in the text as it was written."""
    ends: Sequence[int]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where some letters stand in the text as it was written; there must be at least one."""
        return self.starts[start], self.ends[end - 1]

    def pieces(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the same place without the tags that stand between the letters."""
        first = start
        for index in range(start + 1, end):
            if self.starts[index] > self.ends[index - 1]:
                yield self.place(first, index)
                first = index
        yield self.place(first, end)


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of HTML, or a comment."""

    start: int
    end: int
    name: str
    """In small letters; empty for comments."""
    closes: bool


def as_written(text: str, start: int = 0, end: int | None = None) -> Letters:
    """Return a text, or a part of it, letter by letter."""
    end = len(text) if end is None else end
    return Letters(text[start:end], range(start, end), range(start + 1, end + 1))


def find_tags(html: str) -> Iterator[Tag]:
    """Yield the tags and comments of HTML, from the first to the last.

    A `>` inside quotes after `=` ends no tag, unless the quotes are never closed. The time is linear: what
    lacks its end ends the search, and a closing quotation mark is missed only once.
    """
    found = _TAG.search(html)
    while found is not None:
        end = _tag_end(html, found)
        if end == 0:
            return
        yield Tag(found.start(), end, (found["name"] or "").lower(), bool(found["closes"]))
        found = _TAG.search(html, end)


def without_tags(letters: Letters, tags: Iterable[Tag]) -> Letters:
    """Return what stands between the tags of HTML; where a block begins or ends stands a `GAP`."""
    holes = ((tag.start, tag.end, "" if tag.name in _INLINE else GAP) for tag in tags)
    return _put(letters, holes)


def unescaped(letters: Letters) -> Letters:
    """Return a text with its HTML entities as letters."""
    return _decode(letters, _ENTITY, unescape) if "&" in letters.text else letters


def unquoted(letters: Letters) -> Letters:
    """Return a text with its percent-encoded letters as such, once."""
    return _decode(letters, _QUOTED, unquote) if "%" in letters.text else letters


def _decode(letters: Letters, pattern: re.Pattern[str], decode: Callable[[str], str]) -> Letters:
    found = pattern.finditer(letters.text)
    return _put(letters, ((each.start(), each.end(), decode(each[0])) for each in found))


def _put(letters: Letters, changes: Iterable[tuple[int, int, str]]) -> Letters:
    """Put other letters in places of a text; each of them stands where all that it replaces stood."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for start, end, instead in changes:
        pieces += [letters.text[at:start], instead]
        starts += letters.starts[at:start]
        ends += letters.ends[at:start]
        starts += [letters.starts[start]] * len(instead)
        ends += [letters.ends[end - 1]] * len(instead)
        at = end
    if not pieces:
        return letters
    pieces.append(letters.text[at:])
    starts += letters.starts[at:]
    ends += letters.ends[at:]
    return Letters("".join(pieces), starts, ends)


def _tag_end(html: str, tag: re.Match[str]) -> int:
    """Return where a tag ends; 0 where it never does. A comment without an end is the rest."""
    if tag["comment"]:
        end = html.find(_COMMENT_END, tag.end())
        return end + len(_COMMENT_END) if end >= 0 else len(html)
    stop = _TAG_STOP.search(html, tag.end())
    while stop is not None and stop["quote"]:
        closed = html.find(stop["quote"], stop.end())
        if closed < 0:
            return html.find(">", stop.end()) + 1
        stop = _TAG_STOP.search(html, closed + 1)
    return stop.end() if stop is not None else 0

"""Markdown becomes a stream of the marks in it, for those who rewrite links and those who take marks off.

Text goes in; what stands in it goes out in order, with its place: code, links, spans, escaped characters. The
scan takes time in proportion to the text, whatever the text is, and what is code or an attribute is never
taken for a link.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from enum import Enum
from typing import Final, NamedTuple

from garden.pages.page import Markdown
from garden.pages.span import ATTRIBUTES


class Mark(Enum):
    """What a piece is."""

    FENCE = "a fenced code block; its value is the code"
    CODE = "a code span"
    ESCAPED = "a character behind a backslash"
    AUTOLINK = "`<url>`; its value is the URL"
    WIKILINK = "`[[title]]`; its value is what stands between"
    EMBED = "`![[title]]`; its value is what stands between"
    OPEN = "an opening bracket, `[` or `![`"
    LINK = "a closing bracket with a target, which is its value"
    SPAN = "a closing bracket with attributes"
    CLOSE = "a closing bracket with nothing behind it"


class Piece(NamedTuple):
    """A mark and where it stands."""

    mark: Mark
    start: int
    end: int
    value: str
    attributes: str = ""
    """`{…}` behind code, a link, a picture or a span."""
    target_end: int = 0
    """Of a link: where its target ends, in front of its title and its closing parenthesis."""


LEAD: Final = r"(?:[ \t>]|[-+*][ \t]|\d{1,9}[.)][ \t])*"
"""What may stand in front of a block on its line: quotations, list items, indentation."""

_TOKEN: Final = re.compile(
    rf"""(?m:^(?P<lead>{LEAD})(?P<fence>`{{3,}}(?=[^`\n]*$)|~{{3,}})[^\n]*(?:\n|\Z))
    |\\(?P<escaped>[\n!-/:-@\[-`{{-~])
    |(?P<ticks>`+)
    |<(?P<url>[a-zA-Z][a-zA-Z0-9+.-]*:[^\s<>]*)>
    |!\[\[(?P<embed>[^\[\]\n]+)\]\]
    |\[\[(?P<wiki>[^\[\]\n]+)\]\]
    |(?P<open>!?\[)
    |(?P<close>\])""",
    re.VERBOSE,
)
_FENCE_END: Final = re.compile(r"(?m)^(?P<lead>[ \t>]*)(?P<fence>`{3,}|~{3,})[ \t]*$")
_TICKS: Final = re.compile(r"`+")
_PARAGRAPH_END: Final = re.compile(r"\n[ \t>]*(?:\n|\Z)")
_TARGET: Final = re.compile(
    r"""\((?:<(?P<angled>[^<>\n]*)>|(?P<bare>(?:[^()\s<>]|\([^()\s<>]*\))*))(?P<target_end>)"""
    r"""(?:[ \t\n]+(?:"[^"\n]*"|'[^'\n]*'))?\)"""
)
_BEHIND: Final = re.compile(ATTRIBUTES)


_SIMPLE: Final = {
    "escaped": Mark.ESCAPED,
    "url": Mark.AUTOLINK,
    "wiki": Mark.WIKILINK,
    "embed": Mark.EMBED,
    "open": Mark.OPEN,
}


def scan(text: Markdown) -> Iterator[Piece]:
    """Yield the marks in a text, from left to right; what lies between them is words."""
    code = _CodeSpans(text)
    position = 0
    while found := _TOKEN.search(text, position):
        piece = _read(text, found, code)
        position = piece.end if piece is not None else found.end()
        if piece is not None:
            yield piece


def _read(text: Markdown, found: re.Match[str], code: _CodeSpans) -> Piece | None:
    start, end = found.span()
    match found.lastgroup:
        case "fence":
            return _read_fence(text, found)
        case "ticks":
            return _read_code(text, start, end, code)
        case "close":
            return _read_close(text, start, end)
        case name:
            return Piece(_SIMPLE[name or ""], start, end, found[name or ""])


def _read_fence(text: Markdown, found: re.Match[str]) -> Piece:
    """A fence ends where one as long or longer stands alone on a line, else with the text."""
    in_quotation = ">" in found["lead"]
    for closing in _FENCE_END.finditer(text, found.end()):
        fits = closing["fence"][0] == found["fence"][0] and len(closing["fence"]) >= len(found["fence"])
        if fits and (in_quotation or ">" not in closing["lead"]):
            return Piece(Mark.FENCE, found.start(), closing.end(), text[found.end() : closing.start()])
    return Piece(Mark.FENCE, found.start(), len(text), text[found.end() :])


def _read_code(text: Markdown, start: int, end: int, code: _CodeSpans) -> Piece | None:
    closing = code.find_end(end, end - start)
    if closing is None:
        return None
    behind = _BEHIND.match(text, closing + end - start)
    attributes = behind[0] if behind else ""
    return Piece(Mark.CODE, start, closing + end - start + len(attributes), text[end:closing], attributes)


def _read_close(text: Markdown, start: int, end: int) -> Piece:
    target = _TARGET.match(text, end)
    behind = _BEHIND.match(text, target.end() if target else end)
    attributes = behind[0] if behind else ""
    if target:
        value = target["angled"] if target["angled"] is not None else target["bare"]
        whole = target.end() + len(attributes)
        return Piece(Mark.LINK, start, whole, value, attributes, target.start("target_end"))
    return Piece(Mark.SPAN if attributes else Mark.CLOSE, start, end + len(attributes), "]", attributes)


class _CodeSpans:
    """Knows where runs of backticks stand, so that no search for the end of code begins anew."""

    def __init__(self, text: Markdown) -> None:
        self._text = text
        self._runs: dict[int, list[int]] | None = None
        self._paragraph = (0, -1)

    def find_end(self, position: int, length: int) -> int | None:
        """Return where the run begins that ends code, as long as its first, in the same paragraph."""
        if self._runs is None:
            self._runs = defaultdict(list)
            for found in _TICKS.finditer(self._text):
                self._runs[len(found[0])].append(found.start())
        starts = self._runs.get(length, [])
        index = bisect_left(starts, position)
        return starts[index] if index < len(starts) and starts[index] <= self._end(position) else None

    def _end(self, position: int) -> int:
        if not self._paragraph[0] <= position <= self._paragraph[1]:
            found = _PARAGRAPH_END.search(self._text, position)
            self._paragraph = (position, found.start() if found else len(self._text))
        return self._paragraph[1]

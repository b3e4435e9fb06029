"""Markdown becomes plain text, for titles, excerpts, quoted sentences and the search index.

What a spoiler hides stays hidden here too.
"""

from __future__ import annotations

import re
from typing import Final

from garden.pages import wikilink
from garden.pages.page import Markdown
from garden.pages.scan import LEAD, Mark, Piece, scan

HIDDEN: Final = "▒▒▒"
"""Stands for the words of a spoiler."""

_MARKED: Final = re.compile(r"[\\`*_~<\[\]|\n]|&nbsp;|^[ \t]*(?:[-+#>]|:::|\d{1,9}[.)])")
"""Without any of these a text is its own plain text, but for white space."""
_DIVISIONS: Final = re.compile(rf"(?m)^{LEAD}:{{3,}}(?: \{{\.[^\n]*\}})?[ \t]*$")
_LINE_MARKS: Final = re.compile(
    r"(?m)^[ \t]*(?:(?:>|#{1,6}|[-+*]|\d{1,9}[.)])[ \t]+)+|^[ \t]*>[ \t]*$"
    r"|^\|[ |:-]*\|$|^\| | \|$"
)
_SOFT_BREAK: Final = re.compile(r"(?<!\\)\n(?![ \t]*(?:\n|$|[>#|+*-]|\d{1,9}[.)]))(?<!\n\n)")
_EMPHASIS: Final = re.compile(r"\*+|~~|(?<!\w)_+|_+(?!\w)|&nbsp;")
_QUOTED: Final = re.compile(r"(?m)^[ \t>]+")
_SENTENCE: Final = re.compile(
    r"[^\n]+?(?:(?<![.!?…\u061f\u06d4\u0964])[.!?…\u061f\u06d4\u0964]++[\"'”’)\]]*+(?=\s)"
    r"|[。\uff01\uff1f]+|(?=\n)|$)"
)


def plain_text(markdown: Markdown) -> str:
    """Return what a reader sees of Markdown, without its marks; lines stay lines."""
    text = markdown
    if _MARKED.search(text):
        text = _guard_fences(text)
        text = _DIVISIONS.sub("", text)
        text = _LINE_MARKS.sub("", _SOFT_BREAK.sub(" ", text))
        text = _take_marks_off(text)
    lines = (" ".join(line.replace("\N{NO-BREAK SPACE}", " ").split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def excerpt(text: str, length: int = 200) -> str:
    """Return the first words of plain text on one line, at most `length` characters, cut at a word."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[length // 2 :] else cut).rstrip(" ,;:-–—") + "…"


def sentences(text: str) -> list[str]:
    """Split plain text where a sentence or a line ends."""
    return [words for found in _SENTENCE.finditer(text) if (words := found[0].strip())]


def _guard_fences(text: Markdown) -> Markdown:
    """Keep code blocks as they are: escape what would otherwise read as marks."""
    if "```" not in text and "~~~" not in text:
        return text
    pieces, end = [], 0
    for piece in scan(text):
        if piece.mark is Mark.FENCE:
            code = piece.value
            if ">" in text[piece.start :].partition("\n")[0]:
                code = _QUOTED.sub("", code)
            pieces += [text[end : piece.start], _guard(code)]
            end = piece.end
    return "".join([*pieces, text[end:]])


def _guard(code: str) -> str:
    return re.sub(r"([!-/:-@\[-`{-~\n])", r"\\\1", code)


_CLOSING: Final = (Mark.LINK, Mark.SPAN, Mark.CLOSE)
"""A tuple: to hash a mark takes longer than to compare it with three."""


def _take_marks_off(text: Markdown) -> str:
    """Write the words between the marks, and what the marks themselves say."""
    shown: list[str] = []
    brackets: list[int] = []
    end = 0
    for piece in scan(text):
        mark = piece.mark
        if end < piece.start:
            shown.append(_EMPHASIS.sub("", text[end : piece.start]))
        end = piece.end
        if mark is Mark.OPEN:
            brackets.append(len(shown))
            shown.append(piece.value)
        elif mark in _CLOSING:
            _close(shown, brackets, piece, text)
        else:
            shown.append(_write_words(piece))
    return "".join([*shown, _EMPHASIS.sub("", text[end:])])


def _write_words(piece: Piece) -> str:
    """What an embed shows is nobody's words here."""
    match piece.mark:
        case Mark.WIKILINK:
            return wikilink.words_of(piece.value)
        case Mark.EMBED:
            return ""
    return piece.value


def _close(shown: list[str], brackets: list[int], piece: Piece, text: Markdown) -> None:
    """End a link or span: its words stay, a picture has none, and a spoiler's are hidden.

    A bracket that has no partner, or nothing behind it, is a bracket.
    """
    if not brackets or piece.mark is Mark.CLOSE:
        shown.append(text[piece.start : piece.end])
        if brackets:
            brackets.pop()
        return
    start = brackets.pop()
    is_picture = shown[start] == "![" and piece.mark is Mark.LINK
    is_hidden = piece.mark is Mark.SPAN and ".spoiler" in piece.attributes.partition('"')[0]
    if is_hidden or (is_picture and ".emote" not in piece.attributes.partition('"')[0]):
        del shown[start:]
        shown.append(HIDDEN if is_hidden else "")
    else:
        shown[start] = shown[start].removesuffix("[") if piece.mark is Mark.SPAN else ""

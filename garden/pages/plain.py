"""Markdown becomes plain text, for titles, excerpts, quoted sentences and the search index."""

from __future__ import annotations

import re
from typing import Final

from garden.pages.page import Markdown

_FENCE: Final = re.compile(r"(?ms)^ {0,3}(`{3,}(?=[^`\n]*$)|~{3,})[^\n]*\n(.*?)(?:^ {0,3}\1[`~]*[ \t]*$|\Z)")
_TOKENS: Final = re.compile(
    r"""\\(?P<escaped>[\n!-/:-@\[-`{-~])          # an escaped character is that character
    |(?P<ticks>`+)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)
    |<(?P<url>[a-zA-Z][a-zA-Z0-9+.-]*:[^\s<>]*)>
    |!\[(?:\\.|[^\]\\])*\]\([^)\n]*\)(?:\{[^}\n]*\})?   # a picture has no words
    |\[(?=[^\]]*\]\()                           # the words of a link stay, its target goes
    |\]\((?:<[^>\n]*>|[^()\s]*)(?:\s"[^"\n]*")?\)
    |\[\[(?:[^\]|\n]*\|)?(?P<wiki>[^\]\n]*)\]\]
    |\*+|~~|(?<!\w)_+|_+(?!\w)|&nbsp;""",
    re.VERBOSE | re.DOTALL,
)
_LINE_MARKS: Final = re.compile(
    r"(?m)^[ \t]*(?:(?:>|#{1,6}|[-+*]|\d{1,9}[.)])[ \t]+)+|^[ \t]*>[ \t]*$"
    r"|^\|[ |:-]*\|$|^\| | \|$"
)
_SOFT_BREAK: Final = re.compile(r"(?<!\\)\n(?![ \t]*(?:\n|$|[>#|+*-]|\d{1,9}[.)]))(?<!\n\n)")
_SENTENCE: Final = re.compile(
    r"[^\n]+?(?:[.!?…\u061f\u06d4\u0964]+[\"'”’)\]]*(?=\s)|[。\uff01\uff1f]+|(?=\n)|$)"
)


def plain_text(markdown: Markdown) -> str:
    """Return what a reader sees of Markdown, without its marks; lines stay lines."""
    text = _FENCE.sub(lambda found: _guard(found[2]), markdown)
    text = _LINE_MARKS.sub("", _SOFT_BREAK.sub(" ", text))
    text = _TOKENS.sub(_visible, text)
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


def _guard(code: str) -> str:
    """Keep code as it is: escape what would otherwise read as marks."""
    return re.sub(r"([!-/:-@\[-`{-~\n])", r"\\\1", code)


def _visible(found: re.Match[str]) -> str:
    if found["escaped"] is not None:
        return found["escaped"]
    return found["code"] or found["url"] or found["wiki"] or ""

"""Link targets in Markdown: a text and new places for its links come in, the text with these goes out.

Wherever a link is looked for or written anew, in code and attributes there is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from garden.pages import wikilink
from garden.pages.escape import escape
from garden.pages.page import Markdown
from garden.pages.scan import LEAD, Mark, Piece, scan

_LEAD: Final = re.compile(LEAD)
_URL: Final = re.compile(r"https?://|matrix:", re.IGNORECASE)
_NOT_IN_URL: Final = re.compile(r"[\s<>]")


def find_targets(markdown: Markdown) -> list[str]:
    """Return every link target in Markdown, code left out; a wikilink is returned with its brackets."""
    if "[" not in markdown and "<" not in markdown:
        return []
    return [target for target in map(target_of, scan(markdown)) if target]


@dataclass(frozen=True, slots=True)
class Place:
    """What a link becomes."""

    url: str
    words: str
    """Plain text for a link that was written without words of its own."""


@dataclass(frozen=True, slots=True)
class Embed:
    """An embed, `![[…]]`, as it stands in its text."""

    target: str
    """What it shows: a URL, or a wikilink with its brackets."""
    words: str
    """What stands for it where nothing can be shown."""
    lead: str | None
    """What its line begins with, such as `> - `; None where other words stand on its line."""


def replace_targets(
    markdown: Markdown,
    find: Callable[[str], Place | None],
    show: Callable[[Embed], Markdown | None] | None = None,
) -> Markdown:
    """Give link targets new places; `find` returns None for those that stay.

    Code, attributes and all else are left alone; a wikilink without a place keeps its words. What `show`
    returns stands in an embed's place; where it is None, or there is no `show`, an embed is a link.
    """
    if "[" not in markdown and "<" not in markdown:
        return markdown
    pieces, end = [], 0
    for piece in scan(markdown):
        written, after = _rewrite(piece, markdown, find, show)
        if written is not None:
            pieces += [markdown[end : piece.start], written]
            end = after
    return "".join([*pieces, markdown[end:]])


def find_embeds(markdown: Markdown) -> Iterator[Embed]:
    """Yield the embeds of a text."""
    if "![[" in markdown:
        yield from (_read_embed(piece, markdown) for piece in scan(markdown) if piece.mark is Mark.EMBED)


def target_of(piece: Piece) -> str:
    """Return where a piece leads; empty where it is no link."""
    match piece.mark:
        case Mark.LINK | Mark.AUTOLINK:
            return piece.value
        case Mark.WIKILINK:
            return f"[[{piece.value}]]"
        case Mark.EMBED:
            name = wikilink.name_of(piece.value)
            return name if _URL.match(name) else f"[[{piece.value}]]"
    return ""


def _rewrite(
    piece: Piece,
    markdown: Markdown,
    find: Callable[[str], Place | None],
    show: Callable[[Embed], Markdown | None] | None,
) -> tuple[Markdown | None, int]:
    """Return what stands in a piece's place, None where it stays, and where the old text goes on."""
    if piece.mark is Mark.EMBED and show is not None:
        shown = show(_read_embed(piece, markdown))
        if shown is not None:
            return shown, piece.end
    target = target_of(piece)
    place = find(target) if target else None
    if place is not None:
        return _lead_to(piece, place)
    if piece.mark in {Mark.WIKILINK, Mark.EMBED}:
        return _keep_words(piece, target), piece.end
    return None, piece.end


def _lead_to(piece: Piece, place: Place) -> tuple[Markdown, int]:
    """Return what stands in a link's place, and where the old text goes on."""
    if piece.mark is Mark.LINK:
        return f"](<{place.url}>", piece.target_end
    words = place.words
    if piece.mark is Mark.WIKILINK and (
        wikilink.has_words(piece.value) or not wikilink.names_room(piece.value)
    ):
        words = wikilink.words_of(piece.value)
    return f"[{escape(words)}](<{place.url}>)", piece.end


def _keep_words(piece: Piece, target: str) -> Markdown:
    """A URL stays one, wherever it leads."""
    is_url = not target.startswith("[[") and not _NOT_IN_URL.search(target)
    return f"<{target}>" if is_url else escape(wikilink.words_of(piece.value))


def _read_embed(piece: Piece, markdown: Markdown) -> Embed:
    line_start = markdown.rfind("\n", 0, piece.start) + 1
    line_end = markdown.find("\n", piece.end)
    behind = markdown[piece.end : line_end if line_end >= 0 else None]
    lead = markdown[line_start : piece.start]
    alone = not behind.strip() and _LEAD.fullmatch(lead) is not None
    return Embed(target_of(piece), wikilink.words_of(piece.value), lead if alone else None)

"""Tags from settings: words and rooms come in with the tags that they give, a conversation's tags go out.

A word is found whole, in any script, whatever its capitals; it is never read as a pattern.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from garden.pages.address import name_tag
from garden.pages.script import UNSPACED, mark_ranges

_URL: Final = re.compile(r"\b(?:https?|ftp|matrix|mailto|magnet):\S+")
_UNSPACED: Final = re.compile(f"[{UNSPACED}]")


@dataclass(frozen=True, slots=True)
class Tagging:
    """Which tags the settings give to the conversations of one room."""

    words: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Tags, each with the words of which any gives it."""
    given: tuple[str, ...] = ()
    """Tags that each conversation of the room has; days have them not."""

    def find(self, texts: Iterable[str]) -> set[str]:
        """Return the tags, as addresses have them, that the words of some texts give."""
        open_rules = {tag: _make_pattern(words) for tag, words in self._gather().items()}
        found: set[str] = set()
        for text in texts if open_rules else ():
            folded = _fold(_URL.sub(" ", text))
            found |= {tag for tag, pattern in open_rules.items() if pattern.search(folded)}
            open_rules = {tag: pattern for tag, pattern in open_rules.items() if tag not in found}
            if not open_rules:
                break
        return found

    def _gather(self) -> dict[str, tuple[str, ...]]:
        """Several names may be one tag in addresses."""
        gathered: dict[str, tuple[str, ...]] = {}
        for tag, words in self.words:
            if words and name_tag(tag):
                gathered[name_tag(tag)] = gathered.get(name_tag(tag), ()) + words
        return gathered


NO_TAGGING: Final = Tagging()


@lru_cache(maxsize=256)
def _make_pattern(words: Sequence[str]) -> re.Pattern[str]:
    """Make the pattern of any of some words, as a whole where their script parts words by spaces."""
    edge = f"[\\w{mark_ranges()}]"
    by_edges: dict[tuple[bool, bool], list[str]] = {}
    for word in sorted(map(_fold, words), key=lambda each: (-len(each), each)):
        edges = bool(_UNSPACED.match(word)), bool(_UNSPACED.match(word[-1:]))
        written = r"\s+".join(map(re.escape, word.split()))
        by_edges.setdefault(edges, []).append(written)
    return re.compile(
        "|".join(
            ("" if glued_before else f"(?<!{edge})")
            + f"(?:{'|'.join(written)})"
            + ("" if glued_after else f"(?!{edge})")
            for (glued_before, glued_after), written in by_edges.items()
        )
    )


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())

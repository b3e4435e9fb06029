"""The text that somebody types becomes the parts that a page has to have, or must not have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from garden.site.search_words import split_words

_QUERY_LENGTH: Final = 1000
"""Characters of a query that are read."""

_QUERY_PART: Final = re.compile(r'(?P<without>-?)(?:"(?P<row>[^"]*)"?|(?P<word>[^\s"]+))')


@dataclass(frozen=True, slots=True)
class QueryPart:
    """What a page has to have, or must not have: one of several rows of words."""

    rows: tuple[tuple[str, ...], ...]
    begins: bool = False
    """The only word of a row may go on."""
    without: bool = False

    def matches(self, word: str) -> bool:
        """Tell whether a word of a page is one of those asked for."""
        if self.begins and word.startswith(self.rows[0][0]):
            return True
        return any(word in row for row in self.rows)


def parse_query(query: str) -> tuple[QueryPart, ...]:
    """Read `words`, `"words in a row"`, `begin*`, `-without` and `this OR that`; any text is a query."""
    parts: list[QueryPart] = []
    either = False
    for found in _QUERY_PART.finditer(query[:_QUERY_LENGTH]):
        if found["word"] == "OR" and parts and not found["without"]:
            either = True
            continue
        words = tuple(split_words(found["row"] or found["word"] or ""))
        if not words:
            continue
        begins = len(words) == 1 and (found["word"] or "").endswith("*")
        part = QueryPart((words,), begins=begins, without=bool(found["without"]))
        if either and not (part.without or part.begins or parts[-1].without or parts[-1].begins):
            part = QueryPart((*parts.pop().rows, words))
        either = False
        parts.append(part)
    return tuple(parts)

"""A page's text and what was asked for become the excerpt that a hit shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from garden.site.search_query import QueryPart
from garden.site.search_words import find_words

EXCERPT_LENGTH: Final = 200
"""Characters of a hit's excerpt, about."""

_MOST_PLACES: Final = 500
"""Places that are looked at; a text that has more of them has a good one among these."""


def cut_excerpt(text: str, wanted: Sequence[QueryPart]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Cut out the place with the most different words that were asked for, and mark them.

    The excerpt is one line of about `EXCERPT_LENGTH` characters; a mark is start and end of a word in it.
    """
    places = list(islice(_find_places(text, wanted), _MOST_PLACES))
    best = max(places, key=lambda place: (_count_near(places, place), -place[0]), default=(0, 0, ""))
    start = max(0, best[0] - EXCERPT_LENGTH // 4)
    end = min(len(text), max(start + EXCERPT_LENGTH, best[1]))
    start = text.find(" ", start, best[0]) + 1 if start and " " in text[start : best[0]] else start
    end = text.rfind(" ", best[1], end) if end < len(text) and " " in text[best[1] : end] else end
    lead, tail = "…" if start else "", "…" if end < len(text) else ""
    marks = tuple(
        (left - start + len(lead), right - start + len(lead))
        for left, right, _ in places
        if start <= left < right <= end
    )
    return lead + re.sub(r"\s", " ", text[start:end]) + tail, marks


def _find_places(text: str, wanted: Sequence[QueryPart]) -> Iterator[tuple[int, int, str]]:
    for start, end, word in find_words(text):
        if any(part.matches(word) for part in wanted):
            yield start, end, word


def _count_near(places: Sequence[tuple[int, int, str]], place: tuple[int, int, str]) -> int:
    reach = place[0] + EXCERPT_LENGTH * 3 // 4
    return len({word for start, _, word in places if place[0] <= start < reach})

"""Cover one text: words and whom they name come in, the same words with other names go out.

Identifiers go wherever they stand. The words of a link to somebody are that person's name, whatever they are;
names in running words go where the event names the person too.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from garden.archive.event import UserId
from garden.archive.known_name import MOST_WORDS, find_names, fold_name, name_beginning
from garden.archive.written_text import Letters, Tag, as_written, find_tags, unescaped, without_tags
from garden.archive.written_user import WrittenUser, may_name_user, read_written_users

UNNAMED: Final = "…"
"""What somebody is called who is not to be named; the site finds a word for it."""

_LONGEST_LINK_WORDS: Final = 300
_SPOKEN_ATTRIBUTE: Final = re.compile(
    r"\s(?:title|alt|data-mx-spoiler)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE
)
"""Attributes that a reader gets to see, with their words."""


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands instead of somebody."""

    user_id: UserId
    """Well-formed; `NOBODY` where not even a pseudonym may be told from others."""
    name: str
    """Display name; one line, never empty."""


@dataclass(slots=True)
class Named:
    """The people whom an event names, gathered before anything is covered."""

    covers: dict[UserId, Cover] = field(default_factory=dict)
    aliases: dict[str, Cover] = field(default_factory=dict)
    """What the event itself calls them, folded."""
    beginnings: set[str] | None = None
    """With what their names begin, where that is known."""

    def note(self, user: UserId, cover: Cover, words: str = "") -> None:
        """Take in that somebody is named, perhaps by words that show who is meant."""
        self.covers.setdefault(user, cover)
        words = words.strip().removeprefix("@") if len(words) <= _LONGEST_LINK_WORDS else ""
        alias = fold_name(words)
        if len(alias) > 1 and len(alias.split()) <= MOST_WORDS:
            self.aliases.setdefault(alias, cover)
            if self.beginnings is not None:
                self.beginnings = self.beginnings | {name_beginning(alias), name_beginning(words)}


@dataclass(frozen=True, slots=True)
class Reading:
    """A text, and where in it somebody is meant."""

    text: str
    tags: list[Tag]
    is_html: bool
    places: tuple[tuple[WrittenUser, Cover], ...]
    """In order; none touches another."""
    pills: tuple[tuple[int, int, Cover, UserId], ...]
    """The words of links to people."""

    def pill_words(self) -> Iterator[tuple[UserId, Cover, str]]:
        """Yield whom links name, and how."""
        for start, end, cover, user in self.pills:
            inner = as_written(self.text, start, end)
            if self.is_html:
                inner = unescaped(without_tags(inner, find_tags(inner.text)))
            yield user, cover, inner.text


def read_text(text: str, of: Callable[[UserId], Cover | None], *, is_html: bool) -> Reading | None:
    """Find out where a text means people who are covered; None where it means nobody."""
    if not may_name_user(text):
        return None
    tags = list(find_tags(text)) if is_html else []
    places = _join(_find_places(text, tags, of))
    if not places:
        return None
    pills = _html_pills(text, tags, places) if is_html else _markdown_pills(text, places)
    return Reading(text, tags, is_html, tuple(places), tuple(pills))


def cover_identifiers(reading: Reading) -> str:
    """Return a text that is no running words, such as a key, with other identifiers in it."""
    return _apply(
        reading.text, [(place.start, place.end, _identifier(place, cover)) for place, cover in reading.places]
    )


def cover_text(
    text: str,
    reading: Reading | None,
    named: Named,
    bears: Callable[[UserId, str], bool],
    *,
    is_html: bool,
) -> str:
    """Return running words in which nobody is named any more who is covered."""
    write: Callable[[str], str] = html.escape if is_html else str
    changes: list[tuple[int, int, str]] = []
    if reading is not None:
        changes += [(start, end, write(f"@{cover.name}")) for start, end, cover, _ in reading.pills]
        changes += [
            (place.start, place.end, _identifier(place, cover) if place.in_link else write(f"@{cover.name}"))
            for place, cover in reading.places
        ]
    if named.covers:
        for letters in _spoken(text, is_html=is_html):
            changes += _cover_names(letters, named, bears, write)
    return _apply(text, changes)


def _find_places(
    text: str, tags: list[Tag], of: Callable[[UserId], Cover | None]
) -> Iterator[tuple[WrittenUser, Cover]]:
    """Yield who of those that may be meant is covered; who writes a capital letter means the same person."""
    known: dict[UserId, Cover | None] = {}
    for candidates in read_written_users(text, tags):
        for place in candidates:
            if place.user not in known:
                known[place.user] = of(place.user) or of(UserId(place.user.lower()))
            cover = known[place.user]
            if cover is not None:
                yield place, cover
                break


def _join(found: Iterable[tuple[WrittenUser, Cover]]) -> list[tuple[WrittenUser, Cover]]:
    """Put places in order, and make one of those that overlap: the first and longest says who is meant."""
    joined: list[tuple[WrittenUser, Cover]] = []
    for place, cover in sorted(found, key=lambda each: (each[0].start, -each[0].end)):
        last = joined[-1][0] if joined else None
        if last is None or place.start >= last.end:
            joined.append((place, cover))
        elif place.end > last.end:
            longer = WrittenUser(
                last.start, place.end, last.user, last.in_link, last.has_sigil, is_certain=last.is_certain
            )
            joined[-1] = (longer, joined[-1][1])
    return joined


def _html_pills(
    text: str, tags: list[Tag], places: list[tuple[WrittenUser, Cover]]
) -> Iterator[tuple[int, int, Cover, UserId]]:
    """Yield what stands between a link to somebody and its end, which another link's beginning is too."""
    inside = [(place, cover) for place, cover in places if place.in_link]
    starts = [place.start for place, _ in inside]
    links = [tag for tag in tags if tag.name == "a"]
    for number, tag in enumerate(links):
        index = bisect_left(starts, tag.start)
        if tag.closes or index == len(starts) or starts[index] >= tag.end:
            continue
        place, cover = inside[index]
        end = links[number + 1].start if number + 1 < len(links) else len(text)
        if tag.end < end:
            yield tag.end, end, cover, place.user


def _markdown_pills(
    text: str, places: list[tuple[WrittenUser, Cover]]
) -> Iterator[tuple[int, int, Cover, UserId]]:
    """Yield the words of `[Ada](https://matrix.to/#/@ada:fen.example)`."""
    for place, cover in places:
        end = text.rfind("](", max(0, place.start - _LONGEST_LINK_WORDS), place.start)
        if end < 0 or not place.in_link or any(char in " \n)" for char in text[end + 2 : place.start]):
            continue
        start = text.rfind("[", max(0, end - _LONGEST_LINK_WORDS), end) + 1
        if 0 < start < end and "\n\n" not in text[start:end]:
            yield start, end, cover, place.user


def _spoken(text: str, *, is_html: bool) -> Iterator[Letters]:
    """Yield what is read of a text: of HTML the words between its tags, and those of some attributes."""
    if not is_html:
        yield as_written(text)
        return
    tags = list(find_tags(text))
    yield unescaped(without_tags(as_written(text), tags))
    for tag in tags:
        for found in _SPOKEN_ATTRIBUTE.finditer(text, tag.start, tag.end):
            yield unescaped(as_written(text, *found.span(1 if found[1] is not None else 2)))


def _cover_names(
    letters: Letters, named: Named, bears: Callable[[UserId, str], bool], write: Callable[[str], str]
) -> Iterator[tuple[int, int, str]]:
    bearers: dict[str, Cover] = dict(named.aliases)

    def is_name(words: str) -> bool:
        if words in bearers:
            return True
        for user, cover in named.covers.items():
            if bears(user, words):
                bearers[words] = cover
                return True
        return False

    found = find_names(letters.text, is_name, cost=len(named.covers), beginnings=named.beginnings)
    for start, end, words in found:
        instead = write(bearers[words].name if words else UNNAMED)
        for begin, stop in letters.pieces(start, end):
            yield begin, stop, instead
            instead = ""


def _identifier(place: WrittenUser, cover: Cover) -> str:
    return cover.user_id if place.has_sigil else cover.user_id.removeprefix("@")


def _apply(text: str, changes: list[tuple[int, int, str]]) -> str:
    """Make changes; where two overlap the first and longest says what stands there; nothing stays."""
    pieces: list[str] = []
    at = 0
    for start, end, instead in sorted(changes, key=lambda change: (change[0], -change[1])):
        if end > at:
            pieces += [text[at:start], instead if start >= at else ""]
            at = end
    return "".join([*pieces, text[at:]]) if pieces else text

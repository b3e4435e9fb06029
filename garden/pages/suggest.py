"""Names without a page: what notes name in vain comes in, with all that could be meant; sentences go out."""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from garden.pages.address import Address, slug_words
from garden.pages.note_links import Shelf
from garden.pages.page import Note, PageCard, PageLinks
from garden.pages.wikilink import name_key

MOST_SUGGESTED: Final = 3
_LOOKED_AT: Final = 12
"""Names among which those are chosen: a page may have several."""
_LIKENESS: Final = 0.6
"""From 0 to 1: how much a name has to be like the one that was written."""
_COMPARED: Final = 500
"""Names that are compared with one letter by letter; in a large garden, those that share most words."""
_EXPLAINED: Final = 200
"""Gaps for which something is suggested; whoever has more has another problem."""
_START: Final = 3
"""Letters by which a word is known."""


class Names:
    """All names of a garden, to be asked for those that are like another."""

    def __init__(self, names: Iterable[tuple[str, Address]]) -> None:
        """Keep names, each with the page that it leads to."""
        self._names = {name_key(name): (name, address) for name, address in names}
        self._keys = [key for key in self._names if key]
        self._by_start: dict[str, list[int]] = defaultdict(list)
        if len(self._keys) > _COMPARED:
            for place, key in enumerate(self._keys):
                for start in _starts(key):
                    self._by_start[start].append(place)

    def like(self, name: str) -> list[str]:
        """Return the names that are most like this one, the likest first, one of each page."""
        key = name_key(name)
        found: dict[Address, str] = {}
        for each in difflib.get_close_matches(key, self._candidates(key), _LOOKED_AT, _LIKENESS):
            likely, address = self._names[each]
            found.setdefault(address, likely)
        return list(found.values())[:MOST_SUGGESTED]

    def _candidates(self, key: str) -> Sequence[str]:
        if len(self._keys) <= _COMPARED:
            return self._keys
        shared = Counter(place for start in _starts(key) for place in self._by_start.get(start, ()))
        return [self._keys[place] for place, _ in shared.most_common(_COMPARED)]


def list_names(cards: Iterable[PageCard], rooms: Mapping[str, Address]) -> Iterator[tuple[str, Address]]:
    """Yield every name that a wikilink can hold, with its page: titles, names of notes, aliases of rooms."""
    for card in cards:
        yield from ((name, card.address) for name in (*card.names, card.title))
    yield from ((room, address) for room, address in rooms.items() if room.startswith("#"))


def describe_gaps(notes: Sequence[Note], links: Mapping[Address, PageLinks], shelf: Shelf) -> Iterator[str]:
    """Yield a sentence for each thing that a note names and that is not here, with what may be meant."""
    gaps = [(note, name) for note in notes for name in _find_gaps(note, links, shelf)]
    if not gaps:
        return
    names = Names(list_names(shelf.cards.values(), shelf.directory.rooms))
    for number, (note, name) in enumerate(gaps):
        likely = names.like(name) if number < _EXPLAINED else []
        meant = f"; did you mean {' or '.join(map(repr, likely))}?" if likely else ""
        yield f"notes/{note.path}: there is no {_kind(name)} {name!r}{meant}"


def _find_gaps(note: Note, links: Mapping[Address, PageLinks], shelf: Shelf) -> Iterator[str]:
    """Yield what has no page, and messages to be shown that are on a page and say nothing."""
    found = links.get(note.address, PageLinks())
    yield from found.missing
    embedded = {link.target for link in shelf.cards[note.address].links_out if link.embeds}
    for written, target in found.targets:
        if written in embedded and target.anchor and target.anchor not in shelf.passages:
            yield written


def _kind(name: str) -> str:
    if "://" in name or name.startswith("matrix:"):
        return "page or message in this garden for"
    return "room called" if name.startswith(("#", "!")) and ":" in name else "page called"


def _starts(key: str) -> frozenset[str]:
    return frozenset(word[:_START] for word in slug_words(key))

"""Wayfinding: all cards and their links come in, the ways on from each page go out.

Like linking, a step that sees every page, as its card.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from garden.pages.address import Address
from garden.pages.elsewhere import Sharing
from garden.pages.growth import judge_growth
from garden.pages.page import PageCard, PageLinks, Target
from garden.pages.paths import PagePaths
from garden.pages.related import Kinship, Terms

MOST_GROWN: Final = 50
"""Notes that a conversation names as what it grew into, and pages that a note names as what it grew from."""


def find_paths(
    cards: Sequence[PageCard],
    links: Mapping[Address, PageLinks],
    sharing: Sharing,
    terms: Terms = MappingProxyType({}),
) -> dict[Address, PagePaths]:
    """Find the ways on from every page; `sharing` is what all of them share, `terms` are their key terms."""
    beside = dict(_find_beside(cards))
    related = dict(Kinship(cards, terms, sharing.unlisted).find_related(links))
    grew_from = dict(_find_origins(cards, links))
    grew_into = _turn_round(cards, grew_from)
    nothing = PageLinks()
    return {
        card.address: PagePaths(
            growth=judge_growth(card, links.get(card.address, nothing).backlinks),
            earlier=beside.get(card.address, (None, None))[0],
            later=beside.get(card.address, (None, None))[1],
            web_links=card.web_links,
            elsewhere=tuple(sharing.see_elsewhere(card)),
            related=related.get(card.address, ()),
            grew_into=tuple(grew_into.get(card.address, ())),
            grew_from=grew_from.get(card.address, ()),
        )
        for card in cards
    }


def _find_origins(
    cards: Iterable[PageCard], links: Mapping[Address, PageLinks]
) -> Iterator[tuple[Address, tuple[Target, ...]]]:
    """Yield for each note that names them the pages that it grew from, each once, in its own order."""
    for card in cards:
        if card.grew_from and card.address in links:
            found = dict(links[card.address].targets)
            origins = {found[each].address: found[each] for each in card.grew_from if each in found}
            origins.pop(card.address, None)
            yield card.address, tuple(origins.values())[:MOST_GROWN]


def _turn_round(
    cards: Iterable[PageCard], grew_from: Mapping[Address, Sequence[Target]]
) -> dict[Address, list[Target]]:
    """Return for each page the notes that grew from it, in the order of the cards."""
    grew_into: dict[Address, list[Target]] = defaultdict(list)
    for card in cards:
        for origin in grew_from.get(card.address, ()):
            if len(grew_into[origin.address]) < MOST_GROWN:
                grew_into[origin.address].append(Target(card.address, card.title))
    return grew_into


def _find_beside(cards: Iterable[PageCard]) -> Iterator[tuple[Address, tuple[Target | None, Target | None]]]:
    """Yield for each conversation the ones that began before and after it in its room."""
    rooms: dict[object, list[PageCard]] = defaultdict(list)
    for card in cards:
        if card.is_conversation:
            rooms[card.room_id].append(card)
    for talks in rooms.values():
        talks.sort(key=lambda card: (card.planted or 0, card.address))
        row = [None, *(Target(card.address, card.title) for card in talks), None]
        for number, card in enumerate(talks):
            yield card.address, (row[number], row[number + 2])

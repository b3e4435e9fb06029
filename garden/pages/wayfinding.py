"""Wayfinding: all cards and their links come in, the ways on from each page go out.

Like linking, a step that sees every page, as its card.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from garden.archive.event import RoomId
from garden.conversations.conversation import ConversationKind
from garden.pages.address import Address
from garden.pages.elsewhere import Sharing
from garden.pages.growth import judge_growth
from garden.pages.page import PageCard, PageLinks, Target
from garden.pages.paths import PagePaths
from garden.pages.related import Kinship, Terms

_TALKS: Final = frozenset({ConversationKind.THREAD.value, ConversationKind.CHAIN.value})


def find_paths(
    cards: Sequence[PageCard],
    links: Mapping[Address, PageLinks],
    unlisted: Collection[RoomId] = (),
    terms: Terms = MappingProxyType({}),
) -> dict[Address, PagePaths]:
    """Find the ways on from every page.

    `unlisted` are the rooms that are kept from search engines, `terms` the key terms of pages.
    """
    beside = dict(_find_beside(cards))
    sharing = Sharing(cards, unlisted)
    related = dict(Kinship(cards, terms, unlisted).find_related(links))
    nothing = PageLinks()
    return {
        card.address: PagePaths(
            growth=judge_growth(card, links.get(card.address, nothing).backlinks),
            earlier=beside.get(card.address, (None, None))[0],
            later=beside.get(card.address, (None, None))[1],
            web_links=card.web_links,
            elsewhere=tuple(sharing.see_elsewhere(card)),
            related=related.get(card.address, ()),
        )
        for card in cards
    }


def _find_beside(cards: Iterable[PageCard]) -> Iterator[tuple[Address, tuple[Target | None, Target | None]]]:
    """Yield for each conversation the ones that began before and after it in its room."""
    rooms: dict[object, list[PageCard]] = defaultdict(list)
    for card in cards:
        if card.kind in _TALKS:
            rooms[card.room_id].append(card)
    for talks in rooms.values():
        talks.sort(key=lambda card: (card.planted or 0, card.address))
        row = [None, *(Target(card.address, card.title) for card in talks), None]
        for number, card in enumerate(talks):
            yield card.address, (row[number], row[number + 2])

"""Related: cards with their links, tags and key terms come in, a few pages about the same go out, with why.

What two pages share counts the more the fewer pages have it, and what many have counts nothing: so no page
is compared with all others. How many have it is rounded to powers of two, and equals go to the page planted
nearest in time, so that one new message changes few lists.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import IntEnum
from typing import Final

from garden.archive.event import RoomId
from garden.conversations.conversation import ConversationKind
from garden.pages.address import Address
from garden.pages.page import PageCard, PageLinks
from garden.pages.paths import Related
from garden.pages.web_link import web_key

MOST_RELATED: Final = 5
MOST_SHARING: Final = 50
"""Pages that may share something before it says nothing about them."""

ENOUGH: Final = 8
"""Points that make two pages related: more than a single term ever has."""

REASONS_SHOWN: Final = 3
"""Links, tags and terms that are named, of each."""


class _Kind(IntEnum):
    """What two pages may share; the value is what it weighs."""

    TERM = 1
    TAG = 2
    LINK = 3


_Trait = tuple[_Kind, str]
Terms = Mapping[Address, Sequence[str]]
"""The key terms of pages, best first."""


def weigh(kind_weight: int, pages: int) -> int:
    """Return the points of something that so many pages share."""
    return kind_weight * max(0, 6 - (pages.bit_length() - 1))


class Kinship:
    """Which pages are about the same."""

    def __init__(self, cards: Sequence[PageCard], terms: Terms, unlisted: Collection[RoomId] = ()) -> None:
        """Gather what pages share; `unlisted` are the rooms that are kept from search engines."""
        # A day is about everything that was said on it.
        self._cards = [card for card in cards if card.kind != ConversationKind.DAY]
        self._unlisted = frozenset(unlisted)
        self._terms = terms
        sharing: dict[_Trait, list[int]] = defaultdict(list)
        for number, card in enumerate(self._cards):
            for trait in self._traits(card):
                sharing[trait].append(number)
        self._sharing = {
            trait: numbers for trait, numbers in sharing.items() if 1 < len(numbers) <= MOST_SHARING
        }

    def find_related(
        self, links: Mapping[Address, PageLinks]
    ) -> Iterator[tuple[Address, tuple[Related, ...]]]:
        """Yield for each page the others about the same, best first; pages that link to one another know."""
        nothing = PageLinks()
        for number, card in enumerate(self._cards):
            points = self._count_points(number)
            if points:
                known = _linked(links.get(card.address, nothing))
                yield card.address, tuple(self._choose(card, points, known))

    def _count_points(self, number: int) -> Counter[int]:
        points: Counter[int] = Counter()
        for trait in self._traits(self._cards[number]):
            numbers = self._sharing.get(trait, ())
            weight = weigh(trait[0], len(numbers))
            for other in numbers:
                points[other] += weight
        del points[number]
        return points

    def _choose(self, card: PageCard, points: Counter[int], known: Collection[Address]) -> Iterator[Related]:
        def nearness(number: int) -> tuple[int, int, Address]:
            other = self._cards[number]
            return -points[number], abs((other.planted or 0) - (card.planted or 0)), other.address

        fitting = (
            number
            for number, count in points.items()
            if count >= ENOUGH
            and self._cards[number].address not in known
            and (self._is_listed(self._cards[number]) or not self._is_listed(card))
        )
        own = set(self._traits(card))
        for number in sorted(fitting, key=nearness)[:MOST_RELATED]:
            yield self._relate(self._cards[number], own)

    def _relate(self, other: PageCard, own: Collection[_Trait]) -> Related:
        shared = [trait for trait in self._traits(other) if trait in own and trait in self._sharing]
        reasons = {
            kind: tuple(value for each, value in shared if each is kind)[:REASONS_SHOWN] for kind in _Kind
        }
        return Related(
            address=other.address,
            title=other.title,
            links=tuple(f"https://{key}" for key in reasons[_Kind.LINK]),
            tags=reasons[_Kind.TAG],
            terms=reasons[_Kind.TERM],
        )

    def _traits(self, card: PageCard) -> Iterator[_Trait]:
        yield from ((_Kind.LINK, key) for link in card.web_links if (key := web_key(link.url)))
        yield from ((_Kind.TAG, tag) for tag in card.tags)
        # A hashtag stands among the words, too, and is no second reason.
        terms = self._terms.get(card.address, ())
        yield from ((_Kind.TERM, term) for term in terms if term not in card.tags)

    def _is_listed(self, card: PageCard) -> bool:
        return card.room_id not in self._unlisted


def _linked(links: PageLinks) -> set[Address]:
    return {target.address for _, target in links.targets} | {each.address for each in links.backlinks}

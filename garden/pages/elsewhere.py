"""Seen elsewhere: all cards come in; who shares a URL with whom goes out, and which sites are often shared.

What a room keeps from search engines is told on no page that they may list. Of many pages each shows the
nearest in time: so a new one changes the last few and not a thousand.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from garden.archive.event import RoomId
from garden.pages.address import Address, Anchor, domain_address
from garden.pages.page import PageCard, Target
from garden.pages.paths import Elsewhere
from garden.pages.web_link import web_host, web_key

OFTEN: Final = 3
"""Pages that have to share something from a site before it gets a page of its own."""

OTHERS_SHOWN: Final = 5
"""Other pages that are named with a URL."""

URLS_SHOWN: Final = 10
"""URLs of one page that are seen elsewhere."""

MOST_DOMAINS: Final = 1000
"""Sites with a page; those shared by most pages come first."""

MOST_URLS: Final = 200
"""URLs on a site's page; those shared by most pages come first."""


@dataclass(frozen=True, slots=True)
class SharedUrl:
    """A URL of another site and the pages that share it."""

    url: str
    """As the first page writes it."""
    count: int
    """Pages that share it."""
    pages: tuple[Target, ...]
    """The first of them, oldest first, with the message that shares it."""


@dataclass(frozen=True, slots=True)
class Domain:
    """Another site from which several pages share something."""

    host: str
    address: Address
    pages: int
    """Pages that share something from it."""
    url_count: int
    urls: tuple[SharedUrl, ...]
    """The most shared ones first, at most 200."""


@dataclass(frozen=True, slots=True)
class _Sharer:
    """One page that shares a URL, in the order of planting."""

    planted: int
    address: Address
    title: str
    anchor: Anchor | None
    url: str

    @property
    def place(self) -> tuple[int, str]:
        return self.planted, self.address


class Sharing:
    """Which pages share which URLs."""

    def __init__(self, cards: Iterable[PageCard], unlisted: Collection[RoomId] = ()) -> None:
        """Gather them; `unlisted` are the rooms that are kept from search engines."""
        self.unlisted = frozenset(unlisted)
        everywhere: dict[str, list[_Sharer]] = defaultdict(list)
        listed: dict[str, list[_Sharer]] = defaultdict(list)
        for card in cards:
            for link in card.web_links:
                key = web_key(link.url)
                if key is not None:
                    sharer = _Sharer(card.planted or 0, card.address, card.title, link.anchor, link.url)
                    everywhere[key].append(sharer)
                    if self._is_listed(card):
                        listed[key].append(sharer)
        self._listed = {key: _order(sharers) for key, sharers in listed.items()}
        # Without such rooms the two are one.
        self._everywhere = (
            {key: _order(sharers) for key, sharers in everywhere.items()} if self.unlisted else self._listed
        )
        self.domains = tuple(_choose_domains(self._listed))
        """By name; of those kept from search engines nothing stands there."""
        self._addresses = {domain.host: domain.address for domain in self.domains}

    def see_elsewhere(self, card: PageCard) -> Iterator[Elsewhere]:
        """Yield the URLs of a page that others share, too, in its order."""
        known = self._listed if self._is_listed(card) else self._everywhere
        shown = 0
        for link in card.web_links:
            key = web_key(link.url)
            others = _nearest(known.get(key or "", ()), (card.planted or 0, card.address))
            if key is not None and others and shown < URLS_SHOWN:
                shown += 1
                pages = tuple(Target(each.address, each.title, each.anchor) for each in reversed(others))
                yield Elsewhere(link.url, pages, self._addresses.get(web_host(key)))

    def _is_listed(self, card: PageCard) -> bool:
        return card.room_id not in self.unlisted


def _order(sharers: Iterable[_Sharer]) -> list[_Sharer]:
    return sorted(sharers, key=lambda each: each.place)


def _nearest(sharers: Sequence[_Sharer], place: tuple[int, str]) -> list[_Sharer]:
    """Return the pages that were planted around a place in a row, without the page that stands there."""
    index = bisect_left(sharers, place, key=lambda each: each.place)
    start = max(0, min(index - (OTHERS_SHOWN + 1) // 2, len(sharers) - OTHERS_SHOWN - 1))
    return [each for each in sharers[start : start + OTHERS_SHOWN + 1] if each.place != place][:OTHERS_SHOWN]


def _choose_domains(shared: dict[str, list[_Sharer]]) -> list[Domain]:
    """Choose the sites that several pages share something from, in the order of their names."""
    keys: dict[str, list[str]] = defaultdict(list)
    for key in shared:
        keys[web_host(key)].append(key)
    counts = {
        host: len({sharer.address for key in own for sharer in shared[key]}) for host, own in keys.items()
    }
    often = sorted((host for host in keys if counts[host] >= OFTEN), key=lambda host: (-counts[host], host))
    return [
        _make_domain(host, counts[host], {key: shared[key] for key in keys[host]})
        for host in sorted(often[:MOST_DOMAINS])
    ]


def _make_domain(host: str, pages: int, shared: dict[str, list[_Sharer]]) -> Domain:
    order = sorted(shared, key=lambda key: (-len(shared[key]), key))
    urls = (
        SharedUrl(
            shared[key][0].url,
            len(shared[key]),
            tuple(Target(each.address, each.title, each.anchor) for each in shared[key][: 4 * OTHERS_SHOWN]),
        )
        for key in order[:MOST_URLS]
    )
    return Domain(host, domain_address(host), pages, len(shared), tuple(urls))

"""Ways: the pages that lead through the whole garden by tag, by what was shared, when and by whom.

All cards come in; every such page goes out as its address and its view, for `publish` to render. They hold
nothing of what a room keeps from search engines, since these read them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from garden.conversations.conversation import ConversationKind
from garden.pages.address import DOMAINS, HOME, PEOPLE, TAGS, YEARS, Address, relative_url
from garden.pages.elsewhere import Domain
from garden.pages.page import PageCard
from garden.pages.people import Person
from garden.site.index_view import WaysView
from garden.site.indexes import by_tag, present_tag_index
from garden.site.list_part import FrameOf
from garden.site.place import RoomPlace, Surroundings, find_unlisted, name_rooms
from garden.site.present_domains import present_domain, present_domains
from garden.site.present_people import present_people
from garden.site.present_years import present_years
from garden.site.templates import View


class Ways:
    """The indexes through the whole garden."""

    def __init__(
        self,
        cards: Sequence[PageCard],
        places: Sequence[RoomPlace],
        around: Surroundings,
        domains: Sequence[Domain] = (),
        people: Sequence[Person] = (),
    ) -> None:
        self._names = name_rooms(places)
        unlisted = find_unlisted(places)
        self._cards = [card for card in cards if card.room_id not in unlisted]
        self._around = around
        self._domains = domains
        self._people = people

    def present(self) -> WaysView:
        """Return where they begin, for home."""
        return WaysView(
            tags=relative_url(HOME, TAGS) if any(card.tags for card in self._cards) else "",
            years=relative_url(HOME, YEARS) if any(map(_has_year, self._cards)) else "",
            links=relative_url(HOME, DOMAINS) if self._domains else "",
            people=relative_url(HOME, PEOPLE) if self._people else "",
        )

    def list_pages(self, frame_of: FrameOf) -> Iterator[tuple[Address, View]]:
        """Yield every page; `frame_of` makes what stands around it."""
        tagged = by_tag(self._cards)
        if tagged:
            yield TAGS, present_tag_index(frame_of(TAGS), tagged, self._around.stages)
        yield from present_years(self._cards, self._names, frame_of)
        if self._domains:
            yield DOMAINS, present_domains(frame_of(DOMAINS), self._domains)
        for domain in self._domains:
            yield domain.address, present_domain(frame_of(domain.address), domain, self._around.divided)

        by_address = {card.address: card for card in self._cards}
        yield from present_people(self._people, by_address, self._names, frame_of, self._around.divided)


def _has_year(card: PageCard) -> bool:
    return card.planted is not None and card.kind != ConversationKind.DAY

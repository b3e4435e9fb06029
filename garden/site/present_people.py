"""People become pages: an index by name, and for each what they began, answered and took part in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from garden.pages.address import PEOPLE, Address, relative_url
from garden.pages.page import PageCard
from garden.pages.people import Person, Spot
from garden.site.list_part import FrameOf, cut_list
from garden.site.people_view import PeopleView, PersonCardView, PersonView, TrackView
from garden.site.place import WHOLE, Divided, RoomNames, message_url
from garden.site.present import home_link
from garden.site.present_years import present_planted
from garden.site.view import LinkView

PEOPLE_PART: Final = 500
MOST_SPOTS: Final = 200


def present_people(
    people: Sequence[Person],
    cards: Mapping[Address, PageCard],
    names: RoomNames,
    frame_of: FrameOf,
    divided: Divided = WHOLE,
) -> Iterator[tuple[Address, PeopleView | PersonView]]:
    """Yield the index of people and a page for each; `names` are those of rooms.

    `divided` tells where messages of long conversations stand.
    """
    for part in cut_list(PEOPLE, people, PEOPLE_PART):
        frame = frame_of(part.address)
        shown = tuple(
            PersonCardView(each.name, relative_url(part.address, each.address), len(each.planted))
            for each in part.items
        )
        if shown:
            yield part.address, PeopleView(frame, home_link(frame), shown, part.number, part.links)
    for person in people:
        start = person.address
        frame = frame_of(start)
        planted, answered, joined = (
            _present_track(start, spots, cards, names, divided)
            for spots in (person.planted, person.answered, person.joined)
        )
        index = LinkView("", relative_url(start, PEOPLE))
        yield start, PersonView(frame, home_link(frame), index, person.name, planted, answered, joined)


def _present_track(
    start: Address,
    spots: Sequence[Spot],
    cards: Mapping[Address, PageCard],
    names: RoomNames,
    divided: Divided,
) -> TrackView:
    known = [(cards[address], anchor) for address, anchor in spots if address in cards]
    known.sort(key=lambda each: (-(each[0].planted or 0), each[0].address))
    return TrackView(
        len(known),
        tuple(
            present_planted(card, message_url(start, card.address, anchor, divided), names)
            for card, anchor in known[:MOST_SPOTS]
        ),
    )

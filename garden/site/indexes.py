"""Cards become the pages that lead to others: home, a room's index, tags, neighbours, not found.

A list shows only what its reader needs, so that a new message changes few of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from garden.archive.event import EventId, RoomId
from garden.conversations.conversation import ConversationKind
from garden.conversations.tending import Stage
from garden.pages.address import HOME, TAGS, Address, relative_url, tag_address
from garden.pages.moment import read_moment
from garden.pages.page import PageCard
from garden.site.index_view import (
    BedView,
    CardView,
    HomeView,
    NotFoundView,
    RoomView,
    TagPageView,
    TagsView,
    TagView,
)
from garden.site.list_part import FrameOf, cut_list
from garden.site.pins import Pin, present_pins
from garden.site.place import (
    WHOLE,
    Divided,
    RoomNames,
    RoomPlace,
    Stages,
    name_room,
    name_rooms,
    permalink,
    present_time,
)
from garden.site.present import home_link, present_card
from garden.site.reason import present_reason
from garden.site.view import FrameView, LinkView

TENDED_ON_HOME: Final = 7
QUESTIONS_ON_HOME: Final = 7
SHELF_LENGTH: Final = 12
MONTHS: Final = 24
"""Months that a room's sparkline tells of."""
CO_TAGS: Final = 12
TAGS_ON_HOME: Final = 40
TAGS_IN_INDEX: Final = 1000
TAG_PART: Final = 100
"""Pages on one part of a tag's page."""
_WEIGHTS: Final = 5


def present_home(
    frame: FrameView,
    places: Sequence[RoomPlace],
    cards: Sequence[PageCard],
    stages: Stages,
    spaces: Iterable[str],
) -> HomeView:
    """Show the whole garden as a map.

    What a room keeps from search engines stands in no list here, since they read this page.
    """
    names, in_rooms = name_rooms(places), by_room(cards)
    listed = {place.room.room_id for place in places if place.index}
    shown = [card for card in cards if card.kind == "note" or card.room_id in listed]
    talks = [card for card in shown if card.is_conversation]
    last = max((card.planted for card in talks if card.planted is not None), default=0)

    def show(chosen: Iterable[PageCard]) -> tuple[CardView, ...]:
        return tuple(
            present_card(HOME, card, stages.get(card.address), name_room(names, card)) for card in chosen
        )

    return HomeView(
        frame=frame,
        rooms=tuple(
            _present_bed(place, in_rooms.get(place.room.room_id, ()), stages, last) for place in places
        ),
        evergreens=show(_choose_shelf(shown, stages)),
        tended=show(by_tended(talks)[:TENDED_ON_HOME]),
        questions=show(_find_open_questions(talks)[:QUESTIONS_ON_HOME]),
        notes=show(sorted(_notes(cards), key=lambda card: card.title.casefold())),
        tags=_present_tags(HOME, _choose_tags(by_tag(shown), TAGS_ON_HOME), stages),
        spaces=tuple(LinkView(space, f"https://matrix.to/#/{quote(space, safe='!:')}") for space in spaces),
    )


def _choose_shelf(cards: Iterable[PageCard], stages: Stages) -> list[PageCard]:
    """What somebody has put there comes first, then what has grown to be evergreen, last tended first."""
    shelf = [
        card
        for card in by_tended(cards)
        if card.kind != ConversationKind.DAY
        and (card.featured or stages.get(card.address) is Stage.EVERGREEN)
    ]
    return sorted(shelf, key=lambda card: not card.featured)[:SHELF_LENGTH]


def _find_open_questions(cards: Iterable[PageCard]) -> list[PageCard]:
    asked = [card for card in cards if card.is_question and not card.is_answered]
    return sorted(asked, key=lambda card: (-(card.planted or 0), card.address))


def _present_tags(
    start: Address, tagged: Mapping[str, Sequence[PageCard]], stages: Stages
) -> tuple[TagView, ...]:
    """Show tags by weight: pages that have grown further count more."""
    grown = {
        tag: sum(_WORTH.get(stages.get(card.address, Stage.SEEDLING), 1) for card in cards)
        for tag, cards in tagged.items()
    }
    most = max(grown.values(), default=1)
    return tuple(
        TagView(
            tag,
            relative_url(start, tag_address(tag)),
            len(cards),
            1 + (_WEIGHTS - 1) * (grown[tag] - 1) // max(1, most - 1) if most > 1 else 1,
        )
        for tag, cards in tagged.items()
    )


def _choose_tags(tagged: Mapping[str, Sequence[PageCard]], most: int) -> dict[str, Sequence[PageCard]]:
    """Choose the tags that most pages carry, by name."""
    often = sorted(tagged, key=lambda tag: (-len(tagged[tag]), tag))[:most]
    return {tag: tagged[tag] for tag in sorted(often)}


def present_tag_index(frame: FrameView, tagged: Mapping[str, Sequence[PageCard]], stages: Stages) -> TagsView:
    """Show all tags by name; of very many those that most pages carry."""
    chosen = _choose_tags(tagged, TAGS_IN_INDEX)
    return TagsView(frame, home_link(frame), _present_tags(TAGS, chosen, stages), len(tagged))


_WORTH: Final = {Stage.SEEDLING: 1, Stage.BUDDING: 2, Stage.EVERGREEN: 4}


def count_stages(cards: Iterable[PageCard], stages: Stages) -> tuple[int, int, int]:
    """Count seedlings, budding and evergreen pages; days do not grow."""
    found = Counter(stages.get(card.address) for card in cards if card.kind != ConversationKind.DAY)
    return found[Stage.SEEDLING], found[Stage.BUDDING], found[Stage.EVERGREEN]


def present_room(
    frame_of: FrameOf,
    place: RoomPlace,
    cards: Sequence[PageCard],
    stages: Stages,
    per_part: int,
    pins: Mapping[EventId, Pin],
    divided: Divided = WHOLE,
) -> Iterator[tuple[Address, RoomView]]:
    """Show a room's index in parts, last tended first; pins and days stand on the first.

    `pins` are the garden's pinned messages that stand on a page.
    """
    talks = by_tended(card for card in cards if card.is_conversation)
    days = sorted(
        (card for card in cards if card.kind == ConversationKind.DAY), key=lambda card: card.address
    )
    for part in cut_list(place.address, talks, per_part):
        address, is_first = part.address, part.number == 1
        frame = frame_of(address)
        view = RoomView(
            frame=frame,
            name=place.room.name,
            topic=place.room.topic,
            home=home_link(frame),
            pinned=present_pins(address, place.room.pinned, pins, divided) if is_first else (),
            conversations=tuple(present_card(address, card, stages.get(card.address)) for card in part.items),
            days=tuple(present_card(address, card, None) for card in reversed(days)) if is_first else (),
            part=part.number,
            parts=part.links,
            join_url=permalink(place.room),
            reason=present_reason(place),
        )
        yield address, view


def present_tag(
    frame_of: FrameOf, tag: str, cards: Sequence[PageCard], stages: Stages, names: RoomNames
) -> Iterator[tuple[Address, TagPageView]]:
    """Show the pages that carry a tag in parts, oldest first, so that a new one changes the last part.

    Nothing on them changes when a page is tended.
    """
    ordered = sorted(cards, key=lambda card: (card.planted or 0, card.address))
    others = {other: tagged for other, tagged in by_tag(cards).items() if other != tag}
    most = sorted(others, key=lambda other: (-len(others[other]), other))[:CO_TAGS]
    counts = count_stages(cards, stages)
    for part in cut_list(tag_address(tag), ordered, TAG_PART):
        address = part.address
        frame = frame_of(address)
        still = (replace(card, tended=None, message_count=0, people_count=0) for card in part.items)
        view = TagPageView(
            frame=frame,
            name=tag,
            home=home_link(frame),
            pages=tuple(
                present_card(address, card, stages.get(card.address), name_room(names, card))
                for card in still
            ),
            co_tags=_present_tags(address, {other: others[other] for other in most}, stages),
            stages=counts,
            count=len(ordered),
            part=part.number,
            parts=part.links,
        )
        yield address, view


def present_not_found(frame: FrameView, places: Iterable[RoomPlace]) -> NotFoundView:
    """Show the way home from any address that does not exist; the frame's root is an absolute path."""
    return NotFoundView(
        frame=frame,
        home=home_link(frame),
        rooms=tuple(
            LinkView(place.room.name, frame.root + relative_url(Address(""), place.address))
            for place in places
        ),
    )


def by_tended(cards: Iterable[PageCard]) -> list[PageCard]:
    """Order pages by their last change, newest first; ties by address."""
    return sorted(cards, key=lambda card: (-(card.tended or 0), card.address))


def by_tag(cards: Iterable[PageCard]) -> dict[str, list[PageCard]]:
    """Gather pages by tag, tags in alphabetical order."""
    found: dict[str, list[PageCard]] = {}
    for card in cards:
        for tag in card.tags:
            found.setdefault(tag, []).append(card)
    return dict(sorted(found.items()))


def by_room(cards: Iterable[PageCard]) -> dict[RoomId, list[PageCard]]:
    """Gather pages by room; notes stand in none."""
    found: dict[RoomId, list[PageCard]] = {}
    for card in cards:
        if card.room_id is not None:
            found.setdefault(card.room_id, []).append(card)
    return found


def _notes(cards: Iterable[PageCard]) -> list[PageCard]:
    return [card for card in cards if card.kind == "note"]


def _present_bed(place: RoomPlace, cards: Sequence[PageCard], stages: Stages, last: int) -> BedView:
    tended = [card.tended for card in cards if card.tended is not None]
    talks = [card for card in cards if card.is_conversation]
    return BedView(
        name=place.room.name,
        url=relative_url(HOME, place.address),
        topic=place.room.topic,
        conversation_count=len(talks),
        day_count=len(cards) - len(talks),
        tended=present_time(max(tended)) if tended else None,
        sparkline=_count_months(talks, last),
        stages=count_stages(talks, stages),
    )


def _count_months(cards: Iterable[PageCard], last: int) -> tuple[int, ...]:
    """Count the conversations that began in each of the months that end with the one of `last`."""
    found = Counter(_number_month(card.planted) for card in cards if card.planted is not None)
    end = _number_month(last)
    return tuple(found[number] for number in range(end - MONTHS + 1, end + 1))


def _number_month(milliseconds: int) -> int:
    moment = read_moment(milliseconds)
    return moment.year * 12 + moment.month

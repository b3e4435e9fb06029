"""Cards become the map of the whole garden, which stays legible whatever the size.

Nothing is drawn once for each page: rooms are beds on a plan, tags are rows of plants in a bed, and a few
pages that have grown far are named as landmarks. What is not shown is counted, with a link to where it is
listed. Of a room that search engines may not list the map tells its name and how large it is.

The map shows neither times nor numbers of messages, so that a message in a conversation does not change it.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from garden.conversations.tending import Stage
from garden.pages.address import MAP, Address, relative_url, tag_address
from garden.pages.page import PageCard
from garden.site.indexes import by_room, by_tag
from garden.site.map_plan import PlanBed, present_plans
from garden.site.map_view import (
    LandmarkView,
    MapBedView,
    MapTagView,
    MapView,
    PlotView,
    SmallBedView,
    StageCountView,
)
from garden.site.place import RoomPlace, Stages
from garden.site.planting import plant
from garden.site.present import home_link
from garden.site.view import FrameView, LinkView

STAGES: Final = tuple(reversed(Stage))
"""Furthest grown first."""

MOST_BEDS: Final = 14
MOST_SMALL_BEDS: Final = 45
MOST_PLOTS: Final = 5
MOST_LANDMARKS: Final = 3
MOST_NOTES: Final = 8
MOST_TAGS: Final = 32
MOST_ROOMS_OF_TAG: Final = 3

ROW: Final = 14
"""Plants in the longest row, but for what rounding adds."""

_STEPS: Final = (1, 2, 3, 4, 5, 6, 8)


@dataclass(frozen=True, slots=True)
class _Bed:
    """A room with what the map may say of it."""

    place: RoomPlace
    count: int
    open: Sequence[PageCard]
    """Its conversations, where search engines may list them."""
    by_tag: Mapping[str, Sequence[PageCard]] = field(default_factory=dict)
    """The same by tag, the most frequent first."""


def present_map(
    frame: FrameView,
    places: Sequence[RoomPlace],
    cards: Sequence[PageCard],
    stages: Stages,
) -> MapView:
    """Show the whole garden; `stages` are the growth stages of its pages, as far as they are known."""
    notes, beds = _lay_beds(places, cards)
    listed = [card for bed in beds for card in bed.open]
    named, rest = beds[:MOST_BEDS], beds[MOST_BEDS:]
    per_plant = _choose_scale(
        len(tagged) for bed in named for tagged in list(bed.by_tag.values())[:MOST_PLOTS]
    )
    tags, more_tags = _present_tags(beds, notes)
    return MapView(
        frame=frame,
        home=home_link(frame),
        conversation_count=sum(bed.count for bed in beds),
        note_count=len(notes),
        stages=_count_stages(listed, stages),
        per_plant=per_plant,
        plans=present_plans(
            [
                PlanBed(
                    bed.place.room.name,
                    relative_url(MAP, MAP, _anchor(bed)),
                    bed.count,
                    _plant_counts(bed.open, stages),
                )
                for bed in named
            ],
            PlanBed("", relative_url(MAP, MAP, "smaller"), sum(bed.count for bed in rest), rooms=len(rest)),
        ),
        beds=tuple(_present_bed(bed, stages, per_plant) for bed in named),
        small_beds=tuple(
            SmallBedView(bed.place.room.name, relative_url(MAP, bed.place.address), bed.count)
            for bed in rest[:MOST_SMALL_BEDS]
        ),
        more_rooms=len(rest[MOST_SMALL_BEDS:]),
        notes=_choose_landmarks(notes, stages, MOST_NOTES),
        more_notes=len(notes[MOST_NOTES:]),
        tags=tags,
        more_tags=more_tags,
    )


def _lay_beds(places: Sequence[RoomPlace], cards: Sequence[PageCard]) -> tuple[list[PageCard], list[_Bed]]:
    """Return the notes, and the rooms with their conversations, largest first."""
    notes = [card for card in cards if card.kind == "note"]
    talks = by_room(card for card in cards if card.is_conversation)
    beds = [_open_bed(place, talks.get(place.room.room_id, ())) for place in places]
    return notes, sorted(beds, key=lambda bed: (-bed.count, bed.place.address))


def _open_bed(place: RoomPlace, talks: Sequence[PageCard]) -> _Bed:
    if not place.index:
        return _Bed(place, len(talks), ())
    return _Bed(place, len(talks), talks, _by_tag(talks))


def _by_tag(cards: Iterable[PageCard]) -> dict[str, list[PageCard]]:
    """Gather pages by tag, the most frequent tag first."""
    return dict(sorted(by_tag(cards).items(), key=lambda item: -len(item[1])))


def _present_bed(bed: _Bed, stages: Stages, per_plant: int) -> MapBedView:
    plots = list(bed.by_tag.items())[:MOST_PLOTS]
    return MapBedView(
        anchor=_anchor(bed),
        name=bed.place.room.name,
        url=relative_url(MAP, bed.place.address),
        count=bed.count,
        stages=_count_stages(bed.open, stages),
        plots=tuple(_present_plot(tag, tagged, stages, per_plant) for tag, tagged in plots),
        more_tags=len(bed.by_tag) - len(plots),
        landmarks=_choose_landmarks(bed.open, stages, MOST_LANDMARKS),
    )


def _anchor(bed: _Bed) -> str:
    return f"bed-{bed.place.address.rstrip('/')}"


def _present_plot(tag: str, cards: Sequence[PageCard], stages: Stages, per_plant: int) -> PlotView:
    counted = _count_stages(cards, stages)
    # Half a plant is shown as one: what is there is seen.
    row = [(stage, max(1, round(count / per_plant))) for stage, count in _plant_counts(cards, stages)]
    length = sum(plants for _, plants in row)
    return PlotView(tag, relative_url(MAP, tag_address(tag)), len(cards), counted, length, plant(row, length))


def _choose_scale(counts: Iterable[int]) -> int:
    """Return how many pages a plant stands for (1, 2, 3, … 10, 20, …), so that the longest row fits."""
    longest = max(counts, default=0)
    power = 1
    while True:
        for step in _STEPS:
            if longest <= ROW * step * power:
                return step * power
        power *= 10


def _count_stages(cards: Iterable[PageCard], stages: Stages) -> tuple[StageCountView, ...]:
    """Count the pages of each stage, furthest grown first; stages that none has reached are left out."""
    counted = Counter(stages.get(card.address) for card in cards)
    return tuple(StageCountView(stage.value, counted[stage]) for stage in STAGES if counted[stage])


def _plant_counts(cards: Sequence[PageCard], stages: Stages) -> tuple[tuple[str, int], ...]:
    """Return what is to be planted; where no stage is known, sprouts."""
    counted = tuple((each.stage, each.count) for each in _count_stages(cards, stages))
    return counted or (((Stage.SEEDLING.value, len(cards)),) if cards else ())


def _choose_landmarks(cards: Iterable[PageCard], stages: Stages, count: int) -> tuple[LandmarkView, ...]:
    """Name the pages that lead: featured ones, then those that have grown furthest, then the longest."""

    def rank(card: PageCard) -> tuple[bool, int, int, int, Address]:
        stage = stages.get(card.address)
        grown = STAGES.index(stage) if stage is not None else len(STAGES)
        # Only a doubling counts, or every other message would change the map.
        length = card.message_count.bit_length()
        return not card.featured, grown, -length, card.planted or 0, card.address

    return tuple(
        LandmarkView(card.title, relative_url(MAP, card.address), str(stages.get(card.address, "")))
        for card in heapq.nsmallest(count, cards, key=rank)
    )


def _present_tags(beds: Sequence[_Bed], notes: Sequence[PageCard]) -> tuple[tuple[MapTagView, ...], int]:
    """Return the most frequent tags of what may be listed, and how many there are beside them."""
    counts = Counter(tag for note in notes for tag in note.tags)
    rooms: dict[str, list[tuple[int, RoomPlace]]] = {}
    for bed in beds:
        for tag, tagged in bed.by_tag.items():
            counts[tag] += len(tagged)
            rooms.setdefault(tag, []).append((len(tagged), bed.place))
    most = sorted(counts, key=lambda tag: (-counts[tag], tag))[:MOST_TAGS]
    return tuple(_present_tag(tag, counts[tag], rooms.get(tag, ())) for tag in sorted(most)), len(
        counts
    ) - len(most)


def _present_tag(tag: str, count: int, rooms: Iterable[tuple[int, RoomPlace]]) -> MapTagView:
    places = [place for _, place in sorted(rooms, key=lambda each: (-each[0], each[1].address))]
    return MapTagView(
        name=tag,
        url=relative_url(MAP, tag_address(tag)),
        count=count,
        rooms=tuple(
            LinkView(place.room.name, relative_url(MAP, place.address))
            for place in places[:MOST_ROOMS_OF_TAG]
        ),
        more_rooms=len(places[MOST_ROOMS_OF_TAG:]),
    )

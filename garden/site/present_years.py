"""Cards become the pages of years and months, by when each page was planted.

Nothing on them changes when a page is tended; a new page changes its own month, and the index of years.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from garden.conversations.conversation import ConversationKind
from garden.pages.address import YEARS, Address, relative_url, year_address
from garden.pages.moment import read_moment
from garden.pages.page import PageCard
from garden.site.list_part import FrameOf, cut_list
from garden.site.place import RoomNames, name_room, present_time
from garden.site.present import home_link
from garden.site.view import FrameView, LinkView, TimeView
from garden.site.years_view import MonthPageView, MonthView, PlantedView, YearCardView, YearsView, YearView

MANY: Final = 200
"""Pages of a year above which its months have pages of their own, and pages on one part of a month."""

_Year = dict[int, list[PageCard]]


def present_years(
    cards: Iterable[PageCard], names: RoomNames, frame_of: FrameOf
) -> Iterator[tuple[Address, YearsView | YearView | MonthPageView]]:
    """Yield the index of years, each year, and the months of large years; `names` are those of rooms."""
    years = _gather(cards)
    if not years:
        return
    frame = frame_of(YEARS)
    yield (
        YEARS,
        YearsView(
            frame,
            home_link(frame),
            tuple(
                YearCardView(str(year), relative_url(YEARS, year_address(year)), _count(years[year]))
                for year in reversed(years)
            ),
        ),
    )
    for year, months in years.items():
        yield year_address(year), _present_year(year, years, names, frame_of(year_address(year)))
        if _count(months) > MANY:
            for month, planted in months.items():
                yield from _present_month(year, month, planted, names, frame_of)


def _gather(cards: Iterable[PageCard]) -> dict[int, _Year]:
    """Days are no pages that somebody has planted."""
    years: dict[int, _Year] = {}
    dated = [
        (card.planted, card.address, card)
        for card in cards
        if card.planted is not None and card.kind != ConversationKind.DAY
    ]
    for planted, _, card in sorted(dated, key=lambda each: each[:2]):
        moment = read_moment(planted)
        years.setdefault(moment.year, {}).setdefault(moment.month, []).append(card)
    return years


def _present_year(year: int, years: Mapping[int, _Year], names: RoomNames, frame: FrameView) -> YearView:
    start, months, known = year_address(year), years[year], list(years)
    at = known.index(year)
    is_large = _count(months) > MANY
    return YearView(
        frame=frame,
        home=home_link(frame),
        index=LinkView("", relative_url(start, YEARS)),
        name=str(year),
        count=_count(months),
        months=tuple(
            MonthView(
                time=_first_day(year, month),
                count=len(planted),
                url=relative_url(start, year_address(year, month)) if is_large else "",
                pages=() if is_large else _present_planted(start, planted, names),
            )
            for month, planted in months.items()
        ),
        earlier=_link_year(start, known[at - 1]) if at else None,
        later=_link_year(start, known[at + 1]) if at + 1 < len(known) else None,
    )


def _present_month(
    year: int, month: int, planted: Sequence[PageCard], names: RoomNames, frame_of: FrameOf
) -> Iterator[tuple[Address, MonthPageView]]:
    for part in cut_list(year_address(year, month), planted, MANY):
        frame = frame_of(part.address)
        yield (
            part.address,
            MonthPageView(
                frame=frame,
                home=home_link(frame),
                year=_link_year(part.address, year),
                time=_first_day(year, month),
                count=len(planted),
                pages=_present_planted(part.address, part.items, names),
                part=part.number,
                parts=part.links,
            ),
        )


def _present_planted(start: Address, cards: Iterable[PageCard], names: RoomNames) -> tuple[PlantedView, ...]:
    return tuple(present_planted(card, relative_url(start, card.address), names) for card in cards)


def present_planted(card: PageCard, url: str, names: RoomNames) -> PlantedView:
    """Show a page by when it was planted; `url` leads to it or into it."""
    return PlantedView(card.title, url, name_room(names, card), present_time(card.planted or 0))


def _link_year(start: Address, year: int) -> LinkView:
    return LinkView(str(year), relative_url(start, year_address(year)))


def _first_day(year: int, month: int) -> TimeView:
    return present_time(int(datetime(year, month, 1, tzinfo=UTC).timestamp()) * 1000)


def _count(months: _Year) -> int:
    return sum(map(len, months.values()))

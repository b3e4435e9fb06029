"""Look through a garden for what wants attention: archive and notes come in, nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from garden.address_book import find_moved, read_address_book
from garden.admission import make_rules
from garden.archive.event import Event, EventId
from garden.archive.store import CACHE_FOLDER, ArchiveStore
from garden.attention import GROWING_MESSAGES, Attention, Kind, Survey, find_attention
from garden.bed import Bed, grow_pages, judge_bed, lay_beds, list_rooms
from garden.config import SiteConfig
from garden.conversations.gesture import read_gesture
from garden.language import load_language
from garden.pages.address import Address
from garden.pages.card import make_card, make_directory, make_note_card
from garden.pages.compose import UNTITLED
from garden.pages.growth import judge_growth
from garden.pages.link import link_pages
from garden.pages.page import Page, PageCard, PageLinks
from garden.pages.store import read_notes
from garden.pages.suggest import Names, list_names
from garden.pointing import settle_given
from garden.report import Report
from garden.web_answers import WebAnswers

Ask = Callable[[Collection[str], str, Report], WebAnswers]
"""`ask_web`, or what answers in its place."""

_COUNTED: Final = 5 * GROWING_MESSAGES
"""Messages of one page that are counted; of more it is enough to know that there are many."""


def attend_garden(
    folder: Path,
    config: SiteConfig,
    *,
    now_ms: int,
    report: Report,
    kinds: frozenset[Kind] = frozenset(Kind),
    ask: Ask | None = None,
) -> tuple[list[Attention], WebAnswers | None]:
    """Find what wants attention among the pages that a build at `now_ms` would make.

    What claims to come from a later time does not make the garden any older. With `ask` other sites are asked
    for the pages that are linked to, and their answers returned. Raises `ArchiveError`.
    """
    with ArchiveStore.open_existing(folder, config.key) as store:
        survey = _survey(folder, config, store, now_ms, report)
    if ask is None or Kind.DEAD_LINK not in kinds:
        return find_attention(survey, kinds), None
    urls = dict.fromkeys(link.url for card in survey.cards for link in card.web_links)
    answers = ask(list(urls), config.site.base_url, report)
    return find_attention(replace(survey, gone=answers.gone), kinds), answers


def _survey(folder: Path, config: SiteConfig, store: ArchiveStore, now_ms: int, report: Report) -> Survey:
    notes, _ = read_notes(folder / "notes")
    config, _ = settle_given(config, notes, store)
    base_url = config.site.base_url
    rules = make_rules(config, store, now_ms)
    book = read_address_book(folder / CACHE_FOLDER)
    cards: list[PageCard] = []
    homes: dict[EventId, Address] = {}
    latest: dict[Address, list[int]] = {}
    gestures: list[Event] = []
    open_beds: list[Bed] = []
    beds = lay_beds(config, store, book.folders)
    for number, bed in enumerate(beds):
        report("Reading rooms", number, len(beds))
        judgement = judge_bed(bed, store, rules)
        if judgement.room is None:
            open_beds.append(bed)
        gestures += judgement.heard.gestures
        for page in grow_pages(bed, judgement, store, config):
            cards.append(make_card(page, base_url))
            homes |= {message.event_id: page.address for message in page.messages}
            latest[page.address] = _find_latest(page, now_ms)
    cards += [make_note_card(note, base_url) for note in notes]
    moved = find_moved(book, homes)
    directory = make_directory(base_url, cards, list_rooms(open_beds), homes, moved)
    links = link_pages(cards, directory)
    nothing = PageLinks()
    return Survey(
        base_url=base_url,
        cards=cards,
        links=links,
        growth={
            card.address: judge_growth(card, links.get(card.address, nothing).backlinks) for card in cards
        },
        directory=directory,
        untitled=load_language(config.site.language).gettext(UNTITLED),
        latest=latest,
        looked_after=_find_looked_after(gestures, homes, now_ms),
        suggest=Names(list_names(cards, directory.rooms)).like,
    )


def _find_looked_after(
    gestures: Iterable[Event], homes: Mapping[EventId, Address], now_ms: int
) -> dict[Address, int]:
    """Return when somebody last asked something of the garden about each page."""
    found: dict[Address, int] = {}
    for event in gestures:
        gesture = read_gesture(event)
        home = homes.get(gesture.about) if gesture is not None else None
        if home is not None and event.sent_at <= now_ms:
            found[home] = max(event.sent_at, found.get(home, 0))
    return found


def _find_latest(page: Page, now_ms: int) -> list[int]:
    return sorted(message.sent_at for message in page.speaking if message.sent_at <= now_ms)[-_COUNTED:]

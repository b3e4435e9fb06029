"""The whole garden in one screen: archive, conversations, pages, site, in this order and in no other.

Pages are needed twice: once for their cards, which linking needs all at once and which are small, and once
more, room by room, to be linked and rendered. A large garden grows them twice, so that no build holds all
pages in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from garden.address_book import (
    AddressBook,
    absorbed_addresses,
    drop_unsaid_folders,
    find_moved,
    former_addresses,
    note_rooms,
    read_address_book,
    write_address_book,
)
from garden.admission import ACCOUNT, make_rules
from garden.archive.event import EventId, RoomId
from garden.archive.store import CACHE_FOLDER, ArchiveStore
from garden.bed import Bed, Nursery, judge_bed, lay_beds, list_names, list_rooms, name_people, open_bed
from garden.config import SiteConfig
from garden.consent import SPEAKS, settle_archive
from garden.conversations.conversation import ConversationKind, Naming
from garden.conversations.visibility import Judgement, Rules
from garden.feed_memory import read_feed_memory, write_feed_memory
from garden.language import load_language
from garden.lock import hold_garden
from garden.note_pictures import take_pictures
from garden.pages.address import Address, Anchor
from garden.pages.card import make_card, make_directory, make_note_card
from garden.pages.elsewhere import Sharing
from garden.pages.link import link_page, link_pages
from garden.pages.note_links import Shelf, link_note
from garden.pages.page import Note, PageCard, PageLinks
from garden.pages.passage import Passage, find_wanted, take_passages
from garden.pages.people import Person, Register
from garden.pages.related import Terms
from garden.pages.said import read_note_words, read_words
from garden.pages.store import PageStore, read_notes
from garden.pages.suggest import describe_gaps
from garden.pages.wayfinding import find_paths
from garden.pointing import settle_given
from garden.publish import Occasion, Publisher
from garden.report import Report
from garden.resources import find_theme
from garden.site.parts import place_messages
from garden.site.pins import Pin, find_pins
from garden.site.place import find_unlisted
from garden.site.render import Renderer
from garden.site.search import SearchRecord, update_index
from garden.site.search_terms import TermHarvest
from garden.site.store import SiteChange, open_site
from garden.site.templates import load_theme


@dataclass(frozen=True, slots=True)
class BedSummary:
    """What a build did with one room."""

    name: str
    judgement: Judgement
    pages: int


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build did."""

    change: SiteChange
    rooms: tuple[BedSummary, ...]
    pages: int
    notes: int
    problems: tuple[str, ...]
    """What could not be published as it was meant: notes that cannot be read, wikilinks without a page."""


@dataclass(frozen=True, slots=True)
class _Garden:
    """What every step of one build reads and none changes."""

    config: SiteConfig
    store: ArchiveStore
    rules: Rules
    nursery: Nursery
    beds: Sequence[Bed]
    notes: Sequence[Note]
    book: AddressBook
    report: Report


def build_garden(
    folder: Path,
    config: SiteConfig,
    out: Path,
    *,
    now_ms: int,
    jobs: int,
    report: Report,
    wait: bool = False,
) -> BuildResult:
    """Make the site in `out` from the archive, the notes and the theme.

    `now_ms` is the time in milliseconds since 1970: it decides whose delay has passed, and when the feeds say
    that something went; nothing else depends on it. With `wait` it begins when no other command works on the
    garden. Raises `GardenError`; until the last step the former site stays as it is.
    """
    cache = folder / CACHE_FOLDER
    theme = load_theme(find_theme(folder, config.site.theme))
    with (
        hold_garden(cache, wait=wait, command="build"),
        ArchiveStore.open_existing(folder, config.key) as store,
        open_site(out) as site,
        Renderer(theme, site, jobs) as renderer,
    ):
        settle_archive(config, store)
        notes, problems = _read_notes(folder / "notes", cache, config)
        config, strayed = settle_given(config, notes, store)
        rules = make_rules(config, store, now_ms)
        nursery = Nursery(store, config, rules)
        book = drop_unsaid_folders(
            read_address_book(cache), lambda room_id: list_names(RoomId(room_id), store)
        )
        beds = lay_beds(config, store, book.folders)
        garden = _Garden(config, store, rules, nursery, beds, notes, book, report)
        outline = _outline(garden)
        open_beds = outline.beds
        book = note_rooms(book, {part.room_id: bed.place.address for bed in open_beds for part in bed.parts})
        garden = replace(garden, book=book)
        links, shelf = _link(garden, outline)
        account = store.recall(ACCOUNT) if store.recall(SPEAKS) else None
        sharing = Sharing(outline.cards, shelf.unlisted)
        memory = read_feed_memory(cache)
        occasion = Occasion(now_ms, memory, account or "", outline.divided, sharing.domains, outline.people)
        places = [bed.place for bed in open_beds]
        paths = find_paths(outline.cards, links, sharing, outline.terms)
        publisher = Publisher(config, places, outline.cards, paths, site, renderer, occasion)
        pages = PageStore(cache / "pages")
        update_index(cache / "search", _publish_pages(garden, outline, links, shelf, publisher, pages))
        publisher.publish_indexes(outline.pins, links)
        publisher.publish_moved_rooms(book.moved)
        renderer.flush()
        publisher.publish_feeds()
        publisher.publish_listings()
        publisher.publish_files(theme, cache / "media", cache / "pictures")
        # Before the site is swapped: who is killed in between must not forget what stood where.
        write_address_book(cache, publisher.note_addresses(book))
        write_feed_memory(cache, publisher.remember_feeds())
        change = site.finish()
        pages.finish()
    return BuildResult(
        change=change,
        rooms=outline.rooms,
        pages=len(outline.cards) - len(notes),
        notes=len(notes),
        problems=(*problems, *strayed, *nursery.list_problems(), *describe_gaps(notes, links, shelf)),
    )


def _read_notes(folder: Path, cache: Path, config: SiteConfig) -> tuple[list[Note], list[str]]:
    """Read the notes with the pictures that they show; what is wrong with either is told, too."""
    notes, unread = read_notes(folder)
    notes, unshown = take_pictures(folder, cache / "pictures", notes, config.matrix.max_media_bytes)
    return notes, [*unread, *unshown]


@dataclass(frozen=True, slots=True)
class _Outline:
    """The first pass: a card for every page, where each message stands, and those few that others show."""

    beds: tuple[Bed, ...]
    """Those that may be read; of the others not even the names are told."""
    cards: tuple[PageCard, ...]
    homes: dict[EventId, Address]
    pins: dict[EventId, Pin]
    divided: dict[Anchor, Address]
    """Where the messages of conversations stand that are divided into parts."""
    passages: dict[Anchor, Passage]
    """The messages that notes show."""
    rooms: tuple[BedSummary, ...]
    terms: Terms
    """What each page is about."""
    people: tuple[Person, ...]
    """Those who have spoken, where the settings ask for pages of people."""


def _outline(garden: _Garden) -> _Outline:
    base_url = garden.config.site.base_url
    wanted = find_wanted(garden.notes, base_url)
    passages: dict[Anchor, Passage] = {}
    cards: list[PageCard] = []
    homes: dict[EventId, Address] = {}
    pins: dict[EventId, Pin] = {}
    divided: dict[Anchor, Address] = {}
    rooms: list[BedSummary] = []
    beds: list[Bed] = []
    harvest = TermHarvest(garden.config.site.language)
    register = Register()
    for number, bed in enumerate(garden.beds):
        garden.report("Reading rooms", number, len(garden.beds))
        judgement = judge_bed(bed, garden.store, garden.rules)
        if judgement.room is None:
            beds.append(open_bed(bed, judgement, garden.store, garden.config))
        pinned = frozenset(bed.place.room.pinned)
        is_named = name_people(garden.config, judgement) is Naming.FULL
        before = len(cards)
        for page in garden.nursery.grow(bed, judgement):
            cards.append(make_card(page, base_url))
            if page.kind is not ConversationKind.DAY:
                harvest.take(page.address, *read_words(page))
            if garden.config.pages.people:
                register.take(page, beds[-1].place.naming, index=beds[-1].place.index)
            homes |= {message.event_id: page.address for message in page.messages}
            pins |= {pin.event_id: pin for pin in find_pins(page, pinned)}
            divided.update(place_messages(page, garden.config.pages.per_page))
            found = take_passages(page, wanted, is_named=is_named, is_listed=judgement.index)
            passages |= {passage.anchor: passage for passage in found}
        rooms.append(BedSummary(bed.place.room.name, judgement.without_events(), len(cards) - before))
    cards += [make_note_card(note, base_url) for note in garden.notes]
    for note in garden.notes:
        harvest.take(note.address, *read_note_words(note))
    return _Outline(
        tuple(beds),
        tuple(cards),
        homes,
        pins,
        divided,
        passages,
        tuple(rooms),
        harvest.choose(),
        tuple(register.list_people()),
    )


def _link(garden: _Garden, outline: _Outline) -> tuple[dict[Address, PageLinks], Shelf]:
    moved = find_moved(garden.book, outline.homes)
    directory = make_directory(
        garden.config.site.base_url, outline.cards, list_rooms(outline.beds), outline.homes, moved
    )
    shelf = Shelf(
        directory=directory,
        passages=outline.passages,
        cards={card.address: card for card in outline.cards},
        unlisted=find_unlisted(bed.place for bed in outline.beds),
        language=load_language(garden.config.site.language),
    )
    return link_pages(outline.cards, directory), shelf


def _publish_pages(
    garden: _Garden,
    outline: _Outline,
    links: dict[Address, PageLinks],
    shelf: Shelf,
    publisher: Publisher,
    pages: PageStore,
) -> Iterator[SearchRecord]:
    """The second pass: link, write down and render each page; what the search index needs comes out."""
    cards, nothing = shelf.cards, PageLinks()
    done = 0
    for bed in outline.beds:
        for page in garden.nursery.grow(bed):
            garden.report("Writing pages", done, len(cards))
            found = links.get(page.address, nothing)
            linked = link_page(page, found)
            pages.write_page(linked)
            absorbed = absorbed_addresses(page, garden.book)
            publisher.publish_moved(linked, former_addresses(page, garden.book), bed.place, absorbed)
            yield publisher.publish_page(linked, found, bed.place, cards[page.address])
            done += 1
    for note in garden.notes:
        found = links.get(note.address, nothing)
        yield publisher.publish_note(link_note(note, found, shelf), found, cards[note.address])

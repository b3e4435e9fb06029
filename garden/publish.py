"""Linked pages become files of the site, from pages to pictures, and the search index's records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, product
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from garden.address_book import AddressBook, note_conversations
from garden.archive.event import EventId
from garden.config import SiteConfig
from garden.feed_memory import FeedMemory
from garden.fingerprint import take_fingerprint
from garden.language import load_language
from garden.pages.address import (
    HOME,
    MAP,
    NEIGHBOURS,
    Address,
    absolute_url,
    conversation_part_address,
    document_path,
    relative_url,
    root_prefix,
)
from garden.pages.elsewhere import Domain
from garden.pages.media_use import find_media
from garden.pages.page import Note, Page, PageCard, PageLinks, PageMessage
from garden.pages.paths import PagePaths
from garden.pages.people import Person
from garden.pages.plain import plain_text
from garden.site.document import CopiedDocument, Document, Fingerprint
from garden.site.headers import render_headers_file
from garden.site.index_view import MovedView, NeighboursView
from garden.site.indexes import (
    by_room,
    by_tag,
    present_home,
    present_not_found,
    present_room,
    present_tag,
)
from garden.site.map import present_map
from garden.site.nobody import hide_events, is_named
from garden.site.parts import divide_page
from garden.site.pins import Pin
from garden.site.place import Divided, RoomPlace, Surroundings, name_rooms
from garden.site.present import group_backlinks, home_link, present_conversation, present_note
from garden.site.privacy import PRIVACY, PRIVACY_NOTE, PrivacyFacts, present_privacy
from garden.site.render import Renderer
from garden.site.search import SearchRecord
from garden.site.sitemap import render_robots, render_sitemap
from garden.site.store import SiteStore
from garden.site.templates import Theme, list_static
from garden.site.view import BacklinkGroupView, FrameView, LinkView
from garden.site.webring import view_neighbour_rings, view_rings
from garden.syndicate import Syndicate, announce_feeds
from garden.ways import Ways


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a build knows beside the settings and the pages."""

    now_ms: int = 0
    """When it is, milliseconds since 1970, UTC: it dates what feeds find to be gone and nothing else."""
    memory: FeedMemory = field(default_factory=dict)
    """What former builds remember of the feeds."""
    account: str = ""
    """The garden's own account in Matrix, `@user:server`; empty where that is not known."""
    divided: Divided = field(default_factory=dict)
    """Where the messages of conversations stand that are divided into parts."""
    domains: tuple[Domain, ...] = ()
    """Other sites from which several pages share something."""
    people: tuple[Person, ...] = ()
    """Those who get a page of their own; nobody where the settings do not ask for it."""


_FIRST: Final = Occasion()

MOST_BACKLINKS: Final = 50
"""Pages whose links a room's or a tag's page shows, the latest ones."""


class Publisher:
    """Puts one build's pages into the site; every method is a step of `pipeline.build_garden`."""

    def __init__(
        self,
        config: SiteConfig,
        places: Sequence[RoomPlace],
        cards: Sequence[PageCard],
        paths: Mapping[Address, PagePaths],
        site: SiteStore,
        renderer: Renderer,
        occasion: Occasion = _FIRST,
    ) -> None:
        self._account = occasion.account
        self._domains, self._people = occasion.domains, occasion.people
        self._config = config
        self._places = places
        self._cards = cards
        self._paths = paths
        stages = {address: each.growth.stage for address, each in paths.items()}
        homes = {person.user: person.address for person in occasion.people}
        self._around = Surroundings(occasion.divided, stages, homes)
        self._site = site
        self._renderer = renderer
        self._feeds = Syndicate(config.site, places, cards, occasion.memory, occasion.now_ms)
        self._unlisted = tuple(place.address for place in places if not place.index)
        self._media: set[str] = set()
        self._pictures: set[str] = set()
        self._addresses: dict[EventId, tuple[Address, ...]] = {}

    def publish_page(self, page: Page, links: PageLinks, place: RoomPlace, card: PageCard) -> SearchRecord:
        """Hop 6 for a conversation that `link_page` has gone over."""
        page = hide_events(page, place)
        links = self._keep_from_engines(links) if place.index else links
        paths = self._paths[page.address]
        for part in divide_page(page, self._config.pages.per_page):
            frame = self._frame(part.page.address, place)
            view = present_conversation(page, links, paths, place, frame, part, self._around)
            self._renderer.add(document_path(part.page.address), view)
        self._feeds.take_page(page, place, card)
        self._media.update(find_media(page))
        return _search_record(page, place.room.name)

    def publish_moved(
        self,
        page: Page,
        former: tuple[Address, ...],
        place: RoomPlace,
        absorbed: Mapping[EventId, tuple[Address, ...]],
    ) -> None:
        """Let the former addresses of a conversation lead to it, and those of others that it has taken in."""
        if page.root_id is not None:
            self._addresses[page.root_id] = (*former, page.address)
        self._addresses.update(absorbed)
        parts = range(1, 1 + len(divide_page(page, self._config.pages.per_page)))
        for address, number in product((*former, *chain.from_iterable(absorbed.values())), parts):
            here, now = (conversation_part_address(each, number) for each in (address, page.address))
            self._publish_moved(here, now, page.title, place)

    def publish_moved_rooms(self, moved: Mapping[str, str]) -> None:
        """Let the folders that rooms have left lead to where their pages stand now."""
        for folder, room_id in moved.items():
            place = next((place for place in self._places if room_id in place.identifiers), None)
            if place is not None:
                self._publish_moved(Address(folder), place.address, place.room.name, place)
                self._feeds.repeat(place, Address(folder))

    def note_addresses(self, book: AddressBook) -> AddressBook:
        """Return the address book as it stands after this build."""
        return note_conversations(book, self._addresses.items())

    def publish_note(self, note: Note, links: PageLinks, card: PageCard) -> SearchRecord:
        """Hop 6 for a note that `link_note` has gone over."""
        frame = self._frame(note.address, None)
        links = self._keep_from_engines(links)
        self._renderer.add(
            document_path(note.address),
            present_note(note, links, self._paths[note.address], frame, self._around),
        )
        self._feeds.take_note(note, card)
        self._pictures.update(note.pictures)
        return _note_record(note)

    def publish_indexes(
        self, pins: Mapping[EventId, Pin], links: Mapping[Address, PageLinks] = MappingProxyType({})
    ) -> None:
        """Home, map, the rooms' indexes, tags, neighbours, and the page for addresses that do not exist."""
        home = present_home(
            self._frame(HOME, None),
            self._places,
            self._cards,
            self._around.stages,
            self._config.matrix.spaces,
        )
        ways = Ways(self._cards, self._places, self._around, self._domains, self._people)
        self._renderer.add(document_path(HOME), replace(home, ways=ways.present()))
        for address, way in ways.list_pages(self._index_frame):
            self._renderer.add(document_path(address), way)
        garden_map = present_map(self._frame(MAP, None), self._places, self._cards, self._around.stages)
        self._renderer.add(document_path(MAP), garden_map)
        around, per_part = self._around, self._config.pages.per_part
        in_rooms = by_room(self._cards)
        for place in self._places:
            cards = in_rooms.get(place.room.room_id, ())
            frame_of = partial(self._frame, place=place)
            for address, view in present_room(
                frame_of, place, cards, around.stages, per_part, pins, around.divided
            ):
                backlinks = self._find_backlinks(address, links, is_listed=place.index)
                self._renderer.add(document_path(address), replace(view, backlinks=backlinks))
        names = name_rooms(self._places)
        for tag, tagged in by_tag(self._cards).items():
            is_listed = all(self._may_be_listed(card.address) for card in tagged)
            frame_of = partial(self._index_frame, is_listed=is_listed)
            for address, tag_page in present_tag(frame_of, tag, tagged, around.stages, names):
                backlinks = self._find_backlinks(address, links, is_listed=is_listed)
                self._renderer.add(document_path(address), replace(tag_page, backlinks=backlinks))
        self._publish_neighbours()
        self._publish_privacy()
        self._renderer.add("404.html", present_not_found(self._not_found_frame(), self._places))

    def remember_feeds(self) -> FeedMemory:
        """Return what the next build has to know of this one's feeds."""
        return self._feeds.remember()

    def publish_feeds(self) -> None:
        """Atom and RSS for the garden and for each room."""
        for path, fingerprint, render in self._feeds.plan_feeds():
            if not self._site.keep_current(path, fingerprint):
                self._site.write_document(Document(path, render(), fingerprint))

    def publish_listings(self) -> None:
        """Sitemap, robots.txt and the headers file."""
        base_url = self._config.site.base_url
        listed = [(card.address, card.tended) for card in self._cards if self._may_be_listed(card.address)]
        listed += [(place.address, None) for place in self._places if place.index]
        listed += [(HOME, None), (MAP, None), (PRIVACY, None)]
        urls = [(absolute_url(base_url, address), tended) for address, tended in listed]
        for path, content in render_sitemap(sorted(urls), base_url):
            self._write(path, content)
        self._write("robots.txt", render_robots(base_url))
        self._write("_headers", render_headers_file(urlsplit(base_url).path))
        self._write(".nojekyll", b"")

    def publish_files(self, theme: Theme, media: Path, pictures: Path) -> None:
        """The theme's static files and what published pages show, `pictures` being those beside notes."""
        for document in list_static(theme):
            self._site.write_document(document)
        homes = dict.fromkeys(self._pictures, pictures) | dict.fromkeys(self._media, media)
        for path, home in sorted(homes.items()):
            # A file's name is the digest of its bytes, which is all that a fingerprint has to be.
            self._site.write_document(CopiedDocument(f"media/{path}", home / path, Fingerprint(path)))

    def _find_backlinks(
        self, address: Address, links: Mapping[Address, PageLinks], *, is_listed: bool
    ) -> tuple[BacklinkGroupView, ...]:
        found = links.get(address, PageLinks())
        found = self._keep_from_engines(found) if is_listed else found
        return group_backlinks(address, found.backlinks, self._around.divided, MOST_BACKLINKS)

    def _index_frame(self, address: Address, *, is_listed: bool = True) -> FrameView:
        return replace(self._frame(address, None), index=is_listed)

    def _publish_neighbours(self) -> None:
        webrings = view_neighbour_rings(self._config)
        if webrings:
            frame = self._frame(NEIGHBOURS, None)
            self._renderer.add(document_path(NEIGHBOURS), NeighboursView(frame, home_link(frame), webrings))

    def _publish_privacy(self) -> None:
        frame = self._frame(PRIVACY, None)
        title = next((card.title for card in self._cards if card.address == PRIVACY_NOTE), None)
        more = LinkView(title, relative_url(PRIVACY, PRIVACY_NOTE)) if title is not None else None
        facts = _state_facts(self._config, self._account)
        self._renderer.add(document_path(PRIVACY), present_privacy(frame, facts, self._places, more))

    def _may_be_listed(self, address: Address) -> bool:
        """A page stands in its room's folder, and a room may ask to be kept from search engines."""
        return not address.startswith(self._unlisted)

    def _keep_from_engines(self, links: PageLinks) -> PageLinks:
        """Let a page that search engines may read quote none that they may not: its title leads there."""
        backlinks = tuple(
            backlink if self._may_be_listed(backlink.address) else replace(backlink, sentence="", author="")
            for backlink in links.backlinks
        )
        return replace(links, backlinks=backlinks)

    def _publish_moved(self, former: Address, now: Address, title: str, place: RoomPlace) -> None:
        canonical = absolute_url(self._config.site.base_url, now)
        frame = replace(self._frame(former, place), canonical=canonical)
        view = MovedView(frame, LinkView(title, relative_url(former, now)))
        self._renderer.add(document_path(former), view)

    def _frame(self, address: Address, place: RoomPlace | None) -> FrameView:
        site = self._config.site
        language = load_language(site.language)
        return FrameView(
            site_title=site.title,
            description=site.description,
            language=language.tag,
            direction=language.direction,
            base_url=site.base_url,
            canonical=absolute_url(site.base_url, address),
            root=root_prefix(address),
            feeds=tuple(announce_feeds(site.title, address, place)),
            rings=view_rings(self._config, address),
            neighbours=relative_url(address, NEIGHBOURS) if self._config.webrings else "",
            map=relative_url(address, MAP),
            privacy=relative_url(address, PRIVACY),
            index=place is None or place.index,
            written=language.written,
        )

    def _not_found_frame(self) -> FrameView:
        """The page is served at any depth, so that its links start at the host's root."""
        frame = self._frame(HOME, None)
        root = urlsplit(frame.base_url).path
        return replace(
            frame,
            root=root,
            feeds=tuple(replace(feed, url=root + feed.url) for feed in frame.feeds),
            neighbours=root + NEIGHBOURS if frame.neighbours else "",
            map=root + MAP,
            privacy=root + PRIVACY,
        )

    def _write(self, path: str, content: bytes) -> None:
        self._site.write_document(Document(path, content, take_fingerprint(content.hex())))


def _state_facts(config: SiteConfig, account: str) -> PrivacyFacts:
    consent = config.consent
    return PrivacyFacts(
        delay=consent.delay,
        plant_with=consent.plant_with if consent.publish == "curated" else "",
        names=consent.names,
        keeps_closed=consent.when_closed == "keep",
        needs_notice=consent.require_notice,
        shows_history=config.pages.history,
        shows_removed=config.pages.show_removed,
        hears=bool(config.matrix.homeserver),
        account=account,
        recrawl=config.matrix.recrawl,
        contact=consent.contact,
        gathers=config.pages.people,
    )


def _search_record(page: Page, room: str) -> SearchRecord:
    record = SearchRecord(
        address=page.address,
        title=page.title,
        room=room,
        authors=tuple(dict.fromkeys(message.author for message in page.speaking if is_named(message))),
        tags=page.tags,
        text="\n".join(words for message in page.speaking for words in _spoken_words(message)),
        tended=page.tended,
        kind=page.kind.value,
        fingerprint="",
    )
    return replace(record, fingerprint=take_fingerprint(record))


def _spoken_words(message: PageMessage) -> Iterator[str]:
    yield plain_text(message.text)
    if message.poll is not None:
        yield from (answer.text for answer in message.poll.answers)


def _note_record(note: Note) -> SearchRecord:
    record = SearchRecord(
        address=note.address,
        title=note.title,
        room="",
        authors=(),
        tags=note.tags,
        text=plain_text(note.text),
        tended=note.tended,
        kind="note",
        fingerprint="",
    )
    return replace(record, fingerprint=take_fingerprint(record))

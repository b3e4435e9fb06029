"""Pages become the feeds' entries: which pages stand in which feed, under which identifier, in which words.

A feed is rendered only where something in it changed; until then the pages' Markdown and cards are enough.
What former builds put into each feed comes in as the memory of it; the feed tells what of that is gone.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Final
from urllib.parse import quote

from garden.config import SiteSettings
from garden.feed_memory import Carried, FeedMemory, FeedPast, remember_feed
from garden.fingerprint import renderer_version, take_fingerprint
from garden.language import Language, load_language
from garden.pages.address import HOME, Address, absolute_url, page_id, relative_url
from garden.pages.moment import read_moment
from garden.pages.page import Note, Page, PageCard
from garden.pages.passage import write_down
from garden.site.document import Fingerprint
from garden.site.feeds import DeletedEntry, Feed, FeedEntry, render_atom, render_rss
from garden.site.indexes import by_room, by_tended
from garden.site.markdown import render_markdown
from garden.site.nobody import SOMEBODY, can_be_followed, is_named
from garden.site.place import RoomPlace, site_links
from garden.site.view import FeedView

FEED_LENGTH: Final = 30
"""Conversations in a feed, the last tended ones."""

_KEPT: Final = 2 * FEED_LENGTH
"""Entries that are kept as HTML: those of a room's feed, and as many of the garden's."""

_Parts = tuple[tuple[str, str, str], ...]
_WriteContent = Callable[[_Parts, str], str]


@dataclass(frozen=True, slots=True)
class _Item:
    """A page that stands in a feed, with its messages ready to be rendered."""

    id: str
    """The entry's identifier."""
    card: PageCard
    authors: tuple[str, ...]
    parts: _Parts
    """Author, day and Markdown of each message; a note is one part without author."""
    said: Carried
    """What it is like and when it was last tended."""


class Syndicate:
    """Collects one build's feeds: one of the whole garden, and one of each room."""

    def __init__(
        self,
        site: SiteSettings,
        places: Sequence[RoomPlace],
        cards: Sequence[PageCard],
        memory: FeedMemory,
        now_ms: int,
    ) -> None:
        self._site = site
        self._language = load_language(site.language)
        self._memory = memory
        self._now_ms = now_ms
        in_rooms = by_room(cards)
        self._chosen: dict[RoomPlace | None, list[PageCard]] = {None: _choose(cards)}
        self._chosen |= {place: _choose(in_rooms.get(place.room.room_id, ())) for place in places}
        self._wanted = {card.address for chosen in self._chosen.values() for card in chosen}
        self._items: dict[Address, _Item] = {}
        self._alive: set[str] = set()
        self._repeated: dict[RoomPlace | None, list[Address]] = {}

    def repeat(self, place: RoomPlace, folder: Address) -> None:
        """Let a room's feeds stand in a folder that it has left, too, for those who follow them there."""
        self._repeated.setdefault(place, []).append(folder)

    def take_page(self, page: Page, place: RoomPlace, card: PageCard) -> None:
        """Keep what a conversation that `link_page` has gone over says, if it stands in a feed."""
        entry_id = _entry_id(page, place, self._site.base_url)
        self._alive.add(entry_id)
        if page.address in self._wanted:
            parts = tuple(
                (
                    message.author if is_named(message) else self._language.gettext(SOMEBODY),
                    self._language.day(read_moment(message.sent_at)),
                    site_links(page.address, write_down(message)),
                )
                for message in page.speaking
            )
            authors = tuple(dict.fromkeys(each.author for each in page.speaking if is_named(each)))
            said = Carried(_take_shape(page, place), card.tended or 0)
            self._items[page.address] = _Item(entry_id, card, authors, parts, said)

    def take_note(self, note: Note, card: PageCard) -> None:
        """Keep what a note that `link_note` has gone over says, if it stands in a feed."""
        entry_id = absolute_url(self._site.base_url, note.address)
        self._alive.add(entry_id)
        if note.address in self._wanted:
            parts = (("", "", site_links(note.address, note.text)),)
            # Whoever takes back words that a note shows changes it without its date.
            shape = take_fingerprint(note.shown) if note.shown else ""
            self._items[note.address] = _Item(entry_id, card, (), parts, Carried(shape, card.tended or 0))

    def remember(self) -> FeedMemory:
        """Return what the next build has to know of this one's feeds, once every page has been taken."""
        return {self._name(place): self._remember(place) for place in self._chosen}

    def plan_feeds(self) -> Iterator[tuple[str, Fingerprint, Callable[[], bytes]]]:
        """Yield each feed's file, its fingerprint, and how to render it."""
        # What a feed says as Atom it says as RSS, and a room's feed says some of what the garden's says.
        write = lru_cache(_KEPT)(partial(_write_content, self._language))
        for place in self._chosen:
            address = place.address if place is not None else HOME
            past = self._remember(place)
            items = [replace(item, said=past.carried[item.id]) for item in self._list(place)]
            deleted = [DeletedEntry(entry, when) for entry, when in past.deleted.items()]
            feed = self._describe(place, address, _last_change(items, deleted))
            fingerprint = take_fingerprint(renderer_version(), feed, items, deleted)
            entries = partial(_write_entries, items, self._site.base_url, write)
            for folder in (address, *self._repeated.get(place, ())):
                yield f"{folder}feed.atom", fingerprint, partial(_render_atom, feed, entries, deleted)
                yield f"{folder}feed.rss", fingerprint, partial(_render_rss, feed, entries)

    def _list(self, place: RoomPlace | None) -> list[_Item]:
        return [self._items[card.address] for card in self._chosen[place]]

    def _name(self, place: RoomPlace | None) -> str:
        return _room_uri(place.identifiers[0]) if place is not None else self._site.base_url

    def _remember(self, place: RoomPlace | None) -> FeedPast:
        past = self._memory.get(self._name(place), FeedPast())
        return remember_feed(
            past, {item.id: item.said for item in self._list(place)}, self._alive, self._now_ms
        )

    def _describe(self, place: RoomPlace | None, address: Address, updated_ms: int) -> Feed:
        base_url = self._site.base_url
        return Feed(
            id=self._name(place),
            title=f"{place.room.name} · {self._site.title}" if place is not None else self._site.title,
            subtitle=place.room.topic if place is not None else self._site.description,
            home_url=absolute_url(base_url, address),
            self_url_atom=absolute_url(base_url, f"{address}feed.atom"),
            self_url_rss=absolute_url(base_url, f"{address}feed.rss"),
            language=self._site.language,
            updated_ms=updated_ms,
        )


def announce_feeds(site_title: str, address: Address, place: RoomPlace | None) -> Iterator[FeedView]:
    """Yield the feeds that the head of a page announces: the garden's, then its room's."""
    homes = [(site_title, HOME)] + ([(place.room.name, place.address)] if place is not None else [])
    for title, home in homes:
        for ending, media_type in (("atom", "application/atom+xml"), ("rss", "application/rss+xml")):
            yield FeedView(title, relative_url(address, f"{home}feed.{ending}"), media_type)


def _choose(cards: Iterable[PageCard]) -> list[PageCard]:
    """Conversations and dated notes; a day's chatter is no item."""
    fitting = (card for card in cards if card.kind != "day" and card.tended is not None)
    return by_tended(fitting)[:FEED_LENGTH]


def _last_change(items: Iterable[_Item], deleted: Iterable[DeletedEntry]) -> int:
    times = [item.said.updated for item in items] + [entry.deleted_ms for entry in deleted]
    return max(times, default=0)


def _render_atom(
    feed: Feed, entries: Callable[[], list[FeedEntry]], deleted: Sequence[DeletedEntry]
) -> bytes:
    return render_atom(feed, entries(), deleted)


def _render_rss(feed: Feed, entries: Callable[[], list[FeedEntry]]) -> bytes:
    return render_rss(feed, entries())


def _write_content(language: Language, parts: _Parts, url: str) -> str:
    return "".join(
        (_write_header(author, day, language) if author else "") + render_markdown(text, url, language)
        for author, day, text in parts
    )


def _write_header(author: str, day: str, language: Language) -> str:
    words = html.escape(language.gettext("%(author)s, %(day)s"), quote=False)
    return f"<p>{words % {'author': f'<strong>{html.escape(author)}</strong>', 'day': html.escape(day)}}</p>"


def _write_entries(items: Iterable[_Item], base_url: str, write: _WriteContent) -> list[FeedEntry]:
    return [_write_entry(item, base_url, write) for item in items]


def _write_entry(item: _Item, base_url: str, write: _WriteContent) -> FeedEntry:
    card = item.card
    url = absolute_url(base_url, card.address)
    return FeedEntry(
        id=item.id,
        title=card.title,
        url=url,
        html=write(item.parts, url),
        summary=card.excerpt,
        authors=item.authors,
        published_ms=card.planted or 0,
        updated_ms=item.said.updated,
        tags=card.tags,
    )


def _take_shape(page: Page, place: RoomPlace) -> str:
    """Digest which messages an entry holds and how people are named in it: no word, no name."""
    return take_fingerprint(place.naming, [(message.anchor, message.edited_at) for message in page.speaking])


def _entry_id(page: Page, place: RoomPlace, base_url: str) -> str:
    """A conversation is named by its root event, in the room to which that was sent: nothing changes either.

    Where the root's author is not to be named, and where the root does not stand here, the page's own letters
    take its place: whoever has an event's identifier has its author's. An entry that loses its root so
    becomes another one, and the feed says that the first is gone.
    """
    root = next((message for message in page.messages if message.event_id == page.root_id), None)
    if root is None:
        return f"{base_url}#{page_id(page.root_id or page.messages[0].event_id)}"
    if not can_be_followed(root, place):
        return f"{base_url}#{page_id(root.event_id)}"
    return f"{_room_uri(root.room_id or page.room_id)}/e/{quote(root.event_id[1:], safe=':')}"


def _room_uri(room_id: str) -> str:
    return f"matrix:roomid/{quote(room_id[1:], safe=':')}"

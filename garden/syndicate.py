"""Pages become the feeds' entries: which pages stand in which feed, under which identifier, in which words.

A feed is rendered only where something in it changed; until then the pages' Markdown and cards are enough.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import quote

from garden.archive.event import RoomId
from garden.config import SiteSettings
from garden.fingerprint import renderer_version, take_fingerprint
from garden.pages.address import HOME, Address, absolute_url, relative_url
from garden.pages.escape import escape
from garden.pages.page import Markdown, Note, Page, PageCard, PageMessage
from garden.site.document import Fingerprint
from garden.site.feeds import Feed, FeedEntry, render_atom, render_rss
from garden.site.indexes import by_tended
from garden.site.markdown import render_markdown
from garden.site.place import RoomPlace, present_time, site_links
from garden.site.view import FeedView

FEED_LENGTH: Final = 30
"""Conversations in a feed, the last tended ones."""


@dataclass(frozen=True, slots=True)
class _Item:
    """A page that stands in a feed, with its messages ready to be rendered."""

    card: PageCard
    authors: tuple[str, ...]
    parts: tuple[tuple[str, str, str], ...]
    """Author, day and Markdown of each message; a note is one part without author."""
    room_id: RoomId | None = None
    """Where the conversation's root was sent; None for a note."""


class Syndicate:
    """Collects one build's feeds: one of the whole garden, and one of each room."""

    def __init__(self, site: SiteSettings, places: Sequence[RoomPlace], cards: Sequence[PageCard]) -> None:
        self._site = site
        self._chosen = {place: _choose(cards, place) for place in [None, *places]}
        self._items: dict[Address, _Item] = {
            card.address: _Item(card, (), ()) for chosen in self._chosen.values() for card in chosen
        }
        self._repeated: dict[RoomPlace | None, list[Address]] = {}

    def repeat(self, place: RoomPlace, folder: Address) -> None:
        """Let a room's feeds stand in a folder that it has left, too, for those who follow them there."""
        self._repeated.setdefault(place, []).append(folder)

    def take_page(self, page: Page, card: PageCard) -> None:
        """Keep what a conversation that `link_page` has gone over says, if it stands in a feed."""
        if page.address in self._items:
            parts = tuple(
                (
                    message.author,
                    present_time(message.sent_at).day,
                    site_links(page.address, _write_down(message)),
                )
                for message in page.speaking
            )
            authors = tuple(dict.fromkeys(message.author for message in page.speaking))
            self._items[page.address] = _Item(card, authors, parts, _find_origin(page))

    def take_note(self, note: Note, card: PageCard) -> None:
        """Keep what a note that `link_note` has gone over says, if it stands in a feed."""
        if note.address in self._items:
            self._items[note.address] = _Item(card, (), (("", "", site_links(note.address, note.text)),))

    def plan_feeds(self) -> Iterator[tuple[str, Fingerprint, Callable[[], bytes]]]:
        """Yield each feed's file, its fingerprint, and how to render it."""
        for place, cards in self._chosen.items():
            address = place.address if place is not None else HOME
            items = [self._items[card.address] for card in cards]
            feed = self._describe(place, address, items)
            fingerprint = take_fingerprint(renderer_version(), feed, items)
            for ending, render in (("atom", render_atom), ("rss", render_rss)):
                for folder in (address, *self._repeated.get(place, ())):
                    yield f"{folder}feed.{ending}", fingerprint, partial(self._render, render, feed, items)

    def _describe(self, place: RoomPlace | None, address: Address, items: Sequence[_Item]) -> Feed:
        base_url = self._site.base_url
        return Feed(
            id=_room_uri(place.identifiers[0]) if place is not None else base_url,
            title=f"{place.room.name} · {self._site.title}" if place is not None else self._site.title,
            subtitle=place.room.topic if place is not None else self._site.description,
            home_url=absolute_url(base_url, address),
            self_url_atom=absolute_url(base_url, f"{address}feed.atom"),
            self_url_rss=absolute_url(base_url, f"{address}feed.rss"),
            language=self._site.language,
            updated_ms=max((item.card.tended or 0 for item in items), default=0),
        )

    def _render(
        self, render: Callable[[Feed, Iterable[FeedEntry]], bytes], feed: Feed, items: Sequence[_Item]
    ) -> bytes:
        return render(feed, [_write_entry(item, self._site.base_url) for item in items])


def announce_feeds(site_title: str, address: Address, place: RoomPlace | None) -> Iterator[FeedView]:
    """Yield the feeds that the head of a page announces: the garden's, then its room's."""
    homes = [(site_title, HOME)] + ([(place.room.name, place.address)] if place is not None else [])
    for title, home in homes:
        for ending, media_type in (("atom", "application/atom+xml"), ("rss", "application/rss+xml")):
            yield FeedView(title, relative_url(address, f"{home}feed.{ending}"), media_type)


def _choose(cards: Iterable[PageCard], place: RoomPlace | None) -> list[PageCard]:
    """Conversations and dated notes; a day's chatter is no item."""
    fitting = (
        card
        for card in cards
        if card.kind != "day"
        and card.tended is not None
        and (place is None or card.room_id == place.room.room_id)
    )
    return by_tended(fitting)[:FEED_LENGTH]


def _write_entry(item: _Item, base_url: str) -> FeedEntry:
    card = item.card
    url = absolute_url(base_url, card.address)
    content = "".join(
        (f"<p><strong>{html.escape(author)}</strong>, {day}</p>" if author else "")
        + render_markdown(text, url)
        for author, day, text in item.parts
    )
    return FeedEntry(
        id=_entry_id(item, base_url),
        title=card.title,
        url=url,
        html=content,
        summary=card.excerpt,
        authors=item.authors,
        published_ms=card.planted or 0,
        updated_ms=card.tended or 0,
        tags=card.tags,
    )


def _write_down(message: PageMessage) -> Markdown:
    """A poll is read with its answers; how they stand is told on its page."""
    if message.poll is None:
        return message.text
    return "\n\n".join([message.text, "\n".join(f"- {escape(each.text)}" for each in message.poll.answers)])


def _find_origin(page: Page) -> RoomId:
    """Return the room to which a conversation's root was sent, which an upgrade does not change."""
    messages = page.messages
    root = next((message for message in messages if message.event_id == page.root_id), messages[0])
    return root.room_id or page.room_id


def _entry_id(item: _Item, base_url: str) -> str:
    """A conversation is named by its root event, which nothing changes; a note by its address."""
    card = item.card
    if item.room_id is not None and card.root_id is not None:
        return f"{_room_uri(item.room_id)}/e/{quote(card.root_id[1:], safe=':')}"
    return absolute_url(base_url, card.address)


def _room_uri(room_id: RoomId) -> str:
    return f"matrix:roomid/{quote(room_id[1:], safe=':')}"

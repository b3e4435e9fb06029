"""Pages and notes become cards, and cards a directory: what the whole garden knows about each of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from garden.archive.event import NOBODY, EventId, RoomAlias, RoomId
from garden.errors import AddressClashError
from garden.pages.address import Address, id_in_address, tag_address
from garden.pages.link import Directory, find_links_out, hide_permalinks
from garden.pages.note_links import find_note_links
from garden.pages.page import Note, Page, PageCard
from garden.pages.plain import excerpt, plain_text
from garden.pages.question import is_question
from garden.pages.web_link import find_note_web_links, find_web_links
from garden.pages.wikilink import name_key


def make_card(page: Page, base_url: str) -> PageCard:
    """Return a conversation's card; its links are taken before `link_page` rewrites them."""
    speaking = page.speaking
    words = next(
        filter(None, (plain_text(hide_permalinks(message.text, base_url)) for message in speaking)), ""
    )
    return PageCard(
        address=page.address,
        kind=page.kind.value,
        title=page.title,
        excerpt=excerpt(page.summary or words),
        room_id=page.room_id,
        root_id=page.root_id,
        planted=page.planted,
        tended=page.tended,
        tags=page.tags,
        message_count=len(speaking),
        people_count=len({message.sender for message in speaking} - {NOBODY}),
        links_out=find_links_out(page.messages, base_url),
        stage=page.stage,
        is_question=is_question(page),
        is_answered=page.answer is not None,
        featured=page.featured,
        web_links=find_web_links(page.messages, base_url),
    )


def make_note_card(note: Note, base_url: str) -> PageCard:
    """Return a note's card."""
    stem = note.path.removesuffix(".md")
    return PageCard(
        address=note.address,
        kind="note",
        title=note.title,
        excerpt=excerpt(note.summary or plain_text(note.text)),
        room_id=None,
        root_id=None,
        planted=note.planted,
        tended=note.tended,
        tags=note.tags,
        message_count=0,
        people_count=0,
        links_out=find_note_links(note, base_url),
        stage=note.stage,
        featured=note.featured,
        web_links=find_note_web_links(note, base_url),
        # Editors that keep a folder of notes link by its files' names.
        names=tuple(dict.fromkeys((*note.aliases, stem.rpartition("/")[2], stem))),
        grew_from=note.grew_from,
    )


def make_directory(
    base_url: str,
    cards: Sequence[PageCard],
    rooms: Iterable[tuple[RoomId, RoomAlias | None, str, Address]],
    homes: Mapping[EventId, Address],
    moved: Mapping[str, Address] | None = None,
) -> Directory:
    """Write down where everything stands; `rooms` are identifier, alias, name, address.

    `moved` says where conversations stand now that had a page of their own, by the letters of its address.

    Raises `AddressClashError`, with every clash, where two pages want one address.
    """
    pages: dict[Address, str] = {}
    clashes: list[str] = []
    by_identifier: dict[str, Address] = {}
    rooms, ordered = list(rooms), sorted(cards, key=_notes_first)
    for room_id, alias, name, address in rooms:
        pages[address] = name
        by_identifier |= {room_id: address} | ({alias: address} if alias else {})
    for card in ordered:
        if card.address in pages:
            clashes.append(f"{card.address} ({pages[card.address]!r} and {card.title!r})")
        pages[card.address] = card.title
    if clashes:
        raise AddressClashError(
            f"Two pages want one address: {', '.join(clashes)}.",
            hint="Rename one of the notes; for conversations, report this with the addresses.",
        )
    ids = dict(moved or {}) | {letters: address for address in pages if (letters := id_in_address(address))}
    tags = {tag_address(tag): f"#{tag}" for card in ordered for tag in card.tags}
    room_names = [(name, address) for _, _, name, address in rooms]
    names = _name_pages(ordered, room_names)
    return Directory(base_url, homes, by_identifier, ids, names, tags | pages)


def _notes_first(card: PageCard) -> tuple[bool, int, Address]:
    return card.kind != "note", card.planted or 0, card.address


def _name_pages(cards: Iterable[PageCard], rooms: Iterable[tuple[str, Address]]) -> dict[str, Address]:
    """Give each name to one page: to a note before a conversation, to one with this title before others."""
    cards = list(cards)
    notes = [(card.title, card.address) for card in cards if card.kind == "note"]
    others = [(name, card.address) for card in cards for name in card.names]
    talks = [(card.title, card.address) for card in cards if card.kind != "note"]
    named: dict[str, Address] = {}
    for name, address in (*notes, *others, *talks, *rooms):
        if key := name_key(name):
            named.setdefault(key, address)
    return named

"""The address book of a garden: what stood where in earlier builds, so that no link to it breaks.

`content_cache/addresses.json` is read before a build and written after it. It holds the folder that each room
was once given, those that rooms left when they became one with an older one, and the addresses that each
conversation has had. A former address is forgotten as soon as one of its words is no longer public, and a
room with all its addresses as soon as it is.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any, Final

from garden.archive.event import EventId
from garden.conversations.conversation import ConversationKind
from garden.errors import ArchiveError
from garden.memory_file import read_memory_file, write_memory_file
from garden.pages.address import NO_NAME, Address, address_words, page_id, slug_words, slugify
from garden.pages.page import Page
from garden.pages.plain import plain_text

ADDRESS_FILE: Final = "addresses.json"


@dataclass(frozen=True, slots=True)
class AddressBook:
    """Addresses of rooms and conversations, by identifier."""

    rooms: Mapping[str, str] = field(default_factory=dict)
    """A room's folder, for each room that is planted or waits to be planted again."""
    conversations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """A conversation's addresses by its root event, oldest first, the current one last."""
    moved: Mapping[str, str] = field(default_factory=dict)
    """Folders that a room has left, each with the room."""

    @property
    def folders(self) -> dict[str, str]:
        """Every room's folder, and those that rooms have left, which nobody else may be given."""
        return {folder: folder for folder in self.moved} | dict(self.rooms)


def read_address_book(cache: Path) -> AddressBook:
    """Read the book in `content_cache/`; a new garden has an empty one. Raises `ArchiveError`."""
    return read_memory_file(cache / ADDRESS_FILE, AddressBook(), _read_book, _explain)


def _explain(path: Path, error: Exception) -> ArchiveError:
    return ArchiveError(
        f"{path} cannot be read: {error}.",
        hint="Restore it from a backup, or remove it: former addresses will then lead nowhere.",
    )


def _read_book(book: Mapping[str, Mapping[str, Any]]) -> AddressBook:
    return AddressBook(
        rooms={str(room): str(address) for room, address in book["rooms"].items()},
        conversations={
            str(root): tuple(str(address) for address in addresses)
            for root, addresses in book["conversations"].items()
        },
        moved={str(folder): str(room) for folder, room in book.get("moved", {}).items()},
    )


def write_address_book(cache: Path, book: AddressBook) -> None:
    """Write the book where it changed, and remove what a killed run has left. Raises `ArchiveError`."""
    content = {
        "rooms": dict(book.rooms),
        "moved": dict(book.moved),
        "conversations": dict(book.conversations),
    }
    write_memory_file(cache / ADDRESS_FILE, json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False))


def former_addresses(page: Page, book: AddressBook) -> tuple[Address, ...]:
    """Return the former addresses of a conversation all of whose words can still be read on its page.

    A word that an edit or a redaction took away must not live on in the name of a file. A day has no words
    in its address; it once stood in the folder that its messages' room has left.
    """
    if page.kind is ConversationKind.DAY:
        return _former_days(page, book)
    known = [Address(address) for address in book.conversations.get(page.root_id or EventId(""), ())]
    former = [address for address in known if address != page.address]
    if not former:
        return ()
    public = _public_words(page)
    return tuple(address for address in former if address_words(address) <= public)


def absorbed_addresses(page: Page, book: AddressBook) -> dict[EventId, tuple[Address, ...]]:
    """Return by its root the addresses of conversations that had a page and stand on this one now.

    They were merged with it, or what had parted them was taken back. As with `former_addresses`, all of their
    words can still be read here.
    """
    roots = [
        message.event_id
        for message in page.messages
        if message.event_id in book.conversations and message.event_id != page.root_id
    ]
    public = _public_words(page) if roots else frozenset[str]()
    known = {root: map(Address, book.conversations[root]) for root in roots}
    found = {
        root: tuple(address for address in addresses if address_words(address) <= public)
        for root, addresses in known.items()
    }
    return {root: addresses for root, addresses in found.items() if addresses}


def find_moved(book: AddressBook, homes: Mapping[EventId, Address]) -> dict[str, Address]:
    """Return by its id where each page stands now that ever had one; `homes` are those of messages."""
    roots = (EventId(root) for root in book.conversations)
    return {page_id(root): homes[root] for root in roots if root in homes}


def _public_words(page: Page) -> frozenset[str]:
    """Return every word that can be read on a page, or that somebody has called it."""
    titles = (page.title, *page.former_titles)
    words = (*titles, *(plain_text(message.text) for message in page.messages))
    return frozenset[str]().union(*map(slug_words, words))


def drop_unsaid_folders(book: AddressBook, names: Callable[[str], Iterable[str]]) -> AddressBook:
    """Return the book without folders whose words somebody took back, and without what was in them.

    `names` tells what a room is and was called, with an empty text for each name that was taken back: as long
    as the others say the words of a folder, it stays.
    """
    rooms: dict[str, list[str]] = defaultdict(list)
    for room, folder in (*book.rooms.items(), *((room, folder) for folder, room in book.moved.items())):
        rooms[folder].append(room)
    unsaid = tuple(folder for folder in rooms if not _is_said(folder, rooms[folder], names))
    if not unsaid:
        return book
    return AddressBook(
        rooms={room: folder for room, folder in book.rooms.items() if folder not in unsaid},
        conversations={
            root: tuple(address for address in addresses if not address.startswith(unsaid))
            for root, addresses in book.conversations.items()
        },
        moved={folder: room for folder, room in book.moved.items() if folder not in unsaid},
    )


def note_rooms(book: AddressBook, rooms: Mapping[str, str], keep: Collection[str] = ()) -> AddressBook:
    """Return the book with the folders that this build gives.

    A room that is not planted now leaves the book, unless `keep` has its identifier: the name of a folder is
    made of words that the room once said. Rooms to keep are those that may return as they were, such as one
    of which this build could not find out whether it is still open.
    """
    staying = {*rooms, *keep}
    left = {book.rooms[room]: room for room in rooms if book.rooms.get(room, rooms[room]) != rooms[room]}
    everywhere = {room: folder for room, folder in {**book.rooms, **rooms}.items() if room in staying}
    taken = set(everywhere.values())
    moved = {
        folder: room
        for folder, room in {**book.moved, **left}.items()
        if folder not in taken and room in staying
    }
    return AddressBook(everywhere, book.conversations, moved)


def note_conversations(
    book: AddressBook, pages: Iterable[tuple[EventId, tuple[Address, ...]]]
) -> AddressBook:
    """Return the book as it stands after a build of these conversations."""
    return replace(book, conversations={str(root): tuple(addresses) for root, addresses in pages})


def _former_days(page: Page, book: AddressBook) -> tuple[Address, ...]:
    rooms = {message.room_id or page.room_id for message in page.messages}
    day = page.address.rstrip("/").rpartition("/")[2]
    return tuple(Address(f"{folder}{day}/") for folder, room in sorted(book.moved.items()) if room in rooms)


def _is_said(folder: str, rooms: Collection[str], names: Callable[[str], Iterable[str]]) -> bool:
    """Whether no word of a folder was taken back; letters of a room's identifier may be in it."""
    slug = folder.rstrip("/")
    missing = set(slug.split("-")) - {NO_NAME} - {page_id(EventId(room)) for room in rooms}
    is_taken_back = False
    for name in chain.from_iterable(map(names, rooms)):
        missing -= slug_words(name)
        is_taken_back = is_taken_back or not name
        # A name that is too long for an address is cut, perhaps inside a word.
        if not missing or slug == slugify(name, NO_NAME):
            return True
    return not is_taken_back

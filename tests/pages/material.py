"""Messages, conversations and pages in the few words that a test of this stage needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from garden.archive.event import EventId, MediaForm, MxcUri, RoomAlias, RoomId, UserId
from garden.conversations.conversation import (
    Attachment,
    Conversation,
    ConversationKind,
    Message,
    MessageKind,
)
from garden.language import load_language
from garden.pages.address import Address
from garden.pages.card import make_card, make_directory, make_note_card
from garden.pages.compose import RoomFolder, compose_page
from garden.pages.link import Directory, link_pages
from garden.pages.media import MediaFile
from garden.pages.note import read_note
from garden.pages.note_links import Shelf, link_note
from garden.pages.page import Note, Page, PageLinks
from garden.pages.passage import find_wanted, take_passages

ROOM = RoomId("!seeds:fen.example")
SEEDS = Address("seeds/")
ALIAS = RoomAlias("#seeds:fen.example")
BASE = "https://fen.example/garden/"
MORNING = 1_741_000_320_000
"""2025-03-03, 11:12 UTC."""

JAR = MxcUri("mxc://fen.example/jar")

FOLDER = RoomFolder(ROOM, SEEDS)
ENGLISH = load_language("en")
JAR_FILE = MediaFile("ab/jar.webp", 640, 480, 4096, "image/webp")


def message(
    name: str, body: str, *, formatted: str | None = None, minute: int = 0, by: str = "ada"
) -> Message:
    return Message(
        event_id=EventId(f"${name}:fen.example"),
        room_id=ROOM,
        sender=UserId(f"@{by}:fen.example"),
        sender_name=by.title(),
        sent_at=MORNING + minute * 60_000,
        kind=MessageKind.TEXT,
        body=body,
        formatted_body=formatted,
    )


def answer(name: str, target: Message, body: str, *, minute: int = 1) -> Message:
    return replace(message(name, body, minute=minute, by="ben"), reply_to=target.event_id)


def picture(name: str, body: str, file_name: str = "jar.webp") -> Message:
    return replace(message(name, body), kind=MessageKind.IMAGE, attachment=Attachment(JAR, file_name))


def conversation(*messages: Message, kind: ConversationKind = ConversationKind.THREAD) -> Conversation:
    return Conversation(kind, ROOM, messages, messages[0].event_id)


def locate(uri: MxcUri, _form: MediaForm) -> MediaFile | None:
    return JAR_FILE if uri == JAR else None


def compose(*messages: Message, elsewhere: Iterable[Message] = (), history: bool = False) -> Page:
    """Write messages down as one page; those `elsewhere` stand on others."""
    answered = {message.event_id: message for message in elsewhere}
    return compose_page(conversation(*messages), FOLDER, answered, locate, ENGLISH, history=history)


def note(path: str, text: str) -> Note:
    return read_note(text, path)


def directory(*pages: Page | Note) -> Directory:
    """The directory of a garden of these pages, in one room called Seeds."""
    cards = [
        make_card(page, BASE) if isinstance(page, Page) else make_note_card(page, BASE) for page in pages
    ]
    homes = {
        message.event_id: page.address
        for page in pages
        if isinstance(page, Page)
        for message in page.messages
    }
    return make_directory(BASE, cards, [(ROOM, ALIAS, "Seeds", SEEDS)], homes)


def shelf(*pages: Page | Note, language: str = "en", is_named: bool = True, is_listed: bool = True) -> Shelf:
    """What notes of a garden of these pages may show."""
    cards = [
        make_card(page, BASE) if isinstance(page, Page) else make_note_card(page, BASE) for page in pages
    ]
    wanted = find_wanted((page for page in pages if isinstance(page, Note)), BASE)
    passages = {
        passage.anchor: passage
        for page in pages
        if isinstance(page, Page)
        for passage in take_passages(page, wanted, is_named=is_named, is_listed=is_listed)
    }
    return Shelf(
        directory(*pages),
        passages,
        {card.address: card for card in cards},
        frozenset() if is_listed else frozenset({ROOM}),
        load_language(language),
    )


def write_note(
    written: Note, *pages: Page | Note, language: str = "en", is_named: bool = True, is_listed: bool = True
) -> Note:
    """Link a note in a garden that holds it and these pages."""
    found = shelf(written, *pages, language=language, is_named=is_named, is_listed=is_listed)
    links = link_pages(found.cards.values(), found.directory)
    return link_note(written, links.get(written.address, PageLinks()), found)

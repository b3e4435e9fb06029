"""Messages, conversations and pages in the few words that a test of this stage needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from garden.archive.event import EventId, MediaForm, MxcUri, RoomId, UserId
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
from garden.pages.link import Directory
from garden.pages.media import MediaFile
from garden.pages.note import read_note
from garden.pages.page import Note, Page

ROOM = RoomId("!seeds:fen.example")
SEEDS = Address("seeds/")
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
    return make_directory(BASE, cards, [(ROOM, None, "Seeds", SEEDS)], homes)

"""What stood where is remembered, also when two rooms turn out to be one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from garden.address_book import (
    ADDRESS_FILE,
    AddressBook,
    former_addresses,
    note_conversations,
    note_rooms,
    read_address_book,
    write_address_book,
)
from garden.archive.event import EventId, RoomId
from garden.conversations.conversation import ConversationKind
from garden.errors import ArchiveError
from garden.pages.address import Address
from tests.site.growing import SEEDS, say, talk

OLD, NEW = RoomId("!old:fen.example"), SEEDS.room.room_id


def test_a_book_is_read_as_it_was_written(tmp_path: Path) -> None:
    book = AddressBook({NEW: "seeds/"}, {"$root": ("seeds/a-1/", "seeds/b-1/")}, {"sprouts/": NEW})
    write_address_book(tmp_path, book)

    assert read_address_book(tmp_path) == book


def test_a_book_of_an_earlier_version_knows_of_no_folder_that_was_left(tmp_path: Path) -> None:
    (tmp_path / ADDRESS_FILE).write_text('{"rooms": {"!a": "a/"}, "conversations": {}}')

    assert read_address_book(tmp_path) == AddressBook({"!a": "a/"})


def test_a_room_that_joins_an_older_one_leaves_its_folder_behind() -> None:
    book = note_rooms(AddressBook({OLD: "seeds/", NEW: "sprouts/"}), {OLD: "seeds/", NEW: "seeds/"})

    assert book.rooms == {OLD: "seeds/", NEW: "seeds/"}
    assert book.moved == {"sprouts/": NEW}
    assert set(book.folders.values()) == {"seeds/", "sprouts/"}
    assert note_rooms(book, {OLD: "seeds/", NEW: "seeds/"}) == book


def test_a_folder_that_is_in_use_again_leads_nowhere_else() -> None:
    book = AddressBook({NEW: "seeds/"}, moved={"sprouts/": NEW})

    assert note_rooms(book, {NEW: "sprouts/"}).moved == {"seeds/": NEW}


def test_a_room_that_is_not_planted_now_leaves_the_book_with_all_its_folders() -> None:
    before = AddressBook({OLD: "seeds/", NEW: "sprouts/"}, {"$root": ("seeds/a-1/",)}, {"old-words/": OLD})
    book = note_conversations(note_rooms(before, {NEW: "sprouts/"}), [])

    assert book == AddressBook({NEW: "sprouts/"})


def test_a_room_that_may_return_keeps_its_folders() -> None:
    before = AddressBook({OLD: "seeds/"}, moved={"old-words/": OLD, "gone/": "!gone:fen.example"})
    book = note_rooms(before, {NEW: "sprouts/"}, keep={OLD})

    assert book == AddressBook({OLD: "seeds/", NEW: "sprouts/"}, moved={"old-words/": OLD})
    assert note_rooms(book, {OLD: "seeds/"}, keep={NEW}) == book


def test_a_book_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"addresses\.json"):
        write_address_book(tmp_path / "nowhere", AddressBook())


def test_a_day_is_found_in_the_folder_that_its_room_has_left() -> None:
    book = AddressBook(moved={"sprouts/": NEW, "other/": "!other"})
    day = talk(say("a", "Fog."), kind=ConversationKind.DAY)
    before = replace(day, messages=(replace(say("a", "Fog."), room_id=OLD),))

    assert former_addresses(day, book) == ("sprouts/2025-03-03/",)
    assert former_addresses(before, book) == ()


def test_a_conversation_is_found_where_it_stood_while_its_words_are_public() -> None:
    book = note_conversations(
        AddressBook(),
        [(EventId("$a"), (Address("sprouts/dry-beans-3fk2a9xy/"), Address("x/secret-3fk2a9xy/")))],
    )

    assert former_addresses(talk(say("a", "Dry beans.")), book) == ("sprouts/dry-beans-3fk2a9xy/",)


def test_a_draft_that_a_killed_run_has_left_goes_with_its_words(tmp_path: Path) -> None:
    draft = tmp_path / f".{ADDRESS_FILE}.next"
    for book in (AddressBook({NEW: "seeds/"}), AddressBook({NEW: "seeds/"}), AddressBook()):
        draft.write_text("words that were taken back", encoding="utf-8")
        write_address_book(tmp_path, book)

        assert [path.name for path in tmp_path.iterdir()] == [ADDRESS_FILE]
        assert read_address_book(tmp_path) == book

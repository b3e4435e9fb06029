"""Pinned messages lead a room's index: those that stand on a page, newest pin first, and no others."""

from __future__ import annotations

from dataclasses import replace

from garden.archive.event import EventId
from garden.conversations.conversation import MessageKind
from garden.pages.address import Address
from garden.pages.page import Page
from garden.site.indexes import present_room
from garden.site.pins import MAX_PINS, Pin, find_pins, present_pins
from tests.site.growing import BEANS, SEEDS, anchor, card, frame, remove, say, talk

ROOM = SEEDS.address


def ids(*names: str) -> list[EventId]:
    return [EventId(f"${name}") for name in names]


def found(page: Page, *names: str) -> dict[EventId, Pin]:
    return {pin.event_id: pin for pin in find_pins(page, frozenset(ids(*names)))}


TALK = talk(
    say("a", "How do we *store* bean seed?"), say("b", "In a jar.", who="ben", at=5), say("c", "Yes.")
)


def test_a_pin_says_who_said_what_and_leads_to_the_message() -> None:
    pins = found(TALK, "b")
    (view,) = present_pins(ROOM, ids("b"), pins)

    assert (view.author, view.excerpt, view.kind) == ("Ben", "In a jar.", "text")
    assert view.url == f"beans-3fk2a9xy/#{anchor('b')}"
    assert view.time.iso == "2025-03-03T12:05:00.000Z"


def test_the_newest_pin_stands_first_and_what_stands_on_no_page_not_at_all() -> None:
    views = present_pins(ROOM, ids("b", "forged", "a"), found(TALK, "a", "b", "forged"))

    assert [view.excerpt for view in views] == ["How do we store bean seed?", "In a jar."]


def test_a_room_shows_no_pins_of_another() -> None:
    assert present_pins(Address("water/"), ids("a"), found(TALK, "a")) == ()


def test_what_was_removed_encrypted_or_is_no_message_is_no_pin() -> None:
    kinds = (MessageKind.STATE, MessageKind.ENCRYPTED)
    page = talk(say("a", "Hi."), remove(say("b", "")), *(replace(say(kind, ""), kind=kind) for kind in kinds))

    assert set(found(page, "a", "b", *kinds)) == {"$a"}


def test_a_picture_without_words_is_pinned_as_a_picture() -> None:
    page = talk(replace(say("a", "![jars](../media/ab/cd.webp)"), kind=MessageKind.IMAGE))
    (view,) = present_pins(ROOM, ids("a"), found(page, "a"))

    assert (view.kind, view.excerpt) == ("image", "")


def test_pins_do_not_fill_the_page() -> None:
    names = [str(number) for number in range(MAX_PINS + 5)]
    page = talk(*(say(name, name) for name in names))
    views = present_pins(ROOM, ids(*names), found(page, *names))

    assert [view.excerpt for view in views] == names[:4:-1]


def test_pins_stand_on_the_first_part_of_their_room() -> None:
    place = replace(SEEDS, room=replace(SEEDS.room, pinned=tuple(ids("b"))))
    first, second = present_room(frame, place, [card("x"), card("y")], {}, 1, found(TALK, "a", "b"))

    assert [view.excerpt for view in first[1].pinned] == ["In a jar."]
    assert second[1].pinned == ()
    assert BEANS.startswith(ROOM)

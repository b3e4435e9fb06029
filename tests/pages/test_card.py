"""A card says of its page what the whole garden needs, and two pages never get one address."""

from __future__ import annotations

from dataclasses import replace

import pytest

from garden.conversations.conversation import MessageKind
from garden.errors import AddressClashError
from garden.pages.card import make_card, make_directory, make_note_card
from garden.pages.page import Page
from tests.pages.material import BASE, ROOM, SEEDS, answer, compose, directory, message, note

ROOT = message("a", "How do we **store** beans?")


def test_a_card_counts_who_speaks_and_quotes_the_first_words() -> None:
    gone = replace(message("x", "erased"), kind=MessageKind.REMOVED)
    card = make_card(compose(gone, ROOT, answer("b", ROOT, "Dry."), answer("c", ROOT, "Cool.")), BASE)
    assert (card.message_count, card.people_count, card.excerpt) == (3, 2, "How do we **store** beans?")
    assert "erased" not in str(card)


def test_a_card_stays_small_whatever_is_said() -> None:
    card = make_card(compose(message("a", "word " * 20_000)), BASE)
    assert len(card.excerpt) <= 200
    assert len(card.title) <= 80


def test_a_note_has_a_card_of_the_same_form() -> None:
    card = make_note_card(
        note("house-rules.md", "---\ntags: [rules]\n---\n# House rules\n\nBe *kind*."), BASE
    )
    assert (card.kind, card.title, card.excerpt, card.tags) == ("note", "House rules", "Be kind.", ("rules",))


def test_two_pages_that_want_one_address_are_all_named() -> None:
    with pytest.raises(AddressClashError) as caught:
        directory(
            note("a b.md", "# One"),
            note("a-b.md", "# Two"),
            note("c d.md", "# Three"),
            note("c-d.md", "# Four"),
        )
    assert "notes/a-b/ ('One' and 'Two')" in str(caught.value)
    assert "notes/c-d/" in str(caught.value)
    assert "Rename" in caught.value.hint


def test_a_page_cannot_stand_where_a_room_stands() -> None:
    page: Page = replace(compose(ROOT), address=SEEDS)
    with pytest.raises(AddressClashError, match="seeds/"):
        make_directory(BASE, [make_card(page, BASE)], [(ROOM, None, "Seeds", SEEDS)], {})


def test_a_title_that_a_note_and_a_conversation_share_leads_to_the_note() -> None:
    house = note("house.md", "# How do we **store** beans?")
    titled = replace(house, title=compose(ROOT).title)
    assert directory(compose(ROOT), titled).titles[titled.title.casefold()] == "notes/house/"

"""One conversation becomes one page: its title, its tags, its pictures, its messages in order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings

from garden.archive.event import UserId
from garden.conversations.conversation import (
    Attachment,
    Conversation,
    ConversationKind,
    MessageKind,
    Reaction,
)
from garden.pages.address import message_anchor, page_id
from garden.pages.compose import TITLE_LENGTH, compose_page, compose_tags, compose_title
from garden.pages.dialect import read_page, write_page
from tests.pages.material import JAR, ROOM, SEEDS, answer, compose, conversation, message, picture
from tests.pages.strategies import texts


@pytest.mark.parametrize(
    ("body", "formatted", "title"),
    [
        ("How do we store beans? In jars.", None, "How do we store beans?"),
        ("", "<h1>Storing <b>beans</b></h1><p>In jars.</p>", "Storing beans"),
        ("🌱 …\nThen words", None, "Then words"),
        ("see https://a.example/x", None, "see https://a.example/x"),
        ("?!", None, "Untitled conversation"),
        ("**not bold**", None, "**not bold**"),
        ("كيف نخزن البذور؟", None, "كيف نخزن البذور؟"),
    ],
)
def test_a_title_is_the_first_heading_or_sentence(body: str, formatted: str | None, title: str) -> None:
    assert compose_title(conversation(message("a", body, formatted=formatted))) == title


@given(texts, texts)
@settings(max_examples=300)
def test_a_title_is_one_short_line_and_never_empty(first: str, second: str) -> None:
    title = compose_title(conversation(message("a", first), message("b", second)))
    assert 0 < len(title) <= TITLE_LENGTH
    assert title == " ".join(title.split())


def test_a_day_is_named_by_its_day() -> None:
    day = Conversation(ConversationKind.DAY, ROOM, (message("a", "Morning"),), day=date(2025, 3, 3))
    page = compose_page(day, SEEDS, lambda _uri: None)
    assert (page.title, page.address, page.root_id) == ("3 March 2025", "seeds/2025-03-03/", None)


def test_a_removed_root_leaves_its_title_to_the_first_answer() -> None:
    root = replace(message("a", "erased"), kind=MessageKind.REMOVED)
    page = compose(root, answer("b", root, "But why?"))
    assert page.title == "But why?"
    assert page.messages[0].text == ""
    assert "erased" not in write_page(page)


@pytest.mark.parametrize(
    ("body", "tags"),
    [
        ("#beans and #Storage", ("beans", "storage")),
        ("#seed_saving, #seed-saving and #Seed_Saving", ("seed-saving",)),
        ("#ﬁsh #fish #ＦＩＳＨ", ("fish",)),
        ("#بذور and #花の種", ("بذور", "花の種")),
        ("`#include <x>` https://a.example/#part a#b ## #1 #x &#35;", ()),
        ("#room:fen.example is an alias", ()),
        ("```\n#define\n```", ()),
    ],
)
def test_hashtags_are_tags_in_one_spelling(body: str, tags: tuple[str, ...]) -> None:
    assert compose_tags(conversation(message("a", body))) == tags


def test_a_page_says_when_it_was_planted_and_tended() -> None:
    first, second = message("a", "one", minute=5), message("b", "two", minute=1)
    edited = replace(second, edited_at=first.sent_at + 600_000)
    page = compose(first, edited)
    assert (page.planted, page.tended) == (second.sent_at, first.sent_at + 600_000)


def test_an_answer_names_the_message_on_its_page_and_no_other() -> None:
    root = message("a", "one")
    inside, outside = answer("b", root, "two"), answer("c", message("elsewhere", "x"), "three")
    page = compose(root, inside, outside)
    assert [each.reply_to for each in page.messages] == [None, message_anchor(root.event_id), None]


def test_reactions_are_counted_not_named() -> None:
    ben, mo = UserId("@ben:fen.example"), UserId("@mo:fen.example")
    root = replace(message("a", "one"), reactions=(Reaction("🌱", (ben, mo)), Reaction("so true", (mo,))))
    assert compose(root).messages[0].reactions == (("🌱", 2), ("so true", 1))
    assert "@mo" not in write_page(compose(root))


def test_a_copied_picture_stands_with_its_size_and_caption() -> None:
    shown = compose(picture("a", "Four *labels*"), message("b", "words")).messages[0]
    assert shown.text == "![jar](../../media/ab/jar.webp){width=640 height=480}\n\nFour \\*labels\\*"
    assert shown.kind is MessageKind.IMAGE


def test_a_picture_whose_body_is_its_name_has_no_caption() -> None:
    assert compose(picture("a", "jar.webp")).messages[0].text.endswith("height=480}")


def test_a_picture_that_was_not_copied_is_named() -> None:
    lost = replace(picture("a", "A jar"), attachment=Attachment(JAR, "my_jar.webp"))
    page = compose_page(conversation(lost), SEEDS, lambda _uri: None)
    assert page.messages[0].text == "Picture: my_jar.webp\n\nA jar"


def test_a_file_is_named_and_not_linked() -> None:
    file = replace(picture("a", "plan.pdf", "plan [1].pdf\n# x"), kind=MessageKind.FILE)
    assert compose(file).messages[0].text == "File: plan \\[1\\].pdf # x\n\nplan.pdf"


@given(texts)
@settings(max_examples=300)
def test_a_file_name_cannot_break_out_of_its_picture(name: str) -> None:
    page = compose(picture("a", "caption", name or "x"), message("b", "words"))
    assert [
        line for line in page.messages[0].text.split("\n") if "](../../media/ab/jar.webp){width=640" in line
    ]
    assert read_page(write_page(page), f"seeds/{page.address.split('/')[1]}.md") == page


def test_plain_words_stand_where_html_holds_none() -> None:
    assert compose(message("a", "words", formatted="<script>x</script>")).messages[0].text == "words"


def test_an_address_ends_in_the_roots_id() -> None:
    root = message("a", "How do we store beans?")
    assert compose(root).address == f"seeds/how-do-we-store-beans-{page_id(root.event_id)}/"

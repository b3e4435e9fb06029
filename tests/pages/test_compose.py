"""One conversation becomes one page: its title, its tags, its pictures, its messages in order."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings

from garden.archive.event import RoomId, UserId
from garden.conversations.conversation import (
    Change,
    ChangeKind,
    Conversation,
    ConversationKind,
    MessageKind,
    Reaction,
    Version,
)
from garden.pages.address import message_anchor, page_id
from garden.pages.compose import TITLE_LENGTH, compose_page, compose_tags
from garden.pages.dialect import read_page, write_page
from garden.pages.page import Answered, PageReaction, PageVersion
from tests.pages.material import (
    ENGLISH,
    FOLDER,
    JAR,
    MORNING,
    ROOM,
    answer,
    compose,
    conversation,
    locate,
    message,
    picture,
)
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
    assert compose(message("a", body, formatted=formatted)).title == title


@given(texts, texts)
@settings(max_examples=300)
def test_a_title_is_one_short_line_and_never_empty(first: str, second: str) -> None:
    title = compose(message("a", first), message("b", second)).title
    assert 0 < len(title) <= TITLE_LENGTH
    assert title == " ".join(title.split())


def test_a_day_is_named_by_its_day() -> None:
    day = Conversation(ConversationKind.DAY, ROOM, (message("a", "Morning"),), day=date(2025, 3, 3))
    page = compose_page(day, FOLDER, {}, locate, ENGLISH)
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


def test_a_flood_of_hashtags_makes_no_flood_of_pages() -> None:
    body = " ".join(f"#tag{number:04}" for number in range(6_000))
    assert compose_tags(conversation(message("a", body))) == tuple(f"tag{number:04}" for number in range(30))


def test_a_page_says_when_it_was_planted_and_tended() -> None:
    first, second = message("a", "one", minute=5), message("b", "two", minute=1)
    edited = replace(second, edited_at=first.sent_at + 600_000)
    page = compose(first, edited)
    assert (page.planted, page.tended) == (second.sent_at, first.sent_at + 600_000)


def test_an_answer_names_the_message_on_its_page() -> None:
    root = message("a", "one")
    page = compose(root, answer("b", root, "two"))
    anchor = message_anchor(root.event_id)
    assert [each.reply_to for each in page.messages] == [None, Answered(root.event_id, anchor, "", "")]


def test_an_answer_to_another_page_reminds_of_what_was_said_there() -> None:
    far = message("far", "Dry *and* airtight. " + "And so on. " * 20, by="mo")
    page = compose(message("a", "one"), answer("b", far, "two"), elsewhere=[far])
    reminder = page.messages[1].reply_to
    assert reminder is not None
    assert (reminder.author, reminder.is_here, reminder.page) == ("Mo", False, "")
    assert reminder.excerpt.startswith("Dry *and* airtight. And so on.")
    assert len(reminder.excerpt) <= 100


def test_an_answer_to_what_was_removed_or_is_not_published_reminds_of_nothing() -> None:
    gone = replace(message("far", "erased", by="mo"), kind=MessageKind.REMOVED)
    page = compose(answer("b", gone, "two"), answer("c", message("never", "x"), "three"), elsewhere=[gone])
    assert [(each.reply_to.author, each.reply_to.excerpt) for each in page.messages if each.reply_to] == [
        ("", ""),
        ("", ""),
    ]
    assert "erased" not in write_page(page)


def test_a_hidden_word_is_not_told_by_the_reminder_of_an_answer() -> None:
    far = message("far", "x", formatted='It was <span data-mx-spoiler="who">the gardener</span>.')
    page = compose(answer("b", far, "two"), elsewhere=[far])
    assert "gardener" not in write_page(page)


def test_reactions_name_who_gave_them() -> None:
    ben, mo = UserId("@ben:fen.example"), UserId("@mo:fen.example")
    reactions = (Reaction("🌱", (ben, mo), ("Ben", "Mo")), Reaction(":bean:", (mo,), ("Mo",), JAR))
    root = replace(message("a", "one"), reactions=reactions)
    assert compose(root).messages[0].reactions == (
        PageReaction("🌱", ("Ben", "Mo")),
        PageReaction(":bean:", ("Mo",), "ab/jar.webp"),
    )


def test_earlier_wordings_stand_on_the_page_only_where_the_garden_shows_them() -> None:
    root = replace(message("a", "final"), versions=(Version(MORNING, "first *draft*"),), edited_at=MORNING)
    assert compose(root).messages[0].history == ()
    assert compose(root, history=True).messages[0].history == (PageVersion(MORNING, "first \\*draft\\*"),)


def test_a_change_of_the_room_is_its_kind_and_its_value() -> None:
    change = Change(ChangeKind.TOPIC, "What *to* sow")
    day = compose(replace(message("a", ""), kind=MessageKind.STATE, change=change), message("b", "words"))
    assert (day.messages[0].change, day.messages[0].text) == (ChangeKind.TOPIC, "What \\*to\\* sow")
    assert day.title == "words"


def test_a_message_from_before_an_upgrade_says_which_room_it_was_sent_to() -> None:
    old = replace(message("a", "one"), room_id=RoomId("!old:fen.example"))
    page = compose(old, message("b", "two"))
    assert [each.room_id for each in page.messages] == ["!old:fen.example", None]
    assert page.room_id == ROOM


def test_a_copied_picture_stands_with_its_size_and_caption() -> None:
    shown = compose(picture("a", "Four *labels*"), message("b", "words")).messages[0]
    caption = "Four \\*labels\\*"
    assert shown.text == f"![{caption}](../../media/ab/jar.webp){{width=640 height=480}}\n\n{caption}"
    assert shown.kind is MessageKind.IMAGE


def test_a_picture_without_words_has_no_caption() -> None:
    assert compose(picture("a", "")).messages[0].text.endswith("height=480}")


@given(texts)
@settings(max_examples=300)
def test_a_file_name_cannot_break_out_of_its_picture(name: str) -> None:
    page = compose(picture("a", "caption", name or "x"), message("b", "words"))
    assert [
        line for line in page.messages[0].text.split("\n") if "](../../media/ab/jar.webp){width=640" in line
    ]
    assert read_page(write_page(page), f"seeds/{page.address.split('/')[1]}.md") == page


def test_a_video_without_an_address_is_named_as_missing() -> None:
    lost = replace(message("a", "clip.mp4"), kind=MessageKind.VIDEO)
    assert compose(lost).messages[0].text == '[clip.mp4]{.missing what="video"}'


def test_plain_words_stand_where_html_holds_none() -> None:
    assert compose(message("a", "words", formatted="<script>x</script>")).messages[0].text == "words"


def test_an_address_ends_in_the_roots_id() -> None:
    root = message("a", "How do we store beans?")
    assert compose(root).address == f"seeds/how-do-we-store-beans-{page_id(root.event_id)}/"


def test_a_thousand_answers_to_one_long_message_write_only_its_beginning() -> None:
    long = message("far", "x", formatted="<p>Dry them. " + "<b>a</b><i>b</i> " * 4_000 + "</p>")
    answers = [answer(f"b{number}", long, "two") for number in range(1_000)]
    start = time.process_time()
    page = compose(*answers, elsewhere=[long])
    assert time.process_time() - start < 5
    assert all(each.reply_to and each.reply_to.excerpt.startswith("Dry them.") for each in page.messages)


def test_a_reminder_that_is_cut_tells_nothing_that_is_hidden() -> None:
    hidden = "<p>" + "<b></b>" * 300 + '<span data-mx-spoiler="who">the gardener</span></p>'
    far = message("far", "the gardener", formatted=hidden)
    assert "gardener" not in write_page(compose(answer("b", far, "two"), elsewhere=[far]))

"""Settings give tags by whole words, in any script, and by rooms; no word is ever a pattern."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import pytest

from garden.conversations.conversation import ConversationKind, Message, MessageKind
from garden.pages.compose import compose_page
from garden.pages.tagging import Tagging
from tests.pages.material import ENGLISH, FOLDER, answer, conversation, locate, message


def tags(*words: str, said: str, formatted: str | None = None) -> tuple[str, ...]:
    return compose_tags(message("a", said, formatted=formatted), tagging=Tagging((("Found it", words),)))


def compose_tags(*messages: Message, tagging: Tagging) -> tuple[str, ...]:
    return compose_page(conversation(*messages), FOLDER, {}, locate, ENGLISH, tagging=tagging).tags


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("jar", "A JAR, please"),
        ("Jar", "jar"),
        ("seed bank", "our Seed\n bank is full"),
        ("straße", "in der STRASSE"),
        ("käse", "Ka\u0308se"),
        ("ｊａｒ", "jar"),
        ("種", "花の種を"),
        ("トマト", "トマトソース"),
        ("씨앗", "씨앗을 보관"),
        ("बीज", "यह बीज है"),
        ("بذور", "حفظ بذور"),
        ("c++", "I write C++ at night"),
        ("jar", "[jar]"),
    ],
)
def test_a_word_is_found_whole_in_any_script_whatever_its_capitals(word: str, said: str) -> None:
    assert tags(word, said=said) == ("found-it",)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("jar", "ajar jars jar_"),
        ("bean", "https://seeds.example/bean/"),
        ("बीज", "बीजों"),
        ("seed bank", "seed, bank"),
        (".*", "anything at all"),
        ("a.c", "abc"),
        ("(", "x"),
        ("[a-z]+", "abc"),
    ],
)
def test_what_is_another_word_is_not_found(word: str, said: str) -> None:
    assert tags(word, said=said) == ()


def test_words_that_readers_do_not_see_give_no_tag() -> None:
    assert tags("gardener", said="x", formatted="<span data-mx-spoiler>the gardener</span>") == ()
    gone = replace(message("b", "jar"), kind=MessageKind.REMOVED)
    assert compose_tags(message("a", "x"), gone, tagging=Tagging((("jars", ("jar",)),))) == ()


def test_any_message_and_any_word_gives_the_tag_beside_hashtags() -> None:
    root = message("a", "How? #beans")
    rules = Tagging((("storage", ("jar", "cellar")), ("Storage!", ("shelf",)), ("water", ("ditch",))))
    assert compose_tags(root, answer("b", root, "In a jar."), tagging=rules) == ("beans", "storage")
    assert compose_tags(root, answer("b", root, "On a shelf."), tagging=rules) == ("beans", "storage")


def test_a_room_gives_its_tags_to_conversations_and_not_to_days() -> None:
    talk = conversation(message("a", "x"))
    day = replace(talk, kind=ConversationKind.DAY, day=date(2025, 3, 3), root_id=None)
    rules = Tagging(given=("Seeds",))
    found = [compose_page(each, FOLDER, {}, locate, ENGLISH, tagging=rules).tags for each in (talk, day)]
    assert found == [("seeds",), ()]


def test_a_name_that_no_address_can_have_is_no_tag() -> None:
    assert compose_tags(message("a", "jar"), tagging=Tagging((("_", ("jar",)),), ("_",))) == ()


def test_many_words_and_long_texts_take_no_time() -> None:
    words = tuple(f"word{number} and more" for number in range(1000))
    before = time.process_time()
    assert tags(*words, said="word " * 12_000) == ()
    assert tags("a" * 60, said="a" * 60_000) == ()
    assert tags("a a a a a a a", said="a " * 30_000 + "!") == ("found-it",)
    assert time.process_time() - before < 5

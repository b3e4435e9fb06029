"""What was asked of conversations is done: titles, tags, stages, answers; lifting, splitting, merging."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from garden.archive.event import EventId
from garden.conversations.conversation import Message
from garden.conversations.gesture import Gesture, Verb
from garden.conversations.tend import Wanted, tend_conversations
from garden.conversations.tending import UNTENDED, GivenTending, Stage, Tending
from garden.conversations.thread import thread_conversations
from tests.conversations.test_thread import in_words, message, removed

TALK = [
    message("a"),
    message("b", answers="a"),
    message("p", thread="t"),
    message("c", answers="b"),
    message("t"),
    message("u"),
    message("v", answers="u"),
    message("q", thread="t"),
    message("d", answers="c"),
    message("w"),
]
DAY = "2025-03-03"


def ask(words: str) -> Gesture:
    """`merge a t`: verb, message, text."""
    verb, about, *text = words.split(" ", 2)
    return Gesture(Verb(verb), EventId(f"${about}"), *text)


def find(text: str) -> EventId | None:
    return EventId(f"${text}") if len(text) == 1 else None


def give(of: str, **said: Any) -> GivenTending:  # noqa: ANN401 - any of its fields
    return GivenTending("garden.toml:1", f"${of}", **said)


def tend(
    *gestures: str, given: Iterable[GivenTending] = (), talk: list[Message] | None = None
) -> tuple[list[str], list[str]]:
    messages = TALK if talk is None else talk
    wanted = Wanted(tuple(map(ask, gestures)), tuple(given), find)
    conversations, problems = tend_conversations(thread_conversations(messages), messages, wanted)
    return sorted(map(in_words, conversations)), problems


def decided(*gestures: str, given: Iterable[GivenTending] = (), of: str = "$a") -> Tending:
    wanted = Wanted(tuple(map(ask, gestures)), tuple(given), find)
    conversations, problems = tend_conversations(thread_conversations(TALK), TALK, wanted)
    assert problems == []
    return next(each.tending for each in conversations if each.root_id == of)


USUAL = ["chain a: a b c d", f"day {DAY}: u v w", "thread t: p t q"]


def test_where_nothing_is_asked_everything_stays() -> None:
    assert tend() == (USUAL, [])
    assert decided() == UNTENDED


# --- what is said of a conversation ---


@pytest.mark.parametrize(
    ("gestures", "tending"),
    [
        (["title b One", "title a Two"], Tending(title="Two", former_titles=("One",))),
        (["title a One", "title a"], Tending(former_titles=("One",))),
        (["title a One", "title a Two", "title a One"], Tending(title="One", former_titles=("Two",))),
        (["summary a Dry it."], Tending(summary="Dry it.")),
        (
            ["tag a beans, Seed storage", "tag b #dry #cold"],
            Tending(tags=("beans", "Seed storage", "dry", "cold")),
        ),
        (["tag a beans, cold", "untag a Beans"], Tending(tags=("cold",), tags_off=("Beans",))),
        (["untag a beans", "tag a beans"], Tending(tags=("beans",))),
        (["stage a evergreen", "stage d budding"], Tending(stage=Stage.BUDDING)),
        (["stage a evergreen", "stage a"], Tending()),
        (["answer b", "answer c"], Tending(answer=EventId("$c"))),
        (["answer b", "answer a"], Tending(answer=EventId("$b"))),
        (["feature a"], Tending(featured=True)),
        (["feature a", "unfeature c"], Tending()),
        (["title x Elsewhere", "hide a"], Tending()),
    ],
)
def test_the_latest_word_on_a_conversation_counts(gestures: list[str], tending: Tending) -> None:
    assert decided(*gestures) == tending


def test_what_files_say_counts_and_what_they_leave_open_is_as_the_room_says() -> None:
    chat = ("title a One", "tag a beans", "stage a evergreen", "feature a", "answer b", "summary a So.")
    assert decided(*chat, given=[give("d", title="Two", tags=("cold",))]) == Tending(
        title="Two",
        summary="So.",
        tags=("cold",),
        stage=Stage.EVERGREEN,
        answer=EventId("$b"),
        featured=True,
        former_titles=("One",),
    )
    given = give("a", title="", summary="", growth=Stage.SEEDLING, answer="$c", featured=False)
    assert decided(*chat, given=[given]) == Tending(
        tags=("beans",), stage=Stage.SEEDLING, answer=EventId("$c"), former_titles=("One",)
    )
    both = [give("a", title="First", former_titles=("Old",)), give("b", title="Second")]
    assert decided(given=both) == Tending(title="Second", former_titles=("Old", "First"))


def test_an_answer_that_stands_elsewhere_is_told() -> None:
    assert tend(given=[give("a", answer="$p")]) == (
        USUAL,
        ["garden.toml:1: the answer does not stand in this conversation"],
    )


def test_a_day_is_not_tended() -> None:
    wanted = Wanted(tuple(map(ask, ["stage w evergreen", "tag w x", "feature u"])), (), find)
    conversations, _ = tend_conversations(thread_conversations(TALK), TALK, wanted)
    assert [each.tending for each in conversations] == [UNTENDED] * 3


# --- lifting ---


@pytest.mark.parametrize("gesture", ["title v The two", "split u", "title u The two"])
def test_a_title_lifts_what_was_said_by_the_way_to_a_page_of_its_own(gesture: str) -> None:
    assert tend(gesture) == (["chain a: a b c d", "chain u: u v", f"day {DAY}: w", "thread t: p t q"], [])


def test_a_title_that_was_taken_back_leaves_it_on_its_day() -> None:
    assert tend("title v The two", "title v") == (USUAL, [])


def test_a_day_of_which_everything_was_lifted_is_gone() -> None:
    assert tend("title v X", "title w Y")[0] == [
        "chain a: a b c d",
        "chain u: u v",
        "chain w: w",
        "thread t: p t q",
    ]


# --- splitting ---


@pytest.mark.parametrize(
    ("gestures", "parts"),
    [
        (["split c"], ["chain a: a b", "chain c: c d"]),
        (["split c", "split b", "split c"], ["chain a: a", "chain b: b", "chain c: c d"]),
        (["split a"], ["chain a: a b c d"]),
        (["split x"], ["chain a: a b c d"]),
    ],
)
def test_another_page_begins_at_the_message_to_split_at(gestures: list[str], parts: list[str]) -> None:
    found, problems = tend(*gestures)
    assert (found, problems) == (sorted([*parts, *USUAL[1:]]), [])


def test_a_split_is_said_in_files_too_and_each_part_is_tended_by_itself() -> None:
    given = [give("a", split=("$c",))]
    assert tend(given=given)[0] == sorted(["chain a: a b", "chain c: c d", *USUAL[1:]])
    assert decided("title d Rest", "title b Start", given=given, of="$c").title == "Rest"


def test_nothing_is_split_off_in_which_nobody_speaks() -> None:
    talk = [message("a"), message("b", thread="a"), removed("c", thread="a"), removed("d", thread="a")]
    assert tend("split c", talk=talk)[0] == ["thread a: a b c d"]
    assert tend("split b", talk=talk[:1] + talk[2:])[0] == ["thread a: a c d"]


# --- merging ---


@pytest.mark.parametrize(
    ("gestures", "pages"),
    [
        (["merge a q"], ["chain a: a b p c t q d", f"day {DAY}: u v w"]),
        (["merge q a"], ["thread t: a b p c t q d", f"day {DAY}: u v w"]),
        (["merge a t", "merge b p"], ["chain a: a b p c t q d", f"day {DAY}: u v w"]),
        (["merge a v"], ["chain a: a b c u v d", f"day {DAY}: w", "thread t: p t q"]),
        (["merge u a", "merge a t"], ["chain u: a b p c t u v q d", f"day {DAY}: w"]),
        (["split c", "merge t c"], ["chain a: a b", "thread t: p c t q d", f"day {DAY}: u v w"]),
    ],
)
def test_a_conversation_takes_in_another_in_the_order_of_the_room(
    gestures: list[str], pages: list[str]
) -> None:
    assert tend(*gestures) == (sorted(pages), [])


@pytest.mark.parametrize(
    ("gestures", "told"),
    [
        (["merge a t", "merge t a"], "!garden merge a: this conversation cannot be merged into itself"),
        (["merge a b"], "!garden merge b: this conversation cannot be merged into itself"),
        (["merge a nowhere"], "!garden merge nowhere: this leads to no conversation of the room"),
        (["merge a x"], "!garden merge x: what is to be merged leads to no conversation of this room"),
    ],
)
def test_what_cannot_be_merged_is_told(gestures: list[str], told: str) -> None:
    found, problems = tend(*gestures)
    assert problems == [told]
    assert sum(len(each.split(": ")[1].split()) for each in found) == len(TALK)


def test_what_is_said_of_either_is_said_of_both_once_they_are_one() -> None:
    found = decided("title a One", "merge a t", "title q Two", "tag t beans")
    assert (found.title, found.tags, found.former_titles) == ("Two", ("beans",), ("One",))


def test_a_merging_in_a_room_that_has_neither_is_none() -> None:
    assert tend(given=[give("x", merge=("$y",))]) == (USUAL, [])


# --- whatever is asked ---

_names = st.sampled_from("abcdpqtuvwx")
_verbs = st.sampled_from(["split", "merge", "merge", "title", "answer"])


@given(st.lists(st.tuples(_verbs, _names, _names), max_size=8))
def test_every_message_stays_in_one_conversation(asked: list[tuple[str, str, str]]) -> None:
    found, _ = tend(*(f"{verb} {about} {text}" for verb, about, text in asked))
    held = list(chain.from_iterable(each.split(": ")[1].split() for each in found))
    assert sorted(held) == sorted(each.event_id[1:] for each in TALK)
    assert len({each.split(":")[0] for each in found}) == len(found)

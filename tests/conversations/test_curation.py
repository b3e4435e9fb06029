"""In a curated room a conversation is planted as a whole, by those who moderate the room."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from garden.archive.event import Event, EventId
from garden.conversations.curation import Grove, Plantings
from tests.conversations.material import (
    BEN,
    MO,
    answering,
    edited,
    event,
    in_thread,
    reacted,
    said,
    state,
)


def planted(events: Iterable[Event], mark: str = "🌱", named: Iterable[str] = ()) -> str:
    everything = list(events)
    found = Plantings(everything, mark, lambda user: user == MO, map(EventId, named))
    return " ".join(each.event_id[1:] for each in everything if found.holds(each))


def marks(target: str, key: object = "🌱", *, sender: str = MO) -> Event:
    return reacted("mark", target, key, sender=sender)


STORY = [
    said("a", "root"),
    said("b", "in its thread", **in_thread("a")),
    said("c", "an answer in it", **in_thread("a", "b", falling_back=False)),
    edited("c1", "c", "better"),
    reacted("r", "b", "👍"),
    event("v", "m.poll.response", {"m.relates_to": {"rel_type": "m.reference", "event_id": "$b"}}),
    event("x", "m.room.redaction", {"redacts": "$b"}),
    said("q", "a question"),
    said("s", "an answer", **answering("q")),
    said("t", "an answer to that", **answering("s")),
    said("u", "alone"),
]


@pytest.mark.parametrize(
    ("target", "group"),
    [
        *((name, "a b c c1 r v x mark") for name in ("a", "b", "c", "c1")),
        *((name, "q s t mark") for name in "qst"),
        ("u", "u mark"),
        ("unknown", "mark"),
    ],
)
def test_a_mark_anywhere_plants_the_whole_conversation(target: str, group: str) -> None:
    assert planted([*STORY, marks(target)]) == group
    named = planted(STORY, named=[f"${target}"])
    assert named == group.removesuffix("mark").strip()


def test_nothing_is_planted_by_itself_and_state_always_stands() -> None:
    assert planted([state("n", "m.room.name", {"name": "Fen"}), *STORY]) == "n"


@pytest.mark.parametrize(
    ("mark", "key", "counts"),
    [
        ("🌱", "🌱\ufe0f", True),
        ("❤\ufe0f", "❤", True),
        ("👍", "👍🏽", False),
        ("👍🏽", "👍🏽", True),
        ("plant", " plant ", True),
        ("plant", "plants", False),
        ("e\u0301", "é", True),
        ("🌱", 7, False),
        ("", "", False),
        ("\ufe0f", "", False),
    ],
)
def test_a_mark_is_a_mark_however_clients_spell_it(mark: str, key: object, *, counts: bool) -> None:
    assert planted([said("a", "x"), marks("a", key)], mark) == ("a mark" if counts else "")


@pytest.mark.parametrize(
    "each",
    [
        marks("a", sender=BEN),
        replace(marks("a"), redacted_because={"type": "m.room.redaction"}),
        event(
            "m",
            "m.reaction",
            {"m.relates_to": {"event_id": "$a", "key": "🌱", "rel_type": "m.thread"}},
            sender=MO,
        ),
        event("m", "m.room.message", marks("a").content, sender=MO),
        event("m", "m.reaction", marks("a").content, sender=MO, state_key="x"),
    ],
)
def test_only_a_moderators_standing_reaction_plants(each: Event) -> None:
    assert "a" not in planted([said("a", "x"), each]).split()


def test_a_thread_on_an_answer_belongs_to_what_is_answered() -> None:
    talk = [said("a", "x"), said("b", "y", **answering("a")), said("c", "z", **in_thread("b"))]
    assert planted([*talk, marks("c")]) == "a b c mark"


def test_what_answers_something_unknown_stands_together_with_all_that_does() -> None:
    talk = [said("a", "x", **answering("gone")), said("b", "y", **answering("gone")), said("c", "z")]
    assert planted([*talk, marks("b")]) == "a b mark"
    assert planted(talk, named=["$gone"]) == "a b"


def test_nobody_can_pull_the_words_of_others_into_a_planted_conversation() -> None:
    quiet = [said("q", "not for readers"), said("r", "nor this", **answering("q"))]
    odd = {"rel_type": "a.b", "event_id": "$q", **answering("a")["m.relates_to"]}
    forged = [
        edited("f1", "q", "forged", sender=BEN, **answering("a")),
        said("f2", "forged", sender=BEN, **answering("a")),
        event("f3", "m.room.message", {"body": "x", "m.relates_to": odd}, sender=BEN),
    ]
    found = planted([said("a", "x"), *quiet, *forged, marks("a")]).split()
    assert not {"q", "r"} & set(found)


def test_a_circle_of_relations_is_one_conversation() -> None:
    talk: list[Any] = [said(name, "x", **answering(target)) for name, target in ("ab", "bc", "ca", "da")]
    assert planted([*talk, marks("d")]) == "a b c d mark"
    assert planted([*talk, said("e", "x", **in_thread("e")), marks("e")]) == "e mark"


@pytest.mark.parametrize("step", [1, -1])
def test_a_chain_as_long_as_a_room_takes_no_longer_than_any_other(step: int) -> None:
    names = [str(number) for number in range(50_000)][::step]
    talk = [said(names[0], "x")]
    talk += [said(name, "x", **answering(before)) for before, name in pairwise(names)]
    begin = time.perf_counter()
    assert len(planted([*reversed(talk), marks(names[-1])]).split()) == 50_001
    assert time.perf_counter() - begin < 3


@given(st.lists(st.integers(0, 8), max_size=9))
def test_tops_do_not_depend_on_who_asks_first(parents: list[int]) -> None:
    talk = [said(str(number), "x", **answering(str(parent))) for number, parent in enumerate(parents)]
    asked = [Grove(talk).top(each.event_id) for each in talk]
    grove = Grove(talk)
    assert asked == [grove.top(each.event_id) for each in reversed(talk)][::-1]
    assert asked == [grove.top_of(each) for each in talk]

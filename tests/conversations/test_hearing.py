"""Moderators tend a room by reactions and messages; the gate hears them, and hides what they hide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest

from garden.archive.event import NOBODY, Event, EventId
from garden.conversations.gesture import Gesture, Verb, read_gesture
from garden.conversations.visibility import Judgement, Refusal, RoomAccess, Rules, keep_publishable
from tests.conversations.material import (
    BEN,
    MO,
    NOON,
    answering,
    edited,
    encryption,
    event,
    in_thread,
    reacted,
    said,
    state,
    visibility,
)

OPEN = RoomAccess("world_readable", at_first="world_readable")
POWER = state("p", "m.room.power_levels", {"users": {MO: 50}})
TALK = [
    said("q", "How?"),
    said("a", "So.", sender=BEN, **answering("q")),
    said("b", "Or so.", sender=BEN, **answering("a")),
    said("t", "Another.", sender=BEN),
    said("t1", "In it.", **in_thread("t")),
    said("t2", "Too.", **in_thread("t", "t1", falling_back=False)),
    said("alone", "Alone."),
]


def judge(more: Iterable[Event], rules: Rules | None = None, access: RoomAccess = OPEN) -> Judgement:
    return keep_publishable([*TALK, *more], access, [POWER], rules)


def asks(name: str, words: str, target: str = "a", *, sender: str = MO) -> Event:
    return said(name, f"!garden {words}", sender=sender, **answering(target))


def heard(judgement: Judgement) -> list[tuple[str, str, str]]:
    gestures = filter(None, map(read_gesture, judgement.heard.gestures))
    return [(each.verb.value, each.about[1:], each.text) for each in gestures]


def names(judgement: Judgement) -> str:
    return " ".join(
        f"({each.event_id[1:]})" if each.redacted_because is not None else each.event_id[1:]
        for each in judgement.kept
        if each.type == "m.room.message"
    )


# --- what is understood ---


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("title  Beans in   winter", ("title", "Beans in winter")),
        ("TITLE Beans", ("title", "Beans")),
        ("title", ("title", "")),
        ("title two\nlines", ("title", "two lines")),
        ("title a\u202eb", ("title", "ab")),
        ("tag beans, seed storage", ("tag", "beans, seed storage")),
        ("tags #beans #storage", ("tag", "#beans #storage")),
        ("untag beans", ("untag", "beans")),
        ("summary Dry, then cool.", ("summary", "Dry, then cool.")),
        ("stage Evergreen", ("stage", "evergreen")),
        ("growth budding", ("stage", "budding")),
        ("stage", ("stage", "")),
        ("feature", ("feature", "")),
        ("unfeature please", ("unfeature", "")),
        ("merge https://matrix.to/#/!r:s/$e", ("merge", "https://matrix.to/#/!r:s/$e")),
        ("split", ("split", "")),
        ("hide it is spam", ("hide", "")),
        ("unhide", ("unhide", "")),
        ("answer", ("answer", "")),
        ("stage enormous", None),
        ("tag", None),
        ("merge", None),
        ("titel Beans", None),
        ("opt-out", None),
        ("", None),
    ],
)
def test_words_ask_for_what_they_say_or_for_nothing(words: str, meant: tuple[str, str] | None) -> None:
    found = read_gesture(asks("c", words))
    assert found == (Gesture(Verb(meant[0]), EventId("$a"), meant[1]) if meant is not None else None)


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("🌱", ("stage", "seedling")),
        ("🌿", ("stage", "budding")),
        ("🌳\ufe0f", ("stage", "evergreen")),
        ("✅", ("answer", "")),
        ("✅\ufe0f", ("answer", "")),
        ("🙈", ("hide", "")),
        ("👍", None),
        (7, None),
    ],
)
def test_a_reaction_asks_for_what_its_sign_means(key: object, meant: tuple[str, str] | None) -> None:
    found = read_gesture(reacted("r", "a", key))
    assert found == (Gesture(Verb(meant[0]), EventId("$a"), meant[1]) if meant is not None else None)


def test_words_speak_of_what_they_answer_or_of_their_thread() -> None:
    in_it = said("c", "!garden title X", **in_thread("t", "t2"))
    assert read_gesture(in_it) == Gesture(Verb.TITLE, EventId("$t"), "X")
    pointed = said("c", "!garden answer", **in_thread("t", "t2", falling_back=False))
    assert read_gesture(pointed) == Gesture(Verb.ANSWER, EventId("$t2"))
    assert read_gesture(said("c", "!garden answer", **in_thread("t", "t2"))) is None
    assert read_gesture(said("c", "!garden title X")) is None
    notice = event("c", "m.room.message", {"msgtype": "m.notice", "body": "!garden hide", **answering("a")})
    assert read_gesture(notice) is None


def test_the_quotation_that_old_clients_put_before_an_answer_is_no_part_of_it() -> None:
    quoted = said("c", "> <@ben:fen.example> So.\n\n!garden title X", sender=MO, **answering("a"))
    assert heard(judge([quoted])) == [("title", "a", "X")]


# --- who is heard ---


def test_moderators_are_heard_in_the_servers_order_and_others_are_not() -> None:
    story = [
        asks("c1", "title One"),
        reacted("r1", "a", "🌳", sender=MO),
        asks("c2", "title Two"),
        asks("c3", "title Theirs", sender=BEN),
        reacted("r2", "a", "🙈", sender=BEN),
    ]
    judgement = judge(story)
    assert heard(judgement) == [("title", "a", "One"), ("stage", "a", "evergreen"), ("title", "a", "Two")]
    assert judgement.heard.wordings == {"$c1", "$c2"}
    assert {judgement.refused[EventId(f"$c{number}")] for number in (1, 2, 3)} == {Refusal.EVENT_COMMAND}


def test_who_began_a_conversation_may_say_what_answers_it() -> None:
    ada, ben = "@ada:fen.example", BEN
    assert heard(judge([reacted("r", "b", "✅", sender=ada)])) == [("answer", "b", "")]
    assert heard(judge([reacted("r", "t2", "✅", sender=ben)])) == [("answer", "t2", "")]
    assert heard(judge([asks("c", "answer", "b", sender=ada)])) == [("answer", "b", "")]
    assert heard(judge([reacted("r", "b", "✅", sender=ben)])) == []
    assert heard(judge([reacted("r", "b", "🌳", sender=ada)])) == []


@pytest.mark.parametrize(
    "taken_back",
    [
        replace(asks("c", "title X"), redacted_because={"type": "m.room.redaction"}, content={}),
        replace(
            reacted("c", "a", "🌳", sender=MO), redacted_because={"type": "m.room.redaction"}, content={}
        ),
        replace(reacted("c", "a", "🙈", sender=MO), sender=NOBODY),
    ],
)
def test_what_was_taken_back_is_not_heard(taken_back: Event) -> None:
    assert heard(judge([taken_back])) == []


def test_what_the_world_could_not_read_is_not_heard() -> None:
    closed = [visibility("v", "shared"), asks("c", "title X"), reacted("r", "a", "🙈", sender=MO)]
    assert heard(judge(closed)) == []
    from_file = RoomAccess(
        "world_readable", at_first="world_readable", from_files=frozenset({EventId("$c"), EventId("$r")})
    )
    assert heard(judge(closed[1:], access=from_file)) == []
    assert heard(judge([*closed[1:], encryption("e")])) == []


def test_the_last_wording_of_words_to_the_garden_counts() -> None:
    first = asks("c", "title One")
    assert heard(judge([first, edited("e", "c", "!garden title Two", sender=MO)])) == [("title", "a", "Two")]
    assert judge([first, edited("e", "c", "!garden title Two", sender=MO)]).heard.wordings == {"$e"}
    assert heard(judge([first, edited("e", "c", "Never mind.", sender=MO)])) == []
    assert heard(judge([first, edited("e", "c", "!garden title Two", sender=BEN)])) == [("title", "a", "One")]
    turned = [
        said("n", "Words.", sender=MO, **answering("a")),
        edited("e", "n", "!garden title X", sender=MO),
    ]
    assert heard(judge(turned)) == []


def test_what_is_asked_waits_like_other_messages_but_hiding_does_not() -> None:
    rules = Rules(ripe_before=NOON + 100)
    late = [
        replace(each, arrived_at=NOON + 200)
        for each in (asks("c1", "title X"), reacted("r1", "a", "🌳", sender=MO), asks("c2", "hide", "alone"))
    ]
    judgement = judge(late, rules)
    assert heard(judgement) == [("hide", "alone", "")]
    assert names(judgement) == "q a b t t1 t2"
    back = [
        reacted("r", "alone", "🙈", sender=MO),
        replace(asks("c", "unhide", "alone"), arrived_at=NOON + 200),
    ]
    assert names(judge(back, rules)) == "q a b t t1 t2"


def test_a_seedling_that_plants_says_nothing_of_growth() -> None:
    marks = [reacted("r1", "a", "🌱", sender=MO), reacted("r2", "t", "🌳", sender=MO)]
    assert heard(judge(marks)) == [("stage", "a", "seedling"), ("stage", "t", "evergreen")]
    assert heard(judge(marks, Rules(curated=True))) == [("stage", "t", "evergreen")]
    assert heard(judge(marks, Rules(curated=True, plant_with="🌳"))) == [("stage", "a", "seedling")]


# --- what is hidden ---


@pytest.mark.parametrize(
    ("target", "left"),
    [
        ("q", "t t1 t2 alone"),
        ("a", "q (a) b t t1 t2 alone"),
        ("t", "q a b alone"),
        ("t1", "q a b t (t1) t2 alone"),
        ("alone", "q a b t t1 t2"),
        ("unknown", "q a b t t1 t2 alone"),
    ],
)
def test_the_first_message_stands_for_its_conversation_and_others_for_themselves(
    target: str, left: str
) -> None:
    for gesture in (reacted("r", target, "🙈", sender=MO), asks("c", "hide", target)):
        judgement = judge([gesture])
        assert names(judgement) == left
        hidden = {f"${name}" for name in ["q", "a", "b", "t", "t1", "t2", "alone"]} - {
            f"${name}" for name in left.split()
        }
        reasons = {name for name, reason in judgement.refused.items() if reason is Refusal.EVENT_HIDDEN}
        assert hidden <= reasons
    assert names(judge([], Rules(hidden=frozenset({EventId(f"${target}")})))) == left


def test_words_in_a_thread_hide_all_of_it() -> None:
    assert names(judge([said("c", "!garden hide", sender=MO, **in_thread("t", "t2"))])) == "q a b alone"


def test_what_belongs_to_a_hidden_message_goes_with_it() -> None:
    around = [
        edited("e", "a", "Better.", sender=BEN),
        reacted("x", "a", "👍"),
        event("v", "m.poll.response", {"m.relates_to": {"rel_type": "m.reference", "event_id": "$a"}}),
    ]
    judgement = judge([*around, reacted("r", "a", "🙈", sender=MO)])
    assert {"$e", "$x", "$v", "$r"} <= judgement.refused.keys()
    place = next(each for each in judgement.kept if each.event_id == "$a")
    assert (place.sender, place.content) == (
        NOBODY,
        {"m.relates_to": {"m.in_reply_to": {"event_id": "$q"}}},
    )


@pytest.mark.parametrize(
    ("story", "is_hidden"),
    [
        ([("hide", "q"), ("unhide", "q")], False),
        ([("hide", "q"), ("unhide", "a")], True),
        ([("hide", "q"), ("unhide", "q"), ("hide", "q")], True),
        ([("unhide", "q")], False),
    ],
)
def test_the_latest_word_on_hiding_counts(story: Sequence[tuple[str, str]], *, is_hidden: bool) -> None:
    gestures = [asks(f"c{number}", verb, target) for number, (verb, target) in enumerate(story)]
    assert ("q" not in names(judge(gestures)).split()) is is_hidden


def test_the_admin_has_the_last_word_on_hiding() -> None:
    shown = Rules(unhidden=frozenset({EventId("$q")}))
    assert names(judge([reacted("r", "q", "🙈", sender=MO)], shown)) == names(judge([]))
    hidden = Rules(hidden=frozenset({EventId("$q")}))
    assert "q" not in names(judge([asks("c", "unhide", "q")], hidden)).split()


def test_what_is_hidden_waits_and_is_not_erased() -> None:
    assert Refusal.EVENT_HIDDEN.waits


def test_a_forged_circle_of_replies_can_be_hidden_too() -> None:
    circle = [said("x", "1", **answering("y")), said("y", "2", **answering("x")), edited("z", "z", "3")]
    assert "x" not in names(judge([*circle, reacted("r", "x", "🙈", sender=MO)])).split()
    assert names(judge(circle)).endswith("x y z")

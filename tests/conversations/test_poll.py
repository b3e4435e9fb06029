"""Votes are counted by MSC3381's rules, under its stable and its unstable names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from garden.archive.event import Event
from garden.conversations.conversation import Message, MessageKind, Poll
from garden.conversations.resolve import resolve_messages
from tests.conversations.material import ADA, BEN, MO, NOON, event, state

STABLE, UNSTABLE = "m.poll", "org.matrix.msc3381.poll"
ANSWERS = (("sat", "Saturday"), ("sun", "Sunday"), ("mon", "Monday"))


def block(style: str, **more: object) -> dict[str, Any]:
    """The part of the content that asks: an answer a line, two on one day with `answers`."""
    if style == STABLE:
        return {
            "kind": "m.disclosed",
            "question": {"m.text": [{"body": "Which day?"}]},
            "answers": [{"m.id": each, "m.text": [{"body": text}]} for each, text in ANSWERS],
            **more,
        }
    return {
        "kind": f"{UNSTABLE}.disclosed",
        "question": {"org.matrix.msc1767.text": "Which day?"},
        "answers": [{"id": each, "org.matrix.msc1767.text": text} for each, text in ANSWERS],
        **more,
    }


def asked(style: str = STABLE, name: str = "p", **more: object) -> Event:
    key = "m.poll" if style == STABLE else f"{style}.start"
    content = {key: block(style, **more), "m.text": [{"body": "Which day?\n1. Saturday"}]}
    return event(name, f"{style}.start", content)


def chose(
    name: str, *answers: object, by: str = ADA, at: int = 1, style: str = STABLE, poll: str = "p"
) -> Event:
    selections: Mapping[str, object] = (
        {"m.selections": list(answers)}
        if style == STABLE
        else {f"{UNSTABLE}.response": {"answers": list(answers)}}
    )
    relation = {"rel_type": "m.reference", "event_id": f"${poll}"}
    return event(name, f"{style}.response", {**selections, "m.relates_to": relation}, sender=by, at=at)


def ended(name: str = "e", *, by: str = ADA, at: int = 100, style: str = STABLE) -> Event:
    relation = {"rel_type": "m.reference", "event_id": "$p"}
    return event(name, f"{style}.end", {"m.relates_to": relation, "m.text": "It has ended"}, sender=by, at=at)


def result(*events: Event, about: list[Event] | None = None) -> Poll:
    message = resolve_messages(events, about or [])[0]
    assert message.poll is not None
    return message.poll


def votes(poll: Poll) -> list[int | None]:
    return [answer.votes for answer in poll.answers]


@pytest.mark.parametrize("start", [STABLE, UNSTABLE])
@pytest.mark.parametrize("rest", [STABLE, UNSTABLE])
def test_a_poll_is_counted_under_both_names_also_mixed(start: str, rest: str) -> None:
    events = [
        asked(start),
        chose("1", "sat", by=ADA, style=rest),
        chose("2", "sun", by=BEN, style=rest),
        chose("3", "sun", by=MO, style=rest),
        ended(style=rest),
    ]
    (message,) = resolve_messages(events)
    poll = message.poll
    assert poll is not None
    assert (message.kind, message.body, message.formatted_body) == (MessageKind.POLL, "Which day?", None)
    assert [(answer.text, answer.votes, answer.is_winner) for answer in poll.answers] == [
        ("Saturday", 1, False),
        ("Sunday", 2, True),
        ("Monday", 0, False),
    ]
    assert (poll.voters, poll.max_selections, poll.ended_at) == (3, 1, NOON + 100)


@pytest.mark.parametrize(
    ("responses", "expected"),
    [
        # The last response counts, by its time and not by its place.
        ([chose("1", "sat", at=1), chose("2", "sun", at=2)], [0, 1, 0]),
        ([chose("2", "sun", at=2), chose("1", "sat", at=1)], [0, 1, 0]),
        ([chose("1", "sat", at=1), chose("2", "sun", at=1)], [0, 1, 0]),
        # A response that is empty or names what is unknown is spoiled, and takes the earlier one back.
        ([chose("1", "sat", at=1), chose("2", at=2)], [0, 0, 0]),
        ([chose("1", "sat", at=1), chose("2", "tue", at=2)], [0, 0, 0]),
        ([chose("1", "sat", at=1), chose("2", "sun", "tue", at=2)], [0, 0, 0]),
        ([chose("1", "sat", at=1), chose("2", 7, at=2)], [0, 0, 0]),
        # Only as many choices count as may be made, each once.
        ([chose("1", "sat", "sun")], [1, 0, 0]),
        ([chose("1", "sat", "sat")], [1, 0, 0]),
        # Votes from before the question count: clocks differ.
        ([chose("1", "sat", at=-5)], [1, 0, 0]),
        ([chose("1", "sat", poll="other")], [0, 0, 0]),
    ],
)
def test_each_voters_last_response_counts(responses: list[Event], expected: list[int]) -> None:
    poll = result(asked(), *responses)
    assert votes(poll) == expected
    assert poll.voters == sum(expected)


def test_several_answers_may_be_chosen_where_the_poll_says_so() -> None:
    poll = result(asked(max_selections=2), chose("1", "sat", "sun", "mon"), chose("2", "sun", "sun", by=BEN))
    assert (votes(poll), poll.voters, poll.max_selections) == ([1, 2, 0], 2, 2)


@pytest.mark.parametrize(("most", "read"), [(2, 2), (99, 3), (0, 1), (-1, 1), ("2", 1), (True, 1), (None, 1)])
def test_how_many_may_be_chosen_is_one_unless_it_is_a_number(most: object, read: int) -> None:
    assert result(asked(max_selections=most)).max_selections == read


def test_a_redacted_vote_gives_the_earlier_one_back() -> None:
    because: dict[str, Any] = {"unsigned": {"redacted_because": {"type": "m.room.redaction"}}}
    gone = event("2", "m.poll.response", {}, at=2, **because)
    assert votes(result(asked(), chose("1", "sat", at=1), gone)) == [1, 0, 0]


def test_votes_after_the_end_come_too_late() -> None:
    events = [
        asked(),
        chose("1", "sat", at=100),
        chose("2", "sun", at=101),
        chose("3", "sun", by=BEN, at=101),
    ]
    assert votes(result(*events, ended(at=100))) == [1, 0, 0]


POWER = state("pl", "m.room.power_levels", {"users": {BEN: 50, MO: 49}, "redact": 50})


@pytest.mark.parametrize(
    ("by", "about", "counts"),
    [
        (ADA, [], True),
        (BEN, [], False),
        (BEN, [POWER], True),
        (MO, [POWER], False),
        (MO, [state("pl", "m.room.power_levels", {"users": {MO: "100"}})], True),
        (MO, [state("pl", "m.room.power_levels", {"users_default": 100})], True),
        (MO, [state("pl", "m.room.power_levels", {"redact": 0})], True),
        (MO, [state("pl", "m.room.power_levels", {"users": [], "redact": "x"})], False),
        (BEN, [state("c", "m.room.create", {}, sender=BEN)], True),
        (BEN, [state("c", "m.room.create", {"room_version": "12"}, sender=BEN), POWER], True),
        (
            MO,
            [state("c", "m.room.create", {"room_version": "12", "additional_creators": [MO, 7]}), POWER],
            True,
        ),
        (
            MO,
            [state("c", "m.room.create", {"room_version": "11", "additional_creators": [MO]}), POWER],
            False,
        ),
        (MO, [state("c", "m.room.create", {"room_version": ["12"]}, sender=MO), POWER], False),
    ],
)
def test_a_poll_is_ended_by_its_sender_or_by_who_may_redact(
    by: str, about: list[Event], *, counts: bool
) -> None:
    assert (result(asked(), ended(by=by), about=about).ended_at is not None) == counts


def test_the_first_end_that_counts_ends_it() -> None:
    ends = [ended("1", at=300), ended("2", at=200), ended("3", by=BEN, at=50)]
    assert result(asked(), *ends).ended_at == NOON + 200


@pytest.mark.parametrize("kind", ["m.undisclosed", "org.matrix.msc3381.poll.undisclosed", "x.y", 7, None])
def test_the_counts_of_a_poll_that_is_not_disclosed_show_only_at_its_end(kind: object) -> None:
    start, vote = asked(kind=kind), chose("1", "sat")
    still = result(start, vote)
    assert (votes(still), still.voters) == ([None, None, None], 1)
    assert not any(answer.is_winner for answer in still.answers)
    assert votes(result(start, vote, ended())) == [1, 0, 0]


def test_a_tie_has_two_winners_and_a_poll_without_votes_none() -> None:
    tie = result(asked(), chose("1", "sat"), chose("2", "sun", by=BEN), ended())
    assert [answer.is_winner for answer in tie.answers] == [True, True, False]
    assert not any(answer.is_winner for answer in result(asked(), ended()).answers)


def test_there_are_at_most_twenty_answers_and_each_identifier_once() -> None:
    many = [{"m.id": f"{number}", "m.text": f"Day {number}"} for number in range(30)]
    assert len(result(asked(answers=many)).answers) == 20
    twice = [{"m.id": "x", "m.text": "First"}, {"m.id": "x", "m.text": "Second"}]
    poll = result(asked(answers=twice), chose("1", "x"))
    assert [(answer.text, answer.votes) for answer in poll.answers] == [("First", 1)]


def test_an_answer_is_one_harmless_line() -> None:
    hostile = [{"m.id": "x", "m.text": "A\n\n::: {.poll}\u202e" + "x" * 999}]
    (answer,) = result(asked(answers=hostile)).answers
    assert "\n" not in answer.text
    assert "\u202e" not in answer.text
    assert len(answer.text) <= 340


@pytest.mark.parametrize(
    "broken",
    [
        {"answers": []},
        {"answers": None},
        {"answers": {"m.id": "x"}},
        {"answers": [7, {}, {"m.id": 7, "m.text": "x"}, {"m.id": "x"}, {"m.id": "x", "m.text": ""}]},
        {"question": None},
        {"question": "Which day?"},
        {"question": {"m.text": "  "}},
    ],
)
def test_a_poll_that_cannot_be_read_shows_its_fallback(broken: dict[str, Any]) -> None:
    (message,) = resolve_messages([asked(**broken)])
    assert (message.kind, message.type_name, message.poll) == (MessageKind.OTHER, "m.poll.start", None)
    assert message.body == "Which day?\n1. Saturday"


def edit(body: object, *, sender: str = ADA) -> Event:
    content = {"m.new_content": body, "m.relates_to": {"rel_type": "m.replace", "event_id": "$p"}}
    return event("edit", "m.poll.start", content, sender=sender, at=5)


def test_an_edited_poll_is_counted_by_its_new_answers() -> None:
    new = {
        "m.poll": block(
            STABLE, question={"m.text": "Which day, then?"}, answers=[{"m.id": "sun", "m.text": "S"}]
        )
    }
    (message,) = resolve_messages([asked(), chose("1", "sat"), chose("2", "sun", by=BEN), edit(new)])
    assert (message.body, message.edited_at) == ("Which day, then?", NOON + 5)
    assert message.poll is not None
    assert votes(message.poll) == [1]
    assert [each.body for each in message.versions] == ["Which day?\n1. Saturday\n2. Sunday\n3. Monday"]


@pytest.mark.parametrize(
    ("body", "sender"), [({"m.text": "no poll"}, ADA), ({}, ADA), (7, ADA), ({"m.poll": block(STABLE)}, BEN)]
)
def test_an_edit_that_is_no_poll_or_anothers_changes_nothing(body: object, sender: str) -> None:
    message: Message
    (message,) = resolve_messages([asked(), edit(body, sender=sender)])
    assert (message.kind, message.edited_at, message.versions) == (MessageKind.POLL, None, ())


def test_a_redacted_poll_is_removed() -> None:
    because: dict[str, Any] = {"unsigned": {"redacted_because": {"type": "m.room.redaction"}}}
    gone = event("p", "m.poll.start", {}, **because)
    (message,) = resolve_messages([gone, chose("1", "sat")])
    assert (message.kind, message.poll, message.body) == (MessageKind.REMOVED, None, "")

"""Why a message is published, or why not: the gate says it itself, rule by rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from garden.archive.event import NOBODY, Event, EventId, UserId
from garden.archive.vocabulary import PREFERENCE
from garden.conversations.explanation import Check, Explanation, Rule, check_room, explain
from garden.conversations.visibility import Judgement, Refusal, RoomAccess, Rules, keep_publishable
from tests.conversations.material import (
    ADA,
    MO,
    NOON,
    answering,
    edited,
    encryption,
    reacted,
    said,
    secret,
    state,
    visibility,
)

OPEN = RoomAccess("world_readable")
POWER = state("p", "m.room.power_levels", {"users": {MO: 50}})
STRICT = Rules(ripe_before=NOON + 100, curated=True, require_notice=True)
STORY = [
    said("early", "x"),
    visibility("open", "world_readable"),
    said("a", "x"),
    edited("a1", "a", "y"),
    reacted("mark", "a", "🌱", sender=MO),
    said("other", "!garden opt-in", at=200),
    secret("e"),
]


def about(name: str, rules: Rules | None = None, access: RoomAccess = OPEN) -> Explanation:
    found = explain(EventId(f"${name}"), STORY, access, [POWER], rules)
    assert found is not None
    return found


def broken(explanation: Explanation) -> list[Rule]:
    return [check.rule for check in explanation.checks if not check.holds]


def detail(checks: Iterable[Check], rule: Rule) -> str:
    return next(check.detail for check in checks if check.rule is rule)


def test_every_rule_is_answered_in_its_order() -> None:
    for rules in (None, STRICT):
        assert [check.rule for check in about("a", rules).checks] == list(Rule)
    room = check_room(keep_publishable(STORY, OPEN), OPEN)
    assert [check.rule.name.startswith("ROOM_") for check in room] == [True] * 5
    assert all(check.holds for check in room)


def test_what_is_published_breaks_no_rule() -> None:
    found = about("a")
    assert (found.refusal, broken(found), found.holds_place) == (None, [], False)
    since = "since 2025-03-03 12:00 UTC, by @ada:fen.example"
    assert detail(found.checks, Rule.ROOM_OPEN) == since == detail(found.checks, Rule.EVENT_WHILE_OPEN)
    assert detail(found.checks, Rule.EVENT_PLANTED) == "not asked for"
    assert about("a1").edit_of == "$a"


def test_all_broken_rules_are_told_and_the_first_is_the_reason() -> None:
    found = about("other", STRICT)
    assert broken(found) == [
        Rule.ROOM_NOTICE,
        Rule.EVENT_FOR_READERS,
        Rule.EVENT_RIPE,
        Rule.EVENT_PLANTED,
    ]
    assert found.refusal is Refusal.ROOM_WITHOUT_NOTICE
    lax = replace(STRICT, require_notice=False)
    assert about("other", lax).refusal is Refusal.EVENT_COMMAND
    assert detail(about("a", lax).checks, Rule.EVENT_PLANTED) == "$mark"
    assert detail(about("a", lax).checks, Rule.EVENT_RIPE) == "it came 2025-03-03 12:00 UTC"
    assert broken(about("early")) == [Rule.EVENT_WHILE_OPEN]


def test_a_place_without_words_is_told() -> None:
    assert (about("e").refusal, about("e").holds_place) == (Refusal.EVENT_ENCRYPTED, True)
    assert not about("e", replace(STRICT, require_notice=False)).holds_place
    assert not about("e", access=RoomAccess("closed")).holds_place


@pytest.mark.parametrize(("target", "holds_place"), [("a", False), ("b", True)])
def test_what_a_moderator_has_hidden_is_told(target: str, *, holds_place: bool) -> None:
    hidden = reacted("h", target, "🙈", sender=MO)
    story = [*STORY, said("b", "an answer", **answering("a")), hidden]
    found = explain(EventId(f"${target}"), story, OPEN, [POWER])
    assert found is not None
    assert (found.refusal, found.holds_place) == (Refusal.EVENT_HIDDEN, holds_place)
    assert broken(found) == [Rule.EVENT_UNHIDDEN]
    shown = explain(
        EventId(f"${target}"), story, OPEN, [POWER], Rules(unhidden=frozenset({EventId(f"${target}")}))
    )
    assert shown is not None
    assert shown.refusal is None


def test_what_was_taken_away_is_told_and_what_is_unknown_is_not() -> None:
    assert explain(EventId("$nothing"), STORY, OPEN) is None
    removed = replace(said("a", "x"), content={}, redacted_because={"type": "m.room.redaction"})
    found = explain(EventId("$a"), [visibility("open", "world_readable"), removed], OPEN)
    assert found is not None
    assert (found.refusal, found.is_removed) == (None, True)


@pytest.mark.parametrize(
    ("access", "rules", "told"),
    [
        (RoomAccess("world_readable", at_first="world_readable"), None, "since before the archive begins"),
        (RoomAccess("shared", vouched=True), None, "vouched for in site.toml"),
        (RoomAccess("closed", at_first="world_readable"), Rules(keep_closed=True), "it has closed since"),
        (RoomAccess("closed"), None, ""),
    ],
)
def test_it_is_told_why_a_room_is_open(access: RoomAccess, rules: Rules | None, told: str) -> None:
    judgement = keep_publishable([said("a", "x")], access, (), rules)
    assert detail(check_room(judgement, access, rules), Rule.ROOM_OPEN).startswith(told)


def test_a_judgement_that_was_put_together_tells_its_one_reason() -> None:
    joined = Judgement(kept=(), room=Refusal.ROOM_ROBOTS)
    assert [check.rule for check in check_room(joined, OPEN) if not check.holds] == [Rule.ROOM_ROBOTS]


# --- a plain model of all the rules, one message at a time ---


@dataclass(frozen=True)
class Told:
    """One thing that happens: what kind, by whom, when it came, which earlier one it is about."""

    kind: str
    sender: str
    day: int
    back: int
    """How many events before it stands the one that it is about."""


told = st.builds(
    Told,
    st.sampled_from([*("say", "edit", "edit", "answer", "mark", "order") * 3, "command"])
    | st.sampled_from(["gone", "secret", "open", "open", "shut", "encrypt"]),
    st.sampled_from([ADA, ADA, ADA, MO]),
    st.integers(0, 3),
    st.sampled_from([1, 1, 1, 2, 2, 3, 0, -1]),
)
of_edits = st.builds(
    Told,
    st.sampled_from(["say", "edit", "edit", "edit", "order", "command"]),
    st.just(ADA),
    st.integers(0, 3),
    st.sampled_from([1, 2, 3]),
)
stories = st.lists(told, max_size=8) | st.lists(of_edits, max_size=6)
rules_asked = st.builds(
    Rules,
    ripe_before=st.none() | st.just(NOON + 1),
    keep_closed=st.booleans(),
    curated=st.booleans(),
)
accesses = st.builds(RoomAccess, st.sampled_from(["world_readable", "world_readable", "closed", None]))

MAKERS: Mapping[str, Callable[[str, Told, str], Event]] = {
    "say": lambda name, each, _: said(name, "x", sender=each.sender),
    "answer": lambda name, each, to: said(name, "x", sender=each.sender, **answering(to)),
    "edit": lambda name, each, to: edited(name, to, "y", sender=each.sender),
    "order": lambda name, each, to: edited(name, to, "!garden x", sender=each.sender),
    "mark": lambda name, each, to: reacted(name, to, "🌱", sender=each.sender),
    "command": lambda name, each, _: said(name, "!garden x", sender=each.sender),
    "gone": lambda name, *_: replace(said(name, ""), content={}, sender=NOBODY),
    "secret": lambda name, each, _: replace(secret(name), sender=UserId(each.sender)),
    "open": lambda name, *_: visibility(name, "world_readable"),
    "shut": lambda name, *_: visibility(name, "shared"),
    "encrypt": lambda name, *_: encryption(name),
}
STATE_KINDS = {"open", "shut", "encrypt"}


def history(story: Sequence[Told]) -> list[Event]:
    return [
        replace(
            MAKERS[each.kind](str(number), each, str(number - each.back)),
            sent_at=NOON + number,
            arrived_at=NOON + each.day,
        )
        for number, each in enumerate(story)
    ]


class Model:
    """The rules in plain words, without a thought for time."""

    def __init__(self, story: Sequence[Told], access: RoomAccess, rules: Rules) -> None:
        self.story, self.access, self.rules = story, access, rules
        self.messages = [number for number, each in enumerate(story) if each.kind not in STATE_KINDS]

    def target(self, number: int) -> int:
        return number - self.story[number].back

    def refuses_room(self) -> bool:
        turns = [each.kind for each in self.story if each.kind in {"open", "shut"}]
        now = self.access.visibility or ({"open": "world_readable"}.get(turns[-1]) if turns else None)
        kept = self.rules.keep_closed and "open" in turns
        is_encrypted = any(each.kind == "encrypt" for each in self.story)
        return is_encrypted or not (now == "world_readable" or kept)

    def was_open(self, number: int) -> bool:
        turns = [each.kind for each in self.story[:number] if each.kind in {"open", "shut"}]
        return turns[-1:] == ["open"]

    def is_ripe(self, number: int) -> bool:
        return self.rules.ripe_before is None or NOON + self.story[number].day <= self.rules.ripe_before

    def is_edit(self, number: int) -> bool:
        return self.story[number].kind in {"edit", "order"}

    def last_wording(self, number: int) -> int:
        """The edit that gives the wording: the last one by the sender that the world could read."""
        own = [
            other
            for other in self.messages
            if self.is_edit(other)
            and self.target(other) == number != other
            and self.story[other].sender == self.story[number].sender
            and self.was_open(other)
        ]
        return own[-1] if own else number

    def message(self, number: int) -> int:
        """The message that an edit belongs to, where it is its sender's own."""
        target = self.target(number)
        if not self.is_edit(number) or target not in self.messages or target == number:
            return number
        its = self.story[target]
        is_own = its.sender == self.story[number].sender and its.kind in {"say", "answer", "command"}
        return target if is_own and self.was_open(target) else number

    def may_show(self, number: int) -> bool:
        each = self.story[number]
        message = self.message(number)
        concerned = {number, message}
        if self.story[message].kind in {"say", "answer"}:
            concerned.add(self.last_wording(message))
        return (
            self.was_open(number)
            and each.kind not in {"gone", "secret"}
            and all(self.story[other].kind not in {"command", "order"} for other in concerned)
            and all(self.is_ripe(other) for other in concerned)
        )

    def holds_place(self, number: int) -> bool:
        kind = self.story[number].kind
        return kind in {"gone", "secret"} and self.was_open(number) and self.is_ripe(number)

    def top(self, number: int, among: set[int]) -> int:
        """The top of a conversation, or a number of its own for a circle."""
        way = [number]
        while way[-1] in among and self.story[way[-1]].kind in {"answer", "edit", "mark"}:
            target = self.target(way[-1])
            if target in way:
                return min(way[way.index(target) :], key=lambda each: f"${each}")
            way.append(target)
        return way[-1]

    def shown(self) -> tuple[set[int], set[int]]:
        """What is published, and of what only the place."""
        if self.refuses_room():
            return set(), set()
        shown = {number for number in self.messages if self.may_show(number)}
        places = {number for number in self.messages if self.holds_place(number)}
        if self.rules.curated:
            everything = shown | places
            marks = [n for n in shown if self.story[n].kind == "mark" and self.story[n].sender == MO]
            planted = {self.top(self.target(number), everything) for number in marks}
            shown = {number for number in shown if self.top(number, everything) in planted}
            places = {number for number in places if self.top(number, everything) in planted}
        return shown, places


@given(stories, accesses, rules_asked)
@settings(max_examples=800)
def test_the_gate_agrees_with_the_plain_model(story: list[Told], access: RoomAccess, rules: Rules) -> None:
    opened = [Told("open", ADA, 0, 0), *story]
    judgement = keep_publishable(history(opened), access, [POWER], rules)
    kept = {int(each.event_id[1:]) for each in judgement.kept if each.state_key is None}
    places = {number for number in kept if f"${number}" in judgement.refused}
    assert (kept - places, places) == Model(opened, access, rules).shown()


@given(stories, accesses, rules_asked, st.booleans())
@settings(max_examples=300)
def test_an_explanation_says_what_the_gate_does(
    story: list[Told],
    access: RoomAccess,
    rules: Rules,
    hushed: bool,  # noqa: FBT001 - Hypothesis gives it by place
) -> None:
    current = [POWER, state("pref", PREFERENCE, {"publish": not hushed})]
    events = history(story)
    judgement = keep_publishable(events, access, current, rules)
    kept = {each.event_id for each in judgement.kept}
    for event in events:
        found = explain(event.event_id, events, access, current, rules)
        assert found is not None
        own = judgement.refused.get(event.event_id)
        assert found.holds_place == (event.event_id in kept and own is not None)
        if event.state_key is None:
            assert found.refusal is (judgement.room or own)
        else:
            assert (found.refusal is None) == (event.event_id in kept)
        order = [check.refusal for check in found.checks if check.refusal is not None]
        assert order == sorted(order, key=list(Refusal).index)

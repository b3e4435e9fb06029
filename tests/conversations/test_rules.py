"""The gate hears the room, its people and the admin, beside what the room's visibility says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from garden.archive.event import NOBODY, Event, EventId, UserId
from garden.archive.vocabulary import NOTICE, PREFERENCE, ROBOTS
from garden.conversations.conversation import MessageKind, Naming
from garden.conversations.resolve import resolve_messages
from garden.conversations.thread import thread_conversations
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
    secret,
    state,
    visibility,
)

OPEN = RoomAccess("world_readable")
OPENED = visibility("open", "world_readable")
POWER = state("p", "m.room.power_levels", {"users": {MO: 50}})
BOT = UserId("@garden:fen.example")


def judge(
    events: Iterable[Event],
    rules: Rules | None = None,
    *,
    asks: Iterable[Event] = (),
    access: RoomAccess = OPEN,
) -> Judgement:
    return keep_publishable([OPENED, *events], access, [POWER, *asks], rules)


def names(judgement: Judgement) -> str:
    """What is published; a place without words is put in brackets."""
    told = [each for each in judgement.kept if each.state_key is None]
    return " ".join(
        f"({each.event_id[1:]})" if each.event_id in judgement.refused else each.event_id[1:] for each in told
    )


def refusals(judgement: Judgement) -> dict[str, Refusal]:
    return {event_id[1:]: reason for event_id, reason in judgement.refused.items()}


# --- the room's own word ---


def prefers(**content: object) -> Event:
    return state("pref", PREFERENCE, content)


@pytest.mark.parametrize(
    ("asks", "reason"),
    [
        (prefers(publish=False), Refusal.ROOM_PREFERENCE),
        (prefers(publish={"odd": 1}), Refusal.ROOM_PREFERENCE),
        (prefers(publish=True, index=False, names="hidden"), None),
        (state("r", ROBOTS, {"*": {"allow": False}}), Refusal.ROOM_ROBOTS),
        (state("r", ROBOTS, {"*": {"members": False}}), None),
    ],
)
@pytest.mark.parametrize(
    "access",
    [OPEN, RoomAccess("closed"), RoomAccess("shared", vouched=True)],
    ids=["open", "kept", "vouched"],
)
def test_a_room_that_asks_not_to_be_published_is_not(
    asks: Event, reason: Refusal | None, access: RoomAccess
) -> None:
    judgement = judge([said("a", "x")], Rules(keep_closed=True), asks=[asks], access=access)
    assert judgement.room is reason
    assert names(judgement) == ("" if reason else "a")
    assert refusals(judgement) == ({"a": reason} if reason else {})


def test_how_people_are_named_is_the_strictest_that_the_room_asks_for() -> None:
    hides = state("r", ROBOTS, {"*": {"members": False}})
    pseudonyms = prefers(names="pseudonym", index=False)
    assert (judge([]).naming, judge([]).index) == (Naming.FULL, True)
    assert (judge([], asks=[pseudonyms]).naming, judge([], asks=[pseudonyms]).index) == (
        Naming.PSEUDONYM,
        False,
    )
    assert judge([], asks=[pseudonyms, hides]).naming is Naming.HIDDEN


def test_reasons_against_a_room_stand_in_their_order() -> None:
    asks = [prefers(publish=False), state("r", ROBOTS, {"*": {"log": False}})]
    judgement = judge([encryption("e")], Rules(require_notice=True), asks=asks, access=RoomAccess("closed"))
    assert judgement.against_room == (
        Refusal.ROOM_ENCRYPTED,
        Refusal.ROOM_CLOSED,
        Refusal.ROOM_ROBOTS,
        Refusal.ROOM_PREFERENCE,
        Refusal.ROOM_WITHOUT_NOTICE,
    )
    assert judgement.room is Refusal.ROOM_ENCRYPTED


# --- notices ---

TOLD: dict[str, Any] = {NOTICE: {"base_url": "https://fen.example/"}}


def test_a_room_can_be_asked_to_have_a_notice() -> None:
    rules = Rules(require_notice=True, account=BOT)
    told = said("n", "This room is published.", sender=BOT, **TOLD)
    forged = said("f", "This room is published.", sender=BEN, **TOLD)
    assert judge([said("a", "x")], rules).room is Refusal.ROOM_WITHOUT_NOTICE
    assert judge([said("a", "x"), forged], rules).room is Refusal.ROOM_WITHOUT_NOTICE
    assert (names(judge([said("a", "x"), told], rules)), judge([told]).notice) == ("a n", None)
    assert judge([told, forged], rules).notice == "$n"
    again = judge([told, forged, said("m", "Still published.", sender=MO, **TOLD)], rules)
    assert (again.notice, again.notices) == ("$m", ("$n", "$m"))
    # Members have been told as soon as it is said, even where nobody outside may read it yet.
    assert judge([said("a", "x", at=-9), told], replace(rules, ripe_before=NOON - 1)).room is None


def test_a_file_tells_members_nothing_where_a_homeserver_speaks() -> None:
    told = said("n", "This room is published.", sender=MO, **TOLD)
    by_file = RoomAccess("world_readable", from_files=frozenset({told.event_id}))
    assert judge([told], access=by_file).notice is None
    assert judge([told], access=replace(by_file, vouched=True)).notice == "$n"


# --- people ---


def gone(name: str, kind: str = "m.room.message") -> Event:
    return event(name, kind, {}, sender=NOBODY)


def test_who_has_opted_out_leaves_a_place_for_those_who_answer() -> None:
    talk = [gone("a"), said("b", "yes", **answering("a")), said("c", "no", **answering("a"))]
    judgement = judge([*talk, gone("alone"), gone("r", "m.reaction"), gone("call", "m.call.invite")])
    assert names(judgement) == "(a) b c (alone)"
    assert set(refusals(judgement).values()) == {Refusal.EVENT_OPTED_OUT}
    assert judgement.count_refusals() == {Refusal.EVENT_OPTED_OUT: 4}
    messages = resolve_messages(judgement.kept)
    assert [each.kind for each in messages if each.sender == NOBODY] == [MessageKind.REMOVED] * 2
    (page,) = thread_conversations(messages)
    assert [each.event_id for each in page.messages] == ["$a", "$b", "$c"]
    assert page.messages[0].removal is None


def test_words_that_a_gone_person_should_not_have_are_not_published() -> None:
    judgement = judge([replace(said("a", "words"), sender=NOBODY)])
    assert [each.content for each in judgement.kept if each.event_id == "$a"] == [{}]


def test_state_of_a_gone_person_still_rules_the_room() -> None:
    opened = replace(OPENED, sender=NOBODY)
    assert [each.event_id for each in keep_publishable([opened, said("a", "x")], OPEN).kept] == [
        "$open",
        "$a",
    ]


def test_a_command_is_for_the_garden_and_not_for_readers() -> None:
    judgement = judge([said("a", "!garden opt-out"), said("b", "Say !garden opt-out")])
    assert names(judgement) == "b"
    assert refusals(judgement) == {"a": Refusal.EVENT_COMMAND}


@pytest.mark.parametrize(
    ("events", "published"),
    [
        ([said("a", "!garden x"), edited("1", "a", "hello")], ""),
        ([said("a", "!garden x"), edited("1", "a", "hello", sender=BEN)], "1"),
        ([said("a", "hello"), edited("1", "a", "!garden x")], ""),
        ([said("a", "hello"), edited("1", "a", "!garden x", at=1), edited("2", "a", "hi", at=2)], "a 2"),
        ([said("a", "hello"), edited("1", "a", "hi", at=1), edited("2", "a", "!garden x", at=2)], ""),
        ([said("a", "hello"), edited("1", "a", "!garden x", sender=BEN)], "a"),
    ],
)
def test_a_message_goes_with_the_command_that_it_is_or_was_edited_into(
    events: list[Event], published: str
) -> None:
    judgement = judge(events)
    assert names(judgement) == published
    assert set(judgement.refused.values()) <= {Refusal.EVENT_COMMAND}
    assert len(judgement.refused) == len(events) - len(published.split())


# --- the delay ---


def arriving(each: Event, at: int | None) -> Event:
    """The event, as one that came `at` milliseconds after noon."""
    return replace(each, arrived_at=None if at is None else NOON + at)


WAIT = Rules(ripe_before=NOON + 100)


@pytest.mark.parametrize(
    ("sent", "arrived", "published"),
    [
        (100, None, True),
        (101, None, False),
        (0, 100, True),
        (0, 101, False),
        (10**9, 50, True),
        (-(10**9), 101, False),
    ],
)
def test_what_came_lately_waits_whatever_the_sender_says_about_the_time(
    sent: int, arrived: int | None, *, published: bool
) -> None:
    judgement = judge([arriving(said("a", "x", at=sent), arrived)], WAIT)
    assert names(judgement) == ("a" if published else "")
    assert refusals(judgement) == ({} if published else {"a": Refusal.EVENT_TOO_NEW})


OLD = arriving(said("a", "one"), 0)
RIPE_EDIT, LATE_EDIT = (arriving(edited(str(at), "a", "new", at=at), at) for at in (50, 150))


@pytest.mark.parametrize(
    ("events", "published", "lately"),
    [
        ([OLD, RIPE_EDIT], "a 50", ""),
        ([OLD, LATE_EDIT], "", "a"),
        ([OLD, RIPE_EDIT, LATE_EDIT], "", "50 a"),
        ([LATE_EDIT, RIPE_EDIT, OLD], "", "50 a"),
        # An edit that does not count makes nobody wait.
        ([OLD, arriving(edited("x", "a", "forged", sender=BEN), 150)], "a", ""),
        ([OLD, replace(LATE_EDIT, type="m.sticker")], "a", ""),
        ([OLD, replace(LATE_EDIT, content={**LATE_EDIT.content, "m.new_content": {}})], "a", ""),
        ([OLD, replace(LATE_EDIT, redacted_because={"type": "m.room.redaction"})], "a", ""),
        # One that claims to be older than an edit that is ripe gives no wording.
        ([OLD, RIPE_EDIT, replace(LATE_EDIT, sent_at=NOON + 20)], "a 50", ""),
        # The words of an edit do not come before its message.
        ([arriving(OLD, 150), RIPE_EDIT], "", ""),
        # A message that was taken away has no words that could wait.
        ([replace(OLD, content={}, redacted_because={"type": "m.room.redaction"}), LATE_EDIT], "a", ""),
        # What the archive has blanked waits as well.
        ([replace(OLD, content={"msgtype": "m.text", "body": ""}), LATE_EDIT], "", "a"),
    ],
)
def test_a_message_whose_last_edit_waits_waits_as_a_whole(
    events: list[Event], published: str, lately: str
) -> None:
    judgement = judge(events, WAIT)
    assert names(judgement) == published
    found = {name for name, reason in refusals(judgement).items() if reason is Refusal.EVENT_EDITED_LATELY}
    assert found == set(lately.split())


def test_reactions_votes_and_encrypted_messages_wait_too() -> None:
    relation = {"rel_type": "m.reference", "event_id": "$a"}
    late = [
        reacted("r", "a", "👍"),
        event("v", "m.poll.response", {"m.relates_to": relation}),
        event("e", "m.poll.end", {"m.relates_to": relation}),
    ]
    judgement = judge([OLD, *(arriving(each, 150) for each in late)], WAIT)
    assert names(judgement) == "a"
    assert judgement.count_refusals() == {Refusal.EVENT_TOO_NEW: 3}
    both = judge([arriving(secret("x"), 150), arriving(gone("g"), 150), arriving(secret("y"), 50)], WAIT)
    assert names(both) == "(y)"
    assert refusals(both) == {
        "x": Refusal.EVENT_ENCRYPTED,
        "g": Refusal.EVENT_OPTED_OUT,
        "y": Refusal.EVENT_ENCRYPTED,
    }


def test_what_rules_a_room_does_not_wait() -> None:
    shut = arriving(visibility("shut", "shared"), 150)
    closed = arriving(said("b", "behind the door"), 0)
    judgement = judge([OLD, shut, closed], WAIT)
    assert refusals(judgement) == {"b": Refusal.EVENT_BEFORE_OPEN}
    assert "$shut" not in [each.event_id for each in judgement.kept]
    assert judge([OLD, arriving(encryption("e"), 150)], WAIT).room is Refusal.ROOM_ENCRYPTED


def test_a_redaction_counts_at_once() -> None:
    because = {"type": "m.room.redaction", "sender": MO, "origin_server_ts": NOON + 150}
    judgement = judge([replace(OLD, content={}, redacted_because=because)], WAIT)
    assert [message.kind for message in resolve_messages(judgement.kept)] == [MessageKind.REMOVED]


# --- closed rooms ---


@pytest.mark.parametrize("visible", ["closed", "shared", "invited", "joined"])
def test_a_closed_room_can_keep_what_was_public(visible: str) -> None:
    story = [said("a", "x"), visibility("s", "shared"), said("b", "y")]
    access = RoomAccess(visible)
    assert judge(story, access=access).room is Refusal.ROOM_CLOSED
    kept = judge(story, Rules(keep_closed=True), access=access)
    assert (kept.room, names(kept), kept.opening) == (None, "a", None)
    assert refusals(kept) == {"b": Refusal.EVENT_BEFORE_OPEN}


def test_nothing_is_kept_of_a_room_that_was_never_open_or_is_encrypted() -> None:
    keep, access = Rules(keep_closed=True), RoomAccess("closed")
    assert keep_publishable([said("a", "x")], access, (), keep).room is Refusal.ROOM_CLOSED
    assert keep_publishable([said("a", "x")], RoomAccess(None), (), keep).room is Refusal.ROOM_UNKNOWN
    assert judge([said("a", "x"), encryption("e")], keep, access=access).room is Refusal.ROOM_ENCRYPTED
    at_first = RoomAccess("closed", at_first="world_readable")
    assert names(keep_publishable([said("a", "x")], at_first, (), keep)) == "a"


# --- curation ---

PLANTED = reacted("mark", "a", "🌱", sender=MO)


def test_in_a_curated_room_only_planted_conversations_are_published() -> None:
    talk = [
        said("a", "root"),
        said("b", "in it", **in_thread("a")),
        edited("b1", "b", "better"),
        said("c", "x"),
        reacted("r", "c", "👍"),
    ]
    assert names(judge(talk, Rules(curated=True))) == ""
    judgement = judge([*talk, PLANTED], Rules(curated=True))
    assert names(judgement) == "a b b1 mark"
    assert refusals(judgement) == dict.fromkeys("cr", Refusal.EVENT_NOT_PLANTED)
    assert names(judge([*talk, PLANTED], asks=[prefers(publish="curated")])) == "a b b1 mark"
    assert names(judge(talk, Rules(curated=True, planted=frozenset({EventId("$b")})))) == "a b b1"
    assert names(judge(talk, asks=[prefers(publish="curated", planted=["$c"])])) == "c r"


@pytest.mark.parametrize(
    ("mark", "rules"),
    [
        (reacted("mark", "a", "🌱", sender=BEN), Rules(curated=True)),
        (PLANTED, Rules(curated=True, plant_with="🌳")),
        (arriving(PLANTED, 150), replace(WAIT, curated=True)),
        (replace(PLANTED, redacted_because={"type": "m.room.redaction"}), Rules(curated=True)),
        (replace(PLANTED, sender=NOBODY), Rules(curated=True)),
    ],
)
def test_a_mark_plants_only_where_it_may_be_published_itself(mark: Event, rules: Rules) -> None:
    assert names(judge([OLD, mark], rules)) == ""


def test_a_mark_from_a_closed_time_or_a_file_plants_nothing() -> None:
    story = [PLANTED, OPENED, said("a", "x")]
    assert keep_publishable(story, OPEN, [POWER], Rules(curated=True)).refused[EventId("$a")] is (
        Refusal.EVENT_NOT_PLANTED
    )
    by_file = RoomAccess("world_readable", from_files=frozenset({PLANTED.event_id}))
    assert names(judge([said("a", "x"), PLANTED], Rules(curated=True), access=by_file)) == ""


def test_a_place_is_kept_only_in_a_planted_conversation() -> None:
    hidden = event("e", "m.room.encrypted", {"ciphertext": "…", **in_thread("a")})
    talk = [gone("g"), said("a", "x", **answering("g")), hidden, secret("other"), gone("alone")]
    judgement = judge([*talk, PLANTED], Rules(curated=True))
    assert names(judgement) == "(g) a (e) mark"
    assert refusals(judgement)["alone"] is Refusal.EVENT_OPTED_OUT
    assert [each.content for each in judgement.kept if each.event_id in judgement.refused] == [{}, {}]


# --- the order of reasons ---


def test_what_nothing_can_change_comes_before_what_passes() -> None:
    asked = list(Refusal)
    waiting = [refusal for refusal in asked if refusal.waits]
    for scope in ("ROOM_", "EVENT_"):
        scoped = [refusal for refusal in asked if refusal.name.startswith(scope)]
        passing = [refusal for refusal in scoped if refusal in waiting]
        assert scoped[-len(passing) :] == passing
    late = arriving(said("a", "!garden x"), 150)
    assert refusals(judge([late], replace(WAIT, curated=True))) == {"a": Refusal.EVENT_COMMAND}


def test_a_gate_without_rules_asks_what_it_always_asked() -> None:
    story = [OPENED, said("a", "x"), secret("e"), reacted("r", "a", "🌱")]
    judgement = keep_publishable(story, OPEN)
    assert names(judgement) == "a (e) r"
    assert judgement == keep_publishable(story, OPEN, (), Rules())

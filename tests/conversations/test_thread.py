"""Every message has one home: its thread, its chain of answers, or its day."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from garden.archive.event import EventId, RoomId, UserId
from garden.conversations.conversation import Conversation, ConversationKind, Message, MessageKind
from garden.conversations.thread import thread_conversations
from tests.conversations.material import DAY, NOON


def message(name: str, *, answers: str | None = None, thread: str | None = None, at: int = 0) -> Message:
    return Message(
        event_id=EventId(f"${name}"),
        room_id=RoomId("!r"),
        sender=UserId("@ada:fen.example"),
        sender_name="Ada",
        sent_at=NOON + at,
        kind=MessageKind.TEXT,
        body=name,
        reply_to=EventId(f"${answers}") if answers else None,
        thread_root=EventId(f"${thread}") if thread else None,
    )


def removed(name: str, *, thread: str | None = None) -> Message:
    return replace(message(name, thread=thread), kind=MessageKind.REMOVED, body="")


def in_words(conversation: Conversation) -> str:
    """`thread a: abc`: its kind, its root or day, its messages."""
    top = str(conversation.day) if conversation.day is not None else (conversation.root_id or "")[1:]
    return f"{conversation.kind} {top}: {' '.join(each.event_id[1:] for each in conversation.messages)}"


@pytest.mark.parametrize(
    ("messages", "conversations"),
    [
        ([], []),
        ([message("a"), message("b")], ["day 2025-03-03: a b"]),
        ([message("a"), message("b", thread="a"), message("c")], ["thread a: a b", "day 2025-03-03: c"]),
        # A thread needs no minimum, a chain of answers does.
        ([message("a"), message("b", answers="a")], ["day 2025-03-03: a b"]),
        ([message("a"), message("b", answers="a"), message("c", answers="b")], ["chain a: a b c"]),
        ([message("a"), message("b", answers="a"), message("c", answers="a")], ["chain a: a b c"]),
        # An answer inside a thread stays in its thread.
        (
            [message("a"), message("b", thread="a"), message("c", thread="a", answers="b")],
            ["thread a: a b c"],
        ),
        # A thread on an answer takes the answer out of its chain.
        (
            [message("a"), message("b", answers="a"), message("c", answers="b"), message("d", thread="b")],
            ["thread b: b d", "day 2025-03-03: a c"],
        ),
        # A thread on a message of another thread joins that one.
        ([message("a"), message("b", thread="a"), message("c", thread="b")], ["thread a: a b c"]),
        ([message("c", thread="b"), message("b", thread="a"), message("a")], ["thread a: c b a"]),
        # An answer from outside to a message in a thread is no part of it.
        (
            [message("a"), message("b", thread="a"), message("c", answers="b")],
            ["thread a: a b", "day 2025-03-03: c"],
        ),
        # A root that nobody can read still holds its thread together.
        ([message("b", thread="a"), message("c", thread="a")], ["thread a: b c"]),
        ([removed("a"), message("b", thread="a")], ["thread a: a b"]),
        ([message("a"), removed("b", thread="a"), message("c", thread="a")], ["thread a: a b c"]),
        ([removed("a"), removed("b", thread="a")], []),
        # An answer to what is not there, or comes later, starts anew.
        ([message("b", answers="a"), message("c", answers="b")], ["day 2025-03-03: b c"]),
        ([message("b", answers="a"), message("a"), message("c", answers="b")], ["day 2025-03-03: b a c"]),
        # A removed message stays where somebody answers it.
        ([removed("a"), message("b", answers="a")], ["day 2025-03-03: a b"]),
        ([removed("a"), message("b")], ["day 2025-03-03: b"]),
        (
            [
                message("a"),
                removed("b"),
                replace(removed("c"), reply_to=EventId("$a")),
                message("d", answers="a"),
            ],
            # A removed answer counts as one, so that a page outlives its messages.
            ["chain a: a c d"],
        ),
        # Cycles, which only forgers make.
        ([message("a", thread="a")], ["thread a: a"]),
        ([message("a", thread="b"), message("b", thread="a")], ["thread a: a b"]),
        ([message("b", thread="a"), message("a", thread="b"), message("c", thread="b")], ["thread a: b a c"]),
        ([message("a", answers="a"), message("b", answers="a")], ["day 2025-03-03: a b"]),
        ([message("a", answers="b"), message("b", answers="a")], ["day 2025-03-03: a b"]),
    ],
)
def test_messages_are_grouped(messages: list[Message], conversations: list[str]) -> None:
    assert [in_words(each) for each in thread_conversations(messages)] == conversations


def quiet(name: str, kind: MessageKind = MessageKind.STATE, *, at: int = 0) -> Message:
    return replace(message(name, at=at), kind=kind, body="")


QUIET = [MessageKind.STATE, MessageKind.CALL, MessageKind.ENCRYPTED]


@pytest.mark.parametrize("kind", QUIET)
@pytest.mark.parametrize(
    ("messages", "conversations"),
    [
        (["q", "r"], []),
        (["q", message("b"), "r"], ["day 2025-03-03: q b r"]),
        (["q", message("b", at=DAY)], ["day 2025-03-04: b"]),
        # They begin no chain and no thread: whoever answers begins one.
        (
            ["q", message("b", answers="q"), message("c", answers="q"), message("d", answers="b")],
            ["day 2025-03-03: q b c d"],
        ),
        (["q", message("b", thread="q"), message("c", thread="q")], ["thread q: b c"]),
        (["q", message("b", thread="q"), message("c")], ["thread q: b", "day 2025-03-03: q c"]),
        # Alone with what was removed they make no page either.
        (["q", removed("x")], []),
    ],
)
def test_what_nobody_says_stands_among_what_somebody_says(
    kind: MessageKind, messages: list[Message | str], conversations: list[str]
) -> None:
    story = [quiet(each, kind) if isinstance(each, str) else each for each in messages]
    assert [in_words(each) for each in thread_conversations(story)] == conversations


def test_a_chain_whose_root_was_removed_keeps_its_page() -> None:
    story = [removed("a"), message("b", answers="a"), message("c", answers="b")]
    assert [in_words(each) for each in thread_conversations(story)] == ["chain a: a b c"]
    assert [in_words(each) for each in thread_conversations(story, show_removed=False)] == ["chain a: b c"]


@pytest.mark.parametrize(
    ("messages", "conversations"),
    [
        ([removed("a"), message("b", thread="a")], ["thread a: b"]),
        ([removed("a"), message("b", answers="a")], ["day 2025-03-03: b"]),
        ([removed("a"), removed("b", thread="a")], []),
        ([removed("a"), message("b", answers="a", at=DAY)], ["day 2025-03-04: b"]),
        ([removed("a")], []),
    ],
)
def test_removed_messages_may_be_left_out_everywhere(
    messages: list[Message], conversations: list[str]
) -> None:
    assert [in_words(each) for each in thread_conversations(messages, show_removed=False)] == conversations


@pytest.mark.parametrize(("minimum", "kinds"), [(1, ["chain", "chain"]), (2, ["chain", "day"]), (3, ["day"])])
def test_the_admin_says_how_many_answers_make_a_page(minimum: int, kinds: list[str]) -> None:
    messages = [message("a"), message("b", answers="a"), message("c")]
    assert [each.kind for each in thread_conversations(messages, min_messages=minimum)] == kinds


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (0, date(2025, 3, 3)),
        (DAY // 2 - 1, date(2025, 3, 3)),
        (DAY // 2, date(2025, 3, 4)),
        (-DAY // 2, date(2025, 3, 3)),
        (-DAY // 2 - 1, date(2025, 3, 2)),
    ],
)
def test_a_day_begins_at_midnight_utc(at: int, day: date) -> None:
    (conversation,) = thread_conversations([message("a", at=at)])
    assert conversation.day == day


def test_days_stand_in_their_order_and_their_messages_in_the_servers() -> None:
    messages = [message("a", at=DAY), message("b"), message("c", at=-1), message("d", at=DAY)]
    assert [in_words(each) for each in thread_conversations(messages)] == [
        "day 2025-03-03: b c",
        "day 2025-03-04: a d",
    ]


def test_a_thread_over_midnight_stays_one_page() -> None:
    messages = [message("a"), message("b", thread="a", at=DAY), message("c", thread="a", at=9 * DAY)]
    assert [in_words(each) for each in thread_conversations(messages)] == ["thread a: a b c"]


@pytest.mark.parametrize(
    "relate",
    [lambda name, other: message(name, answers=other), lambda name, other: message(name, thread=other)],
    ids=["answers", "thread"],
)
def test_a_forged_chain_as_long_as_the_room_takes_no_time(relate: Callable[[str, str], Message]) -> None:
    names = [f"{number:05}" for number in range(4000)]
    pairs = list(zip(names, [*names[1:], names[0]], strict=True))
    for order in (pairs, pairs[::-1]):
        start = time.process_time()
        conversations = thread_conversations([relate(name, other) for name, other in order])
        assert time.process_time() - start < 2
        assert sum(len(each.messages) for each in conversations) == 4000


NAMES = st.sampled_from("abcdefgh")


@st.composite
def rooms(draw: st.DrawFn) -> list[Message]:
    """Messages with any relations at all, also forged ones and ones that lead nowhere."""
    names = draw(st.lists(NAMES, unique=True))
    return [
        message(
            name,
            answers=draw(st.none() | NAMES),
            thread=draw(st.none() | NAMES),
            at=draw(st.integers(-3 * DAY, 3 * DAY)),
        )
        if draw(st.integers(0, 4))
        else draw(
            st.sampled_from(
                [removed(name, thread=draw(st.none() | NAMES)), *(quiet(name, kind) for kind in QUIET)]
            )
        )
        for name in names
    ]


@given(rooms(), st.integers(1, 4))
@settings(max_examples=600)
def test_every_message_has_exactly_one_home(messages: list[Message], minimum: int) -> None:
    conversations = thread_conversations(messages, min_messages=minimum)
    homes = Counter(each.event_id for conversation in conversations for each in conversation.messages)
    assert set(homes.values()) <= {1}
    homeless = [each for each in messages if each.event_id not in homes]
    assert not any(each.is_spoken for each in homeless)


@given(rooms())
@settings(max_examples=300)
def test_a_conversation_is_never_empty_and_keeps_the_servers_order(messages: list[Message]) -> None:
    places = {each.event_id: place for place, each in enumerate(messages)}
    for conversation in thread_conversations(messages):
        order = [places[each.event_id] for each in conversation.messages]
        assert order
        assert order == sorted(order)
        assert any(each.is_spoken for each in conversation.messages)
        assert (conversation.day is None) == (conversation.kind is not ConversationKind.DAY)
        assert (conversation.root_id is None) == (conversation.kind is ConversationKind.DAY)


@given(rooms())
@settings(max_examples=300)
def test_leaving_removed_messages_out_changes_no_page(messages: list[Message]) -> None:
    shown, hidden = (
        [
            (
                each.kind,
                each.root_id,
                each.day,
                [one for one in each.messages if one.kind is not MessageKind.REMOVED],
            )
            for each in thread_conversations(messages, show_removed=show_removed)
        ]
        for show_removed in (True, False)
    )
    assert shown == hidden


@given(rooms())
@settings(max_examples=300)
def test_no_two_conversations_have_one_root_or_one_day(messages: list[Message]) -> None:
    tops = [each.root_id or each.day for each in thread_conversations(messages)]
    assert len(set(tops)) == len(tops)


@given(rooms(), rooms())
@settings(max_examples=200)
def test_a_thread_keeps_its_root_when_later_messages_arrive(
    messages: list[Message], later: list[Message]
) -> None:
    """Addresses are for ever: what comes later may add messages to a thread, not rename its root."""
    known = {each.event_id for each in messages}
    named = {each.thread_root for each in messages}
    fresh = [each for each in later if each.event_id not in known | named]
    before = {each.root_id for each in thread_conversations(messages) if each.kind is ConversationKind.THREAD}
    after = {
        each.root_id
        for each in thread_conversations([*messages, *fresh])
        if each.kind is ConversationKind.THREAD
    }
    assert before <= after

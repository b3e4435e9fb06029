"""What changes about a room is one quiet line, told from what stood before in the timeline."""

from __future__ import annotations

from typing import Any

import pytest

from garden.archive.event import Event
from garden.conversations.conversation import MessageKind
from garden.conversations.resolve import resolve_messages
from tests.conversations.material import ADA, BEN, MO, event, member, said, state


def told(*events: Event, membership: bool = False) -> list[tuple[str, str]]:
    """Kind and value of each change."""
    return [
        (message.change.kind.value, message.change.value)
        for message in resolve_messages(events, membership=membership)
        if message.change is not None
    ]


def name(each: str, value: object) -> Event:
    return state(each, "m.room.name", {"name": value})


def pins(each: str, *pinned: object) -> Event:
    return state(each, "m.room.pinned_events", {"pinned": list(pinned)})


def widget(each: str, *, kind: str = "m.widget", key: str = "w", **content: object) -> Event:
    return state(each, kind, content, state_key=key)


@pytest.mark.parametrize(
    ("events", "changes"),
    [
        ([state("c", "m.room.create", {"creator": ADA})], [("created", "")]),
        # An upgraded room reads as one: its second beginning is none.
        (
            [state("c", "m.room.create", {}), state("d", "m.room.create", {"predecessor": {}})],
            [("created", "")],
        ),
        ([state("t", "m.room.tombstone", {"body": "x", "replacement_room": "!new"})], [("upgraded", "")]),
        ([state("t", "m.room.tombstone", {"body": "closed for good"})], []),
        ([name("1", "Beans"), name("2", "Beans"), name("3", "Peas")], [("name", "Beans"), ("name", "Peas")]),
        ([name("1", "Beans"), name("2", "")], [("name", "Beans"), ("name", "")]),
        ([name("1", ""), name("2", None), name("3", 7)], []),
        ([name("1", "Be\u202eans\n")], [("name", "Beans")]),
        ([state("1", "m.room.topic", {"topic": "What we grow"})], [("topic", "What we grow")]),
        (
            [state("1", "m.room.topic", {"m.topic": {"m.text": [{"body": "What we grow"}]}})],
            [("topic", "What we grow")],
        ),
        ([state("1", "m.room.avatar", {"url": "mxc://a/b"})], [("avatar", "")]),
        ([state("1", "m.room.avatar", {"url": "https://evil.example"})], []),
        ([pins("1", "$a"), pins("2", "$a"), pins("3", "$a", "$b")], [("pins", ""), ("pins", "")]),
        ([pins("1"), pins("2", 7, None)], []),
        ([widget("1", url="https://x", type="m.custom", name="Pad")], [("widget", "Pad")]),
        ([widget("1", url="https://x", type="m.custom")], [("widget", "m.custom")]),
        ([widget("1", url="https://x", name="Pad"), widget("2")], [("widget", "Pad"), ("widget", "")]),
        (
            [
                widget("1", url="https://x", name="P"),
                widget("2", kind="im.vector.modular.widgets", url="https://x", name="P"),
            ],
            [("widget", "P")],
        ),
        ([widget("1")], []),
        # State of other kinds, and what only looks like state of the room.
        ([state("1", "m.room.power_levels", {"users": {}})], []),
        ([state("1", "m.room.name", {"name": "x"}, state_key="x")], []),
        ([state("1", "org.unheard.of", {"body": "x"})], []),
    ],
)
def test_a_change_is_told_once(events: list[Event], changes: list[tuple[str, str]]) -> None:
    assert told(*events) == changes


def test_a_redacted_change_says_nothing_and_what_it_set_is_gone() -> None:
    because: dict[str, Any] = {"unsigned": {"redacted_because": {"type": "m.room.redaction"}}}
    gone = event("2", "m.room.name", {}, state_key="", **because)
    assert told(name("1", "Beans"), gone, name("3", "Beans")) == [("name", "Beans"), ("name", "Beans")]


def test_what_a_server_says_about_before_is_not_believed() -> None:
    lying = event(
        "1", "m.room.name", {"name": "Peas"}, state_key="", unsigned={"prev_content": {"name": "Peas"}}
    )
    assert told(lying) == [("name", "Peas")]


def test_a_change_is_somebodys_and_no_words() -> None:
    (message,) = resolve_messages([member("m", ADA, "Ada"), name("n", "Beans")])
    assert (message.kind, message.sender, message.sender_name) == (MessageKind.STATE, ADA, "Ada")
    assert (message.body, message.is_spoken) == ("", False)


def joins(
    each: str, user: str, displayname: str | None = None, *, membership: str = "join", sender: str = ""
) -> Event:
    return member(each, user, displayname, membership=membership, sender=sender)


@pytest.mark.parametrize(
    ("events", "changes"),
    [
        ([joins("1", BEN, "Ben")], [("join", "Ben")]),
        ([joins("1", BEN, "Ben"), joins("2", BEN, membership="leave")], [("join", "Ben"), ("leave", "Ben")]),
        ([joins("1", BEN, "Ben", membership="invite", sender=ADA)], [("invite", "Ben")]),
        (
            [joins("1", BEN, "Ben", membership="invite", sender=ADA), joins("2", BEN, "Ben")],
            [("invite", "Ben"), ("join", "Ben")],
        ),
        (
            [joins("1", BEN, "Ben"), joins("2", BEN, membership="leave", sender=ADA)],
            [("join", "Ben"), ("kick", "Ben")],
        ),
        (
            [
                joins("1", BEN, "Ben"),
                joins("2", BEN, membership="ban", sender=ADA),
                joins("3", BEN, membership="leave", sender=ADA),
            ],
            [("join", "Ben"), ("ban", "Ben")],
        ),
        ([joins("1", BEN, "Ben"), joins("2", BEN, "Benny")], [("join", "Ben"), ("rename", "Benny")]),
        ([joins("1", BEN, "Ben"), joins("2", BEN)], [("join", "Ben"), ("rename", "ben")]),
        ([joins("1", BEN, "Ben"), joins("2", BEN, "Ben")], [("join", "Ben")]),
        # A refused or withdrawn invitation and a knock.
        (
            [joins("1", BEN, membership="invite", sender=ADA), joins("2", BEN, membership="leave")],
            [("invite", "ben")],
        ),
        (
            [
                joins("1", BEN, membership="invite", sender=ADA),
                joins("2", BEN, membership="leave", sender=ADA),
            ],
            [("invite", "ben")],
        ),
        ([joins("1", BEN, membership="knock")], []),
        # Somebody whose coming the timeline does not know.
        ([joins("1", BEN, membership="leave")], [("leave", "ben")]),
        ([joins("1", BEN, membership="leave", sender=ADA)], [("kick", "ben")]),
        ([state("1", "m.room.member", {"membership": 7}, state_key=BEN)], []),
        ([state("1", "m.room.member", {"membership": "join"})], []),
    ],
)
def test_coming_and_going_is_told_where_it_is_wanted(
    events: list[Event], changes: list[tuple[str, str]]
) -> None:
    assert told(*events, membership=True) == changes
    assert told(*events) == []


def test_a_new_picture_is_no_change() -> None:
    events = [member("1", BEN, "Ben"), member("2", BEN, "Ben", avatar_url="mxc://a/b")]
    assert told(*events, membership=True) == [("join", "Ben")]


def test_a_new_name_is_told_by_the_old_one() -> None:
    events = [member("1", BEN, "Ben"), member("2", BEN, "Benny"), said("a", "x", sender=BEN)]
    messages = resolve_messages(events, membership=True)
    assert [message.sender_name for message in messages] == ["Ben", "Ben", "Benny"]


def test_a_redacted_membership_says_nothing_and_still_counts() -> None:
    because: dict[str, Any] = {"unsigned": {"redacted_because": {"type": "m.room.redaction"}}}
    gone = event("1", "m.room.member", {"membership": "join"}, sender=MO, state_key=MO, **because)
    assert told(gone, joins("2", MO, membership="leave"), membership=True) == [("leave", "mo")]

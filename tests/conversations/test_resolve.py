"""What people said in the end: edits by their authors, erased words gone, reactions counted once a person."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from garden.archive.event import Event, MalformedEventError, read_event
from garden.conversations.conversation import Message, MessageKind
from garden.conversations.resolve import resolve_messages
from tests.conversations.material import (
    ADA,
    BEN,
    MO,
    ROOM,
    answering,
    edited,
    erased,
    event,
    in_thread,
    reacted,
    said,
)


def only(*events: Event) -> Message:
    (message,) = resolve_messages(events)
    return message


def test_a_message_is_who_when_and_what() -> None:
    message = only(said("a", "words", formatted_body="<b>words</b>", format="org.matrix.custom.html"))
    assert (message.sender, message.sender_name, message.body) == (ADA, "ada", "words")
    assert (message.formatted_body, message.kind, message.edited_at) == (
        "<b>words</b>",
        MessageKind.TEXT,
        None,
    )


def test_html_in_another_format_is_not_html() -> None:
    assert only(said("a", "x", formatted_body="<b>x</b>", format="application/evil")).formatted_body is None
    assert only(said("a", "x", formatted_body=7, format="org.matrix.custom.html")).formatted_body is None


REPLACES_A = {"rel_type": "m.replace", "event_id": "$a"}


@pytest.mark.parametrize(
    ("edits", "body"),
    [
        ([edited("1", "a", "two")], "two"),
        ([edited("1", "a", "two", at=1), edited("2", "a", "three", at=2)], "three"),
        ([edited("2", "a", "three", at=2), edited("1", "a", "two", at=1)], "three"),
        ([edited("1", "a", "two", at=1), edited("2", "a", "three", at=1)], "three"),
        ([edited("2", "a", "three", at=1), edited("1", "a", "two", at=1)], "three"),
        ([edited("1", "a", "forged", sender=BEN)], "one"),
        ([edited("1", "a", "two", at=1), edited("2", "a", "forged", sender=BEN, at=2)], "two"),
        ([edited("1", "a", "two"), edited("2", "1", "an edit of an edit", at=2)], "two"),
        ([edited("1", "unknown", "two")], "one"),
        ([edited("1", "1", "of itself")], "one"),
        ([event("1", "m.room.message", {"body": "* two", "m.relates_to": REPLACES_A})], "one"),
        ([edited("1", "a", "two", msgtype=7)], "two"),
        ([edited("1", "a", "two"), erased("2")], "two"),
        ([edited("1", "a", "")], ""),
    ],
)
def test_the_last_edit_by_the_author_is_the_wording(edits: list[Event], body: str) -> None:
    messages = {message.event_id: message for message in resolve_messages([said("a", "one"), *edits])}
    assert messages[said("a", "").event_id].body == body


def test_an_edit_of_another_kind_of_event_does_not_count() -> None:
    sticker = event("s", "m.sticker", {"body": "leaf", "url": "mxc://fen.example/leaf"})
    assert only(sticker, edited("1", "s", "words")).body == "leaf"


def test_an_edit_says_when_but_keeps_place_author_and_relations() -> None:
    asked = said("a", "one", **in_thread("root", "b", falling_back=False))
    message = only(asked, edited("1", "a", "two", at=5))
    assert (message.sent_at, message.edited_at) == (asked.sent_at, asked.sent_at + 5)
    assert (message.thread_root, message.reply_to) == ("$root", "$b")


def test_html_of_the_former_wording_does_not_survive_an_edit() -> None:
    first = said("a", "one", formatted_body="<b>one</b>", format="org.matrix.custom.html")
    assert only(first, edited("1", "a", "two")).formatted_body is None


def test_a_redacted_message_leaves_who_and_when_and_nothing_else() -> None:
    message = only(erased("a"), edited("1", "a", "words that were erased"), reacted("r", "a", "🌱"))
    assert (message.kind, message.body, message.formatted_body) == (MessageKind.REMOVED, "", None)
    assert (message.reactions, message.edited_at, message.attachment) == ((), None, None)


def test_a_redacted_edit_gives_the_wording_back() -> None:
    messages = resolve_messages([said("a", "one"), edited("1", "a", "two"), erased("2")])
    assert [message.body for message in messages] == ["two", ""]
    assert resolve_messages([said("a", "one"), erased("1")])[0].body == "one"


def test_words_beside_a_redaction_are_not_shown() -> None:
    because = {"type": "m.room.redaction"}
    lying = event("a", "m.room.message", {"body": "still here"}, unsigned={"redacted_because": because})
    assert only(lying).body == ""


def test_what_a_server_bundles_is_not_believed() -> None:
    bundled = {"m.relations": {"m.replace": {"content": {"m.new_content": {"body": "bundled"}}}}}
    assert only(event("a", "m.room.message", {"body": "one"}, unsigned=bundled)).body == "one"


def test_a_person_counts_once_for_each_reaction() -> None:
    reactions = [reacted("1", "a", "🌱"), reacted("2", "a", "🌱"), reacted("3", "a", " 🌱 ", sender=MO)]
    message = only(said("a", "one"), *reactions, reacted("4", "a", "so  true"), reacted("5", "b", "❤️"))
    assert [(reaction.key, reaction.senders) for reaction in message.reactions] == [
        ("🌱", (BEN, MO)),
        ("so true", (BEN,)),
    ]


@pytest.mark.parametrize("key", [None, 7, "", "  ", ["🌱"], {"a": 1}, "\n"])
def test_a_reaction_without_a_key_is_none(key: object) -> None:
    assert only(said("a", "one"), reacted("1", "a", key)).reactions == ()


def test_a_reaction_is_short_and_on_one_line() -> None:
    (reaction,) = only(said("a", "one"), reacted("1", "a", "spam\n" * 1000)).reactions
    assert len(reaction.key) <= 40
    assert "\n" not in reaction.key


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("> <@ada:fen.example> quoted\n> more\n\nanswer", "answer"),
        ("> <@ada:fen.example> quoted\n\n> my own quotation", "> my own quotation"),
        ("> * <@ada:fen.example> waves\n\nanswer", "answer"),
        ("> <3 you\nall", "> <3 you\nall"),
        ("> a quotation of my own\n\nanswer", "> a quotation of my own\n\nanswer"),
        ("answer\n> <@ada:fen.example> below", "answer\n> <@ada:fen.example> below"),
        ("> <@ada:fen.example> only that", ""),
    ],
)
def test_a_quotation_made_by_the_client_is_dropped_and_ones_own_stays(body: str, shown: str) -> None:
    assert only(said("a", body, **answering("b"))).body == shown
    assert only(said("a", body, **in_thread("b"))).body == shown
    assert only(said("a", body)).body == body


def test_a_threads_fallback_is_no_answer() -> None:
    assert only(said("a", "x", **in_thread("root", "b"))).reply_to is None
    assert only(said("a", "x", **in_thread("root", "b", falling_back=False))).reply_to == "$b"
    assert only(said("a", "x", **answering("b"))).reply_to == "$b"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"msgtype": "m.text"}, MessageKind.TEXT),
        ({"msgtype": "m.notice"}, MessageKind.NOTICE),
        ({"msgtype": "m.emote"}, MessageKind.EMOTE),
        ({"msgtype": "m.image", "url": "mxc://a/b"}, MessageKind.IMAGE),
        ({"msgtype": "m.file", "url": "mxc://a/b"}, MessageKind.FILE),
        ({"msgtype": "m.audio"}, MessageKind.FILE),
        ({"msgtype": "m.video"}, MessageKind.FILE),
        ({"msgtype": "org.unheard.of"}, MessageKind.TEXT),
        ({"msgtype": ["m.text"]}, MessageKind.TEXT),
        ({}, MessageKind.TEXT),
    ],
)
def test_an_unknown_kind_of_message_reads_as_its_words(content: dict[str, object], kind: MessageKind) -> None:
    message = only(event("a", "m.room.message", {"body": "words", **content}))
    assert (message.kind, message.body) == (kind, "words")
    assert (message.attachment is not None) == ("url" in content)


@pytest.mark.parametrize(
    "url", [None, 7, "https://evil.example/x.png", "file:///etc/passwd", "", "MXC://a/b"]
)
def test_a_picture_from_anywhere_but_matrix_is_no_attachment(url: object) -> None:
    assert (
        only(event("a", "m.room.message", {"body": "x", "msgtype": "m.image", "url": url})).attachment is None
    )


def test_a_file_name_stands_in_for_a_missing_one() -> None:
    pictured = {"body": "bean.png", "msgtype": "m.image", "url": "mxc://a/b"}
    first = only(event("a", "m.room.message", pictured)).attachment
    second = only(
        event("a", "m.room.message", {**pictured, "filename": "x.png", "body": "A bean"})
    ).attachment
    assert (first and first.name, second and second.name) == ("bean.png", "x.png")


def test_people_are_called_what_they_were_called_then() -> None:
    def named(name: str, displayname: object) -> Event:
        return event(name, "m.room.member", {"membership": "join", "displayname": displayname}, state_key=ADA)

    messages = resolve_messages(
        [
            said("0", "x"),
            named("m1", "Ada"),
            said("1", "x"),
            named("m2", "Ada  L.\nLindqvist"),
            said("2", "x"),
        ],
        state=[named("now", "Countess")],
    )
    assert [message.sender_name for message in messages] == ["Countess", "Ada", "Ada L. Lindqvist"]


@pytest.mark.parametrize("displayname", [None, "", "  ", 7, {"a": 1}])
def test_somebody_without_a_name_goes_by_the_localpart(displayname: object) -> None:
    member = event("m", "m.room.member", {"membership": "join", "displayname": displayname}, state_key=BEN)
    assert only(member, said("a", "x", sender=BEN)).sender_name == "ben"


def test_a_prank_of_a_name_is_cut() -> None:
    member = event("m", "m.room.member", {"displayname": "A" * 5000}, state_key=ADA)
    assert len(only(member, said("a", "x")).sender_name) == 100


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"body": None},
        {"body": 7},
        {"body": ["words"]},
        {"msgtype": "m.text"},
        {"body": {"deep": [[[[]]]]}},
    ],
)
def test_a_message_without_words_is_one_that_was_emptied(content: dict[str, object]) -> None:
    assert only(event("a", "m.room.message", content)).kind is MessageKind.REMOVED


@pytest.mark.parametrize(
    "relates_to",
    [
        None,
        7,
        [],
        "m.replace",
        {"rel_type": 7, "event_id": "$x"},
        {"rel_type": "m.thread"},
        {"rel_type": "m.thread", "event_id": 7},
        {"rel_type": "m.thread", "event_id": ""},
        {"rel_type": "m.replace", "event_id": None},
        {"m.in_reply_to": 7},
        {"m.in_reply_to": {"event_id": ["$x"]}},
        {"m.in_reply_to": {}, "is_falling_back": "yes"},
        {"rel_type": "m.reference", "event_id": "$x"},
    ],
)
def test_a_relation_that_makes_no_sense_is_none(relates_to: object) -> None:
    message = only(event("a", "m.room.message", {"body": "words", "m.relates_to": relates_to}))
    assert (message.body, message.reply_to, message.thread_root) == ("words", None, None)


def test_what_no_file_can_hold_is_cleaned() -> None:
    message = only(said("a", "half \ud83d emoji\x00\x1b[31m\r\nline"))
    assert message.body == "half \N{REPLACEMENT CHARACTER} emoji[31m\nline"
    assert message.body.encode()


def nest(depth: int) -> object:
    value: object = "x"
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "extra", [{"x": nest(40)}, {"x": 2**80}, {"x": 1.5}, {"m.mentions": []}, {"body2": "y" * 50_000}]
)
def test_odd_company_does_not_hurt_the_words(extra: dict[str, Any]) -> None:
    assert only(said("a", "words", **extra)).body == "words"


@pytest.mark.parametrize("extra", [{"x": nest(5000)}, {"x": float("nan")}, {"x": "y" * 1_000_000}])
def test_what_no_server_would_take_never_gets_here(extra: dict[str, Any]) -> None:
    with pytest.raises(MalformedEventError):
        said("a", "words", **extra)


def test_state_and_unknown_events_are_no_messages() -> None:
    state = event("s", "m.room.message", {"body": "state"}, state_key="")
    assert (
        resolve_messages(
            [state, event("u", "org.unheard.of", {"body": "x"}), event("c", "m.call.invite", {})]
        )
        == []
    )


STORY = [
    said("a", "one"),
    said("b", "two", sender=BEN, **answering("a")),
    edited("a1", "a", "one, better", at=3),
    edited("a2", "a", "one, best", at=4),
    edited("b1", "b", "forged", at=5),
    reacted("r1", "a", "🌱"),
    reacted("r2", "b", "🌱", sender=MO),
    erased("c"),
]


@given(st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_edits_may_arrive_in_any_order(chance: random.Random) -> None:
    shuffled = chance.sample(STORY, len(STORY))
    settled = {message.event_id: message for message in resolve_messages(shuffled)}
    assert settled == {message.event_id: message for message in resolve_messages(STORY)}
    assert settled[said("a", "").event_id].body == "one, best"
    assert settled[said("b", "").event_id].body == "two"


KEYS = st.sampled_from(
    [
        *(
            "body",
            "msgtype",
            "format",
            "formatted_body",
            "url",
            "filename",
            "m.relates_to",
            "rel_type",
            "event_id",
        ),
        *("m.in_reply_to", "is_falling_back", "m.new_content", "key", "displayname", "history_visibility"),
    ]
)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 10**14)
    | st.text(max_size=5)
    | st.sampled_from(["$a", "m.thread", "m.replace"]),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(KEYS, children, max_size=4),
    max_leaves=12,
)
KINDS = st.sampled_from(["m.room.message", "m.sticker", "m.reaction", "m.room.member", "m.room.redaction"])


@given(
    st.lists(
        st.tuples(KINDS, st.dictionaries(KEYS, json_values, max_size=5), st.none() | st.just("")), max_size=4
    )
)
@settings(max_examples=400)
def test_no_json_that_a_stranger_writes_stops_a_room(
    strange: list[tuple[str, dict[str, object], str | None]],
) -> None:
    events = [
        read_event(
            {
                "type": kind,
                "event_id": f"${'abcd'[number]}",
                "sender": ADA,
                "origin_server_ts": number,
                "content": content,
                "state_key": state_key,
            },
            ROOM,
        )
        for number, (kind, content, state_key) in enumerate(strange)
    ]
    messages = resolve_messages([said("z", "still read"), *events])
    assert messages[0].body == "still read" or messages[0].edited_at is not None

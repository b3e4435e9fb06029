"""What people said in the end: edits by their authors, erased words gone, reactions counted once a person."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from garden.archive.event import Event, MalformedEventError, UserId
from garden.archive.hollow import blank_wording
from garden.conversations.conversation import Message, MessageKind, Removal
from garden.conversations.resolve import resolve_messages
from tests.conversations.material import (
    ADA,
    BEN,
    MO,
    answering,
    edited,
    erased,
    event,
    in_thread,
    member,
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
    message = only(sticker, edited("1", "s", "words"))
    assert message.attachment is not None
    assert (message.attachment.name, message.body, message.edited_at) == ("leaf", "", None)


def test_an_edit_says_when_but_keeps_place_author_and_relations() -> None:
    asked = said("a", "one", **in_thread("root", "b", falling_back=False))
    message = only(asked, edited("1", "a", "two", at=5))
    assert (message.sent_at, message.edited_at) == (asked.sent_at, asked.sent_at + 5)
    assert (message.thread_root, message.reply_to) == ("$root", "$b")


def texts(message: Message) -> list[str]:
    return [version.body for version in message.versions]


def test_every_earlier_wording_is_kept_oldest_first() -> None:
    edits = [
        edited("3", "a", "four", at=3),
        edited("1", "a", "two", at=1, formatted_body="<b>two</b>", format="org.matrix.custom.html"),
        edited("x", "a", "forged", sender=BEN, at=2),
        edited("2", "a", "three", at=2),
    ]
    message = only(said("a", "one"), *edits)
    assert (message.body, texts(message)) == ("four", ["one", "two", "three"])
    assert [version.sent_at - message.sent_at for version in message.versions] == [0, 1, 2]
    assert [version.formatted_body for version in message.versions] == [None, "<b>two</b>", None]


def test_a_redacted_wording_is_in_no_history() -> None:
    messages = resolve_messages([said("a", "one"), erased("1"), edited("2", "a", "three", at=2)])
    assert texts(messages[0]) == ["one"]
    lying = event(
        "1",
        "m.room.message",
        edited("1", "a", "two").content,
        at=1,
        unsigned={"redacted_because": {"type": "m.room.redaction"}},
    )
    assert texts(only(said("a", "one"), lying, edited("2", "a", "three", at=2))) == ["one"]


def test_a_message_that_was_never_edited_has_no_history() -> None:
    assert only(said("a", "one")).versions == ()


def test_the_history_holds_no_quotation_that_a_client_made() -> None:
    quoting = f"> <{BEN}> secret\n\nwords"
    message = only(said("a", quoting, **answering("b")), edited("1", "a", f"> <{BEN}> secret\n\nmore"))
    assert (message.body, texts(message)) == ("more", ["words"])


PICTURE: dict[str, Any] = {"msgtype": "m.image", "url": "mxc://a/b", "filename": "bean.png"}


@pytest.mark.parametrize("more", [PICTURE, {"msgtype": "m.image"}])
def test_an_edited_caption_leaves_the_picture(more: dict[str, Any]) -> None:
    message = only(said("a", "A bean", **PICTURE), edited("1", "a", "A fine bean", **more))
    assert message.attachment is not None
    assert (message.body, message.attachment.uri, texts(message)) == ("A fine bean", "mxc://a/b", ["A bean"])


def test_a_caption_that_was_added_has_no_earlier_wording() -> None:
    message = only(said("a", "bean.png", **PICTURE), edited("1", "a", "A bean", **PICTURE))
    assert (message.body, message.edited_at is not None, message.versions) == ("A bean", True, ())


def blank(each: Event, *, keeps_file: bool = False) -> Event:
    """An event as the archive leaves it once an edit has replaced its words."""
    content = blank_wording({"content": each.content}, keeps_file=keeps_file)["content"]
    assert isinstance(content, dict)
    return replace(each, content=content)


def bare(each: Event, *, keeps_file: bool = False) -> Event:
    """An event with nothing but its relations, and perhaps its file."""
    kept = ("m.relates_to", *(("msgtype", "url", "info", "filename") if keeps_file else ()))
    left = {key: each.content[key] for key in kept if key in each.content}
    return replace(each, content=left or {"msgtype": "m.text"})


Emptied = Callable[..., Event]
either = pytest.mark.parametrize("emptied", [blank, bare])


@either
def test_what_the_archive_has_blanked_says_what_its_last_edit_says(emptied: Emptied) -> None:
    asked = said("a", "one", **in_thread("root", "b", falling_back=False))
    edits = [edited("1", "a", "two", at=1), edited("2", "a", f"three {BEN}", at=2)]
    whole = only(asked, *edits)
    left = only(emptied(asked), emptied(edits[0]), edits[1])
    assert left == replace(whole, versions=())
    assert (left.body, left.edited_at, left.reply_to, left.thread_root) == (
        f"three {BEN}",
        asked.sent_at + 2,
        "$b",
        "$root",
    )


@either
def test_a_blanked_picture_keeps_its_file_under_the_last_caption(emptied: Emptied) -> None:
    picture = said("a", "A bean", **PICTURE, info={"mimetype": "image/png"})
    caption = edited("1", "a", "A fine bean", msgtype="m.image")
    left = only(emptied(picture, keeps_file=True), caption)
    assert left == replace(only(picture, caption), versions=())
    assert left.attachment is not None
    assert (left.body, left.attachment.uri) == ("A fine bean", "mxc://a/b")
    shown = only(emptied(picture), edited("1", "a", "Another", **{**PICTURE, "url": "mxc://a/c"}))
    assert shown.attachment is not None
    assert (shown.attachment.uri, shown.versions) == ("mxc://a/c", ())


def ask(question: str) -> dict[str, Any]:
    return {"m.poll": {"question": {"m.text": question}, "answers": [{"m.id": "x", "m.text": "Yes"}]}}


@either
def test_a_blanked_poll_keeps_its_votes(emptied: Emptied) -> None:
    relation = {"rel_type": "m.replace", "event_id": "$a"}
    start = event("a", "m.poll.start", ask("Tea?"))
    edit = event("1", "m.poll.start", {"m.new_content": ask("Coffee?"), "m.relates_to": relation}, at=1)
    points = {"rel_type": "m.reference", "event_id": "$a"}
    vote = event("v", "m.poll.response", {"m.relates_to": points, "m.selections": ["x"]}, sender=BEN)
    left = only(emptied(start), edit, vote)
    assert left == replace(only(start, edit, vote), versions=())
    assert left.poll is not None
    assert (left.body, left.poll.voters) == ("Coffee?", 1)


def test_the_edits_of_what_a_server_has_emptied_are_not_shown() -> None:
    message = only(event("a", "m.room.message", {}), edited("1", "a", "words that went with it"))
    assert (message.kind, message.body) == (MessageKind.REMOVED, "")


@either
def test_nobody_else_puts_words_into_a_blanked_message(emptied: Emptied) -> None:
    message = only(emptied(said("a", "one")), edited("1", "a", "forged", sender=BEN))
    assert (message.body, message.edited_at) == ("", None)


def test_html_of_the_former_wording_does_not_survive_an_edit() -> None:
    first = said("a", "one", formatted_body="<b>one</b>", format="org.matrix.custom.html")
    assert only(first, edited("1", "a", "two")).formatted_body is None


def test_a_redacted_message_leaves_who_and_when_and_nothing_else() -> None:
    message = only(erased("a"), edited("1", "a", "words that were erased"), reacted("r", "a", "🌱"))
    assert (message.kind, message.body, message.formatted_body) == (MessageKind.REMOVED, "", None)
    assert (message.reactions, message.edited_at, message.attachment) == ((), None, None)


def removed(kind: str = "m.room.message", **because: object) -> Event:
    return event("a", kind, {}, unsigned={"redacted_because": {"type": "m.room.redaction", **because}})


@pytest.mark.parametrize(
    "kind", ["m.room.message", "m.sticker", "m.poll.start", "org.unheard.of", "m.room.encrypted"]
)
def test_a_removal_says_who_and_when(kind: str) -> None:
    story = [removed(kind, sender=MO, origin_server_ts=77), member("m", MO, "Mo the Moderator")]
    assert only(*story).kind is MessageKind.REMOVED
    assert only(*story).removal == Removal(UserId(MO), "Mo the Moderator", 77)
    assert only(story[0]).removal == Removal(UserId(MO), "mo", 77)


@pytest.mark.parametrize(
    "because",
    [
        *({}, {"sender": MO}, {"origin_server_ts": 7}, {"sender": 7, "origin_server_ts": 7}),
        *({"sender": MO, "origin_server_ts": "7"}, {"sender": MO, "origin_server_ts": -1}),
        *({"sender": MO, "origin_server_ts": 10**30}, {"sender": "@a\n:b", "origin_server_ts": 7}),
    ],
)
def test_a_removal_by_nobody_in_particular_says_nothing(because: dict[str, Any]) -> None:
    assert only(removed(**because)).removal is None


@pytest.mark.parametrize("kind", ["m.room.message", "m.sticker", "m.poll.start", "org.unheard.of"])
def test_what_a_server_has_emptied_is_removed_by_nobody(kind: str) -> None:
    message = only(event("a", kind, {}))
    assert (message.kind, message.removal) == (MessageKind.REMOVED, None)


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

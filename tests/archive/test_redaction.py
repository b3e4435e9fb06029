"""What survives a redaction, and what is taken out of replies."""

from __future__ import annotations

import pytest

from garden.archive.redaction import is_redacted, prune_source, strip_reply_fallback, strip_reply_quotes
from tests.archive.material import Json, event, message, redaction


@pytest.mark.parametrize(
    ("kind", "content", "left"),
    [
        ("m.room.message", {"msgtype": "m.text", "body": "words"}, {}),
        ("m.room.topic", {"topic": "words"}, {}),
        ("m.room.name", {"name": "words"}, {}),
        ("m.reaction", {"m.relates_to": {"key": "words"}}, {}),
        ("m.room.member", {"membership": "join", "displayname": "words"}, {"membership": "join"}),
        ("m.room.create", {"room_version": "11", "words": 1}, {"room_version": "11"}),
        ("m.room.join_rules", {"join_rule": "public", "words": 1}, {"join_rule": "public"}),
        (
            "m.room.history_visibility",
            {"history_visibility": "shared", "words": 1},
            {"history_visibility": "shared"},
        ),
        ("m.room.power_levels", {"users": {"@a:b": 50}, "notifications": 1}, {"users": {"@a:b": 50}}),
        ("m.room.redaction", {"redacts": "$a", "reason": "words"}, {"redacts": "$a"}),
    ],
)
def test_what_the_specification_keeps_is_kept_and_nothing_else(kind: str, content: Json, left: Json) -> None:
    source = event("a", kind, content, state_key="") | {"words": 1, "unsigned": {"prev_content": content}}
    pruned = prune_source(source)
    assert pruned["content"] == left
    assert "words" not in str(pruned)
    assert {key: pruned[key] for key in ("type", "event_id", "sender", "origin_server_ts", "state_key")} == {
        key: source[key] for key in ("type", "event_id", "sender", "origin_server_ts", "state_key")
    }


def test_who_redacted_is_kept_and_why_is_not() -> None:
    because = redaction("r", "a", reason="unkind words")
    pruned = prune_source(message("a", "words"), because)
    assert is_redacted(pruned)
    assert pruned["unsigned"] == {
        "redacted_because": {key: because[key] for key in ("type", "event_id", "sender", "origin_server_ts")}
        | {"content": {}}
    }


def test_an_empty_content_is_a_redaction_without_a_trace() -> None:
    assert is_redacted(message("a", "x") | {"content": {}})
    assert not is_redacted(message("a", "x"))


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("> <@ada:fen.example> quoted\n> more\n\nanswer", "answer"),
        ("> * <@ada:fen.example> quoted\n\nanswer\n> kept", "answer\n> kept"),
        ("* > <@ada:fen.example> quoted\n\nanswer", "answer"),
        ("> my own quotation\n\nanswer", "> my own quotation\n\nanswer"),
        ("a > b", "a > b"),
        ("> <@ada:fen.example> nothing else", ""),
    ],
)
def test_the_fallback_of_a_reply_goes_and_a_quotation_of_ones_own_stays(body: str, left: str) -> None:
    content = {"body": body, "m.new_content": {"body": body}}
    assert strip_reply_fallback(content) == {"body": left, "m.new_content": {"body": left}}


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<mx-reply><blockquote>quoted</blockquote></mx-reply>answer", "answer"),
        ("<MX-Reply class='x'>quoted</MX-REPLY >answer", "answer"),
        ("<mx-reply><mx-reply>quoted</mx-reply> more</mx-reply>answer", "answer"),
        ("<mx-reply>quoted and never closed", ""),
        ("&lt;mx-reply&gt;answer", "&lt;mx-reply&gt;answer"),
    ],
)
def test_the_element_of_a_reply_goes_with_all_that_is_in_it(html: str, left: str) -> None:
    stripped = strip_reply_fallback({"body": "> quoted\n\nanswer", "formatted_body": html})
    assert stripped["formatted_body"] == left
    assert stripped["body"] == ("answer" if left != html else "> quoted\n\nanswer")


def test_every_quotation_in_front_goes_when_what_it_quotes_is_gone() -> None:
    content = {
        "body": "> quoted by hand\n\nanswer",
        "formatted_body": "<blockquote>quoted by hand</blockquote>answer",
        "m.new_content": {"body": "> quoted by hand\nanswer"},
    }
    assert strip_reply_quotes(content) == {
        "body": "answer",
        "formatted_body": "answer",
        "m.new_content": {"body": "answer"},
    }


@pytest.mark.parametrize("content", [{"body": 7, "formatted_body": None}, {"m.new_content": []}, {}])
def test_contents_of_the_wrong_type_pass(content: Json) -> None:
    assert strip_reply_fallback(content) == content
    assert strip_reply_quotes(content) == content

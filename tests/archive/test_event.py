"""Whatever JSON a stranger sends is an event with every field checked, or says which field is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from garden.archive.event import (
    MAX_DEPTH,
    MAX_EVENT_BYTES,
    MalformedEventError,
    clean_text,
    get_number,
    get_object,
    get_text,
    read_event,
    trim_source,
)
from tests.archive.material import ADA, ROOM, message, redaction


def without(source: dict[str, object], key: str) -> dict[str, object]:
    return {name: value for name, value in source.items() if name != key}


def test_an_event_is_read_with_its_fields() -> None:
    event = read_event(message("a", "words", at=5), ROOM)
    assert (event.event_id, event.sender, event.type) == ("$a", ADA, "m.room.message")
    assert (event.sent_at, event.content["body"]) == (1_700_000_000_005, "words")
    assert (event.state_key, event.redacts, event.redacted_because) == (None, None, None)


@pytest.mark.parametrize("key", ["type", "event_id", "sender", "origin_server_ts", "content"])
@pytest.mark.parametrize("value", [None, 7.5, True, [], "", "x" * 300, {"a": 1}])
def test_a_field_of_the_wrong_kind_is_named(key: str, value: object) -> None:
    fine = (key == "content" and isinstance(value, dict)) or (key == "type" and value == "x" * 300)
    if fine:
        assert read_event(message("a", "x") | {key: value}, ROOM).event_id == "$a"
        return
    with pytest.raises(MalformedEventError, match=key):
        read_event(message("a", "x") | {key: value}, ROOM)


@pytest.mark.parametrize("key", ["type", "event_id", "sender", "origin_server_ts", "content"])
def test_a_missing_field_is_named(key: str) -> None:
    with pytest.raises(MalformedEventError, match=key):
        read_event(without(message("a", "x"), key), ROOM)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"room_id": "!other"}, "room_id"),
        ({"event_id": "a"}, "event_id"),
        ({"event_id": "$a\n:::"}, "event_id"),
        ({"event_id": "$a b"}, "event_id"),
        ({"event_id": "$\ud800"}, "event_id"),
        ({"event_id": "$" + "é" * 200}, "event_id"),
        ({"sender": "ada"}, "sender"),
        ({"sender": "@ada\u2028x:fen.example"}, "sender"),
        ({"origin_server_ts": -1}, "origin_server_ts"),
        ({"origin_server_ts": 10**15}, "origin_server_ts"),
        ({"origin_server_ts": "1700000000000"}, "origin_server_ts"),
        ({"state_key": 7}, "state_key"),
        ({"content": {"body": float("nan")}}, "no JSON"),
        ({"content": {"body": float("inf")}}, "no JSON"),
        ({"content": {"body": "x" * MAX_EVENT_BYTES}}, "bytes, more than"),
        ({"content": {"body": object()}}, "no JSON"),
    ],
)
def test_what_no_server_would_send_says_why(change: dict[str, object], said: str) -> None:
    with pytest.raises(MalformedEventError, match=said):
        read_event(message("a", "x") | change, ROOM)


@pytest.mark.parametrize("source", [None, 7, "event", [], [message("a", "x")], b"{}"])
def test_what_is_no_object_is_no_event(source: object) -> None:
    with pytest.raises(MalformedEventError, match="an event is an object"):
        read_event(source, ROOM)


def nested(depth: int) -> object:
    value: object = 0
    for number in range(depth):
        value = [value] if number % 2 else {"a": value}
    return value


@pytest.mark.parametrize("depth", [MAX_DEPTH, MAX_DEPTH + 1, 5000, 100_000])
def test_deep_nesting_is_refused_without_following_it(depth: int) -> None:
    with pytest.raises(MalformedEventError, match="nested deeper"):
        read_event(message("a", "x", deep=nested(depth)), ROOM)


def test_nesting_as_deep_as_allowed_is_read() -> None:
    assert read_event(message("a", "x", deep=nested(MAX_DEPTH - 4)), ROOM).content["body"] == "x"


@pytest.mark.parametrize("where", ["content", "beside"])
def test_the_target_of_a_redaction_is_found_wherever_the_rooms_version_keeps_it(where: str) -> None:
    source = redaction("r", "a")
    if where == "beside":
        source = source | {"content": {}, "redacts": "$a"}
    assert read_event(source, ROOM).redacts == "$a"
    assert read_event(source | {"type": "m.room.message"}, ROOM).redacts is None


def test_of_unsigned_only_the_redaction_is_kept() -> None:
    because = redaction("r", "a", reason="spam") | {"unsigned": {"age": 5, "words": "private"}}
    source = message("a", "x") | {
        "unsigned": {"redacted_because": because, "m.relations": {"words": "private"}, "age": 7},
        "age": 7,
        "prev_content": {"words": "private"},
    }
    trimmed = trim_source(source)
    assert "private" not in json.dumps(trimmed)
    assert read_event(trimmed, ROOM).redacted_because is not None
    assert trim_source(trimmed) == trimmed


@pytest.mark.parametrize(
    ("source", "path", "text"),
    [
        ({"a": {"b": "words"}}, ("a", "b"), "words"),
        ({"a": {"b": 7}}, ("a", "b"), None),
        ({"a": []}, ("a", "b"), None),
        ({}, ("a",), None),
        (None, ("a",), None),
        ({"a": "x\x00\ud800\r\n"}, ("a",), "x\N{REPLACEMENT CHARACTER}\n"),
    ],
)
def test_text_is_looked_up_without_trust(source: object, path: tuple[str, ...], text: str | None) -> None:
    assert get_text(source, *path) == text


@pytest.mark.parametrize(("value", "number"), [(7, 7), (-1, -1), (True, None), (7.0, None), ("7", None)])
def test_a_number_is_a_whole_number(value: object, number: int | None) -> None:
    assert get_number({"a": {"n": value}}, "a", "n") == number
    assert get_object({"a": value}, "a") is None


@given(st.text(st.characters(codec=None) | st.sampled_from("\ud800\udfff\x00\r\n\x85\ufffe")))
@settings(max_examples=300)
def test_cleaned_text_can_be_written_anywhere_and_stays_clean(text: str) -> None:
    clean = clean_text(text)
    assert clean.encode("utf-8").decode("utf-8") == clean
    assert not set(clean) & {chr(code) for code in range(32)} - {"\n", "\t"}
    assert clean_text(clean) == clean


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3)
    ),
    max_leaves=8,
)
KEYS = st.sampled_from(["type", "event_id", "sender", "origin_server_ts", "content", "state_key", "unsigned"])


@given(st.dictionaries(KEYS, json_values))
@settings(max_examples=400)
def test_any_json_is_an_event_or_an_error_with_a_reason(change: dict[str, object]) -> None:
    try:
        event = read_event(message("a", "x") | change, ROOM)
    except MalformedEventError as error:
        reason = str(error)
    else:
        reason = "it is one"
        assert event.event_id.startswith("$")
        assert event.sender.startswith("@")
        assert event.sent_at >= 0
    assert reason

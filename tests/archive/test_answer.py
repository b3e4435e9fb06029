"""JSON that a stranger wrote is read as JSON, or is none, and never anything else."""

from __future__ import annotations

import contextlib
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from garden.archive.answer import Answer, parse_json
from garden.archive.event import MalformedEventError, get_object, read_event
from garden.errors import UnreachableError
from tests.archive.material import ROOM, message

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(JSON)
def test_real_json_is_read_as_it_is(value: object) -> None:
    assert parse_json(json.dumps(value).encode()) == value


@given(st.binary())
def test_bytes_are_json_or_a_value_error(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        parse_json(data)


@pytest.mark.parametrize("depth", [70, 1_000, 100_000])
def test_what_is_nested_too_deep_costs_no_other_value_and_is_still_no_event(depth: int) -> None:
    deep = json.dumps(message("a", "WORDS")).replace('"WORDS"', "[" * depth + '"]\\"["' + "]" * depth)
    batch = parse_json(f'{{"chunk": [1, {deep}, 3]}}'.encode())
    chunk = (get_object(batch) or {})["chunk"]
    assert isinstance(chunk, list)
    assert (chunk[0], chunk[2]) == (1, 3)
    with pytest.raises(MalformedEventError):
        read_event(chunk[1], ROOM)


def test_a_number_without_end_is_no_number() -> None:
    value = parse_json(b"[1, " + b"9" * 5000 + b", 3]")
    assert isinstance(value, list)
    assert (value[0], value[2]) == (1, 3)
    assert math.isnan(value[1])


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1", b'{"chunk": 7}', b"[1]", b"null"])
def test_an_answer_without_the_list_complains_with_its_address(body: bytes) -> None:
    answer = Answer("GET https://fen.example/x", 200, {"Content-Type": "text/html; charset=utf-8"}, body)
    with pytest.raises(UnreachableError, match=r"GET https://fen\.example/x .*status 200, text/html"):
        answer.read_list("chunk")

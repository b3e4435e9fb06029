"""What an edit has replaced is named, so that the archive can let the words go."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from garden.archive.event import Event
from garden.archive.hollow import blank_wording
from garden.conversations.superseded import find_superseded
from tests.conversations.material import BEN, edited, erased, event, said, state

PICTURE: dict[str, Any] = {"msgtype": "m.image", "url": "mxc://a/b", "filename": "bean.png"}
QUESTION = {"question": {"m.text": "When?"}, "answers": [{"id": "1", "m.text": "Now"}]}


def superseded(*events: Event) -> str:
    """The names of what has been replaced, with `+` where the file stays."""
    found = find_superseded(events)
    return " ".join(f"{event_id[1:]}{'+' if stays else ''}" for event_id, stays in sorted(found.items()))


def poll(name: str, **relation: object) -> Event:
    return event(name, "m.poll.start", {"m.poll": QUESTION, **relation})


def poll_edit(name: str, new: dict[str, Any]) -> Event:
    relation = {"rel_type": "m.replace", "event_id": "$a"}
    return event(name, "m.poll.start", {"m.new_content": new, "m.relates_to": relation}, at=int(name))


A = said("a", "one")
VOID = replace(edited("1", "a", "x"), content={**edited("1", "a", "x").content, "m.new_content": {"body": 7}})
ONE, TWO, THREE = (edited(str(at), "a", f"wording {at}", at=at) for at in (1, 2, 3))


@pytest.mark.parametrize(
    ("events", "names"),
    [
        ([A], ""),
        ([A, ONE], "a"),
        ([A, ONE, TWO, THREE], "1 2 a"),
        ([THREE, A, ONE, TWO], "1 2 a"),
        ([ONE, TWO], ""),
        ([A, edited("1", "a", "forged", sender=BEN)], ""),
        ([A, ONE, edited("2", "a", "forged", sender=BEN, at=2)], "a"),
        ([A, ONE, erased("2")], "a"),
        ([A, ONE, edited("2", "1", "of an edit", at=2)], "a"),
        ([A, edited("a", "a", "of itself")], ""),
        ([A, edited("1", "a", "")], "a"),
        # An edit that says nothing replaces nothing; what it still holds goes with the next one that does.
        ([A, VOID], ""),
        ([A, VOID, TWO], "1 a"),
        ([poll("a"), poll_edit("1", {"m.poll": QUESTION})], "a"),
        ([poll("a"), poll_edit("1", {"body": "no poll"})], ""),
        ([state("a", "m.room.topic", {"topic": "x"}), edited("1", "a", "y")], ""),
    ],
)
def test_all_but_the_last_wording_that_counts_is_superseded(events: list[Event], names: str) -> None:
    assert superseded(*events) == names


@pytest.mark.parametrize(
    ("new", "names"),
    [
        ({"msgtype": "m.image"}, "a+"),
        ({"msgtype": "m.image", "url": "no address"}, "a+"),
        (PICTURE, "a"),
        ({**PICTURE, "url": "mxc://a/c"}, "a"),
        ({}, "a"),
        ({"msgtype": "m.file"}, "a"),
    ],
)
def test_a_file_stays_that_only_the_first_wording_names(new: dict[str, Any], names: str) -> None:
    assert superseded(said("a", "A bean", **PICTURE), edited("1", "a", "A fine bean", **new)) == names


def test_only_the_first_wordings_file_is_ever_shown_by_another() -> None:
    other = edited("1", "a", "Another", at=1, **{**PICTURE, "url": "mxc://a/c"})
    last = edited("2", "a", "In the end", at=2, msgtype="m.image")
    assert superseded(said("a", "A bean", **PICTURE), other, last) == "1 a+"


def test_the_edits_of_what_was_taken_away_go_with_it() -> None:
    because = {"type": "m.room.redaction"}
    by_ben = edited("2", "a", "forged", sender=BEN)
    assert superseded(replace(A, content={}, redacted_because=because), ONE, by_ben) == "1"
    assert superseded(replace(A, redacted_because=because), ONE) == "1"
    assert superseded(replace(A, content={}), ONE) == "1"


def blank(each: Event, *, keeps_file: bool = False) -> Event:
    content = blank_wording({"content": each.content}, keeps_file=keeps_file)["content"]
    assert isinstance(content, dict)
    return replace(each, content=content)


def test_what_is_blank_stays_superseded_for_as_long_as_its_edit_stands() -> None:
    assert superseded(blank(A), blank(ONE), TWO) == "1 a"
    picture = said("a", "A bean", **PICTURE)
    caption = edited("1", "a", "A fine bean", msgtype="m.image")
    assert superseded(blank(picture, keeps_file=True), caption) == "a+"
    asked = poll_edit("1", {"m.poll": {**QUESTION, "question": {"m.text": "Where?"}}})
    assert superseded(blank(poll("a")), asked) == "a"
    # The last edit is gone, so the wording before it has to come back.
    assert "1" not in superseded(blank(A), blank(ONE), erased("2")).split()
    assert superseded(blank(A), erased("1")) == ""

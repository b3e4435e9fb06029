"""What is said to the garden is not said to readers."""

from __future__ import annotations

import pytest

from garden.archive.event import Event
from garden.conversations.command import is_command
from tests.conversations.material import BEN, answering, edited, event, said, state


@pytest.mark.parametrize(
    "body",
    [
        *("!garden opt-out", "!garden", "!GARDEN Opt-Out", "  \n\t!garden opt-in", "\u00a0!garden x"),
        *("\u2066\u200e!garden\u200f opt-out\u2069", "!garden\u2069"),
        *("\ufeff\u200b!garden opt-out", f"> <{BEN}> quoted\n\n!garden opt-out", "!garden\nopt-out"),
    ],
)
def test_a_message_that_begins_with_the_gardens_word_is_a_command(body: str) -> None:
    assert is_command(said("a", body))
    assert is_command(said("a", body, formatted_body="<b>hello</b>", format="org.matrix.custom.html"))
    assert is_command(said("a", body, msgtype="m.notice", **answering("b")))


@pytest.mark.parametrize(
    "body",
    [
        *("Write !garden opt-out to be left out", "!gardener", "garden opt-out", "! garden", "", "!g"),
        *("!garden, please", "> !garden opt-out\n\nthat is how", "`!garden`"),
    ],
)
def test_a_message_that_only_mentions_it_is_none(body: str) -> None:
    assert not is_command(said("a", body))


@pytest.mark.parametrize(
    ("each", "expected"),
    [
        (edited("1", "a", "!garden opt-out"), True),
        (edited("1", "a", "hello !garden"), False),
        (event("1", "m.room.message", {"body": "!garden", "m.new_content": {"body": "hello"}}), True),
        (event("1", "m.room.message", {"m.new_content": 7, "body": 7}), False),
        (event("1", "m.room.message", {"m.text": [{"body": "!garden opt-out"}]}), True),
        (event("1", "m.sticker", {"body": "!garden"}), False),
        (state("1", "m.room.message", {"body": "!garden"}), False),
        (event("1", "m.room.message", {"body": {"!garden": 1}}), False),
    ],
)
def test_only_messages_and_their_new_wordings_speak(each: Event, *, expected: bool) -> None:
    assert is_command(each) is expected

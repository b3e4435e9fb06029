"""Reactions are counted once a person, whatever way a client spells an emoji."""

from __future__ import annotations

from typing import Any

import pytest

from garden.archive.event import Event
from garden.conversations.resolve import resolve_messages
from tests.conversations.material import ADA, BEN, MO, event, reacted, said

BEAN = "mxc://fen.example/bean"


def reactions(*events: Event) -> list[tuple[object, ...]]:
    """Key, senders, names and picture of each reaction."""
    (message, *_) = resolve_messages([said("a", "one"), *events])
    return [(each.key, each.senders, each.names, each.image) for each in message.reactions]


def keys(*events: Event) -> list[str]:
    return [str(key) for key, *_ in reactions(*events)]


def custom(name: str, key: str = BEAN, *, sender: str = BEN, **more: object) -> Event:
    relation = {"rel_type": "m.annotation", "event_id": "$a", "key": key}
    return event(name, "m.reaction", {"m.relates_to": relation, **more}, sender=sender)


def test_a_person_counts_once_for_each_reaction() -> None:
    events = [reacted("1", "a", "🌱"), reacted("2", "a", "🌱"), reacted("3", "a", " 🌱 ", sender=MO)]
    assert reactions(*events, reacted("4", "a", "so  true"), reacted("5", "b", "❤️")) == [
        ("🌱", (BEN, MO), ("ben", "mo"), None),
        ("so true", (BEN,), ("ben",), None),
    ]


@pytest.mark.parametrize(("one", "other"), [("❤️", "❤"), ("👍️", "👍"), ("é", "e\u0301")])
def test_one_emoji_is_one_reaction_however_it_is_spelt(one: str, other: str) -> None:
    found = reactions(reacted("1", "a", one), reacted("2", "a", other, sender=MO))
    assert found == [(one, (BEN, MO), ("ben", "mo"), None)]


@pytest.mark.parametrize(
    "key", [None, 7, "", "  ", ["🌱"], {"a": 1}, "\n", "\u200b\u202e", "mxc://", "mxc:x"]
)
def test_a_reaction_without_a_key_is_none(key: object) -> None:
    assert reactions(reacted("1", "a", key)) == []


@pytest.mark.parametrize("key", ["spam\n" * 1000, "\u202eabc", "👩‍👩‍👧" * 30])
def test_a_reaction_is_short_and_on_one_harmless_line(key: str) -> None:
    (shown,) = keys(reacted("1", "a", key))
    assert 0 < len(shown) <= 40
    assert not set(shown) & {"\n", "\u202e"}
    assert not shown.endswith("\u200d")


def test_a_redacted_reaction_does_not_count() -> None:
    gone = event("1", "m.reaction", {}, unsigned={"redacted_because": {"type": "m.room.redaction"}})
    lying = event(
        "2",
        "m.reaction",
        {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$a", "key": "🌱"}},
        unsigned={"redacted_because": {"type": "m.room.redaction"}},
    )
    assert reactions(gone, lying) == []


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"shortcode": "bean"}, ":bean:"),
        ({"shortcode": ":bean:"}, ":bean:"),
        ({"com.beeper.reaction.shortcode": ":bean:"}, ":bean:"),
        ({"shortcode": "two beans\u202e"}, ":two_beans:"),
        ({"shortcode": "b" * 99}, f":{'b' * 38}:"),
        ({"shortcode": ""}, "🖼️"),
        ({"shortcode": 7}, "🖼️"),
        ({}, "🖼️"),
    ],
)
def test_a_custom_emoji_has_its_picture_and_its_name(more: dict[str, Any], key: str) -> None:
    assert reactions(custom("1", **more), custom("2", sender=ADA)) == [
        (key, (BEN, ADA), ("ben", "ada"), BEAN)
    ]


def test_two_custom_emoji_of_one_name_are_two_reactions() -> None:
    found = reactions(custom("1", shortcode="bean"), custom("2", f"{BEAN}2", shortcode="bean"))
    assert [(key, image) for key, _, _, image in found] == [(":bean:", BEAN), (":bean:", f"{BEAN}2")]

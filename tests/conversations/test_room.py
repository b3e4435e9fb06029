"""A room is described by its current state, whatever nonsense that holds."""

from __future__ import annotations

import pytest

from garden.archive.event import Event, RoomId
from garden.conversations.room import describe_room
from tests.conversations.material import ROOM, event


def state(kind: str, key: str, value: object, *, state_key: str = "") -> Event:
    return event(kind, kind, {key: value}, state_key=state_key)


NAME = state("m.room.name", "name", "Seeds  and\nsaving")
ALIAS = state("m.room.canonical_alias", "alias", "#seeds:fen.example")


def test_a_room_has_name_topic_alias_and_a_server_to_join_by() -> None:
    room = describe_room(ROOM, [NAME, ALIAS, state("m.room.topic", "topic", "What we grow")])
    assert (room.name, room.topic, room.alias, room.via) == (
        "Seeds and saving",
        "What we grow",
        "#seeds:fen.example",
        "fen.example",
    )


@pytest.mark.parametrize(
    ("events", "name"),
    [
        ([NAME, ALIAS], "Seeds and saving"),
        ([ALIAS], "#seeds:fen.example"),
        ([state("m.room.name", "name", "  "), ALIAS], "#seeds:fen.example"),
        ([state("m.room.name", "name", 7)], ROOM),
        ([state("m.room.name", "name", "Not the room's", state_key="x")], ROOM),
        ([], ROOM),
    ],
)
def test_a_room_is_never_without_a_name(events: list[Event], name: str) -> None:
    assert describe_room(ROOM, events).name == name


@pytest.mark.parametrize("alias", ["seeds", "#seeds", 7, "", "!seeds:fen.example"])
def test_what_is_no_alias_is_none(alias: object) -> None:
    assert describe_room(ROOM, [state("m.room.canonical_alias", "alias", alias)]).alias is None


def test_a_room_whose_identifier_names_no_server_is_joined_by_its_creators() -> None:
    create = event("c", "m.room.create", {}, sender="@ada:marsh.example:8448", state_key="")
    assert describe_room(RoomId("!newest"), [create]).via == "marsh.example:8448"
    assert describe_room(RoomId("!newest"), []).via is None


def test_what_people_typed_about_a_room_is_harmless() -> None:
    room = describe_room(
        ROOM, [state("m.room.name", "name", "Be\u202eans"), state("m.room.topic", "topic", "x\u2066y")]
    )
    assert (room.name, room.topic) == ("Beans", "xy")
    assert describe_room(ROOM, [state("m.room.name", "name", "\u200b"), ALIAS]).name == "#seeds:fen.example"


def test_a_topic_may_be_extensible() -> None:
    topic = {"m.text": [{"mimetype": "text/plain", "body": "What we grow"}]}
    assert describe_room(ROOM, [state("m.room.topic", "m.topic", topic)]).topic == "What we grow"


@pytest.mark.parametrize(
    ("pinned", "read"),
    [
        (["$a", "$b", "$a"], ("$a", "$b")),
        (["$a", 7, None, "b", "$", "$x y", "$" + "x" * 400], ("$a",)),
        ([f"${number}" for number in range(80)], tuple(f"${number}" for number in range(30, 80))),
        ({"$a": 1}, ()),
        ("$a", ()),
        (None, ()),
    ],
)
def test_pins_are_identifiers_of_events(pinned: object, read: tuple[str, ...]) -> None:
    assert describe_room(ROOM, [state("m.room.pinned_events", "pinned", pinned)]).pinned == read

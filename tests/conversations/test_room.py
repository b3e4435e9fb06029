"""A room is described by its current state, whatever nonsense that holds."""

from __future__ import annotations

import pytest

from garden.archive.event import Event, RoomId, UserId
from garden.conversations.room import describe_room, localpart, name_members
from tests.conversations.material import ADA, BEN, ROOM, event


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


def test_members_are_called_by_their_last_name() -> None:
    events = [state("m.room.member", "displayname", name, state_key=ADA) for name in ("Ada", "Ada L.", "")]
    assert name_members([*events, state("m.room.member", "displayname", "Nobody")]) == {ADA: "Ada L."}


@pytest.mark.parametrize(
    ("user_id", "name"), [(ADA, "ada"), (BEN, "ben"), ("@:fen.example", "@:fen.example"), ("@odd", "odd")]
)
def test_a_localpart_is_never_empty(user_id: str, name: str) -> None:
    assert localpart(UserId(user_id)) == name

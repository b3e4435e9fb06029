"""Rooms are one room only where both say so, however long the chain and whoever lies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from garden.archive.event import RoomId
from garden.archive.room_upgrade import MAX_ROOMS, Claim, Upgrades, read_told_claim
from garden.archive.store import ArchiveStore, RoomRecord
from tests.archive.material import ROOM, Json, event

A, B, C = (RoomId(f"!{name}:fen.example") for name in "abc")


def create(room: RoomId, older: object) -> Json:
    content: Json = {"predecessor": {"room_id": older}} if older is not None else {}
    return event(f"create-{room}", "m.room.create", content, state_key="") | {"room_id": room}


def tombstone(room: RoomId, newer: object) -> Json:
    content: Json = {"body": "It has moved.", "replacement_room": newer}
    return event(f"tombstone-{room}", "m.room.tombstone", content, state_key="") | {"room_id": room}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArchiveStore]:
    with ArchiveStore.open(tmp_path) as opened:
        yield opened


def upgrades(store: ArchiveStore, rooms: Mapping[RoomId, tuple[object, object]]) -> Upgrades:
    """Archive rooms that name one another as (older, newer)."""
    for room, (older, newer) in rooms.items():
        store.replace_state(room, [create(room, older), *([tombstone(room, newer)] if newer else [])])
    return Upgrades(store)


CHAIN: Mapping[RoomId, tuple[object, object]] = {A: (None, B), B: (A, C), C: (B, None)}


@pytest.mark.parametrize("start", [A, B, C])
def test_a_chain_is_found_from_each_of_its_rooms(store: ArchiveStore, start: RoomId) -> None:
    assert upgrades(store, CHAIN).follow(start) == (A, B, C)


@pytest.mark.parametrize(
    "rooms",
    [
        {A: (None, None), B: (A, None)},
        {A: (None, B), B: (None, None)},
        {A: (None, C), B: (A, None), C: (None, None)},
        {A: (None, A), B: (None, None)},
        {A: (A, A)},
        {B: (A, A)},
        {A: (None, B)},
        {A: (None, "#b:fen.example"), B: ("fen", None)},
        {A: (None, ["!b:fen.example"]), B: ({"room_id": A}, None)},
    ],
)
def test_what_only_one_side_says_joins_nothing(
    store: ArchiveStore, rooms: Mapping[RoomId, tuple[object, object]]
) -> None:
    found = upgrades(store, rooms)
    assert [found.follow(room) for room in rooms] == [(room,) for room in rooms]


def test_a_room_has_one_successor_however_many_claim_to_be_it(store: ArchiveStore) -> None:
    found = upgrades(store, {A: (None, B), B: (A, None), C: (A, None)})
    assert found.follow(A) == (A, B)
    assert found.follow(C) == (C,)


def test_a_circle_ends(store: ArchiveStore) -> None:
    found = upgrades(store, {A: (C, B), B: (A, C), C: (B, A)})
    assert sorted(found.follow(B)) == [A, B, C]


def test_an_endless_chain_is_followed_so_far(store: ArchiveStore) -> None:
    names = [RoomId(f"!{number}:fen.example") for number in range(MAX_ROOMS + 9)]
    rooms = {
        room: (names[number - 1] if number else None, names[number + 1] if room != names[-1] else None)
        for number, room in enumerate(names)
    }
    assert upgrades(store, rooms).follow(names[0]) == tuple(names[:MAX_ROOMS])


def test_a_room_that_is_closed_by_now_still_stands_between_its_neighbours(store: ArchiveStore) -> None:
    upgrades(store, CHAIN)
    for older, newer in ((A, B), (B, C)):
        Upgrades(store).note(older, newer)
    store.erase_room(B)
    assert [Upgrades(store).follow(room) for room in CHAIN] == [(A, B, C)] * 3


def test_what_was_noted_does_not_outweigh_what_a_room_says_now(store: ArchiveStore) -> None:
    upgrades(store, CHAIN)
    Upgrades(store).note(A, B)
    store.erase_room(B)
    store.apply_state(A, [tombstone(A, C)])
    assert Upgrades(store).follow(A) == (A,)


def test_a_closed_room_joins_nobody_who_only_names_it(store: ArchiveStore) -> None:
    found = upgrades(store, {C: (B, None)})
    store.save_room(RoomRecord(B, visibility="closed"))
    assert found.follow(C) == (C,)


def test_a_claim_is_read_from_what_a_homeserver_tells_broken_or_not() -> None:
    told: list[Json] = [
        create(ROOM, A),
        tombstone(ROOM, B),
        {"type": "m.room.tombstone", "content": 5},
        tombstone(ROOM, C) | {"state_key": "x"},
        tombstone(A, C),
    ]
    assert read_told_claim(ROOM, told) == Claim(A, B)
    assert read_told_claim(ROOM, []) == Claim()

"""Wishes are known again and name nobody; the garden's own list and a forgetting win over a member."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from garden.archive.event import EventId, UserId
from garden.archive.key import KEY_FILE
from garden.archive.store import ArchiveStore
from tests.archive.material import ROOM, bytes_of

ADA, BEN = UserId("@ada:fen.example"), UserId("@ben:fen.example")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArchiveStore]:
    with ArchiveStore.open(tmp_path) as store:
        yield store


def test_what_was_forgotten_is_known_again_and_stands_nowhere(store: ArchiveStore, tmp_path: Path) -> None:
    store.wishes.forget("user", ADA, at=1)
    store.wishes.forget("event", "$hushed", at=1)
    store.wishes.forget("room", ROOM, at=1)
    assert store.wishes.is_gone(ADA)
    assert not store.wishes.is_gone(BEN)
    assert store.wishes.is_forgotten_event(EventId("$hushed"))
    assert store.wishes.is_forgotten_room(ROOM)
    assert store.wishes.count() == {"user": 1, "event": 1, "room": 1}
    kept = bytes_of(tmp_path)
    assert [name for name in (ADA, "$hushed", ROOM) if name.encode() in kept] == []


def test_kinds_are_told_apart(store: ArchiveStore) -> None:
    store.wishes.forget("event", ADA, at=1)
    assert not store.wishes.is_gone(ADA)


def test_a_forgetting_can_be_taken_back_once(store: ArchiveStore) -> None:
    store.wishes.forget("user", ADA, at=1)
    assert store.wishes.recall("user", ADA)
    assert not store.wishes.is_gone(ADA)
    assert not store.wishes.recall("user", ADA)


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
def test_of_a_members_wishes_the_latest_counts_whatever_came_first(
    store: ArchiveStore, order: tuple[int, ...]
) -> None:
    wishes = {1: True, 2: False, 3: True}
    for at in order:
        store.wishes.note(ADA, out=wishes[at], at=at)
    assert store.wishes.is_gone(ADA)
    store.wishes.note(ADA, out=False, at=4)
    assert not store.wishes.is_gone(ADA)


@pytest.mark.parametrize("first", [True, False])
def test_of_two_wishes_at_one_time_the_one_to_be_left_out_counts(store: ArchiveStore, *, first: bool) -> None:
    store.wishes.note(ADA, out=first, at=1)
    store.wishes.note(ADA, out=not first, at=1)
    assert store.wishes.is_gone(ADA)


def test_a_member_cannot_undo_what_the_garden_decided(store: ArchiveStore) -> None:
    store.wishes.forget("user", ADA, at=1)
    store.wishes.set_listed([BEN])
    for user in (ADA, BEN):
        store.wishes.note(user, out=False, at=5)
        assert store.wishes.is_gone(user)


def test_the_list_replaces_the_former_list_and_nothing_else(store: ArchiveStore) -> None:
    mo = UserId("@mo:fen.example")
    store.wishes.note(mo, out=True, at=1)
    store.wishes.set_listed([ADA, mo])
    store.wishes.set_listed([BEN])
    assert [store.wishes.is_gone(user) for user in (ADA, BEN, mo)] == [False, True, True]


def test_a_wish_unsettles_the_archive_and_one_that_changes_nothing_does_not(store: ArchiveStore) -> None:
    for change in (
        lambda: store.wishes.forget("user", ADA, at=1),
        lambda: store.wishes.recall("user", ADA),
        lambda: store.wishes.note(ADA, out=True, at=2),
        lambda: store.wishes.set_listed([BEN]),
    ):
        store.note_settled("print")
        assert store.is_settled("print")
        assert not store.is_settled("other")
        change()
        assert not store.is_settled("print")
    store.note_settled("print")
    store.wishes.note(ADA, out=True, at=2)
    store.wishes.note(ADA, out=False, at=1)
    store.wishes.set_listed([BEN])
    store.honour_wishes()
    assert store.is_settled("print")


def test_wishes_last(tmp_path: Path) -> None:
    with ArchiveStore.open(tmp_path) as store:
        store.wishes.note(ADA, out=True, at=1)
    with ArchiveStore.open_existing(tmp_path) as store:
        assert store.wishes.is_gone(ADA)


def test_removing_a_sign_takes_back_the_wish_that_it_was_and_no_other(store: ArchiveStore) -> None:
    sign = EventId("$sign")
    store.wishes.note(ADA, out=True, at=5, sign=sign)
    store.wishes.take_back(ADA, EventId("$other"), at=9)
    store.wishes.take_back(BEN, sign, at=9)
    assert store.wishes.is_gone(ADA)
    store.wishes.take_back(ADA, sign, at=3)
    assert not store.wishes.is_gone(ADA)
    store.wishes.note(ADA, out=True, at=5, sign=sign)
    assert not store.wishes.is_gone(ADA)
    store.wishes.note(ADA, out=True, at=7)
    store.wishes.take_back(ADA, sign, at=9)
    assert store.wishes.is_gone(ADA)


def test_a_garden_without_wishes_needs_no_key_to_hear_that_something_was_removed(
    store: ArchiveStore, tmp_path: Path
) -> None:
    store.wishes.take_back(ADA, EventId("$sign"), at=1)
    assert not (tmp_path / "content_cache" / KEY_FILE).exists()

"""Who may take other people's messages away, and whose."""

from __future__ import annotations

from typing import Any

import pytest

from garden.archive.event import Event, UserId
from garden.conversations.power import read_moderators, read_powers
from tests.conversations.material import ADA, BEN, MO, state


def create(version: str = "10", **content: object) -> Event:
    return state("c", "m.room.create", {"room_version": version, **content}, sender=ADA)


def levels(**content: object) -> Event:
    return state("l", "m.room.power_levels", content)


def moderators(*events: Event) -> str:
    is_moderator = read_moderators(events)
    return "".join(user[1] for user in (ADA, BEN, MO) if is_moderator(UserId(user)))


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ([], ""),
        ([create()], "a"),
        ([create(creator=MO)], "m"),
        ([create("12", additional_creators=[BEN, 7])], "ab"),
        ([create(), levels(users={MO: 50})], "m"),
        ([create("12"), levels(users={MO: 50})], "am"),
        ([create(), levels(users={MO: 50, BEN: 49}, redact=49)], "bm"),
        ([levels(users={MO: "100", BEN: "x"})], "m"),
        ([levels(users={MO: True, BEN: 50.5, ADA: None})], ""),
        ([levels(users=[MO], users_default=60)], "abm"),
        ([levels(users={MO: 10}, redact="nonsense")], ""),
    ],
)
def test_moderators_are_those_who_may_redact(events: list[Event], found: str) -> None:
    assert moderators(*events) == found


@pytest.mark.parametrize(
    ("content", "may"),
    [
        ({"users": {MO: 50}}, True),
        ({"users": {MO: 49}}, False),
        ({"users": {MO: 50, BEN: 50}}, False),
        ({"users": {MO: 50}, "events": {"m.room.redaction": 60}}, False),
        ({"users": {MO: 60}, "events": {"m.room.redaction": 60}}, True),
        ({"users": {MO: 60}, "redact": 70}, False),
    ],
)
def test_to_sweep_takes_the_power_to_redact_and_to_stand_above(content: dict[str, Any], *, may: bool) -> None:
    assert read_powers([create(), levels(**content)]).may_sweep(UserId(MO), UserId(BEN)) is may


def test_creators_stand_above_everybody_but_not_above_one_another() -> None:
    powers = read_powers([create("12", additional_creators=[BEN]), levels(users={MO: 10**6})])
    assert powers.may_sweep(UserId(ADA), UserId(MO))
    assert not powers.may_sweep(UserId(ADA), UserId(BEN))
    assert not powers.may_sweep(UserId(MO), UserId(ADA))

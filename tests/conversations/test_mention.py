"""The people whom a message names are known by the names of that time."""

from __future__ import annotations

from typing import Any

import pytest

from garden.conversations.resolve import resolve_messages
from tests.conversations.material import ADA, BEN, MO, edited, member, said

HERE = [member("m1", ADA, "Ada"), member("m2", BEN, "Ben"), member("m3", MO, "Mo", membership="leave")]
HTML = "org.matrix.custom.html"


def named(body: str = "x", /, **content: object) -> dict[str, str]:
    more: dict[str, Any] = content
    return {str(user): name for user, name in resolve_messages([*HERE, said("a", body, **more)])[0].names}


@pytest.mark.parametrize(
    "link",
    [
        "https://matrix.to/#/@ben:fen.example",
        "https://matrix.to/#/%40ben%3Afen.example",
        "https://matrix.to/#/@ben:fen.example?via=fen.example",
        "matrix:u/ben:fen.example",
        "matrix:user/ben:fen.example?action=chat",
        "MATRIX:U/ben%3Afen.example",
    ],
)
def test_a_link_names_somebody(link: str) -> None:
    assert named(formatted_body=f'<a href="{link}">B</a>', format=HTML) == {BEN: "Ben"}
    assert named(f"see {link}") == {BEN: "Ben"}


@pytest.mark.parametrize("body", [f"ask {BEN}.", f"({BEN})", f"{BEN}, {BEN}", f"@ {BEN}:", f"<{BEN}>"])
def test_an_identifier_names_somebody(body: str) -> None:
    assert named(body) == {BEN: "Ben"}


def test_somebody_who_left_is_still_known_and_a_stranger_is_not() -> None:
    listed: dict[str, Any] = {"user_ids": [MO, "@stranger:fen.example", BEN, BEN, 7, "x"]}
    assert named("x", **{"m.mentions": listed}) == {MO: "Mo", BEN: "Ben"}


def test_people_are_named_as_they_were_called_then() -> None:
    story = [
        *HERE,
        said("a", BEN),
        member("m4", BEN, "Benny"),
        said("b", BEN),
        edited("e", "a", f"{BEN} {MO}"),
    ]
    first, second = resolve_messages(story)
    assert first.names == ((BEN, "Benny"), (MO, "Mo"))
    assert second.names == ((BEN, "Benny"),)


@pytest.mark.parametrize(
    ("mentions", "calls"),
    [
        ({"room": True}, True),
        ({"room": "true"}, False),
        ({"room": 1}, False),
        ({}, False),
        ([], False),
        (None, False),
    ],
)
def test_everybody_is_called_only_where_it_was_meant(mentions: object, *, calls: bool) -> None:
    content: dict[str, Any] = {"m.mentions": mentions}
    assert resolve_messages([said("a", "@room", **content)])[0].mentions_room == calls


@pytest.mark.parametrize("body", ["@" * 60_000, "@a" * 30_000, "@a:" * 20_000, "matrix.to/#/@" * 5_000])
def test_a_flood_of_names_takes_no_time(body: str) -> None:
    assert named(body, formatted_body=body, format=HTML) == {}

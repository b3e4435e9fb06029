"""People are called what they were called then, and nobody can be taken for somebody else."""

from __future__ import annotations

import pytest

from garden.archive.event import NOBODY, Event, UserId
from garden.conversations.bridge import Bridges
from garden.conversations.conversation import MessageKind
from garden.conversations.names import Roster, clean_name, localpart, read_user_id
from garden.conversations.resolve import resolve_messages
from tests.conversations.material import ADA, BEN, MO, event, member, reacted, said

OTHER_ADA = "@ada:marsh.example"


def names(*events: Event, state: list[Event] | None = None) -> list[str]:
    return [message.sender_name for message in resolve_messages(events, state or [])]


def test_people_are_called_what_they_were_called_then() -> None:
    story = [
        said("0", "x"),
        member("m1", ADA, "Ada"),
        said("1", "x"),
        member("m2", ADA, "Ada  L.\nLindqvist"),
        said("2", "x"),
    ]
    assert names(*story, state=[member("now", ADA, "Countess")]) == ["Countess", "Ada", "Ada L. Lindqvist"]


@pytest.mark.parametrize("displayname", [None, "", "  ", 7, {"a": 1}, "\u200b\u202e", "\u3164"])
def test_somebody_without_a_name_goes_by_the_localpart(displayname: object) -> None:
    assert names(member("m", BEN, displayname), said("a", "x", sender=BEN)) == ["ben"]


def test_somebody_who_takes_the_name_away_goes_by_the_localpart() -> None:
    assert names(member("m", BEN, "Benny"), member("n", BEN), said("a", "x", sender=BEN)) == ["ben"]


def test_who_leaves_keeps_the_last_name() -> None:
    left = member("n", BEN, membership="leave")
    assert names(member("m", BEN, "Benny"), left, said("a", "x", sender=BEN)) == ["Benny"]


@pytest.mark.parametrize(
    ("user_id", "name"), [(ADA, "ada"), (BEN, "ben"), ("@:fen.example", "@:fen.example"), ("@odd", "odd")]
)
def test_a_localpart_is_never_empty(user_id: str, name: str) -> None:
    assert localpart(UserId(user_id)) == name


def test_a_prank_of_a_name_is_cut() -> None:
    assert len(clean_name("A" * 5000)) == 100


@pytest.mark.parametrize("other", ["Ada", "ada", "ＡＤＡ", "A\u200bda", " Ada "])
def test_two_members_with_one_name_are_told_apart(other: str) -> None:
    joined = [member("m1", ADA, "Ada"), member("m2", BEN, other)]
    assert names(*joined, said("a", "x"), said("b", "y", sender=BEN)) == [
        f"Ada ({ADA})",
        f"{clean_name(other)} ({BEN})",
    ]


def test_names_are_told_apart_only_while_both_are_there() -> None:
    story = [
        member("m1", ADA, "Ada"),
        said("1", "alone"),
        member("m2", OTHER_ADA, "Ada", membership="invite", sender=ADA),
        said("2", "two of them"),
        member("m3", OTHER_ADA, "Ada", membership="leave"),
        said("3", "alone again"),
        said("4", "from outside", sender=OTHER_ADA),
        member("m4", OTHER_ADA, "Another"),
        said("5", "x", sender=OTHER_ADA),
    ]
    assert names(*story) == ["Ada", f"Ada ({ADA})", "Ada", f"Ada ({OTHER_ADA})", "Another"]


def test_who_joins_later_does_not_change_how_people_were_called() -> None:
    later = member("m2", BEN, "Ada")
    story = [member("m1", ADA, "Ada"), said("a", "x"), later]
    assert names(*story, state=[later]) == ["Ada"]


def test_members_of_whom_the_timeline_does_not_tell_are_known_from_the_state() -> None:
    assert names(said("a", "x"), state=[member("m1", ADA, "Ada"), member("m2", BEN, "Ada")]) == [
        f"Ada ({ADA})"
    ]


def test_a_localpart_can_be_taken_for_a_name_too() -> None:
    assert names(member("m1", ADA), member("m2", BEN, "Ada"), said("a", "x", sender=BEN)) == [f"Ada ({BEN})"]


@pytest.mark.parametrize("name", [ADA, f"Ada ({ADA})", "x @y:z"])
def test_a_name_that_looks_like_an_identifier_says_whose_it_is(name: str) -> None:
    assert names(member("m", BEN, name), said("a", "x", sender=BEN)) == [f"{name} ({BEN})"]


def test_pictures_are_those_of_that_time() -> None:
    story = [
        member("m1", ADA, "Ada", avatar_url="mxc://fen.example/one"),
        said("1", "x"),
        member("m2", ADA, "Ada", avatar_url="https://evil.example/x.png"),
        said("2", "x"),
    ]
    assert [each.avatar for each in resolve_messages(story)] == ["mxc://fen.example/one", None]


def test_who_reacts_is_called_as_at_that_time() -> None:
    story = [
        said("a", "x"),
        member("m1", BEN, "Ben"),
        reacted("r", "a", "🌱"),
        member("m2", BEN, "Benedict"),
        reacted("r2", "a", "🌱", sender=MO),
    ]
    (reaction,) = resolve_messages(story)[0].reactions
    assert (reaction.senders, reaction.names) == ((BEN, MO), ("Ben", "mo"))


@pytest.mark.parametrize(
    "value", [None, 7, "ada", "@ada", "@ada fen:x", "@a:b\nc", "@" + "a" * 600 + ":b", []]
)
def test_what_is_no_user_identifier_is_none(value: object) -> None:
    assert read_user_id({"user": value}, "user") is None


@pytest.mark.parametrize("key", ["mallory", "@a b:c", "@\ud83c:c", "@x\n:::\n:c", "@a:b\x00", "", "@nobody"])
def test_a_membership_of_what_is_no_user_names_nobody(key: str) -> None:
    joined = event("j", "m.room.member", {"membership": "join", "displayname": "Ada"}, state_key=key)
    messages = resolve_messages([joined, said("m", "words")], membership=True)
    assert [(message.kind, message.sender_name) for message in messages] == [(MessageKind.TEXT, "ada")]


def test_an_identifier_behind_a_name_turns_nothing_around() -> None:
    twisted = "@\u202eada:fen.example"
    ada, other = member("a", ADA, "Ada"), member("b", twisted, "Ada")
    assert names(ada, other, said("m", "words", sender=twisted)) == ["Ada (@%E2%80%AEada:fen.example)"]


def test_who_is_not_to_be_named_is_nobody_in_particular() -> None:
    told = [
        member("a", NOBODY, "Ada", avatar_url="mxc://fen.example/ada"),
        member("b", BEN, "…"),
        member("c", MO, "…"),
    ]
    roster = Roster((), told, Bridges())
    assert (roster.name(NOBODY), roster.avatar(NOBODY), roster.knows(NOBODY)) == ("…", None, True)
    assert Roster((), (), Bridges()).name(NOBODY) == "…"
    assert roster.profile_name("…", UserId(BEN), is_bridge=False) == "…"


def test_a_made_up_name_that_two_bear_is_told_apart_by_what_is_made_up_too() -> None:
    one, two = "@member-aaaaaaaaaaaa:garden.invalid", "@member-bbbbbbbbbbbb:garden.invalid"
    joined = [member("a", one, "Reed Warbler 27"), member("b", two, "Reed Warbler 27")]
    assert names(*joined, said("m", "x", sender=one)) == [f"Reed Warbler 27 ({one})"]

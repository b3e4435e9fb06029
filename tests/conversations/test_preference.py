"""What a room says about being published counts, and what nobody can understand counts as a no."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from garden.archive.vocabulary import BOT_NAME, PREFERENCE, ROBOTS
from garden.conversations.conversation import Naming
from garden.conversations.preference import Preference, Robots, read_preference, read_robots, strictest
from tests.conversations.material import state

NEITHER: list[object] = [False, "none", "", None, 0, 1, 1.0, [], {"all": True}]
NO_TEXT: list[object] = [None, 7, [], {}, "", True]


def preference(**content: object) -> Preference:
    return read_preference([state("p", PREFERENCE, content)])


def robots(content: dict[str, Any]) -> Robots:
    return read_robots([state("r", ROBOTS, content)])


def test_a_room_that_says_nothing_asks_for_nothing() -> None:
    assert read_preference([]) == Preference() == preference()
    assert read_robots([]) == Robots(allows=True, names_members=True) == robots({})


@pytest.mark.parametrize(
    ("value", "publish", "curated"),
    [
        (True, True, False),
        ("all", True, False),
        ("curated", True, True),
        (" Curated", True, True),
        *((value, False, False) for value in NEITHER),
    ],
)
def test_a_room_is_published_only_where_it_does_not_say_otherwise(
    value: object, *, publish: bool, curated: bool
) -> None:
    found = preference(publish=value)
    assert (found.publish, found.curated) == (publish, curated)


@pytest.mark.parametrize(
    ("value", "index"), [(True, True), (False, False), ("yes", False), (None, False), (1, False)]
)
def test_search_engines_may_index_only_where_the_room_does_not_say_otherwise(
    value: object, *, index: bool
) -> None:
    assert preference(index=value).index is index


@pytest.mark.parametrize(
    ("value", "naming"),
    [
        ("full", Naming.FULL),
        ("pseudonym", Naming.PSEUDONYM),
        ("HIDDEN ", Naming.HIDDEN),
        ("pseudonyms", Naming.HIDDEN),
        *((value, Naming.FULL) for value in NO_TEXT),
    ],
)
def test_a_word_for_naming_that_nobody_knows_is_the_strictest(value: object, naming: Naming) -> None:
    assert preference(names=value).naming is naming


def test_planted_are_the_identifiers_in_a_list() -> None:
    assert preference(planted=["$a", 7, None, "$b", ["$c"]]).planted == {"$a", "$b"}
    for value in ("$a", {"$a": 1}, 7, None):
        assert preference(planted=value).planted == frozenset()


def test_only_the_rooms_own_state_speaks() -> None:
    own = state("1", PREFERENCE, {"publish": False})
    others = state("2", PREFERENCE, {"publish": True}, state_key="@ada:fen.example")
    assert not read_preference([others, own]).publish
    assert read_preference([others]) == Preference()
    assert read_robots([state("3", ROBOTS, {"*": {"allow": False}}, state_key="x")]).allows


@pytest.mark.parametrize(
    ("content", "allows", "names_members"),
    [
        ({"*": {"allow": False}}, False, True),
        ({"*": {"messages": False}}, False, True),
        ({"*": {"log": False}}, False, True),
        ({"*": {"follow": False}}, True, True),
        ({"*": {"members": False}}, True, False),
        ({BOT_NAME: {"allow": False}}, False, True),
        ({"dev": {"allow": False}}, False, True),
        ({"dev": {"allow": False}, BOT_NAME: {"allow": True}}, True, True),
        ({"*": {"allow": False}, "dev": {"allow": True}}, True, True),
        # Each parameter is looked up on its own: what the longer name does not say the shorter one does.
        ({"*": {"members": False, "log": False}, BOT_NAME: {"allow": True}}, False, False),
        ({"*": {"members": False}, "dev": {"members": True}}, True, True),
        ({"org.example": {"allow": False}, "dev.matrixgarden.other": {"allow": False}}, True, True),
        # What is no boolean, and what is no configuration, is a no.
        ({"*": {"allow": "no"}}, False, True),
        ({"*": {"members": None}}, True, False),
        ({"*": False}, False, False),
        ({BOT_NAME: 7, "*": {"allow": True, "members": True}}, False, False),
        ({"*": True}, True, True),
    ],
)
def test_crawlers_look_up_their_names_from_the_longest_to_the_star(
    content: dict[str, Any], *, allows: bool, names_members: bool
) -> None:
    assert robots(content) == Robots(allows, names_members)


def test_of_several_ways_to_name_people_the_strictest_counts() -> None:
    assert strictest() is Naming.FULL
    assert strictest(Naming.FULL, Naming.PSEUDONYM) is Naming.PSEUDONYM
    assert strictest(Naming.HIDDEN, Naming.PSEUDONYM, Naming.FULL) is Naming.HIDDEN


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
keys = st.sampled_from(["publish", "index", "names", "planted"])
parameters = st.dictionaries(st.sampled_from(["allow", "messages", "log", "members"]), json)
configs = st.dictionaries(st.sampled_from([BOT_NAME, "dev", "*", "x"]), json | parameters)


@given(st.dictionaries(keys, json))
def test_nothing_that_a_room_says_opens_more_than_saying_nothing(content: dict[str, Any]) -> None:
    found = preference(**content)
    assert found.publish is (content.get("publish", True) is True) or found.publish is False
    assert found.index is (content.get("index", True) is True)


@given(configs)
def test_no_configuration_is_too_odd_to_be_read(content: dict[str, Any]) -> None:
    allows = robots(content).allows
    given_at_all = any(isinstance(each, dict) and "allow" in each for each in content.values())
    assert allows or given_at_all or any(name in content for name in (BOT_NAME, "dev", "*"))

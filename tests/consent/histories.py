"""Random histories of a room and its garden, as Hypothesis draws them: a beginning, then portions of steps.

A step is the name of a method and its numbers, so that a history which fails can be read and written down.
Those of the room stand in `tests.consent.world`, those of the garden in `tests.consent.plot`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hypothesis import strategies as st

from garden.archive.vocabulary import BOT_NAME
from tests.consent.world import DAY, PEOPLE

Step = tuple[str, tuple[object, ...]]

_SERVER_STEPS = frozenset({"turn", "erase_account", "purge", "refuse", "list_room"})
"""What happens with homeservers only; a file brings nobody in again, either."""


@dataclass(frozen=True, slots=True)
class Portion:
    """What happens before the garden is brought up to date, and how."""

    steps: tuple[Step, ...]
    crawls: bool
    """Whether the whole history is compared."""


@dataclass(frozen=True, slots=True)
class History:
    """A beginning and what happens then."""

    visibility: str
    account_joined: bool
    server_sweeps: bool
    is_file: bool
    shows_history: bool
    portions: tuple[Portion, ...]


_who = st.integers(0, len(PEOPLE) - 1)
_anybody = st.integers(0, len(PEOPLE))
"""Somebody, or beyond the last whoever has said it."""
_target = st.integers(0, 5)
_late = st.sampled_from([0, 0, 0, 0, 1, 2])
_lie = st.sampled_from([0, 0, 0, 0, 0, -400 * DAY, 3 * DAY])
_visibilities = st.sampled_from(["world_readable", "world_readable", "shared", "joined"])
_names = st.sampled_from(["full", "pseudonym", "hidden"])
_robots = st.sampled_from(
    [
        {},
        {"*": {"allow": True}},
        {"*": {"allow": False}},
        {"*": {"allow": False}, BOT_NAME: {"allow": True}},
        {"dev": {"messages": False}},
        {BOT_NAME: {"log": False, "members": True}},
        {"*": {"members": False}},
        {"elsewhere": {"allow": False}},
    ]
)
_preferences = st.sampled_from(
    [
        {},
        {"publish": True},
        {"publish": "all", "index": False},
        {"publish": "curated"},
        {"publish": "curated", "planted": []},
        {"publish": False},
        {"publish": "maybe"},
        {"names": "pseudonym"},
        {"names": "hidden", "publish": "all"},
    ]
)


_wishes = st.sampled_from(["opt-out", "opt-out", "opt-in", "hello"])
_ways = st.sampled_from(["", "", "reply", "thread", "quote", "mention"])
_editors = st.sampled_from([9, 9, 9, 9, 1, 3])
"""Nearly always the sender, whom no number of a person names."""
_rarely = st.sampled_from([False, False, False, True])
_usually = st.sampled_from([True, True, True, False])

_STEPS: Mapping[str, tuple[int, st.SearchStrategy[tuple[object, ...]]]] = {
    # What people do in the room
    "say": (20, st.tuples(_who, _ways, _target, _late, _lie)),
    "edit": (8, st.tuples(_target, _editors, _late, _lie, _rarely)),
    "react": (4, st.tuples(_who, _target, _late)),
    "plant": (4, st.tuples(_who, _target)),
    "remove": (6, st.tuples(_anybody, st.integers(0, 9), _late)),
    "notify": (3, st.tuples(st.integers(0, len(PEOPLE) + 1))),
    "refuse": (2, st.tuples(_who, _target)),
    "command": (2, st.tuples(_who, _wishes, _lie)),
    "encrypted": (1, st.tuples(_who)),
    # What the room decides, and its homeserver
    "turn": (4, st.tuples(_visibilities)),
    "robots": (1, st.tuples(_robots)),
    "prefer": (3, st.tuples(_preferences, _target)),
    "promote": (1, st.tuples(_who, st.sampled_from([0, 50]))),
    "ban": (2, st.tuples(_who, _usually)),
    "rename": (2, st.tuples(_who)),
    "erase_account": (1, st.tuples(_who)),
    "purge": (1, st.tuples(st.integers(1, 4))),
    "encrypt": (1, st.tuples()),
    # What the admin does
    "wait": (4, st.tuples(st.sampled_from([DAY // 24, DAY]))),
    "set_delay": (1, st.tuples(st.sampled_from(["0h", "12h"]))),
    "set_closed": (2, st.tuples(st.sampled_from(["remove", "keep"]))),
    "set_publish": (1, st.tuples(st.sampled_from(["all", "all", "curated"]))),
    "set_notice": (1, st.tuples(_rarely)),
    "set_names": (1, st.tuples(_names)),
    "set_out": (1, st.tuples(_who, st.booleans())),
    "list_room": (1, st.tuples(_usually)),
    "forget": (
        2,
        st.tuples(st.sampled_from(["user", "event", "event", "event", "event", "room"]), _who, _target),
    ),
    "undo": (2, st.tuples(_target)),
    "letter": (1, st.tuples(_who, st.booleans())),
    "build": (2, st.tuples()),
}
"""How often something happens, and its numbers."""
_names_of_steps = st.sampled_from([name for name, (weight, _) in _STEPS.items() for _ in range(weight)])


@st.composite
def _steps(draw: st.DrawFn) -> Step:
    name = draw(_names_of_steps)
    return name, draw(_STEPS[name][1])


def _is_for_servers(step: Step) -> bool:
    return step[0] in _SERVER_STEPS or "opt-in" in step[1]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Draw a history; most of them begin in an open room with an account that never joined."""
    is_file = draw(st.sampled_from([False, False, False, True]))
    portions = []
    for _ in range(draw(st.integers(1, 5))):
        steps = draw(st.lists(_steps(), min_size=3, max_size=16))
        kept = (step for step in steps if not (is_file and _is_for_servers(step)))
        portions.append(Portion(tuple(kept), draw(_rarely)))
    return History(
        visibility="world_readable" if is_file or draw(_usually) else "shared",
        account_joined=draw(st.booleans()),
        server_sweeps=draw(st.booleans()),
        is_file=is_file,
        shows_history=draw(st.sampled_from([False, False, True])),
        portions=tuple(portions),
    )

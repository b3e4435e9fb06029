"""Random histories of a room and its garden, as Hypothesis draws them: a beginning, then portions of steps.

A step is the name of a method and its numbers, so that a history which fails can be read and written down.
Those of the room stand in `tests.consent.world`, those of the garden in `tests.consent.plot`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

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
_forgotten = st.sampled_from(["user", "event", "event", "event", "room"])
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

_STEPS: Mapping[str, st.SearchStrategy[tuple[object, ...]]] = {
    # What people do in the room
    "say": st.tuples(_who, _ways, _target, _late, _lie),
    "edit": st.tuples(_target, _editors, _late, _lie, _rarely),
    "react": st.tuples(_who, _target, _late),
    "plant": st.tuples(_who, _target),
    "hide": st.tuples(_who, _target),
    "tend": st.tuples(_who, st.sampled_from(["hide", "hide", "unhide"]), _target),
    "remove": st.tuples(_anybody, st.integers(0, 9), _late),
    "notify": st.tuples(st.integers(0, len(PEOPLE) + 1)),
    "refuse": st.tuples(_who, _target),
    "command": st.tuples(_who, _wishes, _lie),
    "encrypted": st.tuples(_who),
    # What the room decides, and its homeserver
    "turn": st.tuples(_visibilities),
    "robots": st.tuples(_robots),
    "prefer": st.tuples(_preferences, _target),
    "promote": st.tuples(_who, st.sampled_from([0, 50])),
    "ban": st.tuples(_who, _usually),
    "rename": st.tuples(_who),
    "erase_account": st.tuples(_who),
    "purge": st.tuples(st.integers(1, 4)),
    "encrypt": st.tuples(),
    # What the admin does
    "wait": st.tuples(st.sampled_from([DAY // 24, DAY])),
    "set_delay": st.tuples(st.sampled_from(["12h", "12h", "0h"])),
    "set_closed": st.tuples(st.sampled_from(["keep", "keep", "remove"])),
    "set_publish": st.tuples(st.sampled_from(["curated", "curated", "all"])),
    "set_notice": st.tuples(_usually),
    "set_names": st.tuples(_names),
    "set_out": st.tuples(_who, _usually),
    "list_room": st.tuples(_usually),
    "forget": st.tuples(_forgotten, _who, _target),
    "undo": st.tuples(_target),
    "letter": st.tuples(_who, _usually),
    "build": st.tuples(),
}
"""Every step, and its numbers."""
_USUAL: Final = ("say",) * 8 + ("edit",) * 4 + ("remove",) * 3 + ("react", "wait")
_END: Final = "encrypt"
"""What leaves nothing to compare afterwards."""
_some_kinds = st.lists(
    st.sampled_from(sorted(_STEPS.keys() - {*_USUAL, _END})), min_size=2, max_size=5, unique=True
)
"""What is not usual, but happens again and again in one history, so that it meets with itself."""


@st.composite
def _portions(draw: st.DrawFn, kinds: st.SearchStrategy[str]) -> Portion:
    steps = []
    for _ in range(draw(st.integers(2, 12))):
        name = draw(kinds)
        steps.append((name, draw(_STEPS[name])))
    return Portion(tuple(steps), draw(_rarely))


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Draw a history; most of them begin in an open room and are told by a homeserver."""
    is_file = draw(st.sampled_from([False, False, False, False, True]))
    ends = [_END] if draw(st.sampled_from([False] * 7 + [True])) else []
    kinds = st.sampled_from([*_USUAL, *(draw(_some_kinds) * 3), *ends])
    portions = [draw(_portions(kinds)) for _ in range(draw(st.integers(1, 5)))]
    return History(
        visibility="world_readable" if is_file or draw(_usually) else "shared",
        account_joined=draw(st.booleans()),
        server_sweeps=draw(st.booleans()),
        is_file=is_file,
        shows_history=draw(_rarely),
        portions=tuple(_leave_servers_out(portion) if is_file else portion for portion in portions),
    )


def _leave_servers_out(portion: Portion) -> Portion:
    steps = (step for step in portion.steps if step[0] not in _SERVER_STEPS and "opt-in" not in step[1])
    return replace(portion, steps=tuple(steps))

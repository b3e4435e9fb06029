"""Preferences: a room's current state comes in, what the room says about being published goes out.

Two state events speak: `m.room.robots` (MSC2291) to crawlers of every kind, and the garden's own
`dev.matrixgarden.room`, which only those can send whom the room lets change its state. Whatever is in them,
neither can open anything: what cannot be understood counts as a no.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from garden.archive.event import Event, EventId, JsonObject, get_text
from garden.archive.vocabulary import BOT_NAME, PREFERENCE, ROBOTS
from garden.conversations.conversation import Naming

_ANY_BOT: Final = "*"
_REFUSING: Final = ("allow", "messages", "log")
"""Parameters of which each has to hold before words are shown (MSC2291)."""
_STRICTNESS: Final = tuple(Naming)


@dataclass(frozen=True, slots=True)
class Preference:
    """What a room asks of gardens, with what holds where it asks for nothing."""

    publish: bool = True
    curated: bool = False
    """Only what a moderator has planted is published."""
    index: bool = True
    """Whether search engines may index the pages: where false they say `noindex` and stand in no sitemap."""
    naming: Naming = Naming.FULL
    planted: frozenset[EventId] = frozenset()
    """Messages whose conversations are planted; perhaps none that is known."""


@dataclass(frozen=True, slots=True)
class Robots:
    """What a room lets crawlers do (MSC2291)."""

    allows: bool = True
    """Whether the room and its messages may be shown."""
    names_members: bool = True


def read_preference(state: Iterable[Event]) -> Preference:
    """Read the garden's own state event.

    A value of `publish` or `index` that is none of the known ones counts as false, and a text in `names` that
    is none of the known ones as `hidden`. Anything else that cannot be understood says nothing.
    """
    content = _find_content(state, PREFERENCE)
    publish = _word(content.get("publish", True))
    planted = content.get("planted")
    return Preference(
        publish=publish in {True, "all", "curated"},
        curated=publish == "curated",
        index=content.get("index", True) is True,
        naming=_read_naming(content),
        planted=frozenset(EventId(each) for each in planted if isinstance(each, str))
        if isinstance(planted, list)
        else frozenset(),
    )


def read_robots(state: Iterable[Event]) -> Robots:
    """Read `m.room.robots`; a parameter that is not given is as the room's history visibility says.

    Each parameter is looked up on its own: under the garden's name, under what is left of it when components
    are taken from its end, then under `*`. A configuration that is no object speaks for every parameter.
    """
    content = _find_content(state, ROBOTS)
    return Robots(
        allows=all(_allows(content, parameter) for parameter in _REFUSING),
        names_members=_allows(content, "members"),
    )


def strictest(*namings: Naming) -> Naming:
    """Return the strictest of several ways to name people; `full` of none."""
    return max(namings, key=_STRICTNESS.index, default=Naming.FULL)


def _find_content(state: Iterable[Event], event_type: str) -> JsonObject:
    found = (event.content for event in state if event.state_key == "" and event.type == event_type)
    return next(found, {})


def _word(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value if value is True else False


def _read_naming(content: JsonObject) -> Naming:
    word = (get_text(content, "names") or "").strip().lower()
    if not word:
        return Naming.FULL
    return Naming(word) if word in _STRICTNESS else Naming.HIDDEN


def _allows(content: JsonObject, parameter: str) -> bool:
    values = _look_up(content, parameter)
    return next(values, True) is True


def _look_up(content: JsonObject, parameter: str) -> Iterator[object]:
    """Yield what the configurations say of a parameter, the one for the longest name first."""
    for name in _names():
        config = content.get(name, {})
        if not isinstance(config, Mapping):
            yield config
        elif parameter in config:
            yield config[parameter]


def _names() -> Iterator[str]:
    name = BOT_NAME
    while name:
        yield name
        name = name.rpartition(".")[0]
    yield _ANY_BOT

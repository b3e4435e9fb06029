"""Power: a room's state comes in; who may take other people's messages away goes out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from garden.archive.event import Event, JsonObject, UserId, get_number, get_object, get_text

_USUAL_REDACT_LEVEL: Final = 50
_CREATORS_LEVEL: Final = 100
"""What a creator has in a room that has no `m.room.power_levels`."""
_CREATORS_RULE_SINCE: Final = 12
"""Room version from which on creators stand above every level."""


@dataclass(frozen=True, slots=True)
class Powers:
    """Who may do what in a room (client-server API, `m.room.power_levels`)."""

    redact: int = _USUAL_REDACT_LEVEL
    """Level that is needed to take other people's messages away."""
    send_redaction: int | None = None
    """Level that is needed to send a redaction at all, where the room sets one."""
    usual: int = 0
    users: JsonObject = field(default_factory=dict)
    creators: frozenset[UserId] = frozenset()
    """Those who stand above every level."""

    def level(self, user: UserId) -> float:
        """Return somebody's power level; of those who stand above every level it is infinite."""
        return math.inf if user in self.creators else _level(self.users, user, self.usual)

    def may_redact(self, user: UserId) -> bool:
        """Whether somebody may take other people's messages away: this makes them a moderator."""
        return self.level(user) >= self.redact

    def may_sweep(self, user: UserId, target: UserId) -> bool:
        """Whether somebody may take all of another's messages away as they remove them (MSC4293)."""
        level = self.level(user)
        may_send = self.send_redaction is None or level >= self.send_redaction
        return may_send and level >= self.redact and level > self.level(target)


def read_powers(state: Iterable[Event]) -> Powers:
    """Read who may do what from a room's state; where that says nothing, only the creator may anything."""
    by_type = {event.type: event for event in state if event.state_key == ""}
    create = by_type.get("m.room.create")
    levels = by_type.get("m.room.power_levels")
    creators = _read_creators(create) if create is not None else frozenset()
    if levels is None:
        alone: JsonObject = {_creator(create): _CREATORS_LEVEL} if create is not None else {}
        return Powers(users=alone, creators=creators)
    content = levels.content
    events = get_object(content, "events") or {}
    needed = "m.room.redaction"
    return Powers(
        redact=_level(content, "redact", _USUAL_REDACT_LEVEL),
        send_redaction=_level(events, needed, _USUAL_REDACT_LEVEL) if needed in events else None,
        usual=_level(content, "users_default", 0),
        users=get_object(content, "users") or {},
        creators=creators,
    )


def read_moderators(state: Iterable[Event]) -> Callable[[UserId], bool]:
    """Return who may redact other people's messages."""
    return read_powers(state).may_redact


def _creator(create: Event) -> UserId:
    return UserId(get_text(create.content, "creator") or create.sender)


def _read_creators(create: Event) -> frozenset[UserId]:
    """Return those who stand above every level: nobody before room version 12."""
    version = get_text(create.content, "room_version") or "1"
    if not version.isdecimal() or int(version[:6]) < _CREATORS_RULE_SINCE:
        return frozenset()
    more = create.content.get("additional_creators")
    others = [UserId(user) for user in more if isinstance(user, str)] if isinstance(more, list) else []
    return frozenset([create.sender, *others])


def _level(content: JsonObject, key: str, usual: int) -> int:
    """Read a level; rooms before version 10 may spell it as text."""
    number = get_number(content, key)
    if number is not None:
        return number
    text = (get_text(content, key) or "").strip()
    digits = text.removeprefix("-")
    return int(text) if digits.isdecimal() and digits.isascii() and len(digits) < 20 else usual  # noqa: PLR2004 - no level is longer

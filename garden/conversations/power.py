"""Power: a room's current state comes in; who may take other people's messages away goes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from garden.archive.event import Event, JsonObject, UserId, get_number, get_object, get_text

_USUAL_REDACT_LEVEL: Final = 50
_CREATORS_RULE_SINCE: Final = 12
"""Room version from which on creators stand above every level."""


def read_moderators(state: Iterable[Event]) -> Callable[[UserId], bool]:
    """Return who may redact other people's messages (client-server API, `m.room.power_levels`)."""
    by_type = {event.type: event for event in state if event.state_key == ""}
    create = by_type.get("m.room.create")
    levels = by_type.get("m.room.power_levels")
    creators = _read_creators(create) if create is not None else frozenset()
    if levels is None:
        return lambda user: user in creators or (create is not None and user == _creator(create))
    content = levels.content
    needed = _level(content, "redact", _USUAL_REDACT_LEVEL)
    usual = _level(content, "users_default", 0)
    users = get_object(content, "users") or {}
    return lambda user: user in creators or _level(users, user, usual) >= needed


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

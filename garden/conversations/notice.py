"""Notices: messages come in; those that tell a room's members that it is published go out.

A notice counts only from the garden's own account or a moderator: anybody can write one.
"""

from __future__ import annotations

from collections.abc import Iterable

from garden.archive.event import Event, EventId, UserId, get_object
from garden.archive.vocabulary import NOTICE
from garden.conversations.power import read_moderators
from garden.conversations.relation import relation_target


def looks_like_notice(event: Event) -> bool:
    """Whether a message says that it is a notice, whoever sent it; an edit cannot make one."""
    return (
        event.state_key is None
        and event.type == "m.room.message"
        and event.redacted_because is None
        and get_object(event.content, NOTICE) is not None
        and relation_target(event.content, "m.replace") is None
    )


def find_notices(
    events: Iterable[Event], state: Iterable[Event], account: UserId | None
) -> tuple[EventId, ...]:
    """Return the notices of a room that count, in the server's order.

    `account` is the garden's own; `state` says who moderates the room now.
    """
    candidates = [event for event in events if looks_like_notice(event)]
    if not candidates:
        return ()
    is_moderator = read_moderators(state)
    return tuple(
        event.event_id for event in candidates if event.sender == account or is_moderator(event.sender)
    )

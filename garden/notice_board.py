"""Puts a notice up: a room that `site.toml` names goes in, the notice goes to the homeserver and is pinned.

Everything is looked at before anything is written: who the account is, whether the room is the garden's and
public, whether it has a notice. A notice that was posted is found by the next run, so that one which was
interrupted leads to one notice and not to two.
"""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from garden.archive.account import ForbiddenError
from garden.archive.credentials import find_token
from garden.archive.event import (
    EventId,
    JsonObject,
    RoomId,
    UserId,
    get_number,
    get_object,
    get_text,
    read_events,
)
from garden.archive.matrix import MatrixSource
from garden.archive.source import resolve_room
from garden.archive.vocabulary import WORLD_READABLE
from garden.config import SiteConfig
from garden.conversations.power import Powers, read_powers
from garden.errors import LoginError, OptionError, RoomAccessError
from garden.gather import need_homeserver
from garden.notice import Posting, is_notice, write_notice

PINS: Final = "m.room.pinned_events"

_LATEST_PINS: Final = 20
"""Pinned messages among which a moderator's notice is looked for."""

_USUAL_STATE_LEVEL: Final = 50
"""What state events need where a room's power levels do not say so."""

_PAGES: Final = 20
"""Pages of the account's own messages among which its notice is looked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the admin asked for."""

    room: str
    """Alias or id."""
    join: bool = False
    """Whether the account may join the room to speak in it."""
    again: bool = False
    """Whether a notice is posted though there is one."""
    dry_run: bool = False
    """Whether the notice is only shown."""


def put_up_notice(folder: Path, config: SiteConfig, environment_token: str | None, wanted: Wanted) -> Posting:
    """Post a notice in a room and pin it where the account may.

    Raises `OptionError` where the garden has no such room, `LoginError` where nobody is logged in who could
    speak, `RoomAccessError` where the room is closed to the account or to the world, and `UnreachableError`.
    """
    if not wanted.room.startswith(("#", "!")):
        raise _explain_unknown(wanted.room, config)
    homeserver = need_homeserver(config)
    token = find_token(folder, homeserver, environment_token)
    if token is None:
        raise LoginError(
            "Nobody is logged in, and only an account can speak in a room.",
            hint="Run garden login with an account for the garden, or set GARDEN_ACCESS_TOKEN.",
        )

    async def run() -> Posting:
        async with MatrixSource(homeserver, token) as source:
            return await post_notice(source, config, wanted)

    return asyncio.run(run())


async def post_notice(source: MatrixSource, config: SiteConfig, wanted: Wanted) -> Posting:
    """Post a notice with an account that is logged in; raises as `put_up_notice` does."""
    me = await _need_speaker(source)
    room_id = await _find_room(source, config, wanted.room)
    content = write_notice(config, me)
    posting = Posting(wanted.room, None, str(content["body"]))
    if wanted.dry_run:
        return posting
    state = await source.read_state(room_id)
    _need_public(state, wanted.room)
    own = await _read_own(source, room_id, me, config)
    pins = _list_pins(state)
    powers = read_powers(read_events(state, room_id))
    found = None if wanted.again else own.notice or await _find_pinned(source, config, room_id, pins, powers)
    if found is not None:
        return replace(posting, event_id=found, is_new=False, is_pinned=found in pins)
    has_joined = await _enter(source, state, wanted, me, powers)
    event_id = await source.account.send(room_id, content, after=own.latest)
    pinners = _list_able(powers, _needed(state, PINS, "state_default", _USUAL_STATE_LEVEL))
    is_pinned = await _pin(source, room_id, state, event_id, powers.level(me))
    return replace(
        posting,
        event_id=event_id,
        has_joined=has_joined,
        is_pinned=is_pinned,
        pinners=tuple(user for user in pinners if user != me),
    )


async def _need_speaker(source: MatrixSource) -> UserId:
    identity = await source.account.whoami()
    if identity.is_guest:
        raise LoginError(
            f"{identity.user_id} is a guest, and guests cannot speak in a room.",
            hint="Run garden login with an account for the garden, or set GARDEN_ACCESS_TOKEN to its token.",
        )
    return identity.user_id


async def _find_room(source: MatrixSource, config: SiteConfig, asked: str) -> RoomId:
    """Look up a room; it has to be one that `site.toml` names, by any of its names or through a space."""
    try:
        room_id = await resolve_room(source, asked)
    except RoomAccessError:
        if asked in config.matrix.rooms:
            raise
        raise _explain_unknown(asked, config) from None
    if asked not in config.matrix.rooms and room_id not in await _list_rooms(source, config):
        raise _explain_unknown(asked, config)
    return room_id


async def _list_rooms(source: MatrixSource, config: SiteConfig) -> set[RoomId]:
    """Return the rooms that `site.toml` stands for; what cannot be looked up is none of them."""
    rooms: set[RoomId] = set()
    for entry in (*config.matrix.rooms, *config.matrix.spaces):
        try:
            room_id = await resolve_room(source, entry)
            is_space = entry in config.matrix.spaces
            children = await source.list_space_rooms(room_id) if is_space else []
        except RoomAccessError:
            continue
        rooms |= {child.room_id for child in children} if is_space else {room_id}
    return rooms


def _explain_unknown(asked: str, config: SiteConfig) -> OptionError:
    known = {_own_name(room): room for room in config.matrix.rooms}
    close = difflib.get_close_matches(_own_name(asked), known, n=1)
    rooms = ", ".join(config.matrix.rooms) or "none"
    hint = f"Did you mean {known[close[0]]!r}?" if close else f"Rooms there: {rooms}."
    return OptionError(f"site.toml names no room {asked!r}, itself or through a space.", hint=hint)


def _own_name(room: str) -> str:
    """Return what tells a room's alias or id from others of its homeserver."""
    return room.lstrip("#!").partition(":")[0]


def _need_public(state: Sequence[JsonObject], room: str) -> None:
    visibility = get_text(_content(state, "m.room.history_visibility"), "history_visibility") or "shared"
    if visibility != WORLD_READABLE:
        raise RoomAccessError(
            f"The garden does not publish {room}: its history is not for everybody ({visibility}).",
            hint="A moderator can make it readable for anyone (world_readable); then run the command again.",
        )
    if _has_state(state, "m.room.encryption"):
        raise RoomAccessError(
            f"The garden does not publish {room}: it is encrypted.",
            hint="Encryption cannot be switched off; the garden can publish another room.",
        )


@dataclass(frozen=True, slots=True)
class _Own:
    """What the account has said in the room."""

    notice: EventId | None
    """Its latest notice."""
    latest: str
    """Its latest message, which makes the next one another one; empty where there is none."""


async def _read_own(source: MatrixSource, room_id: RoomId, me: UserId, config: SiteConfig) -> _Own:
    latest, token = "", None
    for _ in range(_PAGES):
        batch = await source.account.read_back(room_id, token, types=["m.room.message"], senders=[me])
        latest = latest or next((get_text(event, "event_id") or "" for event in batch.events), "")
        notices = (get_text(event, "event_id") for event in batch.events if _tells(event, config))
        if notice := next(notices, None):
            return _Own(EventId(notice), latest)
        token = batch.next_token
        if token is None:
            break
    return _Own(None, latest)


async def _find_pinned(
    source: MatrixSource, config: SiteConfig, room_id: RoomId, pins: Sequence[EventId], powers: Powers
) -> EventId | None:
    """Return a notice that a moderator wrote; it is looked for where notices are pinned."""
    for event_id in reversed(pins[-_LATEST_PINS:]):
        event = await source.fetch_event(room_id, event_id)
        sender = get_text(event, "sender")
        if event is not None and sender and _tells(event, config) and powers.may_redact(UserId(sender)):
            return event_id
    return None


async def _enter(
    source: MatrixSource, state: Sequence[JsonObject], wanted: Wanted, me: UserId, powers: Powers
) -> bool:
    """Make sure that the account can speak; return whether it had to join the room for that."""
    is_in = get_text(_content(state, "m.room.member", me), "membership") == "join"
    if not is_in and not wanted.join:
        raise RoomAccessError(
            f"{me} is not in {wanted.room}, and only who is in a room can speak there.",
            hint="Run the command again with --join, or invite the account first.",
        )
    if powers.level(me) < _needed(state, "m.room.message", "events_default", 0):
        raise ForbiddenError(
            f"{me} may not speak in {wanted.room}.",
            hint="Somebody who may change power levels there can give it the one that messages need.",
        )
    if not is_in:
        await source.account.join(wanted.room)
    return not is_in


async def _pin(
    source: MatrixSource, room_id: RoomId, state: Sequence[JsonObject], event_id: EventId, level: float
) -> bool:
    """Pin a message beside the others; return whether power level and homeserver let us."""
    if level < _needed(state, PINS, "state_default", _USUAL_STATE_LEVEL):
        return False
    pinned = {**_content(state, PINS), "pinned": [*_list_pins(state), event_id]}
    try:
        await source.account.pin(room_id, pinned)
    except ForbiddenError:
        return False
    return True


def _needed(state: Sequence[JsonObject], event_type: str, default: str, usual: int) -> int:
    """Return the level that an event of this type needs (client-server API, `m.room.power_levels`).

    Where the room says nothing, or says it as text, the homeserver knows better: it is asked.
    """
    levels = _content(state, "m.room.power_levels")
    needed = get_number(levels, "events", event_type)
    if needed is None:
        needed = get_number(levels, default) if default in levels or not levels else usual
    return 0 if needed is None else needed


def _list_able(powers: Powers, needed: int) -> list[UserId]:
    """Return those who are named as having a level, the mightiest first."""
    users = [UserId(user) for user in powers.users if powers.level(UserId(user)) >= needed]
    able = {*users, *powers.creators}
    return sorted(able, key=lambda user: (-powers.level(user), user))


def _list_pins(state: Sequence[JsonObject]) -> list[EventId]:
    pinned = _content(state, PINS).get("pinned")
    return [EventId(each) for each in (pinned if isinstance(pinned, list) else []) if isinstance(each, str)]


def _tells(event: JsonObject, config: SiteConfig) -> bool:
    return is_notice(get_object(event, "content") or {}, config)


def _content(state: Sequence[JsonObject], event_type: str, state_key: str = "") -> JsonObject:
    return next(
        (
            get_object(event, "content") or {}
            for event in state
            if event.get("type") == event_type and event.get("state_key") == state_key
        ),
        {},
    )


def _has_state(state: Sequence[JsonObject], event_type: str) -> bool:
    return any(event.get("type") == event_type and event.get("state_key") == "" for event in state)

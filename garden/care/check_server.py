"""Checks of the homeserver and of each room there: questions go out as in a sync, findings come back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from garden.archive.answer import Answer
from garden.archive.credentials import find_token
from garden.archive.discovery import open_transport
from garden.archive.event import JsonObject, UserId, clean_text, get_number, get_text
from garden.archive.matrix import MatrixSource
from garden.archive.source import resolve_room
from garden.archive.transport import CLIENT_V1, Patience, Request
from garden.archive.vocabulary import WORLD_READABLE
from garden.care.finding import Finding, Level, complain
from garden.config import SiteConfig
from garden.errors import GardenError, LoginError
from garden.words import count

_PATIENCE: Final = Patience(tries=2, timeout=20.0, longest_wait=10.0)
_SLOW: Final = 3.0
"""Seconds for one small answer."""

_PLAUSIBLE_MS: Final = 5 * 60_000
"""How far this machine's clock may be off."""


def check_homeserver(folder: Path, config: SiteConfig, token: str | None, now_ms: int) -> list[Finding]:
    """Ask the homeserver for its versions, the account and every room and space of `site.toml`."""
    if not config.matrix.homeserver:
        return [Finding("homeserver", Level.NOTE, "site.toml names no homeserver", "Imports need none.")]
    try:
        token = find_token(folder, config.matrix.homeserver, token)
    except LoginError:
        # That was told where the file was looked at.
        return [Finding("homeserver", Level.NOTE, "not asked, since the access token cannot be used")]
    return asyncio.run(_ask(config, token, now_ms))


async def _ask(config: SiteConfig, token: str | None, now_ms: int) -> list[Finding]:
    findings: list[Finding] = []
    try:
        findings += [each async for each in _check_server(config.matrix.homeserver, now_ms)]
        async with MatrixSource(config.matrix.homeserver, token, patience=_PATIENCE) as source:
            findings += [each async for each in _check_account(source, is_guest=token is None)]
            findings += [each async for each in _check_offers(source, config)]
            for entry in config.matrix.rooms:
                findings.append(await _check_room(source, entry))
            for entry in config.matrix.spaces:
                findings.append(await _check_space(source, entry))
    except GardenError as error:
        findings.append(complain("homeserver", error))
    return findings


async def _check_server(homeserver: str, now_ms: int) -> AsyncIterator[Finding]:
    transport = await open_transport(homeserver, patience=_PATIENCE)
    try:
        start = time.monotonic()
        answer = await transport.call(Request("GET", ("versions",), prefix="/_matrix/client"))
        seconds = time.monotonic() - start
    finally:
        await transport.close()
    versions = [str(each) for each in answer.read_list("versions")]
    newest = clean_text(versions[-1]) if versions else "none"
    what = f"{transport.base_url} answers in {seconds * 1000:,.0f} ms, up to version {newest}"
    if seconds > _SLOW:
        yield Finding("homeserver", Level.NOTE, what, "That is slow; a sync takes long.")
    else:
        yield Finding("homeserver", Level.OK, what)
    yield _check_clock(answer, now_ms)


def _check_clock(answer: Answer, now_ms: int) -> Finding:
    try:
        there = parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except (TypeError, ValueError):
        return Finding("this machine", Level.NOTE, "the homeserver does not say what time it is")
    off = now_ms - int(there * 1000)
    if abs(off) <= _PLAUSIBLE_MS:
        return Finding("this machine", Level.OK, "the clock agrees with the homeserver's")
    minutes = f"{abs(off) / 60_000:,.0f} minutes {'ahead of' if off > 0 else 'behind'}"
    what = f"This machine's clock is {minutes} the homeserver's"
    return Finding("this machine", Level.NOTE, what, "Set the clock: a delay in site.toml counts by it.")


async def _check_account(source: MatrixSource, *, is_guest: bool) -> AsyncIterator[Finding]:
    identity = await source.account.whoami()
    guest = is_guest or identity.is_guest
    words = "reads as a guest" if guest else "is logged in"
    yield Finding("account", Level.OK, f"{identity.user_id} {words}")


async def _check_offers(source: MatrixSource, config: SiteConfig) -> AsyncIterator[Finding]:
    """Look at what makes a sync quick or complete, and what not every homeserver has."""
    answer = await source.account.transport.call(Request("GET", ("media", "config"), prefix=CLIENT_V1))
    if not answer.is_ok:
        what = "no authenticated media: files are asked for in the older way"
        yield Finding("homeserver", Level.NOTE, what)
    for entry in config.matrix.spaces[:1]:
        room_id = await resolve_room(source, entry)
        path = ("rooms", room_id, "hierarchy")
        answer = await source.account.transport.call(Request("GET", path, {"limit": 1}, prefix=CLIENT_V1))
        if not answer.is_ok and answer.errcode == "M_UNRECOGNIZED":
            yield Finding("homeserver", Level.NOTE, "no /hierarchy: spaces are walked room by room")
    for entry in config.matrix.rooms[:1]:
        if await source.start_stream(await resolve_room(source, entry)) is None:
            what = "no peeking: each sync reads back from a room's end, and late events wait for a recrawl"
            yield Finding("homeserver", Level.NOTE, what)


async def _check_space(source: MatrixSource, entry: str) -> Finding:
    try:
        rooms = await source.list_space_rooms(await resolve_room(source, entry))
    except GardenError as error:
        return complain("rooms", error)
    return Finding("rooms", Level.OK, f"space {entry} lists {count(len(rooms), 'room')}")


async def _check_room(source: MatrixSource, entry: str) -> Finding:
    try:
        room_id = await resolve_room(source, entry)
        visibility = await source.read_visibility(room_id)
        state = await source.read_state(room_id) if visibility == WORLD_READABLE else []
    except GardenError as error:
        return complain("rooms", error)
    if visibility != WORLD_READABLE:
        what = clean_text(f"{entry} is not world_readable now: its history is visible to “{visibility}” only")
        hint = "A moderator can set “Who can read history?” to “Anyone”, or take the room out of site.toml."
        return Finding("rooms", Level.PROBLEM, what, hint)
    if _find(state, "m.room.encryption") is not None:
        hint = "Take it out of site.toml; what is encrypted is never published."
        return Finding("rooms", Level.PROBLEM, f"{entry} is encrypted", hint)
    moved = get_text(_find(state, "m.room.tombstone"), "content", "replacement_room")
    account = (await source.account.whoami()).user_id
    words = [f"{entry} is world_readable now", *_describe_standing(state, account)]
    words += [f"was replaced by {moved}"] if moved else []
    return Finding("rooms", Level.OK, clean_text(", ".join(words)))


def _describe_standing(state: list[JsonObject], account: UserId) -> list[str]:
    if get_text(_find(state, "m.room.member", account), "content", "membership") != "join":
        return []
    levels = _find(state, "m.room.power_levels")
    level = get_number(levels, "content", "users", account)
    if level is None:
        level = get_number(levels, "content", "users_default") or 0
    return [f"{account} has joined it with power level {level}"]


def _find(state: list[JsonObject], kind: str, key: str = "") -> JsonObject | None:
    found = (e for e in state if get_text(e, "type") == kind and get_text(e, "state_key") == key)
    return next(found, None)

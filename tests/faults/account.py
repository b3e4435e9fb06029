"""What a sync left, as a value to be compared: all that an archive holds but times, tokens and places."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

Row = tuple[tuple[str, object], ...]

_TIMES: Final = frozenset({"crawled_at", "synced_at", "arrived_at"})
_TOKENS: Final = frozenset({"stream_token", "history_token", "crawl_token"})
_PLACES: Final = frozenset({"position", "crawl_position", "crawled"})

_PASSING: Final = frozenset({"traces", "memory"})
"""Tables of what a sync has to do or to go on from."""

Account = Mapping[str, object]
"""By `room`: its events in their order, and its rows of each table; and by path: the digest of each file."""


def read_account(folder: Path) -> dict[str, object]:
    """Read an archive."""
    found: dict[str, object] = defaultdict(dict)
    with closing(sqlite3.connect(folder / "content_cache/events.sqlite3")) as database:
        database.row_factory = sqlite3.Row
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in sorted(set(tables) - _PASSING):
            for room, rows in _read_table(database, table).items():
                found[room][table] = rows  # type: ignore[index]  # a dictionary, as all of them
    media = folder / "content_cache/media"
    found["files"] = {
        path.relative_to(media).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in media.rglob("*")
        if path.is_file()
    }
    return dict(found)


def event_ids(account: Mapping[str, object], room: str) -> list[object]:
    """Return the ids of a room's events in the archive's order."""
    told = account.get(room, {})
    assert isinstance(told, dict)
    return [dict(row)["event_id"] for row in told.get("events", [])]


def _read_table(database: sqlite3.Connection, table: str) -> dict[str, Sequence[Row]]:
    """Return a table's rows by room; those of no room under an empty name."""
    names = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    order = "position" if "position" in names else ", ".join(names)
    rooms: dict[str, list[Row]] = defaultdict(list)
    for row in database.execute(f"SELECT * FROM {table} ORDER BY {order}"):  # noqa: S608
        room = row["room_id"] if "room_id" in names else ""
        rooms[room].append(tuple(_read(name, row[name]) for name in names if _counts(name)))
    if order != "position":
        return {room: sorted(rows, key=repr) for room, rows in rooms.items()}
    return dict(rooms)


def _counts(name: str) -> bool:
    return name not in _TIMES | _TOKENS | _PLACES


def _read(name: str, value: object) -> tuple[str, object]:
    # How a room was found closed is told in several ways, of which the last stays.
    if name == "visibility":
        return name, value == "world_readable"
    return (name, value is not None) if name == "problem" else (name, value)


def differences(found: Account, wanted: Account) -> list[str]:
    """Return in words in what two archives differ; nothing where they are the same."""
    return [
        f"{place}: {what}"
        for place in sorted({*found, *wanted})
        for what in _differ(found.get(place, {}), wanted.get(place, {}))
    ]


def _differ(found: object, wanted: object) -> list[str]:
    assert isinstance(found, dict)
    assert isinstance(wanted, dict)
    told = []
    for name in sorted({*found, *wanted}):
        one, other = found.get(name), wanted.get(name)
        if one != other and isinstance(one, list) and isinstance(other, list):
            told += [f"{name} has {row}" for row in one if row not in other]
            told += [f"{name} lacks {row}" for row in other if row not in one]
            told += [f"{name} has another order"] if sorted(one) == sorted(other) else []
        elif one != other:
            told.append(f"{name}: {one!r}, not {other!r}")
    return told

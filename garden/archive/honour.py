"""Wishes and what is archived: new ones are applied to every room, what was taken back is let in again.

What comes in later passes the veil by itself. Each room is one transaction, and whoever is killed in between
begins anew: nothing here is done twice with another result.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from garden.archive.database import Database
from garden.archive.entry import parse_source
from garden.archive.event import RoomId, UserId
from garden.archive.malformed import MalformedShelf
from garden.archive.memory import Memory
from garden.archive.room_records import RoomRecords
from garden.archive.state_shelf import StateShelf
from garden.archive.timeline import Timeline
from garden.archive.veil import Veil
from garden.archive.wishes import Kind, WishShelf

_HONOURED: Final = "honoured"
_PAGE: Final = 1000
"""Rows read at a time."""


def honour_wishes(database: Database, wishes: WishShelf) -> None:
    """Make everything that is archived as the wishes ask; quick where none has changed since the last time.

    Who is not gone any more comes back by a crawl, which is due from now on, or by importing the file again.
    """
    memory = Memory(database)
    fingerprint = wishes.fingerprint()
    if (memory.recall(_HONOURED) or "") == fingerprint and not wishes.list_lifted():
        return
    if wishes.exist():
        # All names before anything is hollow: afterwards nobody knows them.
        with database.transaction():
            cover_new_names(database, wishes, _note_names(database, wishes))
    for room_id in RoomRecords(database).list_named():
        with database.transaction():
            if wishes.is_forgotten_room(room_id):
                drop_room(database, room_id)
                continue
            _honour_room(database, wishes, room_id)
    with database.transaction():
        wishes.drop_stale_names()
        memory.remember(_HONOURED, fingerprint)


def cover_new_names(database: Database, wishes: WishShelf, users: Iterable[UserId]) -> None:
    """Cover names that have just become known, where who bears them was covered before."""
    for user in users:
        for room_id in wishes.list_veiled_rooms(wishes.digest("user", user)):
            Timeline(database, room_id, Veil(wishes, room_id)).cover_again(user)


def erase_room(database: Database, room_id: RoomId) -> None:
    """Erase every word of a room and everything that was read from it."""
    with database.transaction():
        for table in ("events", "state", "malformed", "media_uses", "veils"):
            database.run(f"DELETE FROM {table} WHERE room_id = ?", room_id)  # noqa: S608 - names from here
        database.run("INSERT INTO traces VALUES (1)")
        Memory(database).unsettle()


def drop_room(database: Database, room_id: RoomId) -> None:
    """Erase a room and that there was one."""
    with database.transaction():
        erase_room(database, room_id)
        RoomRecords(database).drop(room_id)


def count_traces(database: Database, kind: Kind, identifier: str) -> int:
    """Count the rows that name somebody, or that hold something of an event or a room."""
    if kind == "user":
        spelled = json.dumps(identifier)[1:-1]
        queries = [f"SELECT COUNT(*) FROM {table} WHERE instr(source, ?)" for table in _TOLD]  # noqa: S608
        return sum(_count(database, query, spelled) for query in queries)
    if kind == "event":
        queries = [f"SELECT COUNT(*) FROM {table} WHERE event_id = ?" for table in ("state", "malformed")]  # noqa: S608
        queries.append(
            "SELECT COUNT(*) FROM events WHERE event_id = ?"
            " AND (veil IS NULL OR veil IN ('covered', 'lifted'))"
        )
    else:
        queries = [f"SELECT COUNT(*) FROM {table} WHERE room_id = ?" for table in ("rooms", *_TOLD)]  # noqa: S608
    return sum(_count(database, query, identifier) for query in queries)


_TOLD: Final = ("events", "state", "malformed")
"""The tables that hold what was told."""


def _count(database: Database, query: str, value: str) -> int:
    row = database.row(query, value)
    return int(row[0]) if row else 0


def _honour_room(database: Database, wishes: WishShelf, room_id: RoomId) -> None:
    lifted = wishes.list_lifted_in(room_id)
    for wish in lifted:
        wishes.drop_veil(room_id, wish)
    veil = Veil(wishes, room_id)
    timeline = Timeline(database, room_id, veil)
    for wish in lifted:
        timeline.lift(wish)
    if wishes.exist():
        timeline.honour()
        StateShelf(database, room_id, veil).honour()
        MalformedShelf(database, room_id, veil).honour()


def _note_names(database: Database, wishes: WishShelf) -> set[UserId]:
    """Note what everybody who is gone is or was called; return who bears a name that was not known."""
    new: set[UserId] = set()
    for table in ("events", "state"):
        last = 0
        # A cheap look for the type first; a message that spells it the same way does no harm.
        while rows := database.rows(
            f"SELECT rowid, source FROM {table} WHERE rowid > ?"  # noqa: S608 - names from here
            ' AND instr(source, \'"type":"m.room.member"\') ORDER BY rowid LIMIT ?',
            last,
            _PAGE,
        ):
            for _, text in rows:
                user = wishes.note_member(parse_source(text))
                new |= {user} if user is not None else set()
            last = rows[-1][0]
    return new

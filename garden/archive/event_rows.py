"""The rows of one room's events: entries go in and come out, and whatever else tells of them is kept in step.

Where the words of a row are replaced, what it showed and what the state says of it follow in the same step,
and a trace makes `ArchiveStore.vacuum_traces` write the file anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final, Literal

from garden.archive.database import Database, Row
from garden.archive.entry import Entry, format_source, parse_source, relate
from garden.archive.event import EventId, RoomId, get_text
from garden.archive.media_uses import MediaUses
from garden.archive.memory import Memory

Origin = Literal["homeserver", "import"]

_PAGE: Final = 1000
"""Rows read at a time."""


class EventRows:
    """The rows of one room in `events`. Writing is meant to happen inside a transaction of the store."""

    def __init__(self, database: Database, room_id: RoomId) -> None:
        self._database = database
        self._room_id = room_id
        self._media_uses = MediaUses(database)
        self._memory = Memory(database)
        self._is_touched = False

    def find(self, event_id: str) -> Entry | None:
        """Return what is kept of an event, or None."""
        row = self._database.row(
            "SELECT source, veil, withheld FROM events WHERE room_id = ? AND event_id = ?",
            self._room_id,
            event_id,
        )
        return _read(row) if row else None

    def list_all(self) -> Iterator[Entry]:
        """Yield all rows in the server's order; rows may be rewritten meanwhile, and none added."""
        last = -(1 << 62)
        while rows := self._database.rows(
            "SELECT source, veil, withheld, position FROM events WHERE room_id = ? AND position > ?"
            " ORDER BY position LIMIT ?",
            self._room_id,
            last,
            _PAGE,
        ):
            yield from (_read(row) for row in rows)
            last = rows[-1][3]

    def list_veiled(self, *veils: str) -> list[Entry]:
        """Return the rows that are veiled in one of these ways."""
        marks = ", ".join("?" * len(veils))
        rows = self._database.rows(
            f"SELECT source, veil, withheld FROM events WHERE room_id = ? AND veil IN ({marks})",  # noqa: S608 - marks only
            self._room_id,
            *veils,
        )
        return [_read(row) for row in rows]

    def find_ids(self, condition: str, value: str) -> list[str]:
        """Return the ids of the events that fulfil a condition with one value, in the order of ids."""
        sql = f"SELECT event_id FROM events WHERE room_id = ? AND {condition} ORDER BY event_id"  # noqa: S608
        return [row[0] for row in self._database.rows(sql, self._room_id, value)]

    def list_edits_of_emptied(self) -> list[str]:
        """Return the edits that hold words of messages that hold none any more."""
        rows = self._database.rows(
            "SELECT e.event_id FROM events AS e"
            " JOIN events AS t ON t.room_id = e.room_id AND t.event_id = e.relates_to"
            " WHERE e.room_id = ? AND e.rel_type = 'm.replace' AND e.redacted = 0 AND t.redacted = 1"
            " ORDER BY e.event_id",
            self._room_id,
        )
        return [row[0] for row in rows]

    def is_known(self, event_id: str) -> bool:
        """Whether there is a row for an event."""
        return bool(
            self._database.row(
                "SELECT 1 FROM events WHERE room_id = ? AND event_id = ?", self._room_id, event_id
            )
        )

    def list_told(self, event_ids: Iterable[str]) -> set[EventId]:
        """Return those of the ids that a homeserver has told."""
        sql = "SELECT 1 FROM events WHERE room_id = ? AND event_id = ? AND from_server = 1"
        return {
            EventId(event_id) for event_id in event_ids if self._database.row(sql, self._room_id, event_id)
        }

    def is_from_file(self, event_id: str) -> bool:
        """Whether only files have told an event."""
        row = self._database.row(
            "SELECT from_server FROM events WHERE room_id = ? AND event_id = ?", self._room_id, event_id
        )
        return row is not None and not row[0]

    def add(self, event_id: str, place: int, origin: Origin, arrived_at: int | None) -> None:
        """Add a row, still without its words."""
        self._database.run(
            "INSERT INTO events (room_id, position, event_id, source, redacted, from_server, arrived_at)"
            " VALUES (?, ?, ?, '', 0, ?, ?)",
            self._room_id,
            place,
            event_id,
            origin == "homeserver",
            arrived_at,
        )

    def note_told(self, event_id: str, arrived_at: int | None) -> None:
        """Note that the server has told what only a file had told."""
        self._database.run(
            "UPDATE events SET from_server = 1, arrived_at = COALESCE(arrived_at, ?)"
            " WHERE room_id = ? AND event_id = ? AND from_server = 0",
            arrived_at,
            self._room_id,
            event_id,
        )

    def write(self, entry: Entry) -> None:
        """Put an event into its row, which exists, and everywhere else where its words stand."""
        key = (self._room_id, entry.event_id)
        source = format_source(entry.source)
        replaced = self._database.run(
            "INSERT INTO traces SELECT 1 FROM events"
            " WHERE room_id = ? AND event_id = ? AND source NOT IN ('', ?)",
            *key,
            source,
        )
        self._database.run(
            "UPDATE events SET source = ?, relates_to = ?, rel_type = ?, replies_to = ?, redacted = ?,"
            " speaker = ?, veil = ?, withheld = ? WHERE room_id = ? AND event_id = ?",
            source,
            entry.relates_to,
            entry.rel_type,
            entry.replies_to,
            entry.redacted,
            entry.speaker,
            entry.veil,
            entry.withheld,
            *key,
        )
        if replaced:
            if get_text(entry.source, "state_key") is None:
                # The state of somebody gone: its key is their name.
                self._database.run("DELETE FROM state WHERE room_id = ? AND event_id = ?", *key)
            self._database.run("UPDATE state SET source = ? WHERE room_id = ? AND event_id = ?", source, *key)
            self._media_uses.forget(*key)
        self._media_uses.note(*key, entry.source)
        self._touch()

    def remove(self, event_id: str) -> None:
        """Drop a row, and leave the room's state as it is."""
        self._database.run("DELETE FROM events WHERE room_id = ? AND event_id = ?", self._room_id, event_id)
        self._database.run("INSERT INTO traces VALUES (1)")
        self._touch()

    def remove_hollow(self, wish: str) -> None:
        """Drop the rows that a wish has made hollow; whoever told them may tell them again."""
        self._database.run("DELETE FROM events WHERE room_id = ? AND veil = ?", self._room_id, wish)
        self._touch()

    def _touch(self) -> None:
        if not self._is_touched:
            self._is_touched = True
            self._memory.unsettle()


def _read(row: Row) -> Entry:
    entry = relate(parse_source(row[0]))
    return replace(entry, veil=row[1], withheld=row[2]) if row[1] or row[2] else entry


def list_withheld(database: Database, room_id: RoomId) -> set[EventId]:
    """Return the ids of the events whose words were blanked since an edit has replaced them."""
    rows = database.rows("SELECT event_id FROM events WHERE room_id = ? AND withheld > 0", room_id)
    return {EventId(row[0]) for row in rows}

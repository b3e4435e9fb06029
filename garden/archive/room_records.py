"""What the archive knows about rooms beside their events: records and selections, in and out of tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Final

from garden.archive.database import Database
from garden.archive.event import EventId, RoomId
from garden.archive.event_rows import Origin


@dataclass(frozen=True, slots=True)
class RoomRecord:
    """What the archive knows about one room beside its events."""

    room_id: RoomId
    origin: Origin = "homeserver"
    """`import` while everything known about the room came from files."""
    visibility: str | None = None
    """`m.room.history_visibility` when it was last asked for; `closed` where it may not be read any more;
    None where nobody has asked, as for imports."""
    stream_token: str | None = None
    """Where the stream of new events goes on; None where the homeserver has no such stream."""
    history_token: str | None = None
    """Where the first walk back through history goes on."""
    history_done: bool = False
    """Whether the first walk has reached the room's beginning."""
    crawling: bool = False
    """Whether a full crawl has begun and not ended."""
    crawl_token: str | None = None
    """Where the full crawl goes on."""
    crawled_at: int | None = None
    """When the whole history was last compared, in milliseconds since 1970."""
    synced_at: int | None = None
    """When the room was last brought up to date, in milliseconds since 1970."""
    problem: str | None = None
    """Why the last sync could not read the room."""
    forgotten_leave: EventId | None = None
    """With which event the account has left, where the homeserver has forgotten since that it was here."""
    in_doubt: bool = False
    """Whether there may be words here that the account alone was told, see `garden.archive.openings`."""


CRAWL_IS_DUE: Final = 0
"""As the time of the last crawl: longer ago than any limit."""
_CRAWL_WAS_DUE: Final = 1
"""The same, while a crawl is under way that began after it was due."""

_COLUMNS: Final = tuple(field.name for field in fields(RoomRecord))


class RoomRecords:
    """The rows of `rooms` and `selections`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, room_id: RoomId) -> RoomRecord | None:
        """Return what is known about a room, or None."""
        found = self._list("WHERE room_id = ?", room_id)
        return found[0] if found else None

    def list_all(self) -> list[RoomRecord]:
        """Return every room in the order of their first appearance."""
        return self._list("ORDER BY place")

    def save(self, record: RoomRecord) -> None:
        """Write a room's record, whether it was known or not."""
        names = ", ".join(_COLUMNS)
        changes = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)
        self._database.run(
            f"INSERT INTO rooms ({names}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608
            f" ON CONFLICT (room_id) DO UPDATE SET {changes}",
            *(getattr(record, name) for name in _COLUMNS),
        )

    def note(self, room_id: RoomId, origin: Origin) -> None:
        """Make sure the room has a record; a room that a homeserver has told stays the homeserver's."""
        self._database.run("INSERT OR IGNORE INTO rooms (room_id, origin) VALUES (?, ?)", room_id, origin)
        if origin == "homeserver":
            self._database.run(
                "UPDATE rooms SET origin = 'homeserver' WHERE room_id = ? AND origin = 'import'", room_id
            )

    def change(self, room_id: RoomId, **columns: object) -> None:
        """Write some columns of a room that has a record."""
        changes = ", ".join(f"{name} = ?" for name in columns)
        self._database.run(f"UPDATE rooms SET {changes} WHERE room_id = ?", *columns.values(), room_id)  # noqa: S608

    def make_crawl_due(self, room_id: RoomId) -> None:
        """Have a room's whole history compared at the next chance; a room from files has no server."""
        self._database.run(
            "UPDATE rooms SET crawled_at = ? WHERE room_id = ? AND origin = 'homeserver'",
            CRAWL_IS_DUE,
            room_id,
        )

    def start_crawl(self, room_id: RoomId) -> None:
        """Note that a room's whole history is being compared from now on."""
        self._database.run(
            "UPDATE rooms SET crawling = 1, crawl_token = NULL,"
            " crawled_at = CASE crawled_at WHEN ? THEN ? ELSE crawled_at END WHERE room_id = ?",
            CRAWL_IS_DUE,
            _CRAWL_WAS_DUE,
            room_id,
        )

    def finish_crawl(self, room_id: RoomId, crawled_at: int) -> None:
        """Note that it has been compared; where that has become due meanwhile, it is still due."""
        self._database.run(
            "UPDATE rooms SET crawling = 0, crawl_token = NULL, history_done = 1,"
            " crawled_at = CASE crawled_at WHEN ? THEN crawled_at ELSE ? END WHERE room_id = ?",
            CRAWL_IS_DUE,
            crawled_at,
            room_id,
        )

    def drop(self, room_id: RoomId) -> None:
        """Forget a room that has no rows elsewhere, and every selection that names it."""
        self._database.run("DELETE FROM selections WHERE room_id = ?1 OR instr(asked, ?1) > 0", room_id)
        self._database.run("DELETE FROM rooms WHERE room_id = ?", room_id)

    def list_named(self) -> list[RoomId]:
        """Return every room that is named in any table, known or not."""
        rows = self._database.rows(
            "SELECT room_id FROM rooms UNION SELECT room_id FROM malformed"
            " UNION SELECT room_id FROM selections ORDER BY 1"
        )
        return [RoomId(row[0]) for row in rows]

    def drop_selections(self, keep: Iterable[str]) -> None:
        """Forget what entries of `site.toml` stood for, but for these."""
        kept = set(keep)
        for (asked,) in self._database.rows("SELECT DISTINCT asked FROM selections"):
            if asked.startswith(("#", "!")) and asked not in kept:
                self._database.run("DELETE FROM selections WHERE asked = ?", asked)

    def select(self, asked: str, room_ids: Iterable[RoomId]) -> None:
        """Remember which rooms an entry of `site.toml` stands for."""
        with self._database.transaction():
            self._database.run("DELETE FROM selections WHERE asked = ?", asked)
            self._database.run_many(
                "INSERT OR IGNORE INTO selections (asked, place, room_id) VALUES (?, ?, ?)",
                ((asked, place, room_id) for place, room_id in enumerate(room_ids)),
            )

    def list_selected(self, asked: str) -> tuple[RoomId, ...]:
        """Return the rooms that an entry of `site.toml` stood for at the last sync."""
        rows = self._database.rows("SELECT room_id FROM selections WHERE asked = ? ORDER BY place", asked)
        return tuple(RoomId(row[0]) for row in rows)

    def _list(self, condition: str, *values: object) -> list[RoomRecord]:
        rows = self._database.rows(f"SELECT {', '.join(_COLUMNS)} FROM rooms {condition}", *values)  # noqa: S608
        records = [RoomRecord(*row) for row in rows]
        return [
            replace(
                record,
                history_done=bool(record.history_done),
                crawling=bool(record.crawling),
                in_doubt=bool(record.in_doubt),
            )
            for record in records
        ]

"""A damaged archive comes in, a whole one with all that could be read stays, and what was lost is said.

The new database is written beside the damaged one and takes its place when it is complete: whenever this is
killed, the next run goes on. What stood on pages that nothing refers to is not looked for, since that may be
words that were erased. Every room of a homeserver is marked to be read from its beginning.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from garden.archive.database import SCHEMA_VERSION, Database, Row
from garden.archive.entry import parse_source
from garden.archive.event import RoomId, revive_event
from garden.archive.inspection import (
    WAL_ENDINGS,
    Inspection,
    Table,
    Value,
    list_files,
    name_columns,
)
from garden.archive.media_uses import MediaUses
from garden.durable import sync_file, sync_folder
from garden.errors import ArchiveError

MENDING: Final = ".mending"
"""Ending of the new database while it is written."""

MENDED: Final = ".mended"
"""Ending of the new database when it is complete and about to take the damaged one's place."""

GRAFT: Final = ".graft"
"""Ending of a copy of the damaged database that was given a new beginning."""

_HEADER: Final = 100
"""Bytes at the beginning of a database that describe it (SQLite, "The Database Header")."""

_FRESH: Final = {
    "stream_token": None,
    "history_token": None,
    "history_done": 0,
    "crawling": 0,
    "crawl_token": None,
    "crawled_at": None,
}
"""What lets a sync read a room from its beginning."""

_JSON_TABLES: Final = frozenset({"events", "state"})
_DERIVED_TABLE: Final = "media_uses"
"""A table that is read anew from the events."""

_FIRST_TABLES: Final = ("rooms",)
"""Tables to which rows of others refer."""
_REMEMBERED: Final = ("key", "account")
"""What stays true of the memory of an archive; the rest says how far a garden was with what it had."""

_SOURCES: Final = {"user": "member", "event": "forget", "room": "forget"}
"""Whose wish a wish is taken for that had to be guessed: who opts in again may do so."""

_DIGEST_DIGITS: Final = 64


@dataclass(frozen=True, slots=True)
class Salvage:
    """What became of a damaged archive."""

    kept: Mapping[str, int] = field(default_factory=dict)
    """Rows of each table that could be read."""
    dropped: Mapping[str, int] = field(default_factory=dict)
    """Rows of each table that could be read and make no sense."""
    gaps: Mapping[str, int] = field(default_factory=dict)
    """Stretches of each table that could not be read; nobody knows how many rows were there."""
    lost: tuple[str, ...] = ()
    """Tables of which nothing at all could be read."""
    imported: tuple[RoomId, ...] = ()
    """Rooms that only files have told, as far as they could be read."""
    recalled: int = 0
    """Wishes whose own rows are lost and that were read from what they had changed in the archive."""

    def has_lost(self, *tables: str) -> bool:
        """Whether a row of one of these tables may be gone; of any table where none is named."""
        gone = {*self.gaps, *self.dropped, *self.lost}
        return bool(gone & set(tables) if tables else gone)


def salvage(path: Path) -> Salvage:
    """Put what can be read of the damaged database at `path` into a new one, which takes its place.

    The damaged file is gone afterwards. Raises `ArchiveError` where the disk fails or where the database is a
    newer garden's; the damaged file then stays as it is.
    """
    finish_swap(path)
    fresh = _beside(path, MENDING)
    with _explained(path):
        _remove(fresh)
        with closing(Database(fresh)) as database:
            report = _fill(database, path)
            database.row("PRAGMA wal_checkpoint(TRUNCATE)")
            database.row("PRAGMA journal_mode = DELETE")
        sync_file(fresh)
        fresh.rename(_beside(path, MENDED))
        sync_folder(path.parent)
    finish_swap(path)
    return report


def finish_swap(path: Path) -> None:
    """Let a database that was mended take the place of the damaged one, whose log must not go over it."""
    mended = _beside(path, MENDED)
    with _explained(path):
        if mended.is_file():
            for ending in WAL_ENDINGS:
                _beside(path, ending).unlink(missing_ok=True)
            mended.replace(path)
            sync_folder(path.parent)
        for ending in (MENDING, GRAFT):
            _remove(_beside(path, ending))


def list_drafts(path: Path) -> list[Path]:
    """Return what a killed repair has left beside a database."""
    return [file for ending in (MENDING, MENDED, GRAFT) for file in list_files(_beside(path, ending))]


def _fill(database: Database, path: Path) -> Salvage:
    """Copy what can be read, from the file as it is or with a new beginning where SQLite sees nothing."""
    best = Salvage(lost=_list_tables(database))
    for inspection in _openings(path):
        with inspection:
            if inspection.version() > SCHEMA_VERSION:
                raise ArchiveError(
                    f"{path} was written by a newer garden (format {inspection.version()}).",
                    hint="Upgrade garden, then run garden doctor --repair.",
                )
            best = _Filling(database, inspection).run()
        if best.kept:
            break
    with database.transaction():
        database.run("INSERT INTO traces VALUES (1)")
    return best


def _openings(path: Path) -> Iterator[Inspection]:
    """Yield ways to read a damaged file: as it is, with a new header, with a new first page."""
    if path.stat().st_size == 0 and not list_files(path)[1:]:
        return
    with suppress(ArchiveError):
        yield Inspection(path)
    for length in (_HEADER, None):
        graft = _beside(path, GRAFT)
        _graft(path, graft, length)
        try:
            yield Inspection(graft)
        except ArchiveError:
            continue
        finally:
            _remove(graft)


def _graft(path: Path, graft: Path, length: int | None) -> None:
    """Copy a damaged database and give it a new one's beginning: its tables begin on the same pages."""
    template = graft.with_name(f"{graft.name}.new")
    _remove(template)
    with closing(Database(template)) as database:
        database.row("PRAGMA journal_mode = DELETE")
        page = int((database.row("PRAGMA page_size") or (0,))[0])
    first = bytearray(template.read_bytes()[:page])
    _remove(template)
    # Its number of pages is taken from the file's length where the two change counters differ.
    first[24:28], first[92:96] = b"\0\0\0\1", b"\0\0\0\2"
    # There is no list of free pages to be trusted.
    first[32:40] = bytes(8)
    shutil.copyfile(path, graft)
    with graft.open("r+b") as file:
        file.write(first[:length])
        # A last page that is not whole would make the file none.
        file.truncate(-(-max(path.stat().st_size, page) // page) * page)


class _Filling:
    """Rows go from a damaged database into a new one, as far as they make sense there."""

    def __init__(self, database: Database, inspection: Inspection) -> None:
        self._database = database
        self._inspection = inspection
        self._kept: dict[str, int] = {}
        self._dropped: dict[str, int] = {}
        self._rooms: set[object] = set()

    def run(self) -> Salvage:
        there = {table.name: table for table in self._inspection.tables}
        wanted = _list_tables(self._database)
        lost = []
        for name in sorted(wanted, key=lambda name: (name not in _FIRST_TABLES, name)):
            table = there.get(name)
            gaps = self._inspection.losses.gaps.get(name, 0)
            if table is not None and name != _DERIVED_TABLE:
                self._copy(table)
            damaged = self._inspection.losses.gaps.get(name, 0) > gaps
            # An older format knows fewer tables, which is no loss.
            is_absent = table is None and self._inspection.version() == SCHEMA_VERSION
            if is_absent or (damaged and not self._kept.get(name)):
                lost.append(name)
        self._note_media()
        self._start_anew()
        imported = self._database.rows("SELECT room_id FROM rooms WHERE origin = 'import' ORDER BY place")
        return Salvage(
            self._kept,
            self._dropped,
            dict(self._inspection.losses.gaps),
            tuple(lost),
            tuple(RoomId(row[0]) for row in imported),
            self._recall_wishes(),
        )

    def _copy(self, table: Table) -> None:
        known = [str(row[1]) for row in self._database.rows(f'PRAGMA table_info("{table.name}")')]
        columns = [name for name in table.columns if name in known]
        names = ", ".join(f'"{name}"' for name in columns)
        insert = (
            f'INSERT INTO "{table.name}" ({names})'  # noqa: S608 - names of columns that the new table has
            f" VALUES ({', '.join('?' * len(columns))})"
        )
        with self._database.transaction():
            for row in self._inspection.rows(table):
                values = name_columns(table, row)
                counts = self._kept if self._take(table.name, insert, values, columns) else self._dropped
                counts[table.name] = counts.get(table.name, 0) + 1

    def _take(self, table: str, insert: str, values: dict[str, Value], columns: list[str]) -> bool:
        if not _makes_sense(table, values):
            return False
        self._need_room(table, values)
        try:
            self._database.run(insert, *(values[name] for name in columns))
        except ArchiveError as error:
            if not _is_constraint(error):
                raise
            return False
        return True

    def _need_room(self, table: str, values: Mapping[str, Value]) -> None:
        """Give a room whose own row is lost another one, since rows of other tables refer to it."""
        room_id = values.get("room_id")
        if table in _JSON_TABLES and room_id not in self._rooms:
            self._rooms.add(room_id)
            origin = "homeserver" if values.get("from_server", 1) else "import"
            self._database.run("INSERT OR IGNORE INTO rooms (room_id, origin) VALUES (?, ?)", room_id, origin)

    def _note_media(self) -> None:
        """Read from what was kept which files are shown: a sync does so only for what is new to it."""
        uses = MediaUses(self._database)
        with self._database.transaction():
            for table in sorted(_JSON_TABLES):
                for room_id, event_id, source in _stream(self._database, table):
                    uses.note(room_id, event_id, parse_source(source))

    def _recall_wishes(self) -> int:
        """Bring back wishes from the events that they have changed; nobody can tell what they were about.

        So each digest counts for a user, an event and a room: it is only ever found as what it was.
        """
        rows = self._database.rows(
            "SELECT digest FROM (SELECT digest FROM veils UNION SELECT veil FROM events)"
            " WHERE LENGTH(digest) = ? AND digest NOT IN (SELECT digest FROM wishes)",
            _DIGEST_DIGITS,
        )
        self._database.run_many(
            "INSERT OR IGNORE INTO wishes (kind, digest, wish, source, at) VALUES (?, ?, 'out', ?, 0)",
            [(kind, row[0], source) for row in rows for kind, source in _SOURCES.items()],
        )
        return len(rows)

    def _start_anew(self) -> None:
        changes = ", ".join(f"{name} = ?" for name in _FRESH)
        with self._database.transaction():
            self._database.run(
                f"UPDATE rooms SET {changes} WHERE origin = 'homeserver'",  # noqa: S608 - the constant above
                *_FRESH.values(),
            )
            self._database.run("UPDATE events SET crawl_position = NULL WHERE crawl_position IS NOT NULL")
            self._database.run(
                f"DELETE FROM memory WHERE name NOT IN ({', '.join('?' * len(_REMEMBERED))})",  # noqa: S608 - marks only
                *_REMEMBERED,
            )


def _stream(database: Database, table: str) -> Iterator[tuple[RoomId, str, str]]:
    last = 0
    while rows := database.rows(
        f"SELECT rowid, room_id, event_id, source FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT 1000",  # noqa: S608 - one of two names
        last,
    ):
        yield from ((RoomId(row[1]), row[2], row[3]) for row in rows)
        last = rows[-1][0]


def _makes_sense(table: str, values: Mapping[str, Value]) -> bool:
    """Whether a row can be what the archive wrote: damage can leave a row that reads as something else."""
    if any(isinstance(value, bytes) or "\0" in str(value) for value in values.values()):
        return False
    if table not in _JSON_TABLES:
        return True
    try:
        event = revive_event(parse_source(str(values["source"])), RoomId(str(values["room_id"])))
    except (ValueError, KeyError, TypeError, RecursionError, json.JSONDecodeError):
        return False
    return event.event_id == values["event_id"]


def _is_constraint(error: ArchiveError) -> bool:
    return str(getattr(error.__cause__, "sqlite_errorname", "")).startswith(
        ("SQLITE_CONSTRAINT", "SQLITE_MISMATCH")
    )


def _list_tables(database: Database) -> tuple[str, ...]:
    rows: list[Row] = database.rows(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    )
    return tuple(str(row[0]) for row in rows)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f"{path.name}{ending}")


def _remove(path: Path) -> None:
    for file in list_files(path):
        file.unlink()


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ArchiveError(
            f"{error.filename or path} cannot be written: {error.strerror}.",
            hint="Free some disk space or make content_cache writable, then run garden doctor --repair.",
        ) from error

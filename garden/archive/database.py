"""The archive's SQLite file: SQL and plain values come in, rows go out, failures come out as `ArchiveError`.

Everything the archive keeps stands in one database in WAL mode, so that a reader never waits for a sync and
a killed sync leaves the last whole transaction. `secure_delete` makes SQLite overwrite what is erased.

With `synchronous = NORMAL` a power cut may take back the last transactions, never a part of one: the next
sync brings them again. What was erased must not come back that way, so `cut_log` makes all of it last.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from garden.archive.inspection import REPAIR, need_written
from garden.durable import sync_file, sync_folder
from garden.errors import ArchiveError

SCHEMA_VERSION: Final = 3

Row = tuple[Any, ...]
"""One row as SQLite gives it; the caller knows the columns it asked for."""

_SCHEMA: Final = """
CREATE TABLE rooms (
    place INTEGER PRIMARY KEY,
    room_id TEXT NOT NULL UNIQUE,
    origin TEXT NOT NULL CHECK (origin IN ('homeserver', 'import')),
    visibility TEXT,
    stream_token TEXT,
    history_token TEXT,
    history_done INTEGER NOT NULL DEFAULT 0,
    crawling INTEGER NOT NULL DEFAULT 0,
    crawl_token TEXT,
    crawled_at INTEGER,
    synced_at INTEGER,
    problem TEXT,
    forgotten_leave TEXT,
    in_doubt INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE events (
    room_id TEXT NOT NULL REFERENCES rooms (room_id),
    position INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    source TEXT NOT NULL,
    relates_to TEXT,
    rel_type TEXT,
    replies_to TEXT,
    redacted INTEGER NOT NULL,
    counts INTEGER,
    from_server INTEGER NOT NULL,
    crawl_position INTEGER,
    speaker TEXT,
    arrived_at INTEGER,
    withheld INTEGER NOT NULL DEFAULT 0,
    veil TEXT,
    was_open INTEGER,
    PRIMARY KEY (room_id, event_id),
    UNIQUE (room_id, position)
);
CREATE INDEX events_by_relation ON events (room_id, relates_to, rel_type, event_id)
    WHERE relates_to IS NOT NULL;
CREATE INDEX events_by_reply ON events (room_id, replies_to, event_id) WHERE replies_to IS NOT NULL;
CREATE INDEX events_by_crawl ON events (room_id, crawl_position) WHERE crawl_position IS NOT NULL;
CREATE INDEX open_redactions ON events (room_id) WHERE rel_type = 'm.room.redaction' AND counts IS NULL;
CREATE TABLE state (
    room_id TEXT NOT NULL REFERENCES rooms (room_id),
    type TEXT NOT NULL,
    state_key TEXT NOT NULL,
    event_id TEXT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (room_id, type, state_key)
);
CREATE INDEX state_by_event ON state (room_id, event_id);
CREATE TABLE malformed (
    room_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    event_id TEXT,
    reason TEXT NOT NULL,
    source TEXT NOT NULL,
    crawled INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (room_id, digest)
);
CREATE INDEX malformed_by_event ON malformed (room_id, event_id);
CREATE TABLE selections (
    asked TEXT NOT NULL,
    place INTEGER NOT NULL,
    room_id TEXT NOT NULL,
    PRIMARY KEY (asked, room_id)
);
CREATE TABLE traces (pending INTEGER NOT NULL);
"""

MEDIA_SCHEMA: Final = """
CREATE TABLE media (
    uri TEXT NOT NULL,
    form TEXT NOT NULL,
    digest TEXT,
    mimetype TEXT,
    width INTEGER,
    height INTEGER,
    size INTEGER,
    color TEXT,
    thumb_digest TEXT,
    duration_ms INTEGER,
    reason TEXT,
    problem TEXT,
    PRIMARY KEY (uri, form)
);
CREATE TABLE media_uses (
    uri TEXT NOT NULL,
    form TEXT NOT NULL,
    room_id TEXT NOT NULL REFERENCES rooms (room_id),
    event_id TEXT NOT NULL,
    member TEXT,
    declared_size INTEGER,
    declared_text INTEGER NOT NULL,
    PRIMARY KEY (room_id, event_id, uri, form)
);
CREATE INDEX media_uses_by_uri ON media_uses (uri, form);
CREATE INDEX events_by_speaker ON events (room_id, speaker) WHERE speaker IS NOT NULL;
"""
"""What came with format 2."""

WISH_SCHEMA: Final = """
CREATE TABLE wishes (
    kind TEXT NOT NULL,
    digest TEXT NOT NULL,
    wish TEXT NOT NULL CHECK (wish IN ('out', 'in')),
    source TEXT NOT NULL,
    at INTEGER NOT NULL,
    uttered TEXT,
    PRIMARY KEY (kind, digest, source)
);
CREATE TABLE veils (
    room_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (room_id, digest)
);
CREATE TABLE memory (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE INDEX events_by_veil ON events (room_id, veil) WHERE veil IS NOT NULL;
CREATE INDEX events_by_withheld ON events (room_id) WHERE withheld > 0;
CREATE INDEX events_in_private ON events (room_id) WHERE was_open = 0;
"""
"""What came with format 3, beside four columns of `events` and two of `rooms`."""

_HINTS: Final = {
    "SQLITE_FULL": "Free some disk space and run the command again; nothing that was archived is lost.",
    "SQLITE_IOERR": "Check the disk that content_cache lies on; nothing that was archived is lost.",
    "SQLITE_READONLY": "Make content_cache and the files in it writable for you.",
    "SQLITE_CANTOPEN": "Make content_cache a folder that you may read and write.",
    "SQLITE_BUSY": "Wait until the other garden command is done, then run this one again.",
    "SQLITE_LOCKED": "Wait until the other garden command is done, then run this one again.",
    "SQLITE_CORRUPT": REPAIR,
    "SQLITE_NOTADB": REPAIR,
}


class Database:
    """One open SQLite file; every method raises `ArchiveError` where SQLite fails."""

    def __init__(self, path: Path) -> None:
        self.path = path
        need_written(path)
        with self._explained():
            self._connection = sqlite3.connect(path, timeout=10, isolation_level=None)
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the file."""
        with self._explained():
            self._connection.close()

    def rows(self, sql: str, *values: object) -> list[Row]:
        """Run a query and return all its rows."""
        with self._explained():
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> Row | None:
        """Run a query and return its first row, or None."""
        with self._explained():
            found: Row | None = self._connection.execute(sql, values).fetchone()
            return found

    def run(self, sql: str, *values: object) -> int:
        """Run one statement and return how many rows it changed."""
        with self._explained():
            return self._connection.execute(sql, values).rowcount

    def run_many(self, sql: str, values: Iterable[tuple[object, ...]]) -> None:
        """Run one statement once for every tuple of values."""
        with self._explained():
            self._connection.executemany(sql, values)

    def run_script(self, script: str) -> None:
        """Run several statements, with semicolons between them, inside the transaction that is open."""
        for statement in script.split(";"):
            self.run(statement)

    def cut_log(self) -> None:
        """Move the whole log into the database and empty it, so that both last through a power cut.

        SQLite makes the log and the database last before it cuts the log, but not the cut itself: after a
        power cut a log could lie there in full, with words in it that are long erased. The database is never
        opened here: whoever closes it once more takes away SQLite's own locks on it (POSIX, fcntl).
        """
        self.row("PRAGMA wal_checkpoint(TRUNCATE)")
        log = self.path.with_name(f"{self.path.name}-wal")
        try:
            sync_file(log)
            sync_folder(log.parent)
        except OSError as error:
            raise ArchiveError(
                f"{log} cannot be written: {error.strerror}", hint=_HINTS["SQLITE_IOERR"]
            ) from error

    def version(self) -> int:
        """Return the file's format; 0 for one that is new."""
        row = self.row("PRAGMA user_version")
        return int(row[0]) if row else 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; inside another transaction it is a part of that one."""
        if self._is_inside():
            yield
            return
        self.run("BEGIN IMMEDIATE")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            if self._is_inside():
                self._connection.rollback()
            raise

    def _is_inside(self) -> bool:
        return self._connection.in_transaction

    def _prepare(self) -> None:
        for pragma in (
            "journal_mode = WAL",
            "secure_delete = ON",
            "foreign_keys = ON",
            "synchronous = NORMAL",
        ):
            self.row(f"PRAGMA {pragma}")
        known = self.version()
        if known > SCHEMA_VERSION:
            raise ArchiveError(
                f"{self.path} was written by a newer garden (format {known}, here {SCHEMA_VERSION})",
                hint="Upgrade garden, or move content_cache away and run garden sync.",
            )
        if known == 0:
            self._create()

    def _create(self) -> None:
        with self.transaction():
            if self.version() == 0:
                self.run_script(_SCHEMA + MEDIA_SCHEMA + WISH_SCHEMA)
                self.run(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._explain(error) from error

    def _explain(self, error: sqlite3.Error) -> ArchiveError:
        name = str(getattr(error, "sqlite_errorname", ""))
        hint = next((hint for code, hint in _HINTS.items() if name.startswith(code)), None)
        return ArchiveError(
            f"{self.path} cannot be used: {error}",
            hint=hint or f"Run the command again. If it fails again: {REPAIR}",
        )

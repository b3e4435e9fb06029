"""A database as it lies on disk, whole or damaged: its tables, their rows and its faults come out.

Nothing is ever written. What SQLite cannot read is left out and said; rows beyond a damaged page are found
again by their numbers. `garden.archive.salvage` puts what comes out of here into a new database, and an audit
looks through it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

from garden.errors import ArchiveError

WAL_ENDINGS: Final = ("-wal", "-shm")
"""Endings of the files that SQLite keeps beside a database."""

PAGE_SIZE: Final = 4096
"""Bytes of one page, as SQLite makes them."""

_FIRST: Final = -1
_HIGHEST: Final = (1 << 63) - 1
_NEAR: Final = 300
"""Row numbers that are tried one after the other behind a damaged place: more than a page holds."""
_LATER: Final = ("pages", "search", "addresses.json", "media", "key")
"""What stands beside the database of a garden that was synced or built before."""

_MANY: Final = 1000
"""Rows read at a time, and faults that are told at most."""

Value = str | int | float | bytes | None


@dataclass(frozen=True, slots=True)
class Table:
    """One table, with its columns in order."""

    name: str
    columns: tuple[str, ...]
    numbered: bool = True
    """Whether its rows have numbers; those of a table `WITHOUT ROWID` have none."""


@dataclass(slots=True)
class Losses:
    """What could not be read, while rows are read."""

    gaps: dict[str, int] = field(default_factory=dict)
    """How many stretches of rows of each table are damaged; nobody knows how many rows were there."""

    def note(self, table: str) -> None:
        """Count one more stretch."""
        self.gaps[table] = self.gaps.get(table, 0) + 1


class Inspection:
    """A database file that is open for reading only; use it in a `with`.

    Making it raises `ArchiveError` where SQLite sees no database in the file at all. `wait` is how many
    seconds it waits for somebody who writes.
    """

    def __init__(self, path: Path, *, wait: float = 10.0) -> None:
        self.path = path
        self.losses = Losses()
        # Without a log beside it nobody has it open: then not even SQLite's own notes are made there.
        mode = "mode=ro" if _has_log(path) else "immutable=1"
        with self._explained():
            self._connection = sqlite3.connect(
                f"file:{quote(str(path.absolute()))}?{mode}", uri=True, timeout=wait, isolation_level=None
            )
        self._connection.text_factory = bytes
        try:
            with self._explained():
                self._connection.execute("PRAGMA query_only = ON")
                self._tables = self._list_tables()
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables that the database knows of."""
        return self._tables

    def version(self) -> int:
        """Return the format that the file says it has."""
        with self._explained():
            return int(self._connection.execute("PRAGMA user_version").fetchone()[0])

    def find_faults(self, *, thorough: bool = False) -> list[str]:
        """Return what SQLite finds wrong; `thorough` compares every index with its table, too."""
        check = "integrity_check" if thorough else "quick_check"
        try:
            rows = self._connection.execute(f"PRAGMA {check}({_MANY})").fetchall()
            faults = [_decode(row[0]) for row in rows if row[0] != b"ok"]
            strays = self._connection.execute("PRAGMA foreign_key_check").fetchmany(_MANY)
        except sqlite3.Error as error:
            return [str(error)]
        names = sorted({_decode(row[0]) for row in strays})
        return faults + [f"rows of {name} belong to no room" for name in names]

    def rows(self, table: Table) -> Iterator[tuple[Value, ...]]:
        """Yield every row of a table that can be read, in the order of row numbers.

        Text that is no UTF-8 comes as bytes. Stretches that cannot be read are counted in `losses`.
        """
        if not table.numbered:
            yield from self._rows_at_once(table)
            return
        last: int | None = _FIRST
        while last is not None:
            found = self._read(table, last, _MANY)
            if found is None:
                last = yield from self._rows_until_damage(table, last)
                self.losses.note(table.name)
                last = self._find_next(table, last)
            else:
                yield from (_revive_row(row) for row in found)
                last = found[-1][0] if found else None

    def _rows_until_damage(self, table: Table, last: int) -> Generator[tuple[Value, ...], None, int]:
        """Yield rows one by one; return the number of the last that can be read."""
        while found := self._read(table, last, 1):
            yield _revive_row(found[0])
            last = found[0][0]
        return last

    def _rows_at_once(self, table: Table) -> Iterator[tuple[Value, ...]]:
        try:
            found = self._select(table, "0", "")
        except sqlite3.DatabaseError:
            self.losses.note(table.name)
        else:
            yield from (_revive_row(row) for row in found)

    def _find_next(self, table: Table, last: int) -> int | None:
        """Return the number after which rows can be read again; None where there is nothing more.

        First number by number, then in growing steps, until one leads beyond the damage; then back to its
        edge.
        """
        bad, good, tried = last, last, 0
        while self._is_damaged(table, good):
            if good == _HIGHEST:
                return None
            bad, tried = good, tried + 1
            good = min(good + max(1, 1 << max(0, tried - _NEAR)), _HIGHEST)
        while good - bad > 1:
            middle = (good + bad) // 2
            bad, good = (middle, good) if self._is_damaged(table, middle) else (bad, middle)
        return good

    def _is_damaged(self, table: Table, after: int) -> bool:
        return self._read(table, after, 1) is None

    def _read(self, table: Table, last: int, limit: int) -> list[tuple[int, ...]] | None:
        """Return the rows after a number; None where one of them is damaged.

        So it is where numbers do not rise: SQLite may go on reading a damaged page, and for ever.
        """
        try:
            found = self._select(table, "rowid", f"WHERE rowid > {last} ORDER BY rowid LIMIT {limit}")
        except sqlite3.DatabaseError:
            return None
        numbers = [last, *(row[0] for row in found)]
        return found if all(before < after for before, after in pairwise(numbers)) else None

    def _select(self, table: Table, number: str, ending: str) -> list[tuple[int, ...]]:
        columns = ", ".join(f'"{name}"' for name in table.columns)
        sql = f'SELECT {number}, {columns} FROM "{table.name}" NOT INDEXED {ending}'  # noqa: S608 - names from the schema
        return self._connection.execute(sql).fetchall()

    def _list_tables(self) -> tuple[Table, ...]:
        rows = self._connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        names = [_decode(row[0]) for row in rows]
        return tuple(Table(name, self._columns(name), self._is_numbered(name)) for name in names)

    def _is_numbered(self, table: str) -> bool:
        try:
            self._connection.execute(f'SELECT rowid FROM "{table}" LIMIT 0')  # noqa: S608 - a name from the schema
        except sqlite3.OperationalError:
            return False
        return True

    def _columns(self, table: str) -> tuple[str, ...]:
        with closing(self._connection.execute(f'PRAGMA table_info("{table}")')) as cursor:
            return tuple(_decode(row[1]) for row in cursor)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise ArchiveError(f"{self.path} cannot be read: {error}", hint=REPAIR) from error


def need_written(path: Path) -> None:
    """Raise `ArchiveError` where a database was emptied that had something in it.

    SQLite takes an empty file for a new database, and a build would publish a garden without a page. A file
    that was made a moment ago and never written has nothing beside it that a garden makes later.
    """
    is_empty = path.is_file() and path.stat().st_size == 0 and not _has_log(path)
    if is_empty and any((path.parent / name).exists() for name in _LATER):
        raise ArchiveError(f"{path} is empty: what was archived is gone.", hint=REPAIR)


REPAIR: Final = "Run garden doctor --repair: it keeps what can be read; garden sync fetches the rest again."
"""What to do about a damaged database."""


def list_files(path: Path) -> list[Path]:
    """Return a database's files that are there: itself and what SQLite keeps beside it."""
    files = [path, *(path.with_name(path.name + ending) for ending in WAL_ENDINGS)]
    return [file for file in files if file.is_file()]


def name_columns(table: Table, row: Sequence[Value]) -> dict[str, Value]:
    """Return a row's values by their columns."""
    return dict(zip(table.columns, row, strict=True))


def _has_log(path: Path) -> bool:
    return path.with_name(f"{path.name}-wal").exists()


def _revive_row(row: tuple[int, ...]) -> tuple[Value, ...]:
    return tuple(_revive(value) for value in row[1:])


def _revive(value: object) -> Value:
    """SQLite hands text over as bytes here, since damaged text may be no UTF-8."""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value
    return value if isinstance(value, int | float | None) else str(value)


def _decode(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)

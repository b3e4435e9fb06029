"""An audit: texts and user ids go in, every place in a garden's files where they stand comes out.

It reads every byte that the garden has written (archive, pages, index, site, and what killed commands left
beside them) and the rows of the database, which may be damaged; it changes nothing. What the admin has
written, notes and settings, is looked through too and told apart.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from garden.archive.credentials import TOKEN_FILE, list_token_drafts
from garden.archive.event import UserId, clean_text, get_object, get_text
from garden.archive.inspection import Inspection, Table, Value, name_columns
from garden.archive.key import KEY_FILE
from garden.archive.store import CACHE_FOLDER, DATABASE_FILE
from garden.care.audit_files import Found, search_file, search_text
from garden.care.audit_spelling import Wanted, want
from garden.config import CONFIG_FILE
from garden.errors import ArchiveError, OptionError
from garden.site.upkeep import list_site_drafts

_ROWS_AT_ONCE: Final = 500
_SHORTEST_NAME: Final = 2
_NAMING_COLUMNS: Final = ("room_id", "event_id", "uri", "asked", "kind", "key")


@dataclass(frozen=True, slots=True)
class Place:
    """One file in which one text stands."""

    text: str
    """What was looked for."""
    path: str
    """The file, as seen from the garden's folder where it lies there."""
    count: int
    where: tuple[str, ...]
    """The first places in it, in words: a line, a row of the database, a field of the index."""
    is_own: bool
    """Whether the garden has written the file; otherwise the admin has."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found."""

    texts: tuple[str, ...]
    places: tuple[Place, ...]
    files: int
    size: int
    """Bytes that were read."""
    notes: tuple[str, ...] = ()
    """What could not be looked through as it should."""

    @property
    def is_clean(self) -> bool:
        """Whether no file that the garden has written holds any of the texts."""
        return not any(place.is_own for place in self.places)


def audit_garden(folder: Path, out: Path, texts: Iterable[str], *, names: bool = False) -> Audit:
    """Look for texts in everything that belongs to the garden in `folder`, whose site is in `out`.

    With `names` also for the names that the archive knows for the user ids among them. Raises `OptionError`
    where a text is blank.
    """
    asked = list(dict.fromkeys(texts))
    if not asked or not all(text.strip() for text in asked):
        raise OptionError("There is nothing to look for.", hint="Give a text or a user id: @user:server.")
    database = folder / CACHE_FOLDER / DATABASE_FILE
    if names:
        asked = list(dict.fromkeys([*asked, *find_names(database, [UserId(text) for text in asked])]))
    return _Audit(folder, [want(text) for text in asked]).run(database, out)


def find_names(database: Path, users: Iterable[UserId]) -> list[str]:
    """Return the names that members with these ids have or had in any room, as far as they are archived."""
    sought, found = frozenset(users), set[str]()
    if not database.is_file():
        return []
    try:
        with Inspection(database) as inspection:
            for table in inspection.tables:
                if table.name in {"events", "state"}:
                    found.update(_names(inspection, table, sought))
    except ArchiveError:
        return sorted(found)
    return sorted(found)


def _names(inspection: Inspection, table: Table, users: frozenset[UserId]) -> Iterator[str]:
    for row in inspection.rows(table):
        source = str(name_columns(table, row).get("source"))
        if "m.room.member" not in source or "displayname" not in source:
            continue
        event = _parse(source)
        name = get_text(event, "content", "displayname")
        if get_text(event, "state_key") in users and name and len(name.strip()) >= _SHORTEST_NAME:
            yield name.strip()


class _Audit:
    """One run over all files."""

    def __init__(self, folder: Path, wanted: Sequence[Wanted]) -> None:
        self._folder = folder
        self._wanted = wanted
        self._places: list[Place] = []
        self._notes: list[str] = []
        self._files = self._size = 0

    def run(self, database: Path, out: Path) -> Audit:
        cache = self._folder / CACHE_FOLDER
        site = Path(os.path.realpath(out))
        for root in (cache, site, *list_site_drafts(out), *list_token_drafts(self._folder)):
            self._search_tree(root, is_own=True)
        if database.is_file():
            self._search_rows(database)
        for name in (CONFIG_FILE, TOKEN_FILE, "notes", "themes"):
            self._search_tree(self._folder / name, is_own=False)
        texts = tuple(each.text for each in self._wanted)
        return Audit(texts, tuple(self._places), self._files, self._size, tuple(self._notes))

    def _search_tree(self, root: Path, *, is_own: bool) -> None:
        for path in _walk(root):
            if path == self._folder / CACHE_FOLDER / KEY_FILE:
                # The garden's own secret, which names nobody.
                continue
            named = [Found() for _ in self._wanted]
            if path != root:
                search_text(path.name, self._wanted, named, "its name")
            self._note(path, named, is_own=is_own)
            if path.is_symlink():
                linked = [Found() for _ in self._wanted]
                search_text(os.fspath(path.readlink()), self._wanted, linked, "what it links to")
                self._note(path, linked, is_own=is_own)
            elif path.is_file():
                self._search_file(path, is_own=is_own)

    def _search_file(self, path: Path, *, is_own: bool) -> None:
        is_index = path.parent == self._folder / CACHE_FOLDER / "search"
        try:
            found = search_file(path, self._wanted, is_index=is_index)
            self._size += path.stat().st_size
        except FileNotFoundError:
            return
        except OSError as error:
            self._notes.append(f"{self._name(path)} could not be read: {error.strerror}")
            return
        self._files += 1
        self._note(path, found, is_own=is_own)

    def _search_rows(self, database: Path) -> None:
        """Look through the rows, too: a long text is parted between pages, and a row says whose it is."""
        found = [Found() for _ in self._wanted]
        try:
            with Inspection(database) as inspection:
                for table in inspection.tables:
                    _search_table(inspection, table, self._wanted, found)
                damaged = sorted(inspection.losses.gaps)
        except ArchiveError:
            damaged = ["all tables"]
        if damaged:
            self._notes.append(
                f"{self._name(database)} is damaged: rows of {', '.join(damaged)} could not be read;"
                " its bytes were looked through"
            )
        self._note(database, found, is_own=True)

    def _note(self, path: Path, found: Sequence[Found], *, is_own: bool) -> None:
        for wanted, each in zip(self._wanted, found, strict=True):
            if each.count:
                place = Place(wanted.text, self._name(path), each.count, tuple(each.spots), is_own)
                self._places.append(place)

    def _name(self, path: Path) -> str:
        real, home = Path(os.path.realpath(path.parent), path.name), Path(os.path.realpath(self._folder))
        return clean_text((real.relative_to(home) if real.is_relative_to(home) else path).as_posix())


def _search_table(
    inspection: Inspection, table: Table, wanted: Sequence[Wanted], found: Sequence[Found]
) -> None:
    batch: list[tuple[Value, ...]] = []
    for row in inspection.rows(table):
        batch.append(row)
        if len(batch) == _ROWS_AT_ONCE:
            _search_batch(table, batch, wanted, found)
            batch = []
    _search_batch(table, batch, wanted, found)


def _search_batch(
    table: Table, rows: Sequence[tuple[Value, ...]], wanted: Sequence[Wanted], found: Sequence[Found]
) -> None:
    """Most rows hold nothing: they are looked through all at once."""
    together = b"\n".join(map(_spell_row, rows))
    for number, each in enumerate(wanted):
        if each.is_in(together):
            for row in rows:
                if each.is_in(_spell_row(row)):
                    found[number].add(_describe_row(table, row))


def _spell_row(row: Sequence[Value]) -> bytes:
    parts = (each if isinstance(each, bytes) else str(each).encode("utf-8", "replace") for each in row)
    return b"\n".join(parts).lower()


def _describe_row(table: Table, row: Sequence[Value]) -> str:
    values = name_columns(table, row)
    kind = values.get("type") or get_text(_parse(str(values.get("source"))), "type")
    naming = [str(values[name]) for name in _NAMING_COLUMNS if values.get(name)]
    naming += [f"({kind})"] if isinstance(kind, str) else []
    return clean_text(" ".join([f"table {table.name}", *naming]))


def _parse(text: str) -> object:
    try:
        return get_object(json.loads(text))
    except (ValueError, RecursionError):
        return None


def _walk(root: Path) -> Iterator[Path]:
    """Yield a file, or a folder with everything in it; links are not followed."""
    if root.is_symlink() or root.is_file():
        yield root
        return
    for parent, folders, names in os.walk(root):
        yield from (Path(parent, name) for name in sorted((*folders, *names)))

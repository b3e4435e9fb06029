"""Archives of earlier gardens: a database in an old format comes in, the same events in the present one stay.

Which files are shown is read anew from the kept events. Pictures that are here stay, and are fetched once
more by the next sync, which measures what was not measured before. What is here arrived by the room's last
sync at the latest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from garden.archive.database import MEDIA_SCHEMA, SCHEMA_VERSION, WISH_SCHEMA, Database
from garden.archive.entry import Entry, parse_source, relate
from garden.archive.event import RoomId
from garden.archive.media_uses import MediaUses

_PAGE: Final = 1000
"""Rows read at a time."""

_WITH_FORMS: Final = 2
"""The format that knows forms of media and who speaks."""


def migrate(database: Database) -> None:
    """Bring a database into the present format, all or nothing; one that is in it stays as it is.

    Where that fails it is closed, since nobody else has it yet.
    """
    if database.version() == SCHEMA_VERSION:
        return
    try:
        with database.transaction():
            known = database.version()
            if known < _WITH_FORMS:
                _note_speakers_and_forms(database)
            if known < SCHEMA_VERSION:
                _note_arrivals_and_wishes(database)
            database.run(f"PRAGMA user_version = {SCHEMA_VERSION}")
    except BaseException:
        database.close()
        raise


def _note_speakers_and_forms(database: Database) -> None:
    """From format 1, which knew pictures only and not who speaks."""
    database.run("ALTER TABLE events ADD COLUMN speaker TEXT")
    database.run("ALTER TABLE media RENAME TO media_before")
    database.run("DROP TABLE media_uses")
    database.run_script(MEDIA_SCHEMA)
    database.run(
        "INSERT INTO media (uri, form, digest, mimetype, width, height, size)"
        " SELECT uri, 'picture', digest, mimetype, width, height, size FROM media_before"
        " WHERE digest IS NOT NULL"
    )
    database.run("DROP TABLE media_before")
    uses = MediaUses(database)
    for room_id, entry in _entries(database, "events"):
        database.run(
            "UPDATE events SET speaker = ? WHERE room_id = ? AND event_id = ?",
            entry.speaker,
            room_id,
            entry.event_id,
        )
        uses.note(room_id, entry.event_id, entry.source)
    for room_id, entry in _entries(database, "state"):
        uses.note(room_id, entry.event_id, entry.source)


def _note_arrivals_and_wishes(database: Database) -> None:
    """From format 2, which knew neither when events had arrived nor any wish, and took order for proof."""
    database.run("ALTER TABLE events ADD COLUMN arrived_at INTEGER")
    database.run("ALTER TABLE events ADD COLUMN withheld INTEGER NOT NULL DEFAULT 0")
    database.run("ALTER TABLE events ADD COLUMN veil TEXT")
    database.run("ALTER TABLE events ADD COLUMN was_open INTEGER")
    database.run("ALTER TABLE rooms ADD COLUMN forgotten_leave TEXT")
    database.run("ALTER TABLE rooms ADD COLUMN in_doubt INTEGER NOT NULL DEFAULT 0")
    database.run_script(WISH_SCHEMA)
    for room_id, entry in _entries(database, "events"):
        database.run(
            "UPDATE events SET arrived_at ="
            " (SELECT MIN(synced_at, ?1) FROM rooms WHERE rooms.room_id = ?2)"
            " WHERE room_id = ?2 AND event_id = ?3 AND from_server = 1",
            entry.sent_at,
            room_id,
            entry.event_id,
        )


def _entries(database: Database, table: str) -> Iterator[tuple[RoomId, Entry]]:
    last = 0
    while rows := database.rows(
        f"SELECT rowid, room_id, source FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT ?",  # noqa: S608
        last,
        _PAGE,
    ):
        yield from ((RoomId(row[1]), relate(parse_source(row[2]))) for row in rows)
        last = rows[-1][0]

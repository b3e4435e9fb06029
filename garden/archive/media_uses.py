"""Which events show which files: an event's JSON comes in, rows of `media_uses` stay, answers go out.

A row lives as long as its event has content; what nobody shows any more is neither fetched nor kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from garden.archive.database import Database
from garden.archive.event import EventId, JsonObject, MediaForm, MxcUri, RoomId
from garden.archive.shown_media import find_media

_COUNTS: Final = """
    (media_uses.member IS NULL OR EXISTS (
        SELECT 1 FROM events AS w WHERE w.room_id = media_uses.room_id AND w.speaker = media_uses.member))
"""
"""An avatar is shown beside words only: of who has none in a room, none is needed."""

_NEEDED: Final = f"SELECT 1 FROM media_uses WHERE uri = media.uri AND form = media.form AND {_COUNTS}"  # noqa: S608 - a constant


@dataclass(frozen=True, slots=True)
class DeclaredMedia:
    """What those who show a file say about it."""

    size: int | None = None
    """In bytes, the smallest that is declared; None where somebody declares none."""
    is_text: bool = False
    """Whether all of them declare plain text."""


class MediaUses:
    """The rows of `media_uses`. Writing is meant to happen inside a transaction of the store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, room_id: RoomId, event_id: str, source: JsonObject) -> None:
        """Write down what an event shows."""
        for shown in find_media(source):
            self._database.run(
                "INSERT OR IGNORE INTO media_uses"
                " (uri, form, room_id, event_id, member, declared_size, declared_text)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                shown.uri,
                shown.form,
                room_id,
                event_id,
                shown.member,
                shown.size,
                shown.is_text,
            )

    def forget(self, room_id: RoomId, event_id: str) -> None:
        """Take back what an event showed."""
        self._database.run("DELETE FROM media_uses WHERE room_id = ? AND event_id = ?", room_id, event_id)

    def list_missing(self, room_id: RoomId, max_bytes: int) -> list[tuple[MxcUri, MediaForm, EventId]]:
        """Return what a room shows and nobody has fetched, each with the first event that shows it.

        Pictures from before average colours and thumbnails were kept count as not fetched, and so does what
        was larger than a limit below `max_bytes`.
        """
        rows = self._database.rows(
            f"""
            SELECT uri, form, media_uses.event_id, MIN(COALESCE(e.position, 1 << 62)) AS place
            FROM media_uses
            LEFT JOIN events AS e ON e.room_id = media_uses.room_id AND e.event_id = media_uses.event_id
            WHERE media_uses.room_id = ? AND {_COUNTS}
                AND (e.position IS NOT NULL OR EXISTS (SELECT 1 FROM state AS s
                    WHERE s.room_id = media_uses.room_id AND s.event_id = media_uses.event_id))
                AND NOT EXISTS (SELECT 1 FROM media AS m
                    WHERE m.uri = media_uses.uri AND m.form = media_uses.form
                    AND NOT (m.form = 'picture' AND m.digest IS NOT NULL AND m.color IS NULL)
                    AND NOT (m.digest IS NULL AND COALESCE(m.size, ?) < ?))
            GROUP BY uri, form ORDER BY place, uri, form
            """,  # noqa: S608 - only the constant above is put in
            room_id,
            max_bytes,
            max_bytes,
        )
        return [(MxcUri(row[0]), MediaForm(row[1]), EventId(row[2])) for row in rows]

    def list_kept(self, room_id: RoomId) -> list[MxcUri]:
        """Return the addresses that a room shows and whose files are here, in whatever form, each once."""
        rows = self._database.rows(
            "SELECT DISTINCT uri FROM media_uses JOIN media USING (uri, form)"
            " WHERE room_id = ? AND digest IS NOT NULL ORDER BY uri",
            room_id,
        )
        return [MxcUri(row[0]) for row in rows]

    def declared(self, uri: MxcUri, form: MediaForm) -> DeclaredMedia:
        """Return what is said about a file by everybody who shows it.

        The smallest size, so that nobody can make somebody else's file too large by lying about it.
        """
        row = self._database.row(
            "SELECT MIN(COALESCE(declared_size, -1)), MIN(declared_text) FROM media_uses"
            " WHERE uri = ? AND form = ?",
            uri,
            form,
        )
        size, is_text = row or (None, None)
        return DeclaredMedia(size if size is not None and size >= 0 else None, bool(is_text))

    def remove_unused(self) -> None:
        """Forget what events showed that are in no timeline and no state, then files that nobody shows."""
        self._database.run(
            "DELETE FROM media_uses WHERE NOT EXISTS (SELECT 1 FROM events AS e"
            " WHERE e.room_id = media_uses.room_id AND e.event_id = media_uses.event_id)"
            " AND NOT EXISTS (SELECT 1 FROM state AS s"
            " WHERE s.room_id = media_uses.room_id AND s.event_id = media_uses.event_id)"
        )
        self._database.run(f"DELETE FROM media WHERE NOT EXISTS ({_NEEDED})")  # noqa: S608 - a constant

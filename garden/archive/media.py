"""Pictures on disk: clean pictures come in under a Matrix address, files under `content_cache/media` stay.

A file is named by the digest of its bytes, so two uploads of one picture are one file, and a file that no
event with content refers to any more is unlinked.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from garden.archive.database import Database
from garden.archive.event import EventId, MxcUri, RoomId
from garden.archive.picture import Picture
from garden.errors import ArchiveError

_EXTENSIONS: Final = {
    "image/avif": "avif",
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
}


@dataclass(frozen=True, slots=True)
class MediaRecord:
    """What the archive knows about one `mxc:` address."""

    uri: MxcUri
    digest: str | None = None
    """SHA-256 of the file's bytes in hexadecimal; None where there is no file."""
    mimetype: str | None = None
    width: int | None = None
    """In pixels."""
    height: int | None = None
    size: int | None = None
    """In bytes."""
    problem: str | None = None
    """Why there is no file and will be none."""


_COLUMNS: Final = tuple(field.name for field in fields(MediaRecord))


class MediaShelf:
    """The rows of `media` and the files beside the database."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder

    def find(self, uri: MxcUri) -> MediaRecord | None:
        """Return what is known about an address, or None where it was never fetched."""
        row = self._database.row(f"SELECT {', '.join(_COLUMNS)} FROM media WHERE uri = ?", uri)  # noqa: S608
        return MediaRecord(*row) if row else None

    def list_missing(self, room_id: RoomId) -> list[tuple[MxcUri, EventId]]:
        """Return the addresses that a room's events show and nobody has fetched, each with one such event."""
        rows = self._database.rows(
            "SELECT u.uri, u.event_id FROM media_uses AS u"
            " JOIN events AS e ON e.room_id = u.room_id AND e.event_id = u.event_id"
            " WHERE u.room_id = ? AND NOT EXISTS (SELECT 1 FROM media AS m WHERE m.uri = u.uri)"
            " GROUP BY u.uri HAVING e.position = MIN(e.position) ORDER BY e.position, u.uri",
            room_id,
        )
        return [(MxcUri(uri), EventId(event_id)) for uri, event_id in rows]

    def list_kept(self, room_id: RoomId) -> list[MxcUri]:
        """Return the addresses that a room's events show and whose files are here."""
        rows = self._database.rows(
            "SELECT DISTINCT uri FROM media_uses JOIN media USING (uri)"
            " WHERE room_id = ? AND digest IS NOT NULL ORDER BY uri",
            room_id,
        )
        return [MxcUri(row[0]) for row in rows]

    def keep(self, uri: MxcUri, picture: Picture) -> MediaRecord:
        """Write a picture's file, then its row."""
        record = MediaRecord(
            uri=uri,
            digest=hashlib.sha256(picture.data).hexdigest(),
            mimetype=picture.mimetype,
            width=picture.width,
            height=picture.height,
            size=len(picture.data),
        )
        path = self.path(record)
        try:
            _write_beside(path, picture.data)
        except OSError as error:
            raise _explain(path, error) from error
        self._save(record)
        return record

    def refuse(self, uri: MxcUri, problem: str) -> MediaRecord:
        """Note why an address has no picture, so that it is not asked for at every sync."""
        record = MediaRecord(uri=uri, problem=problem)
        self._save(record)
        return record

    def path(self, record: MediaRecord) -> Path:
        """Return where a record's file lies; raises `ValueError` where the record has none."""
        if record.digest is None or record.mimetype is None:
            raise ValueError(f"{record.uri} has no file")
        return self._folder / record.digest[:2] / f"{record.digest}.{_EXTENSIONS[record.mimetype]}"

    def remove_unused(self) -> None:
        """Forget addresses that nothing shows any more and unlink every file that no row names."""
        self._database.run("DELETE FROM media WHERE uri NOT IN (SELECT uri FROM media_uses)")
        rows = self._database.rows(f"SELECT {', '.join(_COLUMNS)} FROM media WHERE digest IS NOT NULL")  # noqa: S608
        used = {self.path(MediaRecord(*row)) for row in rows}
        for path in sorted(self._folder.rglob("*"), reverse=True):
            try:
                if path.is_dir() and not any(path.iterdir()):
                    path.rmdir()
                elif not path.is_dir() and path not in used:
                    path.unlink()
            except OSError as error:
                raise _explain(path, error) from error

    def _save(self, record: MediaRecord) -> None:
        self._database.run(
            f"INSERT OR REPLACE INTO media ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})",  # noqa: S608
            *(getattr(record, name) for name in _COLUMNS),
        )


def _write_beside(path: Path, data: bytes) -> None:
    """Write next to the target, then replace it, so that no half file ever has the name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _explain(path: Path, error: OSError) -> ArchiveError:
    return ArchiveError(
        f"{path} cannot be written: {error.strerror}",
        hint="Free some disk space or make content_cache/media writable, then run the command again.",
    )

"""Files on disk: clean files come in under a Matrix address and a form, `content_cache/media` keeps them.

A file is named by the digest of its bytes, so two uploads of one picture are one file, and a file that no
event with content refers to any more is unlinked. What a file is called comes from its measured type alone,
so that no host serves a stranger's bytes as anything that runs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from garden.archive.clean_file import CleanFile, MediaReason
from garden.archive.database import Database
from garden.archive.event import MediaForm, MxcUri, RoomId
from garden.archive.media_uses import MediaUses
from garden.archive.picture import Picture, scale_to_thumb
from garden.archive.recording import Recording
from garden.durable import make_folder, replace_file
from garden.errors import ArchiveError

_EXTENSIONS: Final = {
    "image/avif": "avif",
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "audio/aac": "aac",
    "audio/flac": "flac",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/webm": "webm",
    "application/octet-stream": "bin",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "text/plain": "txt",
}
"""Every type that is ever published, and the ending of its files; nothing here is active in a browser."""


@dataclass(frozen=True, slots=True)
class MediaRecord:
    """What the archive knows about one `mxc:` address in one form."""

    uri: MxcUri
    form: MediaForm = MediaForm.PICTURE
    digest: str | None = None
    """SHA-256 of the file's bytes in hexadecimal; None where there is no file."""
    mimetype: str | None = None
    """As measured, never as declared."""
    width: int | None = None
    """In pixels, of pictures and of recordings with a picture."""
    height: int | None = None
    size: int | None = None
    """In bytes; of what was too large, the limit that it is larger than; below 0 where there is no file and
    the homeserver is to be asked once more."""
    color: str | None = None
    """A picture's average, `#rrggbb`; empty where it is transparent; None for what is no picture."""
    thumb_digest: str | None = None
    """SHA-256 of a smaller WebP's bytes, where there is one."""
    duration_ms: int | None = None
    """Of recordings, as measured."""
    reason: MediaReason | None = None
    """Why there is no file, in one word."""
    problem: str | None = None
    """Why there is no file and will be none, for people."""

    @property
    def shown_size(self) -> tuple[int | None, int | None]:
        """Width and height, in pixels, of what a page shows: of the smaller picture where there is one."""
        if self.thumb_digest is None or self.width is None or self.height is None:
            return self.width, self.height
        return scale_to_thumb(self.width, self.height)


_ASK_AGAIN: Final = -1

_COLUMNS: Final = tuple(field.name for field in fields(MediaRecord))


class MediaShelf:
    """The rows of `media` and the files beside the database."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder

    def find(self, uri: MxcUri, form: MediaForm) -> MediaRecord | None:
        """Return what is known about an address in a form, or None where it was never fetched."""
        row = self._database.row(
            f"SELECT {', '.join(_COLUMNS)} FROM media WHERE uri = ? AND form = ?",  # noqa: S608
            uri,
            form,
        )
        return _read(row) if row else None

    def keep(self, uri: MxcUri, form: MediaForm, file: CleanFile) -> MediaRecord:
        """Write a file, and a picture's smaller one, then the row."""
        thumb = file.thumb if isinstance(file, Picture) else None
        record = MediaRecord(
            uri=uri,
            form=form,
            digest=_digest(file.data),
            mimetype=file.mimetype,
            width=file.width if isinstance(file, Picture | Recording) else None,
            height=file.height if isinstance(file, Picture | Recording) else None,
            size=len(file.data),
            color=file.color if isinstance(file, Picture) else None,
            thumb_digest=_digest(thumb) if thumb is not None else None,
            duration_ms=file.duration_ms if isinstance(file, Recording) else None,
        )
        _write(self.path(record), file.data)
        if thumb is not None:
            _write(self.thumb_path(record), thumb)
        self._save(record)
        return record

    def refuse(
        self,
        uri: MxcUri,
        form: MediaForm,
        problem: str,
        reason: MediaReason,
        limit: int | None = None,
    ) -> MediaRecord:
        """Note why an address has no file, so that it is not asked for at every sync."""
        record = MediaRecord(uri, form, size=limit, reason=reason, problem=problem)
        self._save(record)
        return record

    def withdraw(self, uri: MxcUri, problem: str) -> None:
        """Note that an address has no file any more, in no form."""
        rows = self._database.rows("SELECT form FROM media WHERE uri = ? AND digest IS NOT NULL", uri)
        for row in rows:
            self.refuse(uri, MediaForm(row[0]), problem, "not-found")

    def ask_again(self, room_id: RoomId) -> None:
        """Have what a room shows and the homeserver did not give, or gave broken, asked for once more.

        What is wrong on the way for a moment would otherwise cost a picture for ever. Not recordings that
        nobody could read: to try that takes time, and somebody may have made them to.
        """
        self._database.run(
            "UPDATE media SET size = ? WHERE digest IS NULL"
            " AND (reason = 'not-found' OR form != 'recording' OR size IS NOT NULL) AND EXISTS"
            " (SELECT 1 FROM media_uses WHERE uri = media.uri AND form = media.form AND room_id = ?)",
            _ASK_AGAIN,
            room_id,
        )

    def path(self, record: MediaRecord) -> Path:
        """Return where a record's file lies; raises `ValueError` where the record has none."""
        if record.digest is None or record.mimetype is None:
            raise ValueError(f"{record.uri} has no file")
        return self._place(record.digest, record.mimetype)

    def thumb_path(self, record: MediaRecord) -> Path:
        """Return where a record's smaller picture lies; raises `ValueError` where the record has none."""
        if record.thumb_digest is None:
            raise ValueError(f"{record.uri} has no thumbnail")
        return self._place(record.thumb_digest, "image/webp")

    def remove_unused(self) -> None:
        """Forget addresses that nothing shows any more and unlink every file that no row names."""
        MediaUses(self._database).remove_unused()
        rows = self._database.rows(f"SELECT {', '.join(_COLUMNS)} FROM media WHERE digest IS NOT NULL")  # noqa: S608
        used = {path for row in rows for path in self._paths(_read(row))}
        try:
            for path in sorted(self._folder.rglob("*"), reverse=True):
                if path.is_dir() and not any(path.iterdir()):
                    path.rmdir()
                elif not path.is_dir() and path not in used:
                    path.unlink()
        except OSError as error:
            raise _explain(self._folder, error) from error

    def _paths(self, record: MediaRecord) -> Iterable[Path]:
        yield self.path(record)
        if record.thumb_digest is not None:
            yield self.thumb_path(record)

    def _place(self, digest: str, mimetype: str) -> Path:
        return self._folder / digest[:2] / f"{digest}.{_EXTENSIONS[mimetype]}"

    def _save(self, record: MediaRecord) -> None:
        self._database.run(
            f"INSERT OR REPLACE INTO media ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})",  # noqa: S608
            *(getattr(record, name) for name in _COLUMNS),
        )


def _read(row: tuple[object, ...]) -> MediaRecord:
    values = dict(zip(_COLUMNS, row, strict=True))
    return MediaRecord(**values | {"form": MediaForm(str(values["form"]))})  # type: ignore[arg-type]


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _write(path: Path, data: bytes) -> None:
    """Make a file durable before its row can be: a row without its file would never be fetched again."""
    try:
        make_folder(path.parent)
        replace_file(path, data)
    except OSError as error:
        raise _explain(path, error) from error


def _explain(path: Path, error: OSError) -> ArchiveError:
    return ArchiveError(
        f"{error.filename or path} cannot be written: {error.strerror}",
        hint="Free some disk space or make content_cache/media writable, then run the command again.",
    )

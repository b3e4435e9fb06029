"""The files of an archive: clean files come in under a Matrix address and a form, records and paths go out.

Which events show a file and where it lies on disk are two tables; this is what the rest of garden sees.
"""

from __future__ import annotations

from pathlib import Path

from garden.archive.clean_file import CleanFile, MediaReason
from garden.archive.database import Database
from garden.archive.event import EventId, MediaForm, MxcUri, RoomId
from garden.archive.media import MediaRecord, MediaShelf
from garden.archive.media_uses import DeclaredMedia, MediaUses


class MediaStore:
    """The files of one archive. Every method raises `ArchiveError` where the disk or SQLite fails."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._uses = MediaUses(database)
        self._shelf = MediaShelf(database, folder)

    def find(self, uri: MxcUri, form: MediaForm = MediaForm.PICTURE) -> MediaRecord | None:
        """Return what is known about an address in a form, or None where it was never fetched."""
        return self._shelf.find(uri, form)

    def list_missing(self, room_id: RoomId, max_bytes: int = 0) -> list[tuple[MxcUri, MediaForm, EventId]]:
        """Return what a room shows and nobody has fetched, each with the first event that shows it.

        With `max_bytes` also what was larger than a limit below that.
        """
        return self._uses.list_missing(room_id, max_bytes)

    def declared(self, uri: MxcUri, form: MediaForm) -> DeclaredMedia:
        """Return what those who show a file say about it."""
        return self._uses.declared(uri, form)

    def list_kept(self, room_id: RoomId) -> list[MxcUri]:
        """Return the addresses that a room shows and whose files are here, each once."""
        return self._uses.list_kept(room_id)

    def save(self, uri: MxcUri, file: CleanFile, *, form: MediaForm = MediaForm.PICTURE) -> MediaRecord:
        """Keep a file under its address."""
        return self._shelf.keep(uri, form, file)

    def refuse(
        self,
        uri: MxcUri,
        problem: str,
        *,
        form: MediaForm = MediaForm.PICTURE,
        reason: MediaReason = "unreadable",
        limit: int | None = None,
    ) -> MediaRecord:
        """Note why an address has no file, so that it is not asked for at every sync.

        `limit` is the number of bytes that it is larger than; under a higher one it is asked for again.
        """
        return self._shelf.refuse(uri, form, problem, reason, limit)

    def ask_again(self, room_id: RoomId) -> None:
        """Have what a room shows and the homeserver did not give, or gave broken, asked for once more."""
        self._shelf.ask_again(room_id)

    def withdraw(self, uri: MxcUri, problem: str) -> None:
        """Note that an address has no file any more, whatever it was shown as."""
        self._shelf.withdraw(uri, problem)

    def path(self, record: MediaRecord) -> Path:
        """Return where a file lies; raises `ValueError` where the record has none."""
        return self._shelf.path(record)

    def thumb_path(self, record: MediaRecord) -> Path:
        """Return where a picture's smaller one lies; raises `ValueError` where the record has none."""
        return self._shelf.thumb_path(record)

    def remove_unused(self) -> None:
        """Unlink every file that no event with content shows any more."""
        self._shelf.remove_unused()

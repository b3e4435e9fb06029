"""Writing to one room: what is told goes through the veil into its rows, all or nothing.

Where a name of somebody gone turns up on the way, it is covered in the same transaction wherever it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from garden.archive.database import Database
from garden.archive.event import RoomId
from garden.archive.event_rows import Origin
from garden.archive.honour import cover_new_names
from garden.archive.malformed import MalformedShelf
from garden.archive.room_records import RoomRecords
from garden.archive.state_shelf import StateShelf
from garden.archive.timeline import Arrival, Timeline
from garden.archive.veil import Veil
from garden.archive.wishes import WishShelf
from garden.errors import ArchiveError


class RoomWriter:
    """Opens the rows of a room for reading and writing."""

    def __init__(self, database: Database, wishes: WishShelf) -> None:
        self._database = database
        self._wishes = wishes
        self._records = RoomRecords(database)

    @contextmanager
    def write_timeline(self, room_id: RoomId, origin: Origin | None = None) -> Iterator[Timeline]:
        """Write to a room's timeline, all or nothing; with `origin` the room gets a record.

        Raises `ArchiveError` where the room was forgotten.
        """
        with self._write(room_id, origin) as veil:
            yield Timeline(self._database, room_id, veil)

    @contextmanager
    def write_state(self, room_id: RoomId, origin: Origin | None = None) -> Iterator[StateShelf]:
        """Write to a room's state in the same way."""
        with self._write(room_id, origin) as veil:
            yield StateShelf(self._database, room_id, veil)

    def open_timeline(self, room_id: RoomId) -> Timeline:
        """Return a room's timeline, for reading or inside a transaction."""
        return Timeline(self._database, room_id, Veil(self._wishes, room_id))

    def open_malformed(self, room_id: RoomId) -> MalformedShelf:
        """Return what is no event, for reading or inside a transaction."""
        return MalformedShelf(self._database, room_id, Veil(self._wishes, room_id))

    def find_arrival(self, room_id: RoomId, now_ms: int | None) -> Arrival | None:
        """Return when what comes now can have arrived; None where nobody says which time it is."""
        if now_ms is None:
            return None
        record = self._records.find(room_id)
        return Arrival(record.synced_at if record is not None else None, now_ms)

    @contextmanager
    def _write(self, room_id: RoomId, origin: Origin | None) -> Iterator[Veil]:
        with self._database.transaction():
            if self._wishes.is_forgotten_room(room_id):
                raise ArchiveError(
                    f"{room_id} was forgotten, and nothing of it is kept",
                    hint=f"To archive it again: garden forget --undo '{room_id}'",
                )
            if origin is not None:
                self._records.note(room_id, origin)
            veil = Veil(self._wishes, room_id, hears=origin == "homeserver")
            yield veil
            cover_new_names(self._database, self._wishes, veil.take_new_names())

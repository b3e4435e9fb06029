"""A full crawl: a room's whole history comes in once more, newest first, and what differs is mended.

Until it has ended the kept order stays as it is; then the server's order counts, and what it no longer has is
erased. A killed crawl goes on where its last batch ended.
"""

from __future__ import annotations

from collections.abc import Sequence

from garden.archive.database import Database
from garden.archive.event import EventId, JsonObject, RoomId
from garden.archive.room_records import RoomRecords
from garden.archive.timeline import Appended
from garden.archive.writing import RoomWriter


class CrawlStore:
    """The crawls of one archive. Every method raises `ArchiveError` where the disk or SQLite fails."""

    def __init__(self, database: Database, writer: RoomWriter) -> None:
        self._database = database
        self._writer = writer
        self._records = RoomRecords(database)

    def start(self, room_id: RoomId) -> None:
        """Begin to compare a room's whole history."""
        with self._database.transaction():
            self._records.note(room_id, "homeserver")
            self._database.run("UPDATE events SET crawl_position = NULL WHERE room_id = ?", room_id)
            self._writer.open_malformed(room_id).start_crawl()
            self._records.start_crawl(room_id)

    def append(
        self, room_id: RoomId, batch: Sequence[JsonObject], *, token: str | None, now_ms: int | None = None
    ) -> Appended:
        """Keep a batch, newest event first, with the token to go on from, all or nothing.

        `now_ms` as in `ArchiveStore.append`.
        """
        arrival = self._writer.find_arrival(room_id, now_ms)
        with self._writer.write_timeline(room_id, "homeserver") as timeline:
            appended = timeline.crawl(batch, arrival)
            self._records.change(room_id, crawl_token=token)
        return appended

    def finish(self, room_id: RoomId, *, crawled_at: int) -> tuple[EventId, ...]:
        """Take over the server's order and erase what it no longer has; returns the ids of that.

        `crawled_at` is in milliseconds since 1970. Where a crawl has become due meanwhile, it stays due.
        """
        with self._database.transaction():
            erased = self._writer.open_timeline(room_id).finish_crawl()
            self._records.finish_crawl(room_id, crawled_at)
        return erased

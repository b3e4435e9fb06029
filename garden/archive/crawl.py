"""A crawl: a room's history comes in once more, newest first, and what differs is mended.

Where it goes through the whole history, the kept order stays as it is until it has ended; then the server's
order counts, and what it no longer has is erased. A killed crawl goes on where its last batch ended. Where
only the end of a room is looked at, what is new is kept, and the server's order of it counts at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from garden.archive.database import Database
from garden.archive.event import EventId, JsonObject, RoomId, get_text, read_events
from garden.archive.event_rows import EventRows
from garden.archive.order import RoomOrder
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

    def knows(self, room_id: RoomId, batch: Sequence[JsonObject]) -> bool:
        """Whether the homeserver has told all of this before, in the same order; newest event first.

        Only which events there are and how they stand: of what is erased or covered here the words differ.
        """
        if any(read_events(self.list_new(room_id, batch), room_id)):
            return False
        return RoomOrder(self._database, room_id).has_in_order(_ids(batch))

    def append_end(
        self, room_id: RoomId, batch: Sequence[JsonObject], *, token: str | None, now_ms: int | None = None
    ) -> Appended:
        """Keep what is new at a room's end, newest event first, and take over the order that it has there.

        The `token` with which the stream goes on is kept with it. What is known stays as it reads here;
        `now_ms` as in `ArchiveStore.append`.
        """
        arrival = self._writer.find_arrival(room_id, now_ms)
        order = RoomOrder(self._database, room_id)
        with self._writer.write_timeline(room_id, "homeserver") as timeline:
            new = self.list_new(room_id, batch)
            appended = timeline.append(new, end="newest", origin="homeserver", arrival=arrival)
            if not order.has_in_order(_ids(batch)):
                order.note_crawled(_ids(batch))
                order.take_over_crawl()
            self._records.change(room_id, stream_token=token, history_token=None, history_done=True)
        return appended

    def list_new(self, room_id: RoomId, batch: Sequence[JsonObject]) -> list[JsonObject]:
        """Return what the homeserver has not told before, oldest first, of a batch with the newest first."""
        told = EventRows(self._database, room_id).list_told(_ids(batch))
        return [source for source in reversed(batch) if get_text(source, "event_id") not in told]


def _ids(batch: Iterable[object]) -> list[EventId]:
    """Return the ids in a batch, each once; what has none is no event."""
    ids = (get_text(source, "event_id") for source in batch)
    return list(dict.fromkeys(EventId(event_id) for event_id in ids if event_id is not None))

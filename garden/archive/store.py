"""The archive on disk: events, state and files go in by batches and stream out in the server's order.

`content_cache/events.sqlite3` and `content_cache/media/` are the only truth a garden has; everything else is
made from them. Each batch of events and the token to go on from commit together, so a killed sync loses
nothing. What is erased here is gone from the bytes of every file after `vacuum_traces`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from garden.archive.database import MOVE_AWAY, Database
from garden.archive.entry import format_source, parse_source, read_entry
from garden.archive.event import (
    Event,
    EventId,
    JsonObject,
    MalformedEventError,
    RoomId,
    get_text,
    revive_event,
)
from garden.archive.malformed import Malformed, MalformedShelf
from garden.archive.media import MediaRecord
from garden.archive.media_store import MediaStore
from garden.archive.media_uses import MediaUses
from garden.archive.migration import migrate
from garden.archive.order import End
from garden.archive.redaction import is_redacted
from garden.archive.room_records import RoomRecord, RoomRecords
from garden.archive.timeline import Appended, Origin, Timeline
from garden.errors import ArchiveError

__all__ = ["Appended", "ArchiveStore", "Cursor", "Malformed", "MediaRecord", "RoomRecord"]

CACHE_FOLDER: Final = "content_cache"
DATABASE_FILE: Final = "events.sqlite3"

_PAGE: Final = 1000
"""Rows read at a time while a room streams out."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next sync goes on; saved together with the batch that leads there."""

    stream_token: str | None = None
    history_token: str | None = None
    history_done: bool = False


class ArchiveStore:
    """One garden's archive. Every method raises `ArchiveError` where the disk or SQLite fails."""

    def __init__(self, database: Database) -> None:
        migrate(database)
        self._database = database
        self._records = RoomRecords(database)
        self._media_uses = MediaUses(database)
        self.files = MediaStore(database, database.path.parent / "media")

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the archive of the garden in `folder`; make an empty one where there is none."""
        cache = folder / CACHE_FOLDER
        try:
            cache.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ArchiveError(
                f"{cache} cannot be made: {error.strerror}", hint="Make the garden's folder writable for you."
            ) from error
        return cls(Database(cache / DATABASE_FILE))

    @classmethod
    def open_existing(cls, folder: Path) -> Self:
        """Open the archive of the garden in `folder`; raises `ArchiveError` where there is none."""
        path = folder / CACHE_FOLDER / DATABASE_FILE
        if not path.is_file():
            raise ArchiveError(
                f"{path} does not exist: nothing has been archived yet",
                hint="Run garden sync, or garden import matrix FILE.",
            )
        return cls(Database(path))

    def close(self) -> None:
        """Close the database; the store is of no use afterwards."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Rooms

    def room(self, room_id: RoomId) -> RoomRecord | None:
        """Return what is known about a room, or None."""
        return self._records.find(room_id)

    def rooms(self) -> list[RoomRecord]:
        """Return every room in the order of their first appearance."""
        return self._records.list_all()

    def save_room(self, record: RoomRecord) -> None:
        """Write a room's record, whether it was known or not."""
        self._records.save(record)

    def select(self, asked: str, room_ids: Iterable[RoomId]) -> None:
        """Remember which rooms an entry of `site.toml` (an alias, an id or a space) stands for."""
        self._records.select(asked, room_ids)

    def selected(self, asked: str) -> tuple[RoomId, ...]:
        """Return the rooms that an entry of `site.toml` stood for at the last sync, in the space's order."""
        return self._records.list_selected(asked)

    # Events

    def append(
        self,
        room_id: RoomId,
        batch: Sequence[JsonObject],
        *,
        end: End,
        cursor: Cursor | None = None,
        origin: Origin = "homeserver",
    ) -> Appended:
        """Keep a batch of events at one end of a room, with the cursor that leads on, all or nothing.

        `newest` takes the batch oldest event first, `oldest` newest first, as a homeserver gives them. Events
        that are known are compared and brought up to date where they stand; what is no event is kept aside.
        Redactions take effect at once: by the event's own sender always, by others where the server says so
        (see `open_redactions`) or where the batch comes from a file. A file never brings words back.
        """
        with self._database.transaction():
            self._records.note(room_id, origin)
            appended = self._timeline(room_id).append(batch, end=end, origin=origin)
            if cursor is not None:
                self._records.change(
                    room_id,
                    stream_token=cursor.stream_token,
                    history_token=cursor.history_token,
                    history_done=cursor.history_done,
                )
        return appended

    def append_file(
        self, room_id: RoomId, batch: Sequence[JsonObject], *, after: EventId | None = None
    ) -> Appended:
        """Keep a batch of events that a file tells, oldest first, all or nothing.

        Each new event finds its place behind the one before it in the file; `after` is the last event of the
        batch before. Where the file and the room share no event, the file goes on from the room's end.
        """
        with self._database.transaction():
            self._records.note(room_id, "import")
            return self._timeline(room_id).append_file(batch, after=after)

    def file_only_ids(self, room_id: RoomId) -> set[EventId]:
        """Return the ids of events that only files have told: no server says who may read them."""
        rows = self._database.rows(
            "SELECT event_id FROM events WHERE room_id = ? AND from_server = 0", room_id
        )
        return {EventId(row[0]) for row in rows}

    def differs(self, room_id: RoomId, batch: Iterable[JsonObject]) -> bool:
        """Whether a batch holds an event that is unknown here or that reads differently by now."""
        return self._timeline(room_id).differs(batch)

    def events(self, room_id: RoomId) -> Iterator[Event]:
        """Stream a room's events in the server's order, oldest first."""
        position = -(1 << 62)
        while rows := self._database.rows(
            "SELECT position, source FROM events WHERE room_id = ? AND position > ?"
            " ORDER BY position LIMIT ?",
            room_id,
            position,
            _PAGE,
        ):
            yield from (self._revive(row[1], room_id) for row in rows)
            position = rows[-1][0]

    def count_events(self, room_id: RoomId) -> int:
        """Count a room's events, those without words included."""
        row = self._database.row("SELECT COUNT(*) FROM events WHERE room_id = ?", room_id)
        return int(row[0]) if row else 0

    def known_ids(self, room_id: RoomId, ids: Iterable[str]) -> set[EventId]:
        """Return those of the ids that the room has, with or without words."""
        find = "SELECT 1 FROM events WHERE room_id = ? AND event_id = ?"
        return {EventId(event_id) for event_id in ids if self._database.row(find, room_id, event_id)}

    def malformed(self, room_id: RoomId) -> list[Malformed]:
        """Return what was handed over for a room and is no event."""
        return MalformedShelf(self._database, room_id).list()

    def keep_malformed(self, room_id: RoomId, source: object, reason: str) -> Malformed | None:
        """Keep aside what is no event; None where it was kept before."""
        with self._database.transaction():
            kept = MalformedShelf(self._database, room_id).keep(source, reason)
        return kept[0] if kept else None

    # State

    def state(self, room_id: RoomId) -> tuple[Event, ...]:
        """Return the room's current state events, ordered by type and key."""
        rows = self._database.rows(
            "SELECT source FROM state WHERE room_id = ? ORDER BY type, state_key", room_id
        )
        return tuple(self._revive(row[0], room_id) for row in rows)

    def replace_state(self, room_id: RoomId, sources: Iterable[JsonObject]) -> None:
        """Take over a room's whole state as the server gives it; what is no state event is kept aside."""
        with self._database.transaction():
            self._records.note(room_id, "homeserver")
            self._database.run("DELETE FROM state WHERE room_id = ?", room_id)
            self.apply_state(room_id, sources)

    def apply_state(self, room_id: RoomId, sources: Iterable[JsonObject]) -> None:
        """Take over the state events among what came by the stream."""
        with self._database.transaction():
            for source in sources:
                try:
                    entry = self._timeline(room_id).settle(read_entry(source, room_id))
                except MalformedEventError as error:
                    MalformedShelf(self._database, room_id).keep(source, str(error))
                    continue
                state_key = get_text(entry.source, "state_key")
                if state_key is not None:
                    self._database.run(
                        "INSERT OR REPLACE INTO state (room_id, type, state_key, event_id, source)"
                        " VALUES (?, ?, ?, ?, ?)",
                        room_id,
                        get_text(entry.source, "type"),
                        state_key,
                        entry.event_id,
                        format_source(entry.source),
                    )
                    self._media_uses.forget(room_id, entry.event_id)
                    self._media_uses.note(room_id, entry.event_id, entry.source)

    # Erasing

    def open_redactions(self, room_id: RoomId) -> tuple[EventId, ...]:
        """Return the targets of redactions on which the server has to be asked, see `settle_redaction`."""
        return self._timeline(room_id).list_open_redactions()

    def settle_redaction(self, room_id: RoomId, target: EventId, answer: JsonObject | None) -> None:
        """Act on what the server says about the target of a redaction.

        `answer` is the target as the server shows it by now; None where it shows nothing at all.
        """
        with self._database.transaction():
            timeline = self._timeline(room_id)
            if answer is not None and self.known_ids(room_id, (target,)):
                timeline.append([answer], end="newest", origin="homeserver")
            timeline.rule(target, counts=answer is None or is_redacted(answer))

    def erase(self, room_id: RoomId, event_ids: Iterable[EventId]) -> None:
        """Empty events whose words are gone from the server; the ids stay, so they are not taken for new."""
        with self._database.transaction():
            self._timeline(room_id).erase(event_ids)

    def erase_room(self, room_id: RoomId) -> None:
        """Erase every word of a room; its record stays, with nothing to go on from."""
        with self._database.transaction():
            for table in ("events", "state", "malformed", "media_uses"):
                self._database.run(f"DELETE FROM {table} WHERE room_id = ?", room_id)  # noqa: S608
            record = self.room(room_id)
            if record is not None:
                self.save_room(
                    RoomRecord(record.room_id, record.origin, record.visibility, problem=record.problem)
                )
            self._database.run("INSERT INTO traces VALUES (1)")

    def vacuum_traces(self) -> None:
        """Make sure that no erased byte is left in any file of the archive; call it after the last change.

        SQLite overwrites what is deleted, but promises nothing about copies that were left where rows moved
        from page to page. So where something was erased since the last time, the whole file is written anew,
        and the log is cut.
        """
        if self._database.row("SELECT 1 FROM traces"):
            self._database.run("VACUUM")
            self._database.run("DELETE FROM traces")
        self._database.row("PRAGMA wal_checkpoint(TRUNCATE)")

    # A full crawl

    def start_crawl(self, room_id: RoomId) -> None:
        """Begin to compare a room's whole history; until `finish_crawl` the kept order stays as it is."""
        with self._database.transaction():
            self._records.note(room_id, "homeserver")
            self._database.run("UPDATE events SET crawl_position = NULL WHERE room_id = ?", room_id)
            MalformedShelf(self._database, room_id).start_crawl()
            self._records.change(room_id, crawling=True, crawl_token=None)

    def append_crawled(self, room_id: RoomId, batch: Sequence[JsonObject], *, token: str | None) -> Appended:
        """Keep a batch of a full crawl, newest event first, with the token to go on from, all or nothing."""
        with self._database.transaction():
            appended = self._timeline(room_id).crawl(batch)
            self._records.change(room_id, crawl_token=token)
        return appended

    def finish_crawl(self, room_id: RoomId, *, crawled_at: int) -> tuple[EventId, ...]:
        """Take over the server's order and erase what it no longer has; returns the ids of that.

        `crawled_at` is in milliseconds since 1970.
        """
        with self._database.transaction():
            erased = self._timeline(room_id).finish_crawl()
            self._records.change(
                room_id, crawling=False, crawl_token=None, history_done=True, crawled_at=crawled_at
            )
        return erased

    def _timeline(self, room_id: RoomId) -> Timeline:
        return Timeline(self._database, room_id)

    def _revive(self, text: str, room_id: RoomId) -> Event:
        try:
            return revive_event(parse_source(text), room_id)
        except (ValueError, RecursionError) as error:
            raise ArchiveError(
                f"{self._database.path} holds a row that is no event: {error}",
                hint=MOVE_AWAY,
            ) from error

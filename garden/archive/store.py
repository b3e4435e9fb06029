"""The archive on disk: events, state and files go in by batches and stream out in the server's order.

`content_cache/events.sqlite3` and `content_cache/media/` are the only truth a garden has; everything else is
made from them. Each batch of events and the token to go on from commit together, so a killed sync loses
nothing. What is erased here is gone from the bytes of every file after `vacuum_traces`.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from garden.archive.crawl import CrawlStore
from garden.archive.database import Database
from garden.archive.emptied import shorten_command
from garden.archive.entry import parse_source
from garden.archive.event import Event, EventId, JsonObject, RoomId, revive_event
from garden.archive.event_rows import Origin, list_withheld
from garden.archive.hollow import BLANK, BLANK_BESIDE_FILE
from garden.archive.honour import count_traces, drop_room, erase_room, honour_wishes
from garden.archive.inspection import REPAIR
from garden.archive.key import GardenKey
from garden.archive.malformed import Malformed
from garden.archive.media import MediaRecord
from garden.archive.media_store import MediaStore
from garden.archive.memory import Memory
from garden.archive.migration import migrate
from garden.archive.openings import Openings
from garden.archive.order import End
from garden.archive.redaction import is_redacted
from garden.archive.room_records import RoomRecord, RoomRecords
from garden.archive.timeline import Appended
from garden.archive.wishes import Kind, WishShelf
from garden.archive.writing import RoomWriter
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

    def __init__(self, database: Database, key: str = "") -> None:
        migrate(database)
        cache = database.path.parent
        self._database = database
        self._records = RoomRecords(database)
        self._memory = Memory(database)
        self._key = GardenKey(cache, key, self._memory)
        self.files = MediaStore(database, cache / "media")
        self.wishes = WishShelf(database, self._key)
        self._writer = RoomWriter(database, self.wishes)
        self.crawls = CrawlStore(database, self._writer)
        self.openings = Openings(database)

    @classmethod
    def open(cls, folder: Path, key: str = "") -> Self:
        """Open the archive of the garden in `folder`; make an empty one where there is none.

        `key` is what `GARDEN_KEY` says; empty where the garden makes its own, see `garden.archive.key`.
        """
        cache = folder / CACHE_FOLDER
        try:
            cache.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ArchiveError(
                f"{cache} cannot be made: {error.strerror}", hint="Make the garden's folder writable for you."
            ) from error
        return cls(Database(cache / DATABASE_FILE), key)

    @classmethod
    def open_existing(cls, folder: Path, key: str = "") -> Self:
        """Open the archive of the garden in `folder`; raises `ArchiveError` where there is none."""
        path = folder / CACHE_FOLDER / DATABASE_FILE
        if not path.is_file():
            raise ArchiveError(
                f"{path} does not exist: nothing has been archived yet",
                hint="Run garden sync, or garden import matrix FILE.",
            )
        return cls(Database(path), key)

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

    def make_crawl_due(self, room_id: RoomId) -> None:
        """Have a room's whole history compared by the next sync; a room from files has no server to ask."""
        self._records.make_crawl_due(room_id)

    def select(self, asked: str, room_ids: Iterable[RoomId]) -> None:
        """Remember which rooms an entry of `site.toml` (an alias, an id or a space) stands for.

        Of a room that was forgotten nothing is remembered.
        """
        kept = [room_id for room_id in room_ids if not self.wishes.is_forgotten_room(room_id)]
        self._records.select(asked, kept)

    def selected(self, asked: str) -> tuple[RoomId, ...]:
        """Return the rooms that an entry of `site.toml` stood for at the last sync, in the space's order."""
        return self._records.list_selected(asked)

    def keep_selections(self, asked: Iterable[str]) -> None:
        """Forget what entries stood for that are not among these."""
        self._records.drop_selections(asked)

    # Events

    def append(
        self,
        room_id: RoomId,
        batch: Sequence[JsonObject],
        *,
        end: End,
        cursor: Cursor | None = None,
        origin: Origin = "homeserver",
        now_ms: int | None = None,
    ) -> Appended:
        """Keep a batch of events at one end of a room, with the cursor that leads on, all or nothing.

        `newest` takes the batch oldest event first, `oldest` newest first, as a homeserver gives them. Events
        that are known are compared and brought up to date where they stand; what is no event is kept aside.
        Redactions take effect at once: by the event's own sender always, by others where the server says so
        (see `open_redactions`) or where the batch comes from a file. A file never brings words back, and
        nothing brings back what a wish forbids. `now_ms` is the time, in milliseconds since 1970, for
        `Event.arrived_at`. Raises `ArchiveError` where the room was forgotten.
        """
        with self._writer.write_timeline(room_id, origin) as timeline:
            appended = timeline.append(
                batch, end=end, origin=origin, arrival=self._writer.find_arrival(room_id, now_ms)
            )
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
        with self._writer.write_timeline(room_id, "import") as timeline:
            return timeline.append_file(batch, after=after)

    def file_only_ids(self, room_id: RoomId) -> set[EventId]:
        """Return the ids of events that only files have told: no server says who may read them."""
        rows = self._database.rows(
            "SELECT event_id FROM events WHERE room_id = ? AND from_server = 0", room_id
        )
        return {EventId(row[0]) for row in rows}

    def events(self, room_id: RoomId) -> Iterator[Event]:
        """Stream a room's events in the server's order, oldest first."""
        position = -(1 << 62)
        while rows := self._database.rows(
            "SELECT position, source, arrived_at FROM events WHERE room_id = ? AND position > ?"
            " ORDER BY position LIMIT ?",
            room_id,
            position,
            _PAGE,
        ):
            for _, text, arrived_at in rows:
                event = self._revive(text, room_id)
                yield event if arrived_at is None else replace(event, arrived_at=arrived_at)
            position = rows[-1][0]

    def event_ids(self, room_id: RoomId) -> Iterator[EventId]:
        """Yield the ids of a room's events, in no order; this is quicker than reading the events."""
        rows = self._database.rows("SELECT event_id FROM events WHERE room_id = ?", room_id)
        yield from (EventId(row[0]) for row in rows)

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
        return self._writer.open_malformed(room_id).list()

    def keep_malformed(self, room_id: RoomId, source: object, reason: str) -> Malformed | None:
        """Keep aside what is no event; None where it was kept before or a wish forbids it."""
        with self._database.transaction():
            kept = self._writer.open_malformed(room_id).keep(source, reason)
        return kept[0] if kept else None

    # State

    def state(self, room_id: RoomId) -> tuple[Event, ...]:
        """Return the room's current state events, ordered by type and key."""
        rows = self._database.rows(
            "SELECT source FROM state WHERE room_id = ? ORDER BY type, state_key", room_id
        )
        return tuple(self._revive(row[0], room_id) for row in rows)

    def find_state(self, room_id: RoomId, event_type: str, state_key: str) -> Event | None:
        """Return the current state event of a type and key, or None."""
        row = self._database.row(
            "SELECT source FROM state WHERE room_id = ? AND type = ? AND state_key = ?",
            room_id,
            event_type,
            state_key,
        )
        return self._revive(row[0], room_id) if row else None

    def replace_state(self, room_id: RoomId, sources: Iterable[JsonObject]) -> None:
        """Take over a room's whole state as the server gives it; what is no state event is kept aside."""
        with self._writer.write_state(room_id, "homeserver") as shelf:
            shelf.clear()
            shelf.apply(sources)

    def apply_state(self, room_id: RoomId, sources: Iterable[JsonObject]) -> None:
        """Take over the state events among what came by the stream or from a file."""
        with self._writer.write_state(room_id) as shelf:
            shelf.apply(sources)

    # Erasing

    def open_redactions(self, room_id: RoomId) -> tuple[EventId, ...]:
        """Return the targets of redactions on which the server has to be asked, see `settle_redaction`."""
        return self._writer.open_timeline(room_id).list_open_redactions()

    def settle_redaction(self, room_id: RoomId, target: EventId, answer: JsonObject | None) -> None:
        """Act on what the server says about the target of a redaction.

        `answer` is the target as the server shows it by now; None where it shows nothing at all.
        """
        with self._writer.write_timeline(room_id) as timeline:
            if answer is not None and self.known_ids(room_id, (target,)):
                timeline.append([answer], end="newest", origin="homeserver")
            timeline.rule(target, counts=answer is None or is_redacted(answer))

    def erase(self, room_id: RoomId, event_ids: Iterable[EventId]) -> None:
        """Empty events whose words are gone from the server; the ids stay, so they are not taken for new."""
        with self._database.transaction():
            self._writer.open_timeline(room_id).erase(event_ids)

    def shorten_commands(self, room_id: RoomId, event_ids: Iterable[EventId]) -> None:
        """Leave of messages to the garden, and of edits that made one of them, nothing but the first word."""
        with self._database.transaction():
            self._writer.open_timeline(room_id).erase(event_ids, shorten_command)

    def erase_wordings(
        self, room_id: RoomId, event_ids: Iterable[EventId], *, keep_file: Container[EventId] = ()
    ) -> None:
        """Blank wordings that an edit has replaced, of messages and of earlier edits; the words stay away.

        What they belong to stays, and of those in `keep_file` which file they show. Once the edit that
        replaced them is taken back, the room's history is due to be compared, and they may come back.
        """
        with self._writer.write_timeline(room_id) as timeline:
            for event_id in event_ids:
                timeline.withhold(event_id, BLANK_BESIDE_FILE if event_id in keep_file else BLANK)

    def release_wordings(self, room_id: RoomId, event_ids: Iterable[EventId]) -> None:
        """Let words come back that are away since an edit had replaced them; a crawl is due then."""
        with self._writer.write_timeline(room_id) as timeline:
            for event_id in event_ids:
                timeline.release(event_id)

    def blanked(self, room_id: RoomId) -> set[EventId]:
        """Return the ids of the events whose words are away since an edit has replaced them."""
        return list_withheld(self._database, room_id)

    def silence_room(self, room_id: RoomId, *, but: Container[str]) -> None:
        """Leave of a room only what was there when, and its events and state of these types.

        Unlike `erase_room` for one that can be read and asks not to be: the next sync goes on from here. What
        only a file has told stays.
        """
        with self._writer.write_timeline(room_id) as timeline, self._writer.write_state(room_id) as shelf:
            timeline.silence(but)
            shelf.silence(but)
            self._writer.open_malformed(room_id).silence()

    def erase_room(self, room_id: RoomId) -> None:
        """Erase every word of a room; its record stays, with nothing to go on from."""
        with self._database.transaction():
            erase_room(self._database, room_id)
            record = self.room(room_id)
            if record is not None:
                self.save_room(
                    RoomRecord(record.room_id, record.origin, record.visibility, problem=record.problem)
                )

    def drop_room(self, room_id: RoomId) -> None:
        """Erase a room, its record, and which entries of `site.toml` stood for it."""
        drop_room(self._database, room_id)

    def vacuum_traces(self) -> None:
        """Make sure that no erased byte is left in any file of the archive; call it after the last change.

        SQLite overwrites what is deleted, but promises nothing about copies that were left where rows moved
        from page to page. So where something was erased since the last time, the whole file is written anew,
        and the log is cut. All of that lasts through a power cut.
        """
        if self._database.row("SELECT 1 FROM traces"):
            self._database.run("VACUUM")
            self._database.run("DELETE FROM traces")
        self._database.cut_log()

    # Wishes

    def honour_wishes(self) -> None:
        """Make everything that is here as the wishes ask, and let back in what was taken back.

        Files that nothing shows any more and erased bytes go with `files.remove_unused`, `vacuum_traces`.
        """
        honour_wishes(self._database, self.wishes)

    def count_traces(self, kind: Kind, identifier: str) -> int:
        """Count the rows that name somebody, or that hold something of an event or of a room."""
        return count_traces(self._database, kind, identifier)

    def digest(self, kind: str, text: str) -> str:
        """Return a text's keyed digest, 64 hexadecimal digits, see `GardenKey.digest`."""
        return self._key.digest(kind, text)

    # What else is remembered

    def is_settled(self, fingerprint: str) -> bool:
        """Whether no event, state or wish has changed since `note_settled` with the same fingerprint."""
        return self._memory.is_settled(fingerprint)

    def note_settled(self, fingerprint: str) -> None:
        """Note that everything here is as settings, wishes and rooms ask."""
        self._memory.note_settled(fingerprint)

    def recall(self, name: str) -> str | None:
        """Return a small text that is remembered under a name, or None."""
        return self._memory.recall(name)

    def remember(self, name: str, text: str) -> None:
        """Remember a small text under a name."""
        self._memory.remember(name, text)

    def _revive(self, text: str, room_id: RoomId) -> Event:
        try:
            return revive_event(parse_source(text), room_id)
        except (ValueError, RecursionError) as error:
            raise ArchiveError(
                f"{self._database.path} holds a row that is no event: {error}",
                hint=REPAIR,
            ) from error

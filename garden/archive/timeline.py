"""A room's events as rows: batches of raw JSON come in, rows in the server's order stay, erased words go.

Positions count up from the newest event and down from the oldest, so a room's order never depends on how its
history was cut into batches. What a redaction erases is settled here, whatever order things arrive in: a row
is written as `_Timeline.settle` says, and every row that it bears on is then settled again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from garden.archive.database import Database
from garden.archive.entry import (
    EDIT,
    REDACTION,
    Entry,
    format_source,
    parse_source,
    read_entry,
    relate,
)
from garden.archive.event import EventId, JsonObject, MalformedEventError, RoomId, get_object, get_text
from garden.archive.malformed import Malformed, MalformedShelf
from garden.archive.media_uses import MediaUses
from garden.archive.order import End, RoomOrder
from garden.archive.redaction import prune_source, strip_reply_quotes

Origin = Literal["homeserver", "import"]


@dataclass(frozen=True, slots=True)
class Appended:
    """What one batch changed."""

    new: tuple[EventId, ...] = ()
    """Events that the archive did not have, in the batch's order."""
    changed: tuple[EventId, ...] = ()
    """Events whose content the archive had differently."""
    malformed: tuple[Malformed, ...] = ()
    """What could not be read and was not seen before."""


class Timeline:
    """The rows of one room. Every method is meant to run inside a transaction of the store."""

    def __init__(self, database: Database, room_id: RoomId) -> None:
        self._database = database
        self._room_id = room_id
        self._malformed = MalformedShelf(database, room_id)
        self._order = RoomOrder(database, room_id)
        self._media_uses = MediaUses(database)

    def append(self, batch: Sequence[object], *, end: End, origin: Origin) -> Appended:
        """Keep a batch at one end of the room; see `ArchiveStore.append`."""
        step = 1 if end == "newest" else -1
        place = self._order.find_end(end) + step
        new: list[EventId] = []
        changed: list[EventId] = []
        malformed: list[Malformed] = []
        for source in batch:
            try:
                entry = read_entry(source, self._room_id)
            except MalformedEventError as error:
                malformed += self._malformed.keep(source, str(error))
                continue
            if not self._is_known(entry.event_id):
                self._insert(entry, place, origin)
                place += step
                new.append(EventId(entry.event_id))
            elif self._update(entry, origin):
                changed.append(EventId(entry.event_id))
        return Appended(tuple(new), tuple(changed), tuple(malformed))

    def append_file(self, batch: Sequence[JsonObject], *, after: EventId | None) -> Appended:
        """Keep a batch of a file, oldest event first; see `ArchiveStore.append_file`."""
        ids = [EventId(str(get_text(source, "event_id"))) for source in batch]
        known = [event_id for event_id in ids if self._is_known(event_id)]
        newest = self._order.find_newest()
        appended = self.append(batch, end="newest", origin="import")
        if appended.new and newest is not None:
            if after is None:
                after = self._order.find_before(known[0]) if known else newest
            if known or after != newest:
                self._order.place_new(ids, appended.new, after)
        return appended

    def differs(self, batch: Iterable[object]) -> bool:
        """Whether a batch holds an event that is unknown here, or that reads differently."""
        for source in batch:
            try:
                entry = read_entry(source, self._room_id)
            except MalformedEventError:
                continue
            kept = self._find(entry.event_id)
            if kept is None or (self.settle(entry).source != kept.source and not kept.redacted):
                return True
        return False

    def crawl(self, batch: Sequence[object]) -> Appended:
        """Keep a batch of a full crawl, newest event first, and note its order beside the kept one."""
        appended = self.append(batch, end="oldest", origin="homeserver")
        self._order.note_crawled(get_text(source, "event_id") for source in batch)
        return appended

    def finish_crawl(self) -> tuple[EventId, ...]:
        """Take over the crawl's order, erase what the server no longer has, and return the ids of that.

        What only a file has told stays, behind the event that it stood behind before.
        """
        gone = self._database.rows(
            "SELECT event_id FROM events"
            " WHERE room_id = ? AND crawl_position IS NULL AND from_server = 1 AND redacted = 0",
            self._room_id,
        )
        self.erase(EventId(row[0]) for row in gone)
        self._malformed.finish_crawl()
        self._order.take_over_crawl()
        return tuple(EventId(row[0]) for row in gone)

    def erase(self, event_ids: Iterable[EventId]) -> None:
        """Empty events whose words are gone from the server; their ids stay known."""
        for event_id in event_ids:
            entry = self._find(event_id)
            if entry is not None:
                emptied = entry.source | {"content": {}}
                emptied.pop("unsigned", None)
                self._write(relate(emptied))
                self._spread(event_id)

    def rule(self, target: EventId, *, counts: bool) -> None:
        """Write down whether redactions of `target` by others than its sender count, and act on it."""
        self._database.run(
            "UPDATE events SET counts = ?"
            " WHERE room_id = ? AND relates_to = ? AND rel_type = ? AND counts IS NULL",
            counts,
            self._room_id,
            target,
            REDACTION,
        )
        self._resettle(target)
        self._spread(target)

    def list_open_redactions(self) -> tuple[EventId, ...]:
        """Targets that somebody else than their sender redacted, on which the server has not been asked.

        A target that the archive does not have matters only where an edit of it or a reply to it is kept.
        """
        rows = self._database.rows(
            """
            SELECT DISTINCT r.relates_to FROM events AS r
            LEFT JOIN events AS t ON t.room_id = r.room_id AND t.event_id = r.relates_to
            WHERE r.room_id = ? AND r.rel_type = 'm.room.redaction' AND r.counts IS NULL AND (
                t.redacted = 0 OR (t.event_id IS NULL AND (
                    EXISTS (SELECT 1 FROM events AS x WHERE x.room_id = r.room_id
                        AND x.relates_to = r.relates_to AND x.rel_type = 'm.replace' AND x.redacted = 0)
                    OR EXISTS (SELECT 1 FROM events AS x WHERE x.room_id = r.room_id
                        AND x.replies_to = r.relates_to AND x.redacted = 0)
                )))
            ORDER BY r.relates_to
            """,
            self._room_id,
        )
        return tuple(EventId(row[0]) for row in rows)

    def _insert(self, entry: Entry, place: int, origin: Origin) -> None:
        """Add a row, still without its words, then settle it into its final form."""
        self._database.run(
            "INSERT INTO events (room_id, position, event_id, source, redacted, from_server)"
            " VALUES (?, ?, ?, '', 0, ?)",
            self._room_id,
            place,
            entry.event_id,
            origin == "homeserver",
        )
        self._write(self.settle(entry))
        self._after_write(entry, origin)

    def _update(self, entry: Entry, origin: Origin) -> bool:
        """Bring a known event up to date; a file can only take words away, never bring them back."""
        kept = self._find(entry.event_id)
        settled = self.settle(entry)
        if origin == "homeserver":
            self._database.run(
                "UPDATE events SET from_server = 1 WHERE room_id = ? AND event_id = ? AND from_server = 0",
                self._room_id,
                entry.event_id,
            )
        elif not settled.redacted:
            return False
        if (
            kept is None
            or kept.source == settled.source
            or (kept.redacted and settled.redacted and origin == "import")
        ):
            return False
        self._write(settled)
        self._after_write(entry, origin)
        return True

    def _after_write(self, entry: Entry, origin: Origin) -> None:
        self._malformed.forget(entry.event_id)
        if entry.rel_type == REDACTION and entry.relates_to:
            self._malformed.forget(entry.relates_to)
            if origin == "import":
                self.rule(EventId(entry.relates_to), counts=True)
            self._resettle(entry.relates_to)
            self._spread(entry.relates_to)
        self._spread(entry.event_id)

    def settle(self, entry: Entry) -> Entry:
        """Give an event the form that everything the archive knows by now leaves it in."""
        because = self._find_redaction(entry)
        if because is not None:
            return relate(prune_source(entry.source, because))
        if entry.redacted:
            return entry
        if entry.rel_type == EDIT and entry.relates_to and self._is_gone(entry.relates_to):
            target = self._find(entry.relates_to)
            because = get_object(target.source, "unsigned", "redacted_because") if target else None
            return relate(prune_source(entry.source, because))
        if self._answers_something_gone(entry):
            content = strip_reply_quotes(get_object(entry.source, "content") or {})
            return replace(entry, source=entry.source | {"content": content})
        return entry

    def _find_redaction(self, entry: Entry) -> JsonObject | None:
        """Find the redaction that took this event's words, as the server named it or as the rules say."""
        told = get_object(entry.source, "unsigned", "redacted_because")
        if told is not None:
            return told
        rows = self._database.rows(
            "SELECT source, counts FROM events WHERE room_id = ? AND relates_to = ? AND rel_type = ?",
            self._room_id,
            entry.event_id,
            REDACTION,
        )
        sources = [(parse_source(row[0]), row[1]) for row in rows]
        counting = [s for s, counts in sources if counts or get_text(s, "sender") == entry.sender]
        return min(
            counting, key=lambda s: (str(s.get("origin_server_ts")), str(s.get("event_id"))), default=None
        )

    def _is_gone(self, event_id: str) -> bool:
        """Whether an event's words are gone: its row says so, or, never seen, a redaction of it counts."""
        row = self._database.row(
            "SELECT redacted FROM events WHERE room_id = ? AND event_id = ?", self._room_id, event_id
        )
        if row is not None:
            return bool(row[0])
        return bool(
            self._database.row(
                "SELECT 1 FROM events WHERE room_id = ? AND relates_to = ? AND rel_type = ? AND counts = 1",
                self._room_id,
                event_id,
                REDACTION,
            )
        )

    def _answers_something_gone(self, entry: Entry) -> bool:
        """Whether this is a reply, or an edit of a reply, to an event whose words are gone."""
        answered = entry.replies_to
        if answered is None and entry.rel_type == EDIT and entry.relates_to:
            row = self._database.row(
                "SELECT replies_to FROM events WHERE room_id = ? AND event_id = ?",
                self._room_id,
                entry.relates_to,
            )
            answered = row[0] if row else None
        return answered is not None and self._is_gone(answered)

    def _resettle(self, event_id: str) -> bool:
        entry = self._find(event_id)
        if entry is None:
            return False
        settled = self.settle(entry)
        if settled.source == entry.source:
            return False
        self._write(settled)
        return True

    def _spread(self, event_id: str) -> None:
        """Settle again what edits or answers an event that is gone, and what edits such an answer."""
        open_ids, done = [event_id], set[str]()
        while open_ids:
            current = open_ids.pop()
            if current not in done:
                done.add(current)
                dependents = self._find_dependents(current)
                for dependent in dependents:
                    self._resettle(dependent)
                open_ids += dependents

    def _find_dependents(self, event_id: str) -> list[str]:
        edits = self._ids("relates_to = ? AND rel_type = 'm.replace'", event_id)
        if self._is_gone(event_id):
            return edits + self._ids("replies_to = ?", event_id)
        entry = self._find(event_id) if edits else None
        return edits if entry is not None and self._answers_something_gone(entry) else []

    def _ids(self, condition: str, value: str) -> list[str]:
        sql = f"SELECT event_id FROM events WHERE room_id = ? AND {condition} ORDER BY event_id"  # noqa: S608
        return [row[0] for row in self._database.rows(sql, self._room_id, value)]

    def _find(self, event_id: str) -> Entry | None:
        row = self._database.row(
            "SELECT source FROM events WHERE room_id = ? AND event_id = ?", self._room_id, event_id
        )
        return relate(parse_source(row[0])) if row else None

    def _is_known(self, event_id: str) -> bool:
        return (
            self._database.row(
                "SELECT 1 FROM events WHERE room_id = ? AND event_id = ?", self._room_id, event_id
            )
            is not None
        )

    def _write(self, entry: Entry) -> None:
        """Put an event into its row, which exists, and everywhere else where its words stand."""
        key = (self._room_id, entry.event_id)
        source = format_source(entry.source)
        replaced = self._database.run(
            "INSERT INTO traces SELECT 1 FROM events"
            " WHERE room_id = ? AND event_id = ? AND source NOT IN ('', ?)",
            *key,
            source,
        )
        self._database.run(
            "UPDATE events SET source = ?, relates_to = ?, rel_type = ?, replies_to = ?, redacted = ?,"
            " speaker = ? WHERE room_id = ? AND event_id = ?",
            source,
            entry.relates_to,
            entry.rel_type,
            entry.replies_to,
            entry.redacted,
            entry.speaker,
            *key,
        )
        if replaced:
            self._database.run("UPDATE state SET source = ? WHERE room_id = ? AND event_id = ?", source, *key)
            self._media_uses.forget(*key)
        self._media_uses.note(*key, entry.source)

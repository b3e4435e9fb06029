"""A room's events as rows: batches of raw JSON come in, rows in the server's order stay, erased words go.

Positions count up from the newest event and down from the oldest, so a room's order never depends on how its
history was cut into batches. What a redaction erases is settled here, whatever order things arrive in: a row
is written as `Timeline.settle` says, and every row that it bears on is then settled again. Nothing reaches
this far that a wish forbids: every event passes the veil first.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace

from garden.archive.database import Database
from garden.archive.emptied import empty_source
from garden.archive.entry import EDIT, REDACTION, Entry, parse_source, read_entry
from garden.archive.event import (
    EventId,
    JsonObject,
    MalformedEventError,
    RoomId,
    UserId,
    get_object,
    get_text,
)
from garden.archive.event_rows import EventRows, Origin
from garden.archive.hollow import BLANK_BESIDE_FILE, RELEASED, blank_wording, hollow_source
from garden.archive.malformed import Malformed, MalformedShelf
from garden.archive.order import End, RoomOrder
from garden.archive.redaction import prune_source, strip_reply_quotes
from garden.archive.room_records import RoomRecords
from garden.archive.veil import COVERED, LIFTED, Veil

_Leave = Callable[[JsonObject], dict[str, object]]
"""Says what is left of an event."""


@dataclass(frozen=True, slots=True)
class Appended:
    """What one batch changed."""

    new: tuple[EventId, ...] = ()
    """Events that the archive did not have, in the batch's order."""
    changed: tuple[EventId, ...] = ()
    """Events whose content the archive had differently."""
    malformed: tuple[Malformed, ...] = ()
    """What could not be read and was not seen before."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """When the events of a batch can have arrived, in milliseconds since 1970."""

    last: int | None
    """When the room was last brought up to date; None where it never was."""
    now: int

    def clamp(self, sent_at: int) -> int:
        """Return when an event arrived that says when it was sent; neither past nor future can be forged.

        The clock may have been ahead at the last sync.
        """
        earliest = min(self.last, self.now) if self.last is not None else 0
        return max(earliest, min(sent_at, self.now))


class Timeline:
    """The rows of one room. Every method is meant to run inside a transaction of the store."""

    def __init__(self, database: Database, room_id: RoomId, veil: Veil) -> None:
        self._database = database
        self._room_id = room_id
        self._veil = veil
        self._rows = EventRows(database, room_id)
        self._malformed = MalformedShelf(database, room_id, veil)
        self._order = RoomOrder(database, room_id)

    def read(self, source: object) -> Entry:
        """Check an event's JSON and return what wishes leave of it; raises `MalformedEventError`."""
        return self._veil.drape(read_entry(source, self._room_id))

    def append(
        self, batch: Sequence[object], *, end: End, origin: Origin, arrival: Arrival | None = None
    ) -> Appended:
        """Keep a batch at one end of the room; see `ArchiveStore.append`."""
        step = 1 if end == "newest" else -1
        place = self._order.find_end(end) + step
        new: list[EventId] = []
        changed: list[EventId] = []
        malformed: list[Malformed] = []
        for source in batch:
            try:
                entry = self.read(source)
            except MalformedEventError as error:
                malformed += self._malformed.keep(source, str(error))
                continue
            arrived_at = arrival.clamp(entry.sent_at) if arrival is not None else None
            kept = self._rows.find(entry.event_id)
            if kept is None:
                self._rows.add(entry.event_id, place, origin, arrived_at)
                self._rows.write(self.settle(entry, is_told=True))
                self._after_write(entry, origin)
                place += step
                new.append(EventId(entry.event_id))
            elif self._update(entry, kept, origin, arrived_at):
                changed.append(EventId(entry.event_id))
        return Appended(tuple(new), tuple(changed), tuple(malformed))

    def append_file(self, batch: Sequence[JsonObject], *, after: EventId | None) -> Appended:
        """Keep a batch of a file, oldest event first; see `ArchiveStore.append_file`."""
        ids = [EventId(str(get_text(source, "event_id"))) for source in batch]
        known = [event_id for event_id in ids if self._rows.is_known(event_id)]
        newest = self._order.find_newest()
        appended = self.append(batch, end="newest", origin="import")
        if appended.new and newest is not None:
            if after is None:
                after = self._order.find_before(known[0]) if known else newest
            if known or after != newest:
                self._order.place_new(ids, appended.new, after)
        return appended

    def crawl(self, batch: Sequence[object], arrival: Arrival | None = None) -> Appended:
        """Keep a batch of a full crawl, newest event first, and note its order beside the kept one."""
        appended = self.append(batch, end="oldest", origin="homeserver", arrival=arrival)
        self._order.note_crawled(get_text(source, "event_id") for source in batch)
        return appended

    def finish_crawl(self) -> tuple[EventId, ...]:
        """Take over the crawl's order, erase what the server no longer has, and return the ids of that.

        What only a file has told stays, behind the event that it stood behind before. Of state, the server
        says elsewhere whether it still holds: an emptied row would say that it does not.
        """
        gone = self._database.rows(
            "SELECT event_id FROM events"
            " WHERE room_id = ? AND crawl_position IS NULL AND from_server = 1 AND redacted = 0",
            self._room_id,
        )
        for row in gone:
            kept = self._rows.find(row[0])
            self._release_for(kept)
            if kept is not None and get_text(kept.source, "state_key") is not None:
                self._rows.remove(kept.event_id)
        self.erase(EventId(row[0]) for row in gone)
        # Edits that were told before their message; now nothing of that is still to come.
        for event_id in self._rows.list_edits_of_emptied():
            self._resettle(event_id)
        self._malformed.finish_crawl()
        self._order.take_over_crawl()
        return tuple(EventId(row[0]) for row in gone)

    def erase(self, event_ids: Iterable[EventId], leave: _Leave = empty_source) -> None:
        """Empty events, but for what rules the room, or what else has to be left; their ids stay known."""
        for event_id in event_ids:
            kept = self._rows.find(event_id)
            if kept is not None:
                emptied = kept.become(leave(kept.source))
                if emptied.source != kept.source:
                    self._rows.write(emptied)
                    self._spread(event_id)

    def silence(self, but: Container[str]) -> None:
        """Leave of all that the server has told only that it was there, but of events of these types."""
        for kept in self._rows.list_all():
            hollow = hollow_source(kept.source)
            is_heard = kept.source["type"] not in but and kept.source != hollow
            if is_heard and not self._rows.is_from_file(kept.event_id):
                self._rows.write(kept.become(hollow))

    def withhold(self, event_id: EventId, mark: int) -> None:
        """Blank the wording of a message or of an edit, until `release` says otherwise."""
        kept = self._rows.find(event_id)
        if kept is not None and not kept.redacted and kept.withheld != mark:
            self._write(self.settle(replace(kept, withheld=mark)), kept)

    def release(self, event_id: str) -> None:
        """Let the words of a message and of its edits come back, and have the room's history compared."""
        sql = "UPDATE events SET withheld = ? WHERE room_id = ? AND withheld > 0 AND"
        key = (RELEASED, self._room_id, event_id)
        if self._database.run(f"{sql} event_id = ? AND redacted = 0", *key):
            self._database.run(f"{sql} relates_to = ? AND rel_type = 'm.replace'", *key)
            RoomRecords(self._database).make_crawl_due(self._room_id)

    def honour(self) -> None:
        """Apply the wishes to what is kept."""
        for kept in self._rows.list_all():
            if self._replace(kept, self._veil.drape(kept)):
                self._spread(kept.event_id)

    def cover_again(self, user: UserId) -> None:
        """Cover a name of somebody gone that has just become known, where somebody was covered before."""
        for kept in self._rows.list_veiled(COVERED, LIFTED):
            self._replace(kept, self._veil.drape_again(kept, user))

    def lift(self, wish: str) -> None:
        """Let back in what a wish has changed that is none any more: a crawl or a file brings it."""
        self._rows.remove_hollow(wish)
        self._database.run(
            "UPDATE events SET veil = ? WHERE room_id = ? AND veil = ?", LIFTED, self._room_id, COVERED
        )
        RoomRecords(self._database).make_crawl_due(self._room_id)

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

    def _update(self, entry: Entry, kept: Entry, origin: Origin, arrived_at: int | None) -> bool:
        """Bring a known event up to date.

        A file can only take words away, never bring them back, but for those that it may tell again.
        """
        settled = self._settle_as(kept, entry)
        if origin == "homeserver":
            self._rows.note_told(entry.event_id, arrived_at)
        elif not settled.redacted and not self._may_return(kept):
            return False
        if kept.source == settled.source or (kept.redacted and settled.redacted and origin == "import"):
            return False
        self._write(settled, kept)
        self._after_write(entry, origin)
        return True

    def _settle_as(self, kept: Entry, entry: Entry) -> Entry:
        """Settle what is told again of a row; words that an edit has replaced stay away."""
        entry = replace(entry, withheld=kept.withheld) if kept.withheld > 0 else entry
        return self.settle(entry, is_told=True)

    def _may_return(self, kept: Entry) -> bool:
        is_free = kept.withheld == RELEASED or kept.veil == LIFTED
        return is_free and self._rows.is_from_file(kept.event_id)

    def _after_write(self, entry: Entry, origin: Origin) -> None:
        self._malformed.forget(entry.event_id)
        if entry.rel_type == REDACTION and entry.relates_to:
            self._malformed.forget(entry.relates_to)
            if origin == "import":
                self.rule(EventId(entry.relates_to), counts=True)
            self._resettle(entry.relates_to)
            self._spread(entry.relates_to)
        self._spread(entry.event_id)

    def settle(self, entry: Entry, *, is_told: bool = False) -> Entry:
        """Give an event the form that everything the archive knows by now leaves it in.

        An edit that is told just now stays where its message is only empty: that may be told again next.
        """
        because = self._find_redaction(entry)
        if because is not None:
            return entry.become(prune_source(entry.source, self._veil.cover(because)))
        if entry.redacted:
            return entry
        if entry.rel_type == EDIT and entry.relates_to and self._is_gone(entry.relates_to, for_good=is_told):
            target = self._rows.find(entry.relates_to)
            because = get_object(target.source, "unsigned", "redacted_because") if target else None
            covered = self._veil.cover(because) if because is not None else None
            return entry.become(prune_source(entry.source, covered))
        if entry.withheld > 0:
            keeps_file = entry.withheld == BLANK_BESIDE_FILE
            return entry.become(blank_wording(entry.source, keeps_file=keeps_file))
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

    def _is_gone(self, event_id: str, *, for_good: bool = False) -> bool:
        """Whether an event's words are gone: its row says so, or, never seen, a redaction of it counts.

        `for_good` leaves out those of which nobody says that they were removed or left out by wish.
        """
        row = self._database.row(
            "SELECT redacted, veil, source FROM events WHERE room_id = ? AND event_id = ?",
            self._room_id,
            event_id,
        )
        if row is not None:
            is_hollow = row[1] not in {None, COVERED, LIFTED}
            return bool(row[0]) and (not for_good or is_hollow or '"redacted_because":' in row[2])
        return self._veil.is_forgotten(event_id) or bool(
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

    def _resettle(self, event_id: str) -> None:
        kept = self._rows.find(event_id)
        if kept is not None:
            self._replace(kept, kept)

    def _replace(self, kept: Entry, entry: Entry) -> bool:
        """Write a row anew where it reads differently once it is settled."""
        settled = self.settle(entry)
        if settled.source == kept.source:
            return False
        self._write(settled, kept)
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
        edits = self._rows.find_ids("relates_to = ? AND rel_type = 'm.replace'", event_id)
        if self._is_gone(event_id):
            return edits + self._rows.find_ids("replies_to = ?", event_id)
        kept = self._rows.find(event_id) if edits else None
        return edits if kept is not None and self._answers_something_gone(kept) else []

    def _write(self, entry: Entry, kept: Entry) -> None:
        """Rewrite a row; where the words of an edit go, those that it had replaced may come back."""
        self._rows.write(entry)
        if entry.redacted and not kept.redacted:
            self._release_for(kept)

    def _release_for(self, edit: Entry | None) -> None:
        """Let the words come back that an edit had replaced which is gone now; others' edits never did."""
        if edit is not None and edit.rel_type == EDIT and edit.relates_to:
            target = self._rows.find(edit.relates_to)
            if target is not None and target.sender == edit.sender:
                self.release(edit.relates_to)

"""A room's current state: raw state events come in, one row for each type and key stays."""

from __future__ import annotations

from collections.abc import Container, Iterable

from garden.archive.database import Database
from garden.archive.entry import Entry, format_source, parse_source, relate
from garden.archive.event import JsonObject, MalformedEventError, RoomId, get_text
from garden.archive.malformed import MalformedShelf
from garden.archive.media_uses import MediaUses
from garden.archive.memory import Memory
from garden.archive.timeline import Timeline
from garden.archive.veil import Veil


class StateShelf:
    """The rows of one room in `state`. Every method is meant to run inside a transaction of the store."""

    def __init__(self, database: Database, room_id: RoomId, veil: Veil) -> None:
        self._database = database
        self._room_id = room_id
        self._veil = veil
        self._timeline = Timeline(database, room_id, veil)
        self._media_uses = MediaUses(database)

    def clear(self) -> None:
        """Remove all rows: the server tells the whole state anew."""
        self._database.run("DELETE FROM state WHERE room_id = ?", self._room_id)
        Memory(self._database).unsettle()

    def apply(self, sources: Iterable[JsonObject]) -> None:
        """Take over the state events among what came; what is no event is kept aside."""
        for source in sources:
            try:
                entry = self._timeline.settle(self._timeline.read(source))
            except MalformedEventError as error:
                MalformedShelf(self._database, self._room_id, self._veil).keep(source, str(error))
                continue
            self._write(entry)

    def honour(self) -> None:
        """Apply the wishes to what is kept; of who is gone no state stays."""
        for (text,) in self._database.rows("SELECT source FROM state WHERE room_id = ?", self._room_id):
            kept = relate(parse_source(text))
            draped = self._veil.drape(kept)
            if draped.source != kept.source:
                self._remove(kept)
                self._write(draped)

    def silence(self, but: Container[str]) -> None:
        """Remove the state of all types but these."""
        for (text,) in self._database.rows("SELECT source FROM state WHERE room_id = ?", self._room_id):
            kept = relate(parse_source(text))
            if kept.source["type"] not in but:
                self._remove(kept)

    def _write(self, entry: Entry) -> None:
        """Write a row; what is no state event, or none any more under the veil, has none."""
        state_key = get_text(entry.source, "state_key")
        if state_key is None:
            return
        self._database.run(
            "INSERT OR REPLACE INTO state (room_id, type, state_key, event_id, source)"
            " VALUES (?, ?, ?, ?, ?)",
            self._room_id,
            get_text(entry.source, "type"),
            state_key,
            entry.event_id,
            format_source(entry.source),
        )
        self._media_uses.forget(self._room_id, entry.event_id)
        self._media_uses.note(self._room_id, entry.event_id, entry.source)
        Memory(self._database).unsettle()

    def _remove(self, entry: Entry) -> None:
        self._database.run(
            "DELETE FROM state WHERE room_id = ? AND event_id = ?", self._room_id, entry.event_id
        )
        self._media_uses.forget(self._room_id, entry.event_id)
        self._database.run("INSERT INTO traces VALUES (1)")
        Memory(self._database).unsettle()

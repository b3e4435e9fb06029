"""Openings travel: a room's kept order comes in, questions for the homeserver go out, and answers come back.

The order of a room is no proof that something was said in the open. Who is cut off while a room is opened
goes on in private, and what they say then stands behind the opening once it comes. The world is not told it;
an account that is in the room is. So behind each opening the events of each homeserver are in doubt, up to
the first of them that was sent in the open: what a homeserver knows it does not forget.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from garden.archive.database import Database
from garden.archive.event import NOBODY, EventId, RoomId
from garden.archive.memory import Memory
from garden.archive.room_records import RoomRecords
from garden.archive.source import RoomSource
from garden.archive.vocabulary import WORLD_READABLE

_SHARED: Final = frozenset({"shared", WORLD_READABLE})
"""What lets everybody who is in a room read all that is sent."""
_ALL: Final = "*"
"""Instead of a homeserver's name: every one."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What the doubts need of one event."""

    event_id: EventId
    server: str
    type: str
    visibility: str | None
    """What it makes of the room's visibility; None where it says nothing of it."""
    was_open: bool | None
    """What the homeserver has said of it; None where it has not been asked."""


class Openings:
    """The answers that are kept. Every method raises `ArchiveError` where the disk or SQLite fails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._records = RoomRecords(database)

    def list_doubts(self, room_id: RoomId) -> list[tuple[EventId, ...]]:
        """Return the events to ask about: of each homeserver in turn, up to one that was sent in the open."""
        return _find_doubts(self._list_told(room_id))

    def note(self, room_id: RoomId, event_id: EventId, *, was_open: bool) -> None:
        """Keep what the homeserver said of an event."""
        with self._database.transaction():
            self._database.run(
                "UPDATE events SET was_open = ? WHERE room_id = ? AND event_id = ?",
                was_open,
                room_id,
                event_id,
            )
            Memory(self._database).unsettle()

    def list_private(self, room_id: RoomId) -> set[EventId]:
        """Return the events that stand behind an opening and that it had not reached.

        Where the homeserver was to be asked and has not been, as after a sync that was killed, all that is in
        doubt is among them.
        """
        rows = self._database.rows("SELECT event_id FROM events WHERE room_id = ? AND was_open = 0", room_id)
        private = {EventId(row[0]) for row in rows}
        record = self._records.find(room_id)
        if record is not None and record.in_doubt:
            private.update(*self.list_doubts(room_id))
        return private

    def _list_told(self, room_id: RoomId) -> Iterator[_Told]:
        """Yield what a homeserver has told of a room, in its order; those who are gone have no words left."""
        rows = self._database.rows(
            """
            SELECT event_id, json_extract(source, '$.sender'), json_extract(source, '$.type'),
                CASE WHEN json_extract(source, '$.type') = 'm.room.history_visibility'
                    AND json_extract(source, '$.state_key') = ''
                THEN COALESCE(json_extract(source, '$.content.history_visibility'), 'shared') END,
                was_open
            FROM events WHERE room_id = ? AND from_server = 1 ORDER BY position
            """,
            room_id,
        )
        for event_id, sender, event_type, visibility, was_open in rows:
            if sender != NOBODY or visibility is not None:
                server = str(sender).partition(":")[2]
                shown = None if visibility is None else str(visibility)
                answer = None if was_open is None else bool(was_open)
                yield _Told(EventId(event_id), server, event_type, shown, answer)


async def ask_doubts(room_id: RoomId, source: RoomSource, openings: Openings) -> None:
    """Ask the homeserver when each of the others heard that the room was open; the answers are kept."""
    for doubts in openings.list_doubts(room_id):
        for event_id in doubts:
            was_open = await source.was_open(room_id, event_id)
            openings.note(room_id, event_id, was_open=was_open)
            if was_open:
                break


def _find_doubts(events: Iterable[_Told]) -> list[tuple[EventId, ...]]:
    doubter = _Doubter()
    for event in events:
        doubter.take(event)
    return [tuple(doubts) for doubts in doubter.doubts.values()]


class _Doubter:
    """One pass through a room's events, in its order.

    Before anything says who may read the room it is taken for open, as one is whose opening is older than the
    archive; where it turns out that nobody had opened it, there was nothing to doubt.
    """

    def __init__(self) -> None:
        self.doubts: dict[tuple[int, str], list[EventId]] = {}
        """What is in doubt behind each opening, of each homeserver."""
        self._settled: set[tuple[int, str]] = set()
        """Which homeservers are known to know of which opening."""
        self._opening = 0
        self._visibility: str | None = None
        self._speakers: set[str] = set()
        self._is_whole: bool | None = None
        """Whether all is here that was sent so far; None before the first event."""

    def take(self, event: _Told) -> None:
        if self._is_whole is None:
            self._is_whole = event.type == "m.room.create"
        if event.visibility is not None:
            self._turn(event, event.visibility)
        elif self._visibility in {None, WORLD_READABLE}:
            self._doubt(event)
        self._speakers.add(event.server)

    def _turn(self, event: _Told, visibility: str) -> None:
        """Take in what opens or closes the room; whoever sends it knows of it."""
        if self._visibility is None:
            self.doubts.clear()
        if visibility == WORLD_READABLE != self._visibility:
            self._opening += 1
            self._settled.add((self._opening, event.server))
            if self._is_whole and self._speakers <= {event.server}:
                # Whoever comes later has the room from the one homeserver that was there.
                self._settled.add((self._opening, _ALL))
        self._visibility = visibility
        self._is_whole = self._is_whole and visibility in _SHARED

    def _doubt(self, event: _Told) -> None:
        place = (self._opening, event.server)
        if place in self._settled or (self._opening, _ALL) in self._settled:
            return
        if event.was_open:
            self._settled.add(place)
        elif event.was_open is None:
            self.doubts.setdefault(place, []).append(event.event_id)

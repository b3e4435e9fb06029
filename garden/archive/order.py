"""The order of a room's rows: what a server or a file says about it comes in, positions come out.

Positions count up from the newest event and down from the oldest, and no row has another's. They only say
what comes before what; a crawl or a file can give all of them anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import Final, Literal

from garden.archive.database import Database
from garden.archive.event import EventId, RoomId

End = Literal["newest", "oldest"]
"""Where a batch joins a room: `newest` comes oldest event first, `oldest` comes newest event first."""


class RoomOrder:
    """The positions of one room's events."""

    def __init__(self, database: Database, room_id: RoomId) -> None:
        self._database = database
        self._room_id = room_id

    def find_end(self, end: End) -> int:
        """Return the outermost position that is taken; -1 or 0 where none is."""
        # One at a time: SQLite looks an end up in the index, and walks through all of it for both.
        function, empty = ("MAX", -1) if end == "newest" else ("MIN", 0)
        row = self._database.row(
            f"SELECT {function}(position) FROM events WHERE room_id = ?",  # noqa: S608
            self._room_id,
        )
        return int(row[0]) if row and row[0] is not None else empty

    def find_newest(self) -> EventId | None:
        """Return the room's last event."""
        return self._find("ORDER BY position DESC LIMIT 1")

    def find_before(self, event_id: EventId) -> EventId | None:
        """Return the event that stands right before one; None where it is the first."""
        return self._find(
            "AND position < (SELECT position FROM events WHERE room_id = ?1 AND event_id = ?2)"
            " ORDER BY position DESC LIMIT 1",
            event_id,
        )

    def has_in_order(self, event_ids: Iterable[EventId]) -> bool:
        """Whether those of these events that are here, named newest first, stand in the same order."""
        find = "SELECT position FROM events WHERE room_id = ? AND event_id = ?"
        rows = (self._database.row(find, self._room_id, event_id) for event_id in event_ids)
        places = [row[0] for row in rows if row is not None]
        return all(newer > older for newer, older in pairwise(places))

    def note_crawled(self, event_ids: Iterable[str | None]) -> None:
        """Write down, beside the kept order, the one in which a crawl walks back past these events."""
        row = self._database.row(
            "SELECT MIN(crawl_position) FROM events WHERE room_id = ? AND crawl_position IS NOT NULL",
            self._room_id,
        )
        place = int(row[0]) if row and row[0] is not None else 0
        for event_id in event_ids:
            place -= self._database.run(
                "UPDATE events SET crawl_position = ?, from_server = 1"
                " WHERE room_id = ? AND event_id = ? AND crawl_position IS NULL",
                place - 1,
                self._room_id,
                event_id,
            )

    def take_over_crawl(self) -> None:
        """Number all rows as the crawl saw them, from -1 for the newest downwards.

        What it did not see stays behind the event that it stood behind before, or at the room's beginning: so
        a crawl may have seen the room's end only.
        """
        self._database.run(_MAKE_ORDER)
        self._database.run(_ORDER_OF_CRAWL, self._room_id)
        self._number()
        self._database.run("UPDATE events SET crawl_position = NULL WHERE room_id = ?", self._room_id)

    def place_new(self, file_ids: Sequence[EventId], new: Sequence[EventId], after: EventId | None) -> None:
        """Move the newest rows to where a file has them: each behind the event before it in the file.

        `after` is what the file's first event stands behind; None is the room's beginning.
        """
        followers: dict[EventId | None, EventId] = {}
        unplaced = set(new)
        previous = after
        for event_id in dict.fromkeys(file_ids):
            if event_id in unplaced:
                while previous in followers:
                    previous = followers[previous]
                followers[previous] = event_id
            previous = event_id
        rows = self._database.rows(
            "SELECT event_id FROM events WHERE room_id = ? ORDER BY position", self._room_id
        )
        kept = [EventId(row[0]) for row in rows if row[0] not in unplaced]
        self._database.run(_MAKE_ORDER)
        self._database.run_many(
            "INSERT INTO new_order (place, event_id) VALUES (?, ?)",
            enumerate(_interleave(kept, followers), -len(rows)),
        )
        self._number()

    def _number(self) -> None:
        """Give all rows the places of `new_order`; first out of each other's way, since places are unique."""
        self._database.run(
            "UPDATE events SET position = position + (1 << 48) WHERE room_id = ?", self._room_id
        )
        self._database.run(
            "UPDATE events SET"
            " position = (SELECT place FROM new_order WHERE new_order.event_id = events.event_id)"
            " WHERE room_id = ?",
            self._room_id,
        )
        self._database.run("DROP TABLE new_order")

    def _find(self, condition: str, *values: object) -> EventId | None:
        row = self._database.row(
            f"SELECT event_id FROM events WHERE room_id = ?1 {condition}",  # noqa: S608
            self._room_id,
            *values,
        )
        return EventId(row[0]) if row else None


def _interleave(kept: Iterable[EventId], followers: Mapping[EventId | None, EventId]) -> Iterator[EventId]:
    """Give out the kept ids, each with the chain of those that follow it."""
    for start in chain([None], kept):
        if start is not None:
            yield start
        follower = followers.get(start)
        while follower is not None:
            yield follower
            follower = followers.get(follower)


_MAKE_ORDER: Final = "CREATE TEMP TABLE new_order (event_id TEXT PRIMARY KEY, place INTEGER)"

_ORDER_OF_CRAWL: Final = """
INSERT INTO new_order
WITH
    islands AS (
        SELECT event_id, position, crawl_position, COUNT(crawl_position) OVER (ORDER BY position) AS island
        FROM events WHERE room_id = ?1
    ),
    anchored AS (
        SELECT event_id, position,
            FIRST_VALUE(crawl_position) OVER (PARTITION BY island ORDER BY position) AS anchor
        FROM islands
    )
SELECT event_id,
    ROW_NUMBER() OVER (ORDER BY anchor, position) - 1 - (SELECT COUNT(*) FROM events WHERE room_id = ?1)
FROM anchored
"""
"""An island is an event that the crawl saw with those behind it that the crawl did not see."""

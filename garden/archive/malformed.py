"""What was handed over as an event and is none: anything comes in, is kept aside, and nobody reads it again.

Kept so that nothing is lost, reported once, and erased like everything else when a redaction names it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from garden.archive.database import Database
from garden.archive.event import RoomId, clean_text, get_text, trim_source
from garden.archive.memory import Memory
from garden.archive.veil import Veil


@dataclass(frozen=True, slots=True)
class Malformed:
    """Something that was handed over as an event and is none; it is kept and never read again."""

    room_id: RoomId
    event_id: str | None
    """Its id, where it has one that can be read."""
    reason: str
    """Which field is wrong."""


class MalformedShelf:
    """The rows of one room in `malformed`."""

    def __init__(self, database: Database, room_id: RoomId, veil: Veil) -> None:
        self._database = database
        self._room_id = room_id
        self._veil = veil

    def keep(self, source: object, reason: str) -> list[Malformed]:
        """Keep one thing; the list is empty where it was kept before, and where a wish forbids to keep it.

        An older telling of the same event goes, and so do the words of one that a redaction names.
        """
        # What a server says about an event to one reader does not belong to it.
        kept = trim_source(source) if isinstance(source, Mapping) else source
        event_id, text = get_text(source, "event_id"), _format_anything(kept)
        if self._veil.hides(event_id, kept):
            return []
        digest, reason = hashlib.sha256(text.encode()).hexdigest(), clean_text(reason)
        key = (self._room_id, digest)
        self._database.run(
            "DELETE FROM malformed WHERE room_id = ? AND digest != ? AND event_id = ?", *key, event_id
        )
        self._database.run("UPDATE malformed SET crawled = 1 WHERE room_id = ? AND digest = ?", *key)
        is_new = self._database.run(
            "INSERT OR IGNORE INTO malformed (room_id, digest, event_id, reason, source)"
            " VALUES (?, ?, ?, ?, ?)",
            *key,
            event_id,
            reason,
            "" if self._is_to_be_forgotten(event_id) else text,
        )
        if is_new:
            Memory(self._database).unsettle()
        return [Malformed(self._room_id, event_id, reason)] if is_new else []

    def forget(self, event_id: str) -> None:
        """Erase the words of what has this id; that it was seen stays known."""
        emptied = self._database.run(
            "UPDATE malformed SET source = '' WHERE room_id = ? AND event_id = ? AND source != ''",
            self._room_id,
            event_id,
        )
        if emptied:
            self._database.run("INSERT INTO traces VALUES (1)")

    def honour(self) -> None:
        """Erase what wishes forbid to keep by now."""
        rows = self._database.rows(
            "SELECT digest, event_id, source FROM malformed WHERE room_id = ?", self._room_id
        )
        for digest, event_id, text in rows:
            if self._veil.hides(event_id, json.loads(text) if text else ""):
                self._database.run(
                    "DELETE FROM malformed WHERE room_id = ? AND digest = ?", self._room_id, digest
                )
                self._database.run("INSERT INTO traces VALUES (1)")

    def silence(self) -> None:
        """Forget all of it."""
        if self._database.run("DELETE FROM malformed WHERE room_id = ?", self._room_id):
            self._database.run("INSERT INTO traces VALUES (1)")

    def list(self) -> list[Malformed]:
        """Return what is kept, in the order in which it came."""
        rows = self._database.rows(
            "SELECT event_id, reason FROM malformed WHERE room_id = ? ORDER BY rowid", self._room_id
        )
        return [Malformed(self._room_id, event_id, reason) for event_id, reason in rows]

    def start_crawl(self) -> None:
        """Take note that nothing has been seen again yet."""
        self._database.run("UPDATE malformed SET crawled = 0 WHERE room_id = ?", self._room_id)

    def finish_crawl(self) -> None:
        """Forget what the crawl did not see again."""
        if self._database.run("DELETE FROM malformed WHERE room_id = ? AND crawled = 0", self._room_id):
            self._database.run("INSERT INTO traces VALUES (1)")

    def _is_to_be_forgotten(self, event_id: str | None) -> bool:
        """Whether there is a redaction of it, or an event that can be read has taken its place."""
        return bool(
            self._database.row(
                "SELECT 1 FROM events WHERE room_id = ?1"
                " AND (event_id = ?2 OR (relates_to = ?2 AND rel_type = 'm.room.redaction'))",
                self._room_id,
                event_id,
            )
        )


def _format_anything(source: object) -> str:
    """Format what may be anything; of what cannot be spelled nothing is kept."""
    try:
        return json.dumps(source, ensure_ascii=True, sort_keys=True, separators=(",", ":"), default=str)
    except (RecursionError, TypeError, ValueError):
        return ""

"""A room's events as rows: batches of raw JSON come in, rows in the server's order stay, erased words go.

Positions count up from the newest event and down from the oldest, so a room's order never depends on how its
history was cut into batches. What a redaction erases is settled here, whatever order things arrive in: a row
is written as `_Timeline.settle` says, and every row that it bears on is then settled again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from garden.archive.database import Database
from garden.archive.event import (
    Event,
    EventId,
    JsonObject,
    MalformedEventError,
    RoomId,
    clean_text,
    get_object,
    get_text,
    read_event,
    trim_source,
)
from garden.archive.redaction import is_redacted, prune_source, strip_reply_fallback, strip_reply_quotes

End = Literal["newest", "oldest"]
"""Where a batch joins a room: `newest` comes oldest event first, `oldest` comes newest event first."""

Origin = Literal["homeserver", "import"]

_REDACTION: Final = "m.room.redaction"
_EDIT: Final = "m.replace"


@dataclass(frozen=True, slots=True)
class Malformed:
    """Something that was handed over as an event and is none; it is kept and never read again."""

    room_id: RoomId
    event_id: str | None
    """Its id, where it has one that can be read."""
    reason: str
    """Which field is wrong."""


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
class _Entry:
    """One event as its row holds it."""

    event_id: str
    sender: str
    source: dict[str, object]
    relates_to: str | None
    rel_type: str | None
    replies_to: str | None
    redacted: bool


class Timeline:
    """The rows of one room. Every method is meant to run inside a transaction of the store."""

    def __init__(self, database: Database, room_id: RoomId) -> None:
        self._database = database
        self._room_id = room_id

    def append(self, batch: Sequence[object], *, end: End, origin: Origin) -> Appended:
        """Keep a batch at one end of the room; see `ArchiveStore.append`."""
        step = 1 if end == "newest" else -1
        place = self._find_end(end) + step
        new, changed, malformed = [], [], []
        for source in batch:
            try:
                entry = self._read(source)
            except MalformedEventError as error:
                malformed += self.keep_malformed(source, str(error))
                continue
            if not self._is_known(entry.event_id):
                self._insert(entry, place, origin)
                place += step
                new.append(EventId(entry.event_id))
            elif self._update(entry, origin):
                changed.append(EventId(entry.event_id))
        return Appended(tuple(new), tuple(changed), tuple(malformed))

    def differs(self, batch: Iterable[object]) -> bool:
        """Whether a batch holds an event that is unknown here, or that reads differently."""
        for source in batch:
            try:
                entry = self._read(source)
            except MalformedEventError:
                continue
            kept = self._find(entry.event_id)
            if kept is None or (self.settle(entry).source != kept.source and not kept.redacted):
                return True
        return False

    def crawl(self, batch: Sequence[object]) -> Appended:
        """Keep a batch of a full crawl, newest event first, and note the server's order beside the kept one."""
        appended = self.append(batch, end="oldest", origin="homeserver")
        row = self._database.row(
            "SELECT MIN(crawl_position) FROM events WHERE room_id = ? AND crawl_position IS NOT NULL",
            self._room_id,
        )
        place = int(row[0]) if row and row[0] is not None else 0
        for source in batch:
            event_id = get_text(source, "event_id")
            place -= self._database.run(
                "UPDATE events SET crawl_position = ?, from_server = 1"
                " WHERE room_id = ? AND event_id = ? AND crawl_position IS NULL",
                place - 1,
                self._room_id,
                event_id,
            )
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
        self._database.run("DELETE FROM malformed WHERE room_id = ? AND crawled = 0", self._room_id)
        self._reorder()
        return tuple(EventId(row[0]) for row in gone)

    def erase(self, event_ids: Iterable[EventId]) -> None:
        """Empty events whose words are gone from the server; their ids stay known."""
        for event_id in event_ids:
            entry = self._find(event_id)
            if entry is not None:
                emptied = entry.source | {"content": {}}
                emptied.pop("unsigned", None)
                self._write(_relate(emptied))
                self._spread(event_id)

    def rule(self, target: EventId, *, counts: bool) -> None:
        """Write down whether redactions of `target` by others than its sender count, and act on it."""
        self._database.run(
            "UPDATE events SET counts = ? WHERE room_id = ? AND relates_to = ? AND rel_type = ? AND counts IS NULL",
            counts,
            self._room_id,
            target,
            _REDACTION,
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

    def _read(self, source: object) -> _Entry:
        event = read_event(source, self._room_id)
        return _relate(_normalise(source, event))

    def _insert(self, entry: _Entry, place: int, origin: Origin) -> None:
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

    def _update(self, entry: _Entry, origin: Origin) -> bool:
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
        if kept is None or kept.source == settled.source or (kept.redacted and settled.redacted and origin == "import"):
            return False
        self._write(settled)
        self._after_write(entry, origin)
        return True

    def _after_write(self, entry: _Entry, origin: Origin) -> None:
        self._forget_malformed(entry.event_id)
        if entry.rel_type == _REDACTION and entry.relates_to:
            self._forget_malformed(entry.relates_to)
            if origin == "import":
                self.rule(EventId(entry.relates_to), counts=True)
            self._resettle(entry.relates_to)
            self._spread(entry.relates_to)
        self._spread(entry.event_id)

    def settle(self, entry: _Entry) -> _Entry:
        """Give an event the form that everything the archive knows by now leaves it in."""
        because = self._find_redaction(entry)
        if because is not None:
            return _relate(prune_source(entry.source, because))
        if entry.redacted:
            return entry
        if entry.rel_type == _EDIT and entry.relates_to and self._is_gone(entry.relates_to):
            target = self._find(entry.relates_to)
            because = get_object(target.source, "unsigned", "redacted_because") if target else None
            return _relate(prune_source(entry.source, because))
        if self._answers_something_gone(entry):
            content = strip_reply_quotes(get_object(entry.source, "content") or {})
            return replace(entry, source=entry.source | {"content": content})
        return entry

    def _find_redaction(self, entry: _Entry) -> JsonObject | None:
        """Find the redaction that took this event's words, as the server named it or as the rules say."""
        told = get_object(entry.source, "unsigned", "redacted_because")
        if told is not None:
            return told
        rows = self._database.rows(
            "SELECT source, counts FROM events WHERE room_id = ? AND relates_to = ? AND rel_type = ?",
            self._room_id,
            entry.event_id,
            _REDACTION,
        )
        sources = [(parse_source(row[0]), row[1]) for row in rows]
        counting = [s for s, counts in sources if counts or get_text(s, "sender") == entry.sender]
        return min(counting, key=lambda s: (str(s.get("origin_server_ts")), str(s.get("event_id"))), default=None)

    def _is_gone(self, event_id: str) -> bool:
        """Whether an event's words are gone: its row says so, or a redaction of an event never seen counts."""
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
                _REDACTION,
            )
        )

    def _answers_something_gone(self, entry: _Entry) -> bool:
        """Whether this is a reply, or an edit of a reply, to an event whose words are gone."""
        answered = entry.replies_to
        if answered is None and entry.rel_type == _EDIT and entry.relates_to:
            row = self._database.row(
                "SELECT replies_to FROM events WHERE room_id = ? AND event_id = ?", self._room_id, entry.relates_to
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
        """Settle again what edits or answers an event that is gone, and what edits an answer to such an event."""
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

    def _find(self, event_id: str) -> _Entry | None:
        row = self._database.row(
            "SELECT source FROM events WHERE room_id = ? AND event_id = ?", self._room_id, event_id
        )
        return _relate(parse_source(row[0])) if row else None

    def _is_known(self, event_id: str) -> bool:
        return (
            self._database.row("SELECT 1 FROM events WHERE room_id = ? AND event_id = ?", self._room_id, event_id)
            is not None
        )

    def _find_end(self, end: End) -> int:
        row = self._database.row(
            "SELECT MIN(position), MAX(position) FROM events WHERE room_id = ?", self._room_id
        )
        oldest, newest = row if row and row[0] is not None else (0, -1)
        return int(newest if end == "newest" else oldest)

    def _write(self, entry: _Entry) -> None:
        """Put an event into its row, which exists, and everywhere else where its words stand."""
        key = (self._room_id, entry.event_id)
        source = format_source(entry.source)
        replaced = self._database.run(
            "INSERT INTO traces SELECT 1 FROM events WHERE room_id = ? AND event_id = ? AND source NOT IN ('', ?)",
            *key,
            source,
        )
        self._database.run(
            "UPDATE events SET source = ?, relates_to = ?, rel_type = ?, replies_to = ?, redacted = ?"
            " WHERE room_id = ? AND event_id = ?",
            source,
            entry.relates_to,
            entry.rel_type,
            entry.replies_to,
            entry.redacted,
            *key,
        )
        if replaced:
            self._database.run("UPDATE state SET source = ? WHERE room_id = ? AND event_id = ?", source, *key)
            self._database.run("DELETE FROM media_uses WHERE room_id = ? AND event_id = ?", *key)
        for uri in _find_pictures(entry.source):
            self._database.run("INSERT OR IGNORE INTO media_uses (room_id, event_id, uri) VALUES (?, ?, ?)", *key, uri)

    def _reorder(self) -> None:
        """Number all rows as the crawl saw them, from -1 for the newest downwards."""
        self._database.run("CREATE TEMP TABLE new_order (event_id TEXT PRIMARY KEY, place INTEGER)")
        self._database.run(_NEW_ORDER, self._room_id)
        shift = "UPDATE events SET position = position + (1 << 48) WHERE room_id = ?"
        self._database.run(shift, self._room_id)
        self._database.run(
            "UPDATE events SET crawl_position = NULL,"
            " position = (SELECT place FROM new_order WHERE new_order.event_id = events.event_id)"
            " WHERE room_id = ?",
            self._room_id,
        )
        self._database.run("DROP TABLE new_order")

    def keep_malformed(self, source: object, reason: str) -> list[Malformed]:
        """Keep what is no event, unless a redaction names it; the list is empty where it was kept before."""
        event_id = get_text(source, "event_id")
        text = _format_anything(source)
        digest = hashlib.sha256(text.encode()).hexdigest()
        self._database.run(
            "DELETE FROM malformed WHERE room_id = ? AND event_id = ? AND digest != ?", self._room_id, event_id, digest
        )
        self._database.run(
            "UPDATE malformed SET crawled = 1 WHERE room_id = ? AND digest = ?", self._room_id, digest
        )
        is_new = self._database.run(
            "INSERT OR IGNORE INTO malformed (room_id, digest, event_id, reason, source) VALUES (?, ?, ?, ?, ?)",
            self._room_id,
            digest,
            event_id,
            clean_text(reason),
            "" if event_id and self._ids("relates_to = ? AND rel_type = 'm.room.redaction'", event_id) else text,
        )
        return [Malformed(self._room_id, event_id, clean_text(reason))] if is_new else []

    def _forget_malformed(self, event_id: str) -> None:
        emptied = self._database.run(
            "UPDATE malformed SET source = '' WHERE room_id = ? AND event_id = ? AND source != ''",
            self._room_id,
            event_id,
        )
        if emptied:
            self._database.run("INSERT INTO traces VALUES (1)")


def settle_source(database: Database, source: object, room_id: RoomId) -> tuple[Event, str]:
    """Check a state event and format it as the room's redactions leave it; raises `MalformedEventError`."""
    timeline = Timeline(database, room_id)
    event = read_event(source, room_id)
    settled = timeline.settle(_relate(_normalise(source, event)))
    return event, format_source(settled.source)


def format_source(source: JsonObject) -> str:
    """Format an event's JSON as its row holds it: one spelling for one event, in ASCII.

    ASCII because JSON can spell lone surrogates, which UTF-8 cannot.
    """
    return json.dumps(source, ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def parse_source(text: str) -> dict[str, object]:
    """Parse what `format_source` made."""
    source: dict[str, object] = json.loads(text)
    return source


_NEW_ORDER: Final = """
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


def _normalise(source: object, event: Event) -> dict[str, object]:
    """Bring an event to the form in which it is kept and compared, whichever endpoint or file told it."""
    kept = trim_source(source if isinstance(source, Mapping) else {}) | {"room_id": event.room_id}
    if event.type == _REDACTION:
        kept["redacts"] = event.redacts
    if event.redacted_because is not None:
        return prune_source(kept, event.redacted_because)
    if event.state_key is None:
        kept["content"] = strip_reply_fallback(event.content)
    return kept


def _relate(source: dict[str, object]) -> _Entry:
    """Read from a checked event's JSON which other events it bears on."""
    relation = get_object(source, "content", "m.relates_to")
    relates_to, rel_type = get_text(relation, "event_id"), get_text(relation, "rel_type")
    if source["type"] == _REDACTION:
        relates_to, rel_type = get_text(source, "redacts"), _REDACTION
    elif rel_type == _REDACTION:
        relates_to, rel_type = None, None
    return _Entry(
        event_id=str(source["event_id"]),
        sender=str(source["sender"]),
        source=source,
        relates_to=relates_to if rel_type else None,
        rel_type=rel_type if relates_to else None,
        replies_to=get_text(relation, "m.in_reply_to", "event_id"),
        redacted=is_redacted(source),
    )


def _find_pictures(source: JsonObject) -> tuple[str, ...]:
    """Return the content address of an image or sticker that this event shows, where it has one."""
    content = get_object(source, "content")
    shows = source.get("type") == "m.sticker" or get_text(content, "msgtype") == "m.image"
    uri = get_text(content, "url")
    return (uri,) if shows and uri and uri.startswith("mxc://") else ()


def _format_anything(source: object) -> str:
    try:
        return json.dumps(source, ensure_ascii=True, sort_keys=True, separators=(",", ":"), default=str)
    except (RecursionError, TypeError, ValueError):
        return ""

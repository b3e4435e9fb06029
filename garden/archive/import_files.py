"""Events from files: what a chat export or a line of JSON says comes in, rooms come into the store.

Two shapes are read: the object that Element's “Export chat → JSON” writes, with its events under `messages`,
and JSON lines with one raw event each. Both carry the ids that the homeserver gave, so an event that is
synced as well is one event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final

from garden.archive.answer import parse_json
from garden.archive.event import EventId, JsonObject, MalformedEventError, RoomId, get_text, read_event
from garden.archive.malformed import Malformed
from garden.archive.store import ArchiveStore
from garden.errors import ImportFileError

_BATCH: Final = 1000
"""Events that are kept in one transaction."""

_NO_ROOM: Final = RoomId("")
"""What belongs to no room that can be read is kept aside under this name."""


@dataclass(frozen=True, slots=True)
class Imported:
    """One thing that a file holds where an event should stand."""

    place: str
    """Where it stands: `line 7` or `message 7`, counted from 1."""
    source: object
    """What stands there; raw text where it is no JSON."""
    problem: str | None = None
    """Why it cannot be an event, where that is known already."""


@dataclass(frozen=True, slots=True)
class ImportedRoom:
    """What one file brought for one room."""

    room_id: RoomId
    new_events: int
    known_events: int


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What one file brought."""

    rooms: tuple[ImportedRoom, ...]
    malformed: tuple[Malformed, ...]
    """What is no event and was not seen before; the reasons name file and line."""
    forgotten: tuple[RoomId, ...] = ()
    """Rooms of which nothing was taken, since they were forgotten."""


def read_import(lines: Iterable[bytes]) -> Iterator[Imported]:
    """Read a file, or standard input, line by line, and give out what stands for events in it, unchecked.

    JSON lines stream; an export is one JSON value and is read as a whole. Raises `ImportFileError` where a
    file is neither.
    """
    remaining = iter(enumerate(lines, 1))
    first = next(((number, line) for number, line in remaining if line.strip()), None)
    if first is None:
        return
    if first[1].startswith(b"PK\x03\x04"):
        raise ImportFileError(
            "this is a ZIP archive",
            hint="Unpack it and import the export.json in it: garden import matrix FILE",
        )
    value = _parse(first[1])
    if isinstance(value, Mapping) and "messages" not in value:
        yield from _read_lines(chain([first], remaining))
    else:
        yield from _read_whole([first, *remaining])


def import_events(store: ArchiveStore, lines: Iterable[bytes], name: str) -> ImportResult:
    """Bring the events of one file into the archive; `name` is the file's, for messages.

    Importing again changes nothing. Rooms that a homeserver has told stay its: a file adds events to them and
    may take words away, but changes none. What was forgotten stays so. Raises `ImportFileError` where the
    file holds no event.
    """
    tally = _Tally(store, name)
    try:
        for item in read_import(lines):
            tally.add(item)
    except ImportFileError as error:
        raise ImportFileError(f"{name}: {error}", hint=error.hint) from None
    return tally.finish()


class _Tally:
    """Collects one file's events by room and hands them over in batches."""

    def __init__(self, store: ArchiveStore, name: str) -> None:
        self._store = store
        self._name = name
        self._open: dict[RoomId, list[JsonObject]] = {}
        self._last: dict[RoomId, EventId] = {}
        self._new: dict[RoomId, int] = {}
        self._read: dict[RoomId, int] = {}
        self._malformed: list[Malformed] = []
        self._forgotten: dict[RoomId, bool] = {}

    def add(self, item: Imported) -> None:
        """Take one thing: an event to its room, anything else aside."""
        room_id = RoomId(get_text(item.source, "room_id") or _NO_ROOM)
        if self._is_forgotten(room_id):
            return
        problem = item.problem or _find_problem(item.source, room_id)
        if problem is not None or not isinstance(item.source, Mapping):
            kept = self._store.keep_malformed(room_id, item.source, f"{self._name}, {item.place}: {problem}")
            self._malformed += [kept] if kept else []
            return
        self._read[room_id] = self._read.get(room_id, 0) + 1
        batch = self._open.setdefault(room_id, [])
        batch.append(item.source)
        if len(batch) >= _BATCH:
            self._hand_over(room_id)

    def finish(self) -> ImportResult:
        """Hand over what is left and sum up."""
        for room_id in self._open:
            self._hand_over(room_id)
        forgotten = tuple(room_id for room_id, is_forgotten in self._forgotten.items() if is_forgotten)
        if not self._read and not forgotten:
            raise ImportFileError(
                f"{self._name} holds no Matrix event",
                hint="Give what Element's “Export chat” writes as JSON, or JSON lines of raw events.",
            )
        rooms = [
            ImportedRoom(room_id, self._new.get(room_id, 0), count - self._new.get(room_id, 0))
            for room_id, count in self._read.items()
        ]
        return ImportResult(tuple(rooms), tuple(self._malformed), forgotten)

    def _is_forgotten(self, room_id: RoomId) -> bool:
        if room_id not in self._forgotten:
            self._forgotten[room_id] = self._store.wishes.is_forgotten_room(room_id)
        return self._forgotten[room_id]

    def _hand_over(self, room_id: RoomId) -> None:
        batch, self._open[room_id] = self._open[room_id], []
        if not batch:
            return
        appended = self._store.append_file(room_id, batch, after=self._last.get(room_id))
        self._last[room_id] = EventId(str(get_text(batch[-1], "event_id")))
        self._new[room_id] = self._new.get(room_id, 0) + len(appended.new)
        record = self._store.room(room_id)
        if record is not None and record.origin == "import":
            states = (source for source in batch if get_text(source, "state_key") is not None)
            self._store.apply_state(room_id, states)


def _find_problem(source: object, room_id: RoomId) -> str | None:
    if not room_id.startswith("!"):
        return "it says of no room that it belongs to it"
    try:
        read_event(source, room_id)
    except MalformedEventError as error:
        return str(error)
    return None


def _read_lines(lines: Iterable[tuple[int, bytes]]) -> Iterator[Imported]:
    for number, line in lines:
        if line.strip():
            value = _parse(line)
            text = line.decode("utf-8", "replace")
            is_json = value is not None
            yield Imported(f"line {number}", value if is_json else text, None if is_json else "it is no JSON")


def _read_whole(lines: list[tuple[int, bytes]]) -> Iterator[Imported]:
    value = _parse(b"".join(line for _, line in lines))
    messages = value.get("messages") if isinstance(value, Mapping) else value
    if isinstance(messages, list):
        yield from (Imported(f"message {number}", source) for number, source in enumerate(messages, 1))
    else:
        yield from _read_lines(lines)


def _parse(data: bytes) -> object:
    """Return the JSON value, or None where there is none; the byte order mark of some editors is no error."""
    try:
        return parse_json(data.removeprefix(b"\xef\xbb\xbf"))
    except ValueError:
        return None

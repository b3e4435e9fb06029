"""Results become words: every sentence that a command says about what it did is made here."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from garden.archive.credentials import TOKEN_FILE
from garden.archive.event import RoomId
from garden.archive.import_files import ImportResult
from garden.archive.malformed import Malformed
from garden.archive.sync import RoomResult
from garden.config import CONFIG_FILE
from garden.conversations.visibility import Judgement
from garden.create import IGNORE_FILE
from garden.gather import GardenSync
from garden.pipeline import BuildResult
from garden.site.search import SearchHit
from garden.status import GardenStatus, RoomStatus
from garden.theme_file import ThemeFile

_LINES_OF_A_KIND: Final = 20


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Return `1 page`, `2 pages`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def tell_creation(place: str, made: Sequence[str], *, has_rooms: bool) -> Iterator[str]:
    """Say what a new garden consists of and what to do next; `.` is the place where the person is."""
    yield f"A new garden in {place if place != '.' else 'this folder'}: {', '.join(made)}"
    if IGNORE_FILE not in made:
        yield f"{IGNORE_FILE} was there already: let /public/ and /{TOKEN_FILE} stand in it"
    steps = [] if place == "." else [f"cd {shlex.quote(place)}"]
    steps += [] if has_rooms else [f"name rooms in {CONFIG_FILE}"]
    yield f"Next: {', '.join([*steps, 'garden sync'])}, then garden build"


def tell_theme(name: str, made: Sequence[str]) -> Iterator[str]:
    """Say what a new theme consists of and what to do next."""
    yield f"A new theme in themes/{name}: {', '.join(made)}"
    yield f'Next: theme = "{name}" below [site] in {CONFIG_FILE}, then garden serve --open'


def tell_themes(themes: Mapping[str, ThemeFile], used: str) -> Iterator[str]:
    """List themes by name with what they say of themselves; a star stands before the one that is used."""
    width = max(map(len, themes))
    for name, theme in themes.items():
        words = theme.description or (f"Extends {theme.extends}." if theme.extends else "")
        yield f"{'*' if name == used else ' '} {name:{width}}  {words}".rstrip()


def themes_as_json(themes: Mapping[str, ThemeFile], used: str) -> list[dict[str, object]]:
    """Return themes as plain values."""
    return [
        {
            "id": name,
            "name": theme.name,
            "description": theme.description,
            "license": theme.license,
            "extends": theme.extends,
            "used": name == used,
        }
        for name, theme in themes.items()
    ]


def tell_build(result: BuildResult, out: str) -> Iterator[str]:
    """Say what a build did."""
    change = result.change
    for room in result.rooms:
        yield from _tell_refusals(room.name, room.judgement)
    yield from (f"Left out: {problem}" for problem in result.problems)
    yield f"{count(result.pages, 'conversation page')} and {count(result.notes, 'note')} in {out}"
    if change.written or change.removed:
        written = count(len(change.written), "file")
        yield f"{written} written, {len(change.removed)} removed, {change.kept} unchanged"
    else:
        yield f"Nothing changed: all {count(change.kept, 'file')} are as they were"


def tell_sync(result: GardenSync) -> Iterator[str]:
    """Say what a sync did."""
    if not result.rooms:
        yield "There is no room to sync: site.toml names none under [matrix] rooms or spaces"
    for room in result.rooms:
        yield from _tell_room(room, result.names.get(room.room_id or RoomId("")))
    yield from result.notes


def tell_import(results: Iterable[ImportResult]) -> Iterator[str]:
    """Say what files brought."""
    for result in results:
        for room in result.rooms:
            yield f"{room.room_id}: {count(room.new_events, 'new event')}, {room.known_events} known already"
        yield from _shorten([f"  Left out, kept in the archive: {bad.reason}" for bad in result.malformed])


def tell_status(status: GardenStatus) -> Iterator[str]:
    """Say how a garden stands."""
    for room in status.rooms:
        yield f"{room.name} ({room.room_id})"
        yield f"  {count(room.events, 'event')}, {count(room.pages, 'page')}, {_tell_synced(room)}"
        yield from (f"  {line}" for line in _tell_refusals("Not published", room.judgement))
        if room.malformed:
            yield f"  {count(room.malformed, 'event')} left out: not readable"
        if room.problem:
            yield f"  The last sync could not read it: {room.problem}"
    yield f"{count(len(status.rooms), 'room')}, {count(status.notes, 'note')}"
    yield from (f"{entry}: nothing archived yet; run garden sync" for entry in status.unknown)
    yield from (f"{room_id}: archived, but named nowhere under [matrix]" for room_id in status.left_out)
    yield from (f"Left out: {problem}" for problem in status.problems)


def status_as_json(status: GardenStatus) -> dict[str, object]:
    """Return a status as plain values."""
    return {
        "rooms": [
            {
                "room_id": room.room_id,
                "name": room.name,
                "events": room.events,
                "pages": room.pages,
                "synced_at": iso_time(room.synced_at),
                "malformed": room.malformed,
                "refused": {
                    reason.name.lower(): number for reason, number in room.judgement.count_refusals().items()
                },
                "room_refused": room.judgement.room.name.lower() if room.judgement.room else None,
                "problem": room.problem,
            }
            for room in status.rooms
        ],
        "notes": status.notes,
        "unknown": list(status.unknown),
        "left_out": list(status.left_out),
        "problems": list(status.problems),
    }


def sync_as_json(result: GardenSync) -> list[dict[str, object]]:
    """Return a sync's result as plain values."""
    return [
        {
            "asked": room.asked,
            "room_id": room.room_id,
            "new_events": room.new_events,
            "changed_events": room.changed_events,
            "malformed": len(room.malformed),
            "media_problems": [f"{problem.uri}: {problem.reason}" for problem in room.media_problems],
            "problem": str(room.problem) if room.problem is not None else None,
        }
        for room in result.rooms
    ]


def build_as_json(result: BuildResult) -> dict[str, object]:
    """Return a build's result as plain values."""
    return {
        "pages": result.pages,
        "notes": result.notes,
        "written": list(result.change.written),
        "removed": list(result.change.removed),
        "kept": result.change.kept,
        "problems": list(result.problems),
        "refused": {
            room.name: room.judgement.room.value for room in result.rooms if room.judgement.room is not None
        },
    }


def hits_as_json(hits: Iterable[SearchHit], base_url: str) -> list[dict[str, object]]:
    """Return search hits as plain values."""
    return [
        {
            "url": base_url + hit.address,
            "title": hit.title,
            "room": hit.room,
            "excerpt": hit.excerpt,
            "tended": iso_time(hit.tended),
            "score": round(hit.score, 3),
        }
        for hit in hits
    ]


def hit_rows(hits: Sequence[SearchHit]) -> list[tuple[str, str, str, str]]:
    """Return search hits as rows of title, room, day and excerpt."""
    return [(hit.title, hit.room, (iso_time(hit.tended) or "")[:10], hit.excerpt) for hit in hits]


def iso_time(milliseconds: int | None) -> str | None:
    """Return a time as RFC 3339 in UTC, to the second."""
    if milliseconds is None:
        return None
    return (
        datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    )


def _tell_room(room: RoomResult, found: str | None) -> Iterator[str]:
    name = found or (room.asked if room.room_id in {None, room.asked} else f"{room.room_id} in {room.asked}")
    if room.problem is not None:
        yield f"Skipped {name}: {room.problem}"
        yield f"  → {room.problem.hint}"
        return
    changed = f", {room.changed_events} changed" if room.changed_events else ""
    yield f"{name}: {count(room.new_events, 'new event')}{changed}"
    yield from _shorten(
        [f"  Left out, kept in the archive: {_name_event(bad)}{bad.reason}" for bad in room.malformed]
    )
    yield from _shorten(
        [f"  File {problem.uri} not copied: {problem.reason}" for problem in room.media_problems]
    )


def _name_event(bad: Malformed) -> str:
    return f"{bad.event_id}: " if bad.event_id else ""


def _shorten(lines: Sequence[str]) -> Iterator[str]:
    """Leave lines out where one bad client would fill the screen; the archive keeps them all."""
    yield from lines[:_LINES_OF_A_KIND]
    if len(lines) > _LINES_OF_A_KIND:
        yield f"  … and {len(lines) - _LINES_OF_A_KIND:,} more"


def _tell_refusals(name: str, judgement: Judgement) -> Iterator[str]:
    if judgement.room is not None:
        yield f"{name}: {judgement.room.value}"
        return
    for reason, number in judgement.count_refusals().items():
        yield f"{name}: {count(number, 'event')} kept back, {reason.value}"


def _tell_synced(room: RoomStatus) -> str:
    if room.synced_at is not None:
        return f"synced {iso_time(room.synced_at)}"
    return "imported" if room.imported else "never synced"

"""Checks of what the garden keeps and makes: database, files, pages, index, addresses and site."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from garden.address_book import ADDRESS_FILE, read_address_book
from garden.archive.database import SCHEMA_VERSION
from garden.archive.entry import parse_source
from garden.archive.event import RoomId, clean_text, revive_event
from garden.archive.inspection import REPAIR, Inspection, Table, name_columns
from garden.archive.salvage import list_drafts
from garden.archive.store import CACHE_FOLDER, DATABASE_FILE
from garden.care.finding import Finding, Level
from garden.config import SiteConfig
from garden.pages.dialect import DialectError
from garden.pages.store import read_pages
from garden.site.search_seal import is_whole, read_seal
from garden.site.upkeep import SiteState, examine_site
from garden.status import RoomStatus, describe_garden
from garden.words import count

_MANY: Final = 5
"""Names that are told of one kind; more are counted only."""

_BUILD: Final = "Run garden build."
_MEND: Final = "Run garden doctor --repair."
_HOST_FILES: Final = 20_000
_HOST_FILE_BYTES: Final = 25 * 1024 * 1024
_HOST_BYTES: Final = 1_000_000_000
_HOST_ENTRIES: Final = 200_000


def check_archive(cache: Path, *, thorough: bool = False) -> Iterator[Finding]:
    """Look whether the database and the files beside it are whole."""
    path = cache / DATABASE_FILE
    if not path.exists():
        lost = "" if list_drafts(path) == [] else f", but {path.name} was being mended"
        what = f"nothing is archived yet{lost}"
        hint = _MEND if lost else "Run garden sync, or garden import matrix FILE."
        yield Finding("archive", Level.PROBLEM if lost else Level.NOTE, what, hint)
        return
    if path.stat().st_size == 0:
        yield Finding("archive", Level.PROBLEM, f"{path} is empty, which no archive is", REPAIR)
        return
    with Inspection(path) as inspection:
        yield from check_database(inspection, thorough=thorough)
        yield from _check_media(inspection, cache / "media", thorough=thorough)


def check_database(inspection: Inspection, *, thorough: bool) -> Iterator[Finding]:
    """Look at the pages, the indexes and the rows of a database."""
    path, version = inspection.path, inspection.version()
    if version > SCHEMA_VERSION:
        what = f"{path} was written by a newer garden (format {version}, here {SCHEMA_VERSION})"
        yield Finding("archive", Level.PROBLEM, what, "Upgrade garden.")
        return
    faults = inspection.find_faults(thorough=thorough)
    if faults:
        what = f"{path} is damaged: {clean_text(faults[0]).splitlines()[0]}{_and_more(len(faults) - 1)}"
        yield Finding("archive", Level.PROBLEM, what, REPAIR)
    counts = {table.name: _count_events(inspection, table) for table in inspection.tables}
    strange = sum(bad for _, bad in counts.values())
    if strange:
        what = f"{path} holds {count(strange, 'row')} without an event in it"
        yield Finding("archive", Level.PROBLEM, what, REPAIR)
    if not faults and not strange:
        depth = "every index compared" if thorough else "--thorough compares every index"
        events = counts.get("events", (0, 0))[0]
        yield Finding("archive", Level.OK, f"{path} is whole: {count(events, 'event')} ({depth})")


def _count_events(inspection: Inspection, table: Table) -> tuple[int, int]:
    """Count the rows of a table of events, and those that are none."""
    if table.name not in {"events", "state"}:
        return 0, 0
    good = bad = 0
    for row in inspection.rows(table):
        values = name_columns(table, row)
        try:
            revive_event(parse_source(str(values["source"])), RoomId(str(values["room_id"])))
        except (ValueError, TypeError, AttributeError, RecursionError):
            bad += 1
        else:
            good += 1
    return good, bad


def _check_media(inspection: Inspection, folder: Path, *, thorough: bool) -> Iterator[Finding]:
    wanted = list_digests(inspection)
    files = {path.stem: path for path in folder.rglob("*") if path.is_file()}
    missing, strange = sorted(wanted - files.keys()), sorted(files.keys() - wanted)
    wrong = list_wrong(folder) if thorough else []
    if missing:
        what = f"{count(len(missing), 'file')} missing from {folder}: {_some(missing)}"
        yield Finding("archive", Level.PROBLEM, what, f"{_MEND[:-1]}; garden sync asks for them again.")
    if wrong:
        what = f"{count(len(wrong), 'file')} damaged in {folder}: {_some([path.name for path in wrong])}"
        yield Finding("archive", Level.PROBLEM, what, f"{_MEND[:-1]}; garden sync asks for them again.")
    if strange:
        what = f"{count(len(strange), 'file')} in {folder} that no event shows: {_some(strange)}"
        yield Finding("archive", Level.NOTE, what, "garden sync removes them.")
    if not missing and not wrong:
        depth = "all compared" if thorough else "--thorough compares their bytes"
        yield Finding("archive", Level.OK, f"{len(wanted):,} pictures, recordings and files ({depth})")


def list_digests(inspection: Inspection) -> frozenset[str]:
    """Return the digests of all files that the database knows."""
    found: set[str] = set()
    for table in inspection.tables:
        if table.name == "media":
            for row in inspection.rows(table):
                values = name_columns(table, row)
                found |= {str(values[name]) for name in ("digest", "thumb_digest") if values.get(name)}
    return frozenset(found)


def list_wrong(folder: Path) -> list[Path]:
    """Return the files whose bytes are not the ones that they are named for."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and _digest(path) != path.stem]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_derived(cache: Path, *, thorough: bool = False) -> Iterator[Finding]:
    """Look at what builds keep: addresses and feeds that are the only truth, pages and index that are not."""
    read_address_book(cache)
    for path in list_unreadable(cache):
        if path.name != ADDRESS_FILE:
            yield Finding("archive", Level.PROBLEM, f"{path} is damaged", _MEND)
    search = cache / "search"
    seal = read_seal(search)
    if seal is None or not is_whole(search, seal):
        level = Level.PROBLEM if search.is_dir() else Level.NOTE
        what = "The search index is damaged" if search.is_dir() else "there is no search index yet"
        yield Finding("archive", level, what, _BUILD)
    else:
        yield Finding("archive", Level.OK, "addresses and search index are whole")
    if thorough:
        yield from _check_pages(cache / "pages")


def _check_pages(folder: Path) -> Iterator[Finding]:
    try:
        number = sum(1 for _ in read_pages(folder))
    except (DialectError, UnicodeDecodeError) as error:
        what = clean_text(f"A page in {folder} is damaged: {error}")
        yield Finding("archive", Level.PROBLEM, what, _BUILD)
    else:
        yield Finding("archive", Level.OK, f"{count(number, 'page')} in {folder} can be read")


def list_unreadable(cache: Path) -> list[Path]:
    """Return the small files of former builds, such as the book of addresses, that hold no JSON object."""
    return [path for path in sorted(cache.glob("*.json")) if not _holds_object(path)]


def _holds_object(path: Path) -> bool:
    try:
        return isinstance(json.loads(path.read_bytes()), dict)
    except (ValueError, RecursionError):
        return False


def check_rooms(folder: Path, config: SiteConfig, now_ms: int) -> Iterator[Finding]:
    """Look at what the archive knows of each room of `site.toml`, as the next build would see it."""
    path = folder / CACHE_FOLDER / DATABASE_FILE
    if not path.is_file() or not path.stat().st_size:
        return
    with Inspection(path) as inspection:
        version = inspection.version()
    if version < SCHEMA_VERSION:
        # Whoever opens it upgrades it, and a doctor changes nothing.
        what = f"the archive has an older format ({version}); the next command upgrades it"
        yield Finding("rooms", Level.NOTE, what)
        return
    status = describe_garden(folder, config, now_ms=now_ms)
    for room in status.rooms:
        yield _judge_room(room)
    for entry in status.unknown:
        yield Finding("rooms", Level.NOTE, f"{entry}: nothing archived yet", "Run garden sync.")
    for room_id in status.left_out:
        what = f"{room_id} is archived and named nowhere under [matrix]"
        yield Finding(
            "rooms", Level.NOTE, what, "Name it in site.toml, or run garden sync, which lets it go."
        )


def _judge_room(room: RoomStatus) -> Finding:
    name = clean_text(f"{room.name} ({room.room_id})")
    if room.problem is not None:
        what = clean_text(f"{name}: the last sync could not read it: {' '.join(room.problem.split())}")
        return Finding("rooms", Level.PROBLEM, what, "Run garden sync; it says what to do.")
    if room.judgement.room is not None:
        what = f"{name} is not published: {room.judgement.room.value}"
        return Finding("rooms", Level.PROBLEM, what, "garden consent says who decided that, and when.")
    return Finding("rooms", Level.OK, f"{name}: {count(room.events, 'event')}, {count(room.pages, 'page')}")


def check_site(out: Path) -> Iterator[Finding]:
    """Look whether the output folder is as the last build left it, and whether hosts take it."""
    site = examine_site(out)
    if site is None:
        yield Finding("site", Level.NOTE, f"nothing is built in {out} yet", _BUILD)
        return
    if not site.is_marked:
        what = f"{out} is not a site of garden, or its .garden.json is damaged"
        yield Finding(
            "site", Level.PROBLEM, what, f"Remove {out} and build again, or name another with --out."
        )
        return
    if site.missing:
        what = f"{count(len(site.missing), 'file')} missing from {out}: {_some(site.missing)}"
        yield Finding("site", Level.PROBLEM, what, _BUILD)
    if site.changed:
        what = f"{count(len(site.changed), 'file')} in {out} changed after the build: {_some(site.changed)}"
        yield Finding("site", Level.PROBLEM, what, "garden doctor --repair builds them anew.")
    if site.strangers:
        number = count(len(site.strangers), "file")
        what = f"{number} in {out} of somebody else, which stay: {_some(site.strangers)}"
        yield Finding("site", Level.NOTE, what)
    if not site.missing and not site.changed:
        yield Finding("site", Level.OK, f"{out} is whole: {site.files:,} files")
    yield from _check_hosts(site)


def _check_hosts(site: SiteState) -> Iterator[Finding]:
    """Compare with what hosts take; each host has more in what is to be paid for."""
    limits = (
        (
            site.files > _HOST_FILES,
            f"{site.files:,} files: Cloudflare Pages takes {_HOST_FILES:,} for nothing",
        ),
        (site.files > _HOST_ENTRIES, f"{site.files:,} files: GitLab Pages takes {_HOST_ENTRIES:,}"),
        (
            site.largest_size > _HOST_FILE_BYTES,
            f"{site.largest} has {site.largest_size:,} bytes: Cloudflare Pages takes {_HOST_FILE_BYTES:,}",
        ),
        (site.size > _HOST_BYTES, f"{site.size:,} bytes: GitHub Pages takes {_HOST_BYTES:,}"),
    )
    for is_over, what in limits:
        if is_over:
            yield Finding("site", Level.NOTE, what, "Choose another host, or publish fewer rooms or files.")


def _some(names: list[str] | tuple[str, ...]) -> str:
    return clean_text(", ".join(names[:_MANY])) + _and_more(len(names) - _MANY)


def _and_more(number: int) -> str:
    return f" and {number:,} more" if number > 0 else ""

"""Checks of the machine and of the garden's folder: versions, secrets, locks, leftovers, space."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

from garden.archive.codecs import describe_libraries, list_missing_codecs
from garden.archive.credentials import TOKEN_FILE, find_token, list_token_drafts, read_credentials
from garden.archive.inspection import Inspection, name_columns
from garden.archive.key import KEY_FILE, GardenKey
from garden.archive.memory import Memory
from garden.archive.salvage import list_drafts
from garden.archive.store import CACHE_FOLDER, DATABASE_FILE
from garden.care.finding import Finding, Level
from garden.config import SiteConfig
from garden.durable import find_drafts
from garden.lock import find_holder
from garden.pages.store import read_notes
from garden.resources import find_theme, is_own_file
from garden.site.templates import find_unused, load_theme
from garden.site.upkeep import examine_site, list_site_drafts

_NEEDED_PYTHON: Final = (3, 11)
_OTHERS: Final = 0o077
"""What others than the owner may do with a file."""

_LEAST_FREE: Final = 100_000_000
"""Bytes that an archive may grow by at once."""


def check_machine() -> Iterator[Finding]:
    """Look at Python and garden."""
    found = f"Python {'.'.join(map(str, sys.version_info[:3]))}, garden {metadata.version('matrix-garden')}"
    if sys.version_info[:2] < _NEEDED_PYTHON:
        yield Finding("this machine", Level.PROBLEM, found, "Install Python 3.11 or newer.")
    else:
        yield Finding("this machine", Level.OK, found)


def check_codecs() -> Iterator[Finding]:
    """Look at the libraries that read pictures and recordings."""
    missing = list_missing_codecs()
    if missing:
        what = f"Pictures and recordings of these kinds stay out: {', '.join(missing)}"
        yield Finding("this machine", Level.NOTE, what, "Install Pillow and PyAV from their wheels.")
    else:
        yield Finding("this machine", Level.OK, f"all pictures and recordings ({describe_libraries()})")


def check_lock(cache: Path) -> Iterator[Finding]:
    """Look whether a command works here; the system ends a lock with its command, so none is ever stale."""
    holder = find_holder(cache)
    if holder is None:
        yield Finding("commands", Level.OK, "no garden command is working here")
    else:
        what = f"Another garden command is working here ({holder.describe()})"
        hint = "Wait for it. What follows may be different when it is done."
        yield Finding("commands", Level.NOTE, what, hint)


def list_leftovers(folder: Path, out: Path) -> list[Path]:
    """Return what killed commands have left; the next run of the same command removes most of it."""
    cache = folder / CACHE_FOLDER
    found = [*list_site_drafts(out), *list_token_drafts(folder), *list_drafts(cache / DATABASE_FILE)]
    found += [*find_drafts(cache), *(cache / "media").rglob("*.part"), *cache.glob(f"{KEY_FILE}.*")]
    found += [path for path in (cache / "search" / "seal.json.new",) if path.exists()]
    return sorted(found)


def check_leftovers(folder: Path, out: Path) -> Iterator[Finding]:
    """Look for what killed commands have left, which may hold words that are to be gone."""
    if find_holder(folder / CACHE_FOLDER) is not None:
        return
    for path in list_leftovers(folder, out):
        is_secret = path.parent == folder and TOKEN_FILE in path.name
        what = f"{path} was left by a command that was killed"
        hint = "Remove it: it may hold an access token." if is_secret else "Run garden doctor --repair."
        yield Finding("commands", Level.PROBLEM if is_secret else Level.NOTE, what, hint)


def check_writable(folder: Path, cache: Path, out: Path) -> Iterator[Finding]:
    """Look whether this user may write where commands write."""
    inside = list(cache.iterdir()) if cache.is_dir() else []
    places = [folder, cache, *inside, out if out.exists() else out.parent]
    shut = [path for path in places if path.exists() and not os.access(path, os.W_OK)]
    for path in shut:
        yield Finding("permissions", Level.PROBLEM, f"{path} cannot be written", "Make it writable for you.")
    if not shut:
        yield Finding("permissions", Level.OK, "everything can be written that commands write")


def check_disk(folder: Path, out: Path) -> Iterator[Finding]:
    """Look whether a build fits: until it is done, the former site lies beside the new one."""
    site = examine_site(out)
    size = site.size if site is not None else 0
    free = shutil.disk_usage(folder).free
    what = f"{_megabytes(free)} free; the site has {_megabytes(size)}"
    if free < size + _LEAST_FREE:
        hint = "Free some space: a build may need as much as the site has."
        yield Finding("disk", Level.PROBLEM, what, hint)
    elif free < 2 * size + _LEAST_FREE:
        yield Finding("disk", Level.NOTE, what, "Twice the size of the site would be safe.")
    else:
        yield Finding("disk", Level.OK, what)


def check_theme(folder: Path, config: SiteConfig) -> Iterator[Finding]:
    """Read the theme with all that it extends."""
    theme = load_theme(find_theme(folder, config.site.theme))
    for path in (each for each in find_unused(theme) if is_own_file(folder, each)):
        hint = "A template has the name of the one that it replaces: docs/reference/views.md lists them."
        yield Finding("settings", Level.NOTE, f"{path} is used by no page", hint)
    yield Finding("settings", Level.OK, f"theme {config.site.theme} can be read")


def check_notes(folder: Path) -> Iterator[Finding]:
    """Read the notes."""
    notes, problems = read_notes(folder / "notes")
    for problem in problems:
        yield Finding("notes", Level.NOTE, f"Left out: {problem}", "Mend the note; the others are published.")
    yield Finding("notes", Level.OK, f"{len(notes)} can be read")


def check_token(folder: Path, config: SiteConfig, token: str | None) -> Iterator[Finding]:
    """Look whether there is an access token for the homeserver, and who can read it."""
    if token:
        yield Finding("account", Level.OK, "the access token comes from the environment")
        return
    credentials = read_credentials(folder)
    if credentials is None:
        what = "no login: rooms are read as a guest, where the homeserver admits guests"
        yield Finding("account", Level.NOTE, what, "garden login, with a new account that joins nothing.")
    elif find_token(folder, config.matrix.homeserver) is None:
        what = f"The access token is for {credentials.homeserver}, and site.toml names another homeserver"
        yield Finding("account", Level.PROBLEM, what, "Run garden login.")
    else:
        yield Finding("account", Level.OK, f"login of {credentials.user_id}, readable for you alone")


def check_key(cache: Path, config: SiteConfig) -> Iterator[Finding]:
    """Look whether the garden's key is the one that its wishes were written with, and who can read it."""
    path = cache / KEY_FILE
    if not config.key and path.is_file() and stat.S_IMODE(path.stat().st_mode) & _OTHERS:
        yield Finding("archive", Level.PROBLEM, f"{path} can be read by others", f"chmod 600 {path}")
    check = _recall_key(cache / DATABASE_FILE)
    if check is None:
        yield Finding("archive", Level.OK, "no key has been needed yet")
        return
    GardenKey(cache, config.key, _Remembered(check)).digest("doctor", "")
    place = "GARDEN_KEY" if config.key else str(path)
    yield Finding("archive", Level.OK, f"{place} is the key of this archive")


class _Remembered(Memory):
    """The memory of an archive that is only looked at: it knows the key's check value and keeps nothing."""

    def __init__(self, check: str) -> None:
        self._check = check

    def recall(self, name: str) -> str | None:  # noqa: ARG002 - only the key asks
        """Return the check value."""
        return self._check

    def remember(self, name: str, text: str) -> None:
        """Keep nothing."""


def _recall_key(database: Path) -> str | None:
    if not database.is_file() or not database.stat().st_size:
        return None
    with Inspection(database) as inspection:
        for table in inspection.tables:
            if table.name == "memory":
                rows = (name_columns(table, row) for row in inspection.rows(table))
                return next((str(row["value"]) for row in rows if row["name"] == "key"), None)
    return None


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"

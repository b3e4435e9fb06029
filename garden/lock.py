"""One garden command at a time: the lock that sync, import, build and repair hold, and who holds it.

The file `content_cache/.lock` is locked by the system (flock(2)) and never by its mere presence, so no killed
command leaves a lock behind. What stands in it says to others which command holds it; its time of change says
since when.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from garden.archive.event import clean_text, get_number, get_text
from garden.errors import ArchiveError

LOCK_FILE: Final = ".lock"

_TRIES: Final = 3
_LONGEST: Final = 4096
"""Bytes of the file that are read."""

_PAUSE: Final = 0.1
"""Seconds between tries: `garden doctor` looks at the lock for a moment, and that must stop nobody."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The command that works on a garden now."""

    process: int | None
    """Its process id, where it has said so."""
    command: str
    """Its name, such as `build`; empty where it has not said so."""
    since: str
    """Date and time of day on this machine."""

    def describe(self) -> str:
        """Return what is known about it, in words."""
        process = f"process {self.process}" if self.process is not None else ""
        return ", ".join(part for part in (self.command, process, f"since {self.since}") if part)


@contextmanager
def hold_garden(cache: Path, *, wait: bool = False, command: str = "") -> Iterator[None]:
    """Hold `content_cache/` for one command; the system releases it however the command ends.

    Where another command holds it, `wait` waits for that one; otherwise raises `ArchiveError`, which says
    which one it is. `command` is what others are told.
    """
    try:
        cache.mkdir(parents=True, exist_ok=True)
        # For appending: what another command has written there stays until this one holds the lock.
        file = (cache / LOCK_FILE).open("a+b", buffering=0)
    except OSError as error:
        raise _explain(cache, error) from error
    with file:
        if not _take(file, wait=wait):
            holder = _read_holder(file)
            raise ArchiveError(
                f"Another garden command ({holder.describe()}) is working in {cache}.",
                hint="Wait for it to end, then try again.",
            )
        _sign(file, json.dumps({"process": os.getpid(), "command": command}).encode())
        try:
            yield
        finally:
            _sign(file, b"")


def find_holder(cache: Path) -> Holder | None:
    """Return who works on a garden now, or None. Raises `ArchiveError` where that cannot be seen."""
    try:
        with (cache / LOCK_FILE).open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _read_holder(file)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ArchiveError(
            f"{error.filename or cache} cannot be read: {error.strerror}.",
            hint="Check the folder's permissions.",
        ) from error
    return None


def _explain(cache: Path, error: OSError) -> ArchiveError:
    return ArchiveError(
        f"{error.filename or cache / LOCK_FILE} cannot be written: {error.strerror}.",
        hint="Check the folder's permissions and the free space.",
    )


def _take(file: IO[bytes], *, wait: bool) -> bool:
    if wait:
        fcntl.flock(file, fcntl.LOCK_EX)
        return True
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(_PAUSE)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        return True
    return False


def _sign(file: IO[bytes], text: bytes) -> None:
    """Say who holds the lock; on a full disk it is held without a word."""
    with suppress(OSError):
        file.truncate(0)
        file.write(text)


def _read_holder(file: IO[bytes]) -> Holder:
    file.seek(0)
    changed = os.fstat(file.fileno()).st_mtime
    try:
        told = json.loads(file.read(_LONGEST) or b"")
    except (ValueError, OSError, RecursionError):
        told = None
    since = datetime.fromtimestamp(changed, UTC).astimezone()
    return Holder(
        get_number(told, "process"),
        clean_text(get_text(told, "command") or ""),
        since.strftime("%Y-%m-%d %H:%M"),
    )

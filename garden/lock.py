"""One garden command at a time: the lock that sync, import and build hold."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from garden.errors import ArchiveError


@contextmanager
def hold_garden(cache: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold `content_cache/` for one command; the system releases it however the command ends.

    Where another command holds it, `wait` waits for that one; otherwise raises `ArchiveError`.
    """
    try:
        cache.mkdir(parents=True, exist_ok=True)
        file = (cache / ".lock").open("a")
    except OSError as error:
        raise ArchiveError(
            f"{error.filename or cache} cannot be written: {error.strerror}.",
            hint="Check the folder's permissions and the free space.",
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ArchiveError(
                f"Another garden command is working in {cache}.", hint="Wait for it to end, then try again."
            ) from error
        yield

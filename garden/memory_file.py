"""What one build tells the next: a small file of JSON in `content_cache/`, read before and written after.

Unlike all else that builds make there, nobody could make it again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from garden.durable import find_draft, replace_file
from garden.errors import ArchiveError

Remembered = TypeVar("Remembered")


def read_memory_file(
    path: Path,
    nothing: Remembered,
    read: Callable[[Any], Remembered],
    explain: Callable[[Path, Exception], ArchiveError],
) -> Remembered:
    """Return what `read` makes of the file's JSON, or `nothing` where there is no file.

    Whatever `read` stumbles over, the file is damaged: `explain` makes the error that says what to do.
    """
    if not path.is_file():
        return nothing
    try:
        return read(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise explain(path, error) from error


def write_memory_file(path: Path, text: str) -> None:
    """Write the file where it changed, and remove what a killed run has left. Raises `ArchiveError`."""
    data = f"{text}\n".encode()
    try:
        if path.is_file() and path.read_bytes() == data:
            find_draft(path).unlink(missing_ok=True)
        else:
            replace_file(path, data)
    except OSError as error:
        raise ArchiveError(
            f"{path} cannot be written: {error.strerror}.", hint="Check disk space and permissions."
        ) from error

"""Files that outlive a power cut: bytes come in under a name, and on disk stands the former file or this one.

A rename swaps a name in one step, but the disk may learn of it before it learns of the bytes, and without
word it learns of neither. So the bytes are made durable first (fsync(2)), then the name, then the folder.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Container
from contextlib import suppress
from pathlib import Path

_NOT_OFFERED = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EBADF})
"""How file systems answer that cannot make a folder durable by itself, such as those of other machines."""


def replace_file(path: Path, data: bytes, *, is_private: bool = False) -> None:
    """Put a file in place, durable, whether there was one or not; `is_private` is for its owner's eyes only.

    Its folder has to be there. Raises `OSError`; then the former file stays and nothing is left beside it.
    """
    draft = find_draft(path)
    try:
        # One that a killed run left may be open to others, and is never written into.
        draft.unlink(missing_ok=True)
        mode = 0o600 if is_private else 0o666
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def find_draft(path: Path) -> Path:
    """Return where a file lies until it takes its place; what a killed run left there is to be removed."""
    return path.with_name(f".{path.name}.next")


def find_drafts(folder: Path) -> list[Path]:
    """Return the drafts that killed runs have left anywhere in a folder."""
    return sorted(folder.rglob(".*.next"))


def make_folder(folder: Path) -> None:
    """Make a folder, and those that it lies in, durable; does nothing where it is there. Raises `OSError`."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_file(path: Path) -> None:
    """Make the bytes of a file durable that was written by somebody else. Raises `OSError`."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: those that were made, moved and removed. Raises `OSError`."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    except OSError as error:
        if error.errno not in _NOT_OFFERED:
            raise
    finally:
        os.close(number)


def remove_others(folder: Path, kept: Container[Path]) -> None:
    """Remove the files below a folder that are not among those to keep, and folders left empty.

    Raises `OSError`, which names the file.
    """
    for parent, folders, names in os.walk(folder, topdown=False):
        for path in (Path(parent, name) for name in names):
            if path not in kept:
                path.unlink(missing_ok=True)
        for name in folders:
            with suppress(OSError):
                Path(parent, name).rmdir()

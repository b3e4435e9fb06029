"""The files of the search index become a seal beside them, which says later whether they are still the same.

The seal names every file with its digest. It is written last: what differs from it was damaged, or left by a
run that was killed, and is not trusted.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Final

_FORMAT: Final = 1
"""Raised when words are cut or stored in another way: an index of another format is built anew."""

_NAME: Final = "seal.json"
_INDEX_FILES: Final = ("MAIN", "_MAIN")
"""How the names of Whoosh's files begin."""

Seal = dict[str, tuple[int, int, str]]
"""Size, time of change (ns) and SHA-256 of each file."""


def break_seal(folder: Path) -> None:
    """Vouch for nothing any more."""
    (folder / _NAME).unlink(missing_ok=True)


def read_seal(folder: Path) -> Seal | None:
    """Return what the seal says, or None where there is none that this version wrote."""
    try:
        seal = json.loads((folder / _NAME).read_bytes())
        files = {
            str(name): (int(size), int(changed), str(digest)) for name, size, changed, digest in seal["files"]
        }
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return files if seal.get("format") == _FORMAT else None


def write_seal(folder: Path) -> None:
    """Vouch for the files as they are now; contents are read only where size or time changed."""
    former = read_seal(folder) or {}
    files = [[path.name, *_describe(path, former.get(path.name))] for path in sorted(_list_files(folder))]
    beside = folder / f"{_NAME}.new"
    beside.write_text(json.dumps({"format": _FORMAT, "files": files}, indent=1), encoding="utf-8")
    os.replace(beside, folder / _NAME)  # noqa: PTH105 - says what it does to an existing file


def _describe(path: Path, former: tuple[int, int, str] | None) -> tuple[int, int, str]:
    state = path.stat()
    if former is not None and former[:2] == (state.st_size, state.st_mtime_ns):
        return former
    with path.open("rb") as file:
        return state.st_size, state.st_mtime_ns, hashlib.file_digest(file, "sha256").hexdigest()


def is_whole(folder: Path, seal: Seal) -> bool:
    """Compare files with the seal; contents are read only where size or time cannot tell."""
    try:
        return all(_describe(folder / name, state)[::2] == state[::2] for name, state in seal.items())
    except OSError:
        return False


def sweep(folder: Path, seal: Seal) -> None:
    """Remove what Whoosh left there and the seal does not name: it may hold words that are to be gone."""
    for path in _list_files(folder):
        if path.is_dir():
            for inside in path.iterdir():
                inside.unlink()
            path.rmdir()
        elif path.name not in seal:
            path.unlink()


def _list_files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.startswith(_INDEX_FILES)]

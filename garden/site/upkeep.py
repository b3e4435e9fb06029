"""How a built site stands on disk: its folder comes in, what somebody changed in it or lost from it goes out.

The manifest inside says which files the last build has written. It is written last, so that a file which is
younger was changed by somebody else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from garden.durable import replace_file
from garden.errors import OutputError
from garden.site.store import MANIFEST

_ALIKE_NS: Final = 2_000_000_000
"""Some file systems and copies keep times to two seconds only."""


@dataclass(frozen=True, slots=True)
class SiteState:
    """A built site as it lies there."""

    files: int = 0
    size: int = 0
    """In bytes, of all files."""
    largest: str = ""
    """The file that is largest."""
    largest_size: int = 0
    missing: tuple[str, ...] = ()
    """Files that the last build has written and that are not there."""
    changed: tuple[str, ...] = ()
    """Files that were written after the build was done."""
    strangers: tuple[str, ...] = ()
    """Files that somebody else has put there."""
    is_marked: bool = True
    """Whether the manifest can be read."""


def examine_site(folder: Path) -> SiteState | None:
    """Compare an output folder with its manifest; None where nothing was built there.

    Raises `OutputError` where it cannot be read.
    """
    if not folder.is_dir():
        return None
    try:
        sizes, times = _measure(folder)
        known = _read_names(folder / MANIFEST)
        built = (folder / MANIFEST).stat().st_mtime_ns if known is not None else 0
    except OSError as error:
        raise OutputError(
            f"{error.filename or folder} cannot be read: {error.strerror}.", hint="Check the permissions."
        ) from error
    ours = known or frozenset()
    largest = max(sizes, key=lambda path: (sizes[path], path), default="")
    return SiteState(
        files=len(sizes),
        size=sum(sizes.values()),
        largest=largest,
        largest_size=sizes.get(largest, 0),
        missing=tuple(sorted(ours - sizes.keys())),
        changed=tuple(sorted(path for path in ours if times.get(path, 0) > built + _ALIKE_NS)),
        strangers=tuple(sorted(sizes.keys() - ours - {MANIFEST})) if known is not None else (),
        is_marked=known is not None,
    )


def list_site_drafts(folder: Path) -> list[Path]:
    """Return what builds prepare and put aside beside an output folder, as far as it is there."""
    real = Path(os.path.realpath(folder))
    beside = (real.with_name(f".{real.name}.{ending}") for ending in ("next", "old"))
    return [path for path in beside if path.exists()]


def forget_marks(folder: Path) -> bool:
    """Have the next build write every file anew; False where the manifest cannot be read.

    Raises `OutputError` where it cannot be written.
    """
    path = folder / MANIFEST
    try:
        known = _read_names(path)
        if known is None:
            return False
        manifest = {"format": 0, "files": dict.fromkeys(sorted(known), "")}
        replace_file(path, json.dumps(manifest, indent=0).encode())
    except OSError as error:
        raise OutputError(
            f"{error.filename or path} cannot be written: {error.strerror}.", hint="Check the permissions."
        ) from error
    return True


def _measure(folder: Path) -> tuple[dict[str, int], dict[str, int]]:
    """Return the size in bytes and the time of change in nanoseconds of each file."""
    sizes, times = {}, {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            state = path.lstat()
            sizes[path.relative_to(folder).as_posix()] = state.st_size
            times[path.relative_to(folder).as_posix()] = state.st_mtime_ns
    return sizes, times


def _read_names(path: Path) -> frozenset[str] | None:
    try:
        manifest: object = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    files = manifest.get("files") if isinstance(manifest, Mapping) else None
    return frozenset(map(str, files)) if isinstance(files, Mapping) else None

"""The site on disk: writes what changed, removes what is gone, and swaps a finished build in as a whole.

Documents go into a folder beside the output. When all are there, unchanged files of the last build join them
as hard links, and the two folders change places in one step; until then readers see the last good site. The
manifest travels inside, so that it always speaks of the files beside it.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from garden.durable import sync_file, sync_folder
from garden.errors import AddressClashError, OutputError
from garden.site.document import CopiedDocument, Document

MANIFEST: Final = ".garden.json"
_FORMAT: Final = 1
_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2


@dataclass(frozen=True, slots=True)
class SiteChange:
    """What a build did to the output folder."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    kept: int


class SiteStore:
    """One build's way into the output folder; use `open_site`."""

    def __init__(self, folder: Path) -> None:
        # A link to a folder stays a link: what it leads to changes places.
        self._folder = Path(os.path.realpath(folder))
        if self._folder == self._folder.parent:
            raise OutputError(f"{folder} cannot be replaced.", hint="Choose another folder with --out.")
        self._staging = self._folder.with_name(f".{self._folder.name}.next")
        with _explain(self._folder):
            _finish_swap(self._folder, self._staging)
            self._former = _read_manifest(self._folder)
        self._current: dict[str, str] = {}
        self._written: list[str] = []

    def keep_current(self, path: str, fingerprint: str) -> bool:
        """Say whether the file is there already with this fingerprint; if so, it stays untouched."""
        if self._former.get(path) != fingerprint or not (self._folder / path).is_file():
            return False
        self._current[path] = fingerprint
        return True

    def write_document(self, document: Document | CopiedDocument) -> None:
        """Put a file into the next site, unless it is there with the same fingerprint."""
        if document.path in self._current:
            raise AddressClashError(
                f"Two pages of the garden want to be {document.path}.",
                hint="Rename the note or the tag that makes this file.",
            )
        if self.keep_current(document.path, document.fingerprint):
            return
        target = self._staging / document.path
        with _explain(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(document, Document):
                target.write_bytes(document.content)
            else:
                shutil.copyfile(document.source, target)
        self._current[document.path] = document.fingerprint
        self._written.append(document.path)

    def finish(self) -> SiteChange:
        """Swap the new site in; where nothing changed, nothing on disk changes either."""
        removed = sorted(path for path in self._former if path not in self._current)
        new = not (self._folder / MANIFEST).is_file()
        if self._written or removed or new:
            with _explain(self._folder):
                self._complete_staging()
                _swap(self._staging, self._folder)
                # What was named before is durable with this: file systems keep the order of names.
                sync_folder(self._folder.parent)
        self.discard()
        return SiteChange(
            tuple(sorted(self._written)), tuple(removed), len(self._current) - len(self._written)
        )

    def discard(self) -> None:
        """Remove what a build has prepared beside the output folder."""
        shutil.rmtree(self._staging, ignore_errors=True)

    def _complete_staging(self) -> None:
        """Add the unchanged files, and those that somebody else put into the output folder."""
        self._staging.mkdir(parents=True, exist_ok=True)
        if self._folder.is_dir():
            shutil.copymode(self._folder, self._staging)
        for path in _list_entries(self._folder):
            ours = path in self._former
            if path == MANIFEST or (ours and path not in self._current):
                continue
            if not os.path.lexists(self._staging / path):
                _link(self._folder / path, self._staging / path)
            elif not ours:
                raise OutputError(
                    f"{self._folder / path} was put there by somebody else, and garden wants to write it.",
                    hint="Move it out of the output folder, or rename the page that makes this file.",
                )
        manifest = {"format": _FORMAT, "files": dict(sorted(self._current.items()))}
        (self._staging / MANIFEST).write_text(json.dumps(manifest, indent=0), encoding="utf-8")
        _sync_tree(self._staging, self._written)


@contextmanager
def open_site(folder: Path) -> Iterator[SiteStore]:
    """Open the output folder for one build; what was prepared is discarded if the build fails.

    Raises `OutputError` where the folder holds files that garden did not write, or cannot be written.
    """
    store = SiteStore(folder)
    try:
        yield store
    finally:
        store.discard()


def _read_manifest(folder: Path) -> Mapping[str, str]:
    """Return the files of the last build with their fingerprints, which another format makes void."""
    path = folder / MANIFEST
    if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "Permission denied", str(folder))
    if not path.is_file():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise OutputError(
                f"{folder} holds files that garden did not write, so it will not be replaced.",
                hint="Choose another folder with --out, or empty this one yourself.",
            )
        return {}
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        known = manifest["format"] == _FORMAT
        return {str(name): str(mark) if known else "" for name, mark in manifest["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise OutputError(
            f"{path} is damaged, so garden cannot tell its own files from others.",
            hint=f"Remove {folder} and build again.",
        ) from error


def _list_entries(folder: Path) -> Iterator[str]:
    """List files, links and empty folders, which somebody may need (a `.git` does)."""
    for parent, folders, names in os.walk(folder):
        here = Path(parent)
        if not folders and not names and here != folder:
            yield here.relative_to(folder).as_posix()
        for name in (*names, *(name for name in folders if (here / name).is_symlink())):
            yield (here / name).relative_to(folder).as_posix()


def _link(source: Path, target: Path) -> None:
    if source.is_dir() and not source.is_symlink():
        target.mkdir(parents=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.EXDEV}:
            raise
        shutil.copy2(source, target, follow_symlinks=False)


def _sync_tree(folder: Path, written: list[str]) -> None:
    """Make new files durable before the swap, so that a power cut cannot leave an empty file in it."""
    for path in [*written, MANIFEST]:
        sync_file(folder / path)


def _swap(staging: Path, folder: Path) -> None:
    """Let two folders change places: in one step where the system can, else by two renames."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    if not folder.exists():
        staging.rename(folder)
        return
    if _exchange(staging, folder):
        return
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    folder.rename(old)
    staging.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _exchange(staging: Path, folder: Path) -> bool:
    """Call renameat2(2) with RENAME_EXCHANGE; False where kernel, library or file system lack it."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):
        return False
    done = renameat2(_AT_FDCWD, os.fsencode(staging), _AT_FDCWD, os.fsencode(folder), _RENAME_EXCHANGE)
    return bool(done == 0)


def _finish_swap(folder: Path, staging: Path) -> None:
    """Repair what a killed build left: between two renames the finished site waits beside its place."""
    old = folder.with_name(f".{folder.name}.old")
    if not folder.exists() and old.exists():
        (staging if (staging / MANIFEST).is_file() else old).rename(folder)
    for leftover in (old, staging):
        with suppress(FileNotFoundError):
            shutil.rmtree(leftover)


@contextmanager
def _explain(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hints = {
            errno.ENOSPC: "Free some space and build again; the last site is untouched.",
            errno.EBUSY: "It is a mount point and cannot be swapped: name a folder inside it with --out.",
        }
        raise OutputError(
            f"{error.filename or place} cannot be written: {error.strerror}.",
            hint=hints.get(error.errno or 0, "Check the permissions, or choose another folder with --out."),
        ) from error

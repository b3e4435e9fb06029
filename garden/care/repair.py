"""A repair: a damaged garden comes in, one that the next sync can complete stays, and what was done goes out.

The archive is mended first, since everything else is made from it; then all that is made from it goes and is
built anew. Where the archive has lost something nothing is built: the site stays as it is until a sync has
brought back what can be brought back.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from garden.archive.database import Database
from garden.archive.inspection import Inspection
from garden.archive.salvage import Salvage, finish_swap, salvage
from garden.archive.store import CACHE_FOLDER, DATABASE_FILE
from garden.care.check_archive import check_database, list_digests, list_unreadable, list_wrong
from garden.care.check_machine import list_leftovers
from garden.care.finding import Level
from garden.config import SiteConfig
from garden.errors import ArchiveError
from garden.lock import hold_garden
from garden.pipeline import BuildResult, build_garden
from garden.report import Report
from garden.site.upkeep import forget_marks

_DERIVED: Final = ("pages", "pictures", "search", "build.json")
"""What a build makes in content_cache, and can make again."""

_STEPS: Final = 3


@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair did."""

    salvage: Salvage | None
    """What became of the archive; None where it was whole."""
    leftovers: tuple[str, ...]
    """What killed commands had left, and is gone."""
    dropped: tuple[str, ...]
    """Files that only a backup could bring back and that nobody can read: addresses, feeds."""
    media: tuple[str, ...]
    """Pictures, recordings and files that were damaged or gone; the next sync asks for them again."""
    built: BuildResult | None
    """None where a sync has to come first."""


def repair_garden(
    folder: Path, config: SiteConfig, out: Path, *, jobs: int, now_ms: int, report: Report
) -> Repair:
    """Mend the archive of the garden in `folder` and build anew what is made from it.

    `now_ms` is the time in milliseconds since 1970. Raises `GardenError` where the disk fails or another
    command works there.
    """
    cache, path = folder / CACHE_FOLDER, folder / CACHE_FOLDER / DATABASE_FILE
    with hold_garden(cache, command="doctor --repair"), _explained(cache):
        report("Mending the archive", 0, _STEPS)
        finish_swap(path)
        leftovers = _remove_leftovers(folder, out)
        salvaged = salvage(path) if path.exists() and is_damaged(path) else None
        report("Comparing files", 1, _STEPS)
        media = _drop_wrong_media(path, cache / "media") if path.exists() else ()
        report("Removing what can be made again", 2, _STEPS)
        dropped = _drop_unreadable(cache)
        _remove_derived(cache)
        forget_marks(out)
    built = None
    if path.exists() and salvaged is None and not media:
        built = build_garden(folder, config, out, now_ms=now_ms, jobs=jobs, report=report)
    return Repair(salvaged, leftovers, dropped, media, built)


def is_damaged(path: Path) -> bool:
    """Whether a database has to be written anew; a newer garden's is left alone.

    Raises `ArchiveError` where it is a newer garden's.
    """
    if path.stat().st_size == 0:
        return True
    try:
        with Inspection(path) as inspection:
            findings = list(check_database(inspection, thorough=True))
    except ArchiveError:
        return True
    newer = next((each for each in findings if each.hint == "Upgrade garden."), None)
    if newer is not None:
        raise ArchiveError(newer.what, hint=newer.hint)
    return any(each.level is Level.PROBLEM for each in findings)


def _remove_leftovers(folder: Path, out: Path) -> tuple[str, ...]:
    found = list_leftovers(folder, out)
    for path in found:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return tuple(map(str, found))


def _drop_wrong_media(path: Path, folder: Path) -> tuple[str, ...]:
    """Remove files that are damaged, and forget them and those that are gone, so that they are asked for."""
    wrong = list_wrong(folder)
    for file in wrong:
        file.unlink()
    with Inspection(path) as inspection:
        gone = sorted(list_digests(inspection) - {file.stem for file in folder.rglob("*") if file.is_file()})
    if gone:
        with closing(Database(path)) as database, database.transaction():
            database.run_many(
                "DELETE FROM media WHERE digest = ?1 OR thumb_digest = ?1", [(digest,) for digest in gone]
            )
    return tuple(gone)


def _drop_unreadable(cache: Path) -> tuple[str, ...]:
    """Remove what no command could go on with: a book of addresses or feeds that nobody can read."""
    dropped = [path for path in list_unreadable(cache) if path.name not in _DERIVED]
    for path in dropped:
        path.unlink()
    return tuple(path.name for path in dropped)


def _remove_derived(cache: Path) -> None:
    for name in _DERIVED:
        path = cache / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def _explained(cache: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ArchiveError(
            f"{error.filename or cache} cannot be written: {error.strerror}.",
            hint="Make content_cache writable for you, then run garden doctor --repair again.",
        ) from error

"""Forgetting: somebody, a room or one message leaves the archive, and only a keyed digest stays behind.

The digest keeps the next sync from bringing it back; nobody can read from it who or what was forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from garden.archive.store import CACHE_FOLDER, ArchiveStore
from garden.config import SiteConfig
from garden.consent import settle_archive
from garden.errors import OptionError
from garden.lock import hold_garden
from garden.target import Kind, find_target


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What a `garden forget` did."""

    kind: Kind
    traces: int = 0
    """How many rows of the archive held something of it."""
    undone: bool = False


def forget(folder: Path, config: SiteConfig, asked: str, *, now_ms: int) -> Forgetting:
    """Take a person, a room or a message out of the archive, for good.

    `asked` is what `garden.target.find_target` understands; `now_ms` the time in milliseconds since 1970. The
    site follows with the next build. Raises `OptionError` and `ArchiveError`.
    """
    with (
        hold_garden(folder / CACHE_FOLDER, command="forget"),
        ArchiveStore.open_existing(folder, config.key) as store,
    ):
        target = find_target(asked, config.site.base_url, store)
        traces = store.count_traces(target.kind, target.identifier)
        store.wishes.forget(target.kind, target.identifier, at=now_ms)
        settle_archive(config, store)
    return Forgetting(target.kind, traces)


def recall(folder: Path, config: SiteConfig, asked: str) -> Forgetting:
    """Take a forgetting back: the next sync brings again what the homeserver still tells.

    Raises `OptionError` and `ArchiveError`.
    """
    with (
        hold_garden(folder / CACHE_FOLDER, command="forget"),
        ArchiveStore.open_existing(folder, config.key) as store,
    ):
        target = find_target(asked, config.site.base_url, store)
        if not store.wishes.recall(target.kind, target.identifier):
            raise OptionError(
                f"{asked} was not forgotten.", hint="Spell it as it was spelt then; ids are exact."
            )
        settle_archive(config, store)
    return Forgetting(target.kind, undone=True)

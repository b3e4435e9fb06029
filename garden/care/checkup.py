"""A garden's health: its folder comes in, findings go out, each with what to do about it.

Every check only looks; nothing on disk or on the homeserver is changed, and nothing secret is told. What a
check cannot look at becomes a finding too, so that one fault hides no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from garden.archive.store import CACHE_FOLDER
from garden.care.check_archive import check_archive, check_derived, check_rooms, check_site
from garden.care.check_machine import (
    check_codecs,
    check_disk,
    check_key,
    check_leftovers,
    check_lock,
    check_machine,
    check_notes,
    check_theme,
    check_token,
    check_writable,
)
from garden.care.check_server import check_homeserver
from garden.care.finding import Finding, Level, complain
from garden.config import SiteConfig
from garden.errors import ConfigError, GardenError, NotAGardenError
from garden.report import Report

__all__ = ["Depth", "Finding", "Level", "examine_garden"]


@dataclass(frozen=True, slots=True)
class Depth:
    """How far a doctor goes."""

    offline: bool = False
    """Leave the homeserver out."""
    thorough: bool = False
    """Compare every index with its table, and the bytes of every file with its name."""


def examine_garden(
    folder: Path,
    out: Path,
    *,
    read: Callable[[], SiteConfig],
    token: str | None,
    now_ms: int,
    depth: Depth,
    report: Report,
) -> list[Finding]:
    """Look at everything that a garden needs.

    `read` reads its settings, `token` is what the environment gives, `now_ms` the time in milliseconds since
    1970. Raises `NotAGardenError` where there is none.
    """
    cache = folder / CACHE_FOLDER
    findings, config = _read_settings(read)
    checks: list[tuple[str, Callable[[], Iterable[Finding]]]] = [
        ("this machine", check_machine),
        ("this machine", check_codecs),
        ("commands", lambda: check_lock(cache)),
        ("commands", lambda: check_leftovers(folder, out)),
        ("permissions", lambda: check_writable(folder, cache, out)),
        ("archive", lambda: check_archive(cache, thorough=depth.thorough)),
        ("archive", lambda: check_derived(cache, thorough=depth.thorough)),
        ("site", lambda: check_site(out)),
        ("disk", lambda: check_disk(folder, out)),
        ("notes", lambda: check_notes(folder)),
    ]
    if config is not None:
        checks += [
            ("settings", lambda: check_theme(folder, config)),
            ("account", lambda: check_token(folder, config, token)),
            ("archive", lambda: check_key(cache, config)),
            ("rooms", lambda: check_rooms(folder, config, now_ms)),
        ]
        if not depth.offline:
            checks.append(("homeserver", lambda: check_homeserver(folder, config, token, now_ms)))
    for number, (area, check) in enumerate(checks):
        report("Looking", number, len(checks))
        findings += _run(area, check)
    return findings


def _read_settings(read: Callable[[], SiteConfig]) -> tuple[list[Finding], SiteConfig | None]:
    try:
        config = read()
    except NotAGardenError:
        raise
    except ConfigError as error:
        return [
            Finding("settings", Level.PROBLEM, f"{error.path}:{each.line}: {each.message}", each.hint)
            for each in error.problems
        ], None
    return [Finding("settings", Level.OK, "site.toml can be read")], config


def _run(area: str, check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    try:
        yield from check()
    except GardenError as error:
        yield complain(area, error)
    except OSError as error:
        what = f"{error.filename or 'A file'} cannot be read: {error.strerror}"
        yield Finding(area, Level.PROBLEM, what, "Check the permissions, then run garden doctor again.")

"""Serve a garden while it is being tended: build, serve, and build again whenever something changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from garden.archive.store import CACHE_FOLDER, DATABASE_FILE
from garden.clock import read_clock
from garden.config import SiteConfig
from garden.errors import GardenError
from garden.pipeline import build_garden
from garden.report import Report
from garden.resources import find_theme
from garden.site.serve import HOST, Changes, open_server

_QUIET_MS: Final = 300
"""Changes that come within so many milliseconds are built together."""
_LOOK_MS: Final = 250
"""How often the watch says that nothing has changed; its first word says that it has begun."""


def serve_garden(  # noqa: PLR0913 - what a command was told
    folder: Path,
    out: Path,
    port: int,
    *,
    read: Callable[[], SiteConfig],
    jobs: int,
    report: Report,
    opened: Callable[[str], None],
    failed: Callable[[GardenError], None],
) -> None:
    """Serve until interrupted; `opened` hears the address, `failed` what keeps a later build from ending.

    `read` reads the settings, which may change meanwhile. Raises `GardenError` where the first build fails or
    nothing can be served.
    """
    from watchfiles import watch  # noqa: PLC0415 - the other commands do not watch

    config = read()
    build_garden(folder, config, out, now_ms=read_clock(), jobs=jobs, report=report)
    changes = Changes()
    base_path = urlsplit(config.site.base_url).path
    server = open_server(out, base_path, port, changes)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    layers = find_theme(folder, config.site.theme)
    watched = watch(
        *(path for path in (folder, *layers) if path.exists()),
        watch_filter=source_filter(folder, out),
        debounce=_QUIET_MS,
        raise_interrupt=True,
        rust_timeout=_LOOK_MS,
        yield_on_timeout=True,
    )
    is_open = False
    try:
        for changed in watched:
            # The first look is over: from now on no change is missed.
            if not is_open:
                opened(f"http://{HOST}:{server.server_port}{base_path}")
                is_open = True
            if changed:
                _rebuild(folder, out, read, jobs, report, changes, failed)
    finally:
        server.shutdown()
        server.server_close()


def _rebuild(
    folder: Path,
    out: Path,
    read: Callable[[], SiteConfig],
    jobs: int,
    report: Report,
    changes: Changes,
    failed: Callable[[GardenError], None],
) -> None:
    """A mistake in site.toml or a template must not end the server: it is told, and the last site stays.

    A sync in another window changes the archive long before it is done, so its end is waited for.
    """
    try:
        now_ms = read_clock()
        result = build_garden(folder, read(), out, now_ms=now_ms, jobs=jobs, report=report, wait=True)
    except GardenError as error:
        failed(error)
        return
    if result.change.written or result.change.removed:
        changes.announce()


def source_filter(folder: Path, out: Path) -> Callable[[object, str], bool]:
    """Return what says of a changed file whether a build reads it.

    What a build writes does not count, nor what editors leave lying.
    """
    cache, output = (folder / CACHE_FOLDER).resolve(), out.resolve()
    staging = output.with_name(f".{output.name}.next")

    def is_source(_change: object, name: str) -> bool:
        path = Path(name).resolve()
        if path.is_relative_to(cache):
            # Not its -wal, which comes and goes whenever the database is only read.
            return path.name == DATABASE_FILE
        made = path.is_relative_to(output) or path.is_relative_to(staging)
        return not made and not path.name.startswith(".") and not path.name.endswith(("~", ".swp"))

    return is_source

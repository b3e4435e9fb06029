"""What comes into the archive: a login, a sync from the homeserver, an import from files."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from garden.archive.credentials import Credentials, find_token, save_credentials
from garden.archive.event import RoomId, UserId
from garden.archive.import_files import ImportResult, import_events
from garden.archive.store import CACHE_FOLDER, ArchiveStore
from garden.archive.sync import RoomResult, SyncLimits, SyncProgress, SyncResult, Wanted, sync_rooms
from garden.bed import erase_refused, lay_beds
from garden.config import SiteConfig, duration_ms
from garden.errors import ImportFileError, OptionError
from garden.lock import hold_garden
from garden.report import Report


def log_in(
    folder: Path, config: SiteConfig, *, user: str = "", password: str | None = None, token: str | None = None
) -> UserId:
    """Return whose token it is, after asking for one with the password where none is given.

    Raises `LoginError`, `UnreachableError`, and `OptionError` where no homeserver is named.
    """
    from garden.archive.matrix import MatrixSource, login_with_password  # noqa: PLC0415 - it loads nio

    homeserver = _need_homeserver(config)

    async def run() -> Credentials:
        access_token = token or await login_with_password(homeserver, user, password or "")
        async with MatrixSource(homeserver, access_token) as source:
            return Credentials(homeserver, await source.whoami(), access_token)

    credentials = asyncio.run(run())
    save_credentials(folder, credentials)
    return credentials.user_id


def _need_homeserver(config: SiteConfig) -> str:
    if not config.matrix.homeserver:
        raise OptionError(
            "site.toml does not say which homeserver to ask.",
            hint='Name it under [matrix], such as homeserver = "https://matrix.example".',
        )
    return config.matrix.homeserver


def import_files(
    folder: Path, files: Sequence[Path], standard_input: BinaryIO, *, report: Report
) -> list[ImportResult]:
    """Bring files of events into the archive; the path `-` is standard input.

    Raises `ImportFileError`, naming the file, and `ArchiveError`.
    """
    results = []
    with hold_garden(folder / CACHE_FOLDER), ArchiveStore.open(folder) as store:
        for number, path in enumerate(files):
            report("Importing files", number, len(files))
            if path == Path("-"):
                results.append(import_events(store, standard_input, "standard input"))
                continue
            try:
                with path.open("rb") as lines:
                    results.append(import_events(store, lines, path.name))
            except OSError as error:
                raise ImportFileError(
                    f"{path} cannot be read: {error.strerror}.", hint="Check the path and its permissions."
                ) from error
        store.vacuum_traces()
    return results


@dataclass(frozen=True, slots=True)
class GardenSync:
    """What a sync did."""

    rooms: tuple[RoomResult, ...]
    names: Mapping[RoomId, str]
    """Names of the rooms that could be read."""
    notes: tuple[str, ...] = ()
    """What is worth knowing and no failure: older rooms, before an upgrade, that cannot be read."""


def sync_garden(
    folder: Path, config: SiteConfig, environment_token: str | None, *, full: bool = False, report: Report
) -> GardenSync:
    """Bring the archive up to date, then empty what the gate refuses, so that only public words stay on disk.

    Raises `LoginError`, `UnreachableError` and `ArchiveError`, which concern all rooms, and `OptionError`
    where rooms are named and no homeserver is.
    """
    from garden.archive.matrix import MatrixSource  # noqa: PLC0415 - it loads nio, which takes a third of a second

    wanted = Wanted(config.matrix.rooms, config.matrix.spaces)
    token = find_token(folder, config.matrix.homeserver, environment_token)
    limits = SyncLimits(duration_ms(config.matrix.recrawl), config.matrix.max_media_bytes)

    read: dict[RoomId, int] = {}

    def tell(progress: SyncProgress) -> None:
        read[progress.room_id] = progress.events
        report("Reading events", sum(read.values()), 0)

    async def run(store: ArchiveStore) -> SyncResult:
        if not wanted.rooms and not wanted.spaces:
            return SyncResult(())
        async with MatrixSource(_need_homeserver(config), token) as source:
            now_ms = time.time_ns() // 1_000_000
            return await sync_rooms(
                wanted, source, store, now_ms=now_ms, limits=limits, full=full, report=tell
            )

    with hold_garden(folder / CACHE_FOLDER), ArchiveStore.open(folder) as store:
        result = asyncio.run(run(store))
        beds = lay_beds(config, store, {})
        for bed in beds:
            erase_refused(bed, store)
        store.files.remove_unused()
        store.vacuum_traces()
    names = {part.room_id: bed.place.room.name for bed in beds for part in bed.parts}
    return GardenSync(result.rooms, names, result.notes)

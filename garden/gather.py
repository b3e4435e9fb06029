"""What comes into the archive: a login, a sync from the homeserver, an import from files."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from garden.admission import ACCOUNT
from garden.archive.account import Account
from garden.archive.credentials import Credentials, find_token, save_credentials
from garden.archive.event import RoomId, UserId
from garden.archive.import_files import ImportResult, import_events
from garden.archive.letters import read_letters
from garden.archive.store import CACHE_FOLDER, ArchiveStore
from garden.archive.sync import RoomResult, SyncLimits, SyncProgress, SyncResult, Wanted, sync_rooms
from garden.bed import lay_beds
from garden.clock import read_clock
from garden.config import SiteConfig, duration_ms
from garden.consent import SPEAKS, honour_list, settle_archive
from garden.errors import HomeserverError, ImportFileError, OptionError
from garden.lock import hold_garden
from garden.notice import write_replies
from garden.report import Report

_LETTERS: Final = "letters_token"
"""Under which the archive remembers how far the account's private messages were read."""


def log_in(
    folder: Path, config: SiteConfig, *, user: str = "", password: str | None = None, token: str | None = None
) -> UserId:
    """Return whose token it is, after asking for one with the password where none is given.

    Raises `LoginError`, `UnreachableError`, and `OptionError` where no homeserver is named.
    """
    from garden.archive.matrix import MatrixSource, login_with_password  # noqa: PLC0415 - it loads nio

    homeserver = need_homeserver(config)

    async def run() -> Credentials:
        access_token = token or await login_with_password(homeserver, user, password or "")
        async with MatrixSource(homeserver, access_token) as source:
            return Credentials(homeserver, await source.whoami(), access_token)

    credentials = asyncio.run(run())
    save_credentials(folder, credentials)
    return credentials.user_id


def need_homeserver(config: SiteConfig) -> str:
    """Return the homeserver that `site.toml` names. Raises `OptionError` where it names none."""
    if not config.matrix.homeserver:
        raise OptionError(
            "site.toml does not say which homeserver to ask.",
            hint='Name it under [matrix], such as homeserver = "https://matrix.example".',
        )
    return config.matrix.homeserver


def import_files(
    folder: Path, config: SiteConfig, files: Sequence[Path], standard_input: BinaryIO, *, report: Report
) -> list[ImportResult]:
    """Bring files of events into the archive; the path `-` is standard input.

    Raises `ImportFileError`, naming the file, and `ArchiveError`.
    """
    results = []
    with (
        hold_garden(folder / CACHE_FOLDER, command="import"),
        ArchiveStore.open(folder, config.key) as store,
    ):
        honour_list(config, store)
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
        settle_archive(config, store)
    return results


@dataclass(frozen=True, slots=True)
class GardenSync:
    """What a sync did."""

    rooms: tuple[RoomResult, ...]
    names: Mapping[RoomId, str]
    """Names of the rooms that could be read."""
    notes: tuple[str, ...] = ()
    """What is worth knowing and no failure: older rooms, before an upgrade, that cannot be read."""


async def _read_letters(
    account: Account, result: SyncResult, config: SiteConfig, store: ArchiveStore
) -> tuple[str, ...]:
    """Hear what people wrote to the garden's account; returns what is worth knowing.

    It answers, and accepts invitations, only after `garden notice` has said in its name who it is: the token
    may be that of somebody's own account.
    """
    try:
        identity = await account.whoami()
    except HomeserverError as error:
        return (f"Private messages could not be read: {error}",)
    if identity.is_guest:
        return ()
    store.remember(ACCOUNT, identity.user_id)
    published = {record.room_id for record in store.rooms()} | {room.room_id for room in result.rooms}
    replies = write_replies(config) if store.recall(SPEAKS) else None
    remembered = store.recall(_LETTERS)
    letters = await read_letters(account, frozenset(filter(None, published)), remembered, replies)
    # The wishes first: a letter that is read twice says the same, one that is lost says nothing.
    for wish in letters.wishes:
        store.wishes.note(wish.user, out=wish.out, at=wish.at)
    if letters.remembered is not None:
        store.remember(_LETTERS, letters.remembered)
    return letters.notes


def sync_garden(
    folder: Path, config: SiteConfig, environment_token: str | None, *, full: bool = False, report: Report
) -> GardenSync:
    """Bring the archive up to date, then empty what the gate refuses, so that only public words stay on disk.

    Raises `LoginError`, `UnreachableError` and `ArchiveError`, which concern all rooms, and `OptionError`
    where rooms are named and no homeserver is.
    """
    from garden.archive.matrix import MatrixSource  # noqa: PLC0415 - it loads nio, which takes a third of a second

    vouched = tuple(RoomId(room) for room in config.matrix.vouched_rooms)
    wanted = Wanted(config.matrix.rooms, config.matrix.spaces, kept=vouched)
    token = find_token(folder, config.matrix.homeserver, environment_token)
    limits = SyncLimits(
        duration_ms(config.matrix.recrawl),
        config.matrix.max_media_bytes,
        keep_closed=config.consent.when_closed == "keep",
    )

    read: dict[RoomId, int] = {}

    def tell(progress: SyncProgress) -> None:
        read[progress.room_id] = progress.events
        report("Reading events", sum(read.values()), 0)

    async def run(store: ArchiveStore) -> SyncResult:
        if not wanted.rooms and not wanted.spaces:
            return SyncResult(())
        async with MatrixSource(need_homeserver(config), token) as source:
            now_ms = read_clock()
            result = await sync_rooms(
                wanted, source, store, now_ms=now_ms, limits=limits, full=full, report=tell
            )
            notes = await _read_letters(source.account, result, config, store)
        return replace(result, notes=(*result.notes, *notes))

    with (
        hold_garden(folder / CACHE_FOLDER, command="sync"),
        ArchiveStore.open(folder, config.key) as store,
    ):
        honour_list(config, store)
        result = asyncio.run(run(store))
        settle_archive(config, store)
        beds = lay_beds(config, store, {})
    names = {part.room_id: bed.place.room.name for bed in beds for part in bed.parts}
    return GardenSync(result.rooms, names, result.notes)

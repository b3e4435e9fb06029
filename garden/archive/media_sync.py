"""One room's files on their way into the archive: what its events show is fetched, cleaned, kept or refused.

A file that is missing, too large, broken or not what it says is reported once and never stops a room.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from garden.archive.clean_file import CleanFile, MediaReason, UnfitFileError
from garden.archive.clean_media import clean_media
from garden.archive.event import EventId, MediaForm, MxcUri, RoomId
from garden.archive.source import LargeMediaError, MissingMediaError, RoomSource
from garden.archive.store import ArchiveStore
from garden.errors import UnreachableError


@dataclass(frozen=True, slots=True)
class MediaProblem:
    """A file that could not be copied."""

    uri: MxcUri
    event_id: EventId
    reason: str
    """Why, for people."""
    form: MediaForm = MediaForm.PICTURE
    code: MediaReason | None = None
    """Why, in one word; None where the homeserver did not answer and will be asked again."""


async def fetch_media(
    room_id: RoomId, source: RoomSource, store: ArchiveStore, max_bytes: int
) -> AsyncIterator[MediaProblem | None]:
    """Fetch what a room shows and the archive lacks; yields once for each file, with its problem if any.

    `max_bytes` is the size of the largest file that is fetched. Raises `LoginError` and `ArchiveError`.
    """
    for uri, form, event_id in store.files.list_missing(room_id, max_bytes):
        try:
            store.files.save(uri, await _fetch(uri, form, source, store, max_bytes), form=form)
        except UnreachableError as error:
            # Not written down: the next sync asks again.
            yield MediaProblem(uri, event_id, str(error), form)
        except (MissingMediaError, UnfitFileError) as error:
            code = _code(error)
            former = store.files.find(uri, form)
            limit = max_bytes if isinstance(error, LargeMediaError) else None
            store.files.refuse(uri, str(error), form=form, reason=code, limit=limit)
            # Asked for once more, and still nothing: that was told at the first time.
            is_known = former is not None and former.problem == str(error)
            yield None if is_known else MediaProblem(uri, event_id, str(error), form, code)
        else:
            yield None


async def withdraw_media(room_id: RoomId, source: RoomSource, store: ArchiveStore) -> None:
    """Let go of files that the homeserver does not give out any more.

    One that was quarantined leaves nothing in the timeline, so only asking tells.
    """
    for uri in store.files.list_kept(room_id):
        if not await source.has_media(uri):
            store.files.withdraw(uri, "the homeserver does not give it out any more")


async def _fetch(
    uri: MxcUri, form: MediaForm, source: RoomSource, store: ArchiveStore, max_bytes: int
) -> CleanFile:
    declared = store.files.declared(uri, form)
    if declared.size is not None and declared.size > max_bytes:
        raise LargeMediaError(f"it has {declared.size} bytes, more than {max_bytes}")
    data = await source.download(uri, max_bytes)
    return await asyncio.to_thread(clean_media, data, form, is_text=declared.is_text)


def _code(error: MissingMediaError | UnfitFileError) -> MediaReason:
    if isinstance(error, UnfitFileError):
        return error.reason
    return "too-large" if isinstance(error, LargeMediaError) else "not-found"

"""The way through a room's pages: pages go by, and an error comes out where a server leads nowhere.

A server can answer for ever and never come to an end: in a circle, with empty pages, or by refusing each
token that it gave. A page that comes twice now and then is no circle: a cache on the way may do that.
"""

from __future__ import annotations

from typing import Final

from garden.archive.event import RoomId, get_text
from garden.archive.source import Batch
from garden.errors import UnreachableError

_MAX_REPEATS: Final = 3
"""Pages in a row that were there before."""

_MAX_EMPTY: Final = 10_000
"""Pages in a row without any event. Of a room with a long closed past Synapse gives many."""

_MAX_RESTARTS: Final = 3
"""How often in one sync a server may refuse a token that it gave in the same sync."""


class Way:
    """One walk through the pages of one room, forwards or backwards."""

    def __init__(self, room_id: RoomId) -> None:
        self._room_id = room_id
        self._seen: set[int] = set()
        self._repeats = 0
        self._empty = 0
        self._restarts = 0

    def note(self, batch: Batch) -> None:
        """Take note of a page. Raises `UnreachableError` where the way leads in a circle or nowhere."""
        ids = tuple(get_text(event, "event_id") for event in batch.events)
        marks = {hash(("page", ids))} if ids else set()
        if batch.next_token is not None:
            marks.add(hash(("token", batch.next_token)))
        self._repeats = self._repeats + 1 if marks & self._seen else 0
        self._empty = 0 if ids else self._empty + 1
        self._seen |= marks
        if batch.next_token is not None and (self._repeats > _MAX_REPEATS or self._empty > _MAX_EMPTY):
            raise self._complain("gives the same pages again and again, or empty ones without end")

    def restart(self) -> None:
        """Begin again because a token is refused. Raises `UnreachableError` where that helps nothing."""
        self._seen.clear()
        self._restarts += 1
        if self._restarts > _MAX_RESTARTS:
            raise self._complain("refuses again and again to go on from where it stopped")

    def _complain(self, what: str) -> UnreachableError:
        return UnreachableError(
            f"{self._room_id} cannot be read to its end: the homeserver {what}",
            hint="A proxy or cache in front of the homeserver may be wrong; tell its admin. What was read"
            " stays, and the next garden sync goes on.",
        )

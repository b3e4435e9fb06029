"""What is new in one room: the stream says that something is, the room's history says where it stands.

The stream brings events in the order in which the homeserver heard of them, and leaves out what it asked
other homeservers for afterwards. So where there is news the room's end is read as well, page by page, until
a page holds nothing but what was known before, as it stands here. Then the homeserver's order is taken over,
and only then the stream counts as read: whoever is killed before that reads it again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from garden.archive.event import JsonObject, RoomId, get_text
from garden.archive.source import RoomSource, StaleTokenError
from garden.archive.store import Appended, ArchiveStore
from garden.archive.vocabulary import PREFERENCE, ROBOTS, VISIBILITY
from garden.archive.way import Way

_RULES: Final = frozenset({VISIBILITY, ROBOTS, PREFERENCE})
"""State events by which a room says who may read it: what was erased since may be read again."""

_QUIET_PAGES: Final = 2
"""Pages without news that end a look where no stream says whether there are any: the last page and the one
behind it, because homeservers order events differently, and some come late."""

_MOST_PAGES: Final = 10
"""Pages of one look. What it has not found by then is found by comparing the whole history."""


class RoomNews:
    """One reading of what is new: `follow` the stream, then `place` what is new."""

    def __init__(
        self,
        room_id: RoomId,
        source: RoomSource,
        store: ArchiveStore,
        now_ms: int,
        note: Callable[[Appended], None],
    ) -> None:
        self._room_id = room_id
        self._source = source
        self._store = store
        self._now_ms = now_ms
        self._note = note
        self._token: str | None = None
        self._pages = 0
        """How many pages without news end the look; 0 where there is no need to look."""
        self._told: set[str | None] = set()
        """Ids of what the stream has told."""
        self._missing: set[str | None] = set()
        """Those that the look has not come to."""
        self._has_members = False
        """Whether the stream has told of members."""

    async def follow(self, token: str | None) -> None:
        """Keep what came after the token, at the room's end for now; None where there was no stream."""
        is_told = False
        if token is not None:
            with suppress(StaleTokenError):
                await self._follow(token)
                is_told = True
        if not is_told:
            # The new token comes first, so that nothing falls between the look and the stream.
            self._token = await self._source.start_stream(self._room_id)
            self._pages = _QUIET_PAGES

    async def place(self) -> None:
        """Keep what else is new at the room's end, in the homeserver's order, and how far the stream is."""
        seen = await self._look()
        if not self._store.crawls.knows(self._room_id, seen):
            await self._prepare_for(self._store.crawls.list_new(self._room_id, seen), are_late=True)
        self._note(self._store.crawls.append_end(self._room_id, seen, token=self._token, now_ms=self._now_ms))

    async def _follow(self, token: str) -> None:
        way = Way(self._room_id)
        following: str | None = token
        while following is not None:
            batch = await self._source.read_stream(self._room_id, following)
            way.note(batch)
            await self._hear(batch.events)
            self._token = batch.next_token or following
            following = batch.next_token if batch.events else None

    async def _hear(self, events: Sequence[JsonObject]) -> None:
        if not events:
            return
        self._pages = max(self._pages, 1)
        self._told |= {get_text(event, "event_id") for event in events} - {None}
        self._missing |= self._told
        self._has_members = self._has_members or any(map(_is_member, events))
        await self._prepare_for(events)
        self._note(self._store.append(self._room_id, events, end="newest", now_ms=self._now_ms))

    async def _look(self) -> list[JsonObject]:
        """Read back from the room's end until there is no more news; return what was seen, newest first."""
        seen: list[JsonObject] = []
        token, pages, quiet_pages = None, 0, 0
        while quiet_pages < self._pages:
            if pages == _MOST_PAGES:
                self._store.make_crawl_due(self._room_id)
                break
            try:
                batch = await self._source.read_history(self._room_id, token)
            except StaleTokenError:
                self._store.make_crawl_due(self._room_id)
                break
            is_quiet = self._is_quiet(batch.events, seen[-1:])
            seen += batch.events
            token, pages = batch.next_token, pages + 1
            if token is None:
                break
            if batch.events:
                quiet_pages = quiet_pages + 1 if is_quiet else 0
        return seen

    def _is_quiet(self, page: Sequence[JsonObject], before: Sequence[JsonObject]) -> bool:
        """Whether a page shows that nothing behind it is new: it goes beyond all news, and is known as it is.

        `before` is the last event of the page before.
        """
        ids = [get_text(event, "event_id") for event in page]
        self._missing.difference_update(ids)
        if self._missing or ids[-1:] == [None] or self._told.intersection(ids[-1:]):
            return False
        return self._store.crawls.knows(self._room_id, [*before, *page])

    async def _prepare_for(self, events: Sequence[JsonObject], *, are_late: bool = False) -> None:
        """Do what new events call for beside being kept, before they count as known; all can be done twice.

        Which of two changes counts that did not know of each other is for the homeserver to say: the one that
        came last may have lost. Where nothing is late, changes of members are taken as they come, since there
        are many.
        """
        if any(get_text(event, "type") in _RULES for event in events):
            self._store.make_crawl_due(self._room_id)
        states = [event for event in events if get_text(event, "state_key") is not None]
        is_open = (states or self._has_members) if are_late else not all(map(_is_member, states))
        if is_open or self._removes_state(events):
            self._store.replace_state(self._room_id, await self._source.read_state(self._room_id))
        else:
            self._store.apply_state(self._room_id, states)

    def _removes_state(self, events: Sequence[JsonObject]) -> bool:
        targets = {_target(event) for event in events if get_text(event, "type") == "m.room.redaction"}
        return bool(targets) and any(event.event_id in targets for event in self._store.state(self._room_id))


def _is_member(event: JsonObject) -> bool:
    return get_text(event, "type") == "m.room.member"


def _target(event: JsonObject) -> str | None:
    """Return what a redaction is about, wherever the room's version keeps it."""
    return get_text(event, "content", "redacts") or get_text(event, "redacts")

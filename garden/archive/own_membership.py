"""The account's own place in a room: who reads comes in, whether they are told more than the world goes out.

What the archive holds of the room answers that nearly always. A homeserver is asked where the room is new,
and where the account was in it and may be no more: who has left is shown the room for ever as it was then,
however it is by now, so the homeserver is asked to forget that the account was there.
"""

from __future__ import annotations

from dataclasses import replace

from garden.archive.event import Event, RoomId, UserId, get_text
from garden.archive.room_records import RoomRecord
from garden.archive.source import RoomSource
from garden.archive.store import ArchiveStore


class OwnMembership:
    """The account in one room, during one sync."""

    def __init__(self, room_id: RoomId, source: RoomSource, store: ArchiveStore) -> None:
        self._room_id = room_id
        self._source = source
        self._store = store
        self._is_asked = False

    async def leave_behind(self) -> bool:
        """Where the account has left the room, read it from now on as anybody does; whether it had left.

        The room's state is then as anybody sees it, and its history is due to be compared.
        """
        me = await self._source.find_reader()
        if (
            me is None
            or not await self._may_have_left(me)
            or not await self._source.forget_left(self._room_id)
        ):
            return False
        self._store.replace_state(self._room_id, await self._source.read_state(self._room_id))
        record, own = self._record(), self._find(me)
        if record.crawled_at is not None:
            self._store.make_crawl_due(self._room_id)
        self._store.save_room(
            replace(self._record(), forgotten_leave=own.event_id if own is not None else None)
        )
        return True

    async def is_inside(self) -> bool:
        """Whether the account is told more than the world: it is in the room, was in it or is to come in.

        Of somebody who opted out the archive does not say where they are.
        """
        me = await self._source.find_reader()
        if me is None:
            return False
        own = self._find(me)
        if own is None:
            return self._store.wishes.is_gone(me)
        return own.event_id != self._record().forgotten_leave

    async def _may_have_left(self, me: UserId) -> bool:
        is_new = self._record().synced_at is None and not self._is_asked
        self._is_asked = True
        own = self._find(me)
        if own is None or own.event_id == self._record().forgotten_leave:
            return is_new
        return get_text(own.content, "membership") != "join" or not await self._source.is_joined(
            self._room_id
        )

    def _find(self, me: UserId) -> Event | None:
        return self._store.find_state(self._room_id, "m.room.member", me)

    def _record(self) -> RoomRecord:
        return self._store.room(self._room_id) or RoomRecord(self._room_id)

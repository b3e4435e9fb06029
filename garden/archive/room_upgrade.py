"""Room upgrades: what rooms say of where they came from and where they went on becomes chains of rooms.

A room goes on in another only where both say so: the old one by `m.room.tombstone`, the new one by its
`m.room.create` (client-server API, "Room upgrades"). Anybody can make a room that names a predecessor, and
whoever moderates a room can point it anywhere; neither alone gets words into the other's pages.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from garden.archive.event import Event, JsonObject, RoomId, get_text, read_events
from garden.archive.store import ArchiveStore

_CLAIMING: Final = frozenset({"m.room.create", "m.room.tombstone"})

MAX_ROOMS: Final = 100
"""Rooms in one chain; communities upgrade a few times in a decade."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What one room says of its upgrades."""

    older: RoomId | None = None
    """The room that it replaces."""
    newer: RoomId | None = None
    """The room that replaces it."""


def read_claim(state: Iterable[Event]) -> Claim:
    """Read what a room's current state says of its upgrades."""
    by_type = {event.type: event.content for event in state if event.state_key == ""}
    return Claim(
        _room_id(get_text(by_type.get("m.room.create"), "predecessor", "room_id")),
        _room_id(get_text(by_type.get("m.room.tombstone"), "replacement_room")),
    )


def read_told_claim(room_id: RoomId, told: Iterable[JsonObject]) -> Claim:
    """Read the same from the state that a homeserver tells; what is no event says nothing."""
    claiming = (source for source in told if get_text(source, "type") in _CLAIMING)
    return read_claim(read_events(claiming, room_id))


class Upgrades:
    """The upgrades of archived rooms, as their state in the archive tells them when it is first asked for."""

    def __init__(self, store: ArchiveStore) -> None:
        self._store = store
        self._claims: dict[RoomId, Claim | None] = {}

    def named_by(self, room_id: RoomId) -> Claim:
        """Return what a room says; of one that is closed by now, what was noted while both could be read."""
        claim = self._claim(room_id)
        if claim is not None:
            return claim
        older = self._store.selected(_before(room_id))
        newer = self._store.selected(_after(room_id))
        return Claim(older[0] if older else None, newer[0] if newer else None)

    def is_upgrade(self, older: RoomId, newer: RoomId) -> bool:
        """Whether both rooms are archived and say that one went on in the other."""
        if self._store.room(older) is None or self._store.room(newer) is None:
            return False
        return self.named_by(older).newer == newer and self.named_by(newer).older == older

    def follow(self, room_id: RoomId) -> tuple[RoomId, ...]:
        """Return the archived rooms that a room went through, oldest first, itself among them."""
        chain = deque([room_id])
        while len(chain) < MAX_ROOMS:
            older, newer = self.named_by(chain[0]).older, self.named_by(chain[-1]).newer
            if older is not None and older not in chain and self.is_upgrade(older, chain[0]):
                chain.appendleft(older)
            elif newer is not None and newer not in chain and self.is_upgrade(chain[-1], newer):
                chain.append(newer)
            else:
                break
        return tuple(chain)

    def note(self, older: RoomId, newer: RoomId) -> None:
        """Note that both rooms say so: once one of them is closed, it says nothing any more."""
        if self._store.selected(_after(older)) != (newer,):
            self._store.select(_after(older), (newer,))
        if self._store.selected(_before(newer)) != (older,):
            self._store.select(_before(newer), (older,))

    def _claim(self, room_id: RoomId) -> Claim | None:
        """Return what a room's own state says, or None where nothing of it is archived."""
        if room_id not in self._claims:
            state = self._store.state(room_id)
            self._claims[room_id] = read_claim(state) if state else None
        return self._claims[room_id]


def _after(room_id: RoomId) -> str:
    """Return the name under which a room's successor is noted; no entry of `site.toml` can be called so."""
    return f"upgrade of {room_id}"


def _before(room_id: RoomId) -> str:
    return f"predecessor of {room_id}"


def _room_id(text: str | None) -> RoomId | None:
    return RoomId(text) if text is not None and text.startswith("!") else None

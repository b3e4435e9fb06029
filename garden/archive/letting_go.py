"""Rooms that a garden lets go: what is still wanted goes in, everything else leaves the archive.

Only rooms that came from a homeserver go, since it can tell them again. An entry of `site.toml` that cannot
be looked up now stands for what it stood for at the last sync.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Final

from garden.archive.event import RoomId
from garden.archive.room_upgrade import Upgrades
from garden.archive.store import ArchiveStore

CLOSED: Final = "closed"
"""As a room's visibility: it may not be read any more, or is not asked about."""


def let_go(
    store: ArchiveStore,
    wanted: Iterable[RoomId],
    *,
    closed: Collection[RoomId] = (),
    entries: Iterable[str] = (),
) -> None:
    """Erase every room from a homeserver that is neither wanted nor `closed`, and all that was forgotten.

    Rooms count with those that they went through. `closed` are rooms that stay as they are, though nobody
    reads them any more; `entries` is what `site.toml` names.
    """
    upgrades = Upgrades(store)
    kept = {part for room_id in wanted for part in upgrades.follow(room_id)}
    still = {part for room_id in closed for part in upgrades.follow(room_id)} - kept
    for record in store.rooms():
        if store.wishes.is_forgotten_room(record.room_id):
            store.drop_room(record.room_id)
        elif record.origin != "homeserver" or record.room_id in kept:
            continue
        elif record.room_id not in still:
            store.drop_room(record.room_id)
        elif record.visibility != CLOSED:
            store.save_room(replace(record, visibility=CLOSED))
    store.keep_selections(entries)

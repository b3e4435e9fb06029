"""A bed is one room of the garden: which rooms are planted, and the way of one room from events to pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from garden.archive.event import Event, MxcUri, RoomId
from garden.archive.store import ArchiveStore
from garden.config import SiteConfig
from garden.conversations.resolve import resolve_messages
from garden.conversations.room import Room, describe_room
from garden.conversations.thread import thread_conversations
from garden.conversations.visibility import Judgement, Refusal, RoomAccess, keep_publishable
from garden.pages.address import assign_room_addresses
from garden.pages.compose import compose_page
from garden.pages.page import Page
from garden.site.present import RoomPlace

KEPT_EVENTS: Final = 50_000
"""Events whose pages are kept in memory between the two passes of a build: about 100 MB."""


@dataclass(frozen=True, slots=True)
class Bed:
    """A room that `site.toml` asks for, and where its pages stand."""

    place: RoomPlace
    access: RoomAccess


def choose_rooms(config: SiteConfig, store: ArchiveStore) -> list[RoomId]:
    """Return the archived rooms that `site.toml` names, itself or through a space, in its order."""
    known = {record.room_id for record in store.rooms()}
    matrix = config.matrix
    wanted = [room for entry in (*matrix.rooms, *matrix.spaces) for room in store.selected(entry)]
    wanted += [RoomId(entry) for entry in (*matrix.rooms, *matrix.vouched_rooms) if entry.startswith("!")]
    return [room for room in dict.fromkeys(wanted) if room in known]


def lay_beds(config: SiteConfig, store: ArchiveStore, given: Mapping[str, str]) -> list[Bed]:
    """Give each chosen room its access and its folder; `given` are the folders of earlier builds."""
    rooms = {room_id: describe_room(room_id, store.state(room_id)) for room_id in choose_rooms(config, store)}
    wished = [(room_id, _wished_name(room)) for room_id, room in rooms.items()]
    addresses = assign_room_addresses(wished, given)
    return [
        Bed(RoomPlace(room, addresses[room_id]), read_access(room_id, config, store))
        for room_id, room in rooms.items()
    ]


def read_access(room_id: RoomId, config: SiteConfig, store: ArchiveStore) -> RoomAccess:
    """Collect what is known about who may read a room."""
    record = store.room(room_id)
    opening = next(
        (event for event in store.state(room_id) if event.type == "m.room.history_visibility"), None
    )
    before = opening is not None and not store.known_ids(room_id, [opening.event_id])
    synced = record is not None and record.origin == "homeserver"
    return RoomAccess(
        visibility=record.visibility if record is not None else None,
        vouched=room_id in config.matrix.vouched_rooms,
        at_first=record.visibility if before and record is not None else None,
        from_files=frozenset(store.file_only_ids(room_id)) if synced else frozenset(),
    )


def judge_bed(bed: Bed, store: ArchiveStore) -> Judgement:
    """Hop 2, the gate: which of the room's events may be published."""
    return keep_publishable(store.events(bed.place.room.room_id), bed.access)


def erase_refused(bed: Bed, store: ArchiveStore) -> None:
    """Empty what may not be published: an account that has joined is told more than the world.

    What only a file has told stays, since no homeserver could tell it again once the admin vouches for it.
    """
    if bed.access.visibility is not None:
        refused = judge_bed(bed, store).refused
        told = [event_id for event_id, reason in refused.items() if reason is not Refusal.EVENT_FROM_FILE]
        store.erase(bed.place.room.room_id, told)


def grow_pages(bed: Bed, kept: tuple[Event, ...], store: ArchiveStore, min_messages: int) -> Iterator[Page]:
    """Hops 2 to 4: publishable events become messages, conversations, pages."""
    messages = resolve_messages(kept, store.state(bed.place.room.room_id))
    for conversation in thread_conversations(messages, min_messages=min_messages):
        yield compose_page(conversation, bed.place.address, lambda uri: locate_picture(uri, store))


class Nursery:
    """Grows the pages of beds, which a build needs twice: once to be linked and once to be published.

    The pages of a small garden are kept in between; a large one is grown anew, so that memory stays bounded.
    """

    def __init__(self, store: ArchiveStore, min_messages: int) -> None:
        self._store = store
        self._min_messages = min_messages
        self._kept: dict[RoomId, list[Page]] = {}
        self._space = KEPT_EVENTS

    def grow(self, bed: Bed, judgement: Judgement | None = None) -> Iterable[Page]:
        """Return a bed's pages, in the same order every time; `judgement` where it has been made already."""
        room_id = bed.place.room.room_id
        if room_id in self._kept:
            return self._kept[room_id]
        judgement = judgement or judge_bed(bed, self._store)
        pages = grow_pages(bed, judgement.kept, self._store, self._min_messages)
        if len(judgement.kept) > self._space:
            return pages
        self._space -= len(judgement.kept)
        return self._kept.setdefault(room_id, list(pages))


def locate_picture(uri: MxcUri, store: ArchiveStore) -> tuple[str, int, int] | None:
    """Return a copied picture's path below the media folder, its width and height."""
    record = store.media(uri)
    if record is None or record.digest is None or record.width is None or record.height is None:
        return None
    path = store.media_path(record)
    return "/".join(path.parts[-2:]), record.width, record.height


def _wished_name(room: Room) -> str:
    return room.alias[1:].partition(":")[0] if room.alias else room.name

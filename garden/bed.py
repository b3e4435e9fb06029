"""A bed is one room of the garden: which rooms are planted, and the way of one room from events to pages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from garden.archive.event import Event, MxcUri, RoomId
from garden.archive.store import CACHE_FOLDER, ArchiveStore
from garden.config import SiteConfig
from garden.conversations.resolve import resolve_messages
from garden.conversations.room import Room, describe_room
from garden.conversations.thread import thread_conversations
from garden.conversations.visibility import Judgement, RoomAccess, keep_publishable
from garden.pages.address import assign_room_addresses
from garden.pages.compose import compose_page
from garden.pages.page import Page
from garden.site.present import RoomPlace

ADDRESS_FILE = "addresses.json"
"""In `content_cache/`: the folder that each room was once given, so that no rename moves a page."""


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


def lay_beds(folder: Path, config: SiteConfig, store: ArchiveStore) -> list[Bed]:
    """Give each chosen room its access and its folder."""
    rooms = {room_id: describe_room(room_id, store.state(room_id)) for room_id in choose_rooms(config, store)}
    wished = [(room_id, _wished_name(room)) for room_id, room in rooms.items()]
    addresses = assign_room_addresses(wished, read_given_addresses(folder))
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
    return RoomAccess(
        visibility=record.visibility if record is not None else None,
        vouched=room_id in config.matrix.vouched_rooms,
        at_first=record.visibility if before and record is not None else None,
    )


def judge_bed(bed: Bed, store: ArchiveStore) -> Judgement:
    """Hop 2, the gate: which of the room's events may be published."""
    return keep_publishable(store.events(bed.place.room.room_id), bed.access)


def erase_refused(bed: Bed, store: ArchiveStore) -> None:
    """Empty what may not be published: an account that has joined is told more than the world."""
    if bed.access.visibility is not None:
        store.erase(bed.place.room.room_id, judge_bed(bed, store).refused)


def grow_pages(bed: Bed, kept: tuple[Event, ...], store: ArchiveStore, min_messages: int) -> Iterator[Page]:
    """Hops 2 to 4: publishable events become messages, conversations, pages."""
    messages = resolve_messages(kept, store.state(bed.place.room.room_id))
    for conversation in thread_conversations(messages, min_messages=min_messages):
        yield compose_page(conversation, bed.place.address, lambda uri: locate_picture(uri, store))


def locate_picture(uri: MxcUri, store: ArchiveStore) -> tuple[str, int, int] | None:
    """Return a copied picture's path below the media folder, its width and height."""
    record = store.media(uri)
    if record is None or record.digest is None or record.width is None or record.height is None:
        return None
    path = store.media_path(record)
    return "/".join(path.parts[-2:]), record.width, record.height


def read_given_addresses(folder: Path) -> Mapping[str, str]:
    """Return the folders that rooms were given by earlier builds."""
    path = folder / CACHE_FOLDER / ADDRESS_FILE
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def write_given_addresses(folder: Path, beds: Iterable[Bed]) -> None:
    """Remember the folders of rooms; those of rooms that are not planted now are kept for their return."""
    given = read_given_addresses(folder)
    now: dict[str, str] = {**given, **{bed.place.room.room_id: bed.place.address for bed in beds}}
    if now != given:
        path = folder / CACHE_FOLDER / ADDRESS_FILE
        draft = path.with_suffix(".next")
        draft.write_text(
            json.dumps(now, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        draft.replace(path)


def _wished_name(room: Room) -> str:
    return room.alias[1:].partition(":")[0] if room.alias else room.name

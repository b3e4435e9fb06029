"""A bed is one room of the garden: which rooms are planted, and the way of one room from events to pages.

A room that was upgraded is one bed: the rooms that it went through are its parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from garden.admission import judge_rooms, merge_state, read_access
from garden.archive.event import Event, MediaForm, MxcUri, RoomAlias, RoomId, get_text
from garden.archive.room_upgrade import Upgrades
from garden.archive.store import ArchiveStore
from garden.archive.vocabulary import WORLD_READABLE
from garden.config import SiteConfig
from garden.conversations.bridge import Bridges
from garden.conversations.conversation import Naming
from garden.conversations.disguise import Disguise
from garden.conversations.gesture import Gesture, read_gesture
from garden.conversations.names import Roster
from garden.conversations.preference import strictest
from garden.conversations.resolve import resolve_messages
from garden.conversations.room import Room, describe_room
from garden.conversations.tend import Wanted, tend_conversations
from garden.conversations.thread import thread_conversations
from garden.conversations.visibility import Judgement, RoomAccess, Rules
from garden.language import load_language
from garden.pages.address import Address, assign_room_addresses
from garden.pages.compose import RoomFolder, compose_page
from garden.pages.media import MediaFile, MissingMedia
from garden.pages.page import Page
from garden.pages.tagging import Tagging
from garden.pointing import find_linked
from garden.site.place import Opened, RoomPlace

KEPT_EVENTS: Final = 50_000
"""Events whose pages are kept in memory between the two passes of a build: about 100 MB."""


_NAMING: Final = frozenset({"m.room.name", "m.room.canonical_alias"})


@dataclass(frozen=True, slots=True)
class Part:
    """One of the rooms that a bed's room went through."""

    room_id: RoomId
    alias: RoomAlias | None
    access: RoomAccess


@dataclass(frozen=True, slots=True)
class Bed:
    """A room that `site.toml` asks for, through all its upgrades, and where its pages stand."""

    place: RoomPlace
    parts: tuple[Part, ...]
    """Oldest first; one where the room was never upgraded. Those that are closed by now are among them."""


def choose_rooms(config: SiteConfig, store: ArchiveStore) -> list[RoomId]:
    """Return the archived rooms that `site.toml` names, itself or through a space, in its order."""
    known = {record.room_id for record in store.rooms()}
    matrix = config.matrix
    wanted = [room for entry in (*matrix.rooms, *matrix.spaces) for room in store.selected(entry)]
    wanted += [RoomId(entry) for entry in (*matrix.rooms, *matrix.vouched_rooms) if entry.startswith("!")]
    return [room for room in dict.fromkeys(wanted) if room in known]


def lay_beds(config: SiteConfig, store: ArchiveStore, given: Mapping[str, str]) -> list[Bed]:
    """Give each chosen room its parts and its folder; `given` are the folders of earlier builds."""
    chains = _join_upgrades(choose_rooms(config, store), Upgrades(store))
    rooms = {chain: describe_room(chain[-1], merge_state(chain, store)) for chain in chains}
    folders = _assign_folders(rooms, given)
    return [
        Bed(
            RoomPlace(room, folders[chain], chain[:-1]),
            tuple(_describe_part(part, config, store) for part in chain),
        )
        for chain, room in rooms.items()
    ]


def list_rooms(beds: Iterable[Bed]) -> Iterator[tuple[RoomId, RoomAlias | None, str, Address]]:
    """Yield every room that beds consist of: identifier, alias, name and address, for the directory."""
    for bed in beds:
        for part in bed.parts:
            yield part.room_id, part.alias, bed.place.room.name, bed.place.address


def list_names(room_id: RoomId, store: ArchiveStore) -> Iterator[str]:
    """Yield what a room is called, then what it was once called: empty where somebody took that back."""
    yield room_id
    for events in (store.state(room_id), store.events(room_id)):
        for event in events:
            if event.state_key == "" and event.type in _NAMING:
                yield get_text(event.content, "name") or get_text(event.content, "alias") or ""


def judge_bed(bed: Bed, store: ArchiveStore, rules: Rules) -> Judgement:
    """Hop 2, the gate: which events of each part may be published, by that part's own access."""
    return judge_rooms([(part.room_id, part.access) for part in bed.parts], store, rules)


def open_bed(bed: Bed, judgement: Judgement, store: ArchiveStore, config: SiteConfig) -> Bed:
    """Return the bed with what the gate has found out about its room, for those who read there."""
    found, naming = judgement.opening, name_people(config, judgement)
    state = merge_state([part.room_id for part in bed.parts], store)
    by = ""
    if found is not None and found.by is not None and naming is Naming.FULL:
        by = Roster((), state, Bridges(state)).name(found.by)
    opened = Opened(
        by=by,
        at=found.at if found is not None else None,
        vouched=all(part.access.vouched for part in bed.parts),
        closed=bed.parts[-1].access.visibility not in {None, WORLD_READABLE},
    )
    # A topic names people, too.
    told = describe_room(bed.place.room.room_id, _disguise(naming, store).events((), state)[1])
    room = replace(bed.place.room, name=told.name, topic=told.topic)
    place = replace(bed.place, room=room, index=judgement.index, opened=opened, naming=naming)
    return replace(bed, place=place)


def name_people(config: SiteConfig, judgement: Judgement) -> Naming:
    """Return how people of a room are named: as the garden or the room asks, whichever is stricter."""
    return strictest(Naming(config.consent.names), judgement.naming)


def grow_pages(
    bed: Bed,
    judgement: Judgement,
    store: ArchiveStore,
    config: SiteConfig,
    report_problems: Callable[[list[str]], None] = lambda _: None,
) -> Iterator[Page]:
    """Hops 2 to 4: publishable events become messages, conversations, pages.

    `report_problems` hears what somebody has asked for and could not be done.
    """
    settings = config.pages
    state = merge_state([part.room_id for part in bed.parts], store)
    disguise = _disguise(name_people(config, judgement), store)
    asked = judgement.heard.gestures
    covered, covered_state = disguise.events((*judgement.kept, *asked) if asked else judgement.kept, state)
    events = covered[: len(judgement.kept)]
    messages = disguise.messages(resolve_messages(events, covered_state, membership=settings.show_membership))
    conversations = thread_conversations(
        messages, min_messages=settings.min_messages, show_removed=settings.show_removed
    )
    wanted = Wanted(
        gestures=tuple(_read_gestures(covered[len(judgement.kept) :], disguise)),
        given=config.conversations,
        find=partial(find_linked, messages=messages, base_url=config.site.base_url),
    )
    conversations, problems = tend_conversations(conversations, messages, wanted)
    report_problems(problems)
    folder = RoomFolder(bed.place.room.room_id, bed.place.address)
    language = load_language(config.site.language)
    answered = {message.event_id: message for message in messages}
    tagging = choose_tags(bed, config)

    def locate(uri: MxcUri, form: MediaForm) -> MediaFile | MissingMedia | None:
        return locate_media(uri, form, store)

    for conversation in conversations:
        yield compose_page(
            conversation, folder, answered, locate, language, history=settings.history, tagging=tagging
        )


def choose_tags(bed: Bed, config: SiteConfig) -> Tagging:
    """Return which tags the settings give to the conversations of a bed, by words and because of the room."""
    names = {name for part in bed.parts for name in (part.room_id, part.alias)}
    return Tagging(
        words=tuple((tag.name, tag.words) for tag in config.tags),
        given=tuple(tag.name for tag in config.tags if not names.isdisjoint(tag.rooms)),
    )


def _read_gestures(events: Iterable[Event], disguise: Disguise) -> Iterator[Gesture]:
    for gesture in filter(None, map(read_gesture, events)):
        yield replace(gesture, text=disguise.words(gesture.text))


def _disguise(naming: Naming, store: ArchiveStore) -> Disguise:
    return Disguise(naming, partial(store.digest, "pseudonym"))


class Nursery:
    """Grows the pages of beds, which a build needs twice: once to be linked and once to be published.

    The pages of a small garden are kept in between; a large one is grown anew, so that memory stays bounded.
    """

    def __init__(self, store: ArchiveStore, config: SiteConfig, rules: Rules) -> None:
        self._problems: dict[RoomId, list[str]] = {}
        self._store = store
        self._config = config
        self._rules = rules
        self._kept: dict[RoomId, list[Page]] = {}
        self._space = KEPT_EVENTS

    def grow(self, bed: Bed, judgement: Judgement | None = None) -> Iterable[Page]:
        """Return a bed's pages, in the same order every time; `judgement` where it has been made already."""
        room_id = bed.place.room.room_id
        if room_id in self._kept:
            return self._kept[room_id]
        judgement = judgement or judge_bed(bed, self._store, self._rules)
        note = partial(self._problems.__setitem__, room_id)
        pages = grow_pages(bed, judgement, self._store, self._config, note)
        if len(judgement.kept) > self._space:
            return pages
        self._space -= len(judgement.kept)
        return self._kept.setdefault(room_id, list(pages))

    def list_problems(self) -> Iterator[str]:
        """Yield what somebody has asked for in a room whose pages were grown, and could not be done."""
        for problems in self._problems.values():
            yield from problems


def locate_media(uri: MxcUri, form: MediaForm, store: ArchiveStore) -> MediaFile | MissingMedia | None:
    """Return what is known of a file that a message shows, or None where nobody has asked for it."""
    record = store.files.find(uri, form)
    if record is None:
        return None
    if record.digest is None:
        return MissingMedia(record.reason or "")
    width, height = record.shown_size
    return MediaFile(
        path=_below_media(store.files.path(record)),
        width=width,
        height=height,
        size=record.size or 0,
        mimetype=record.mimetype or "",
        thumb=_below_media(store.files.thumb_path(record)) if record.thumb_digest is not None else "",
        color=record.color or "",
        duration_ms=record.duration_ms,
    )


def _below_media(path: Path) -> str:
    return "/".join(path.parts[-2:])


def _join_upgrades(chosen: Iterable[RoomId], upgrades: Upgrades) -> list[tuple[RoomId, ...]]:
    """Give each chosen room the rooms that it went through; of several in one chain the first counts."""
    chains: list[tuple[RoomId, ...]] = []
    seen: set[RoomId] = set()
    for room_id in chosen:
        if room_id not in seen:
            chain = tuple(each for each in upgrades.follow(room_id) if each not in seen)
            chains.append(chain)
            seen.update(chain)
    return chains


def _describe_part(room_id: RoomId, config: SiteConfig, store: ArchiveStore) -> Part:
    alias = describe_room(room_id, store.state(room_id)).alias
    return Part(room_id, alias, read_access(room_id, config, store))


def _assign_folders(
    rooms: Mapping[tuple[RoomId, ...], Room], given: Mapping[str, str]
) -> dict[tuple[RoomId, ...], Address]:
    """Let a bed keep the folder that its oldest part was given; no two beds get the same.

    Two rooms can have been given one folder and be two beds: they were one until one of them said otherwise.
    """
    kept: dict[str, str] = {}
    for chain in rooms:
        free = (given[part] for part in chain if part in given and given[part] not in kept.values())
        if folder := next(free, None):
            kept[chain[-1]] = folder
    wished = [(chain[-1], _wished_name(room)) for chain, room in rooms.items()]
    # Folders stand for themselves, so that those which belong to nobody by now are not given away.
    addresses = assign_room_addresses(wished, {folder: folder for folder in given.values()} | kept)
    return {chain: addresses[chain[-1]] for chain in rooms}


def _wished_name(room: Room) -> str:
    return room.alias[1:].partition(":")[0] if room.alias else room.name

"""What a person points at: an identifier, a Matrix link or an address of this garden becomes a target.

`garden forget` and `garden consent --explain` take any of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from garden.archive.event import EventId, RoomId, get_text
from garden.archive.store import ArchiveStore
from garden.conversations.names import parse_user_id
from garden.errors import OptionError
from garden.pages.address import id_in_address, local_target, message_anchor, page_id
from garden.pages.link import matrix_identifiers
from garden.pages.mention import user_in_link

Kind = Literal["user", "room", "event"]


@dataclass(frozen=True, slots=True)
class Target:
    """One person, room or event."""

    kind: Kind
    identifier: str
    room_id: RoomId | None = None
    """For an event: the archived room that has it; None where none has."""


def find_target(text: str, base_url: str, store: ArchiveStore) -> Target:
    """Return what a text means.

    It may be `@user:server`, `!room`, `#alias:server`, `$event`, a link to one of them, or the address of a
    message here; that of a conversation means the message that it began with. Raises `OptionError` where it
    means nothing, or something that the archive does not have.
    """
    text = text.strip()
    user = parse_user_id(text) or user_in_link(text)
    if user is not None:
        return Target("user", user)
    room, event = matrix_identifiers(text) or (text, None)
    if event is not None or text.startswith("$"):
        return _find_event(EventId(event or text), store)
    if room[:1] in {"!", "#"}:
        return Target("room", find_room(room, store))
    found = local_target(base_url, text)
    if found is None:
        raise OptionError(
            f"{text!r} names nobody and nothing.",
            hint="Write @user:server, !room, #alias:server, $event, or a full address of this garden.",
        )
    address, fragment = found
    wanted = fragment if fragment.startswith("m-") else id_in_address(address)
    for room_id, event_id in _list_events(store) if wanted is not None else ():
        if wanted in {message_anchor(event_id), page_id(event_id)}:
            return Target("event", event_id, room_id)
    raise OptionError(
        f"No archived message stands at {text}.",
        hint="Take the address of a conversation, or of one message: the link on its time.",
    )


def find_room(asked: str, store: ArchiveStore) -> RoomId:
    """Return the room that an identifier or alias means. Raises `OptionError` where none is archived."""
    known = [record.room_id for record in store.rooms()]
    if asked in known:
        return RoomId(asked)
    named = (room_id for room_id in known if asked in _aliases(room_id, store))
    found = next(iter(store.selected(asked)), None) or next(named, None)
    if found is not None:
        return found
    if asked.startswith("!"):
        return RoomId(asked)
    raise OptionError(
        f"No archived room is called {asked}.", hint="garden status lists them; an id, !…, works always."
    )


def _aliases(room_id: RoomId, store: ArchiveStore) -> Iterator[str | None]:
    for event in store.state(room_id):
        if event.type == "m.room.canonical_alias":
            yield get_text(event.content, "alias")
            others = event.content.get("alt_aliases")
            yield from (str(alias) for alias in others) if isinstance(others, list) else ()


def _find_event(event_id: EventId, store: ArchiveStore) -> Target:
    """An event that the archive does not have can still be forgotten before it comes."""
    rooms = (record.room_id for record in store.rooms())
    holder = next((room_id for room_id in rooms if store.known_ids(room_id, [event_id])), None)
    return Target("event", event_id, holder)


def _list_events(store: ArchiveStore) -> Iterable[tuple[RoomId, EventId]]:
    for record in store.rooms():
        yield from ((record.room_id, event.event_id) for event in store.events(record.room_id))

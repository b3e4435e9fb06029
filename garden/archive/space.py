"""Spaces: what a homeserver tells of a hierarchy comes in, the rooms that are listed there go out.

Pure. Rooms that a space lists and the homeserver does not show are among them.
"""

from __future__ import annotations

from collections.abc import Iterable

from garden.archive.event import JsonObject, RoomId, get_object, get_text
from garden.archive.source import SpaceChild


def list_children(rooms: Iterable[JsonObject], space: RoomId) -> list[SpaceChild]:
    """Return the rooms of a hierarchy (client-server API, "Spaces"), each once, in its order; no spaces."""
    children: dict[RoomId, SpaceChild] = {}
    spaces = {space}
    for room in rooms:
        room_id = get_text(room, "room_id")
        if room_id is None:
            continue
        if get_text(room, "room_type") == "m.space":
            spaces.add(RoomId(room_id))
        children[RoomId(room_id)] = SpaceChild(RoomId(room_id), get_text(room, "name"))
        states = room.get("children_state")
        for child in map(read_child, states if isinstance(states, list) else []):
            if child is not None:
                children.setdefault(child, SpaceChild(child))
    return [child for child in children.values() if child.room_id not in spaces]


def read_child(state: object) -> RoomId | None:
    """Return the room that an `m.space.child` event lists; one without `via` takes a room off the list."""
    child = get_text(state, "state_key")
    via = get_object(state, "content")
    is_child = (
        get_text(state, "type") == "m.space.child" and via is not None and isinstance(via.get("via"), list)
    )
    return RoomId(child) if child and child.startswith("!") and is_child else None

"""Events whose words are not to be kept: an event's JSON goes in, what has to stay of it on disk comes out.

Pure. A message loses all of its content. State loses its words and goes on ruling the room: which events the
world may read is found out from it, in order, for as long as there is an archive.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from garden.archive.event import JsonObject, get_object, get_text
from garden.archive.redaction import prune_source

_RULING: Final[Mapping[str, tuple[str, ...]]] = {
    "m.room.encryption": ("algorithm",),
    "m.room.member": ("redact_events", "org.matrix.msc4293.redact_events"),
    "m.room.tombstone": ("replacement_room",),
}
"""What rules a room beside that which a redaction leaves."""


def empty_source(source: JsonObject) -> dict[str, object]:
    """Return an event without its words; doing it twice changes nothing."""
    emptied = prune_source(source)
    if get_text(source, "state_key") is None:
        return emptied | {"content": {}}
    content = get_object(source, "content") or {}
    ruling = _RULING.get(str(source.get("type")), ())
    kept = get_object(emptied, "content") or {}
    return emptied | {"content": {**kept, **{key: content[key] for key in ruling if key in content}}}

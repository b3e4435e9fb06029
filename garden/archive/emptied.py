"""Events whose words are not to be kept: an event's JSON goes in, what has to stay of it on disk comes out.

Pure. A message loses all of its content; one to the garden keeps its first word. State loses its words and
goes on ruling the room: which events the world may read is found out from it, in order, for as long as there
is an archive.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from garden.archive.event import JsonObject, get_object, get_text
from garden.archive.redaction import prune_source
from garden.archive.vocabulary import COMMAND

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


def shorten_command(source: JsonObject) -> dict[str, object]:
    """Return a message to the garden with its first word only; doing it twice changes nothing.

    It stays recognisable, and an edit that made a message one still says which.
    """
    word = {"msgtype": "m.text", "body": COMMAND}
    relation = get_object(source, "content", "m.relates_to")
    if get_text(relation, "rel_type") != "m.replace":
        return empty_source(source) | {"content": word}
    edit = {"rel_type": "m.replace", "event_id": get_text(relation, "event_id")}
    return empty_source(source) | {"content": {**word, "m.new_content": word, "m.relates_to": edit}}

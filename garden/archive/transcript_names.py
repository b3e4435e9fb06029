"""Names in a transcript stand for identifiers: those of messages, rooms, people and files.

Labels, aliases, localparts and file names come in, Matrix identifiers go out. An identifier follows from what
it is called, so that the same transcript makes the same events for ever.
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from garden.archive.event import EventId, MxcUri, RoomId, UserId

SERVER: Final = "fen.example"

_REFERENCE: Final = re.compile(r"\[\[(?:(?P<room>[a-z0-9-]+)/)?(?P<id>[a-z0-9-]+)\]\]")
_NAME: Final = re.compile(
    r"\$(?:(?P<room>[a-z0-9-]+)/)?(?P<id>[a-z0-9-]+)|!(?P<alias>[a-z0-9-]+)"
    r"|@(?P<who>[\w-]+)|mxc:(?P<file>[\w.-]+)"
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a transcript shows."""

    uri: MxcUri
    mimetype: str
    width: int
    height: int
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the names in one room's transcript stand for."""

    alias: str
    people: Mapping[str, str]
    """Display names by localpart."""
    pictures: Mapping[str, Picture]

    def event_id(self, label: str) -> EventId:
        """Return the identifier of a message of this room."""
        return event_id(self.alias, label)

    def link(self, text: str) -> str:
        """Put the permalink of a message wherever `[[ID]]` or `[[ROOM/ID]]` stands in a text."""
        return _REFERENCE.sub(lambda found: permalink(found["room"] or self.alias, found["id"]), text)

    def read_json(self, text: str) -> dict[str, object]:
        """Read an event's content, in which names stand for identifiers wherever they are a whole text.

        Raises `ValueError` where it is no JSON object.
        """
        content = json.loads(text)
        if isinstance(content, dict):
            return {self.expand(key): _map_texts(value, self.expand) for key, value in content.items()}
        raise ValueError(f"an event's content is a JSON object, not {text[:40]!r}")

    def expand(self, text: str) -> str:
        """Return the identifier where a text is a name; else the text with its links."""
        found = _NAME.fullmatch(text)
        if found is None:
            return self.link(text)
        if found["id"]:
            return event_id(found["room"] or self.alias, found["id"])
        if found["alias"]:
            return room_id(found["alias"])
        if found["who"]:
            return user_id(found["who"]) if found["who"] in self.people else text
        return self.pictures[found["file"]].uri if found["file"] in self.pictures else file_uri(found["file"])


def room_id(alias: str) -> RoomId:
    """Return the room's identifier for the localpart of its alias."""
    return RoomId(f"!{_digest(alias)[:18]}:{SERVER}")


def event_id(alias: str, label: str) -> EventId:
    """Return the identifier of the message that a transcript calls `[label]`."""
    return EventId(f"${_digest(f'{alias}/{label}')}")


def user_id(localpart: str) -> UserId:
    """Return a person's identifier."""
    return UserId(f"@{localpart}:{SERVER}")


def file_uri(name: str) -> MxcUri:
    """Return the address of a file that was uploaded under this name; its ending is no part of it."""
    return MxcUri(f"mxc://{SERVER}/{name.rpartition('.')[0] or name}")


def permalink(alias: str, label: str) -> str:
    """Return the matrix.to address of a labelled message (appendix "matrix.to navigation")."""
    return f"https://matrix.to/#/{room_id(alias)}/{event_id(alias, label)}?via={SERVER}"


def _map_texts(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_map_texts(each, change) for each in value]
    if isinstance(value, dict):
        return {change(key): _map_texts(each, change) for key, each in value.items()}
    return value


def _digest(label: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(label.encode()).digest()).decode().rstrip("=").replace("-", "A")

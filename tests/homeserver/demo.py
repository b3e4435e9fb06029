"""The demo community for the homeserver: transcripts and pictures go in, `SeedRoom`s come out."""

from __future__ import annotations

import io
from collections.abc import Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from PIL import Image

from garden.archive.event import MxcUri
from garden.archive.transcript import Picture, read_people, read_transcript

from .community import JsonObject, SeedFile, SeedRoom
from .synapse import SERVER_NAME

_DEMO: Final = files("garden.demo")
_PEOPLE: Final = "people.txt"


def demo_names() -> dict[str, str]:
    """Return the display name of each person by user id."""
    people = read_people(_read(_PEOPLE))
    return {f"@{localpart}:{SERVER_NAME}": name for localpart, name in people.items()}


def demo_files() -> dict[str, SeedFile]:
    """Return the demo's pictures by the `mxc://` URL that its events show them under."""
    return {_uri(path.name): SeedFile(path.read_bytes(), _mimetype(path), path.name) for path in _pictures()}


def demo_rooms() -> list[SeedRoom]:
    """Return the demo's rooms, each with its events, in the order of their names."""
    people = read_people(_read(_PEOPLE))
    pictures = {path.name: _measure(path) for path in _pictures()}
    names = sorted(
        path.name for path in _DEMO.iterdir() if path.name.endswith(".txt") and path.name != _PEOPLE
    )
    return [_room(list(read_transcript(_read(name), people, pictures))) for name in names]


def _room(events: list[dict[str, object]]) -> SeedRoom:
    alias = _state(events, "m.room.canonical_alias", "alias")
    return SeedRoom(
        name=alias[1:].split(":")[0],
        title=_state(events, "m.room.name", "name"),
        topic=_state(events, "m.room.topic", "topic"),
        events=events,
        room_id=str(events[0]["room_id"]),
    )


def _state(events: Sequence[JsonObject], event_type: str, key: str) -> str:
    return str(next(event["content"][key] for event in events if event["type"] == event_type))


def _read(name: str) -> str:
    return (_DEMO / name).read_text("utf-8")


def _pictures() -> list[Traversable]:
    return sorted(
        (path for path in (_DEMO / "media").iterdir() if path.is_file()), key=lambda path: path.name
    )


def _uri(file_name: str) -> MxcUri:
    return MxcUri(f"mxc://{SERVER_NAME}/{file_name.rsplit('.', 1)[0]}")


def _mimetype(path: Traversable) -> str:
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        return Image.MIME[image.format or ""]


def _measure(path: Traversable) -> Picture:
    data = path.read_bytes()
    with Image.open(io.BytesIO(data)) as image:
        return Picture(_uri(path.name), _mimetype(path), image.width, image.height, len(data))

"""Plant the demo: transcripts, pictures and notes that ship with garden become a garden in a folder."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from garden.archive.clean_media import clean_media
from garden.archive.event import MxcUri
from garden.archive.import_files import import_events
from garden.archive.picture import clean_picture
from garden.archive.store import ArchiveStore
from garden.archive.transcript import SERVER, Picture, permalink, read_people, read_transcript, room_id

ROOMS = ("commons", "seeds", "water", "workshop", "kitchen")
"""Aliases of the demo's rooms, in the order in which the home page shows them."""

SPACE = "#fen:fen.example"
"""The space that lists the rooms."""

_REFERENCE = re.compile(r"(!)?\[\[([a-z]+)/([a-z0-9-]+)\]\]")


def read_demo(folder: Path) -> Iterator[dict[str, object]]:
    """Yield all events of the demo, room by room, as a homeserver would send them."""
    people = read_people((folder / "people.txt").read_text(encoding="utf-8"))
    pictures = {path.name: _describe(path) for path in sorted((folder / "media").glob("*.webp"))}
    for alias in ROOMS:
        yield from read_transcript((folder / f"{alias}.txt").read_text(encoding="utf-8"), people, pictures)


def read_demo_notes(folder: Path) -> dict[str, str]:
    """Return the demo's notes by file name, as `name_messages` writes them."""
    return {
        path.name: name_messages(path.read_text(encoding="utf-8"))
        for path in sorted((folder / "notes").glob("*.md"))
    }


def name_messages(text: str) -> str:
    """Write `[[room/id]]` in a note as that message's permalink, and `![[room/id]]` as its embed."""

    def name(found: re.Match[str]) -> str:
        url = permalink(found[2], found[3])
        return f"![[{url}]]" if found[1] else url

    return _REFERENCE.sub(name, text)


def plant_demo(folder: Path, target: Path) -> None:
    """Write the demo into `target`: `site.toml`, `notes/` and a filled archive."""
    target.mkdir(parents=True, exist_ok=True)
    (target / "notes").mkdir(exist_ok=True)
    for name, text in read_demo_notes(folder).items():
        (target / "notes" / name).write_text(text, encoding="utf-8")
    shutil.copyfile(folder / "site.toml", target / "site.toml")
    with ArchiveStore.open(target) as store:
        import_events(store, (json.dumps(event).encode() for event in read_demo(folder)), "the demo")
        store.select(SPACE, [room_id(alias) for alias in ROOMS])
        for alias in ROOMS:
            for uri, form, _ in store.files.list_missing(room_id(alias)):
                path = folder / "media" / f"{uri.rpartition('/')[2]}.webp"
                store.files.save(uri, clean_media(path.read_bytes(), form), form=form)


def _describe(path: Path) -> Picture:
    picture = clean_picture(path.read_bytes())
    uri = MxcUri(f"mxc://{SERVER}/{path.stem}")
    return Picture(uri, picture.mimetype, picture.width, picture.height, len(picture.data))

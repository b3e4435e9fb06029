"""A garden small enough for one test: a few events go in, a folder that every command works on comes out."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from garden.archive.import_files import ImportResult, import_events
from garden.archive.store import ArchiveStore
from garden.config import read_config
from garden.pipeline import BuildResult, build_garden
from tests.archive.material import ROOM, Json, event, message, reply

DAY: Final = 86_400_000
"""Milliseconds."""

NOW_MS: Final = 1_790_000_000_000
"""When tests build: later than every event of theirs that is not about time."""

BASE_URL: Final = "https://fen.example/garden/"


def settings(
    *,
    rooms: Sequence[str] = (),
    spaces: Sequence[str] = (),
    vouched: Sequence[str] = (),
    homeserver: str = "https://matrix.invalid",
    more: str = "",
) -> str:
    """Return a `site.toml`; `more` are further lines of its `[matrix]` section, and sections after it."""
    return (
        f'[site]\ntitle = "Fen"\nbase_url = "{BASE_URL}"\n\n[matrix]\nhomeserver = "{homeserver}"\n'
        f"rooms = {json.dumps(list(rooms))}\nspaces = {json.dumps(list(spaces))}\n"
        f"vouched_rooms = {json.dumps(list(vouched))}\n{more}"
    )


def build(folder: Path, out: str = "public", *, jobs: int = 1, now_ms: int = NOW_MS) -> BuildResult:
    """Build the garden in a folder, quietly; raises what a build raises."""
    config = read_config(folder / "site.toml")
    return build_garden(folder, config, folder / out, now_ms=now_ms, jobs=jobs, report=lambda *_: None)


def lay_out(folder: Path, text: str) -> Path:
    """Write `site.toml` and an empty `notes/` into a folder and return it."""
    (folder / "notes").mkdir(parents=True, exist_ok=True)
    (folder / "site.toml").write_text(text, "utf-8")
    return folder


def plant(folder: Path, events: Iterable[Json], *, more: str = "") -> Path:
    """Make a garden of one vouched room that holds these events."""
    lay_out(folder, settings(vouched=[ROOM], more=more))
    bring(folder, events)
    return folder


def bring(folder: Path, events: Iterable[Json]) -> ImportResult:
    """Bring more events into a garden's archive, as `garden import` does."""
    with ArchiveStore.open(folder) as store:
        return import_events(store, io.BytesIO(json_lines(events)), "a test")


def json_lines(events: Iterable[object]) -> bytes:
    """Write events as JSON lines."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in events)


def bean_talk() -> list[Json]:
    """A room with a name, one conversation of three messages, and a line on another day."""
    return [
        event("name", "m.room.name", {"name": "Bean room"}, state_key=""),
        message("root", "How do we store bean seed over winter?"),
        reply("dry", "root", "Dry it first, then a jar with a tight lid."),
        reply("cold", "dry", "And keep the jar cold and dark.", sender="@cleo:fen.example"),
        message("frost", "First frost on the lower beds.", at=2 * DAY),
    ]


def read_site(out: Path) -> dict[str, bytes]:
    """Return every file of a built site by its path."""
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def site_text(folder: Path) -> str:
    """Return all files of a garden's built site as one text."""
    return b"\n".join(read_site(folder / "public").values()).decode(errors="replace")


_INDEXES = frozenset({"tag", "years", "people", "links"})
_WAYS_ON = ('<div class="ways-on">', '<section class="graph"', '<nav class="beside"')
"""Where on a page the names of others begin."""


def _said(page: str) -> str:
    for mark in _WAYS_ON:
        page = page.partition(mark)[0]
    return page


def page_of(out: Path, words: str) -> str:
    """Return the folder of the one page below `out` on which these words were said, or that they name."""
    found = [
        path.parent.relative_to(out).as_posix()
        for path in sorted(out.glob("*/*/index.html"))
        if path.relative_to(out).parts[0] not in _INDEXES and words in _said(path.read_text("utf-8"))
    ]
    assert len(found) == 1, found
    return found[0]

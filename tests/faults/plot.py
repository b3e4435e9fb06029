"""A few rooms of a real homeserver to be synced through faults: small, with one of everything."""

from __future__ import annotations

import asyncio
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from garden.archive.matrix import MatrixSource
from garden.archive.store import ArchiveStore
from garden.archive.sync import SyncLimits, SyncResult, Wanted, sync_rooms
from garden.archive.transport import Patience
from tests.homeserver.community import SeedFile
from tests.homeserver.homeserver import Homeserver
from tests.homeserver.story import SECRET

LIMITS: Final = SyncLimits(recrawl_ms=1_000_000_000, max_media_bytes=1_000_000)
PAGE: Final = 7
"""Events of one page: few, so that there are many of them."""

HASTY: Final = Patience(
    tries=2, timeout=0.4, connect_timeout=0.4, first_wait=0.001, longest_wait=0.01, max_bytes=400_000
)
CALM: Final = Patience(tries=3, timeout=30.0, first_wait=0.01, longest_wait=0.1)


@dataclass(frozen=True, slots=True)
class Plot:
    """The rooms, and how to read them."""

    homeserver: Homeserver
    open_rooms: tuple[str, ...]
    closed_room: str
    files: tuple[str, ...]
    """The `mxc://` addresses of what the open rooms show."""

    @property
    def rooms(self) -> tuple[str, ...]:
        return (*self.open_rooms, self.closed_room)

    @property
    def names(self) -> dict[str, str]:
        """What rooms and files are called at every run, by their ids at this one."""
        ids = [*self.rooms, *(uri.rpartition("/")[2] for uri in self.files)]
        return {name: f"id-{number}" for number, name in enumerate(ids)}

    @property
    def token(self) -> str:
        return self.homeserver.seeded.reader.token

    def sync(
        self,
        folder: Path,
        base_url: str = "",
        *,
        patience: Patience = CALM,
        full: bool = False,
        now: int = 1,
        rooms: tuple[str, ...] = (),
    ) -> SyncResult:
        """Sync once, as an account that joined nothing."""

        async def run() -> SyncResult:
            address = base_url or self.homeserver.base_url
            async with MatrixSource(address, self.token, patience=patience, page=PAGE) as source:
                with ArchiveStore.open(folder) as store:
                    wanted = Wanted(rooms or self.rooms)
                    return await sync_rooms(wanted, source, store, now_ms=now, limits=LIMITS, full=full)

        return asyncio.run(asyncio.wait_for(run(), 60))


def plant_plot(homeserver: Homeserver) -> Plot:
    """Make the rooms."""
    talk, quiet = homeserver.create_room(), homeserver.create_room()
    closed = homeserver.create_room(history_visibility="shared")
    root = homeserver.send_message(talk, "ada", "How do we store bean seed?")
    spam = homeserver.send_message(talk, "ben", "erased words")
    for number in range(9):
        answer = {"rel_type": "m.thread", "event_id": root}
        body = {"msgtype": "m.text", "body": f"Jar {number}", "m.relates_to": answer}
        last = homeserver.send_message(talk, ("ada", "ben", "cleo")[number % 3], body)
    homeserver.edit(talk, "cleo", last, "Jar 8, with a lid")
    homeserver.react(talk, "ben", root, "🌱")
    homeserver.redact(talk, "admin", spam, "spam")
    homeserver.redact(talk, "ada", homeserver.send_message(talk, "ada", "taken back"))
    shades = {
        shade: homeserver.upload(SeedFile(_png(shade), "image/png", f"{shade}.png"))
        for shade in ("green", "red")
    }
    for shade, uri in shades.items():
        homeserver.send_message(quiet, "ada", {"msgtype": "m.image", "body": shade, "url": uri})
    notes = homeserver.upload(SeedFile(b"plain words\n" * 40, "text/plain", "notes.txt"))
    homeserver.send_message(quiet, "ben", {"msgtype": "m.file", "body": "notes.txt", "url": notes})
    homeserver.send(quiet, "admin", "m.room.topic", {"topic": "Frost"}, state_key="")
    for number in range(3):
        homeserver.send_message(closed, "ada", f"{SECRET} {number}")
    return Plot(homeserver, (talk, quiet), closed, (*shades.values(), notes))


def write_settings(folder: Path, plot: Plot, base_url: str) -> Path:
    """Make a garden of the rooms for commands to work on."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "notes").mkdir(exist_ok=True)
    (folder / "site.toml").write_text(
        '[site]\ntitle = "Fen"\nbase_url = "https://fen.example/"\n\n[matrix]\n'
        f'homeserver = "{base_url}"\nrooms = {json.dumps(plot.rooms)}\n'
    )
    return folder


def _png(shade: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (24, 16), shade).save(out, "PNG")
    return out.getvalue()

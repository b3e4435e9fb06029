"""A sync as a process of its own, to be killed: prints `started`, syncs, prints `done`.

Arguments: the garden's folder, the homeserver, then room ids; the token stands in GARDEN_ACCESS_TOKEN.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from garden.archive.matrix import MatrixSource
from garden.archive.store import ArchiveStore
from garden.archive.sync import SyncLimits, Wanted, sync_rooms

LIMITS = SyncLimits(recrawl_ms=1_000_000, max_media_bytes=10_000_000)
PAGE = 20
"""Small pages, so that there are many moments between two batches."""


async def main(folder: Path, homeserver: str, rooms: tuple[str, ...]) -> None:
    async with MatrixSource(homeserver, os.environ["GARDEN_ACCESS_TOKEN"], page=PAGE) as source:
        with ArchiveStore.open(folder) as store:
            sys.stdout.write("started\n")
            sys.stdout.flush()
            await sync_rooms(Wanted(rooms), source, store, now_ms=1, limits=LIMITS)
    sys.stdout.write("done\n")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], tuple(sys.argv[3:])))

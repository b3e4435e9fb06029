"""How long it takes to find and to carry out what somebody removed, in a room of 20,000 events.

`python -m tests.benchmarks.removal`: a homeserver in memory answers at once, so this is garden's own time.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from garden.archive.event import RoomId
from tests.benchmarks.community import Community, room_id, user_id
from tests.deletion.dice import Dice
from tests.deletion.planting import Planting
from tests.deletion.plot import Plot

EVENTS = 20_000
_PER_CONVERSATION = 12
"""Events of one conversation on average."""


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    count = parser.parse_args().events
    with tempfile.TemporaryDirectory(prefix="garden-removal-") as name:
        tell_removals(Path(name), count)


def tell_removals(folder: Path, count: int) -> None:
    """Measure one removal after the other in one garden, and print what each takes."""
    room, community = RoomId(room_id(0)), Community(count // _PER_CONVERSATION * 2, rooms=1)
    planting = Planting(Dice("removal"), wren=user_id(7))
    planting.rooms = {room: [*community.events()][:count]}
    plot = Plot.lay(folder, planting, rooms=[room])
    events = plot.timeline(room)
    print(
        f"{len(events):,} events, {sum(each['sender'] == planting.wren for each in events):,} of one person\n"
    )
    print(f"{'':52}{'seconds':>10}{'of CPU':>10}")
    _tell("first sync", plot.sync)
    _tell("build", plot.build)
    _tell("sync, nothing new", plot.sync)
    _tell("sync --full, nothing changed", lambda: plot.sync(full=True))
    for event in events[100::100]:
        if "state_key" not in event:
            event["content"] = {}
    _tell("sync --full, every hundredth event emptied", lambda: plot.sync(full=True))
    _tell("build", plot.build)
    _tell("garden forget EVENT", lambda: plot.forget(str(events[count // 2]["event_id"])))
    _tell("garden forget USER", lambda: plot.forget(planting.wren))
    _tell("build", plot.build)
    _tell("sync --full, and nobody comes back", lambda: plot.sync(full=True))
    plot.source.rooms[room].visibility = "shared"
    _tell("sync, the room is closed", plot.sync)
    _tell("build", plot.build)


def _tell(what: str, work: Callable[[], object]) -> None:
    began, cpu = time.perf_counter(), time.process_time()
    work()
    taken, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(f"{what:52}{taken:10.2f}{cpu:10.2f}", flush=True)


if __name__ == "__main__":
    main()

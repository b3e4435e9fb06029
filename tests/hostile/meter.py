"""What blow-ups cost: they are imported and built in a child of a warm process, and measured there.

`python -m tests.hostile.meter FOLDER [NAME…]` prints a line of JSON for each measurement: names, processor
time in seconds, bytes of memory beyond what the warm process has, and how the child ended. Seconds are the
child's own, so that a busy machine changes little; memory is the highest that was resident (`getrusage`).

A few are measured together, each in a room of its own. None of them costs more than all of them do, so where
all stay below what one may cost, each does; where they do not, each is measured alone.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from tests.hostile.blowups import BLOWUPS, BlowUp
from tests.hostile.grown import grow
from tests.hostile.places import ADA, BEGIN, MALLORY, Json

SECONDS: Final = 1.0
"""Processor time that a blow-up may take beside what a calm message takes."""
BYTES: Final = 50_000_000
"""Memory that a blow-up may take."""
CPU_SECONDS: Final = 20
"""Where the kernel ends a child that would run on."""
_SPACE: Final = 1 << 30
"""Bytes of address space that a child may add."""
_TOGETHER: Final = 3
"""Blow-ups that are measured at once, while that is cheap."""
_ANSWERS: Final = 30
"""What answers a blow-up elsewhere has to remind of it, and the cost must not come anew with each."""
_WARM: Final = (
    BlowUp("warm-plain", "Calm words.", "Dry it first, then a jar: https://a.example/ #beans"),
    BlowUp(
        "warm-html",
        "Calm words in every form.",
        "words",
        "<h1>x</h1><ul><li>x</li></ul><table><tr><td>x</td></tr></table>"
        '<span data-mx-maths="\\frac{a}{b}">x</span>'
        '<pre><code class="language-python">x = 1</code></pre><details><summary>x</summary>y</details>'
        '<span data-mx-spoiler="x">x</span><img data-mx-emoticon src="mxc://a.example/b" alt=":x:">',
    ),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What blow-ups took together."""

    names: tuple[str, ...]
    seconds: float
    bytes: int
    status: int
    """How the child ended: 0, or what `os.waitpid` says."""

    @property
    def is_low(self) -> bool:
        """Whether it is no more than one blow-up may cost."""
        return self.status == 0 and self.seconds <= SECONDS and self.bytes <= BYTES


def measure(blow_ups: Sequence[BlowUp], folder: Path) -> Iterator[Cost]:
    """Measure all, beside a calm message that is built the same way."""
    for number, calm in enumerate(_WARM):
        _build([calm], folder / f"warm-{number}")
    calm_seconds = _measure(_WARM[:1], folder / "calm").seconds

    def measure_beside_calm(group: Sequence[BlowUp]) -> Cost:
        # What several rooms cost beyond one counts as the blow-ups' own.
        cost = _measure(group, folder / f"{group[0].name}-{len(group)}")
        return replace(cost, seconds=max(0.0, cost.seconds - calm_seconds))

    for start in range(0, len(blow_ups), _TOGETHER):
        group = blow_ups[start : start + _TOGETHER]
        together = measure_beside_calm(group)
        if together.is_low or len(group) == 1:
            yield together
        else:
            yield from (measure_beside_calm([each]) for each in group)


def _measure(group: Sequence[BlowUp], folder: Path) -> Cost:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _run_child(group, folder, writing)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as said:
        text = said.read()
    _, status = os.waitpid(child, 0)
    seconds, size = json.loads(text) if text else (float(CPU_SECONDS), _SPACE)
    return Cost(tuple(each.name for each in group), seconds, size, status)


def _run_child(group: Sequence[BlowUp], folder: Path, writing: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_address_space() + _SPACE,) * 2)
    code = 1
    try:
        before, began = _highest(), time.process_time()
        _build(group, folder)
        os.write(writing, json.dumps([time.process_time() - began, _highest() - before]).encode())
        code = 0
    finally:
        os._exit(code)


def _build(group: Sequence[BlowUp], folder: Path) -> None:
    grow(folder, [event for number, blow_up in enumerate(group) for event in _tell(blow_up, number)])


def _tell(blow_up: BlowUp, room: int) -> Iterator[Json]:
    """Tell of a room in which it is said, with calm words around it and answers to it on another page."""
    said: list[tuple[str, Json]] = [(ADA, _calm()), (MALLORY, dict(blow_up.content)), (ADA, _calm())]
    said += [(ADA, _calm())]
    answer = {
        "rel_type": "m.thread",
        "event_id": f"$said-{room}-3",
        "m.in_reply_to": {"event_id": f"$said-{room}-1"},
    }
    said += [(ADA, _calm() | {"m.relates_to": answer}) for _ in range(_ANSWERS)]
    for number, (sender, content) in enumerate(said):
        yield {
            "room_id": f"!room-{room}:fen.example",
            "event_id": f"$said-{room}-{number}",
            "sender": sender,
            "type": "m.room.message",
            "origin_server_ts": BEGIN + number,
            "content": content,
        }


def _calm() -> Json:
    return {"msgtype": "m.text", "body": "Calm words."}


def _highest() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()


def main() -> None:
    """Read folder and names, measure, print."""
    folder, names = Path(sys.argv[1]), set(sys.argv[2:])
    chosen = [each for each in BLOWUPS if not names or each.name in names]
    for cost in measure(chosen, folder):
        print(json.dumps(asdict(cost)), flush=True)  # noqa: T201  # what the test reads


if __name__ == "__main__":
    main()

"""What a blow-up costs: each is imported and built alone, in a child of a warm process, and measured there.

`python -m tests.hostile.meter FOLDER [NAME…]` prints a line of JSON for each: its name, processor time in
seconds, bytes of memory beyond what the warm process has, and how the child ended. Seconds are the child's
own, so that a busy machine changes little; memory is the highest that was resident (`getrusage`).
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from tests.hostile.blowups import BLOWUPS, BlowUp
from tests.hostile.grown import grow
from tests.hostile.places import ADA, BEGIN, MALLORY, Json

CPU_SECONDS: Final = 20
"""Where the kernel ends a child that would run on."""
_SPACE: Final = 1 << 30
"""Bytes of address space that a child may add."""
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
    """What one blow-up took."""

    name: str
    seconds: float
    bytes: int
    status: int
    """How the child ended: 0, or what `os.waitpid` says."""


def measure(blow_ups: Sequence[BlowUp], folder: Path) -> Iterator[Cost]:
    """Measure each, beside a calm message that is built the same way."""
    for number, calm in enumerate(_WARM):
        _build(calm, folder / f"warm-{number}")
    calm_cost = _measure_one(_WARM[0], folder / "calm")
    for blow_up in blow_ups:
        cost = _measure_one(blow_up, folder / blow_up.name)
        yield Cost(cost.name, max(0.0, cost.seconds - calm_cost.seconds), cost.bytes, cost.status)


def _measure_one(blow_up: BlowUp, folder: Path) -> Cost:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _run_child(blow_up, folder, writing)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as said:
        text = said.read()
    _, status = os.waitpid(child, 0)
    seconds, size = json.loads(text) if text else (float(CPU_SECONDS), _SPACE)
    return Cost(blow_up.name, seconds, size, status)


def _run_child(blow_up: BlowUp, folder: Path, writing: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_address_space() + _SPACE,) * 2)
    code = 1
    try:
        before, began = _highest(), time.process_time()
        _build(blow_up, folder)
        os.write(writing, json.dumps([time.process_time() - began, _highest() - before]).encode())
        code = 0
    finally:
        os._exit(code)


def _build(blow_up: BlowUp, folder: Path) -> None:
    """Build a garden of it, with calm words around it and answers to it on another page."""
    said: list[tuple[str, Json]] = [(ADA, _calm()), (MALLORY, dict(blow_up.content)), (ADA, _calm())]
    said += [(ADA, _calm())]
    answer = {"rel_type": "m.thread", "event_id": "$said-3", "m.in_reply_to": {"event_id": "$said-1"}}
    said += [(ADA, _calm() | {"m.relates_to": answer}) for _ in range(_ANSWERS)]
    events: list[Json] = [
        {
            "room_id": "!room:fen.example",
            "event_id": f"$said-{number}",
            "sender": sender,
            "type": "m.room.message",
            "origin_server_ts": BEGIN + number,
            "content": content,
        }
        for number, (sender, content) in enumerate(said)
    ]
    grow(folder, events)


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

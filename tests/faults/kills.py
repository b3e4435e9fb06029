"""Commands that are started by the dozen and killed at random moments, by way of `tests.faults.nursery`."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.terminal import environment


@dataclass(frozen=True, slots=True)
class Nursery:
    """The process that starts commands."""

    orders: IO[str]
    answers: IO[str]

    def start(self, *arguments: str, folder: Path, more: Mapping[str, str] | None = None) -> Started:
        """Start a command in a folder."""
        log = folder.with_name(f"{folder.name}.log")
        order = {
            "arguments": arguments,
            "folder": str(folder),
            "environment": dict(more or {}),
            "log": str(log),
        }
        return Started(self, self._ask(order), log)

    def wait(self, pid: int) -> int:
        """Wait for the end of a command; what killed it is below 0."""
        return self._ask({"wait": pid})

    def _ask(self, order: Mapping[str, object]) -> int:
        self.orders.write(json.dumps(order) + "\n")
        self.orders.flush()
        return int(self.answers.readline())


@dataclass(frozen=True, slots=True)
class Started:
    """A command that runs, the leader of its process group."""

    nursery: Nursery
    pid: int
    log: Path

    def finish(self) -> float:
        """Wait for its end, which has to be a good one; return how many seconds that took."""
        began = time.monotonic()
        code = self.nursery.wait(self.pid)
        assert code == 0, self.log.read_text()
        return time.monotonic() - began

    def kill_after(self, seconds: float) -> bool:
        """Kill it after so long, it alone; whether it was still at work."""
        time.sleep(seconds)
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        code = self.nursery.wait(self.pid)
        assert code in {0, -signal.SIGKILL}, self.log.read_text()
        return code != 0

    def wait_until_alone(self) -> None:
        """Wait until nothing is left of what it started; fails where something stays."""
        deadline = time.monotonic() + 20
        with suppress(ProcessLookupError):
            while time.monotonic() < deadline:
                os.killpg(self.pid, 0)
                time.sleep(0.02)
            os.killpg(self.pid, signal.SIGKILL)
            raise AssertionError("the command was killed and processes of it live on")


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Run one until the block ends."""
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), root])
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.nursery"],
        cwd=root,
        env=environment({"PYTHONPATH": path}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Nursery(process.stdin, process.stdout)
        process.stdin.close()


@dataclass
class Moments:
    """Random moments in the life of a command, of which nobody knows beforehand how long it will be."""

    chance: random.Random
    duration: float

    def choose(self) -> float:
        """Return after how many seconds to kill."""
        return self.chance.uniform(0, self.duration)

    def note(self, *, came_in_time: bool) -> None:
        """Take note of whether the last one came before the end."""
        self.duration *= 1.02 if came_in_time else 0.8

"""A command goes in; how long it took and how much memory it needed comes out."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
_SAMPLE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run of a command cost."""

    seconds: float
    peak_bytes: int
    """Resident memory: exact for a command of one process; with workers the largest sum seen, every 20 ms."""
    said: str
    """Standard output."""


def measure(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Measured:
    """Run a command in a folder; raises `RuntimeError` with its last words where it fails."""
    began = time.perf_counter()
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        sampler = _Sampler(process.pid)
        sampler.start()
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        sampler.end()
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit {process.returncode}\n{said[-2000:]}")
    return Measured(seconds, max(usage.ru_maxrss * 1024, sampler.peak), said)


class _Sampler(threading.Thread):
    """Adds up the resident memory of a process and of all that it started."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._process = process
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(_SAMPLE_SECONDS):
            family = _family(self._process)
            if len(family) > 1:
                self.peak = max(self.peak, sum(map(_resident, family)))

    def end(self) -> None:
        """Stop sampling."""
        self._ended.set()
        self.join()


def _family(process: int) -> list[int]:
    found = [process]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += map(int, children.read_text().split())
            except OSError:
                continue
    return found


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0

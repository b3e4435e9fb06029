"""The installed `garden` as people and scripts run it: arguments go in, words and an exit code come out.

`run` is a script's way, with pipes; `run_on_terminal` a person's, with a pseudo-terminal and answers to its
questions; `start` leaves it running, to be served by it or to interrupt it.
"""

from __future__ import annotations

import contextlib
import math
import os
import pty
import queue
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

GARDEN: Final = Path(sys.executable).with_name("garden")
"""The command that the wheel installed beside the interpreter of the tests."""

TOKEN: Final = "syt_a_token_that_nobody_may_see"
SHELL: Final = "/bin/sh"
CTRL_C: Final = "\x03"
_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Said:
    """What one run of the command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str = ""

    @property
    def lines(self) -> list[str]:
        """Standard output by lines."""
        return self.out.splitlines()


def run(
    *arguments: str | Path,
    folder: Path,
    more: Mapping[str, str] | None = None,
    given: bytes = b"",
    limit: str = "",
) -> Said:
    """Run a command in a folder without any terminal.

    `more` is laid over the environment, `given` is standard input, `limit` what the shell's `ulimit` takes.
    """
    command: list[str | Path] = [GARDEN, *arguments]
    if limit:
        command = [SHELL, "-c", f'ulimit {limit}; exec "$@"', "sh", *command]
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(more),
        input=given,
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


def sync(folder: Path, *options: str, limit: str = "") -> Said:
    """Sync with a token, so that no guest has to be admitted."""
    return run("sync", *options, folder=folder, more={"GARDEN_ACCESS_TOKEN": TOKEN}, limit=limit)


def start(
    *arguments: str | Path, folder: Path, more: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start a command in a process group of its own, as a shell does."""
    return subprocess.Popen(
        [GARDEN, *arguments],
        cwd=folder,
        env=environment(more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def press_ctrl_c(process: subprocess.Popen[str]) -> Said:
    """Interrupt it as a terminal does, the whole process group at once, and wait for its end."""
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=_SECONDS)
    return Said(process.returncode, out, err)


@contextlib.contextmanager
def running(
    *arguments: str | Path, folder: Path, more: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run a command until the block ends, however that ends."""
    with start(*arguments, folder=folder, more=more) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def wait_until_gone(process: subprocess.Popen[str]) -> None:
    """Wait until nothing is left of what a command started; fails where something stays."""
    deadline = time.monotonic() + 10
    with contextlib.suppress(ProcessLookupError):
        while time.monotonic() < deadline:
            os.killpg(process.pid, 0)
            time.sleep(0.02)
        raise AssertionError("the command has ended and a process of it has not")


def wait_for_line(stream: IO[str] | None, words: str, seconds: float = 2 * _SECONDS) -> str:
    """Return the first line with these words.

    Fails where the command ends before it says them, or does not say them in time.
    """
    assert stream is not None
    seen: list[str] = []
    found: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def look() -> None:
        for line in stream:
            if words in line:
                found.put(line)
                return
            seen.append(line)
        found.put(None)

    threading.Thread(target=look, daemon=True).start()
    with contextlib.suppress(queue.Empty):
        if (line := found.get(timeout=seconds)) is not None:
            return line
    raise AssertionError(f"{words!r} was not said, but: {''.join(seen)}")


def run_on_terminal(
    *arguments: str | Path,
    folder: Path,
    answers: Sequence[tuple[str, str]] = (),
    more: Mapping[str, str] | None = None,
) -> Said:
    """Run a command on a pseudo-terminal of 100 columns; type each answer when its question has appeared."""
    ours, theirs = pty.openpty()
    size = {"COLUMNS": "100", "LINES": "40", "TERM": "xterm"}
    # Who leads a session and opens a terminal is the one whom its Ctrl-C reaches.
    take_terminal = 'terminal=$1; shift; exec "$@" <"$terminal" >"$terminal" 2>&1'
    with subprocess.Popen(
        [SHELL, "-c", take_terminal, "sh", os.ttyname(theirs), GARDEN, *arguments],
        cwd=folder,
        env=environment({**size, **(more or {})}),
        start_new_session=True,
    ) as process:
        try:
            shown = _converse(process, ours, list(answers))
            code = process.wait(timeout=_SECONDS)
        finally:
            os.close(ours)
            os.close(theirs)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    return Said(code, shown.replace("\r\n", "\n"))


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment that knows no token and no width of somebody's own terminal."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"GARDEN_ACCESS_TOKEN", "COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR"}
    }
    return {**kept, **(more or {})}


def check_told(said: Said, code: int, *words: str) -> None:
    """Check that an error was told as one: its exit code, its words, what to do, and no traceback.

    It is one line; only mistakes in `site.toml` have a line each, with its number.
    """
    told = said.err or said.out
    assert said.code == code, said
    assert "Traceback" not in told, told
    first, _, hint = told[told.index("garden: ") :].partition("\n  → ")
    assert [line for line in first.splitlines()[1:] if "site.toml:" not in line] == [], told
    assert hint.strip(), f"no hint in {told!r}"
    missing = [word for word in words if word not in told]
    assert not missing, f"{missing} not in {told!r}"


def _converse(process: subprocess.Popen[bytes], terminal: int, answers: list[tuple[str, str]]) -> str:
    shown, read_up_to, interrupted_at = b"", 0, math.inf
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        is_over = process.poll() is not None
        if select.select([terminal], [], [], 0.05)[0]:
            shown += os.read(terminal, 65_536)
        elif is_over:
            break
        elif time.monotonic() > interrupted_at + 2:
            # One that came just before Python began to read is seen with the next key only.
            interrupted_at = time.monotonic()
            os.write(terminal, CTRL_C.encode())
        while answers and answers[0][0].encode() in shown[read_up_to:]:
            question, answer = answers.pop(0)
            read_up_to = shown.index(question.encode(), read_up_to) + len(question.encode())
            if answer == CTRL_C:
                interrupted_at = time.monotonic()
            os.write(terminal, (answer if answer == CTRL_C else f"{answer}\n").encode())
    text = shown.decode()
    assert not answers, f"never asked {answers[0][0]!r}: {text}"
    return text

"""How long work is shown: a bar on a terminal, plain lines in CI, nothing where it should be quiet."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Reporter:
    """Shows steps of work on standard error; a context manager."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._said: set[str] = set()

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty():
            from rich.console import Console  # noqa: PLC0415 - only a terminal needs rich
            from rich.progress import Progress  # noqa: PLC0415

            self._progress = Progress(console=Console(stderr=True), transient=True)
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def show(self, step: str, done: int, total: int) -> None:
        """Say that `done` of `total` of a step is done; `total` 0 where nobody knows."""
        if self._progress is not None:
            if step not in self._tasks:
                self._tasks[step] = self._progress.add_task(step, total=None)
            self._progress.update(self._tasks[step], completed=done, total=total or None)
        elif not self._quiet and step not in self._said:
            self._said.add(step)
            sys.stderr.write(f"{step} …\n")
            sys.stderr.flush()

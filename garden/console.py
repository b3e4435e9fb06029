"""What a command shows a person: errors and hints, results as lines, JSON or a table, and progress."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import click

from garden.errors import GardenError

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class FriendlyGroup(click.Group):
    """Turns every error that is meant for a person into a line, a hint and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        """Run a command; Ctrl-C ends it with a sentence and exit code 1."""
        try:
            return super().invoke(ctx)
        except GardenError as error:
            raise Failure(error) from error
        except KeyboardInterrupt:
            click.echo("\nStopped. What is on disk is whole; the same command goes on from there.", err=True)
            ctx.exit(1)


class Failure(click.ClickException):
    """A `GardenError` as click shows it: what happened, and what to do."""

    def __init__(self, error: GardenError) -> None:
        super().__init__(str(error))
        self.exit_code = error.exit_code  # type: ignore[misc]  # click reads it from the instance
        self._hint = error.hint

    def show(self, file: Any = None) -> None:  # noqa: ANN401 - click's own signature
        """Write both on standard error."""
        click.echo(f"garden: {self.message}\n  → {self._hint}", err=True, file=file)


def say(lines: Iterable[str], quiet: bool) -> None:  # noqa: FBT001 - the option of every command
    """Print lines, unless the command was told to be quiet."""
    for line in lines:
        if not quiet:
            click.echo(line)


def print_json(value: object) -> None:
    """Print plain values as JSON."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Print a table that fits the terminal."""
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs rich
    from rich.table import Table  # noqa: PLC0415

    table = Table(*head, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*row)
    Console(markup=False, highlight=False).print(table)


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

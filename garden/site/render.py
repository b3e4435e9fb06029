"""Render many pages: the same pure function over all of them, here or in other processes.

What is up to date is not rendered at all. Finished documents come back to this process, which alone writes.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import Final, Self

from garden.site.document import Document
from garden.site.store import SiteStore
from garden.site.templates import RenderTask, Theme, View, plan_render, render_task

_BATCH: Final = 1024
"""Pages that wait in memory at most before they are rendered."""

_WORTH_PROCESSES: Final = 128
"""Fewer pages are rendered sooner than processes start."""

_CHUNK: Final = 16


class Renderer:
    """Takes views, renders those that changed and hands them to the site's store."""

    def __init__(self, theme: Theme, site: SiteStore, jobs: int) -> None:
        self._theme = theme
        self._site = site
        self._jobs = jobs
        self._waiting: list[RenderTask] = []
        self._pool: Executor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def add(self, path: str, view: View) -> None:
        """Render a view as the file at `path`, now or with the next batch, unless the file is up to date."""
        task = plan_render(path, view, self._theme)
        if self._site.keep_current(path, task.fingerprint):
            return
        self._waiting.append(task)
        if len(self._waiting) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Render what is waiting."""
        tasks, self._waiting = self._waiting, []
        for document in self._render(tasks):
            self._site.write_document(document)

    def _render(self, tasks: Sequence[RenderTask]) -> Iterable[Document]:
        render = partial(render_task, self._theme)
        if self._jobs > 1 and len(tasks) >= _WORTH_PROCESSES:
            try:
                # Made outside: multiprocessing's own helper, which starts with it, would end the holding.
                pool = self._processes()
                with _hold_interrupts():
                    documents = pool.map(render, tasks, chunksize=_CHUNK)
                return list(documents)
            except BrokenProcessPool:
                # A process was killed, perhaps for want of memory, or met an error that cannot travel. This
                # one needs no memory but its own, and an error met here is told.
                self._pool = None
        return map(render, tasks)

    def _processes(self) -> Executor:
        if self._pool is None:
            # Workers start fresh: a fork would copy the open database and its locks.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._jobs, mp_context=context, initializer=_leave_with_parent)
        return self._pool


def _leave_with_parent() -> None:
    """Have a process that renders end when the one that started it is gone, however that came.

    A killed build says goodbye to nobody, and a worker would wait for its next page for ever.
    """
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


@contextmanager
def _hold_interrupts() -> Iterator[None]:
    """Keep Ctrl-C from processes that start inside: a terminal sends it to all, and this one ends them.

    The mask of blocked signals is inherited (execve(2)), so it holds from a process's first moment.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

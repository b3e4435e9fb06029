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
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Final, Self

from garden.site.document import Document
from garden.site.store import SiteStore
from garden.site.templates import RenderTask, Theme, View, plan_render, render_task

_BATCH: Final = 256
"""Pages that are rendered together: so many wait, and as many more are with other processes."""

_WORTH_PROCESSES: Final = 128
"""Fewer pages are rendered sooner than processes start."""

_CHUNK: Final = 16


@dataclass(frozen=True, slots=True)
class _Batch:
    """Pages that are being rendered."""

    tasks: Sequence[RenderTask]
    documents: Iterator[Document]
    pool: Executor | None
    """None where this process renders them, once their documents are asked for."""


class Renderer:
    """Takes views, renders those that changed and hands them to the site's store.

    While other processes render a batch this one goes on with the next.
    """

    def __init__(self, theme: Theme, site: SiteStore, jobs: int) -> None:
        self._theme = theme
        self._render = partial(render_task, theme)
        self._site = site
        self._jobs = jobs
        self._waiting: list[RenderTask] = []
        self._rendering: _Batch | None = None
        self._pool: Executor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def add(self, path: str, view: View) -> None:
        """Render a view as the file at `path`, now or later, unless the file is up to date.

        Raises `ThemeError` of this page or of one that came before.
        """
        task = plan_render(path, view, self._theme)
        if self._site.keep_current(path, task.fingerprint):
            return
        self._waiting.append(task)
        if len(self._waiting) >= _BATCH:
            self._hand_out()

    def flush(self) -> None:
        """Render what is waiting, and wait for all that is being rendered. Raises `ThemeError`."""
        self._hand_out()
        self._take_in(self._rendering)
        self._rendering = None

    def _hand_out(self) -> None:
        """Begin with what is waiting, then take in what was begun before."""
        tasks, self._waiting = self._waiting, []
        former, self._rendering = self._rendering, self._begin(tasks)
        self._take_in(former)

    def _begin(self, tasks: Sequence[RenderTask]) -> _Batch:
        if self._jobs > 1 and len(tasks) >= _WORTH_PROCESSES:
            # Made outside: multiprocessing's own helper, which starts with it, would end the holding.
            pool = self._processes()
            with suppress(BrokenProcessPool), _hold_interrupts():
                return _Batch(tasks, pool.map(self._render, tasks, chunksize=_CHUNK), pool)
            self._give_up(pool)
        return _Batch(tasks, map(self._render, tasks), None)

    def _take_in(self, batch: _Batch | None) -> None:
        for document in self._finish(batch) if batch is not None else ():
            self._site.write_document(document)

    def _finish(self, batch: _Batch) -> Iterable[Document]:
        if batch.pool is None:
            return batch.documents
        try:
            return list(batch.documents)
        except BrokenProcessPool:
            self._give_up(batch.pool)
            return map(self._render, batch.tasks)

    def _give_up(self, pool: Executor) -> None:
        """Let go of processes of which one is gone.

        It was killed, perhaps for want of memory, or met an error that cannot travel. This process needs no
        memory but its own, and an error met here is told.
        """
        if self._pool is pool:
            self._pool = None

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

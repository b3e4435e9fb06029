"""What a run does to a disk that counts when the power fails: what is made durable and what is moved."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from garden.site import store as site_store


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `fsync` of a file or folder, or `move` of one to a name."""

    kind: str
    path: Path
    """What was made durable, or the name that something was given."""
    state: tuple[int, int, int] = (0, 0, 0)
    """Inode, size in bytes and time of change in nanoseconds of what it was about."""


@dataclass
class Ledger:
    """All steps of a run."""

    steps: list[Step] = field(default_factory=list)

    @property
    def moves(self) -> list[Step]:
        return [step for step in self.steps if step.kind == "move"]

    def check_durable(self, path: Path) -> None:
        """Check that whenever a file took this name its bytes were durable before, and its name was after."""
        steps = enumerate(self.steps)
        places = [number for number, step in steps if step.kind == "move" and step.path == path]
        assert places, f"nothing took the name {path}"
        for place in places:
            self._check(place)

    def _check(self, place: int) -> None:
        step = self.steps[place]
        before = [each.state for each in self.steps[:place] if each.kind == "fsync"]
        after = [each.path for each in self.steps[place:] if each.kind == "fsync"]
        if not step.path.is_dir():
            assert step.state in before, f"{step.path} took its name before its bytes were durable"
        assert step.path.parent in after, f"the name of {step.path} is not durable"


def watch_disk(monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """Keep a ledger of this process until the test ends."""
    ledger = Ledger()
    fsync = os.fsync

    def note_fsync(number: int) -> None:
        fsync(number)
        path = Path(f"/proc/self/fd/{number}").readlink()
        ledger.steps.append(Step("fsync", path, _state(os.fstat(number))))

    def note_move(move: Callable[..., Any]) -> Callable[..., Any]:
        def moved(source: Any, target: Any, **more: Any) -> Any:  # noqa: ANN401 - as os.replace
            state = _state(os.stat(source))  # noqa: PTH116 - a path or a text, as os.replace takes them
            result = move(source, target, **more)
            ledger.steps.append(Step("move", Path(target), state))
            return result

        return moved

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "replace", note_move(os.replace))
    monkeypatch.setattr(os, "rename", note_move(os.rename))
    # It goes past `os`: the two folders change places by a call of the system.
    exchange = site_store._exchange  # noqa: SLF001 - the one door to that call

    def note_exchange(staging: Path, folder: Path) -> bool:
        done = exchange(staging, folder)
        ledger.steps += [Step("move", folder)] if done else []
        return done

    monkeypatch.setattr(site_store, "_exchange", note_exchange)
    return ledger


def _state(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_ino, found.st_size, found.st_mtime_ns

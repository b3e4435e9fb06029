"""The homeserver as pytest fixtures; `tests/conftest.py` imports them.

Each worker runs a copy of the same planted data on a port of its own. Nothing here skips: without Synapse the
tests fail and say what to run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .homeserver import Homeserver
from .planting import copy_planted
from .synapse import SynapseError


@pytest.fixture(scope="session")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    """Yield the seeded homeserver that a worker's tests share: add rooms and people, change no others."""
    with _running_copy(tmp_path_factory.mktemp("homeserver") / "data") as running:
        yield running


@pytest.fixture
def own_homeserver(tmp_path: Path) -> Iterator[Homeserver]:
    """Yield a seeded homeserver of the test's own, to stop, restart or devastate; takes a second."""
    with _running_copy(tmp_path / "homeserver") as running:
        yield running


@pytest.fixture
def fresh_room(homeserver: Homeserver) -> str:
    """Return the id of a new world_readable room, for a test to do with as it likes."""
    return homeserver.create_room()


@contextmanager
def _running_copy(folder: Path) -> Iterator[Homeserver]:
    try:
        copy_planted(folder)
        running = Homeserver.start(folder)
    except SynapseError as error:
        pytest.fail(str(error), pytrace=False)
    try:
        yield running
    finally:
        running.server.stop()

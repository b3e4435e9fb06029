"""A homeserver that a test can let misbehave, and a garden of its one room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.archive.hostile_server import HostileServer
from tests.archive.material import ROOM
from tests.loopback import one_room, server
from tests.smallholding import bean_talk, lay_out, settings


@pytest.fixture
def homeserver() -> Iterator[HostileServer]:
    """Yield a homeserver that holds the bean room."""
    with server() as running:
        one_room(running, ROOM, bean_talk())
        yield running


@pytest.fixture
def garden(homeserver: HostileServer, tmp_path: Path) -> Path:
    """Return the folder of a garden that wants this room and has not been synced."""
    return lay_out(tmp_path, settings(rooms=[ROOM], homeserver=homeserver.base_url))

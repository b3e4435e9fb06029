"""Whatever events a room holds: the garden is built, and nothing in it is forged or let through."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given

from tests.hostile.events import CALM, rooms
from tests.hostile.grown import grow
from tests.hostile.judge import find_problems
from tests.hostile.places import ADA, Json


@given(rooms())
def test_no_room_whatever_forges_or_breaks_anything(events: list[Json]) -> None:
    with tempfile.TemporaryDirectory(prefix="garden-hostile-") as folder:
        garden = grow(Path(folder) / "garden", events)
        assert find_problems(garden) == []
        calm = [message for page in garden.pages for message in page.messages if message.event_id == "$calm"]
    assert [(message.text, message.sender) for message in calm] == [(CALM, ADA)]

"""What a homeserver has deleted leaves, and what it goes on saying about the room stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.homeserver.homeserver import Homeserver
from tests.integration.tended import tend

pytestmark = [pytest.mark.synapse, pytest.mark.xdist_group("synapse")]


def test_a_purge_of_old_history_takes_its_words_and_leaves_the_room_its_name_and_its_newer_words(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    room = homeserver.create_room("purged-room")
    garden = tend(tmp_path, homeserver, room)
    homeserver.send_message(room, "ada", "Said long ago.")
    newer = homeserver.send_message(room, "ada", "Said since.")
    garden.grow()
    homeserver.purge(room, newer)
    garden.sync("--full")
    assert garden.run("build", "--quiet").code == 0
    assert not garden.has_anywhere("Said long ago.")
    assert "Said since." in garden.text("Purged-Room")
    assert [path.parent.name for path in garden.out.glob("*/feed.atom")] == ["purged-room"]

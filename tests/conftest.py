"""Fixtures that tests of every folder use."""

from __future__ import annotations

from tests.homeserver.fixtures import fresh_room, homeserver, own_homeserver

__all__ = ["fresh_room", "homeserver", "own_homeserver"]

"""What tests of every folder use: the homeserver's fixtures, and how long a property test may take."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.homeserver.fixtures import fresh_room, homeserver, own_homeserver

__all__ = ["fresh_room", "homeserver", "own_homeserver"]

# A loaded machine is no failure: how long something takes is measured where it is the claim, in CPU time.
settings.register_profile("garden", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("garden")

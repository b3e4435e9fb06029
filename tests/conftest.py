"""What tests of every folder use: the homeserver's fixtures, and how long a property test may take."""

from __future__ import annotations

import os
import signal

from hypothesis import HealthCheck, settings

from tests.homeserver.fixtures import fresh_room, homeserver, own_homeserver

__all__ = ["fresh_room", "homeserver", "own_homeserver"]

# A shell that starts something in the background lets it ignore Ctrl-C, which every process that it starts
# inherits. The commands that the tests interrupt are not to be deaf for the way in which pytest was started.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A loaded machine is no failure: how long something takes is measured where it is the claim, in CPU time.
# The examples are the same at every run, so that a change fails for what it changed;
# HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile(
    "garden", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True, database=None
)
settings.register_profile(
    "explore", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=2000
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "garden"))

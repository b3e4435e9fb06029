"""The rooms that are synced through faults, once for each worker."""

from __future__ import annotations

import pytest

from tests.faults.plot import Plot, plant_plot
from tests.homeserver.homeserver import Homeserver


@pytest.fixture(scope="session")
def plot(homeserver: Homeserver) -> Plot:
    """Return the rooms; tests read them and change nothing in them."""
    return plant_plot(homeserver)

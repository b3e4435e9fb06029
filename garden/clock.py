"""The clock: the only module that knows what time it is; everybody else is told."""

from __future__ import annotations

import time


def read_clock() -> int:
    """Return the time in milliseconds since 1970, UTC, as this machine has it."""
    return time.time_ns() // 1_000_000

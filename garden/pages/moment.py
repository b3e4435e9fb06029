"""Times as pages write them: milliseconds since 1970 become RFC 3339, and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def read_moment(milliseconds: int) -> datetime:
    """Return a time in UTC."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def format_time(milliseconds: int) -> str:
    """Write a time as RFC 3339 in UTC with milliseconds."""
    return read_moment(milliseconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_time(text: str) -> int:
    """Read an RFC 3339 time, UTC where it names no zone, into milliseconds since 1970; raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(milliseconds=1)

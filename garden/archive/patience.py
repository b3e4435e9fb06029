"""How long a homeserver is waited for: an answer, or how none came, goes in, seconds and tries come out.

Pure. A server that says how long it wants to be left alone is believed, up to a limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from http import HTTPStatus
from typing import Final

from garden.archive.answer import Answer, parse_json
from garden.archive.event import get_number

_LONGEST_MS: Final = 10**12
"""Longer than anybody waits, and short enough to be divided."""


class Standing(Enum):
    """What is known about a homeserver from its answers so far."""

    UNKNOWN = auto()
    """It has not answered yet: perhaps nobody is there."""
    THERE = auto()
    """It has answered: what fails now may go well in a moment."""
    GONE = auto()
    """It failed at one request until patience ended: the next ones ask whether it is back, and no more."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a homeserver is waited for."""

    tries: int = 5
    """How often one request is made at most."""
    first_tries: int = 2
    """How often one is made where nobody answers at an address that has never answered."""
    timeout: float = 60.0
    """Seconds until one answer has to be read to its end."""
    connect_timeout: float = 10.0
    """Seconds until a connection has to stand."""
    deadline: float = 180.0
    """Seconds after which one request is not made again."""
    first_wait: float = 0.5
    """Seconds before the second try; each further wait is twice as long."""
    longest_wait: float = 60.0
    """Seconds that a server can make us wait before one try."""
    max_bytes: int = 256 * 1024 * 1024
    """Size of the largest answer that is read: a thousand events of the largest size, four times over."""

    def count_tries(self, standing: Standing, *, is_limit: bool, is_absence: bool) -> int:
        """Return how often a request is made at most.

        `is_limit` says that the server wants to be asked less often, `is_absence` that nobody took the call.
        """
        if standing is Standing.GONE and not is_limit:
            return 1
        if standing is Standing.UNKNOWN and is_absence:
            return min(self.first_tries, self.tries)
        return self.tries

    def choose_wait(self, tried: int, asked: float | None) -> float:
        """Return how many seconds to wait after so many tries; `asked` is what the server wishes."""
        own = self.first_wait * float(2 ** min(tried - 1, 30))
        return min(self.longest_wait, max(own, asked or 0.0))


def is_servers_fault(status: int) -> bool:
    """Whether the same request may succeed later: the server is overwhelmed, broken or not there."""
    return status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def read_wait(answer: Answer) -> float | None:
    """Return how many seconds the server wants to be left alone, from whichever place says so.

    `Retry-After` (RFC 9110, 10.2.3), in seconds or as a time by the server's own clock, and the older
    `retry_after_ms` (client-server API, "Rate limiting"); the longest of them counts.
    """
    header = answer.headers.get("Retry-After", "").strip()
    waits = [float(header)] if header.isascii() and header.isdigit() else []
    until, now = _read_time(header), _read_time(answer.headers.get("Date", ""))
    if until is not None and now is not None:
        waits.append((until - now).total_seconds())
    try:
        milliseconds = get_number(parse_json(answer.body), "retry_after_ms")
    except ValueError:
        milliseconds = None
    if milliseconds is not None:
        waits.append(min(milliseconds, _LONGEST_MS) / 1000)
    return max(waits, default=None)


def _read_time(header: str) -> datetime | None:
    try:
        time = parsedate_to_datetime(header)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)

"""Files that may be published: who cleans a stranger's bytes makes a `CleanFile` of them, or says why not.

What a cleaner hands out holds nothing beside what people see and hear, and its type is measured, not
declared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MediaReason = Literal["too-large", "not-found", "unreadable"]
"""Why there is no copy of a file."""


class UnfitFileError(ValueError):
    """These bytes are not what they were wanted for; the message says why, `reason` in one word."""

    def __init__(self, problem: str, reason: MediaReason = "unreadable") -> None:
        super().__init__(problem)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class CleanFile:
    """Bytes that are fit to be published, and what they were found to be."""

    data: bytes
    mimetype: str
    """One of those that `garden.archive.media` has an ending for."""

"""A hostile text: what somebody types, where a garden expects words, a name, an address or a type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

VICTIM: Final = "m-victimvict"
"""Stands in a text for the anchor of the message that it attacks; `places` puts the real one there."""

TRAP: Final = "https://tracker.example/"
"""What no reader's browser may ever ask."""


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile text."""

    name: str
    """Unique, words parted by hyphens."""
    says: str
    """What it tries, as a sentence."""
    text: str
    is_name: bool = False
    """Whether it is made for names of rooms, files and people only, and not for words."""

"""What a check finds: one sentence, how bad it is, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from garden.archive.event import clean_text
from garden.errors import GardenError


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    NOTE = "note"
    """Worth knowing; everything works."""
    PROBLEM = "problem"
    """Something does not work, or will not."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check has found."""

    area: str
    """What part of the garden it is about."""
    level: Level
    what: str
    """One sentence; holds nothing secret."""
    hint: str = ""
    """What to do; empty where nothing is to be done."""


def complain(area: str, error: GardenError) -> Finding:
    """Turn an error that is meant for a person into a finding."""
    return Finding(area, Level.PROBLEM, clean_text(" ".join(str(error).split())), error.hint)

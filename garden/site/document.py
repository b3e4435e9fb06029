"""Document: one finished file, not yet on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NewType

Fingerprint = NewType("Fingerprint", str)
"""Hexadecimal digest of everything a file is made from: equal fingerprint, equal bytes."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file of the site with its bytes."""

    path: str
    """Relative to the output folder, forward slashes."""
    content: bytes
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class CopiedDocument:
    """A file of the site whose bytes lie on disk already: a picture, a font."""

    path: str
    source: Path
    fingerprint: Fingerprint

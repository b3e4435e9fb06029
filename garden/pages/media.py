"""MediaFile, MissingMedia: what a page knows of a picture, recording or file that a message shows.

The archive's media rows become these; words and messages are written with them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from garden.archive.event import MediaForm, MxcUri


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file that was copied and checked."""

    path: str
    """Where it lies below the media folder, `ab/DIGEST.webp`."""
    width: int | None = None
    """In pixels, of what is shown: of the smaller picture where there is one. None for what is no picture."""
    height: int | None = None
    size: int = 0
    """In bytes."""
    mimetype: str = ""
    """As measured, not as declared; empty where nobody could tell."""
    thumb: str = ""
    """A smaller picture for the page, below the media folder; empty where the file itself is small enough."""
    color: str = ""
    """Average colour, `#rrggbb`."""
    duration_ms: int | None = None
    """Length of a recording."""


@dataclass(frozen=True, slots=True)
class MissingMedia:
    """A file that was asked for and not copied."""

    reason: str = ""
    """`too-large`, `not-found` or `unreadable`; empty where nobody knows."""


LocateMedia = Callable[[MxcUri, MediaForm], MediaFile | MissingMedia | None]
"""Finds the copy of a `mxc:` address in a form; None where it was never asked for."""

"""Wording: what the words of one message need to be written down, beside the words themselves.

A message's mentions and the garden's media come in; `from_html` and `from_plain` look names and pictures up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from garden.archive.event import MediaForm, MxcUri, UserId
from garden.pages.media import LocateMedia, MediaFile, MissingMedia


def locate_nothing(_uri: MxcUri, _form: MediaForm) -> MediaFile | MissingMedia | None:
    """Find no media: for words that show none."""
    return None


@dataclass(frozen=True, slots=True)
class Wording:
    """Whom a message's words may name, and where the pictures in it lie."""

    names: Mapping[UserId, str] = field(default_factory=lambda: MappingProxyType({}))
    """The people it mentions, with their names at that time."""
    mentions_room: bool = False
    """Whether `@room` in it calls everybody."""
    locate: LocateMedia = locate_nothing
    up: str = ""
    """Relative path from the page's folder to the one that holds `media/`: `../../`."""


BARE: Final = Wording()
"""Words that name nobody and show nothing."""

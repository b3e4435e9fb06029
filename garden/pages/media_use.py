"""Which files a page shows: a page comes in, paths below the media folder go out.

The site holds a copy of each of these and of nothing else that was archived.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from garden.pages.page import Markdown, Page, PageMessage
from garden.pages.scan import Mark, scan

_TARGET: Final = re.compile(r"(?:\.\./)+media/([0-9a-z]{2}/[0-9a-z]+\.[0-9a-z]+)")
_SECOND: Final = re.compile(r'(?:thumb|poster)="([0-9a-z]{2}/[0-9a-z]+\.[0-9a-z]+)"')
"""A file that a picture or video shows in its place, as an attribute."""


def find_media(page: Page) -> frozenset[str]:
    """Return the files that a page shows or offers, as paths below the media folder."""
    return frozenset(path for message in page.messages for path in _find_in_message(message))


def _find_in_message(message: PageMessage) -> Iterator[str]:
    yield from _find_in_text(message.text)
    for version in message.history:
        yield from _find_in_text(version.text)
    yield from filter(None, (message.avatar, *(reaction.image for reaction in message.reactions)))


def _find_in_text(text: Markdown) -> Iterator[str]:
    if "media/" not in text:
        return
    for piece in scan(text):
        target = _TARGET.fullmatch(piece.value) if piece.mark is Mark.LINK else None
        if target is not None:
            yield target[1]
            yield from _SECOND.findall(piece.attributes)

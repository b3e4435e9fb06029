"""Pinned messages: pages come in, what leads the first part of a room's index goes out.

Only messages that stand on a page can be pinned there: what was removed, refused or never sent has none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from garden.archive.event import EventId
from garden.pages.address import Address, Anchor
from garden.pages.link import hide_permalinks
from garden.pages.page import Page
from garden.pages.plain import excerpt, plain_text
from garden.site.index_view import PinnedView
from garden.site.nobody import is_named
from garden.site.place import WHOLE, Divided, message_url, present_time

MAX_PINS: Final = 20
"""Pins on a room's index, the newest ones: what leads a page must not fill it."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A pinned message and where it stands."""

    event_id: EventId
    author: str
    """Empty where nobody is to be named."""
    excerpt: str
    """Its first words as plain text; empty where it has none, as a picture."""
    kind: str
    sent_at: int
    """Milliseconds since 1970, UTC."""
    address: Address
    anchor: Anchor


def find_pins(page: Page, pinned: Collection[EventId]) -> Iterator[Pin]:
    """Yield the pinned messages of a page; the page itself need not be kept for them."""
    for message in page.speaking if pinned else ():
        if message.event_id in pinned:
            yield Pin(
                message.event_id,
                message.author if is_named(message) else "",
                excerpt(plain_text(hide_permalinks(message.text))),
                message.kind.value,
                message.sent_at,
                page.address,
                message.anchor,
            )


def present_pins(
    room: Address, pinned: Sequence[EventId], pins: Mapping[EventId, Pin], divided: Divided = WHOLE
) -> tuple[PinnedView, ...]:
    """Show a room's pins on its index; `pinned` has the newest pin last, as clients write it.

    `pins` may be the whole garden's: what stands in another room's folder is no pin of this one.
    """
    newest_first = (pins[event_id] for event_id in reversed(pinned) if event_id in pins)
    own = (pin for pin in newest_first if pin.address.startswith(room))
    return tuple(_present_pin(room, pin, divided) for pin in islice(own, MAX_PINS))


def _present_pin(start: Address, pin: Pin, divided: Divided) -> PinnedView:
    return PinnedView(
        author=pin.author,
        excerpt=pin.excerpt,
        kind=pin.kind,
        url=message_url(start, pin.address, pin.anchor, divided),
        time=present_time(pin.sent_at),
    )

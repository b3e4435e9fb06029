"""Parts: a long list comes in, pieces of it go out, each with the links to all others.

A list that grows at its end changes its last part only, as long as no part is added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from garden.pages.address import Address, relative_url, room_part_address
from garden.site.view import FrameView, LinkView

FrameOf = Callable[[Address], FrameView]
"""What stands around the page at an address."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class ListPart(Generic[Item]):
    """One part of a list."""

    address: Address
    number: int
    """From 1."""
    items: Sequence[Item]
    links: tuple[LinkView, ...]
    """All parts, as this one links to them; empty where there is one."""


def cut_list(address: Address, items: Sequence[Item], per_part: int) -> Iterator[ListPart[Item]]:
    """Cut a list that begins at an address; there is always one part."""
    count = max(1, -(-len(items) // per_part))
    addresses = [room_part_address(address, number) for number in range(1, count + 1)]
    for number, here in enumerate(addresses, start=1):
        chosen = items[(number - 1) * per_part : number * per_part]
        yield ListPart(here, number, chosen, link_parts(here, addresses))


def link_parts(here: Address, addresses: Sequence[Address]) -> tuple[LinkView, ...]:
    """Return the links to all parts of something, as one of them has them; none where there is one part."""
    if len(addresses) == 1:
        return ()
    return tuple(
        LinkView(str(number), relative_url(here, each)) for number, each in enumerate(addresses, start=1)
    )

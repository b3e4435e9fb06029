"""Parts: a long list comes in, pieces of it go out, each with the links to all others.

A list that grows at its end changes its last part only, as long as no part is added.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from garden.pages.address import Address, relative_url, room_part_address
from garden.site.view import LinkView

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
        links = tuple(
            LinkView(str(other), relative_url(here, there)) for other, there in enumerate(addresses, start=1)
        )
        chosen = items[(number - 1) * per_part : number * per_part]
        yield ListPart(here, number, chosen, links if count > 1 else ())

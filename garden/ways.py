"""Ways: the pages that lead through the whole garden by what was shared, when and by whom.

All cards come in; every such page goes out as its address and its view, for `publish` to render. They hold
nothing of what a room keeps from search engines, since these read them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from garden.pages.address import DOMAINS, Address
from garden.pages.elsewhere import Domain
from garden.site.present_domains import present_domain, present_domains
from garden.site.templates import View
from garden.site.view import FrameView


@dataclass(frozen=True, slots=True)
class Ways:
    """What these pages are made from."""

    domains: Sequence[Domain]
    """Other sites from which several pages share something, by name."""

    def list_pages(self, frame_of: Callable[[Address], FrameView]) -> Iterator[tuple[Address, View]]:
        """Yield every page; `frame_of` makes what stands around it."""
        if self.domains:
            yield DOMAINS, present_domains(frame_of(DOMAINS), self.domains)
        for domain in self.domains:
            yield domain.address, present_domain(frame_of(domain.address), domain)

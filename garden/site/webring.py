"""Rings from the configuration become footers and the neighbours page.

A ring is a circle of sites. Its neighbours stand in order after this garden, so the first is next and the
last is previous; a list that names this garden as well, as copied lists do, is turned until that holds.
"""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

from garden.config import Neighbour, SiteConfig, Webring
from garden.pages.address import Address
from garden.site.index_view import NeighbourRingView
from garden.site.view import LinkView, RingView


def view_rings(config: SiteConfig, address: Address) -> tuple[RingView, ...]:
    """Return the footer of each ring for the page at `address`; a ring without other sites has none.

    The random neighbour follows from ring and address alone: the same at every build, others on other pages.
    """
    turned = ((ring.name, _order_from_here(ring, config.site.base_url)) for ring in config.webrings)
    return tuple(_view_ring(name, others, address) for name, others in turned if others)


def view_neighbour_rings(config: SiteConfig) -> tuple[NeighbourRingView, ...]:
    """Return every ring with its other sites in ring order, for the neighbours page."""
    turned = ((ring.name, _order_from_here(ring, config.site.base_url)) for ring in config.webrings)
    return tuple(NeighbourRingView(name, tuple(map(_link, others))) for name, others in turned if others)


def _order_from_here(ring: Webring, base_url: str) -> tuple[Neighbour, ...]:
    here = _site_of(base_url)
    sites = [_site_of(neighbour.url) for neighbour in ring.neighbours]
    start = sites.index(here) + 1 if here in sites else 0
    turned = ring.neighbours[start:] + ring.neighbours[:start]
    return tuple(neighbour for neighbour in turned if _site_of(neighbour.url) != here)


def _view_ring(name: str, others: tuple[Neighbour, ...], address: Address) -> RingView:
    digest = hashlib.sha256(f"{name}\n{address}".encode()).digest()
    chosen = others[int.from_bytes(digest[:8], "big") % len(others)]
    return RingView(name=name, previous=_link(others[-1]), next=_link(others[0]), random=_link(chosen))


def _link(neighbour: Neighbour) -> LinkView:
    return LinkView(title=neighbour.name, url=neighbour.url)


def _site_of(url: str) -> tuple[str, str]:
    """Return what makes two URLs one site: host and path, whatever the scheme and the last slash."""
    parts = urlsplit(url)
    return parts.netloc.lower(), parts.path.rstrip("/")

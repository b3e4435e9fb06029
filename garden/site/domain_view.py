"""Views of what was shared from other sites: the index of sites, and one site's page."""

from __future__ import annotations

from dataclasses import dataclass

from garden.site.view import FrameView, LinkView


@dataclass(frozen=True, slots=True)
class DomainCardView:
    """A site in the index."""

    name: str
    """Its host, `seeds.example`."""
    url: str
    count: int
    """Pages of this garden that share something from it."""


@dataclass(frozen=True, slots=True)
class DomainsView:
    """Template `links.html`: the sites from which several pages share something, by name."""

    frame: FrameView
    home: LinkView
    domains: tuple[DomainCardView, ...]


@dataclass(frozen=True, slots=True)
class SharedUrlView:
    """A URL of that site and where it is shared."""

    url: str
    """As somebody wrote it."""
    words: str
    """The URL for people: without scheme, cut."""
    count: int
    """Pages of this garden that share it; `pages` may hold fewer."""
    pages: tuple[LinkView, ...]
    """Oldest first, to the message that shares it."""


@dataclass(frozen=True, slots=True)
class DomainView:
    """Template `domain.html`: everything that was shared from one site, the most shared URLs first."""

    frame: FrameView
    home: LinkView
    index: LinkView
    """The index of sites; its title is empty."""
    name: str
    """Its host, `seeds.example`."""
    count: int
    """Pages of this garden that share something from it."""
    url_count: int
    """URLs that are shared; `urls` holds at most 200 of them."""
    urls: tuple[SharedUrlView, ...]

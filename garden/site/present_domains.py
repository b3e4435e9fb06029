"""What pages share from other sites becomes views: an index of sites, and a page for each."""

from __future__ import annotations

from collections.abc import Sequence

from garden.pages.address import DOMAINS, Address, relative_url
from garden.pages.elsewhere import Domain, SharedUrl
from garden.site.domain_view import DomainCardView, DomainsView, DomainView, SharedUrlView
from garden.site.place import WHOLE, Divided, message_url
from garden.site.present import home_link
from garden.site.present_paths import show_url
from garden.site.view import FrameView, LinkView


def present_domains(frame: FrameView, domains: Sequence[Domain]) -> DomainsView:
    """Show the sites from which several pages share something."""
    return DomainsView(
        frame,
        home_link(frame),
        tuple(
            DomainCardView(domain.host, relative_url(DOMAINS, domain.address), domain.pages)
            for domain in domains
        ),
    )


def present_domain(frame: FrameView, domain: Domain, divided: Divided = WHOLE) -> DomainView:
    """Show what is shared from one site, and by which pages; `divided` tells where messages stand."""
    return DomainView(
        frame=frame,
        home=home_link(frame),
        index=LinkView("", relative_url(domain.address, DOMAINS)),
        name=domain.host,
        count=domain.pages,
        url_count=domain.url_count,
        urls=tuple(_present_url(domain.address, shared, divided) for shared in domain.urls),
    )


def _present_url(start: Address, shared: SharedUrl, divided: Divided) -> SharedUrlView:
    return SharedUrlView(
        shared.url,
        show_url(shared.url),
        shared.count,
        tuple(
            LinkView(page.title, message_url(start, page.address, page.anchor, divided))
            for page in shared.pages
        ),
    )

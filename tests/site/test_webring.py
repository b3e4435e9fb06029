"""A ring's footer follows from the configuration and the page's address alone."""

from __future__ import annotations

from garden.config import Neighbour, SiteConfig, SiteSettings, Webring
from garden.pages.address import HOME, Address
from garden.site.view import LinkView
from garden.site.webring import view_neighbour_rings, view_rings

MARSH = Neighbour("Marsh", "https://marsh.example/")
BOG = Neighbour("Bog", "https://bog.example/")
LAKE = Neighbour("Lake", "https://lake.example/~lake")
OURSELVES = Neighbour("Fen", "http://FEN.example/garden")


def ring(*neighbours: Neighbour) -> SiteConfig:
    site = SiteSettings(title="Fen", base_url="https://fen.example/garden/")
    return SiteConfig(site=site, webrings=(Webring("Wetlands", neighbours),))


def link(neighbour: Neighbour) -> LinkView:
    return LinkView(neighbour.name, neighbour.url)


def test_this_garden_stands_between_the_last_neighbour_and_the_first() -> None:
    (view,) = view_rings(ring(MARSH, BOG, LAKE), HOME)
    assert (view.name, view.previous, view.next) == ("Wetlands", link(LAKE), link(MARSH))


def test_a_list_that_names_this_garden_too_is_read_from_its_place() -> None:
    (view,) = view_rings(ring(MARSH, OURSELVES, BOG, LAKE), HOME)
    assert (view.previous, view.next) == (link(MARSH), link(BOG))
    (shown,) = view_neighbour_rings(ring(MARSH, OURSELVES, BOG, LAKE))
    assert shown.neighbours == (link(BOG), link(LAKE), link(MARSH))


def test_a_single_neighbour_is_previous_next_and_random() -> None:
    (view,) = view_rings(ring(MARSH), HOME)
    assert view.previous == view.next == view.random == link(MARSH)


def test_random_is_the_same_at_every_build_and_differs_between_pages_but_is_never_this_garden() -> None:
    config = ring(MARSH, OURSELVES, BOG, LAKE)
    addresses = [Address(f"seeds/page-{number}/") for number in range(60)]
    chosen = [view_rings(config, address)[0].random for address in addresses]
    assert chosen == [view_rings(config, address)[0].random for address in addresses]
    assert set(chosen) == {link(MARSH), link(BOG), link(LAKE)}


def test_a_ring_of_this_garden_alone_has_no_footer() -> None:
    assert view_rings(ring(OURSELVES), HOME) == ()
    assert view_neighbour_rings(ring(OURSELVES)) == ()


def test_every_ring_has_its_footer_in_the_order_of_the_configuration() -> None:
    rings = (Webring("One", (MARSH,)), Webring("Two", (BOG,)))
    config = SiteConfig(site=ring().site, webrings=rings)
    assert [view.name for view in view_rings(config, HOME)] == ["One", "Two"]

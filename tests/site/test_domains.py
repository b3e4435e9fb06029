"""What is shared from other sites becomes a page on which nothing that people write is markup."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from garden.pages.address import DOMAINS, Address
from garden.pages.elsewhere import Domain, SharedUrl
from garden.pages.page import Target, WebLink
from garden.pages.paths import Elsewhere
from garden.resources import find_theme
from garden.site.present_domains import present_domain, present_domains
from garden.site.present_paths import present_elsewhere, present_web_links
from garden.site.templates import View, load_theme, plan_render, render_task
from tests.site.growing import BEANS, anchor, frame

HOSTILE = '"><script>alert(1)</script><b>'
JARS = SharedUrl("https://seeds.example/jars?utm_source=x", 7, (Target(BEANS, "Beans", anchor("a")),))
SITE = Domain("seeds.example", Address("links/seeds.example/"), 7, 300, (JARS,))


def render(view: View) -> str:
    theme = load_theme(find_theme(Path(), "commons"))
    return render_task(theme.folder, plan_render("x", view, theme)).content.decode()


def test_a_sites_page_shows_each_url_with_the_pages_that_share_it() -> None:
    (shared,) = present_domain(frame(SITE.address), SITE).urls
    assert (shared.words, shared.count) == ("seeds.example/jars?utm_source=x", 7)
    assert shared.pages[0].url == f"../../{BEANS}#{anchor('a')}"


def test_a_page_leads_to_what_is_shared_elsewhere_and_to_the_sites_page() -> None:
    found = Elsewhere("https://www.seeds.example/jars", JARS.pages, SITE.address)
    (seen,) = present_elsewhere(Address("seeds/peas-abcdefgh/"), [found])
    assert seen.words == "seeds.example/jars"
    assert seen.site is not None
    assert (seen.site.title, seen.site.url) == ("seeds.example", "../../links/seeds.example/")
    assert seen.pages[0].url == f"../{BEANS.split('/')[1]}/#{anchor('a')}"


def test_links_out_are_shown_without_their_scheme_and_lead_where_somebody_wrote() -> None:
    (link,) = present_web_links([WebLink("https://www.seeds.example/k%C3%A4se/", None)])
    assert (link.title, link.url) == ("seeds.example/käse", "https://www.seeds.example/k%C3%A4se/")


@pytest.mark.parametrize("number", range(2))
def test_nothing_that_people_write_becomes_markup(number: int) -> None:
    shared = replace(JARS, url=f"https://seeds.example/{HOSTILE}", pages=(Target(BEANS, HOSTILE),))
    around = replace(frame(DOMAINS), site_title=HOSTILE, description=HOSTILE)
    domain = replace(SITE, urls=(shared,))
    page = render((present_domain(around, domain), present_domains(around, [domain]))[number])
    assert "alert(1)" in page
    assert "<script>alert" not in page


def test_a_page_says_how_much_it_leaves_out() -> None:
    page = render(present_domain(frame(SITE.address), SITE))
    assert "and 6 more" in page
    assert "299 more addresses are shared less often." in page

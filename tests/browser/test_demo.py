"""The built demo in Chromium: every link leads on, on phone and desktop, with and without JavaScript."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final, Literal, get_args
from urllib.parse import unquote, urldefrag
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from garden.site.serve import Changes
from garden.site.templates import View
from tests.browser.conftest import ServedDemo, Watched, watch
from tests.browser.demo import KINDS, GrownDemo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHONE: Final = 360
DESKTOP: Final = 1440
HEIGHT: Final = 900
NARROW: Final = 320
"""CSS pixels: a desktop's 1280 at a zoom of 400 % (WCAG 2.2, 1.4.10)."""

STAYING: Final = tuple(kind for kind in KINDS if kind != "moved")
"""Kinds of pages, but those that lead on by themselves."""

ONE_EACH: Final = tuple({view: kind for kind, view in reversed(KINDS.items())}.values())
"""One kind for each template."""

_LINKS: Final = """() => ({
    links: [...document.querySelectorAll("a[href], link[href]:not([rel=canonical])")]
        .map((e) => new URL(e.getAttribute("href"), document.baseURI).href), // href is an object in SVG
    shown: [...document.querySelectorAll("img[src]")].map((e) => e.src),
    anchors: [...document.querySelectorAll("[id]")].map((e) => e.id),
})"""
_REACH: Final = """() => {
    const reached = document.activeElement;
    reached.dataset.reached = getComputedStyle(reached).outlineStyle;
}"""
_TOO_WIDE: Final = """() => {
    const wide = [...document.querySelectorAll("body *")]
        .filter((each) => each.getBoundingClientRect().right > innerWidth + 1 && each.checkVisibility())
        .filter((each) => { for (let box = each; box; box = box.parentElement)
            if (getComputedStyle(box).overflowX !== "visible") return false; return true; });
    const width = document.documentElement.scrollWidth;
    return [...(width > innerWidth ? [`the page: ${width}`] : []),
        ...wide.map((each) => each.outerHTML.slice(0, 80))];
}"""

_AT_THE_WRONG_EDGE: Final = """() => {
    // Titles and names in another script than the page's; what somebody says has an edge of its own.
    const edge = getComputedStyle(document.body).direction === "rtl" ? "right" : "left";
    return [...document.querySelectorAll("main [dir]:not(.body)")]
        .filter((each) => !getComputedStyle(each).display.startsWith("inline") && each.checkVisibility())
        .filter((each) => getComputedStyle(each).textAlign !== edge)
        .map((each) => each.outerHTML.slice(0, 80));
}"""


@contextmanager
def browsing(
    chromium: Browser,
    served: ServedDemo,
    *,
    width: int = DESKTOP,
    script: bool = True,
    scheme: Literal["light", "dark"] = "light",
) -> Iterator[Watched]:
    context = chromium.new_context(
        viewport={"width": width, "height": HEIGHT},
        java_script_enabled=script,
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    context.set_default_timeout(15_000)
    try:
        yield watch(context, served.origin)
    finally:
        context.close()


def test_every_link_leads_somewhere_and_every_page_fits_phone_and_desktop(
    chromium: Browser, served: ServedDemo
) -> None:
    """One walk, breadth first, over everything that can be reached from home."""
    anchors: dict[str, set[str]] = {}
    wanted: dict[str, set[str]] = {served.url: set()}
    waiting = deque([served.url])
    wide: list[str] = []
    with browsing(chromium, served) as watched:
        while waiting:
            url = waiting.popleft()
            found = _visit(watched.page, url, wide)
            anchors[url] = set(found["anchors"])
            for link in [*found["links"], *found["shown"]]:
                target, fragment = urldefrag(link)
                if target.startswith(f"{served.origin}/"):
                    if target not in wanted:
                        waiting.append(target)
                    wanted.setdefault(target, set()).add(unquote(fragment))
    missing = {
        f"{url}#{fragment}"
        for url, fragments in wanted.items()
        for fragment in fragments - anchors[url]
        if fragment
    }

    assert watched.problems == []
    assert wide == []
    assert missing == set()
    assert all(url.startswith(served.url) for url in anchors)
    # What moved is reached from elsewhere only.
    reached = {unquote(url) for url in anchors}
    unreached = {address for address in served.demo.addresses if served.url + address not in reached}
    assert unreached == {served.demo.kinds["moved"]}


def _visit(page: Page, url: str, wide: list[str]) -> dict[str, list[str]]:
    """Open a page and look at it at both widths, first at the last one of the page before; ask for files."""
    if not url.endswith("/"):
        with urlopen(url) as answer:
            assert answer.status == 200, url
        return {"links": [], "shown": [], "anchors": []}
    answer_to_page = page.goto(url)
    assert answer_to_page is not None
    assert answer_to_page.status == 200, url
    before = page.viewport_size
    assert before is not None
    for width in (before["width"], PHONE + DESKTOP - before["width"]):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        wide += [f"{url} at {width}: {each}" for each in page.evaluate(_TOO_WIDE)]
    found: dict[str, list[str]] = page.evaluate(_LINKS)
    return found


# Every template


def test_every_template_is_looked_at() -> None:
    assert set(KINDS.values()) == set(get_args(View))


def test_every_kind_has_a_page(demo: GrownDemo) -> None:
    assert demo.kinds.keys() == KINDS.keys()


@pytest.mark.parametrize(("scheme", "width"), [("light", DESKTOP), ("dark", PHONE)])
def test_nothing_hinders_a_reader(
    chromium: Browser, served: ServedDemo, scheme: Literal["light", "dark"], width: int
) -> None:
    """axe-core finds nothing: contrast, names, landmarks, order of headings and the rest of its rules."""
    assert find_hindrances(chromium, served, KINDS, scheme=scheme, width=width) == []


def test_nothing_hinders_a_reader_who_reads_at_four_times_the_size(
    chromium: Browser, served: ServedDemo
) -> None:
    assert find_hindrances(chromium, served, ONE_EACH, width=NARROW, direction="ltr") == []


def test_nothing_hinders_a_reader_who_reads_from_the_right(
    chromium: Browser, served_in_arabic: ServedDemo
) -> None:
    assert find_hindrances(chromium, served_in_arabic, ONE_EACH, width=NARROW, direction="rtl") == []


def find_hindrances(
    chromium: Browser,
    served: ServedDemo,
    kinds: Iterable[str],
    *,
    width: int,
    scheme: Literal["light", "dark"] = "light",
    direction: str = "ltr",
) -> list[str]:
    """Let axe-core read a page of each kind, one after the other; what moved stays for it."""
    found: list[str] = []
    with browsing(chromium, served, scheme=scheme, width=width) as watched:
        page = watched.page
        # Two kinds may have one page.
        for address, kind in {served.url_of(kind): kind for kind in kinds}.items():
            if kind == "moved":
                page.route(served.origin + "/**", _stay_at(address))
            page.goto(address)
            results = Axe().run(page)
            if page.url != address or page.evaluate("getComputedStyle(document.body).direction") != direction:
                found.append(f"{kind}: {page.url} is not what was meant")
            if page.evaluate(_TOO_WIDE):
                found.append(f"{kind} is too wide: {page.evaluate(_TOO_WIDE)}")
            if page.evaluate(_AT_THE_WRONG_EDGE):
                found.append(f"{kind} is torn apart: {page.evaluate(_AT_THE_WRONG_EDGE)}")
            if results.violations_count:
                found.append(f"{kind}: {results.generate_report()}")
            page.unroute_all()
    return found


def _stay_at(address: str) -> Callable[[Route], None]:
    """Refuse to leave a page, without showing an error in its place."""

    def refuse(route: Route) -> None:
        if route.request.is_navigation_request() and route.request.url != address:
            route.abort("aborted")
        else:
            route.continue_()

    return refuse


def test_every_page_reads_without_javascript(chromium: Browser, served: ServedDemo) -> None:
    with browsing(chromium, served, script=False) as watched:
        page = watched.page
        for kind in KINDS:
            watched.problems.clear()
            page.goto(served.url_of(kind))
            page.wait_for_load_state()

            assert page.locator("h1").inner_text().strip(), kind
            assert page.locator("main").bounding_box() is not None, kind
            assert page.locator("h1").evaluate("each => getComputedStyle(each).fontFamily") != "serif", kind
            expected = "404" if kind == "not found" else " "
            assert [problem for problem in watched.problems if expected not in problem] == [], kind


def test_a_reader_walks_from_home_to_a_message_and_back_without_javascript(
    chromium: Browser, served: ServedDemo
) -> None:
    with browsing(chromium, served, script=False, width=PHONE) as watched:
        page = watched.page
        page.goto(served.url)
        page.locator("li.bed a").first.click()
        page.locator("li.card a.u-url").first.click()
        assert page.locator("body.conversation").count() == 1
        page.locator("a.anchor").first.click()
        expect(page).to_have_url(re.compile("#m-"))
        page.locator("nav.trail a").first.click()
        expect(page).to_have_url(served.url)


def test_a_former_address_leads_to_the_page(chromium: Browser, served: ServedDemo) -> None:
    with browsing(chromium, served, script=False) as watched:
        watched.page.goto(served.url_of("moved"))
        watched.page.wait_for_url(lambda url: "once-more" in url)
        assert watched.page.locator("h1").inner_text().startswith("Once more")


def test_the_page_for_unknown_addresses_leads_home_from_any_depth(
    chromium: Browser, served: ServedDemo
) -> None:
    with browsing(chromium, served) as watched:
        answer = watched.page.goto(served.url_of("not found"))
        assert answer is not None
        assert answer.status == 404
        watched.page.locator("a[rel=home]").first.click()
        expect(watched.page).to_have_url(served.url)
        assert [problem for problem in watched.problems if "404" not in problem] == []


def test_pictures_are_shown_in_the_space_that_was_kept_for_them(
    chromium: Browser, served: ServedDemo
) -> None:
    shown = 0
    with browsing(chromium, served, width=PHONE) as watched:
        for address in served.demo.addresses:
            if b"<img " in (served.demo.out / address / "index.html").read_bytes():
                watched.page.goto(served.url + address)
                for picture in watched.page.locator("img").all():
                    before = picture.bounding_box()
                    picture.scroll_into_view_if_needed()
                    picture.evaluate("each => each.decode()")
                    after = picture.bounding_box()
                    assert before is not None
                    assert after is not None
                    assert (before["width"], before["height"]) == (after["width"], after["height"])
                    assert picture.evaluate("each => each.naturalWidth") > 0
                    assert picture.get_attribute("alt")
                    shown += 1
        assert watched.problems == []
    assert shown >= 10


# Keyboard


def test_the_first_key_leads_past_the_frame(chromium: Browser, served: ServedDemo) -> None:
    with browsing(chromium, served) as watched:
        page = watched.page
        for kind in STAYING:
            page.goto(served.url_of(kind))
            page.keyboard.press("Tab")
            box = page.locator("a.skip:focus").bounding_box()
            assert box is not None, kind
            assert box["x"] >= 0, kind
            assert box["y"] >= 0, kind
            page.keyboard.press("Enter")
            expect(page).to_have_url(re.compile("#content$"))
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.closest('main, footer') !== null"), kind


@pytest.mark.parametrize("kind", ["home", "thread"])
def test_every_link_is_reached_by_keyboard_and_seen(chromium: Browser, served: ServedDemo, kind: str) -> None:
    with browsing(chromium, served) as watched:
        page = watched.page
        page.goto(served.url_of(kind))
        count = page.locator("a[href]:visible").count()
        for _ in range(count):
            page.keyboard.press("Tab")
            page.evaluate(_REACH)
        reached = page.locator("a[data-reached]").count()
        assert page.locator("[data-reached=none]").count() == 0
        boxes = page.locator("[data-reached]:not(a)").count()
        assert reached + boxes == count


# Live reload


def test_an_open_page_is_read_anew_after_a_build(chromium: Browser, live_site: tuple[str, Changes]) -> None:
    url, changes = live_site
    context = chromium.new_context()
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    with page.expect_response(lambda answer: answer.url.endswith("/.garden/changes")):
        page.goto(url)
    with page.expect_event("load", timeout=10_000):
        changes.announce()
    assert problems == []
    context.close()

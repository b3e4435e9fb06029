"""What a conversation of twelve messages costs a reader: bytes, requests, and nothing that moves."""

from __future__ import annotations

import gzip
import time
from pathlib import Path
from typing import Final

import html5lib
import pytest
from playwright.sync_api import Browser, Route

from garden.pages.address import document_path
from garden.pages.page import Page
from tests.browser.conftest import ServedDemo, watch
from tests.browser.demo import GrownDemo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MESSAGES: Final = 12
BYTES: Final = 20_000
"""HTML and style sheets together, each packed with gzip."""

REQUESTS: Final = 3
"""Before pictures: the page, its style sheet, the face."""

_LATE: Final = 0.5
"""Seconds by which the face comes after everything else; by then the page has been shown in another one."""

_SHIFTS: Final = """() => new Promise((tell) => {
    const shifts = [];
    const note = (list) => shifts.push(...list.getEntries().map((each) =>
        [each.value, ...each.sources.map(({ node }) => (node?.outerHTML ?? node?.data ?? "").slice(0, 80))]));
    new PerformanceObserver(note).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => tell(shifts), 200);
})"""
_BOTTOM: Final = "() => scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' })"


def test_html_and_style_sheets_weigh_little(demo: GrownDemo) -> None:
    conversations = list_conversations(demo)
    assert conversations
    weights = {page.address: weigh(demo.out / document_path(page.address)) for page in conversations}
    assert {address: weight for address, weight in weights.items() if weight > BYTES} == {}


def test_three_requests_stand_before_the_first_picture(chromium: Browser, served: ServedDemo) -> None:
    """What else a page wants, as the face of its emphasis, makes no picture wait."""
    context = chromium.new_context(java_script_enabled=False)
    try:
        watched = watch(context, served.origin)
        asked: list[str] = []
        watched.page.on("request", lambda request: asked.append(request.resource_type))
        watched.page.goto(url_of_picture(served))
        watched.page.wait_for_load_state("networkidle")
    finally:
        context.close()
    assert asked.index("image") <= REQUESTS, asked
    assert watched.problems == []


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_moves_though_the_face_comes_late(chromium: Browser, served: ServedDemo, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900})
    try:
        watched = watch(context, served.origin)
        page = watched.page
        page.route("**/*.woff2", _dawdle)
        page.goto(url_of_picture(served))
        page.evaluate("() => document.fonts.ready.then(() => null)")
        page.evaluate(_BOTTOM)
        page.locator("main img").first.evaluate("each => each.decode()")
        shifts = page.evaluate(_SHIFTS)
    finally:
        context.close()
    assert shifts == []
    assert watched.problems == []


def list_conversations(demo: GrownDemo) -> list[Page]:
    return [page for page in demo.conversations if len(page.messages) == MESSAGES]


def url_of_picture(served: ServedDemo) -> str:
    """Return where a conversation stands in which a picture is shown."""
    shown = (
        page
        for page in list_conversations(served.demo)
        if b"<img " in (served.demo.out / document_path(page.address)).read_bytes()
    )
    return served.url + next(shown).address


def weigh(document: Path) -> int:
    html = document.read_bytes()
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    sheets = [
        (document.parent / each.attrib["href"]).read_bytes()
        for each in tree.iter("link")
        if each.get("rel") == "stylesheet"
    ]
    return sum(len(gzip.compress(each, mtime=0)) for each in (html, *sheets))


def _dawdle(route: Route) -> None:
    time.sleep(_LATE)
    route.continue_()

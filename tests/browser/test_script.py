"""What the theme's script adds in Chromium; that nothing is missing without it is shown elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ServedDemo, watch

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

GROUND: Final = "getComputedStyle(document.body).backgroundColor"
NIGHT: Final = "rgb(19, 24, 21)"
HERE: Final = "document.activeElement.closest('.message, .card')?.querySelector('a')?.href ?? ''"
PAGE: Final = """<!doctype html>
<title>x</title>
<h1>Jars</h1>
<article id="{anchor}"><div class="body"><p>The end:
<label class="spoiler"><span class="why">Spoiler</span> <span class="hidden-words">he dies</span></label>.</p>
</div></article>
"""
"""Another page of the garden, with a spoiler in the message that a link leads to."""


@contextmanager
def reading(chromium: Browser, served: ServedDemo, kind: str) -> Iterator[Page]:
    """Open a page of the demo; nothing may go wrong on it, and nobody else may be asked."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.set_default_timeout(15_000)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=served.origin)
    try:
        watched = watch(context, served.origin)
        watched.page.goto(served.url_of(kind))
        yield watched.page
        assert watched.problems == []
    finally:
        context.close()


def test_a_link_shows_where_it_leads_and_escape_closes_that(chromium: Browser, served: ServedDemo) -> None:
    with reading(chromium, served, "home") as page:
        link = page.locator("li.card a.u-url").first
        link.hover()
        preview = page.get_by_role("tooltip")
        expect(preview).to_contain_text(link.inner_text())
        page.keyboard.press("Escape")
        expect(preview).to_have_count(0)

        page.locator("a.skip").focus()
        page.keyboard.press("j")
        expect(link).to_be_focused()
        expect(link).to_have_attribute("aria-describedby", "preview")
        title = link.inner_text()
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text(title)


def test_a_preview_keeps_what_a_spoiler_hides(chromium: Browser, served: ServedDemo) -> None:
    with reading(chromium, served, "thread") as page:
        link = page.locator("main .margin .source a").first
        target = link.evaluate("each => each.href")
        html = PAGE.format(anchor=target.partition("#")[2])
        page.route(target.partition("#")[0], lambda route: route.fulfill(body=html, content_type="text/html"))
        link.hover()
        expect(page.get_by_role("tooltip")).to_contain_text("The end: Spoiler")
        assert "he dies" not in page.content()


def test_keys_lead_from_message_to_message_and_can_be_switched_off(
    chromium: Browser, served: ServedDemo
) -> None:
    with reading(chromium, served, "thread") as page:
        anchors = page.locator(".message:not(.removed, .quiet) > .own .anchor")
        for key, place in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
            page.keyboard.press(key)
            expect(anchors.nth(place)).to_be_focused()

        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
        page.get_by_role("checkbox", name="Use these keys").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        expect(anchors.nth(1)).to_be_focused()

        page.get_by_role("button", name="Keys").click()
        expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_a_key_leads_to_the_map(chromium: Browser, served: ServedDemo) -> None:
    with reading(chromium, served, "room") as page:
        page.keyboard.press("/")
        expect(page.locator("body.map h1")).to_be_visible()


def test_a_link_is_copied_and_a_word_says_so(chromium: Browser, served: ServedDemo) -> None:
    with reading(chromium, served, "thread") as page:
        page.get_by_role("button", name="Copy link").click()
        expect(page.get_by_role("status")).to_have_text("Link copied")
        canonical = page.locator("link[rel=canonical]").get_attribute("href")
        assert page.evaluate("navigator.clipboard.readText()") == canonical

        page.locator(".message .anchor").first.click()
        assert page.evaluate("navigator.clipboard.readText()") == page.url
        assert "#m-" in page.url


def test_colours_that_a_reader_chooses_stay(chromium: Browser, served: ServedDemo) -> None:
    with reading(chromium, served, "note") as page:
        day = page.evaluate(GROUND)
        for name in ("Colours as on this device", "Light colours"):
            page.get_by_role("button", name=name).click()
        assert page.evaluate(GROUND) == NIGHT != day
        page.goto(served.url_of("home"))
        page.get_by_role("button", name="Dark colours").click()
        assert page.evaluate(GROUND) == day


def test_a_page_asks_for_itself_its_sheet_its_face_and_only_then_for_more(
    chromium: Browser, served: ServedDemo
) -> None:
    context = chromium.new_context()
    asked: list[str] = []
    try:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.resource_type))
        page.goto(served.url_of("thread"))
        page.wait_for_load_state()
    finally:
        context.close()
    assert asked[:3] == ["document", "stylesheet", "font"]
    assert "script" not in asked[:3]

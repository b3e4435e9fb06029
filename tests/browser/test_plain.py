"""The demo in the theme plain, in Chromium: nothing hinders a reader, by day or night, from either side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from garden.config import read_config
from garden.pipeline import build_garden
from tests.browser.conftest import watch
from tests.browser.demo import GrownDemo
from tests.loopback import serve_folder
from tests.smallholding import NOW_MS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LOOKS: Final[tuple[tuple[Literal["light", "dark"], int, str], ...]] = (
    ("light", 1440, "ltr"),
    ("dark", 360, "ltr"),
    ("light", 320, "rtl"),
)
KINDS: Final = ("home", "room", "thread", "note", "tag")


@pytest.fixture(scope="module")
def plain(demo: GrownDemo) -> Iterator[str]:
    """The URL of the demo as it looks in plain."""
    config = read_config(demo.folder / "site.toml")
    config = replace(config, site=replace(config.site, theme="plain", base_url="https://fen.example/"))
    out = demo.folder / "plain"
    build_garden(demo.folder, config, out, now_ms=NOW_MS, jobs=1, report=lambda *_: None)
    with serve_folder(out) as url:
        yield url


@pytest.mark.parametrize(("scheme", "width", "direction"), LOOKS)
def test_nothing_hinders_a_reader_of_plain_pages(
    chromium: Browser,
    demo: GrownDemo,
    plain: str,
    scheme: Literal["light", "dark"],
    width: int,
    direction: str,
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    watched = watch(context, plain.rstrip("/"))
    for kind in KINDS:
        watched.page.goto(plain + demo.kinds[kind])
        watched.page.evaluate("(direction) => { document.documentElement.dir = direction; }", direction)
        results = Axe().run(watched.page)
        assert results.violations_count == 0, f"{kind}: {results.generate_report()}"
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width, kind
    context.close()
    assert watched.problems == []

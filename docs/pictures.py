"""Take the pictures of the documentation: the demo goes in, what Chromium shows of it comes out as PNG files.

`make pictures` writes `docs/pictures/` anew: every kind of page at three widths, light and dark, and what the
README shows. It is run by hand when the theme or the demo has changed; fonts differ from machine to machine,
so no test compares pictures.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from garden.config import CONFIG_FILE, read_config
from garden.demo.plant import plant_demo
from garden.pipeline import build_garden
from garden.resources import demo_folder
from tests.loopback import serve_folder

Scheme = Literal["light", "dark"]

PICTURES: Final = Path(__file__).parent / "pictures"
CHROMIUM: Final = "/usr/bin/chromium"

MAX_BYTES: Final = 150_000
"""Size of a picture; the repository carries each version of it for ever."""

PAGES: Final = {
    "home": "",
    "room": "seeds/",
    "conversation": "seeds/how-do-we-store-bean-seed-over-winter-m3lt7fw3/",
    "note": "notes/a-year-of-beans/",
    "tag": "tag/beans/",
    "map": "map/",
    "not-found": "nothing/of/the/kind/",
}
"""What is shown, by the name of its pictures: the address in the demo."""

WIDTHS: Final = (360, 768, 1440)
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
TALLEST: Final = 1600
"""CSS pixels; a longer page is cut off there."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture."""

    name: str
    page: str
    width: int
    height: int
    """At most; a page that is shorter ends sooner, but for one window."""
    scheme: Scheme = "light"


README: Final = (
    Shot("readme-desktop", "conversation", 1280, 800),
    Shot("readme-phone", "conversation", 390, 800),
)

_WINDOW: Final = 800
_COLOURS: Final = (128, 64, 32)
"""How many a picture may have, the first that makes it small enough."""


def list_shots() -> list[Shot]:
    """Return what stands in `docs/pictures/`."""
    of_pages = [
        Shot(f"{page}-{width}-{scheme}", page, width, TALLEST, scheme)
        for page, width, scheme in product(PAGES, WIDTHS, SCHEMES)
    ]
    return [*of_pages, *README]


def take_pictures() -> None:
    """Write every picture and remove those that are no longer taken."""
    PICTURES.mkdir(exist_ok=True)
    shots = list_shots()
    for path in PICTURES.glob("*.png"):
        if path.stem not in {shot.name for shot in shots}:
            path.unlink()
    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
    with _serve_demo() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        for shot in shots:
            _save(shot.name, _shoot(browser, url + PAGES[shot.page], shot))
        browser.close()


@contextmanager
def _serve_demo() -> Iterator[str]:
    """Build the demo in a folder that passes, and serve it on loopback; yields its address."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        plant_demo(demo_folder(), place / "fen")
        config = read_config(place / "fen" / CONFIG_FILE)
        build_garden(place / "fen", config, place / "public", now_ms=0, jobs=1, report=lambda *_: None)
        with serve_folder(place / "public", urlsplit(config.site.base_url).path) as url:
            yield url


def _shoot(browser: Browser, url: str, shot: Shot) -> bytes:
    context = browser.new_context(
        viewport={"width": shot.width, "height": _WINDOW}, color_scheme=shot.scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(url)
    page.wait_for_load_state("networkidle")
    height: int = page.evaluate("document.documentElement.scrollHeight")
    # A window as tall as the picture loads the pictures in it, which wait for being looked at.
    page.set_viewport_size({"width": shot.width, "height": min(height, shot.height)})
    page.wait_for_load_state("networkidle")
    picture = page.screenshot()
    context.close()
    return picture


def _save(name: str, picture: bytes) -> None:
    """Few colours are enough for a page of text, and make a third of the bytes."""
    whole = Image.open(io.BytesIO(picture)).convert("RGB")
    path = PICTURES / f"{name}.png"
    for colours in _COLOURS:
        whole.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
        size = path.stat().st_size
        if size <= MAX_BYTES:
            print(f"{path.name}: {size:,} bytes")
            return
    raise ValueError(f"{path.name} has {size} bytes, more than {MAX_BYTES}")


if __name__ == "__main__":
    take_pictures()

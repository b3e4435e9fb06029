"""Take the pictures of the documentation: the demo goes in, what Chromium shows of it comes out as PNG files.

`python docs/pictures.py` writes `docs/images/`. It is run by hand when the theme or the demo has changed;
fonts differ from machine to machine, so no test compares pictures.
"""

from __future__ import annotations

import io
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from garden.config import CONFIG_FILE, read_config
from garden.demo.plant import plant_demo
from garden.pipeline import build_garden
from garden.resources import demo_folder
from garden.site.serve import HOST, open_server

IMAGES: Final = Path(__file__).parent / "images"
CHROMIUM: Final = "/usr/bin/chromium"

MAX_BYTES: Final = 200_000
"""Size of a picture; the repository carries each version of it for ever."""

PAGES: Final = {"home": "", "conversation": "seeds/how-do-we-store-bean-seed-over-winter-m3lt7fw3/"}
SIZES: Final = {"desktop": (1280, 900), "phone": (390, 844)}
"""Width and height of the window in CSS pixels."""

_COLOURS: Final = 128


def take_pictures() -> None:
    """Write one picture for each page and each size of window, and one in dark colours."""
    IMAGES.mkdir(exist_ok=True)
    with _serve_demo() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for page, address in PAGES.items():
            for size in SIZES:
                _save(f"{page}-{size}", _shoot(browser, url + address, size, dark=False))
        _save("conversation-desktop-dark", _shoot(browser, url + PAGES["conversation"], "desktop", dark=True))
        browser.close()


@contextmanager
def _serve_demo() -> Iterator[str]:
    """Build the demo in a folder that passes, and serve it on loopback; yields its address."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        plant_demo(demo_folder(), place / "fen")
        config = read_config(place / "fen" / CONFIG_FILE)
        build_garden(place / "fen", config, place / "public", now_ms=0, jobs=1, report=lambda *_: None)
        path = urlsplit(config.site.base_url).path
        server = open_server(place / "public", path, 0, None)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://{HOST}:{server.server_port}{path}"
        finally:
            server.shutdown()
            server.server_close()


def _shoot(browser: Browser, url: str, size: str, *, dark: bool) -> bytes:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(url)
    page.wait_for_load_state("networkidle")
    picture = page.screenshot()
    context.close()
    return picture


def _save(name: str, picture: bytes) -> None:
    """Few colours are enough for a page of text, and make a third of the bytes."""
    reduced = Image.open(io.BytesIO(picture)).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    path = IMAGES / f"{name}.png"
    reduced.save(path, optimize=True)
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise ValueError(f"{path.name} has {size} bytes, more than {MAX_BYTES}")
    print(f"{path.name}: {size:,} bytes")


if __name__ == "__main__":
    take_pictures()

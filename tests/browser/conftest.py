"""The demo, built once and served on loopback, and one Chromium for all tests of this folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ProxySettings, Request, sync_playwright

from garden.site.serve import Changes
from tests.browser.demo import GrownDemo, grow_demo
from tests.loopback import serve_folder

ARGUMENTS = (
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NOWHERE: Final = ProxySettings(server="http://127.0.0.1:9", bypass="127.0.0.1")
"""What is not on this machine is asked for at a port at which nobody answers.

So pages reach no other host, and no request has to wait until Python has looked at it.
"""


@dataclass(frozen=True, slots=True)
class ServedDemo:
    """Where the demo's garden is served."""

    demo: GrownDemo
    url: str
    """Ends in a slash, below the base path."""

    @property
    def origin(self) -> str:
        return "{0.scheme}://{0.netloc}".format(urlsplit(self.url))

    def url_of(self, kind: str) -> str:
        return self.url + self.demo.kinds[kind]


@contextmanager
def serving(demo: GrownDemo, changes: Changes | None = None) -> Iterator[str]:
    """Serve a demo on loopback until the block ends; yields its URL, which ends in a slash."""
    with serve_folder(demo.out, urlsplit(demo.base_url).path, changes) as url:
        yield url


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> GrownDemo:
    return grow_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def served(demo: GrownDemo) -> Iterator[ServedDemo]:
    with serving(demo) as url:
        yield ServedDemo(demo, url)


@pytest.fixture(scope="session")
def served_in_arabic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedDemo]:
    """Serve the same demo as a garden whose frame is written from the right."""
    demo = grow_demo(tmp_path_factory.mktemp("demo-in-arabic"), language="ar")
    with serving(demo) as url:
        yield ServedDemo(demo, url)


@pytest.fixture(scope="session")
def live_site(demo: GrownDemo) -> Iterator[tuple[str, Changes]]:
    """The same folder as `garden serve` shows it, with live reload."""
    changes = Changes()
    with serving(demo, changes) as url:
        yield url, changes


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; its sandbox does not work for root.

    For one module: while Playwright is open, an event loop runs in this thread, where others need their own.
    """
    sandbox = ("--no-sandbox",) if os.getuid() == 0 else ()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=[*ARGUMENTS, *sandbox], proxy=NOWHERE
        )
        yield browser
        browser.close()


@dataclass(frozen=True, slots=True)
class Watched:
    """A page with what went wrong on it."""

    page: Page
    problems: list[str]
    """Errors on the console, requests that failed, and requests to other origins, which lead nowhere."""


def _failed(asked: Request) -> bool:
    """Going on to another page aborts what the former one is still loading."""
    return asked.failure != "net::ERR_ABORTED"


def watch(context: BrowserContext, origin: str) -> Watched:
    """Open a page that asks nobody but `origin` and remembers what it would have asked elsewhere."""
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda said: problems.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "requestfailed",
        lambda asked: problems.append(f"{asked.url}: {asked.failure}") if _failed(asked) else None,
    )

    context.on(
        "request",
        lambda asked: (
            problems.append(f"asked {asked.url}") if not asked.url.startswith(f"{origin}/") else None
        ),
    )
    return Watched(page, problems)

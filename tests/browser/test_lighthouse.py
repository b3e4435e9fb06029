"""Lighthouse reads the demo as a phone on a slow line shows it: 100 of 100 in every category."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.browser.conftest import ServedDemo
from tests.browser.demo import grow_demo
from tests.loopback import serve_folder

# In the group of the other browser tests, so that nothing else of this suite draws pages meanwhile.
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

READ: Final = ("home", "picture", "room", "note")
MODULES: Final = Path(__file__).parents[2] / ".cache/node/node_modules"
NODE: Final = Path(sys.executable).with_name("node")
_SECONDS: Final = 300


@pytest.fixture(scope="module")
def at_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedDemo]:
    """Serve the demo where it says that it stands: canonical URLs, robots.txt and the sitemap are true."""
    folder = tmp_path_factory.mktemp("demo-at-home")
    with serve_folder(folder / "public") as url:
        yield ServedDemo(grow_demo(folder, url), url)


def test_lighthouse_finds_nothing_to_improve(at_home: ServedDemo) -> None:
    urls = [at_home.url_of(kind) for kind in READ]
    read = subprocess.run(
        [NODE, Path(__file__).with_name("lighthouse.mjs"), MODULES, *urls],
        env={**os.environ, "CHROME_PATH": "/usr/bin/chromium"},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert read.returncode == 0, read.stderr
    found = [json.loads(line) for line in read.stdout.splitlines()]
    assert [each["url"] for each in found] == urls
    assert [each for each in found if {*each["scores"].values()} != {1}] == []

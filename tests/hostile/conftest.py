"""The garden of the whole corpus, grown once, and served on loopback for a browser."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import chromium
from tests.hostile.corpus import CORPUS
from tests.hostile.grown import BASE_URL, HostileGarden, grow_hostile
from tests.loopback import serve_folder

__all__ = ["chromium"]


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> HostileGarden:
    """Return the garden in a folder that nothing else lies beside."""
    return grow_hostile(tmp_path_factory.mktemp("hostile") / "garden", CORPUS)


@pytest.fixture(scope="session")
def served_hostile(hostile: HostileGarden) -> Iterator[str]:
    """Yield the garden's URL, which ends in a slash."""
    with serve_folder(hostile.out, urlsplit(BASE_URL).path) as url:
        yield url

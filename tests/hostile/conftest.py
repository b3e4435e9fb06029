"""The garden of the whole corpus, grown once, and served on loopback for a browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from garden.site.serve import open_server
from tests.browser.conftest import chromium
from tests.hostile.corpus import CORPUS
from tests.hostile.grown import BASE_URL, HostileGarden, grow_hostile

__all__ = ["chromium"]


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> HostileGarden:
    """Return the garden in a folder that nothing else lies beside."""
    return grow_hostile(tmp_path_factory.mktemp("hostile") / "garden", CORPUS)


@pytest.fixture(scope="session")
def served_hostile(hostile: HostileGarden) -> Iterator[str]:
    """Yield the garden's URL, which ends in a slash."""
    path = urlsplit(BASE_URL).path
    server = open_server(hostile.out, path, 0, None)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{path}"
    server.shutdown()
    thread.join()
    server.server_close()

"""The folder of pages holds what this build wrote and nothing else, and rewrites what changed only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from garden.errors import ArchiveError
from garden.pages.page import Page
from garden.pages.store import PageStore, read_pages
from tests.pages.material import answer, compose, message
from tests.pages.strategies import pages

ROOT = message("a", "How do we store beans?")
PAGE = compose(ROOT, answer("b", ROOT, "Dry."))
OTHER = compose(message("c", "Another matter"))


def write(folder: Path, *pages: object) -> None:
    store = PageStore(folder)
    for page in (PAGE, OTHER):
        if page in pages:
            store.write_page(page)
    store.finish()


def test_pages_come_back_from_their_files(tmp_path: Path) -> None:
    write(tmp_path, PAGE, OTHER)
    assert sorted(read_pages(tmp_path), key=lambda page: page.planted) == [OTHER, PAGE]


@given(pages)
@settings(max_examples=50, deadline=None)
def test_any_page_comes_back_from_its_file(page: Page) -> None:
    with TemporaryDirectory() as folder:
        PageStore(Path(folder)).write_page(page)
        assert list(read_pages(Path(folder))) == [page]


def test_a_page_that_did_not_change_is_not_touched(tmp_path: Path) -> None:
    write(tmp_path, PAGE)
    (path,) = tmp_path.rglob("*.md")
    before = path.stat()
    write(tmp_path, PAGE)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_what_is_no_longer_written_is_removed_with_its_folder(tmp_path: Path) -> None:
    write(tmp_path, PAGE, OTHER)
    stray = tmp_path / "gone" / "deeper" / ".draft.md.next"
    stray.parent.mkdir(parents=True)
    stray.write_text("half")
    write(tmp_path, OTHER)
    assert [page.title for page in read_pages(tmp_path)] == [OTHER.title]
    assert not (tmp_path / "gone").exists()


def test_a_changed_page_takes_the_place_of_the_old(tmp_path: Path) -> None:
    write(tmp_path, PAGE)
    store = PageStore(tmp_path)
    store.write_page(replace(PAGE, tags=("beans",)))
    store.finish()
    assert [page.tags for page in read_pages(tmp_path)] == [("beans",)]


def test_a_page_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    (tmp_path / "seeds").write_text("a file where a folder belongs")
    with pytest.raises(ArchiveError, match="seeds"):
        PageStore(tmp_path).write_page(PAGE)

"""What the archive knows of a file is what a page is told of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from garden.archive.clean_media import clean_media
from garden.archive.event import MediaForm, MxcUri
from garden.archive.store import ArchiveStore
from garden.bed import locate_media
from garden.pages.media import MediaFile, MissingMedia

URI = MxcUri("mxc://fen.example/bean")


def png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#208040").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArchiveStore]:
    with ArchiveStore.open(tmp_path) as opened:
        yield opened


def test_a_large_picture_is_told_with_its_smaller_one(store: ArchiveStore, tmp_path: Path) -> None:
    store.files.save(URI, clean_media(png(1200, 30), MediaForm.PICTURE), form=MediaForm.PICTURE)
    found = locate_media(URI, MediaForm.PICTURE, store)
    assert isinstance(found, MediaFile)
    assert (found.width, found.height, found.mimetype) == (960, 24, "image/png")
    assert found.color.startswith("#")
    for path in (found.path, found.thumb):
        assert (tmp_path / "content_cache/media" / path).is_file()
    assert found.size == (tmp_path / "content_cache/media" / found.path).stat().st_size


def test_one_address_may_be_a_picture_and_a_file(store: ArchiveStore) -> None:
    store.files.save(URI, clean_media(b"Sow in May.", MediaForm.FILE, is_text=True), form=MediaForm.FILE)
    found = locate_media(URI, MediaForm.FILE, store)
    assert isinstance(found, MediaFile)
    assert (found.size, found.mimetype, found.width, found.thumb, found.color) == (
        11,
        "text/plain",
        None,
        "",
        "",
    )
    assert locate_media(URI, MediaForm.PICTURE, store) is None


def test_a_file_that_was_refused_is_told_with_its_reason(store: ArchiveStore) -> None:
    store.files.refuse(URI, "it is 90 MB", form=MediaForm.RECORDING, reason="too-large")
    assert locate_media(URI, MediaForm.RECORDING, store) == MissingMedia("too-large")

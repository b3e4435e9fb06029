"""Pictures beside notes are copied clean, once, and leave with the last note that shows them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from tests.smallholding import bean_talk, build, plant, read_site

NO_PICTURE: Final = "it is no PNG, JPEG, WebP, GIF or AVIF that can be decoded"


def jpeg(width: int = 40, height: int = 30, *, place: str = "") -> bytes:
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = place
    Image.new("RGB", (width, height), "#208040").save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    plant(tmp_path, bean_talk())
    notes = tmp_path / "notes"
    (notes / "jars.md").write_text("# Jars\n\n![Four jars](jar.jpg)\n")
    (notes / "jar.jpg").write_bytes(jpeg(place="in the cellar"))
    return tmp_path


def pictures(folder: Path) -> dict[str, bytes]:
    return {path: data for path, data in read_site(folder / "public").items() if path.startswith("media/")}


def test_a_picture_is_published_without_what_the_camera_wrote_beside_it(garden: Path) -> None:
    assert b"in the cellar" in (garden / "notes/jar.jpg").read_bytes()
    assert build(garden).problems == ()
    ((path, data),) = pictures(garden).items()
    assert b"in the cellar" not in data
    shown = (garden / "public/notes/jars/index.html").read_text("utf-8")
    assert f'<a class="picture" href="../../{path}"><img' in shown
    assert 'alt="Four jars" width="40" height="30"' in shown


def test_a_copy_is_made_once_and_made_anew_where_it_is_damaged(garden: Path) -> None:
    build(garden)
    copies = garden / "content_cache/pictures"
    before = {path: path.stat().st_mtime_ns for path in copies.rglob("*") if path.is_file()}
    assert build(garden).change.written == ()
    assert {path: path.stat().st_mtime_ns for path in before} == before
    next(copies.glob("*.json")).write_text("{")
    build(garden)
    assert before.keys() == {path for path in copies.rglob("*") if path.is_file()}


def test_a_picture_that_no_note_shows_any_more_leaves_site_and_copies(garden: Path) -> None:
    build(garden)
    (garden / "notes/jars.md").write_text("# Jars\n")
    build(garden)
    assert pictures(garden) == {}
    assert [path for path in (garden / "content_cache/pictures").rglob("*") if path.is_file()] == []


def test_what_is_no_picture_is_told_and_its_words_stay(garden: Path) -> None:
    notes = garden / "notes"
    notes.joinpath("jars.md").write_text(
        "![a](x.png) ![b](y.svg) ![c](z.webp) ![d](../site.png) ![e](big.jpg)"
    )
    notes.joinpath("x.png").write_bytes(b"no picture")
    notes.joinpath("y.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>")
    notes.joinpath("big.jpg").write_bytes(jpeg(600, 600))
    garden.joinpath("site.png").write_bytes(jpeg())
    settings = garden / "site.toml"
    settings.write_text(settings.read_text().replace("[matrix]\n", "[matrix]\nmax_media_bytes = 2000\n"))
    assert build(garden).problems == (
        "notes/jars.md: there is no picture '../site.png'",
        "notes/jars.md: the picture 'big.jpg' is not shown: it has more than 2000 bytes",
        f"notes/jars.md: the picture 'x.png' is not shown: {NO_PICTURE}",
        f"notes/jars.md: the picture 'y.svg' is not shown: {NO_PICTURE}",
        "notes/jars.md: there is no picture 'z.webp'",
    )
    assert pictures(garden) == {}
    assert (garden / "public/notes/jars/index.html").read_text("utf-8").count('class="missing"') == 5

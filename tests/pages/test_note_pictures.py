"""Pictures beside notes are shown with their words and their size, wherever people keep them."""

from __future__ import annotations

import pytest
from hypothesis import given

from garden.pages.media import MediaFile, MissingMedia
from garden.pages.note_pictures import find_pictures, locate_picture, show_pictures
from tests.pages.material import note
from tests.pages.strategies import texts

JAR = MediaFile("ab/jar.webp", 640, 480, 4096, "image/webp", color="#102030")
WIDE = MediaFile("cd/wide.png", 960, 24, 9000, "image/png", thumb="ef/wide.webp")
KEYS = 'width=640 height=480 color="#102030"'


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ("![four jars](jar.webp)", f"![four jars](../../media/ab/jar.webp){{{KEYS}}}"),
        ('![four *jars*](<jar.webp> "On the shelf")', f"![four jars](../../media/ab/jar.webp){{{KEYS}}}"),
        ("![[jar.webp]]", f"![jar](../../media/ab/jar.webp){{{KEYS}}}"),
        ("![](jar.webp)", f"![jar](../../media/ab/jar.webp){{{KEYS}}}"),
        ("![[jar.webp|Four [jars\\]]]", "![[jar.webp|Four [jars\\]]]"),
        ("![[jar.webp|Four jars]]", f"![Four jars](../../media/ab/jar.webp){{{KEYS}}}"),
        (
            "![[jar.webp|320]]",
            '![jar](../../media/ab/jar.webp){width=320 height=240 color="#102030"}',
        ),
        (
            "![jars|320x100](jar.webp)",
            '![jars](../../media/ab/jar.webp){width=320 height=240 color="#102030"}',
        ),
        ("![[jar.webp|9000]]", f"![jar](../../media/ab/jar.webp){{{KEYS}}}"),
        (
            "[![jars](jar.webp)](https://x.example)",
            f"[![jars](../../media/ab/jar.webp){{{KEYS}}}](https://x.example)",
        ),
        ("![wide](wide.png)", '![wide](../../media/cd/wide.png){width=960 height=24 thumb="ef/wide.webp"}'),
        ("![gone](gone.png)", '[gone]{.missing what="image" why="not-found"}'),
        ("![](big.jpg)", '[big]{.missing what="image" why="too-large"}'),
        (
            "`![a](jar.webp)` \\![a](jar.webp) [a](jar.webp)",
            "`![a](jar.webp)` \\![a](jar.webp) [a](jar.webp)",
        ),
        (
            "![a](https://x.example/jar.webp) ![a](/jar.webp)",
            "![a](https://x.example/jar.webp) ![a](/jar.webp)",
        ),
        ("![a](jar.pdf) ![[jar.md]]", "![a](jar.pdf) ![[jar.md]]"),
    ],
)
def test_a_picture_is_written_as_those_of_messages_are(written: str, becomes: str) -> None:
    found: dict[str, MediaFile | MissingMedia] = {
        "jar.webp": JAR,
        "wide.png": WIDE,
        "big.jpg": MissingMedia("too-large"),
    }
    assert show_pictures(note("n.md", written), found).text == becomes


def test_a_note_knows_which_copies_it_shows() -> None:
    written = note("n.md", "![a](jar.webp) ![b](wide.png) ![b](gone.png)")
    shown = show_pictures(written, {"jar.webp": JAR, "wide.png": WIDE})
    assert shown.pictures == ("ab/jar.webp", "cd/wide.png", "ef/wide.webp")
    assert find_pictures(written) == {"jar.webp", "wide.png", "gone.png"}


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("jar.webp", "tools/jar.webp"),
        ("./jar.webp", "tools/jar.webp"),
        ("../jar.webp", "jar.webp"),
        ("pictures/my hoe.png", "pictures/my hoe.png"),
        ("my hoe.png", "pictures/my hoe.png"),
        ("../../jar.webp", None),
        ("x/my hoe.png", None),
        ("..", None),
    ],
)
def test_a_picture_is_looked_for_beside_its_note_and_then_everywhere(target: str, path: str | None) -> None:
    files = {"jar.webp", "tools/jar.webp", "pictures/my hoe.png"}
    assert locate_picture(target, note("tools/n.md", ""), files) == path


@given(texts)
def test_whatever_a_note_says_all_but_its_pictures_stays(text: str) -> None:
    written = note("n.md", text)
    assert show_pictures(written, {}).text == written.text or find_pictures(written)

"""Pages, their style sheet, their faces and their script are light."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Final

import pytest

from garden.pages.page import PageLinks
from garden.pages.paths import PagePaths
from garden.resources import find_theme
from garden.site.document import Document
from garden.site.present import present_conversation
from garden.site.templates import Theme, list_static, load_theme, plan_render, render_task
from tests.site.growing import BEANS, SEEDS, frame, say, talk

WORDS: Final = (
    "Shell them, spread them one layer deep on a tray in a warm room with a draught for two to three weeks, "
    "then do the hammer test. If one shatters, it is dry enough to close in a jar. "
)
PAGE_LIMIT: Final = 20_000
SCRIPT_LIMIT: Final = 10_000
FACES_LIMIT: Final = 60_000


@pytest.fixture(scope="module")
def theme() -> Theme:
    return load_theme(find_theme(Path(), "commons"))


def weigh(content: bytes) -> int:
    """Return how many bytes travel."""
    return len(gzip.compress(content, mtime=0))


def test_a_conversation_of_twelve_messages_travels_light(theme: Theme) -> None:
    said = [say(f"m{number}", f"{number}. {WORDS * 2}", at=number) for number in range(12)]
    view = present_conversation(talk(*said), PageLinks(), PagePaths(), SEEDS, frame(BEANS))
    page = render_task(theme, plan_render("x/index.html", view, theme)).content
    sheets = [each for each in list_static(theme) if isinstance(each, Document)]

    assert [each.path for each in sheets] == ["static/css/all.css"]
    assert weigh(page) + weigh(sheets[0].content) <= PAGE_LIMIT


def test_the_script_travels_light(theme: Theme) -> None:
    assert weigh((theme.layers[0] / "static/garden.js").read_bytes()) < SCRIPT_LIMIT


def test_all_faces_together_travel_light(theme: Theme) -> None:
    faces = list((theme.layers[0] / "static/fonts").glob("*.woff2"))
    assert 0 < sum(face.stat().st_size for face in faces) <= FACES_LIMIT

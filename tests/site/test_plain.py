"""The theme plain stays what it is: few words of style, no font, no script, and every kind of page."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import Final

import pytest

from docs.words import extract_words
from garden.site.document import Document
from garden.site.templates import TEMPLATES, list_static, load_theme
from tests.site.test_palette import READABLE, contrast

PLAIN: Final = Path(__file__).parents[2] / "themes/plain"
LAYERS: Final = (PLAIN, PLAIN.with_name("shared"))
TEMPLATE_FILES: Final = sorted(path for layer in LAYERS for path in layer.rglob("*.html"))
SHEET: Final = PLAIN / "static/css/all.css"
INKS: Final = LAYERS[1] / "static/css/55-inks.css"
BUDGET: Final = 4000
"""Bytes of style, as they are sent before anything packs them."""
LONGEST: Final = 40
"""Lines of a template, so that each can be read at a glance."""
GROUNDS: Final = {"light": "#ffffff", "dark": "#121212"}
"""What browsers paint as `Canvas`; plain leaves paper and ink to them."""


def test_it_has_a_template_for_every_view_that_a_garden_shows() -> None:
    there = {path.name for path in TEMPLATE_FILES if path.parent.name == "templates"}
    assert set(TEMPLATES.values()) - there == set(), "themes/plain lacks these templates"
    assert there - set(TEMPLATES.values()) == {"base.html"}


def test_its_style_is_small_as_written_and_as_sent() -> None:
    (sent,) = [each for each in list_static(load_theme(LAYERS)) if isinstance(each, Document)]
    assert len(sent.content) < sum(sheet.stat().st_size for sheet in (SHEET, INKS)) < BUDGET


def test_it_has_no_font_and_no_script_and_asks_for_one_sheet_and_one_mark() -> None:
    files = {path.relative_to(PLAIN).as_posix() for path in PLAIN.rglob("*") if path.is_file()}
    assert {name for name in files if name.startswith("static/")} == {"static/css/all.css", "static/mark.svg"}
    written = "".join(path.read_text("utf-8") for path in (*TEMPLATE_FILES, SHEET, INKS))
    assert re.findall(r"<script|@font-face|@import|url\(|style=|\son[a-z]+=", written) == []
    assert set(re.findall(r'href="\{\{[^}]*\}\}(static/[^"]*)', written)) == {
        "static/css/all.css",
        "static/mark.svg",
    }


def test_every_template_can_be_read_at_a_glance() -> None:
    lines = {path.name: len(path.read_text("utf-8").splitlines()) for path in (PLAIN / "templates").iterdir()}
    assert {name: count for name, count in lines.items() if count > LONGEST} == {}


def test_no_words_stand_outside_the_catalogues() -> None:
    """What is left of a template without its marks and elements is punctuation and the names of formats."""
    for path in TEMPLATE_FILES:
        text = re.sub(
            r"\{#.*?#\}|\{%-?\s*trans\b.*?endtrans.*?%\}", "", path.read_text("utf-8"), flags=re.DOTALL
        )
        text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
        shown = re.sub(r"<[^>]*>", "", text)
        assert re.findall(r"[^\W\d_]{2,}", shown) == [], path.name


def test_it_says_what_commons_says_in_the_same_words() -> None:
    """A catalogue has each sentence once; of its own plain has what is true of no other theme."""
    own = [
        str(message.id)
        for message in extract_words()
        if message.id and all(name.startswith("themes/plain/") for name, _ in message.locations)
    ]
    assert [words[:37] for words in own] == ["These pages set no cookies, run no sc"]


@pytest.mark.parametrize(("scheme", "at"), [("light", 0), ("dark", 1)])
def test_the_twelve_colours_of_words_are_readable_on_every_ground(scheme: str, at: int) -> None:
    rules = re.findall(
        r"\.(ink|paper)-(\w+) \{ [a-z]+: light-dark\((#\w+), (#\w+)\)", INKS.read_text("utf-8")
    )
    inks = {name: colors[at] for kind, name, *colors in rules if kind == "ink"}
    papers = {name: colors[at] for kind, name, *colors in rules if kind == "paper"} | {"": GROUNDS[scheme]}
    assert len(inks) == len(papers) - 1 == 12
    plain_ink = {"light": "#000000", "dark": "#ffffff"}[scheme]
    pairs = product([plain_ink, *inks.values()], papers.values())
    assert [pair for pair in pairs if contrast(*pair) < READABLE] == []

"""A garden in another language has no English left in what it says, and no theme any words of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import jinja2
import jinja2.ext
import pytest
from jinja2 import nodes

from docs.words import ROOT, extract_words
from garden.language import load_language
from tests.archive.material import event
from tests.smallholding import bean_talk, build, page_of, plant

HIDDEN_NAMES: Final = '\n[consent]\nnames = "hidden"\ncontact = "cleo@fen.example"\ndelay = "2h"\n'
NOT_WORDS: Final = frozenset({"UTC", "RSS", "Atom", "Matrix"})
"""What stands in templates and is the same in every language."""

FOR_MACHINES: Final = frozenset({"page_class", "og_type"})
"""Blocks that hold names and no words."""

_TEXT: Final = re.compile(
    r"<(script|style)\b.*?</\1>|<!--.*?-->|<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.DOTALL
)
_SPOKEN_ATTRIBUTE: Final = re.compile(r'\b(?:aria-label|title|alt|placeholder)="([^"]*)"')
_WORD: Final = re.compile(r"\b[A-Za-z][a-z]+\b|, ")
"""Other languages have other commas, too."""


def grow(folder: Path, language: str) -> Path:
    """Build a small garden in a language and return its site."""
    plant(
        folder,
        [*bean_talk(), event("topic", "m.room.topic", {"topic": "Bohnen"}, state_key="")],
        more=HIDDEN_NAMES,
    )
    settings = folder / "site.toml"
    settings.write_text(
        settings.read_text().replace('title = "Fen"', f'title = "Fen"\nlanguage = "{language}"')
    )
    build(folder)
    return folder / "public"


def own_sentences(language: str) -> Iterator[str]:
    """Yield every English sentence without values that reads otherwise in a language."""
    speak = load_language(language).gettext
    for message in extract_words():
        words = str(message.id)
        if (
            isinstance(message.id, str)
            and " " in words.strip()
            and "%" not in words
            and speak(words) != words
        ):
            yield words


@pytest.mark.parametrize(
    ("language", "direction", "day", "somebody"),
    [("de", "ltr", "16. November 2023", "Jemand"), ("ar", "rtl", "16 نوفمبر 2023", "شخص ما")],
)
def test_a_garden_speaks_its_language_throughout(
    tmp_path: Path, language: str, direction: str, day: str, somebody: str
) -> None:
    site = grow(tmp_path, language)
    pages = {path: path.read_text("utf-8") for path in site.rglob("*.html")}
    assert len(pages) > 4
    assert all(f'<html lang="{language}" dir="{direction}">' in text for text in pages.values())
    everything = "".join(pages.values())
    assert [words for words in own_sentences(language) if words in everything] == []
    assert f">{somebody}<" in (site / page_of(site, "Dry it first") / "index.html").read_text("utf-8")
    assert somebody in (site / "feed.atom").read_text("utf-8")
    assert any(day in text and "First frost" in text for text in pages.values())


def test_a_garden_without_catalogue_is_english_and_marks_what_people_wrote(tmp_path: Path) -> None:
    site = grow(tmp_path, "sv")
    text = (site / "index.html").read_text("utf-8")
    assert '<html lang="en" dir="ltr">' in text
    assert 'dir="auto" lang="sv">' in text
    assert 'xml:lang="sv"' in (site / "feed.atom").read_text("utf-8")


def read_bare_words(path: Path) -> set[str]:
    """Return what a template says itself, outside the words that catalogues know."""
    environment = jinja2.Environment(extensions=[jinja2.ext.i18n], autoescape=True)
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    tree = environment.parse(path.read_text("utf-8"))
    for block in tree.find_all(nodes.Block):
        block.body = [] if block.name in FOR_MACHINES else block.body
    parts = [
        part.data if isinstance(part, nodes.TemplateData) else "0"
        for output in tree.find_all(nodes.Output)
        for part in output.nodes
    ]
    text = "".join(parts)
    said = [_TEXT.sub(" ", text), *_SPOKEN_ATTRIBUTE.findall(text)]
    return {word for words in said for word in _WORD.findall(words)} - NOT_WORDS


@pytest.mark.parametrize(
    "path",
    sorted((ROOT / "themes").rglob("*.html")),
    ids=lambda path: path.relative_to(ROOT / "themes").as_posix(),
)
def test_no_template_says_a_word_that_no_catalogue_knows(path: Path) -> None:
    assert read_bare_words(path) == set(), 'put them into {{ _("…") }} or {% trans %}'

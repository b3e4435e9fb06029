"""Templates speak the garden's language; what people wrote is marked where it is in another one."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from garden.language import load_language
from garden.pages.address import Address
from garden.resources import find_theme
from garden.site.indexes import present_not_found
from garden.site.templates import load_theme, plan_render, render_task
from tests.site.growing import SEEDS, frame

HEAD = '<html lang="{{ view.frame.language }}" dir="{{ view.frame.direction }}">'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the theme that ships with garden."""
    return Path(shutil.copytree(find_theme(tmp_path, "commons")[0], tmp_path / "theme"))


def render(folder: Path, template: str, tag: str = "en", title: str = "Fen") -> str:
    (folder / "templates/not_found.html").write_text(template, encoding="utf-8")
    language = load_language(tag)
    around = replace(
        frame(Address("")),
        site_title=title,
        language=language.tag,
        direction=language.direction,
        written=language.written,
    )
    view = present_not_found(around, [SEEDS])
    theme = load_theme((folder, *find_theme(folder, "commons")[1:]))
    return render_task(theme, plan_render("404.html", view, theme)).content.decode()


def test_what_a_value_says_is_escaped_and_what_a_sentence_holds_is_not(folder: Path) -> None:
    template = '{{ _("In <b>%(title)s</b>, 100 %%", title=view.frame.site_title) }}'
    assert render(folder, template, title="<i>&") == "In <b>&lt;i&gt;&amp;</b>, 100 %"
    block = "{% trans title=view.frame.site_title %}In <b>{{ title }}</b>{% endtrans %}"
    assert render(folder, block, title="<i>") == "In <b>&lt;i&gt;</b>"


@pytest.mark.parametrize(
    ("template", "rendered"),
    [
        ('{{ ngettext("%(num)s page", "%(num)s pages", 1) }}', "1 page"),
        ('{{ ngettext("%(num)s page", "%(num)s pages", 12345) }}', "12,345 pages"),
        ('{{ npgettext("paper", "%(num)s page", "%(num)s pages", 2) }}', "2 pages"),
        ('{{ pgettext("month", "May") }}', "May"),
        (
            "{% trans count=12345 %}{{ count }} page{% pluralize %}{{ count }} pages{% endtrans %}",
            "12,345 pages",
        ),
        ("{{ 12345 | number }}", "12,345"),
    ],
)
def test_numbers_are_written_as_the_language_writes_them(folder: Path, template: str, rendered: str) -> None:
    assert render(folder, template) == rendered


def test_in_a_garden_without_catalogue_the_page_is_english_and_peoples_words_are_not(folder: Path) -> None:
    template = HEAD + '<h1 dir="auto">{{ view.frame.site_title }}</h1>'
    assert render(folder, template, "he") == ('<html lang="en" dir="ltr"><h1 dir="auto" lang="he">Fen</h1>')
    assert render(folder, template, "en-GB") == '<html lang="en-GB" dir="ltr"><h1 dir="auto">Fen</h1>'


def test_what_stands_in_messages_beside_their_words_is_in_the_language_too(folder: Path) -> None:
    template = "{{ '[secret]{.spoiler}' | markdown }}"
    assert f'<span class="why">{load_language("en").gettext("Spoiler")}</span>' in render(folder, template)


def test_nobody_can_write_a_mark_of_language(folder: Path) -> None:
    template = "<h1>{{ view.frame.site_title }}</h1>{{ view.frame.site_title | markdown }}"
    assert " lang=" not in render(folder, template, "he", title='<p dir="auto"> a dir="auto" b')

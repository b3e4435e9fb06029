"""`garden theme new` makes a theme that changes nothing yet and says where everything is changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from garden.create_theme import Rule, create_theme, find_tokens
from garden.errors import OptionError, OutputError, ThemeError
from garden.resources import find_theme
from garden.site.document import Document
from garden.site.templates import list_static, load_theme
from tests.archive.material import ROOM
from tests.smallholding import bean_talk, build, lay_out, plant, read_site, settings
from tests.terminal import check_told, run

FILES = ["theme.toml", "README.md", "static/css/moor.css", "templates/home.html"]


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    return lay_out(tmp_path, settings())


def sheet(garden: Path, name: str) -> str:
    (joined,) = [
        each for each in list_static(load_theme(find_theme(garden, name))) if isinstance(each, Document)
    ]
    return joined.content.decode()


@pytest.mark.parametrize("parent", ["commons", "plain"])
def test_a_new_theme_fits_at_once_and_looks_like_its_parent(garden: Path, parent: str) -> None:
    assert create_theme(garden, "moor", parent) == FILES

    layers = find_theme(garden, "moor")
    assert layers[0] == garden / "themes/moor"
    assert [path.name for path in layers] == ["moor", parent, "shared"]
    without_values = sheet(garden, "moor").removeprefix(sheet(garden, parent))
    assert list(find_tokens(without_values)) == []


@pytest.mark.parametrize("parent", ["commons", "plain"])
def test_its_style_sheet_shows_the_values_of_the_parent(garden: Path, parent: str) -> None:
    create_theme(garden, "moor", parent)

    own = (garden / "themes/moor/static/css/moor.css").read_text()

    assert own.count("{") == own.count("}")
    assert "/* --paper: " in own


def test_a_value_taken_out_of_its_comment_wins(garden: Path) -> None:
    create_theme(garden, "moor", "plain")
    own = garden / "themes/moor/static/css/moor.css"
    own.write_text(own.read_text().replace("/* --measure: 38rem; */", "--measure: 60rem;"))

    found = [rule.tokens for rule in find_tokens(sheet(garden, "moor"))]

    assert ("--measure", "38rem") in found[0]
    assert found[-1] == (("--measure", "60rem"),)


def test_a_line_taken_out_of_its_comment_stands_on_the_home_page(tmp_path: Path) -> None:
    plant(tmp_path, bean_talk())
    (tmp_path / "site.toml").write_text(
        settings(vouched=[ROOM]).replace("[matrix]", 'theme = "moor"\n[matrix]')
    )
    create_theme(tmp_path, "moor", "commons")
    build(tmp_path)
    before = (tmp_path / "public/index.html").read_text()
    own = tmp_path / "themes/moor/templates/home.html"
    own.write_text(own.read_text().replace("{#- <p>", "<p>").replace("</p> -#}", "</p>"))

    change = build(tmp_path).change

    assert "index.html" in change.written
    assert "<p>Come in, the gate is open.</p>" not in before
    assert "<p>Come in, the gate is open.</p>" in (tmp_path / "public/index.html").read_text()


def test_values_are_found_with_what_they_stand_in() -> None:
    css = "/* --no: 1; { */ @media x { :root { --a: b c; color: red; --d: url(e) } p { a: b } } q { --f: g; }"

    assert list(find_tokens(css)) == [
        Rule(("@media x", ":root"), (("--a", "b c"), ("--d", "url(e)"))),
        Rule(("q",), (("--f", "g"),)),
    ]


@pytest.mark.parametrize("name", ["", "Moor", "../moor", " moor", "commons", "plain"])
def test_a_name_that_cannot_be_used_is_refused_and_nothing_is_made(garden: Path, name: str) -> None:
    with pytest.raises(OptionError):
        create_theme(garden, name, "plain")

    assert not (garden / "themes").exists()


def test_a_parent_that_is_not_there_is_refused_and_nothing_is_made(garden: Path) -> None:
    with pytest.raises(ThemeError, match="no theme 'peat'"):
        create_theme(garden, "moor", "peat")

    assert not (garden / "themes").exists()


def test_a_theme_is_never_overwritten(garden: Path) -> None:
    create_theme(garden, "moor", "plain")
    before = read_site(garden)

    with pytest.raises(OutputError, match="never overwritten"):
        create_theme(garden, "moor", "plain")

    assert read_site(garden) == before


def test_a_folder_that_cannot_be_written_is_told(garden: Path) -> None:
    (garden / "themes").write_text("a file")

    with pytest.raises(OutputError, match="cannot be written"):
        create_theme(garden, "moor", "plain")


def test_the_command_makes_it_from_the_gardens_theme_and_says_what_to_do(garden: Path) -> None:
    made = run("theme", "new", "moor", folder=garden)

    assert (made.code, made.err) == (0, "")
    assert made.lines == [
        f"A new theme in themes/moor: {', '.join(FILES)}",
        'Next: theme = "moor" below [site] in site.toml, then garden serve --open',
    ]
    assert 'extends = "commons"' in (garden / "themes/moor/theme.toml").read_text()
    check_told(run("theme", "new", "moor", folder=garden), 1, "themes/moor exists")
    check_told(run("theme", "new", "Moor", folder=garden), 2, "'Moor' is no theme's name")


def test_the_command_lists_the_themes_with_a_star_at_the_gardens(garden: Path) -> None:
    run("theme", "new", "moor", "--extends", "plain", "--quiet", folder=garden)

    listed = run("theme", "list", folder=garden).lines
    told = json.loads(run("theme", "list", "--json", folder=garden).out)

    assert [line[:9] for line in listed] == ["* commons", "  moor   ", "  plain  "]
    assert "The theme plain with changes of our own." in listed[1]
    assert {each["id"]: (each["extends"], each["used"]) for each in told} == {
        "commons": ("", True),
        "moor": ("plain", False),
        "plain": ("", False),
    }


def test_outside_a_garden_there_is_nothing_to_make(tmp_path: Path) -> None:
    check_told(run("theme", "new", "moor", folder=tmp_path), 2, "no garden")

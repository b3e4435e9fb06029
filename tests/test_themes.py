"""A theme is a stack of folders: what the first has not is taken from the next."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from garden.errors import ThemeError, ThemeFileError
from garden.pages.address import HOME
from garden.resources import find_theme, list_themes
from garden.site.document import CopiedDocument
from garden.site.indexes import present_not_found
from garden.site.templates import TEMPLATES, Theme, list_static, load_theme, plan_render, render_task
from garden.theme_file import ThemeFile, parse_theme, read_theme_file
from tests.site.growing import SEEDS, frame

PAGE: Final = "templates/not_found.html"
SHIPPED: Final = Path(__file__).parents[1] / "themes"


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files below a garden's `themes/`."""
    for name, text in files.items():
        path = folder / "themes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def whole(*, page: str) -> dict[str, str]:
    """A theme called `ground` with every template, all of them empty but one."""
    templates = {f"ground/templates/{name}": "" for name in TEMPLATES.values()}
    return templates | {"ground/theme.toml": "", f"ground/{PAGE}": page}


def extend(name: str, parent: str) -> dict[str, str]:
    return {f"{name}/theme.toml": f'extends = "{parent}"\n'}


def load(folder: Path, name: str) -> Theme:
    return load_theme(find_theme(folder, name))


def render(folder: Path, name: str) -> str:
    theme = load(folder, name)
    task = plan_render("404.html", present_not_found(frame(HOME), [SEEDS]), theme)
    return render_task(theme, task).content.decode()


# Which folders there are


def test_a_theme_that_comes_with_garden_is_found_without_a_folder(tmp_path: Path) -> None:
    assert [path.name for path in find_theme(tmp_path, "plain")] == ["plain", "shared"]


def test_a_folder_called_like_a_theme_of_gardens_lies_over_it_and_needs_no_theme_file(tmp_path: Path) -> None:
    write(tmp_path, {"plain/static/hen.svg": "<svg/>"})

    assert find_theme(tmp_path, "plain")[0] == tmp_path / "themes/plain"
    assert [path.name for path in find_theme(tmp_path, "plain")] == ["plain", "plain", "shared"]


def test_a_theme_that_extends_one_finds_the_gardens_own_changes_to_that_too(tmp_path: Path) -> None:
    write(tmp_path, extend("moor", "plain") | {"plain/static/hen.svg": "<svg/>"})

    found = find_theme(tmp_path, "moor")

    assert found[:2] == (tmp_path / "themes/moor", tmp_path / "themes/plain")
    assert [path.name for path in found] == ["moor", "plain", "plain", "shared"]


def test_a_folder_over_a_theme_of_gardens_may_say_that_it_extends_it_or_another(tmp_path: Path) -> None:
    write(tmp_path, extend("plain", "plain"))
    assert [path.name for path in find_theme(tmp_path, "plain")] == ["plain", "plain", "shared"]

    write(tmp_path, extend("plain", "commons"))
    assert [path.name for path in find_theme(tmp_path, "plain")] == ["plain", "commons", "shared"]


def test_a_theme_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    write(tmp_path, extend("moor", "plain"))

    with pytest.raises(ThemeError, match="no theme 'mor'") as caught:
        find_theme(tmp_path, "mor")

    assert "commons, moor, plain" in caught.value.hint


def test_a_folder_without_a_theme_file_is_told_what_it_lacks(tmp_path: Path) -> None:
    write(tmp_path, {"moor/templates/home.html": ""})

    with pytest.raises(ThemeError, match=r"moor has no theme\.toml") as caught:
        find_theme(tmp_path, "moor")

    assert 'extends = "commons"' in caught.value.hint


def test_the_themes_that_a_garden_can_have_are_listed_with_what_they_say(tmp_path: Path) -> None:
    write(tmp_path, {"plain/static/hen.svg": "", "moor/theme.toml": 'description = "Peat."', "notes.txt": ""})

    found = list_themes(tmp_path)

    assert list(found) == ["commons", "moor", "plain"]
    assert found["moor"] == ThemeFile(description="Peat.")
    assert found["plain"] == read_theme_file(SHIPPED / "plain/theme.toml")


# What theme.toml says


def test_everything_in_a_theme_file_may_be_absent() -> None:
    assert parse_theme("", "theme.toml") == ThemeFile()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('name = "a"\nextend = "plain"', "theme.toml:2: unknown key 'extend' (did you mean 'extends'?)"),
        ("[tokens]\nleaf = 1", "theme.toml:1: unknown key 'tokens'"),
        ('\nextends = "../plain"', "theme.toml:2: extends: '../plain' is no theme's name"),
        ("name = 4", "theme.toml:1: name: is a number, not text"),
        ("name = plain", "theme.toml:1: is no TOML"),
        ("\n\n\xff", "theme.toml:3: is not written in UTF-8"),
        ('token = "x"', "theme.toml:1: token: a secret does not belong"),
    ],
)
def test_mistakes_in_a_theme_file_are_told_with_their_lines(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "theme.toml"
    file.write_bytes(text.encode("latin-1"))

    with pytest.raises(ThemeFileError) as caught:
        read_theme_file(file)

    assert told in str(caught.value)
    assert "change-the-theme.md" in caught.value.hint
    assert "site.toml" not in caught.value.hint


def test_a_parent_that_is_not_there_is_told_with_its_line(tmp_path: Path) -> None:
    write(tmp_path, {"moor/theme.toml": 'name = "Moor"\n\nextends = "comons"\n'})

    with pytest.raises(ThemeFileError) as caught:
        find_theme(tmp_path, "moor")

    assert "moor/theme.toml:3: extends: there is no theme 'comons' (did you mean 'commons'?)" in str(
        caught.value
    )


def test_themes_that_extend_one_another_in_a_circle_are_told(tmp_path: Path) -> None:
    write(tmp_path, extend("moor", "peat") | extend("peat", "moor"))

    with pytest.raises(ThemeFileError, match=r"peat/theme.toml:1: extends: 'moor' extends this theme itself"):
        find_theme(tmp_path, "moor")


# What lies over what


def test_a_template_and_a_part_of_the_child_come_first(tmp_path: Path) -> None:
    write(tmp_path, whole(page='{% include "parts/a.html" %}{% include "parts/b.html" %}'))
    write(tmp_path, {"ground/parts/a.html": "ground a, ", "ground/parts/b.html": "ground b"})
    write(tmp_path, extend("moor", "ground") | {"moor/parts/a.html": "moor a, "})

    assert render(tmp_path, "ground") == "ground a, ground b"
    assert render(tmp_path, "moor") == "moor a, ground b"


def test_a_template_can_change_one_block_of_the_one_that_it_lies_over(tmp_path: Path) -> None:
    write(tmp_path, whole(page="[{% block a %}a{% endblock %}][{% block b %}b{% endblock %}]"))
    write(tmp_path, extend("moor", "ground"))
    own = '{% extends "parent:not_found.html" %}{% block a %}{{ super() }} and more{% endblock %}'
    write(tmp_path, {f"moor/{PAGE}": own})

    assert render(tmp_path, "moor") == "[a and more][b]"


def test_each_of_three_layers_reaches_the_one_below_it(tmp_path: Path) -> None:
    above = '{{% extends "parent:not_found.html" %}}{{% block a %}}{{{{ super() }}}} {}{{% endblock %}}'
    write(tmp_path, whole(page="{% block a %}ground{% endblock %}") | {"ground/parts/a.html": ""})
    write(tmp_path, extend("moor", "ground") | {f"moor/{PAGE}": above.format("moor")})
    write(tmp_path, extend("bog", "moor") | {f"bog/{PAGE}": above.format("bog")})
    write(tmp_path, extend("pool", "bog"))

    assert render(tmp_path, "bog") == "ground moor bog"
    assert render(tmp_path, "pool") == "ground moor bog"


def test_parts_can_be_taken_from_below_as_well(tmp_path: Path) -> None:
    write(tmp_path, whole(page='{% from "parts/a.html" import who %}{{ who() }}'))
    write(tmp_path, {"ground/parts/a.html": "{% macro who() %}ground{% endmacro %}"})
    below = '{% from "parent:parts/a.html" import who as below %}'
    own = below + "{% macro who() %}{{ below() }} and moor{% endmacro %}"
    write(tmp_path, extend("moor", "ground") | {"moor/parts/a.html": own})

    assert render(tmp_path, "moor") == "ground and moor"


def test_where_nothing_lies_below_the_template_is_named(tmp_path: Path) -> None:
    write(tmp_path, whole(page='{% extends "parent:not_found.html" %}'))

    with pytest.raises(ThemeError, match=r"ground/templates/not_found\.html, line 1, failed"):
        render(tmp_path, "ground")


def test_a_mistake_is_told_with_the_file_of_the_layer_that_made_it(tmp_path: Path) -> None:
    write(tmp_path, whole(page='\n{% include "parts/a.html" %}') | {"ground/parts/a.html": ""})
    write(tmp_path, extend("moor", "ground") | {"moor/parts/a.html": "\n\n{{ view.nothing }}"})

    with pytest.raises(ThemeError, match=r"moor/parts/a\.html, line 3, failed"):
        render(tmp_path, "moor")


def test_what_no_fingerprint_covers_cannot_be_read(tmp_path: Path) -> None:
    write(tmp_path, whole(page='{% include "static/a.txt" %}') | {"ground/static/a.txt": "a"})

    with pytest.raises(ThemeError, match=r"static/a\.txt"):
        render(tmp_path, "ground")


@pytest.mark.parametrize(
    "changed", ["moor/templates/not_found.html", "ground/parts/a.html", "ground/templates/tag.html"]
)
def test_a_change_in_any_layer_makes_another_key(tmp_path: Path, changed: str) -> None:
    write(
        tmp_path, whole(page="") | extend("moor", "ground") | {f"moor/{PAGE}": "", "ground/parts/a.html": ""}
    )
    before = load(tmp_path, "moor").fingerprint
    assert load(tmp_path, "moor").fingerprint == before

    write(tmp_path, {changed: "changed"})

    assert load(tmp_path, "moor").fingerprint != before


def test_a_template_that_comes_later_is_seen_by_the_next_build(tmp_path: Path) -> None:
    write(tmp_path, whole(page="ground") | extend("moor", "ground"))
    assert render(tmp_path, "moor") == "ground"

    write(tmp_path, {f"moor/{PAGE}": "moor"})

    assert render(tmp_path, "moor") == "moor"


def test_the_key_does_not_tell_where_a_theme_lies(tmp_path: Path) -> None:
    for place in ("here", "there"):
        write(tmp_path / place, whole(page="") | extend("moor", "ground"))

    assert load(tmp_path / "here", "moor").fingerprint == load(tmp_path / "there", "moor").fingerprint


def test_static_files_are_those_of_all_layers_the_childs_first(tmp_path: Path) -> None:
    write(tmp_path, whole(page="") | {"ground/static/mark.svg": "ground", "ground/static/fonts/a.woff2": "a"})
    write(tmp_path, extend("moor", "ground") | {"moor/static/mark.svg": "moor", "moor/static/hen.svg": "hen"})

    found = list_static(load(tmp_path, "moor"))

    assert [each.path for each in found] == [
        "static/fonts/a.woff2",
        "static/hen.svg",
        "static/mark.svg",
        "static/css/all.css",
    ]
    assert [each.source.read_text() for each in found if isinstance(each, CopiedDocument)] == [
        "a",
        "hen",
        "moor",
    ]


def test_a_sheet_of_the_childs_own_comes_after_the_numbered_ones_below_it(tmp_path: Path) -> None:
    below = {"ground/static/css/10-a.css": "a {}", "ground/static/css/90-b.css": "b {}"}
    in_place_of_the_shared_one = {"ground/static/css/55-inks.css": "ink {}"}
    write(tmp_path, whole(page="") | below | in_place_of_the_shared_one | extend("moor", "ground"))
    write(tmp_path, {"moor/static/css/moor.css": "moor {}", "moor/static/css/10-a.css": "own {}"})

    (sheet,) = list_static(load(tmp_path, "moor"))

    assert sheet.path == "static/css/all.css"
    assert not isinstance(sheet, CopiedDocument)
    assert sheet.content.decode() == "own {}\nink {}\nb {}\nmoor {}\n"

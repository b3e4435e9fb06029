"""A new theme of a garden's own: four small files that begin with what another theme has.

The parent theme's style sheets come in, for the values that are most often changed; files go out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from garden.config_checks import RefusedError, read_theme
from garden.errors import OptionError, OutputError
from garden.resources import find_theme, is_shipped_theme, own_theme
from garden.theme_file import THEME_FILE

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_PIECE: Final = re.compile(r"([^{};]*)([{};])")
_TOKEN: Final = re.compile(r"\s*(--[\w-]+)\s*:\s*(.*\S)\s*", re.DOTALL)

_SETTINGS: Final = """\
# What this theme has not is taken from the one that it extends, file by file.
name = "{name}"
description = "The theme {parent} with changes of our own."
license = ""
extends = "{parent}"
"""

_TEMPLATE: Final = """\
{{#- Lies over home.html of the theme {parent}. "parent:home.html" is the one below, so only the blocks that
    stand here are different; super() is what a block has there. Take the line below it out of its comment,
    and it stands at the end of the home page. Without this file the page is {parent}'s. -#}}
{{%- extends "parent:home.html" -%}}
{{% block content -%}}
{{{{ super() }}}}
{{#- <p>Come in, the gate is open.</p> -#}}
{{%- endblock %}}
"""

_STYLE: Final = """\
/* Comes after the style sheets of the theme {parent}, in the same file. These are its values: take a line out
   of its comment and change it. Rules of your own go below. */
{tokens}"""

_README: Final = """\
# The theme {name}

It is the theme {parent}, but for what lies here.

| File | Holds |
| --- | --- |
| `theme.toml` | what the theme is called and which theme it extends |
| `static/css/{name}.css` | colours, sizes and rules of your own |
| `templates/home.html` | the home page, with a place for a line of your own |

A file with the name of one of {parent}'s takes its place: a template in `templates/`, a part in `parts/`,
anything in `static/`. All sheets in `static/css/` become one, in the order of their names. In a template
`parent:` before a name means the one that it lies over.

`garden serve --open` shows every change at once, and `garden doctor --offline` says whether the theme fits.
What a template sees stands in garden's documentation, docs/reference/views.md.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """The values that one rule of a style sheet gives names to."""

    around: tuple[str, ...]
    """What it stands in and its selector: `("@media (prefers-color-scheme: dark)", ":root")`."""
    tokens: tuple[tuple[str, str], ...]
    """Names and values: `("--paper", "#fff")`."""


def create_theme(folder: Path, name: str, parent: str) -> list[str]:
    """Write the theme `name` into a garden, beginning with the theme `parent`; return the files' names.

    Raises `OptionError` where the name cannot be used, `OutputError` where there is such a folder or nothing
    can be written, `ThemeError` where there is no such parent; then nothing is made.
    """
    _check_name(name)
    place = own_theme(folder, name)
    if place.exists():
        raise OutputError(
            f"{place} exists; a theme is never overwritten.",
            hint="Choose another name, or change what is there.",
        )
    tokens = "\n".join(map(_write_rule, _read_tokens(find_theme(folder, parent))))
    files = {
        THEME_FILE: _SETTINGS.format(name=name, parent=parent),
        "README.md": _README.format(name=name, parent=parent),
        f"static/css/{name}.css": _STYLE.format(parent=parent, tokens=tokens),
        "templates/home.html": _TEMPLATE.format(parent=parent),
    }
    try:
        for file, text in files.items():
            path = place / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"{error.filename or place} cannot be written: {error.strerror}.",
            hint="Check the permissions of the folder.",
        ) from error
    return list(files)


def find_tokens(css: str) -> Iterator[Rule]:
    """Find the rules of a style sheet that give names to values (CSS Custom Properties), in their order."""
    around: list[str] = []
    tokens: list[tuple[str, str]] = []
    for words, end in _PIECE.findall(_COMMENT.sub("", css)):
        found = _TOKEN.fullmatch(words)
        if found:
            tokens.append((found[1], " ".join(found[2].split())))
        if end == "{":
            around.append(" ".join(words.split()))
        elif end == "}":
            if tokens:
                yield Rule(tuple(around), tuple(tokens))
            around, tokens = around[:-1], []


def _check_name(name: str) -> None:
    try:
        given = read_theme(name)
    except RefusedError as error:
        raise OptionError(f"The name cannot be used: {error}.", hint=error.hint) from error
    if given != name:
        raise OptionError(f"The name {name!r} has blanks around it.", hint=f"Write {given}.")
    if is_shipped_theme(name):
        raise OptionError(
            f"{name} is a theme that comes with garden.",
            hint=f"Choose a name of its own. A single file of {name} is replaced by one in themes/{name}/.",
        )


def _read_tokens(layers: tuple[Path, ...]) -> list[Rule]:
    """Return the rules of the first style sheet, `…tokens.css` before others, that names any values."""
    sheets = [path for layer in layers for path in sorted((layer / "static").rglob("*.css"))]
    for path in sorted(sheets, key=lambda path: not path.stem.endswith("tokens")):
        rules = list(find_tokens(path.read_text(encoding="utf-8")))
        if rules:
            return rules
    return []


def _write_rule(rule: Rule) -> str:
    """Write a rule with each of its values in a comment."""
    lines = [f"/* {name}: {value}; */" for name, value in rule.tokens]
    for selector in reversed(rule.around):
        lines = [f"{selector} {{", *(f"  {line}" for line in lines), "}"]
    return "\n".join([*lines, ""])

"""`theme.toml`: its text comes in, what a theme says of itself goes out, or every mistake with its line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, cast

from garden.config_checks import read_optional_text, read_theme
from garden.config_keys import Check, Key
from garden.config_tables import did_you_mean
from garden.errors import ConfigProblem, ThemeFileError
from garden.toml_file import parse_keys, read_toml
from garden.toml_lines import line_of

THEME_FILE: Final = "theme.toml"


@dataclass(frozen=True, slots=True)
class ThemeFile:
    """What a theme says of itself."""

    name: str = ""
    description: str = ""
    license: str = ""
    extends: str = ""
    """The theme that has what this one has not; empty where that is none."""
    line: int = field(default=1, repr=False, compare=False)
    """Where the file says that."""


_ANY_TEXT: Final = Check("text, may be empty", read_optional_text)

THEME_KEYS: Final = (
    Key("name", _ANY_TEXT, "What the theme is called; `site.toml` names its folder.", ""),
    Key("description", _ANY_TEXT, "A sentence about how it looks, for `garden theme list`.", ""),
    Key("license", _ANY_TEXT, "Under which licence others may use it.", ""),
    Key(
        "extends",
        Check("name of a theme", read_theme),
        "The theme whose templates, parts and static files are used where this one has none of that name.",
        "",
    ),
)
"""Every key of theme.toml; all may be absent."""


def read_theme_file(path: Path) -> ThemeFile:
    """Read a theme.toml; where there is none it says nothing. Raises `ThemeFileError` with every problem."""
    try:
        return parse_theme(read_toml(path, ThemeFileError), str(path))
    except (FileNotFoundError, NotADirectoryError):
        return ThemeFile()


def parse_theme(text: str, path: str) -> ThemeFile:
    """Turn the text of a theme.toml into a ThemeFile; `path` is its name in messages.

    Raises `ThemeFileError`.
    """
    said, lines = parse_keys(text, path, THEME_KEYS, ThemeFile, ThemeFileError)
    return replace(cast("ThemeFile", said), line=line_of(("extends",), lines))


def refuse_parent(file: ThemeFile, path: Path, known: Sequence[str]) -> ThemeFileError:
    """Return the error of a theme which extends one that is not there, or one that extends it."""
    parent = file.extends
    if parent in known:
        message, hint = f"extends: {parent!r} extends this theme itself", "name a theme that does not"
    else:
        message, hint = f"extends: there is no theme {parent!r}", did_you_mean(parent, known)
    return ThemeFileError(str(path), (ConfigProblem(file.line, message, hint),))

"""A TOML file goes in, the values of its sections come out, or one error with every mistake and its line.

The text goes through tomllib; `config_tables` checks what comes out against the contract of the file;
`toml_lines` says where in the text a problem stands.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from garden.config_keys import Key, Section
from garden.config_tables import Problem, read_tables, read_top
from garden.errors import ConfigError, ConfigProblem
from garden.toml_lines import KeyPath, find_lines, line_of


def read_toml(path: Path, error: type[ConfigError]) -> str:
    """Return the text of a file. Raises `error`, and `FileNotFoundError` where there is none."""
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise
    except OSError as failure:
        problem = ConfigProblem(1, f"cannot be read: {failure.strerror}", "let your account read this file")
        raise error(str(path), (problem,)) from failure
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        line = content.count(b"\n", 0, failure.start) + 1
        problem = ConfigProblem(line, "is not written in UTF-8", "save the file in UTF-8")
        raise error(str(path), (problem,)) from failure


def parse_toml(
    text: str,
    path: str,
    sections: Sequence[Section],
    types: Mapping[str, Callable[..., object]],
    error: type[ConfigError],
) -> tuple[dict[str, object], dict[KeyPath, int]]:
    """Return the value of each section by its name, and the line of each key.

    `path` is the file's name in messages, `types` says what is made of a table. Raises `error`.
    """
    values, problems = read_tables(_load(text, path, error), types, sections)
    return values, _place(problems, text, path, error)


def parse_keys(
    text: str, path: str, keys: Sequence[Key], make: Callable[..., object], error: type[ConfigError]
) -> tuple[object, dict[KeyPath, int]]:
    """Return what is made of a file whose keys stand in no section, and the line of each. Raises `error`."""
    value, problems = read_top(_load(text, path, error), keys, make)
    return value, _place(problems, text, path, error)


def _load(text: str, path: str, error: type[ConfigError]) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as failure:
        raise error(path, (_syntax_problem(str(failure), text),)) from failure
    except RecursionError as failure:
        problem = ConfigProblem(1, "nests values too deeply", "no key needs more than three levels")
        raise error(path, (problem,)) from failure


def _place(problems: Sequence[Problem], text: str, path: str, error: type[ConfigError]) -> dict[KeyPath, int]:
    """Return the line of each key, or raise every problem with its own, in their order."""
    lines = find_lines(text)
    if problems:
        placed = {ConfigProblem(line_of(each.path, lines), each.message, each.hint) for each in problems}
        raise error(path, tuple(sorted(placed, key=lambda each: (each.line, each.message))))
    return lines


def _syntax_problem(message: str, text: str) -> ConfigProblem:
    found = re.search(r" \(at line (\d+), column (\d+)\)", message)
    line = int(found[1]) if found else text.rstrip("\n").count("\n") + 1
    where = f" in column {found[2]}" if found else ""
    words = re.sub(r" \(at [^)]*\)$", "", message)
    hint = 'text stands in quotes, lists stand in brackets: key = ["…"]'
    return ConfigProblem(line, f"is no TOML{where}: {words}", hint)

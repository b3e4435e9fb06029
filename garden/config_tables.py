"""The tables that tomllib made of site.toml become the types that stand for them, or problems.

Every value goes through the check that `config_keys` names. What is refused is noted with its place, and the
reading goes on, so that all mistakes are reported at once.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from garden.config_checks import RefusedError, name_type
from garden.config_keys import SECTIONS, Check, Key, Section
from garden.toml_lines import KeyPath

_SECRETS: Final = frozenset({"access_token", "token", "password"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake, before its line is known."""

    path: KeyPath
    message: str
    hint: str


def read_tables(
    data: Mapping[str, object],
    types: Mapping[str, Callable[..., object]],
    sections: Sequence[Section] = SECTIONS,
) -> tuple[dict[str, object], list[Problem]]:
    """Return the value of each section by its name, and every problem found.

    `types` says what is made of a table: `{"webring": Webring, "webring.neighbours": Neighbour, …}`. A
    section that may be there several times becomes a tuple. Where there are problems, values are missing.
    `sections` are those that the file may have.
    """
    reader = _TableReader(types, sections)
    reader.problems.extend(_find_secrets(data, ()))
    return reader.read_sections(data), reader.problems


def read_top(
    data: Mapping[str, object], keys: Sequence[Key], make: Callable[..., object]
) -> tuple[object, list[Problem]]:
    """Return what is made of a file without sections, or None, and every problem found."""
    reader = _TableReader({"": make}, ())
    reader.problems.extend(_find_secrets(data, ()))
    return reader.read_table(keys, data, ()), reader.problems


class _TableReader:
    """Reads tables, and gathers the problems met on the way."""

    def __init__(self, types: Mapping[str, Callable[..., object]], sections: Sequence[Section]) -> None:
        self._types = types
        self._sections = sections
        self.problems: list[Problem] = []

    def read_sections(self, data: Mapping[str, object]) -> dict[str, object]:
        unknown = data.keys() - {section.name for section in self._sections} - _SECRETS
        self.problems.extend(_unknown_section(name, self._sections) for name in unknown)
        return {section.name: self._read_section(section, data) for section in self._sections}

    def _read_section(self, section: Section, data: Mapping[str, object]) -> object:
        given = data.get(section.name, [] if section.repeated else {})
        if section.repeated:
            return self._read_repeated(section, given)
        if isinstance(given, dict):
            return self.read_table(section.keys, given, (section.name,))
        message = f"{section.name} is {name_type(given)}, not a section"
        hint = f"write [{section.name}] on a line of its own and its keys below"
        self.problems.append(Problem((section.name,), message, hint))
        return None

    def _read_repeated(self, section: Section, given: object) -> tuple[object, ...]:
        if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
            message = f"{section.name} is {name_type(given)}, not a list of sections"
            hint = f"write [[{section.name}]] with two brackets"
            self.problems.append(Problem((section.name,), message, hint))
            return ()
        seen: set[str] = set()
        built = []
        for number, table in enumerate(given):
            path = (section.name, number)
            built.append(self.read_table(section.keys, table, path))
            if section.needs and not any(table.get(key) for key in section.needs):
                message = f"{_write_path(path)}: neither {' nor '.join(section.needs)} is there"
                self.problems.append(Problem(path, message, f"add {section.needs[0]} = [ … ]"))
            name = table.get("name")
            if isinstance(name, str) and name in seen:
                message = f"{section.name}: {name!r} is there twice"
                self.problems.append(Problem((*path, "name"), message, "give each its own name"))
            seen.add(str(name))
        return tuple(built)

    def read_table(self, keys: Sequence[Key], given: Mapping[str, object], path: KeyPath) -> object:
        """Make the type that a table stands for, or None where one of its values was refused."""
        before = len(self.problems)
        names = [key.name for key in keys]
        for name in given.keys() - set(names) - _SECRETS:
            message = f"{_inside(path)}unknown key {name!r}"
            self.problems.append(Problem((*path, name), message, did_you_mean(name, names)))
        values = {key.name: self._read_key(key, given, path) for key in keys}
        make = self._types[".".join(part for part in path if isinstance(part, str))]
        return make(**values) if len(self.problems) == before else None

    def _read_key(self, key: Key, given: Mapping[str, object], path: KeyPath) -> object:
        if key.name in given:
            return self._read_value(key.check, given[key.name], (*path, key.name))
        if not key.required:
            return key.default
        message = f"{_inside(path)}{key.name} is missing"
        self.problems.append(Problem(path, message, f"add it: {key.sentence.rstrip('.')}"))
        return None

    def _read_value(self, check: Check, given: object, path: KeyPath) -> object:
        try:
            value = check.read(given)
        except RefusedError as error:
            self.problems.append(Problem(path, f"{_write_path(path)}: {error}", error.hint))
            return None
        if check.item is not None:
            item, elements = check.item, enumerate(cast("list[object]", value))
            # A room named twice is one room, so what is equal stays once.
            return tuple(dict.fromkeys(self._read_value(item, each, (*path, at)) for at, each in elements))
        if check.keys:
            return self.read_table(check.keys, cast("Mapping[str, object]", value), path)
        return value


def _unknown_section(name: str, sections: Sequence[Section]) -> Problem:
    homes = {key.name: section for section in sections for key in section.keys}
    if name in homes:
        home = f"[[{homes[name].name}]]" if homes[name].repeated else f"[{homes[name].name}]"
        return Problem((name,), f"key {name!r} stands outside its section", f"move it below {home}")
    hint = did_you_mean(name, [section.name for section in sections])
    return Problem((name,), f"unknown section {name!r}", hint)


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """Return the hint for a name that is not known: the nearest of those that are, or all of them."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known here: {', '.join(known)}"


def _find_secrets(data: object, path: KeyPath) -> Iterator[Problem]:
    """Find tokens and passwords at any depth; their values never reach a message."""
    children = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for name, value in children:
        if str(name).lower() in _SECRETS:
            where = _write_path((*path, name))
            message = f"{where}: a secret does not belong into a file that others get to read"
            yield Problem((*path, name), message, "remove it; use `garden login` or GARDEN_ACCESS_TOKEN")
        else:
            yield from _find_secrets(value, (*path, name))


def _inside(path: KeyPath) -> str:
    return f"{_write_path(path)}: " if path else ""


def _write_path(path: KeyPath) -> str:
    written = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path)
    return written.removeprefix(".")

"""What files in git say about conversations: garden.toml and mappings in notes' front matter become types.

Whatever points at a conversation is resolved by `garden.pointing`, once the archive can be asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, cast

from garden.config_tables import read_tables
from garden.conversations.tending import GivenTending
from garden.errors import ConfigProblem, TendingError
from garden.given_keys import CONVERSATION
from garden.pages.page import Note
from garden.toml_file import parse_toml, read_toml

GARDEN_FILE: Final = "garden.toml"

_Values = dict[str, Any]
_ENTRY: Final = "conversation"


def read_garden_file(path: Path) -> tuple[GivenTending, ...]:
    """Read a garden.toml; where there is none it says nothing. Raises `TendingError` with every problem."""
    try:
        text = read_toml(path, TendingError)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    return parse_garden_file(text, str(path))


def parse_garden_file(text: str, path: str) -> tuple[GivenTending, ...]:
    """Turn the text of a garden.toml into what it says; `path` is its name in messages.

    Raises `TendingError`.
    """
    values, lines = parse_toml(text, path, [CONVERSATION], {_ENTRY: dict}, TendingError)
    tables = cast("tuple[_Values, ...]", values[_ENTRY])
    return tuple(
        GivenTending(where=f"{GARDEN_FILE}:{lines[_ENTRY, number]}", **table)
        for number, table in enumerate(tables)
    )


def read_given_in_notes(notes: Iterable[Note]) -> tuple[tuple[GivenTending, ...], list[str]]:
    """Read what notes say of conversations; what cannot be used is left out and told, as of every note."""
    given: list[GivenTending] = []
    problems: list[str] = []
    for note in notes:
        for mapping in note.conversations:
            try:
                given.append(read_given(mapping, f"notes/{note.path}"))
            except TendingError as error:
                problems += [f"notes/{note.path}: {each.message} ({each.hint})" for each in error.problems]
    return tuple(given), problems


def read_given(mapping: Mapping[str, object], where: str) -> GivenTending:
    """Read one mapping of a note's front matter, under `conversations:`, with the keys of garden.toml.

    `where` is the note, `notes/beans.md`. Raises `TendingError` with every problem, all of them in line 1.
    """
    values, problems = read_tables({_ENTRY: [dict(mapping)]}, {_ENTRY: dict}, [CONVERSATION])
    if problems:
        told = (
            ConfigProblem(1, each.message.replace(f"{_ENTRY}[1]", "conversations"), each.hint)
            for each in problems
        )
        raise TendingError(where, tuple(told))
    (table,) = cast("tuple[_Values, ...]", values[_ENTRY])
    return GivenTending(where=where, **table)

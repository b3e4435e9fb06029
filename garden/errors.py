"""Every error a user can meet, each with what happened, where, and what to do.

    GardenError
    ├── ConfigError            site.toml cannot be used as it stands
    │   ├── TendingError         garden.toml, or the front matter of a note, cannot be
    │   └── ThemeFileError       theme.toml of a theme cannot be
    ├── NotAGardenError        the folder is no garden yet
    ├── OptionError            an option of a command cannot be used
    ├── HomeserverError        the homeserver did not give what was asked
    │   ├── UnreachableError     no answer, or an answer that is not Matrix
    │   ├── LoginError           the token is missing, wrong or expired
    │   └── RoomAccessError      one room cannot be read
    ├── ImportFileError        a file holds no events that can be read
    ├── ArchiveError           content_cache cannot be read or written
    ├── AddressClashError      two pages want one address
    ├── ThemeError             a theme is missing or does not fit
    ├── OutputError            the output folder cannot be written
    └── SearchIndexError       the local search index is missing or damaged

Libraries raise these; only `garden.cli` prints them and chooses the exit code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial


class GardenError(Exception):
    """Base of all errors that are meant for a person.

    `str(error)` says what happened and where; `error.hint` says what to do next.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint

    def __reduce__(self) -> tuple[Callable[..., GardenError], tuple[object, ...]]:
        """Travel whole from a process that renders to the one that tells."""
        return partial(type(self), hint=self.hint), self.args


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One thing that is wrong in a configuration file."""

    line: int
    """Line in the file, from 1."""
    message: str
    """What is wrong, with the key's name."""
    hint: str
    """What to write instead."""


class ConfigError(GardenError):
    """`site.toml` cannot be used; carries every problem found, not only the first."""

    exit_code = 2
    explained = "site.toml.example"
    """Where every key is explained."""

    def __init__(self, path: str, problems: tuple[ConfigProblem, ...]) -> None:
        lines = [f"{path}:{problem.line}: {problem.message} ({problem.hint})" for problem in problems]
        super().__init__("\n".join(lines), hint=f"Mend {path}; {self.explained} explains every key.")
        self.path = path
        self.problems = problems

    def __reduce__(self) -> tuple[Callable[..., GardenError], tuple[object, ...]]:
        """Travel whole between processes."""
        return type(self), (self.path, self.problems)


class TendingError(ConfigError):
    """`garden.toml` cannot be used, or what a note says of conversations."""

    explained = "docs/how-to/tend-the-garden.md"


class ThemeFileError(ConfigError):
    """`theme.toml` of a theme cannot be used; carries every problem found, too."""

    explained = "docs/how-to/change-the-theme.md"


class NotAGardenError(GardenError):
    """There is no `site.toml` in the folder."""

    exit_code = 2


class OptionError(GardenError):
    """An option of a command cannot be used."""

    exit_code = 2


class HomeserverError(GardenError):
    """The homeserver did not give what was asked."""


class UnreachableError(HomeserverError):
    """No answer in time, or an answer that is not Matrix."""


class LoginError(HomeserverError):
    """The access token is missing, wrong or expired, or the password was refused."""


class RoomAccessError(HomeserverError):
    """One room cannot be read; the others go on."""


class ImportFileError(GardenError):
    """A file holds no events that can be read."""


class ArchiveError(GardenError):
    """`content_cache/` cannot be read or written."""


class AddressClashError(GardenError):
    """Two pages want one address."""


class ThemeError(GardenError):
    """A theme is missing or a template of it does not fit its view."""


class OutputError(GardenError):
    """The output folder cannot be written, or holds files that garden did not write."""


class SearchIndexError(GardenError):
    """The local search index is missing or damaged."""

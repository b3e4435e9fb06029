"""site.toml becomes one frozen SiteConfig, or one error that names every mistake with its line.

The text goes through tomllib; `config_tables` checks what comes out against the contract in `config_keys`;
`toml_lines` says where in the text a problem stands.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from garden.config_checks import UNIT_MS, RefusedError, read_base_url
from garden.config_tables import read_tables
from garden.errors import ConfigError, ConfigProblem, NotAGardenError, OptionError
from garden.toml_lines import find_lines, line_of

CONFIG_FILE: Final = "site.toml"


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """`[site]`: what the garden is called and where it will stand."""

    title: str
    base_url: str
    """Ends in a slash; may have a path."""
    language: str = "en"
    theme: str = "commons"
    description: str = ""


@dataclass(frozen=True, slots=True)
class MatrixSettings:
    """`[matrix]`: which rooms are read, and from where."""

    homeserver: str = ""
    rooms: tuple[str, ...] = ()
    spaces: tuple[str, ...] = ()
    vouched_rooms: tuple[str, ...] = ()
    """Imported rooms that the admin declares public, by identifier."""
    max_media_bytes: int = 10_000_000
    recrawl: str = "7d"


@dataclass(frozen=True, slots=True)
class PageSettings:
    """`[pages]`: how messages become pages."""

    min_messages: int = 3
    per_part: int = 50
    per_page: int = 200
    history: bool = False
    show_removed: bool = True
    show_membership: bool = False


@dataclass(frozen=True, slots=True)
class ConsentSettings:
    """`[consent]`: what has to hold before something is published, beside the room's own visibility."""

    delay: str = "0h"
    when_closed: str = "remove"
    """`remove` or `keep`."""
    publish: str = "all"
    """`all` or `curated`."""
    plant_with: str = "🌱"
    names: str = "full"
    """`full`, `pseudonym` or `hidden`."""
    opt_out: tuple[str, ...] = ()
    """Identifiers of users whose words and names stay out."""
    require_notice: bool = False
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One garden or site in a ring."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Webring:
    """`[[webring]]`: a ring and its neighbours in order; this garden stands between last and first."""

    name: str
    neighbours: tuple[Neighbour, ...]


@dataclass(frozen=True, slots=True)
class SiteConfig:
    """Everything site.toml says."""

    site: SiteSettings
    matrix: MatrixSettings = field(default_factory=MatrixSettings)
    consent: ConsentSettings = field(default_factory=ConsentSettings)
    pages: PageSettings = field(default_factory=PageSettings)
    webrings: tuple[Webring, ...] = ()
    key: str = field(default="", repr=False)
    """What `GARDEN_KEY` says; never from site.toml. Empty where the garden makes its own key."""


_TYPES: Final[Mapping[str, Callable[..., object]]] = {
    "site": SiteSettings,
    "matrix": MatrixSettings,
    "consent": ConsentSettings,
    "pages": PageSettings,
    "webring": Webring,
    "webring.neighbours": Neighbour,
}
"""What each table of site.toml becomes."""


def read_config(path: Path) -> SiteConfig:
    """Read the `site.toml` at `path`.

    Raises `NotAGardenError` where there is none, and `ConfigError` with every problem found.
    """
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        message = (
            f"{'This folder' if path.parent == Path() else path.parent} is no garden: no {path.name} is in it"
        )
        raise NotAGardenError(message, hint="Run `garden init` there.") from error
    except OSError as error:
        problem = ConfigProblem(1, f"cannot be read: {error.strerror}", "let your account read this file")
        raise ConfigError(str(path), (problem,)) from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = ConfigProblem(line, "is not written in UTF-8", "save the file in UTF-8")
        raise ConfigError(str(path), (problem,)) from error
    return parse_config(text, str(path))


def parse_config(text: str, path: str) -> SiteConfig:
    """Turn the text of a site.toml into a SiteConfig; `path` is its name in messages.

    Raises `ConfigError`.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(path, (_syntax_problem(str(error), text),)) from error
    except RecursionError as error:
        problem = ConfigProblem(1, "nests values too deeply", "no key needs more than three levels")
        raise ConfigError(path, (problem,)) from error
    values, problems = read_tables(data, _TYPES)
    if problems:
        lines = find_lines(text)
        placed = {ConfigProblem(line_of(each.path, lines), each.message, each.hint) for each in problems}
        raise ConfigError(path, tuple(sorted(placed, key=lambda each: (each.line, each.message))))
    return SiteConfig(
        site=cast("SiteSettings", values["site"]),
        matrix=cast("MatrixSettings", values["matrix"]),
        consent=cast("ConsentSettings", values["consent"]),
        pages=cast("PageSettings", values["pages"]),
        webrings=cast("tuple[Webring, ...]", values["webring"]),
    )


def check_base_url(url: str) -> str:
    """Return the address of a site as `[site] base_url` takes it, with its last slash.

    Raises `OptionError`.
    """
    try:
        return read_base_url(url)
    except RefusedError as error:
        raise OptionError(f"The base URL {error}: {url!r}.", hint=error.hint) from error


def duration_ms(duration: str) -> int:
    """Return the milliseconds of a checked duration such as `7d` or `12h`."""
    return int(duration[:-1]) * UNIT_MS[duration[-1]]


def _syntax_problem(message: str, text: str) -> ConfigProblem:
    found = re.search(r" \(at line (\d+), column (\d+)\)", message)
    line = int(found[1]) if found else text.rstrip("\n").count("\n") + 1
    where = f" in column {found[2]}" if found else ""
    words = re.sub(r" \(at [^)]*\)$", "", message)
    hint = 'text stands in quotes, lists stand in brackets: key = ["…"]'
    return ConfigProblem(line, f"is no TOML{where}: {words}", hint)

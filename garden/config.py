"""site.toml becomes one frozen SiteConfig, or one error that names every mistake with its line.

Its contract stands in `config_keys`. What `garden.toml` beside it says of single conversations comes with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, cast

from garden.config_checks import UNIT_MS, RefusedError, read_base_url
from garden.config_keys import SECTIONS
from garden.conversations.tending import GivenTending
from garden.errors import ConfigError, NotAGardenError, OptionError
from garden.given import GARDEN_FILE, read_garden_file
from garden.toml_file import parse_toml, read_toml

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
    people: bool = False


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
class TagSettings:
    """`[[tag]]`: a tag that conversations get by their words or their room."""

    name: str
    words: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    """Aliases and identifiers."""


@dataclass(frozen=True, slots=True)
class SiteConfig:
    """Everything site.toml says, and garden.toml beside it."""

    site: SiteSettings
    matrix: MatrixSettings = field(default_factory=MatrixSettings)
    consent: ConsentSettings = field(default_factory=ConsentSettings)
    pages: PageSettings = field(default_factory=PageSettings)
    webrings: tuple[Webring, ...] = ()
    conversations: tuple[GivenTending, ...] = ()
    """What `garden.toml` says of single conversations."""
    tags: tuple[TagSettings, ...] = ()
    key: str = field(default="", repr=False)
    """What `GARDEN_KEY` says; never from site.toml. Empty where the garden makes its own key."""


_TYPES: Final[Mapping[str, Callable[..., object]]] = {
    "site": SiteSettings,
    "matrix": MatrixSettings,
    "consent": ConsentSettings,
    "pages": PageSettings,
    "webring": Webring,
    "webring.neighbours": Neighbour,
    "tag": TagSettings,
}
"""What each table of site.toml becomes."""


def read_config(path: Path) -> SiteConfig:
    """Read the `site.toml` at `path`.

    Raises `NotAGardenError` where there is none, `ConfigError` with every problem found, and `TendingError`
    with every problem of `garden.toml`.
    """
    try:
        text = read_toml(path, ConfigError)
    except (FileNotFoundError, NotADirectoryError) as error:
        message = (
            f"{'This folder' if path.parent == Path() else path.parent} is no garden: no {path.name} is in it"
        )
        raise NotAGardenError(message, hint="Run `garden init` there.") from error
    config = parse_config(text, str(path))
    return replace(config, conversations=read_garden_file(path.with_name(GARDEN_FILE)))


def parse_config(text: str, path: str) -> SiteConfig:
    """Turn the text of a site.toml into a SiteConfig; `path` is its name in messages.

    Raises `ConfigError`.
    """
    values, _ = parse_toml(text, path, SECTIONS, _TYPES, ConfigError)
    return SiteConfig(
        site=cast("SiteSettings", values["site"]),
        matrix=cast("MatrixSettings", values["matrix"]),
        consent=cast("ConsentSettings", values["consent"]),
        pages=cast("PageSettings", values["pages"]),
        webrings=cast("tuple[Webring, ...]", values["webring"]),
        tags=cast("tuple[TagSettings, ...]", values["tag"]),
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

"""site.toml becomes one frozen SiteConfig, or one error that names every mistake with its line.

`SECTIONS` is the whole contract: each key with its check, its default and a sentence. The parser, the
reference page and the test of `site.toml.example` all read it.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast
from urllib.parse import quote, unquote, urlsplit

from garden.errors import ConfigError, ConfigProblem, NotAGardenError, OptionError

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
    pages: PageSettings = field(default_factory=PageSettings)
    webrings: tuple[Webring, ...] = ()


KeyPath = tuple[str | int, ...]
"""Where a value stands: `("webring", 0, "neighbours", 1, "url")`."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake, before its line is known."""

    path: KeyPath
    message: str
    hint: str


class RefusedError(ValueError):
    """A check refused a value; `hint` says what to write instead."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Check:
    """What a key accepts."""

    words: str
    """The accepted values in words, for the reference."""
    read: Callable[[object], object]
    """Turns a plain value into the one that SiteConfig holds; raises `RefusedError`."""
    item: Check | None = None
    """For lists: what each element has to be."""
    keys: tuple[Key, ...] = ()
    """For tables: the keys inside."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of site.toml."""

    name: str
    check: Check
    sentence: str
    default: object = None
    """Value where the key is absent, as SiteConfig holds it; nothing for a key that is required."""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """One table of site.toml, `[name]`, or one of many, `[[name]]`."""

    name: str
    sentence: str
    keys: tuple[Key, ...]
    repeated: bool = False


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
    problems: list[Problem] = list(_find_secrets(data, ()))
    values = _read_sections(data, problems)
    if problems:
        lines = dict(_scan_lines(text))
        placed = {ConfigProblem(_line_of(each.path, lines), each.message, each.hint) for each in problems}
        raise ConfigError(path, tuple(sorted(placed, key=lambda each: (each.line, each.message))))
    return SiteConfig(
        site=cast("SiteSettings", values["site"]),
        matrix=cast("MatrixSettings", values["matrix"]),
        pages=cast("PageSettings", values["pages"]),
        webrings=cast("tuple[Webring, ...]", values["webring"]),
    )


def check_base_url(url: str) -> str:
    """Return the address of a site as `[site] base_url` takes it, with its last slash.

    Raises `OptionError`.
    """
    try:
        return _read_base_url(url)
    except RefusedError as error:
        raise OptionError(f"The base URL {error}: {url!r}.", hint=error.hint) from error


def duration_ms(duration: str) -> int:
    """Return the milliseconds of a checked duration such as `7d` or `12h`."""
    return int(duration[:-1]) * _UNITS[duration[-1]]


# Checks of single values: plain TOML in, the value of SiteConfig out.

_TYPE_WORDS: Final = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "a table",
}
_UNITS: Final = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_DURATION: Final = re.compile(r"[1-9][0-9]{0,3}[mhdw]")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_THEME: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")
_SERVER: Final = r"(?:[A-Za-z0-9.-]{1,230}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?"
_SERVER_NAME: Final = re.compile(_SERVER)
_ROOM_ID: Final = re.compile(rf"![^\s:\0]+(?::{_SERVER})?")
_ROOM_ALIAS: Final = re.compile(rf"#[^\s:\0]+:{_SERVER}")
_URL_LETTERS: Final = "/:?#[]@!$&'()*+,;=%~"


def _read_text(value: object) -> str:
    text = _read_optional_text(value)
    if not text:
        raise RefusedError("is empty", "write some words")
    return text


def _read_optional_text(value: object) -> str:
    if not isinstance(value, str):
        raise RefusedError(f"is {_name_type(value)}, not text", 'put it into quotes: "…"')
    if not value.isprintable() and not value.replace("\n", " ").replace("\t", " ").isprintable():
        raise RefusedError("holds a control character", "write it without")
    return " ".join(value.split())


def _read_number(lowest: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise RefusedError(f"is {_name_type(value)}, not a whole number", "write digits without quotes")
        if value < lowest:
            raise RefusedError(f"is {value}", f"write a number from {lowest} up")
        return value

    return read


def _read_pattern(pattern: re.Pattern[str], what: str, hint: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        text = _read_text(value)
        if not pattern.fullmatch(text):
            raise RefusedError(f"{text!r} is no {what}", hint)
        return text

    return read


def _read_url(value: object) -> str:
    """Check a full web address (RFC 3986) and write it with a small host and percent-encoded."""
    text = _read_text(value)
    hint = "write a full one such as https://fen.example/"
    try:
        parts = urlsplit(text)
        well_formed = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise RefusedError(f"{text!r} is no web address", hint) from error
    if parts.username is not None:
        raise RefusedError("is a web address with a name or password in it", "write it without")
    if not well_formed or " " in text:
        raise RefusedError(f"{text!r} is no web address", hint)
    if not _SERVER_NAME.fullmatch(parts.netloc):
        raise RefusedError(f"{parts.netloc!r} is no host's name", "write other scripts in their xn-- form")
    return quote(parts._replace(netloc=parts.netloc.lower()).geturl(), safe=_URL_LETTERS)


def _read_base_url(value: object) -> str:
    url = _read_url(value)
    if "?" in url or "#" in url:
        raise RefusedError(f"{url!r} has a query or fragment", "write it without ? and #")
    return url if url.endswith("/") else f"{url}/"


def _read_homeserver(value: object) -> str:
    """Check the address of a homeserver: its name, or the URL of its client-server API."""
    text = _read_optional_text(value)
    if not text or _SERVER_NAME.fullmatch(text):
        return text.lower()
    url = _read_base_url(text).rstrip("/")
    if url.startswith("http:") and not _is_loopback(urlsplit(url).hostname or ""):
        raise RefusedError(f"{url!r} would send your token unencrypted", "write https:// instead of http://")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _read_room(value: object) -> str:
    text = _read_text(value)
    if _ROOM_ID.fullmatch(text) or _ROOM_ALIAS.fullmatch(text):
        return text
    if text.startswith("#") and ":" not in text:
        raise RefusedError(f"{text!r} lacks its server", f"write {text}:server")
    raise RefusedError(f"{text!r} is no room", f"write {_room_in_link(text) or '#alias:server or !id'}")


def _read_room_id(value: object) -> str:
    text = _read_text(value)
    if not _ROOM_ID.fullmatch(text):
        raise RefusedError(f"{text!r} is no room's id", "write !id or !id:server")
    return text


def _room_in_link(text: str) -> str | None:
    """Return the room that somebody pasted as a matrix.to link, so that the hint can name it."""
    found = re.fullmatch(r"https?://matrix\.to/#/([^?/]+)(?:[?/].*)?", text)
    room = unquote(found[1]) if found else ""
    return room if _ROOM_ID.fullmatch(room) or _ROOM_ALIAS.fullmatch(room) else None


def _read_list(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise RefusedError(f"is {_name_type(value)}, not a list", "put it into brackets: [ … ]")
    return value


def _read_neighbours(value: object) -> Sequence[object]:
    if not _read_list(value):
        raise RefusedError("is empty", 'name one: { name = "Marsh", url = "https://marsh.example/" }')
    return cast("list[object]", value)


def _read_table(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise RefusedError(f"is {_name_type(value)}, not a table", "write { key = value, … }")
    return value


def _name_type(value: object) -> str:
    return _TYPE_WORDS.get(type(value), "a date")


# The contract.

_TEXT: Final = Check("text", _read_text)
_ANY_TEXT: Final = Check("text, may be empty", _read_optional_text)
_SIZE: Final = Check("whole number from 0", _read_number(0))
_NUMBER: Final = Check("whole number from 1", _read_number(1))
_ROOM: Final = Check("room", _read_room)
_ROOMS: Final = Check("list of `#alias:server`, `!id` or `!id:server`", _read_list, item=_ROOM)
_ROOM_IDS: Final = Check("list of `!id` or `!id:server`", _read_list, item=Check("room id", _read_room_id))
_BASE_URL: Final = Check("web address, http or https", _read_base_url)
_HOMESERVER: Final = Check("server name or https address (http on loopback only)", _read_homeserver)
_TAG: Final = Check(
    "language tag (BCP 47)",
    _read_pattern(_LANGUAGE, "language tag", "write one such as en or pt-BR"),
)
_THEME_NAME: Final = Check(
    "name of a theme",
    _read_pattern(_THEME, "theme's name", "write small letters, digits, - and _, such as commons"),
)
_TIME: Final = Check(
    "number and m, h, d or w",
    _read_pattern(_DURATION, "duration", 'write a number and m, h, d or w, such as "7d" or "12h"'),
)
_NEIGHBOUR: Final = Check(
    "table",
    _read_table,
    keys=(
        Key("name", _TEXT, "What the neighbour is called.", required=True),
        Key("url", Check("web address", _read_url), "Where the neighbour is.", required=True),
    ),
)
_NEIGHBOURS: Final = Check("list of `{ name, url }`", _read_neighbours, item=_NEIGHBOUR)

SECTIONS: Final = (
    Section(
        "site",
        "What the garden is called and where it will stand.",
        (
            Key("title", _TEXT, "The garden's name, on every page and in the feeds.", required=True),
            Key("base_url", _BASE_URL, "Where the garden will stand; may be under a path.", required=True),
            Key("language", _TAG, "The language most people write in.", "en"),
            Key("theme", _THEME_NAME, "How the garden looks: the name of a theme.", "commons"),
            Key("description", _ANY_TEXT, "A sentence about the community, for home page and feeds.", ""),
        ),
    ),
    Section(
        "matrix",
        "Which rooms are read, and from where; tokens belong to `garden login`, never into this file.",
        (
            Key("homeserver", _HOMESERVER, "The homeserver that is asked, by address or name.", ""),
            Key("rooms", _ROOMS, "Rooms to publish, by alias or id; each has to be world_readable.", ()),
            Key("spaces", _ROOMS, "Spaces whose rooms are published, with those of the spaces inside.", ()),
            Key("vouched_rooms", _ROOM_IDS, "Imported rooms that you declare public, by id.", ()),
            Key("max_media_bytes", _SIZE, "Pictures and files above this size are not copied.", 10_000_000),
            Key("recrawl", _TIME, "How often rooms are read anew, to find silent deletions.", "7d"),
        ),
    ),
    Section(
        "pages",
        "How messages become pages.",
        (
            Key("min_messages", _NUMBER, "A reply chain of this many messages gets a page of its own.", 3),
            Key("per_part", _NUMBER, "Conversations on one part of a room's index.", 50),
        ),
    ),
    Section(
        "webring",
        "A ring of sites: your neighbours in order; the last stands before this garden, the first after it.",
        (
            Key("name", _TEXT, "What the ring is called.", required=True),
            Key("neighbours", _NEIGHBOURS, "The other sites, with name and web address.", required=True),
        ),
        repeated=True,
    ),
)
"""Every section and key of site.toml, in the order of the example."""

_TYPES: Final[Mapping[str, Callable[..., object]]] = {
    "site": SiteSettings,
    "matrix": MatrixSettings,
    "pages": PageSettings,
    "webring": Webring,
}
_SECRETS: Final = frozenset({"access_token", "token", "password"})


# From plain data to settings; every problem is noted and the reading goes on.


def _read_sections(data: Mapping[str, object], problems: list[Problem]) -> dict[str, object]:
    names = {section.name: section for section in SECTIONS}
    problems.extend(_unknown_section(name) for name in data.keys() - names.keys() - _SECRETS)
    values: dict[str, object] = {}
    for section in SECTIONS:
        given = data.get(section.name, [] if section.repeated else {})
        if section.repeated:
            values[section.name] = _read_repeated(section, given, problems)
        elif isinstance(given, dict):
            path = (section.name,)
            values[section.name] = _build(_TYPES[section.name], section.keys, given, path, problems)
        else:
            message = f"{section.name} is {_name_type(given)}, not a section"
            hint = f"write [{section.name}] on a line of its own and its keys below"
            problems.append(Problem((section.name,), message, hint))
    return values


def _read_repeated(section: Section, given: object, problems: list[Problem]) -> tuple[object, ...]:
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        message = f"{section.name} is {_name_type(given)}, not a list of sections"
        problems.append(Problem((section.name,), message, f"write [[{section.name}]] with two brackets"))
        return ()
    seen: set[str] = set()
    built = []
    for number, table in enumerate(given):
        path = (section.name, number)
        built.append(_build(_TYPES[section.name], section.keys, table, path, problems))
        name = table.get("name")
        if isinstance(name, str) and name in seen:
            message = f"{section.name}: {name!r} is there twice"
            problems.append(Problem((*path, "name"), message, "give each its own name"))
        seen.add(str(name))
    return tuple(built)


def _build(
    make: Callable[..., object],
    keys: tuple[Key, ...],
    given: Mapping[str, object],
    path: KeyPath,
    problems: list[Problem],
) -> object:
    """Make the type that a table stands for, or None where one of its values was refused."""
    before = len(problems)
    names = [key.name for key in keys]
    for name in given.keys() - set(names) - _SECRETS:
        message = f"{_write_path(path)}: unknown key {name!r}"
        problems.append(Problem((*path, name), message, _did_you_mean(name, names)))
    values: dict[str, object] = {}
    for key in keys:
        if key.name in given:
            values[key.name] = _read_value(key.check, given[key.name], (*path, key.name), problems)
        elif key.required:
            message = f"{_write_path(path)}: {key.name} is missing"
            problems.append(Problem(path, message, f"add it: {key.sentence.rstrip('.')}"))
        else:
            values[key.name] = key.default
    return make(**values) if len(problems) == before else None


def _read_value(check: Check, given: object, path: KeyPath, problems: list[Problem]) -> object:
    try:
        value = check.read(given)
    except RefusedError as error:
        problems.append(Problem(path, f"{_write_path(path)}: {error}", error.hint))
        return None
    if check.item is not None:
        item, elements = check.item, enumerate(cast("list[object]", value))
        # A room named twice is one room, so what is equal stays once.
        return tuple(dict.fromkeys(_read_value(item, each, (*path, at), problems) for at, each in elements))
    if check.keys:
        return _build(Neighbour, check.keys, cast("Mapping[str, object]", value), path, problems)
    return value


def _unknown_section(name: str) -> Problem:
    homes = {key.name: section.name for section in SECTIONS for key in section.keys}
    if name in homes:
        return Problem((name,), f"key {name!r} stands outside its section", f"move it below [{homes[name]}]")
    hint = _did_you_mean(name, [section.name for section in SECTIONS])
    return Problem((name,), f"unknown section {name!r}", hint)


def _did_you_mean(name: str, known: Sequence[str]) -> str:
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


def _write_path(path: KeyPath) -> str:
    written = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path)
    return written.removeprefix(".")


# Where keys stand: tomllib does not say, so the text is read a second time for lines alone.

_TOKEN: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|(?P<comment>\#[^\n]*)"
    r"|\n|[\[\]{}=,.]"
    r"|[^\s\[\]{}=,.\#\"']+",
    re.DOTALL,
)


def _line_of(path: KeyPath, lines: Mapping[KeyPath, int]) -> int:
    """Return the line of a value, or of the nearest thing around it that is written down."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _scan_lines(text: str) -> Iterator[tuple[KeyPath, int]]:
    """Find the line of every key and element of a text that tomllib has accepted."""
    tokens = _Tokens(text)
    table: KeyPath = ()
    counts: dict[KeyPath, int] = {}
    while tokens.skip_lines():
        line = tokens.line
        if tokens.take("["):
            repeated = tokens.take("[")
            table = _enter(tokens.read_key(), counts, repeated=repeated)
            tokens.take("]")
            tokens.take("]")
            yield table, line
        else:
            path = (*table, *tokens.read_key())
            tokens.take("=")
            yield path, line
            yield from tokens.scan_value(path)


def _enter(names: KeyPath, counts: dict[KeyPath, int], *, repeated: bool) -> KeyPath:
    """Return the path of a table's header, with the number of the element that it is in."""
    path: KeyPath = ()
    for name in names[:-1]:
        path = (*path, name)
        path = (*path, counts[path] - 1) if path in counts else path
    path = (*path, *names[-1:])
    if repeated:
        counts[path] = counts.get(path, 0) + 1
    return (*path, counts[path] - 1) if path in counts else path


class _Tokens:
    """The tokens of a TOML text, read from front to back."""

    def __init__(self, text: str) -> None:
        self._found = [found for found in _TOKEN.finditer(text) if not found["comment"]]
        self._text = text
        self._at = 0
        self._counted = (0, 1)

    @property
    def line(self) -> int:
        """Line of the next token, from 1."""
        start, line = self._counted
        here = self._found[self._at].start()
        self._counted = (here, line + self._text.count("\n", start, here))
        return self._counted[1]

    def peek(self) -> str:
        return self._found[self._at][0] if self._at < len(self._found) else ""

    def take(self, token: str) -> bool:
        taken = self.peek() == token
        self._at += taken
        return taken

    def skip_lines(self) -> bool:
        """Go past empty lines; return whether anything is left."""
        while self.take("\n"):
            pass
        return bool(self.peek())

    def read_key(self) -> KeyPath:
        """Read a key, dotted or not (TOML 1.0, "Keys")."""
        names = [self._next_name()]
        while self.take("."):
            names.append(self._next_name())
        return tuple(names)

    def scan_value(self, path: KeyPath) -> Iterator[tuple[KeyPath, int]]:
        """Go past a value and find the lines of what is inside."""
        if self.take("["):
            yield from self._scan_elements(path)
        elif self.take("{"):
            yield from self._scan_inline_table(path)
        else:
            while self.peek() not in {"", "\n", ",", "]", "}"}:
                self._at += 1

    def _scan_elements(self, path: KeyPath) -> Iterator[tuple[KeyPath, int]]:
        number = 0
        while self.skip_lines() and not self.take("]"):
            yield (*path, number), self.line
            yield from self.scan_value((*path, number))
            self.skip_lines()
            self.take(",")
            number += 1

    def _scan_inline_table(self, path: KeyPath) -> Iterator[tuple[KeyPath, int]]:
        while self.skip_lines() and not self.take("}"):
            inside = (*path, *self.read_key())
            yield inside, self.line
            self.take("=")
            yield from self.scan_value(inside)
            self.skip_lines()
            self.take(",")

    def _next_name(self) -> str:
        name = self.peek()
        self._at += 1
        return next(iter(tomllib.loads(f"{name} = 0"))) if name[:1] in {'"', "'"} else name


def _syntax_problem(message: str, text: str) -> ConfigProblem:
    found = re.search(r" \(at line (\d+), column (\d+)\)", message)
    line = int(found[1]) if found else text.rstrip("\n").count("\n") + 1
    where = f" in column {found[2]}" if found else ""
    words = re.sub(r" \(at [^)]*\)$", "", message)
    hint = 'text stands in quotes, lists stand in brackets: key = ["…"]'
    return ConfigProblem(line, f"is no TOML{where}: {words}", hint)

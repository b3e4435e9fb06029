"""A plain value of site.toml goes in, the value that SiteConfig holds comes out, or a refusal with a hint.

There is one function for each kind of value, and each raises `RefusedError`; which key wants which kind is
said by `config_keys`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, cast
from urllib.parse import quote, unquote, urlsplit

UNIT_MS: Final = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
"""Milliseconds of each unit of a duration."""

_TYPE_WORDS: Final = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "a table",
}
_DURATION: Final = re.compile(rf"[1-9][0-9]{{0,3}}[{''.join(UNIT_MS)}]")
_NO_DELAY: Final = re.compile(r"0[mhdw]?")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_THEME: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")
_SERVER: Final = r"(?:[A-Za-z0-9.-]{1,230}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?"
_SERVER_NAME: Final = re.compile(_SERVER)
_ROOM_ID: Final = re.compile(rf"![^\s:\0]+(?::{_SERVER})?")
_ROOM_ALIAS: Final = re.compile(rf"#[^\s:\0]+:{_SERVER}")
_USER_ID: Final = re.compile(rf"@[^\s:\0]{{1,250}}:{_SERVER}")
_LONGEST_REACTION: Final = 40
_LONGEST_WORD: Final = 60
_URL_LETTERS: Final = "/:?#[]@!$&'()*+,;=%~"


class RefusedError(ValueError):
    """A check refused a value; `hint` says what to write instead."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def read_text(value: object) -> str:
    """Check that a value is text with a word in it, and write its blanks as single spaces."""
    text = read_optional_text(value)
    if not text:
        raise RefusedError("is empty", "write some words")
    return text


def read_optional_text(value: object) -> str:
    """Check that a value is text without control characters; it may be empty."""
    if not isinstance(value, str):
        raise RefusedError(f"is {name_type(value)}, not text", 'put it into quotes: "…"')
    if not value.isprintable() and not value.replace("\n", " ").replace("\t", " ").isprintable():
        raise RefusedError("holds a control character", "write it without")
    return " ".join(value.split())


def read_word(value: object) -> str:
    """Check a text that is looked for, or names a tag: there has to be something in it to be found."""
    text = read_text(value)
    if not any(map(str.isalnum, text)):
        raise RefusedError(f"{text!r} has no letter and no digit", "write a word such as beans")
    if len(text) > _LONGEST_WORD:
        raise RefusedError(f"has {len(text)} characters", f"write at most {_LONGEST_WORD}")
    return text


def read_number(lowest: int) -> Callable[[object], int]:
    """Make the check of a whole number from `lowest` up."""

    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise RefusedError(f"is {name_type(value)}, not a whole number", "write digits without quotes")
        if value < lowest:
            raise RefusedError(f"is {value}", f"write a number from {lowest} up")
        return value

    return read


def read_switch(value: object) -> bool:
    """Check that a value is true or false."""
    if not isinstance(value, bool):
        raise RefusedError(f"is {name_type(value)}, not true or false", "write true or false without quotes")
    return value


def _read_pattern(pattern: re.Pattern[str], what: str, hint: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        text = read_text(value)
        if not pattern.fullmatch(text):
            raise RefusedError(f"{text!r} is no {what}", hint)
        return text

    return read


read_language: Final = _read_pattern(_LANGUAGE, "language tag", "write one such as en or pt-BR")
"""Check the shape of a language tag (RFC 5646)."""

read_theme: Final = _read_pattern(
    _THEME, "theme's name", "write small letters, digits, - and _, such as commons"
)
"""Check the name of a theme, which names a folder too."""

read_duration: Final = _read_pattern(
    _DURATION, "duration", 'write a number and m, h, d or w, such as "7d" or "12h"'
)
"""Check a duration; the text stays as it is."""

read_user_id: Final = _read_pattern(_USER_ID, "user's id", "write @user:server")
"""Check a user's identifier (appendices, "User Identifiers")."""


def read_delay(value: object) -> str:
    """Check a duration that may be none at all, which is written `0h`."""
    if value == 0 or (isinstance(value, str) and _NO_DELAY.fullmatch(value.strip())):
        return "0h"
    return read_duration(value)


def read_choice(*choices: str) -> Callable[[object], str]:
    """Make the check of a text that is one of `choices`."""

    def read(value: object) -> str:
        text = read_text(value)
        if text not in choices:
            raise RefusedError(f"is {text!r}", f"write {' or '.join(repr(choice) for choice in choices)}")
        return text

    return read


def read_reaction(value: object) -> str:
    """Check the key of a reaction: an emoji or a short text."""
    text = read_text(value)
    if len(text) > _LONGEST_REACTION:
        raise RefusedError(f"has {len(text)} characters", f"write at most {_LONGEST_REACTION}")
    return text


def read_url(value: object) -> str:
    """Check a full web address (RFC 3986) and write it with a small host and percent-encoded."""
    text = read_text(value)
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


def read_base_url(value: object) -> str:
    """Check the address of a site: a web address without query and fragment; it gets its last slash."""
    url = read_url(value)
    if "?" in url or "#" in url:
        raise RefusedError(f"{url!r} has a query or fragment", "write it without ? and #")
    return url if url.endswith("/") else f"{url}/"


def read_homeserver(value: object) -> str:
    """Check the address of a homeserver: its name, or the URL of its client-server API."""
    text = read_optional_text(value)
    if not text or _SERVER_NAME.fullmatch(text):
        return text.lower()
    url = read_base_url(text).rstrip("/")
    if url.startswith("http:") and not _is_loopback(urlsplit(url).hostname or ""):
        raise RefusedError(f"{url!r} would send your token unencrypted", "write https:// instead of http://")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_room(value: object) -> str:
    """Check a room's alias or identifier (Matrix specification, appendices, "Identifier Grammar")."""
    text = read_text(value)
    if _ROOM_ID.fullmatch(text) or _ROOM_ALIAS.fullmatch(text):
        return text
    if text.startswith("#") and ":" not in text:
        raise RefusedError(f"{text!r} lacks its server", f"write {text}:server")
    raise RefusedError(f"{text!r} is no room", f"write {_room_in_link(text) or '#alias:server or !id'}")


def read_room_id(value: object) -> str:
    """Check a room's identifier, with or without a server."""
    text = read_text(value)
    if not _ROOM_ID.fullmatch(text):
        raise RefusedError(f"{text!r} is no room's id", "write !id or !id:server")
    return text


def _room_in_link(text: str) -> str | None:
    """Return the room that somebody pasted as a matrix.to link, so that the hint can name it."""
    found = re.fullmatch(r"https?://matrix\.to/#/([^?/]+)(?:[?/].*)?", text)
    room = unquote(found[1]) if found else ""
    return room if _ROOM_ID.fullmatch(room) or _ROOM_ALIAS.fullmatch(room) else None


def read_list(value: object) -> Sequence[object]:
    """Check that a value is a list; its elements have their own check."""
    if not isinstance(value, list):
        raise RefusedError(f"is {name_type(value)}, not a list", "put it into brackets: [ … ]")
    return value


def read_neighbours(value: object) -> Sequence[object]:
    """Check that a value is a list that is not empty."""
    if not read_list(value):
        raise RefusedError("is empty", 'name one: { name = "Marsh", url = "https://marsh.example/" }')
    return cast("list[object]", value)


def read_table(value: object) -> Mapping[str, object]:
    """Check that a value is a table; its keys have their own checks."""
    if not isinstance(value, dict):
        raise RefusedError(f"is {name_type(value)}, not a table", "write { key = value, … }")
    return value


def name_type(value: object) -> str:
    """Say what a plain value is, in words for messages."""
    return _TYPE_WORDS.get(type(value), "a date")

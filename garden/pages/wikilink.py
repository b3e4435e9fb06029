"""Wikilinks: what stands between `[[` and `]]` comes in; the name that is meant and the words to show go out.

The form is that of Obsidian and its kin: `Title`, `Title|words`, `Title#heading`, `folder/file`, and the
garden's own `#room:server`. What is between the brackets decides nothing about where it leads.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_MARKS: Final = str.maketrans(dict.fromkeys("[]|\\"))
"""What no wikilink can hold: a title that does is found without them."""
_ROOM: Final = re.compile(r"[#!][^|]*:[^|]+")
_HEADING: Final = re.compile(r"#(?=\S)")
"""Parts a title from a heading; in `C# for beginners` it is a letter like others."""
_BETWEEN: Final = " › "  # noqa: RUF001 - a mark between two names, as a trail has it
"""Stands between a title and the heading below it."""


def name_of(value: str) -> str:
    """Return the name that a wikilink leads to, without the words that it shows."""
    # In a table the bar is escaped.
    return " ".join(value.partition("|")[0].removesuffix("\\").split())


def words_of(value: str) -> str:
    """Return what a wikilink shows: the words behind its bar, else the name."""
    words = value.rpartition("|")[2].strip() if "|" in value else ""
    name = name_of(value)
    if words or names_room(value):
        return words or name
    return _BETWEEN.join(part for each in _HEADING.split(name) if (part := each.strip())) or name


def has_words(value: str) -> bool:
    """Say whether a wikilink has words of its own to show."""
    return bool(value.rpartition("|")[2].strip()) and "|" in value


def names_room(value: str) -> bool:
    """Say whether a wikilink names a room by its alias or identifier."""
    return _ROOM.fullmatch(name_of(value)) is not None


def name_key(name: str) -> str:
    """Return the form in which two spellings of one name are the same."""
    text = unicodedata.normalize("NFC", name).translate(_MARKS).casefold()
    return " ".join(text.split()).removesuffix(".md")


def name_keys(name: str) -> Iterator[str]:
    """Yield what a name may mean, the likeliest first: all of it, then what stands before a heading."""
    yield name_key(name)
    page, mark, _ = name.partition("#")
    if mark and page.strip():
        yield name_key(page)

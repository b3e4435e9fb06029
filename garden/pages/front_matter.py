"""A note's front matter: YAML values come in as somebody wrote them, values as pages have them go out.

Keys that nobody asks for are left alone, since editors keep much of their own there; of those that are read,
everything that is wrong is told at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Final

from garden.conversations.tending import Stage
from garden.pages.address import name_tag
from garden.pages.dialect import DialectError
from garden.pages.moment import parse_time

_MOST: Final = 100
"""Entries of one list; nobody writes more by hand."""
_SCHEMES: Final = ("http:", "https:", "matrix:", "[[")


class FrontMatter:
    """The keys of one file; where one is wrong its reader returns what says nothing, and `check` tells."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values
        self._problems: list[str] = []

    def check(self, path: str) -> None:
        """Raise `DialectError`, naming the file and every key that could not be read."""
        if self._problems:
            raise DialectError(f"{path}: {'; '.join(self._problems)}")

    def text(self, key: str) -> str:
        """Return a text on one line; empty where there is none."""
        value = self._values.get(key)
        if value is None:
            return ""
        if isinstance(value, str | int | float | date) and not isinstance(value, bool):
            return " ".join(str(value).split())
        self._tell(key, value, "is no text: put it between quotation marks")
        return ""

    def flag(self, key: str) -> bool:
        """Return whether something is so."""
        value = self._values.get(key)
        if value is None or isinstance(value, bool):
            return value is True
        self._tell(key, value, "is neither true nor false")
        return False

    def moment(self, key: str) -> int | None:
        """Return a date or time in milliseconds since 1970, UTC."""
        value = self._values.get(key)
        if value is None:
            return None
        try:
            return parse_time(_write_moment(value))
        except ValueError:
            self._tell(key, value, "is no date such as 2026-03-01")
            return None

    def stage(self, key: str) -> Stage | None:
        """Return how far something has grown."""
        value = self._values.get(key)
        if value is None:
            return None
        try:
            return Stage(str(value).strip().lower())
        except ValueError:
            self._tell(key, value, f"is none of {', '.join(Stage)}")
            return None

    def tags(self, key: str) -> tuple[str, ...]:
        """Return tags in the spelling of their addresses, in alphabetical order."""
        return tuple(sorted({tag for each in self._list(key, "[beans, storage]") if (tag := name_tag(each))}))

    def names(self, key: str) -> tuple[str, ...]:
        """Return names, each on one line."""
        return tuple(self._list(key, "[Bean seed, Seed beans]"))

    def links(self, key: str) -> tuple[str, ...]:
        """Return links: URLs as they are, and names as wikilinks, with their brackets or without."""
        wanted = '["[[A title]]", "https://matrix.to/#/…"]'
        return tuple(each if each.startswith(_SCHEMES) else f"[[{each}]]" for each in self._list(key, wanted))

    def mappings(self, key: str) -> tuple[Mapping[str, object], ...]:
        """Return a list of mappings as they are."""
        value = self._values.get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self._tell(key, value, "is no list of mappings such as - of: $event")
            return ()
        return tuple({str(name): said for name, said in each.items()} for each in value)

    def _list(self, key: str, example: str) -> list[str]:
        value = self._values.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > _MOST:
            self._tell(key, value, f"is no list such as {example}")
            return []
        found = dict.fromkeys(" ".join(each.split()) for item in value for each in _unfold(item))
        return [each for each in found if each]

    def _tell(self, key: str, value: object, what: str) -> None:
        shown = str(value)
        self._problems.append(f"{key}: {shown[:60] + '…' if len(shown) > 60 else shown!r} {what}")  # noqa: PLR2004


def _write_moment(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC).isoformat()
    return str(value)


def _unfold(item: object) -> Iterator[str]:
    """To YAML, `[[A title]]` without quotation marks is a list in a list; empty entries are no entries."""
    while isinstance(item, list) and len(item) == 1:
        item = item[0]
    if isinstance(item, list):
        yield ", ".join(map(str, item))
    elif item is not None:
        yield str(item)

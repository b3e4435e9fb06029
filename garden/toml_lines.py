"""The text of a TOML file becomes the line of every key in it, so that a message can say where to look.

tomllib does not tell lines, so the text that it has accepted is read a second time, for lines alone.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Final

KeyPath = tuple[str | int, ...]
"""Where a value stands: `("webring", 0, "neighbours", 1, "url")`."""

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


def find_lines(text: str) -> dict[KeyPath, int]:
    """Return the line, from 1, of every key and element of a text that tomllib has accepted (TOML 1.0)."""
    return dict(_scan_lines(text))


def line_of(path: KeyPath, lines: Mapping[KeyPath, int]) -> int:
    """Return the line of a value, or of the nearest thing around it that is written down."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _scan_lines(text: str) -> Iterator[tuple[KeyPath, int]]:
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

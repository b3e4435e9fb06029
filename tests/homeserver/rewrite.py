"""Invented identifiers become the server's: JSON content goes in, the same content with real ids comes out.

A community is written before any server has seen it, so its events refer to each other by ids that somebody
made up. They stand as whole values (`m.relates_to`), inside texts (matrix.to URLs), percent-encoded or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote, unquote

_SIGIL: Final = re.compile(r"mxc://|[$!]|%24|%21")
_BODY: Final = re.compile(r"[\w.:%~+=/$!-]{1,765}")
"""An identifier has at most 255 bytes, percent-encoded at most 765."""
_CONTINUES: Final = re.compile(r"[\w~+=-]")


def rewrite(value: object, real: Mapping[str, str]) -> object:
    """Return JSON in which each identifier that `real` knows, in any string, is replaced by what `real` says.

    The longest known identifier wins, and only where it ends: `$bean` is left alone in `$beans`.
    """
    if isinstance(value, str):
        return "".join(_spell_like(piece, real[name]) if name else piece for piece, name in _cut(value, real))
    if isinstance(value, Mapping):
        return {key: rewrite(child, real) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [rewrite(child, real) for child in value]
    return value


def find_references(value: object, known: Mapping[str, object]) -> Iterator[str]:
    """Yield each identifier of `known` that occurs anywhere in the JSON, as `rewrite` would find it."""
    if isinstance(value, str):
        yield from (name for _, name in _cut(value, known) if name)
    elif isinstance(value, Mapping):
        for child in value.values():
            yield from find_references(child, known)
    elif isinstance(value, list | tuple):
        for child in value:
            yield from find_references(child, known)


def _spell_like(piece: str, identifier: str) -> str:
    return quote(identifier, safe="") if "%" in piece else identifier


def _cut(text: str, known: Mapping[str, object]) -> Iterator[tuple[str, str | None]]:
    """Cut a text into pieces, each with the identifier it spells or None; the pieces joined are the text."""
    given = 0
    for sigil in _SIGIL.finditer(text):
        start = sigil.start()
        end = _identifier_end(text, start, known) if start >= given else start
        if end > start:
            yield text[given:start], None
            yield text[start:end], unquote(text[start:end])
            given = end
    yield text[given:], None


def _identifier_end(text: str, start: int, known: Mapping[str, object]) -> int:
    """Return where the longest known identifier that starts here ends, or `start` where there is none."""
    body = _BODY.match(text, start)
    for end in range(body.end() if body else start, start, -1):
        if unquote(text[start:end]) in known and not _CONTINUES.match(text, end):
            return end
    return start

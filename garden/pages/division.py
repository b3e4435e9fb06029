r"""A division: a fence, attributes in braces, text, the same fence again; as lines and back.

    ::: {#m-3fk2a9xyab .message author="Ada" sender="@ada:fen.example"}
    Dry to 8 %, jar, cool cellar.
    :::

A value comes in and its division goes out, or the reverse, for `dialect` and `dialect_parts`, which know what
divisions mean. These are Pandoc's "Divs and Spans"; in attributes a backslash takes the meaning from `"`, `\`
and an `&` that would begin a character reference, and a line end is written as one (`&#10;`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from garden.pages.page import Markdown

_OPENING: Final = re.compile(
    r'(:{3,}) \{(?:#(\S+) )?\.([a-z]+)((?: [a-z-]+="[^"\\]*(?:\\.[^"\\]*)*")*)\}$',
)
_ATTRIBUTE: Final = re.compile(r' ([a-z-]+)="([^"\\]*(?:\\.[^"\\]*)*)"')
_COLONS: Final = re.compile(r"(?m)^:{3,}")
_SPECIAL: Final = re.compile(r'["\\]|&(?=#?\w+;)')
_LINE_END: Final = re.compile(r"[\n\r]")
_ESCAPED: Final = re.compile(r"\\([!-/:-@\[-`{-~])|&#(10|13);")


@dataclass(frozen=True, slots=True)
class Division:
    """One division of a page."""

    name: str
    """Its class, without the dot."""
    attributes: Mapping[str, str]
    """In the order in which they are written; an empty value stands for none and is not written."""
    text: Markdown = ""
    anchor: str = field(default="", kw_only=True)
    """Its identifier, without the `#`; empty where it has none."""


def write_division(division: Division) -> str:
    """Write a division as text that ends in a newline.

    Its fence has more colons than any run of three or more at the start of a line inside, so that no text can
    end its own division or begin another.
    """
    name = f"#{division.anchor} .{division.name}" if division.anchor else f".{division.name}"
    attributes = "".join(
        f' {key}="{_escape_value(value)}"' for key, value in division.attributes.items() if value
    )
    fence = ":" * max(3, 1 + max(map(len, _COLONS.findall(division.text)), default=0))
    text = f"{division.text}\n" if division.text else ""
    return f"{fence} {{{name}{attributes}}}\n{text}{fence}\n"


def read_divisions(text: str) -> Iterator[Division]:
    """Read divisions that stand one after the other; raises ValueError where anything else stands there."""
    lines = iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        opening = _OPENING.match(line)
        if opening is None:
            raise ValueError(f"neither a division nor an empty line: {line[:60]!r}")
        fence, anchor, name, attributes = opening.groups()
        inside = "\n".join(_read_inside(lines, fence))
        yield Division(name, _read_attributes(attributes), inside, anchor=anchor or "")


def escape_line_ends(text: str) -> str:
    """Write line ends as character references, so that any text stands on one line."""
    return _LINE_END.sub(lambda found: f"&#{ord(found[0])};", text)


def unescape(text: str) -> str:
    """Return the characters that escaped text stands for, line ends included."""
    return _ESCAPED.sub(lambda found: found[1] or chr(int(found[2])), text)


def _escape_value(value: str) -> str:
    return escape_line_ends(_SPECIAL.sub(r"\\\g<0>", value))


def _read_inside(lines: Iterator[str], fence: str) -> Iterator[str]:
    for line in lines:
        if line == fence:
            return
        yield line
    raise ValueError(f"a division has no end: a line {fence}")


def _read_attributes(text: str) -> dict[str, str]:
    return {key: unescape(value) for key, value in _ATTRIBUTE.findall(text)}

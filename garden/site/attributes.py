r"""Attributes: what stands in braces behind words, `{.spoiler reason="…"}`, as values.

Markdown comes in and classes and keys come out, for the modules that give spans, media and divisions their
HTML. The form is Pandoc's; in a quoted value a backslash takes the meaning from the character behind it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_NAME: Final = r"[A-Za-z][A-Za-z0-9_-]*+"
_VALUE: Final = r'"(?:[^"\\\n]|\\[^\n])*+"|[A-Za-z0-9_.:#-]++'
_ATTRIBUTES: Final = re.compile(
    rf"\{{ *+((?:[.#]{_NAME}|{_NAME}=(?:{_VALUE}))(?: ++(?:[.#]{_NAME}|{_NAME}=(?:{_VALUE})))*+) *+\}}"
)
_PIECE: Final = re.compile(rf"\.({_NAME})|({_NAME})=({_VALUE})|#{_NAME}")
_ESCAPED: Final = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Attributes:
    """The classes and keys of one pair of braces; nothing here has been judged."""

    classes: frozenset[str] = frozenset()
    keys: Mapping[str, str] = field(default_factory=dict)


def read_attributes(text: str, start: int) -> tuple[Attributes, int] | None:
    """Read the attributes that begin with the brace at `start`; return them and where they end.

    None where there are none. Each character is looked at once, whatever stands there. Identifiers are read
    and forgotten: the anchors of a page are its own.
    """
    found = _ATTRIBUTES.match(text, start)
    if found is None:
        return None
    classes, keys = [], {}
    for name, key, value in _PIECE.findall(found[1]):
        if name:
            classes.append(name)
        elif key:
            keys[key] = _ESCAPED.sub(r"\1", value[1:-1]) if value[0] == '"' else value
    return Attributes(frozenset(classes), keys), found.end()

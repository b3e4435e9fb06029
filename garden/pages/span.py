r"""Spans, pictures and files as Markdown with attributes: `[words]{.spoiler reason="…"}`.

Words and what is known of them come in, Markdown goes out, for the writers of words and of attachments. No
text that people type can form these, since `escape` takes the meaning from every `{`. In a value a backslash
takes the meaning from `"` and `\`; any other character but a line end may stand there as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

from garden.pages.escape import escape_inline
from garden.pages.page import Markdown

ATTRIBUTES: Final = (
    r"""\{(?:\.[a-z]+|[a-z]+=(?:\d+|"(?:\\.|[^"\\\n]){0,2000}"))"""
    r"""(?:\x20(?:\.[a-z]+|[a-z]+=(?:\d+|"(?:\\.|[^"\\\n]){0,2000}"))){0,12}\}"""
)
"""Pattern of what `write_attributes` writes. A value has an end, so that no text makes it look far."""

_SPECIAL: Final = re.compile(r'["\\]')


def write_attributes(classes: Sequence[str] = (), keys: Mapping[str, object] | None = None) -> Markdown:
    """Write `{.class key="value" number=1}`; keys without a value are left out, and empty braces too."""
    pieces = [f".{name}" for name in classes]
    pieces += [
        f"{key}={_write_value(value)}"
        for key, value in (keys or {}).items()
        if value is not None and value != ""
    ]
    return f"{{{' '.join(pieces)}}}" if pieces else ""


def span(words: Markdown, classes: Sequence[str] = (), keys: Mapping[str, object] | None = None) -> Markdown:
    """Write words with attributes; without any they are only words."""
    attributes = write_attributes(classes, keys)
    return f"[{words}]{attributes}" if attributes else words


def picture(
    words: str, url: str, classes: Sequence[str] = (), keys: Mapping[str, object] | None = None
) -> Markdown:
    """Write a picture or recording of the media folder; `words` are plain text, `url` is relative."""
    return f"![{_write_line(words)}]({quote(url)}){write_attributes(classes, keys)}"


def file_link(name: str, url: str, size: int, mimetype: str = "") -> Markdown:
    """Write a file of the media folder, `size` in bytes; `name` is plain text, `url` is relative."""
    return (
        f"[{_write_line(name)}]({quote(url)}){write_attributes(('file',), {'size': size, 'type': mimetype})}"
    )


def _write_line(words: str) -> Markdown:
    return escape_inline(" ".join(words.split()))


def _write_value(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    return f'"{_SPECIAL.sub(_escape, " ".join(str(value).split()))}"'


def _escape(found: re.Match[str]) -> str:
    return f"\\{found[0]}"

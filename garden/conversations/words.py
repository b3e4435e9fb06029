"""Words: an event's content comes in, what it says as plain text and perhaps as HTML goes out.

Fallbacks, which clients write for those that know less than they do, are no words of the sender's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from garden.archive.event import JsonObject, get_text

_HTML_FORMAT: Final = "org.matrix.custom.html"
_TEXT_KEYS: Final = ("m.text", "org.matrix.msc1767.text", "m.message", "org.matrix.msc1767.message")
"""Where extensible events keep their words (MSC1767), the older names last."""
_HTML_KEY: Final = "org.matrix.msc1767.html"

_FALLBACK_LINE: Final = re.compile(r"> (?:\* )?<@[^>\n]+>")
"""First line of a reply's fallback; a quotation that begins with `<3` is somebody's own."""


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody said, as untrusted as it came."""

    body: str
    formatted_body: str | None = None
    """HTML."""


def read_words(content: object) -> Words | None:
    """Read `body` and `formatted_body`, else an extensible event's text; None where there are no words."""
    if not isinstance(content, Mapping):
        return None
    body = get_text(content, "body")
    if body is None:
        return _read_extensible(content)
    formatted = get_text(content, "formatted_body") if content.get("format") == _HTML_FORMAT else None
    return Words(body, formatted)


def strip_reply_fallback(body: str) -> str:
    """Drop the quotation that old clients put before a reply ("Fallbacks for rich replies")."""
    if not body.startswith(">"):
        return body
    lines = body.split("\n")
    if not _FALLBACK_LINE.match(lines[0]):
        return body
    rest = next((index for index, line in enumerate(lines) if not line.startswith(">")), len(lines))
    return "\n".join(lines[rest:]).lstrip("\n")


def _read_extensible(content: JsonObject) -> Words | None:
    """Read text that stands in several representations: the plain one is the words, HTML how they look."""
    texts = [text for key in _TEXT_KEYS for text in _representations(content, key)]
    plain = next((body for body, mimetype in texts if mimetype == "text/plain"), None)
    html = next((body for body, mimetype in texts if mimetype == "text/html"), None)
    if html is None:
        html = get_text(content, _HTML_KEY)
    body = plain if plain is not None else next((body for body, _ in texts), html)
    return Words(body, html) if body is not None else None


def _representations(content: JsonObject, key: str) -> Iterator[tuple[str, str]]:
    value = content.get(key)
    if isinstance(value, str):
        yield get_text(content, key) or "", "text/plain"
    elif isinstance(value, list):
        for each in value:
            body = get_text(each, "body")
            if body is not None:
                yield body, get_text(each, "mimetype") or "text/plain"

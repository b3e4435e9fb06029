"""Mentions: the content of a message comes in, the identifiers of the people whom it names go out."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import islice
from typing import Final
from urllib.parse import unquote

from garden.archive.event import JsonObject, UserId, get_object, get_text

_MOST_MENTIONS: Final = 200
"""People whom one message can name; more are an attack on somebody's patience."""
_MOST_LOOKED_AT: Final = 2000

_LINK: Final = re.compile(
    r"""(?:matrix\.to/\#/(?P<id>(?:@|%40)[^\s"'<>?/]{1,500})|matrix:u(?:ser)?/(?P<bare>[^\s"'<>?/]{1,500}))""",
    re.IGNORECASE | re.VERBOSE,
)
"""Links to people: matrix.to, and `matrix:` URIs (appendices, "URIs")."""
_WRITTEN: Final = re.compile(
    r"@[^\s:@<>()\"']{1,255}:(?:[A-Za-z0-9.-]{1,230}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{2,5})?"
)


def find_mentions(content: JsonObject) -> list[UserId]:
    """Return the people whom a wording links to, names in full or lists in `m.mentions`, each once."""
    found = dict.fromkeys(islice(_find_all(content), _MOST_LOOKED_AT))
    return list(found)[:_MOST_MENTIONS]


def mentions_room(content: JsonObject) -> bool:
    """Whether a message calls everybody in the room (client-server API, "User and room mentions")."""
    mentions = get_object(content, "m.mentions")
    return mentions is not None and mentions.get("room") is True


def _find_all(content: JsonObject) -> Iterator[UserId]:
    formatted = get_text(content, "formatted_body") or ""
    if "matrix" in formatted.lower():
        yield from (_linked(found) for found in _LINK.finditer(formatted))
    body = get_text(content, "body") or ""
    if "@" in body:
        yield from (UserId(found[0].rstrip(".")) for found in _WRITTEN.finditer(body))
    if "matrix" in body.lower():
        yield from (_linked(found) for found in _LINK.finditer(body))
    listed = (get_object(content, "m.mentions") or {}).get("user_ids")
    if isinstance(listed, list):
        yield from (UserId(user) for user in listed if isinstance(user, str))


def _linked(found: re.Match[str]) -> UserId:
    written = unquote(html.unescape(found["id"] or found["bare"] or ""))
    return UserId(written if written.startswith("@") else f"@{written}")

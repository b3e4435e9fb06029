"""Mentions: whom a link or an identifier in a message's words means.

Words and a `Wording` come in; where they name somebody, the name of that time goes out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from garden.archive.cover import UNNAMED
from garden.archive.event import NOBODY, UserId
from garden.pages.wording import Wording

ROOM: Final = "@room"
"""Calls everybody in a room (client-server API, "User and room mentions")."""

_MENTION: Final = re.compile(
    r"(?<![\w@/.:])@(?:room(?![\w-]|[.:]\w)|[\w.=/+-]{1,255}:[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,254}[a-zA-Z0-9])?(?::\d{1,5})?)"
)
_MATRIX_TO: Final = "https://matrix.to/#/"


def split_mentions(text: str, wording: Wording) -> Iterator[tuple[str, str]]:
    """Cut plain text at its mentions: yield text before one and the name that it says, last with no name."""
    end = 0
    for found in _MENTION.finditer(text):
        name = _name_of(found[0], wording)
        if name:
            yield text[end : found.start()], name
            end = found.end()
    yield text[end:], ""


def user_in_link(url: str) -> UserId | None:
    """Return whom a matrix.to URL or `matrix:` URI of a user means (appendices, "URIs")."""
    if url.startswith(_MATRIX_TO):
        user = unquote(url[len(_MATRIX_TO) :].partition("?")[0].partition("/")[0])
        return UserId(user) if user.startswith("@") and ":" in user else None
    if url.startswith("matrix:u/"):
        user = unquote(url[9:].partition("?")[0].partition("/")[0])
        return UserId(f"@{user}") if ":" in user else None
    return None


def name_in_link(user: UserId, words: str, wording: Wording) -> str:
    """Return the name that a link to somebody shows: a link must not make Bob out of Ada.

    The name that person had counts; without it the link's own words where they hold the localpart, as whole
    words, and else the identifier. Who is not to be named stays unnamed.
    """
    known = f"@{UNNAMED}" if user == NOBODY else wording.names.get(user)
    if known:
        return known
    words = " ".join(words.split())
    localpart = user[1:].partition(":")[0]
    named = re.search(rf"(?<!\w){re.escape(localpart)}(?!\w)", words, re.IGNORECASE) if localpart else None
    return words if named else user


def _name_of(identifier: str, wording: Wording) -> str:
    if identifier == ROOM:
        return ROOM if wording.mentions_room else ""
    return f"@{UNNAMED}" if identifier == NOBODY else wording.names.get(UserId(identifier), "")

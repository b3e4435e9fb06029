"""Commands: a message comes in, whether it speaks to the garden and not to readers goes out.

What it asks is read when it is synced; here it is only kept from the pages, in whatever form it came.
"""

from __future__ import annotations

import re
from typing import Final

from garden.archive.event import Event, JsonObject, get_object
from garden.archive.vocabulary import COMMAND, UNSEEN
from garden.conversations.words import read_words, strip_reply_fallback

_BLANKS: Final = rf"\s{UNSEEN}"
"""What shows nothing before and behind a word."""
_FIRST_WORD: Final = re.compile(rf"[{_BLANKS}]*{re.escape(COMMAND)}(?![^{_BLANKS}])", re.IGNORECASE)
_SIGN: Final = COMMAND[0]


def is_command(event: Event) -> bool:
    """Whether the first word of a message is `!garden`, or of the new wording that an edit gives one."""
    if event.type != "m.room.message" or event.state_key is not None or not may_be_command(event.content):
        return False
    wording = get_object(event.content, "m.new_content")
    return _speaks_to_garden(event.content) or (wording is not None and _speaks_to_garden(wording))


def may_be_command(content: JsonObject) -> bool:
    """Whether a message's words have to be looked at: nearly every one is told apart by this, and quickly."""
    body = content.get("body")
    if isinstance(body, str) and "m.new_content" not in content:
        return _SIGN in body and COMMAND in body.lower()
    return True


def _speaks_to_garden(content: JsonObject) -> bool:
    words = read_words(content)
    return words is not None and _FIRST_WORD.match(strip_reply_fallback(words.body)) is not None

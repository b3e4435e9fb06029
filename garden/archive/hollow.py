"""Hollow events and blank wordings: an event's JSON goes in, what may stay of it on disk comes out.

Pure. A hollow event is what stays of one whose sender is gone or that was forgotten: that it was there, and
when. A blank wording is what stays of a message that an edit has replaced: what it belongs to, and perhaps
the file that is still shown.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote

from garden.archive.event import NOBODY, PROFILE_KEYS, JsonObject, get_object
from garden.archive.vocabulary import NOTICE

DUMMY: Final = "m.dummy"
"""Type of a hollow state event: what it was about would say whom it was about. And of one of a type that its
sender may have made up, which can be any words."""

_KNOWN_TYPES: Final = frozenset(
    {
        *("m.room.message", "m.room.encrypted", "m.room.redaction", "m.reaction", "m.sticker"),
        *(f"m.poll.{part}" for part in ("start", "response", "end")),
        *(f"org.matrix.msc3381.poll.{part}" for part in ("start", "response", "end")),
    }
)

BLANK: Final = 1
"""As `withheld`: the words are gone."""
BLANK_BESIDE_FILE: Final = 2
"""As `withheld`: the words are gone, the file stays."""
RELEASED: Final = -1
"""As `withheld`: the words were gone and may come back."""

_MARKS: Final = ("m.relates_to", "msgtype", NOTICE, *PROFILE_KEYS)
"""What a message belongs to, how it speaks and for whom; a notice stays one, however it is worded."""
_FILE: Final = (
    "url",
    "info",
    "filename",
    "m.voice",
    "org.matrix.msc3245.voice",
    "m.audio",
    "org.matrix.msc1767.audio",
)
"""What says which file a message shows and how it is played."""
_POLLS: Final = ("m.poll", "m.poll.start", "org.matrix.msc3381.poll.start", "org.matrix.msc3381.poll")
"""Where a poll keeps what it asks (MSC3381)."""
_UNSPOKEN: Final = frozenset({"id", "m.id", "org.matrix.msc3381.id", "kind", "mimetype"})
"""Texts in a poll that nobody reads, and that votes refer to."""

_SERVER: Final = r"(?:[A-Za-z0-9.-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?"
_USER: Final = re.compile(rf"@([^\s:@\"'<>\\]{{1,255}}):({_SERVER})")


def hollow_source(source: JsonObject) -> dict[str, object]:
    """Return what stays of an event of somebody gone, or about them: no name, no words.

    A redaction still says what it redacts, since that is to stay gone.
    """
    kept = {key: source[key] for key in ("event_id", "room_id", "origin_server_ts", "type") if key in source}
    if source.get("state_key") is not None or source.get("type") not in _KNOWN_TYPES:
        kept["type"] = DUMMY
    elif source.get("redacts") is not None:
        kept["redacts"] = source["redacts"]
    return kept | {"sender": NOBODY, "content": {}}


def blank_wording(source: JsonObject, *, keeps_file: bool) -> dict[str, object]:
    """Return a message, or an edit of one, without its words; doing it twice changes nothing.

    The message still counts as one, so that the edit which replaced its words has something to replace.
    """
    content = get_object(source, "content") or {}
    blanked = _blank(content, keeps_file=keeps_file)
    wording = get_object(content, "m.new_content")
    if wording is not None:
        blanked["m.new_content"] = _blank(wording, keeps_file=keeps_file)
    return {**source, "content": blanked}


def find_users(text: str) -> Iterator[str]:
    """Yield everything in a text, encoded or not, that could be the identifier of a user.

    Rather too much than too little: a sentence may go on right behind a server's name.
    """
    for reading in dict.fromkeys((text, html.unescape(text), unquote(text), unquote(unquote(text)))):
        for found in _USER.finditer(reading):
            server = found[2]
            while server:
                yield f"@{found[1]}:{server}"
                server = server[: max(server.rfind("."), server.rfind(":"), server.rfind("-"), 0)]


def _blank(content: JsonObject, *, keeps_file: bool) -> dict[str, object]:
    kept = (*_MARKS, *_FILE) if keeps_file else _MARKS
    blanked: dict[str, object] = {key: content[key] for key in kept if key in content}
    blanked |= {key: _blank_texts(content[key]) for key in _POLLS if key in content}
    return blanked | {"body": ""}


def _blank_texts(value: object) -> object:
    """Replace every text in a poll, but leave it a poll, on which people have voted."""
    if isinstance(value, Mapping):
        return {key: each if key in _UNSPOKEN else _blank_texts(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_blank_texts(each) for each in value]
    return "…" if isinstance(value, str) else value

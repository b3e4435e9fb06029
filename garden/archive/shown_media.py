"""What files an event shows: an event's JSON comes in, `mxc:` addresses with the form they are for go out.

Pure, and looks at every event that is archived, so it asks cheap questions first. What stands here decides
which files a garden asks a homeserver for; what they turn out to be is decided by their bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from garden.archive.event import (
    PROFILE_KEYS,
    JsonObject,
    MediaForm,
    MxcUri,
    UserId,
    get_mxc,
    get_number,
    get_object,
    get_text,
)

_MAX_PICTURES: Final = 50
"""Pictures inside the words of one event that are copied."""

_MAX_TAG: Final = 4096
"""Characters of one `<img>` that are read."""

_LARGEST: Final = (1 << 62) - 1
"""Largest declared size that is told from larger ones; SQLite's numbers end soon after."""

_ATTRIBUTE: Final = re.compile(r"""\s*/?([^\s=>/"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?""")

_FORMS: Final = {
    "m.image": MediaForm.PICTURE,
    "m.video": MediaForm.RECORDING,
    "m.audio": MediaForm.RECORDING,
    "m.file": MediaForm.FILE,
}


@dataclass(frozen=True, slots=True)
class ShownMedia:
    """One file that an event shows."""

    uri: MxcUri
    form: MediaForm
    member: UserId | None = None
    """For avatars of members: whose it is."""
    size: int | None = None
    """In bytes, as the sender declared it."""
    is_text: bool = False
    """Whether the sender declared it as plain text."""


def find_media(source: JsonObject) -> tuple[ShownMedia, ...]:
    """Return the files that an event shows, each address once in each form.

    An address that is no well-formed `mxc:` address is none, and so are encrypted files.
    """
    content = get_object(source, "content")
    if not content:
        return ()
    found: dict[tuple[str, str], ShownMedia] = {}
    for shown in _find(source, content):
        found.setdefault((shown.uri, shown.form), shown)
    return tuple(found.values())


def _find(source: JsonObject, content: JsonObject) -> Iterator[ShownMedia]:
    kind = source.get("type")
    if kind == "m.room.message":
        yield from _find_in_message(content)
        wording = get_object(content, "m.new_content")
        if wording is not None:
            yield from _find_in_message(wording)
    elif kind == "m.sticker":
        yield from _show(content, "url", MediaForm.PICTURE)
    elif kind == "m.reaction":
        # A custom emoji (MSC4027).
        yield from _show(get_object(content, "m.relates_to"), "key", MediaForm.SMALL)
    elif kind == "m.room.member":
        member = get_text(source, "state_key")
        if member is not None:
            yield from _show(content, "avatar_url", MediaForm.SMALL, UserId(member))


def _find_in_message(content: JsonObject) -> Iterator[ShownMedia]:
    form = _FORMS.get(str(content.get("msgtype")))
    if form is not None:
        info = get_object(content, "info")
        uri = get_mxc(content, "url")
        if uri is not None:
            yield ShownMedia(uri, form, size=_read_size(info), is_text=_is_text(content, info))
        if content.get("msgtype") == "m.video":
            yield from _show(info, "thumbnail_url", MediaForm.PICTURE)
    html = content.get("formatted_body")
    if isinstance(html, str) and "mxc://" in html:
        yield from _find_in_html(html)
    for key in PROFILE_KEYS:
        if key in content:
            yield from _show(get_object(content, key), "avatar_url", MediaForm.SMALL)


def _find_in_html(html: str) -> Iterator[ShownMedia]:
    """Find `<img src="mxc://…">`; cheap, since whoever renders it cleans it with a real parser."""
    folded, at = html.lower(), 0
    for _ in range(_MAX_PICTURES):
        at = folded.find("<img", at)
        if at < 0:
            return
        at += len("<img")
        attributes = _read_attributes(html, at)
        form = MediaForm.SMALL if "data-mx-emoticon" in attributes else MediaForm.PICTURE
        yield from _show(attributes, "src", form)


def _read_attributes(html: str, start: int) -> dict[str, str]:
    """Read a tag's attributes from where its name ends to its `>`; of two with one name the first counts."""
    attributes: dict[str, str] = {}
    end = start + _MAX_TAG
    while (found := _ATTRIBUTE.match(html, start, end)) is not None:
        attributes.setdefault(found[1].lower(), found[2] or found[3] or found[4] or "")
        start = found.end()
    return attributes


def _show(
    holder: JsonObject | None, key: str, form: MediaForm, member: UserId | None = None
) -> Iterator[ShownMedia]:
    uri = get_mxc(holder, key) if holder is not None else None
    if uri is not None:
        yield ShownMedia(uri, form, member)


def _read_size(info: JsonObject | None) -> int | None:
    size = get_number(info, "size")
    return min(size, _LARGEST) if size is not None and size >= 0 else None


def _is_text(content: JsonObject, info: JsonObject | None) -> bool:
    name = get_text(content, "filename") or get_text(content, "body") or ""
    mimetype = get_text(info, "mimetype") or ""
    return mimetype.startswith("text/plain") or name.lower().endswith((".txt", ".md"))

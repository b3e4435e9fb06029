"""Per-message profiles (MSC4144): a bridge's content comes in, who it says has spoken goes out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from garden.archive.event import PROFILE_KEYS, JsonObject, MxcUri, get_mxc, get_object, get_text
from garden.conversations.names import clean_name
from garden.conversations.words import Words

_HTML_FALLBACK: Final = re.compile(r'<strong\s+data-mx-profile-fallback(?:="")?\s*>[^<]*</strong\s*>')


@dataclass(frozen=True, slots=True)
class Profile:
    """How one message wants its sender to be shown."""

    name: str
    """Empty where the sender's own name stays."""
    avatar: MxcUri | None
    keeps_avatar: bool
    """Whether the sender's own picture stays."""
    fallback: str
    """What stands before the words for clients that know no such profiles; empty where nothing does."""


def read_profile(content: JsonObject) -> Profile | None:
    """Read a message's profile; None where it has none."""
    source = next((found for key in PROFILE_KEYS if (found := get_object(content, key)) is not None), None)
    if source is None:
        return None
    name = get_text(source, "displayname") or ""
    return Profile(
        name=clean_name(name),
        avatar=get_mxc(source, "avatar_url"),
        keeps_avatar=source.get("avatar_url") is None and source.get("avatar_file") is None,
        fallback=f"{name}: " if name and source.get("has_fallback") is True else "",
    )


def strip_profile_fallback(words: Words, profile: Profile) -> Words:
    """Take out the name that a client has written before the words."""
    if not profile.fallback:
        return words
    formatted = words.formatted_body
    if formatted is not None:
        formatted = _HTML_FALLBACK.sub("", formatted, count=1)
    return Words(words.body.removeprefix(profile.fallback), formatted)

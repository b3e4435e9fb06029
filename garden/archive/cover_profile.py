"""Cover for whom a bridge speaks: a message comes in, its per-message profile goes out with another name.

One account of a bridge speaks for many people (MSC4144): where everybody has a cover, each of them has one of
their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from garden.archive.cover_text import Cover
from garden.archive.event import PROFILE_KEYS, JsonObject, UserId, get_object

_HTML_FALLBACK: Final = re.compile(
    r"<strong\b[^<>]*\bdata-mx-profile-fallback\b[^<>]*>[^<]*</strong\s*>", re.IGNORECASE
)
_PICTURES: Final = frozenset({"avatar_url", "avatar_file"})

Alias = tuple[UserId, Cover, str]
"""Who is named by which words, and what stands instead of them."""


def profile_person(sender: UserId, profile: JsonObject) -> UserId:
    """Return who a profile speaks for: an identifier with a blank in it, which no account has."""
    name = next((each for key in ("id", "displayname") if isinstance(each := profile.get(key), str)), "")
    return UserId(f"{sender} {name}") if name else sender


def has_profile(content: JsonObject) -> bool:
    """Whether a message, or the new wording in it, says for whom it speaks."""
    wording = get_object(content, "m.new_content") or {}
    return any(key in content or key in wording for key in PROFILE_KEYS)


def cover_profiles(
    content: JsonObject, sender: UserId, of: Callable[[UserId], Cover | None]
) -> tuple[JsonObject, list[Alias]]:
    """Cover whom a message says it speaks for, and return by what name they were called.

    Somebody counts as covered who is so by the profile's own identifier, or because the sender is. The name
    that a client puts before the words goes.
    """
    covered, aliases = _cover_wording(content, sender, of)
    wording = get_object(covered, "m.new_content")
    if wording is not None:
        new, more = _cover_wording(wording, sender, of)
        if more:
            covered, aliases = {**covered, "m.new_content": new}, [*aliases, *more]
    return covered, aliases


def _cover_wording(
    wording: JsonObject, sender: UserId, of: Callable[[UserId], Cover | None]
) -> tuple[JsonObject, list[Alias]]:
    covered: dict[str, object] = dict(wording)
    aliases: list[Alias] = []
    for key in PROFILE_KEYS:
        profile = get_object(wording, key)
        cover = _find_cover(profile, sender, of) if profile is not None else None
        if profile is None or cover is None:
            continue
        name = profile.get("displayname")
        name = name if isinstance(name, str) else ""
        aliases.append((profile_person(sender, profile), cover, name))
        covered = _drop_fallback(covered, name)
        covered[key] = {
            key: value for key, value in profile.items() if key not in _PICTURES | {"has_fallback"}
        } | {"id": cover.user_id, "displayname": cover.name}
    return (covered, aliases) if aliases else (wording, aliases)


def _find_cover(profile: JsonObject, sender: UserId, of: Callable[[UserId], Cover | None]) -> Cover | None:
    own = profile.get("id")
    cover = of(UserId(own)) if isinstance(own, str) else None
    return cover or of(profile_person(sender, profile)) or of(sender)


def _drop_fallback(wording: dict[str, object], name: str) -> dict[str, object]:
    body, html = wording.get("body"), wording.get("formatted_body")
    if isinstance(body, str) and name:
        wording["body"] = body.removeprefix(f"{name}: ")
    if isinstance(html, str):
        wording["formatted_body"] = _HTML_FALLBACK.sub("", html)
    return wording

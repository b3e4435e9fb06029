"""Covers: an event that names somebody comes in, the same event with other names in it goes out.

Pure. The archive covers people who have opted out or were forgotten, for good; a garden that shows pseudonyms
covers everybody on the way to the pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final, Protocol

from garden.archive.cover_profile import Alias, cover_profiles, has_profile, profile_person
from garden.archive.cover_text import (
    UNNAMED,
    Cover,
    Named,
    Reading,
    cover_identifiers,
    cover_text,
    read_text,
)
from garden.archive.event import (
    MAX_DEPTH,
    NOBODY,
    PROFILE_KEYS,
    Event,
    JsonObject,
    UserId,
    get_object,
    trim_source,
)
from garden.archive.written_text import find_tags
from garden.archive.written_user import is_user_id, may_name_user, read_written_users

__all__ = ["UNNAMED", "Cover", "Covers", "cover_event", "cover_source", "find_people"]

_HTML: Final = frozenset({"formatted_body", "m.html", "org.matrix.msc1767.html"})
_WORDS: Final = _HTML | {
    *("body", "caption", "description", "displayname", "filename", "name", "reason", "title", "topic"),
    *("m.message", "m.text", "org.matrix.msc1767.message", "org.matrix.msc1767.text"),
}
"""Keys of what people read; elsewhere an identifier stays one."""
_PLACES: Final = frozenset({"event_id", "pinned", "redacts", "replacement_room", "room_id"})
"""Keys of events and rooms, whose identifiers may hold any letter."""
_MEMBERSHIP: Final = ("membership", "join_authorised_via_users_server")


class Covers(Protocol):
    """Who is covered, and what they are called without it."""

    def of(self, user: UserId) -> Cover | None:
        """Return what stands instead of somebody; None where they stand as they are."""

    def bears(self, user: UserId, words: str) -> bool:
        """Whether words are a name that somebody bears or has borne; they come as `fold_name` has them."""


def cover_source(source: JsonObject, covers: Covers) -> JsonObject:
    """Return an event's JSON with everybody covered who is to be; the same object where nobody is.

    Of an event that is changed only what an archive keeps is left (`trim_source`). Identifiers of events and
    rooms, and addresses of files, stay.
    """
    sender, state_key = _text(source, "sender"), source.get("state_key")
    changed: dict[str, object] = {}
    if (cover := covers.of(UserId(sender))) is not None:
        changed["sender"] = cover.user_id
    if isinstance(state_key, str) and (key := _cover_key(state_key, covers)) != state_key:
        changed["state_key"] = key
    content = get_object(source, "content")
    if content is not None:
        about = (_text(source, "type"), UserId(sender), state_key if isinstance(state_key, str) else None)
        covered = _Coverer(covers).cover_content(content, about)
        changed |= {"content": covered} if covered is not content else {}
    because = get_object(source, "unsigned", "redacted_because")
    if because is not None and (covered := cover_source(because, covers)) is not because:
        changed["unsigned"] = {"redacted_because": covered}
    return trim_source(source) | changed if changed else source


def cover_event(
    event: Event, covers: Covers, named: Iterable[UserId] = (), beginnings: set[str] | None = None
) -> Event:
    """Return an event with everybody covered who is to be; the same object where nobody is.

    `named` are people of whom it is known that its words name them, `beginnings` the first words of all names
    (`name_beginning`), by which names are found faster.
    """
    cover = covers.of(event.sender)
    state_key, because = event.state_key, event.redacted_because
    coverer = _Coverer(covers, beginnings)
    coverer.meet((), named)
    content = coverer.cover_content(event.content, (event.type, event.sender, state_key))
    if state_key:
        state_key = _cover_key(state_key, covers)
    if because is not None:
        because = cover_source(because, covers)
    if (
        cover is None
        and content is event.content
        and state_key == event.state_key
        and because is event.redacted_because
    ):
        return event
    return replace(
        event,
        sender=cover.user_id if cover is not None else event.sender,
        content=content,
        state_key=state_key,
        redacted_because=because,
    )


def find_people(event: Event) -> Iterator[tuple[UserId, bool]]:
    """Yield everybody whom an event names, and whether they surely are somebody: words may only look so."""
    yield event.sender, True
    if event.state_key and is_user_id(event.state_key):
        yield UserId(event.state_key), True
    by = _text(event.redacted_because or {}, "sender")
    if is_user_id(by):
        yield UserId(by), True
    content = event.content
    if has_profile(content):
        for holder in (content, get_object(content, "m.new_content") or {}):
            profiles = (get_object(holder, key) for key in PROFILE_KEYS)
            yield from ((profile_person(event.sender, each), True) for each in profiles if each is not None)
    for key, text in _likely_texts(content):
        if key not in _WORDS and is_user_id(text):
            yield UserId(text), True
            continue
        tags = list(find_tags(text)) if key in _HTML else []
        for places in read_written_users(text, tags):
            yield from ((place.user, False) for place in places if place.is_certain)


class _Coverer:
    """Covers the people in one event's content, which is looked at before anything is changed.

    `beginnings` are the first words of all names, where they are known.
    """

    def __init__(self, covers: Covers, beginnings: set[str] | None = None) -> None:
        self._covers = covers
        self._named = Named(beginnings=beginnings)
        self._readings: dict[tuple[str, str], Reading] = {}

    def meet(self, aliases: Iterable[Alias], named: Iterable[UserId]) -> None:
        """Take in who is known to be named."""
        for user, cover, words in aliases:
            self._named.note(user, cover, words)
        for user in named:
            known = self._covers.of(user)
            if known is not None:
                self._named.note(user, known)

    def cover_content(self, content: JsonObject, about: tuple[str, UserId, str | None]) -> JsonObject:
        """Cover what an event says; `about` is its type, its sender and its state key."""
        kind, sender, state_key = about
        member = self._covers.of(UserId(state_key)) if kind == "m.room.member" and state_key else None
        if member is not None:
            content = {key: content[key] for key in _MEMBERSHIP if key in content}
            if content:
                content["displayname"] = member.name
        if has_profile(content):
            content, aliases = cover_profiles(content, sender, self._covers.of)
            self.meet(aliases, ())
        return self._cover_object(content, 0) if self._look(content) else content

    def _look(self, content: JsonObject) -> bool:
        """Gather whom an event names; say whether anybody of them is covered."""
        for key, text in _likely_texts(content):
            cover = self._covers.of(UserId(text)) if text.startswith("@") else None
            if cover is not None:
                self._named.note(UserId(text), cover)
            elif (key, text) not in self._readings:
                self._read(key, text)
        return bool(self._named.covers)

    def _read(self, key: str, text: str) -> None:
        reading = read_text(text, self._covers.of, is_html=key in _HTML)
        if reading is None:
            return
        self._readings[key, text] = reading
        for place, cover in reading.places:
            self._named.note(place.user, cover)
        for user, cover, words in reading.pill_words():
            self._named.note(user, cover, words)

    def _cover_object(self, source: JsonObject, depth: int) -> dict[str, object]:
        items = ((self._cover_text(key, ""), _role(source, key), value) for key, value in source.items())
        return {
            name: self._cover_value(value, role, depth + 1) for name, role, value in items if name != NOBODY
        }

    def _cover_value(self, value: object, role: str, depth: int) -> object:
        if isinstance(value, str):
            return self._cover_text(value, role)
        if depth > MAX_DEPTH:
            return None
        if isinstance(value, Mapping):
            return self._cover_object(value, depth)
        if isinstance(value, list):
            covered = (self._cover_value(each, role, depth + 1) for each in value)
            return [
                after for each, after in zip(value, covered, strict=True) if after != NOBODY or each == NOBODY
            ]
        return value

    def _cover_text(self, text: str, role: str) -> str:
        cover = self._covers.of(UserId(text)) if text.startswith("@") else None
        if cover is not None:
            return f"@{cover.name}" if role in _WORDS else cover.user_id
        reading = self._readings.get((role, text))
        if role in _WORDS:
            return cover_text(text, reading, self._named, self._covers.bears, is_html=role in _HTML)
        return cover_identifiers(reading) if reading is not None else text


def _likely_texts(content: JsonObject) -> Iterator[tuple[str, str]]:
    """Yield every text in which somebody may be named, and every such key, with what it is there for."""
    waiting: list[tuple[str, object]] = [("", content)]
    while waiting:
        role, value = waiting.pop()
        if isinstance(value, str):
            if ("@" in value or "%" in value or "&" in value or ":" in value) and _may_name(value, role):
                yield role, value
        elif isinstance(value, Mapping):
            waiting += [("", key) for key in value if "@" in key or "%" in key]
            waiting += [(_role(value, key), each) for key, each in value.items()]
        elif isinstance(value, list):
            waiting += [(role, each) for each in value]


def _may_name(text: str, role: str) -> bool:
    is_place = role in _PLACES and text[:1] in {"$", "!"} and not any(map(str.isspace, text))
    return not is_place and may_name_user(text)


def _role(parent: JsonObject, key: str) -> str:
    """Return what a text is there for: its key, or HTML's where an extensible event says so (MSC1767)."""
    return "formatted_body" if key == "body" and parent.get("mimetype") == "text/html" else key


def _cover_key(key: str, covers: Covers) -> str:
    cover = covers.of(UserId(key))
    if cover is not None:
        return cover.user_id
    reading = read_text(key, covers.of, is_html=False)
    return cover_identifiers(reading) if reading is not None else key


def _text(source: JsonObject, key: str) -> str:
    value = source.get(key)
    return value if isinstance(value, str) else ""

"""Changes: state events come in, in the server's order; what each says for people goes out.

What stood before is known from the timeline alone, never from what a server adds to an event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from garden.archive.event import Event, JsonObject, get_mxc, get_object, get_text
from garden.conversations.conversation import Change, ChangeKind
from garden.conversations.label import clean_label
from garden.conversations.words import read_words

_LONGEST_VALUE: Final = 500
_Value = tuple[object, str]
"""What a state event sets, to be compared, and as a line for people."""


class Changes:
    """What the state of a room was after the events that were noted so far, as far as people are told."""

    def __init__(self) -> None:
        self._stood: dict[tuple[str, str], object] = {}

    def note(self, event: Event) -> Change | None:
        """Take in a state event other than a membership; None where it changes nothing that is told.

        A redacted event says nothing, but what it had set is gone.
        """
        kind = _KINDS.get(event.type)
        if kind is None or event.state_key is None or (event.state_key and kind is not ChangeKind.WIDGET):
            return None
        place = (_PLACES.get(event.type, event.type), event.state_key)
        now, value = _READERS[kind](event.content)
        before = self._stood.get(place, _NOTHING[kind])
        self._stood[place] = now
        if now == before or event.redacted_because is not None:
            return None
        return Change(kind, value)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands with a room."""

    membership: str
    """`join`, `invite`, `leave`, `ban`, `knock`; empty where nothing was said yet."""
    name: str
    """What they call themselves."""


def read_standing(event: Event, name: str) -> Standing:
    """Read a membership event of somebody who now calls themselves `name`."""
    return Standing(get_text(event.content, "membership") or "", name)


def compare_standing(event: Event, before: Standing, after: Standing) -> ChangeKind | None:
    """Say what a membership event means, from what stood before in the timeline (`m.room.member`).

    A refused or withdrawn invitation, a lifted ban, a knock and a new picture make no line.
    """
    if event.redacted_because is not None:
        return None
    if before.membership == after.membership:
        renamed = after.membership == "join" and before.name != after.name
        return ChangeKind.RENAME if renamed else None
    if after.membership == "leave" and before.membership in {"", "join"}:
        return ChangeKind.LEAVE if event.sender == event.state_key else ChangeKind.KICK
    return _ENTRIES.get(after.membership)


_ENTRIES: Final = {"join": ChangeKind.JOIN, "invite": ChangeKind.INVITE, "ban": ChangeKind.BAN}


def read_topic(content: JsonObject) -> str:
    """Return a topic's plain text, on one line (`m.room.topic`, also as an extensible event)."""
    words = read_words(get_object(content, "m.topic"))
    return clean_label(get_text(content, "topic") or (words.body if words else ""), _LONGEST_VALUE)


def _read_created(_content: JsonObject) -> _Value:
    return True, ""


def _read_upgraded(content: JsonObject) -> _Value:
    return get_text(content, "replacement_room") or None, ""


def _read_name(content: JsonObject) -> _Value:
    name = clean_label(get_text(content, "name") or "", _LONGEST_VALUE)
    return name, name


def _read_topic(content: JsonObject) -> _Value:
    topic = read_topic(content)
    return topic, topic


def _read_avatar(content: JsonObject) -> _Value:
    return get_mxc(content, "url"), ""


def _read_pins(content: JsonObject) -> _Value:
    pinned = content.get("pinned")
    return [each for each in pinned if isinstance(each, str)] if isinstance(pinned, list) else [], ""


def _read_widget(content: JsonObject) -> _Value:
    """A widget without an address is one that was taken away."""
    url, kind = get_text(content, "url"), get_text(content, "type") or ""
    if not url:
        return None, ""
    name = clean_label(get_text(content, "name") or kind, _LONGEST_VALUE)
    return (url, kind, name), name


_READERS: Final[Mapping[ChangeKind, Callable[[JsonObject], _Value]]] = {
    ChangeKind.CREATED: _read_created,
    ChangeKind.UPGRADED: _read_upgraded,
    ChangeKind.NAME: _read_name,
    ChangeKind.TOPIC: _read_topic,
    ChangeKind.AVATAR: _read_avatar,
    ChangeKind.PINS: _read_pins,
    ChangeKind.WIDGET: _read_widget,
}
_NOTHING: Final[Mapping[ChangeKind, object]] = {
    ChangeKind.CREATED: None,
    ChangeKind.UPGRADED: None,
    ChangeKind.NAME: "",
    ChangeKind.TOPIC: "",
    ChangeKind.AVATAR: None,
    ChangeKind.PINS: [],
    ChangeKind.WIDGET: None,
}
"""What stands before the first event of a kind."""
_KINDS: Final = {
    "m.room.create": ChangeKind.CREATED,
    "m.room.tombstone": ChangeKind.UPGRADED,
    "m.room.name": ChangeKind.NAME,
    "m.room.topic": ChangeKind.TOPIC,
    "m.room.avatar": ChangeKind.AVATAR,
    "m.room.pinned_events": ChangeKind.PINS,
    "im.vector.modular.widgets": ChangeKind.WIDGET,
    "m.widget": ChangeKind.WIDGET,
}
_PLACES: Final = {"im.vector.modular.widgets": "m.widget"}
"""Older names of a type."""

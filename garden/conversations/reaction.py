"""Reactions: each comes in as an event, all of one message go out by key, in order of first use."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from garden.archive.event import Event, EventId, MxcUri, UserId, get_mxc, get_text
from garden.conversations.conversation import Reaction
from garden.conversations.label import clean_label
from garden.conversations.relation import relation_target

_LONGEST_KEY: Final = 40
"""Characters of a reaction that are shown; emoji sequences stay far below."""
_SHORTCODE_KEYS: Final = ("shortcode", "com.beeper.reaction.shortcode")
_NAMELESS_EMOJI: Final = "\N{FRAME WITH PICTURE}\ufe0f"


@dataclass(slots=True)
class _Count:
    key: str
    image: MxcUri | None
    names: dict[UserId, str] = field(default_factory=dict)


class Reactions:
    """The reactions to a room's messages, as they come."""

    def __init__(self) -> None:
        self._counts: dict[EventId, dict[str, _Count]] = defaultdict(dict)

    def note(self, event: Event, name: str) -> None:
        """Take in a reaction of somebody who is called `name`; a redacted one has lost its key."""
        target = relation_target(event.content, "m.annotation")
        if target is None or event.redacted_because is not None:
            return
        image = get_mxc(event.content, "m.relates_to", "key")
        key = _read_shortcode(event) if image is not None else _read_key(event)
        if key:
            counts = self._counts[target]
            count = counts.setdefault(image or _fold(key), _Count(key, image))
            count.names.setdefault(event.sender, name)

    def of(self, target: EventId) -> tuple[Reaction, ...]:
        """Return the reactions to one message."""
        return tuple(
            Reaction(count.key, tuple(count.names), tuple(count.names.values()), count.image)
            for count in self._counts.get(target, {}).values()
        )


def _read_key(event: Event) -> str:
    key = get_text(event.content, "m.relates_to", "key") or ""
    return "" if key.startswith("mxc:") else clean_label(unicodedata.normalize("NFC", key), _LONGEST_KEY)


def _read_shortcode(event: Event) -> str:
    """Return the name of a custom emoji (MSC4027) between colons."""
    written = next((code for key in _SHORTCODE_KEYS if (code := get_text(event.content, key))), "")
    name = clean_label(written.replace(":", " "), _LONGEST_KEY - 2).replace(" ", "_")
    return f":{name}:" if name else _NAMELESS_EMOJI


def _fold(key: str) -> str:
    """Variation selector 16 asks for colour: clients differ in whether they send it."""
    return key.replace("\ufe0f", "")

"""Gestures: an event by which somebody tends the garden comes in, what it asks for goes out.

A gesture is a reaction, or a message to the garden such as `!garden title Beans in winter`. Who may make
which is for the gate to say; here is only read what they mean.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from garden.archive.event import Event, EventId, get_text
from garden.archive.vocabulary import (
    ANSWER_REACTION,
    BUDDING_REACTION,
    EVERGREEN_REACTION,
    HIDE_REACTION,
    PLANT_REACTION,
)
from garden.conversations.edit import choose_wordings, gather_edits, is_original
from garden.conversations.label import clean_label
from garden.conversations.relation import relation_target, reply_target
from garden.conversations.tending import Stage
from garden.conversations.words import read_words, strip_reply_fallback

_LONGEST: Final = 400
"""Characters of what is asked: a summary is a sentence or two."""
_EMOJI_LOOK: Final = "\ufe0f"
"""Variation selector 16: clients differ in whether they send it."""
_UNSEEN: Final = dict.fromkeys(map(ord, "\u200b\u2060\ufeff"))
"""What shows nothing at all."""


class Verb(StrEnum):
    """What a gesture asks for; the value is the word behind `!garden`."""

    TITLE = "title"
    SUMMARY = "summary"
    TAG = "tag"
    UNTAG = "untag"
    STAGE = "stage"
    ANSWER = "answer"
    FEATURE = "feature"
    UNFEATURE = "unfeature"
    MERGE = "merge"
    SPLIT = "split"
    HIDE = "hide"
    UNHIDE = "unhide"


_POINTED: Final = frozenset({Verb.ANSWER, Verb.SPLIT})
"""What is said about one message: the words have to answer it."""
_WORDLESS: Final = frozenset({Verb.ANSWER, Verb.FEATURE, Verb.UNFEATURE, Verb.SPLIT, Verb.HIDE, Verb.UNHIDE})
"""What asks for nothing more; further words are a reason, for those in the room."""
_ALIASES: Final[Mapping[str, Verb]] = {"tags": Verb.TAG, "untags": Verb.UNTAG, "growth": Verb.STAGE}
_REACTIONS: Final[Mapping[str, tuple[Verb, str]]] = {
    PLANT_REACTION: (Verb.STAGE, Stage.SEEDLING),
    BUDDING_REACTION: (Verb.STAGE, Stage.BUDDING),
    EVERGREEN_REACTION: (Verb.STAGE, Stage.EVERGREEN),
    ANSWER_REACTION: (Verb.ANSWER, ""),
    HIDE_REACTION: (Verb.HIDE, ""),
}


@dataclass(frozen=True, slots=True)
class Gesture:
    """One thing that somebody asked for."""

    verb: Verb
    about: EventId
    """A message: it stands for its conversation, or is meant itself."""
    text: str = ""
    """What is asked, on one line; empty where the word says all, or takes back what was asked before."""


def read_gesture(event: Event) -> Gesture | None:
    """Read a reaction, or a message to the garden in the wording that counts; None where it asks for nothing.

    A message speaks of what it answers, else of the thread that it stands in.
    """
    if event.state_key is not None or event.redacted_because is not None:
        return None
    if event.type == "m.reaction":
        return _read_reaction(event)
    return _read_words(event) if event.type == "m.room.message" else None


def may_be_gesture(reaction: Event) -> bool:
    """Whether a reaction has a key that means something to the garden."""
    key = get_text(reaction.content, "m.relates_to", "key")
    return key is not None and fold_key(key) in _REACTIONS


def fold_key(key: str) -> str:
    """Return what reactions have in common that readers take for the same."""
    return unicodedata.normalize("NFC", key).replace(_EMOJI_LOOK, "").strip()


def settle_gestures(asked: Iterable[Event], turned: Iterable[Event]) -> Iterator[tuple[Event, EventId]]:
    """Yield reactions and messages to the garden in their last wording, each with the event that holds it.

    `asked` are reactions, messages to the garden and edits that speak to it; `turned` are edits that made
    something else of such a message, which asks for nothing then.
    """
    everything = tuple(asked)
    edits = gather_edits([*everything, *turned])
    for event in everything:
        if event.type == "m.reaction":
            yield event, event.event_id
        elif is_original(event):
            wordings = choose_wordings(event, edits.get(event.event_id, ()))
            if wordings:
                last = wordings[-1]
                relation = event.content.get("m.relates_to")
                content = {**last.content, "m.relates_to": relation} if relation is not None else last.content
                yield replace(event, content=content), last.event.event_id


def _read_reaction(event: Event) -> Gesture | None:
    target = relation_target(event.content, "m.annotation")
    found = _REACTIONS.get(fold_key(get_text(event.content, "m.relates_to", "key") or ""))
    return Gesture(found[0], target, found[1]) if target is not None and found is not None else None


def _read_words(event: Event) -> Gesture | None:
    """Only `m.text` speaks to the garden: notices are other programs'."""
    words = read_words(event.content) if get_text(event.content, "msgtype") == "m.text" else None
    if words is None:
        return None
    parts = strip_reply_fallback(words.body).translate(_UNSEEN).split(maxsplit=2)
    name = parts[1].casefold() if len(parts) > 1 else ""
    verb = _ALIASES.get(name) or (Verb(name) if name in frozenset(Verb) else None)
    answered, thread = reply_target(event.content), relation_target(event.content, "m.thread")
    about = answered or (thread if verb not in _POINTED else None)
    if verb is None or about is None:
        return None
    return _ask(verb, about, clean_label(parts[2], _LONGEST) if len(parts) > 2 else "")  # noqa: PLR2004 - words behind the two


def _ask(verb: Verb, about: EventId, text: str) -> Gesture | None:
    """Make sense of what was asked; None where there is none in it."""
    if verb in _WORDLESS:
        return Gesture(verb, about)
    if verb is Verb.STAGE:
        text = text.casefold()
        return Gesture(verb, about, text) if not text or text in frozenset(Stage) else None
    if verb in {Verb.TITLE, Verb.SUMMARY} or text:
        return Gesture(verb, about, text)
    return None

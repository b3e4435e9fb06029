"""Hearing: what people of a room have asked of the garden comes in; what counts of it goes out.

The gate hands over what anybody may read and nothing speaks against. Moderators may ask for everything;
whoever began a conversation may say which message answers it. In doubt something is hidden: asking for that
counts at once, while all the rest waits as long as messages do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from garden.archive.event import NOBODY, Event, EventId, UserId, get_text
from garden.conversations.curation import Grove, find_hidden
from garden.conversations.gesture import Gesture, Verb, fold_key, read_gesture, settle_gestures


@dataclass(frozen=True, slots=True)
class Asked:
    """A reaction or a message to the garden that may be heard."""

    event: Event
    is_ripe: bool
    """Whether it came long enough ago to be published, if it were for readers."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What counts."""

    gestures: tuple[Event, ...] = ()
    """Reactions and messages in their last wording, in the server's order; `read_gesture` reads them."""
    wordings: frozenset[EventId] = frozenset()
    """The messages and edits that hold those wordings: they stay as they are."""
    hidden: frozenset[EventId] = frozenset()
    """Messages that are hidden by themselves, or as the first of a conversation."""


def hear(
    asked: Sequence[Asked],
    turned: Iterable[Event],
    kept: Iterable[Event],
    is_moderator: Callable[[UserId], bool],
    planting: str = "",
) -> Heard:
    """Choose among what was asked, in the server's order.

    `turned` are edits that made something else of a message to the garden, `kept` is what may be published;
    a reaction with the key `planting` plants, and asks for nothing else.
    """
    if not asked:
        return Heard()
    unripe = {each.event.event_id for each in asked if not each.is_ripe}
    read = list(_read([each.event for each in asked], turned, fold_key(planting)))
    allowed = list(_allow(read, kept, is_moderator))
    counting = [
        each
        for each in allowed
        if each.gesture.verb is Verb.HIDE or not unripe & {each.event.event_id, each.holder}
    ]
    return Heard(
        gestures=tuple(each.event for each in counting),
        wordings=frozenset(each.holder for each in allowed if each.event.type != "m.reaction"),
        hidden=find_hidden(each.gesture for each in counting),
    )


@dataclass(frozen=True, slots=True)
class _Read:
    event: Event
    holder: EventId
    """The event that holds the wording."""
    gesture: Gesture


def _read(asked: Iterable[Event], turned: Iterable[Event], planting: str) -> Iterator[_Read]:
    for event, holder in settle_gestures(asked, turned):
        plants = event.type == "m.reaction" and planting and _key(event) == planting
        gesture = read_gesture(event) if not plants and event.sender != NOBODY else None
        if gesture is not None:
            yield _Read(event, holder, gesture)


def _allow(
    read: Sequence[_Read], kept: Iterable[Event], is_moderator: Callable[[UserId], bool]
) -> Iterator[_Read]:
    """Leave out what its sender may not ask for."""
    others = [
        each for each in read if each.gesture.verb is Verb.ANSWER and not is_moderator(each.event.sender)
    ]
    askers = _find_askers([each.gesture.about for each in others], kept) if others else {}
    for each in read:
        sender = each.event.sender
        if is_moderator(sender) or (
            each.gesture.verb is Verb.ANSWER and askers.get(each.gesture.about) == sender
        ):
            yield each


def _find_askers(answers: Iterable[EventId], kept: Iterable[Event]) -> dict[EventId, UserId]:
    """Return for each message who began its conversation."""
    everything = tuple(kept)
    grove = Grove(everything)
    tops = {answer: grove.top(answer) for answer in answers}
    wanted = frozenset(tops.values())
    senders = {event.event_id: event.sender for event in everything if event.event_id in wanted}
    return {answer: senders[top] for answer, top in tops.items() if top in senders}


def _key(event: Event) -> str:
    return fold_key(get_text(event.content, "m.relates_to", "key") or "")

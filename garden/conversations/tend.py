"""Tend: conversations, and what people asked of them, come in; conversations with their tending go out.

What was asked in the room comes first, in the server's order, so that the latest counts; then what files in
git say, which wins: whoever keeps a garden in git sees there what it says, and answers for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from garden.archive.event import EventId
from garden.conversations.conversation import Conversation, ConversationKind, Message
from garden.conversations.gesture import Gesture, Verb
from garden.conversations.rearrange import Merging, find_homes, lift, merge, split
from garden.conversations.tending import GivenTending, Stage, Tending

_MOST_TITLES: Final = 20
"""Former titles that are remembered of one conversation."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What people want of one room's conversations."""

    gestures: Sequence[Gesture] = ()
    """From the room, in the server's order."""
    given: Sequence[GivenTending] = ()
    """From files, the one that counts last; each points at events only."""
    find: Callable[[str], EventId | None] = lambda _: None
    """What a link in a gesture leads to."""


def tend_conversations(
    conversations: Sequence[Conversation], messages: Iterable[Message], wanted: Wanted
) -> tuple[list[Conversation], list[str]]:
    """Rearrange conversations and say of each what was decided; also return what could not be done.

    `messages` are those of all the conversations, in the server's order.
    What is said of a message that is nowhere, perhaps since nobody may read it, says nothing.
    """
    if not wanted.gestures and not wanted.given:
        return list(conversations), []
    mergings, problems = _find_mergings(wanted)
    cuts = {each.about for each in wanted.gestures if each.verb is Verb.SPLIT}
    cuts |= {EventId(each) for given in wanted.given for each in given.split}
    moved = {event_id for each in mergings for event_id in (each.into, each.other)}
    arranged = list(split(lift(conversations, cuts | moved | _find_titled(wanted)), cuts))
    if mergings:
        order = {message.event_id: number for number, message in enumerate(messages)}
        arranged, more = merge(arranged, mergings, order)
        problems += more
    decided = list(_decide(arranged, wanted))
    return decided, [*problems, *_find_strayed(decided, wanted)]


def _find_mergings(wanted: Wanted) -> tuple[list[Merging], list[str]]:
    mergings, problems = [], []
    for gesture in wanted.gestures:
        if gesture.verb is Verb.MERGE:
            where = f"!garden merge {gesture.text}"
            other = wanted.find(gesture.text)
            if other is None:
                problems.append(f"{where}: this leads to no conversation of the room")
            else:
                mergings.append(Merging(gesture.about, other, where))
    mergings += [
        Merging(EventId(given.of), EventId(other), given.where)
        for given in wanted.given
        for other in given.merge
    ]
    return mergings, problems


def _find_titled(wanted: Wanted) -> set[EventId]:
    """Return the messages whose conversations have a title, for which a day's page has no place."""
    titles = {each.about: each.text for each in wanted.gestures if each.verb is Verb.TITLE}
    titles |= {EventId(given.of): given.title for given in wanted.given if given.title is not None}
    return {event_id for event_id, title in titles.items() if title}


def _decide(conversations: Sequence[Conversation], wanted: Wanted) -> Iterator[Conversation]:
    about = {each.about for each in wanted.gestures} | {EventId(each.of) for each in wanted.given}
    homes = find_homes(conversations, about)
    decisions: dict[int, _Decision] = {}
    for gesture in wanted.gestures:
        if (number := homes.get(gesture.about)) is not None:
            decisions.setdefault(number, _Decision()).hear(gesture, conversations[number].root_id)
    for given in wanted.given:
        if (number := homes.get(EventId(given.of))) is not None:
            decisions.setdefault(number, _Decision()).read(given)
    for number, conversation in enumerate(conversations):
        if number in decisions and conversation.kind is not ConversationKind.DAY:
            yield replace(conversation, tending=decisions[number].settle())
        else:
            yield conversation


def _find_strayed(conversations: Sequence[Conversation], wanted: Wanted) -> Iterator[str]:
    """Yield which answers that files name stand in another conversation than they answer."""
    answers = [each for each in wanted.given if each.answer]
    homes = find_homes(
        conversations, {EventId(each) for given in answers for each in (given.of, given.answer or "")}
    )
    for given in answers:
        home = homes.get(EventId(given.of))
        if home is not None and homes.get(EventId(given.answer or "")) != home:
            yield f"{given.where}: the answer does not stand in this conversation"


class _Decision:
    """What was asked of one conversation so far; what comes later counts."""

    def __init__(self) -> None:
        self._tending = Tending()
        self._titles: dict[str, None] = {}
        self._tags: dict[str, str] = {}
        self._tags_off: dict[str, str] = {}

    def settle(self) -> Tending:
        titles = [title for title in self._titles if title != self._tending.title]
        return replace(
            self._tending,
            tags=tuple(self._tags.values()),
            tags_off=tuple(self._tags_off.values()),
            former_titles=tuple(titles[-_MOST_TITLES:]),
        )

    def hear(self, gesture: Gesture, root_id: EventId | None) -> None:
        """Take in a gesture; the first message of a conversation cannot be the answer to itself."""
        text = gesture.text
        match gesture.verb:
            case Verb.TITLE:
                self._set_title(text)
            case Verb.SUMMARY:
                self._set(summary=text)
            case Verb.TAG | Verb.UNTAG:
                self._set_tags(_read_tags(text), on=gesture.verb is Verb.TAG)
            case Verb.STAGE:
                self._set(stage=Stage(text) if text else None)
            case Verb.ANSWER if gesture.about != root_id:
                self._set(answer=gesture.about)
            case Verb.FEATURE | Verb.UNFEATURE:
                self._set(featured=gesture.verb is Verb.FEATURE)

    def read(self, given: GivenTending) -> None:
        """Take in what a file says."""
        self._titles |= dict.fromkeys(given.former_titles)
        if given.title is not None:
            self._set_title(given.title)
        if given.summary is not None:
            self._set(summary=given.summary)
        if given.tags is not None:
            self._tags.clear()
            self._set_tags(given.tags, on=True)
        if given.growth is not None:
            self._set(stage=given.growth)
        if given.answer is not None:
            self._set(answer=EventId(given.answer))
        if given.featured is not None:
            self._set(featured=given.featured)

    def _set(self, **values: object) -> None:
        self._tending = replace(self._tending, **values)  # type: ignore[arg-type]

    def _set_title(self, title: str) -> None:
        self._set(title=title)
        if title:
            # What is said again is the newest.
            self._titles.pop(title, None)
            self._titles[title] = None

    def _set_tags(self, tags: Iterable[str], *, on: bool) -> None:
        into, out_of = (self._tags, self._tags_off) if on else (self._tags_off, self._tags)
        for tag in tags:
            key = "-".join(tag.casefold().split())
            into.setdefault(key, tag)
            out_of.pop(key, None)


def _read_tags(text: str) -> list[str]:
    """Read `beans, seed storage` or `#beans #storage`."""
    parts = text.split(",") if "," in text or not text.startswith("#") else text.split()
    return [tag for part in parts if (tag := part.strip().lstrip("#").strip())]

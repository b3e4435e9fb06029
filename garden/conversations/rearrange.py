"""Rearranging: conversations as they were held come in, as somebody wants to read them they go out.

A message that stands on the page of its day can be lifted to a page of its own, a conversation can be split
at a message, and two can be merged, in this order. Whatever is asked, every message stays in one
conversation, and what cannot be done is left as it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from garden.archive.event import EventId
from garden.conversations.conversation import Conversation, ConversationKind, Message, MessageKind


@dataclass(frozen=True, slots=True)
class Merging:
    """That one conversation takes in another."""

    into: EventId
    """A message of the one."""
    other: EventId
    """A message of the other."""
    where: str
    """Who asks for it, for messages to the admin."""


def lift(conversations: Sequence[Conversation], wanted: Collection[EventId]) -> list[Conversation]:
    """Give messages that stand on a day's page a page of their own, with the chain of replies around them."""
    days = [each for each in conversations if each.kind is ConversationKind.DAY]
    if not wanted or not any(message.event_id in wanted for day in days for message in day.messages):
        return list(conversations)
    groups = _gather_wanted([message for day in days for message in day.messages], wanted)
    lifted = {message.event_id for group in groups.values() for message in group}
    talks = [each for each in conversations if each.kind is not ConversationKind.DAY]
    talks += [
        Conversation(ConversationKind.CHAIN, group[0].room_id, tuple(group), root)
        for root, group in groups.items()
    ]
    return [*talks, *_without(days, lifted)]


def split(conversations: Iterable[Conversation], cuts: Collection[EventId]) -> Iterator[Conversation]:
    """Let another conversation begin at each message to cut at, with all that comes after it.

    Nothing is cut where one of the parts would have nobody who speaks.
    """
    for conversation in conversations:
        if conversation.kind is ConversationKind.DAY or not cuts:
            yield conversation
        else:
            yield from _split(conversation, cuts)


def merge(
    conversations: Sequence[Conversation], mergings: Iterable[Merging], order: Mapping[EventId, int]
) -> tuple[list[Conversation], list[str]]:
    """Let conversations take in others; also return what could not be done, in words for the admin.

    `order` is the place of each message in the server's order. Of two that are to take in one another the one
    that was asked for first counts.
    """
    asked = list(mergings)
    homes = find_homes(conversations, {event_id for each in asked for event_id in (each.into, each.other)})
    union = _Union()
    problems = []
    done: set[tuple[int, int]] = set()
    for each in asked:
        into, other = homes.get(each.into), homes.get(each.other)
        if into is None or (into, other) in done:
            continue
        if other is None:
            problems.append(f"{each.where}: what is to be merged leads to no conversation of this room")
        elif ConversationKind.DAY in {conversations[into].kind, conversations[other].kind}:
            problems.append(f"{each.where}: what is said on a day cannot be merged as a whole")
        elif union.join(into, other):
            done.add((into, other))
        else:
            problems.append(f"{each.where}: this conversation cannot be merged into itself")
    if not union.parents:
        return list(conversations), problems
    return list(_merge(conversations, union, order)), problems


def find_homes(conversations: Sequence[Conversation], wanted: Collection[EventId]) -> dict[EventId, int]:
    """Return the number of the conversation that holds each message, or that began with it."""
    homes: dict[EventId, int] = {}
    if not wanted:
        return homes
    for number, conversation in enumerate(conversations):
        if conversation.root_id is not None and conversation.root_id in wanted:
            homes[conversation.root_id] = number
        for message in conversation.messages:
            if message.event_id in wanted:
                homes[message.event_id] = number
    return homes


class _Union:
    """Which conversation each has been taken in by."""

    def __init__(self) -> None:
        self.parents: dict[int, int] = {}

    def find(self, number: int) -> int:
        while number in self.parents:
            number = self.parents[number]
        return number

    def join(self, into: int, other: int) -> bool:
        """Take in the other; False where it would be taken in by itself."""
        into, other = self.find(into), self.find(other)
        if into == other:
            return False
        self.parents[other] = into
        return True


def _merge(
    conversations: Sequence[Conversation], union: _Union, order: Mapping[EventId, int]
) -> Iterator[Conversation]:
    taken: dict[int, list[Message]] = {}
    for number in union.parents:
        taken.setdefault(union.find(number), []).extend(conversations[number].messages)
    for number, conversation in enumerate(conversations):
        if number in taken:
            messages = [*conversation.messages, *taken[number]]
            messages.sort(key=lambda message: order.get(message.event_id, 0))
            yield replace(conversation, messages=tuple(messages))
        elif number not in union.parents:
            yield conversation


def _split(conversation: Conversation, cuts: Collection[EventId]) -> Iterator[Conversation]:
    parts: list[list[Message]] = [[]]
    for message in conversation.messages:
        # What was said before the first cut stays, and so does a root that nobody may read.
        if message.event_id in cuts and message.event_id != conversation.root_id and _speaks(parts[-1]):
            parts.append([])
        parts[-1].append(message)
    if len(parts) > 1 and not _speaks(parts[-1]):
        parts[-2:] = [parts[-2] + parts[-1]]
    yield replace(conversation, messages=tuple(parts[0]))
    for part in parts[1:]:
        yield replace(conversation, messages=tuple(part), root_id=part[0].event_id)


def _gather_wanted(messages: Iterable[Message], wanted: Collection[EventId]) -> dict[EventId, list[Message]]:
    """Gather by the message at the top of their replies, where one of them is wanted."""
    tops: dict[EventId, EventId] = {}
    groups: dict[EventId, list[Message]] = {}
    for message in messages:
        if message.is_spoken or message.kind is MessageKind.REMOVED:
            parent = message.reply_to
            top = tops.get(parent, message.event_id) if parent is not None else message.event_id
            tops[message.event_id] = top
            groups.setdefault(top, []).append(message)
    chosen = {tops[event_id] for event_id in wanted if event_id in tops}
    return {top: group for top, group in groups.items() if top in chosen and _speaks(group)}


def _without(days: Iterable[Conversation], lifted: Collection[EventId]) -> Iterator[Conversation]:
    """Yield what is left of days on which somebody still speaks."""
    for day in days:
        left = tuple(message for message in day.messages if message.event_id not in lifted)
        if _speaks(left):
            yield replace(day, messages=left)


def _speaks(messages: Iterable[Message]) -> bool:
    return any(message.is_spoken for message in messages)

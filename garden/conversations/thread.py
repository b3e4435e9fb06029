"""Group one room's messages into conversations, so that every message has exactly one home.

A Matrix thread is a conversation; so is a chain of replies that is long enough; what is left over is
gathered by day, and with it what the room has to say about itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from garden.archive.event import EventId
from garden.conversations.conversation import Conversation, ConversationKind, Message, MessageKind


def thread_conversations(
    messages: Sequence[Message], *, min_messages: int = 3, show_removed: bool = True
) -> list[Conversation]:
    """Group messages, given in the server's order, into threads, reply chains and days.

    `min_messages` is how many messages make a reply chain a page of its own; a removed one counts, so that a
    page outlives its root. A removed message is kept where others answer it and `show_removed` is true, and
    is left out elsewhere. Changes of the room, calls and encrypted messages stand on the page of their day,
    where there is one: every conversation has somebody who speaks.
    """
    talk = [message for message in messages if not _is_quiet(message)]
    by_id = {message.event_id: message for message in talk}
    threads = _group_threads(talk, by_id)
    in_threads = {message.event_id for group in threads.values() for message in group}
    rest = [message for message in talk if message.event_id not in in_threads]
    chains = _group_chains(rest, min_messages)
    in_chains = {message.event_id for group in chains.values() for message in group}
    left = _drop_bare_removals(messages, rest, in_threads | in_chains)
    days = _group_days(left)
    conversations = [
        *_conversations(ConversationKind.THREAD, threads),
        *_conversations(ConversationKind.CHAIN, chains),
        *(
            Conversation(ConversationKind.DAY, group[0].room_id, tuple(group), day=day)
            for day, group in sorted(days.items())
        ),
    ]
    return conversations if show_removed else [_without_removed(each) for each in conversations]


def _is_quiet(message: Message) -> bool:
    return not message.is_spoken and message.kind is not MessageKind.REMOVED


def _speaks(group: Iterable[Message]) -> bool:
    return any(message.is_spoken for message in group)


def _without_removed(conversation: Conversation) -> Conversation:
    """Leave out what was removed only now: it still says which page the others stand on."""
    kept = tuple(message for message in conversation.messages if message.kind is not MessageKind.REMOVED)
    return replace(conversation, messages=kept)


def _conversations(
    kind: ConversationKind, groups: Mapping[EventId, Sequence[Message]]
) -> Iterable[Conversation]:
    return (Conversation(kind, group[0].room_id, tuple(group), root) for root, group in groups.items())


def _group_threads(
    messages: Iterable[Message], by_id: Mapping[EventId, Message]
) -> dict[EventId, list[Message]]:
    """Gather threads by root; a thread that hangs on a message of another thread joins that one."""
    roots = {message.thread_root for message in messages if message.thread_root is not None}
    tops: dict[EventId, EventId] = {}
    groups: dict[EventId, list[Message]] = defaultdict(list)
    for message in messages:
        if message.thread_root is not None or message.event_id in roots:
            groups[_top_root(message.event_id, by_id, tops)].append(message)
    return {root: group for root, group in groups.items() if _speaks(group)}


def _top_root(event_id: EventId, by_id: Mapping[EventId, Message], tops: dict[EventId, EventId]) -> EventId:
    """Follow thread relations to the top; in a forged cycle the smallest identifier is the top.

    `tops` remembers what was found, since a forged chain may be as long as the room.
    """
    path: dict[EventId, int] = {}
    current = event_id
    while current not in tops and current not in path:
        path[current] = len(path)
        message = by_id.get(current)
        if message is None or message.thread_root is None:
            tops[current] = current
        else:
            current = message.thread_root
    top = tops[current] if current in tops else min(list(path)[path[current] :])
    tops.update(dict.fromkeys(path, top))
    return top


def _group_chains(messages: Iterable[Message], min_messages: int) -> dict[EventId, list[Message]]:
    """Gather messages by the message at the top of their replies."""
    tops: dict[EventId, EventId] = {}
    groups: dict[EventId, list[Message]] = defaultdict(list)
    for message in messages:
        # A reply can only answer what came before it, so one pass in the server's order finds every top.
        parent = message.reply_to
        top = tops.get(parent, message.event_id) if parent is not None else message.event_id
        tops[message.event_id] = top
        groups[top].append(message)
    return {top: group for top, group in groups.items() if len(group) >= min_messages and _speaks(group)}


def _drop_bare_removals(
    messages: Iterable[Message], rest: Iterable[Message], homed: set[EventId]
) -> list[Message]:
    """Return what has no home yet, without those removed messages that nothing of `rest` answers."""
    answered = {message.reply_to for message in rest}
    return [
        message
        for message in messages
        if message.event_id not in homed
        and (message.kind is not MessageKind.REMOVED or message.event_id in answered)
    ]


def _group_days(messages: Iterable[Message]) -> dict[date, list[Message]]:
    days: dict[date, list[Message]] = defaultdict(list)
    for message in messages:
        days[datetime.fromtimestamp(message.sent_at / 1000, UTC).date()].append(message)
    return {day: group for day, group in days.items() if _speaks(group)}

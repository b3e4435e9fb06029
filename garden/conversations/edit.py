"""Edits: a message and the edits of it come in, the wordings that count go out, in order.

Nothing is taken from what a server bundles, and an edit by anybody but the sender does not count
(client-server API, "Event replacements").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from garden.archive.event import Event, EventId, JsonObject, get_object
from garden.conversations.conversation import MessageKind
from garden.conversations.relation import relation_target
from garden.conversations.saying import Saying, is_message, read_saying


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording of a message: the first one, or an edit's."""

    event: Event
    content: JsonObject
    saying: Saying


def edit_target(event: Event) -> EventId | None:
    """Return the message that an event gives another wording; a redacted edit gives none."""
    if "m.relates_to" not in event.content or event.state_key is not None:
        return None
    if event.redacted_because is not None or not is_message(event):
        return None
    return relation_target(event.content, "m.replace")


def is_original(event: Event) -> bool:
    """Whether an event is a message of its own, which edits can be of; an edit is none."""
    return (
        event.state_key is None and is_message(event) and relation_target(event.content, "m.replace") is None
    )


def gather_edits(events: Iterable[Event]) -> dict[EventId, list[Event]]:
    """Return the edits among events by the message that each is of, whoever sent them."""
    edits: dict[EventId, list[Event]] = defaultdict(list)
    for event in events:
        target = edit_target(event)
        if target is not None:
            edits[target].append(event)
    return dict(edits)


def own_edits(original: Event, edits: Iterable[Event]) -> list[Event]:
    """Return the edits by a message's own sender, oldest first, ties by identifier."""
    own = (original.room_id, original.sender, original.type)
    return sorted(
        (edit for edit in edits if (edit.room_id, edit.sender, edit.type) == own),
        key=lambda edit: (edit.sent_at, edit.event_id),
    )


def choose_wordings(original: Event, edits: Iterable[Event]) -> list[Wording]:
    """Return the wordings of a message that count, oldest first; none where the message is gone.

    The first is the message's own. Where the archive has blanked that, because an edit took its words away,
    it says nothing, and the edits that are left say what the message says now.
    """
    if original.redacted_because is not None:
        return []
    saying = read_saying(original.type, original.content)
    first = Wording(original, original.content, saying or Saying(MessageKind.OTHER))
    # A server that has emptied a message leaves nothing at all, and then its edits are as good as gone.
    read = _read_edits(first, own_edits(original, edits)) if original.content else []
    return [] if saying is None and not read else [first, *read]


def keeps_file(wordings: Sequence[Wording]) -> bool:
    """Whether the last wording shows the file that the first one names, because it names none itself."""
    attachment = wordings[0].saying.attachment
    return attachment is not None and wordings[-1].saying.attachment is attachment


def spread_edits(kept: Iterable[Event], held: Mapping[EventId, Event]) -> dict[EventId, EventId]:
    """Find what has to be held back together with what is held back already.

    A message goes with the last edit of it that counts, and the sender's edits go with their message: so
    neither former nor new words are shown. Returns for each of `kept` that goes the one of `held` that it
    goes with.
    """
    concerned = {*held, *(edit_target(event) for event in held.values())}
    among = [event for event in kept if event.event_id in concerned or edit_target(event) in concerned]
    messages = {event.event_id: event for event in (*among, *held.values())}
    going: dict[EventId, EventId] = {}
    for target, edits in gather_edits(messages.values()).items():
        message = messages.get(target)
        if message is None or not is_original(message):
            continue
        last = message if target in held else _last(message, edits)
        if last.event_id in held:
            group = (message, *own_edits(message, edits))
            going |= {event.event_id: last.event_id for event in group if event.event_id not in held}
    return going


def _last(message: Event, edits: Iterable[Event]) -> Event:
    wordings = choose_wordings(message, edits)
    return wordings[-1].event if wordings else message


def _read_edits(first: Wording, edits: Iterable[Event]) -> list[Wording]:
    """Read the edits of a message; none may make a poll something else, or something else a poll."""
    read = [wording for edit in edits if (wording := _read_edit(edit, first.saying)) is not None]
    is_blank = first.saying.kind is MessageKind.OTHER and not first.saying.body
    is_poll = any(map(_is_poll, read)) if is_blank else _is_poll(first)
    return [wording for wording in read if _is_poll(wording) is is_poll]


def _is_poll(wording: Wording) -> bool:
    return wording.saying.ballot is not None


def _read_edit(edit: Event, original: Saying) -> Wording | None:
    """Read an edit's wording; None where it has none.

    One that says nothing about the attachment keeps it, and changes the caption only.
    """
    content = get_object(edit.content, "m.new_content")
    saying = read_saying(edit.type, content) if content else None
    if content is None or saying is None or (saying.kind is MessageKind.OTHER and not saying.body):
        return None
    if saying.kind is original.kind and saying.attachment is None:
        saying = replace(saying, attachment=original.attachment)
    return Wording(edit, content, saying)

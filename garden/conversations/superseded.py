"""Superseded wordings: a room's events come in; those whose words an edit took away go out.

The archive lets those words go. What is left of such an event still says where the message stands.
"""

from __future__ import annotations

from collections.abc import Iterable

from garden.archive.event import Event, EventId
from garden.conversations.edit import choose_wordings, gather_edits, is_original, keeps_file, own_edits


def find_superseded(events: Iterable[Event]) -> dict[EventId, bool]:
    """Return the events whose words nobody reads any more because of an edit, and whose file has to stay.

    `events` passed the gate, apart from those that only wait. A message and its earlier edits are superseded
    by the last edit that counts; the edits of a message that was taken away are, too. The value is true for
    a message whose last wording names no file and shows the message's own. What has been blanked already is
    among the result for as long as its edit stands, so what was blanked and is not among it has to come back.
    """
    everything = tuple(events)
    messages = {event.event_id: event for event in everything}
    found: dict[EventId, bool] = {}
    for target, edits in gather_edits(everything).items():
        message = messages.get(target)
        if message is not None and is_original(message):
            found |= _judge_message(message, edits)
    return found


def _judge_message(message: Event, edits: Iterable[Event]) -> dict[EventId, bool]:
    own = own_edits(message, edits)
    if message.redacted_because is not None or not message.content:
        return {edit.event_id: False for edit in own}
    wordings = choose_wordings(message, own)
    if len(wordings) <= 1:
        return {}
    last = own.index(wordings[-1].event)
    earlier = {edit.event_id: False for edit in own[:last]}
    return {message.event_id: keeps_file(wordings), **earlier}

"""What points at a conversation or a message comes in, an address or a link; the event it means goes out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from garden.archive.event import EventId
from garden.archive.store import ArchiveStore
from garden.config import SiteConfig
from garden.config_checks import RefusedError
from garden.conversations.conversation import Message
from garden.conversations.tending import GivenTending
from garden.given import read_given_in_notes
from garden.given_keys import pointed_id, read_pointer
from garden.pages.address import local_target, message_anchor, page_id
from garden.pages.page import Note


def settle_given(
    config: SiteConfig, notes: Iterable[Note], store: ArchiveStore
) -> tuple[SiteConfig, tuple[str, ...]]:
    """Return the settings with all that files in git say of conversations, each known by its event.

    Also returns what cannot be understood or leads nowhere. Of several that speak of one conversation the
    last counts: `garden.toml` after notes.
    """
    noted, misread = read_given_in_notes(notes)
    given, strayed = resolve_given((*noted, *config.conversations), store)
    return replace(config, conversations=given), (*misread, *strayed)


def resolve_given(
    given: Iterable[GivenTending], store: ArchiveStore
) -> tuple[tuple[GivenTending, ...], tuple[str, ...]]:
    """Let everything that points at a message do so by the event's identifier.

    Also returns what leads to nothing that the archive has, in words for the admin; it is left out.
    """
    everything = tuple(given)
    asked = {pointer for each in everything for pointer in _pointers(each)}
    found = _find_events(asked, store) if asked else {}
    problems = tuple(
        f"{each.where}: {pointer} leads to no message in the archive"
        for each in everything
        for pointer in _pointers(each)
        if pointer not in found
    )
    return tuple(_point(each, found) for each in everything if each.of in found), problems


def find_linked(text: str, messages: Iterable[Message], base_url: str) -> EventId | None:
    """Return the message of a room that a link in somebody's words leads to, by Matrix or by the garden."""
    try:
        pointer = read_pointer(text.strip("<>"))
    except RefusedError:
        return None
    if pointer.startswith("$"):
        return EventId(pointer)
    letters = pointed_id(pointer) if local_target(base_url, pointer) is not None else None
    known = (message.event_id for message in messages)
    return next((each for each in known if letters in {page_id(each), message_anchor(each)}), None)


def _pointers(given: GivenTending) -> Iterator[str]:
    yield from (given.of, *given.merge, *given.split)
    if given.answer is not None:
        yield given.answer


def _point(given: GivenTending, found: Mapping[str, str]) -> GivenTending:
    answer = found.get(given.answer) if given.answer is not None else None
    merge = (found[each] for each in given.merge if each in found)
    split = (found[each] for each in given.split if each in found)
    return replace(given, of=found[given.of], answer=answer, merge=tuple(merge), split=tuple(split))


def _find_events(pointers: set[str], store: ArchiveStore) -> dict[str, str]:
    """Return the event that each pointer leads to; the letters of an address lead to where a page began."""
    direct = {pointer for pointer in pointers if pointer.startswith("$")}
    by_letters: dict[str | None, list[str]] = defaultdict(list)
    for pointer in pointers - direct:
        by_letters[pointed_id(pointer)].append(pointer)
    found: dict[str, str] = {}
    for record in store.rooms():
        for event_id in store.event_ids(record.room_id):
            if event_id in direct:
                found[event_id] = event_id
            for letters in (page_id(event_id), message_anchor(event_id)) if by_letters else ():
                if letters in by_letters:
                    found |= dict.fromkeys(by_letters[letters], event_id)
    return found

"""What may stand on disk: wishes, refusals and edits are carried out in the archive.

After every sync and import and before every build the archive is made to hold nothing that nobody may read:
what the gate refuses for good, what people took back, what an edit replaced, whom somebody asked to forget.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Final

from garden.admission import ACCOUNT, make_lasting_rules
from garden.archive.event import Event, EventId, RoomId, UserId
from garden.archive.store import ArchiveStore
from garden.archive.vocabulary import NOTICE, PREFERENCE, ROBOTS, VISIBILITY
from garden.archive.wish import collect_removals, collect_wishes, read_wish
from garden.bed import Bed, judge_bed, lay_beds
from garden.config import SiteConfig
from garden.conversations.edit import edit_target
from garden.conversations.superseded import find_superseded
from garden.conversations.sweep import find_banned
from garden.conversations.visibility import Judgement, Refusal
from garden.fingerprint import renderer_version, take_fingerprint

SPEAKS: Final = "speaks"
"""Under which it remembers that this account has told the members of a room who it is."""

_STAYS: Final = frozenset({Refusal.EVENT_FROM_FILE, Refusal.EVENT_OPTED_OUT})
"""What only a file has told stays, since no homeserver could tell it again once the admin vouches for it; of
those who opted out nothing is left that could go."""

_KEEPS_OUT: Final = frozenset({Refusal.ROOM_ENCRYPTED, Refusal.ROOM_ROBOTS, Refusal.ROOM_PREFERENCE})
"""What a room that can still be read says in order to be left alone."""
_RULING: Final = frozenset(
    {
        *("m.room.create", "m.room.encryption", "m.room.power_levels"),
        *("m.room.tombstone", PREFERENCE, ROBOTS, VISIBILITY),
    }
)
"""Types of state that say so, and who may say so; they hold no words."""


def honour_list(config: SiteConfig, store: ArchiveStore) -> None:
    """Take over whom `site.toml` leaves out, before anything comes in: not even for a moment is it kept."""
    store.wishes.set_listed([UserId(user) for user in config.consent.opt_out])
    store.honour_wishes()


def settle_archive(config: SiteConfig, store: ArchiveStore) -> None:
    """Carry out in the archive what settings, members and rooms ask; quick where nothing has changed."""
    honour_list(config, store)
    fingerprint = take_fingerprint(
        renderer_version(), config.consent, config.matrix.vouched_rooms, config.pages.history
    )
    if store.is_settled(fingerprint):
        return
    rules = make_lasting_rules(config.consent, store)
    beds = lay_beds(config, store, {})
    for bed in beds:
        _note_wishes(bed, judge_bed(bed, store, rules), store)
    store.honour_wishes()
    for bed in beds:
        _settle_bed(bed, judge_bed(bed, store, rules), store, keeps_history=config.pages.history)
    store.files.remove_unused()
    store.vacuum_traces()
    store.note_settled(fingerprint)


def _note_wishes(bed: Bed, judgement: Judgement, store: ArchiveStore) -> None:
    """Hear what members said to the garden, in rooms and periods that are closed as much as in others."""
    account = store.recall(ACCOUNT)
    for part in bed.parts:
        events = tuple(filter(_may_wish, store.events(part.room_id)))
        if any(event.event_id in judgement.notices and event.sender == account for event in events):
            store.remember(SPEAKS, "yes")
        for wish in collect_wishes(events, judgement.notices):
            store.wishes.note(wish.user, out=wish.out, at=wish.at, sign=wish.event_id)
        for removal in collect_removals(events):
            store.wishes.take_back(removal.user, removal.event_id, at=removal.at)


def _may_wish(event: Event) -> bool:
    """Whether an event may speak to the garden: few do, and only those are kept in memory."""
    if event.type == "m.room.message":
        return NOTICE in event.content or read_wish(event) is not None
    return event.type in {"m.reaction", "m.room.redaction"}


def _settle_bed(bed: Bed, judgement: Judgement, store: ArchiveStore, *, keeps_history: bool) -> None:
    refused = {each: reason for each, reason in judgement.refused.items() if not reason.waits}
    for part in bed.parts:
        room_id = part.room_id
        store.erase(room_id, find_banned(store.events(room_id), store.state(room_id)))
        standing = [event for event in store.events(room_id) if _stands(event, refused)]
        superseded = {} if keeps_history else find_superseded(standing)
        blanked = store.blanked(room_id)
        store.release_wordings(room_id, blanked - superseded.keys())
        files = {event_id for event_id, keeps_file in superseded.items() if keeps_file}
        store.erase_wordings(room_id, superseded.keys() - blanked, keep_file=files)
        if part.access.visibility is None:
            continue
        if judgement.room in _KEEPS_OUT:
            store.silence_room(room_id, but=_RULING)
        else:
            _erase_refused(room_id, refused, judgement.heard.wordings, store)
            store.erase(room_id, _find_sealed(standing, judgement.sealed, store.state(room_id)))


def _stands(event: Event, refused: Mapping[EventId, Refusal]) -> bool:
    """Whether an event takes part in what edits replace: as what is read, or as a wording before that."""
    reason = refused.get(event.event_id)
    was_turned_away = reason is Refusal.EVENT_COMMAND and edit_target(event) is not None
    return reason is None or (was_turned_away and edit_target(event) not in refused)


def _find_sealed(
    events: Iterable[Event], sealed: Container[EventId], state: Iterable[Event]
) -> list[EventId]:
    """Return what was set while the room was closed, but what still holds, and rules, which hold no words."""
    current = {event.event_id for event in state}
    return [
        event.event_id
        for event in events
        if event.event_id in sealed
        and event.event_id not in current
        and event.type not in _RULING
        and event.content
    ]


def _erase_refused(
    room_id: RoomId, refused: Mapping[EventId, Refusal], heard: Container[EventId], store: ArchiveStore
) -> None:
    """Empty what may not be published: an account that has joined is told more than the world.

    Messages to the garden stay recognisable as such, so that they are not taken for removed ones. Those that
    are `heard` were said in public, and every build reads them anew.
    """
    leaving = (each for each in refused if refused[each] not in _STAYS and each not in heard)
    going = store.known_ids(room_id, leaving)
    commands = {each for each in going if refused[each] is Refusal.EVENT_COMMAND}
    store.shorten_commands(room_id, commands)
    store.erase(room_id, going - commands)

"""Admission: what is known of a bed's rooms goes to the gate, what may be published of them comes out.

The gate itself is pure and stands in `garden.conversations.visibility`; here it gets what it has to know.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from garden.archive.event import Event, EventId, RoomId, UserId, get_text
from garden.archive.store import ArchiveStore
from garden.archive.vocabulary import VISIBILITY
from garden.config import ConsentSettings, SiteConfig, duration_ms
from garden.conversations.hearing import Heard
from garden.conversations.visibility import Judgement, RoomAccess, Rules, keep_publishable

ACCOUNT: Final = "account"
"""Under which the archive remembers the garden's own account in Matrix."""


def make_rules(config: SiteConfig, store: ArchiveStore, now_ms: int) -> Rules:
    """Return what `[consent]` asks at a moment, in milliseconds since 1970, and what the admin has hidden.

    What `config.conversations` points at is known by the identifiers of events (`resolve_given`).
    """
    consent = config.consent
    hidden = {EventId(each.of): each.hidden for each in config.conversations if each.hidden is not None}
    delay = duration_ms(consent.delay)
    account = store.recall(ACCOUNT)
    return Rules(
        ripe_before=now_ms - delay if delay else None,
        keep_closed=consent.when_closed == "keep",
        require_notice=consent.require_notice,
        curated=consent.publish == "curated",
        plant_with=consent.plant_with,
        account=UserId(account) if account else None,
        hidden=frozenset(event_id for event_id, is_hidden in hidden.items() if is_hidden),
        unhidden=frozenset(event_id for event_id, is_hidden in hidden.items() if not is_hidden),
    )


def make_lasting_rules(consent: ConsentSettings, store: ArchiveStore) -> Rules:
    """Return what decides over what may stay on disk: nothing that will look different tomorrow."""
    account = store.recall(ACCOUNT)
    return Rules(keep_closed=consent.when_closed == "keep", account=UserId(account) if account else None)


def read_access(room_id: RoomId, config: SiteConfig, store: ArchiveStore) -> RoomAccess:
    """Collect what is known about who may read a room."""
    record = store.room(room_id)
    synced = record is not None and record.origin == "homeserver"
    return RoomAccess(
        visibility=record.visibility if record is not None else None,
        vouched=room_id in config.matrix.vouched_rooms,
        at_first=_find_first_visibility(room_id, store) if synced else None,
        from_files=frozenset(store.file_only_ids(room_id)) if synced else frozenset(),
        private=frozenset(store.openings.list_private(room_id)) if synced else frozenset(),
        encrypted=any(
            (event.type, event.state_key) == ("m.room.encryption", "") for event in store.state(room_id)
        ),
    )


def _find_first_visibility(room_id: RoomId, store: ArchiveStore) -> str | None:
    """Return what the room's state says where the event that said so is older than the archive."""
    for event in store.state(room_id):
        if (event.type, event.state_key) == (VISIBILITY, ""):
            is_older = not store.known_ids(room_id, [event.event_id])
            return (get_text(event.content, "history_visibility") or "shared") if is_older else None
    return None


def merge_state(chain: Sequence[RoomId], store: ArchiveStore) -> tuple[Event, ...]:
    """Return the state of a chain of rooms: what a newer one does not say is as the older one left it."""
    merged: dict[tuple[str, str | None], Event] = {}
    for room_id in chain:
        # That an older room has moved says nothing of the one that it moved to.
        merged.pop(("m.room.tombstone", ""), None)
        merged |= {(event.type, event.state_key): event for event in store.state(room_id)}
    return tuple(merged.values())


def judge_rooms(rooms: Sequence[tuple[RoomId, RoomAccess]], store: ArchiveStore, rules: Rules) -> Judgement:
    """Hop 2, the gate: which events of a chain of rooms may be published, each by its own room's access.

    What the newest room says about publishing goes for all of them. The whole stays out where none of the
    rooms may be read.
    """
    state = merge_state([room_id for room_id, _ in rooms], store)
    judgements = [keep_publishable(store.events(room_id), access, state, rules) for room_id, access in rooms]
    return join_judgements(judgements)


def join_judgements(judgements: Sequence[Judgement]) -> Judgement:
    """Make one judgement of those of a chain of rooms, oldest first; there is at least one."""
    newest = judgements[-1]
    is_open = any(judgement.room is None for judgement in judgements)
    return Judgement(
        kept=_drop_repeated(event for judgement in judgements for event in judgement.kept),
        refused={
            event_id: judgement.room or reason
            for judgement in judgements
            for event_id, reason in judgement.refused.items()
        },
        sealed=frozenset[EventId]().union(*(judgement.sealed for judgement in judgements)),
        room=None if is_open else newest.room,
        against_room=() if is_open else newest.against_room,
        opening=newest.opening,
        notice=newest.notice,
        notices=tuple(notice for judgement in judgements for notice in judgement.notices),
        naming=newest.naming,
        index=newest.index,
        heard=Heard(
            gestures=tuple(each for judgement in judgements for each in judgement.heard.gestures),
            wordings=frozenset[EventId]().union(*(judgement.heard.wordings for judgement in judgements)),
            hidden=frozenset[EventId]().union(*(judgement.heard.hidden for judgement in judgements)),
        ),
    )


def _drop_repeated(events: Iterable[Event]) -> tuple[Event, ...]:
    """Identifiers of old room versions were made up by servers: one that comes again is a forgery."""
    kept: dict[EventId, Event] = {}
    for event in events:
        kept.setdefault(event.event_id, event)
    return tuple(kept.values())

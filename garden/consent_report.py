"""Why each room is published, or why not: what the gate found, for those who have to show it.

Archive and settings come in; for each room every rule with its answer goes out, and for one message, where
that is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from garden.admission import make_rules, merge_state
from garden.archive.event import EventId, RoomId
from garden.archive.store import ArchiveStore
from garden.bed import Bed, judge_bed, lay_beds, name_people
from garden.config import SiteConfig
from garden.conversations.conversation import Naming
from garden.conversations.explanation import Check, Explanation, check_room, explain
from garden.conversations.visibility import Judgement, Refusal, Rules
from garden.errors import OptionError
from garden.given import read_given_in_notes
from garden.pages.store import read_notes
from garden.pointing import resolve_given
from garden.target import find_target


@dataclass(frozen=True, slots=True)
class PartConsent:
    """One room, as far as it goes by itself: an upgraded one consists of several."""

    room_id: RoomId
    checks: tuple[Check, ...]
    kept: int
    """Messages, reactions and other events of people that are published."""
    refused: dict[Refusal, int]
    """How many each rule keeps back."""


@dataclass(frozen=True, slots=True)
class RoomConsent:
    """One room of the garden, with the rooms that it replaced."""

    name: str
    asked: tuple[str, ...]
    """The entries of `site.toml` that bring it into the garden."""
    published: bool
    parts: tuple[PartConsent, ...]
    """Oldest first."""
    naming: Naming
    index: bool
    """Whether search engines may list its pages."""
    opened_by: str | None
    """The identifier of who made it readable for everybody; None where that is not known."""
    opened_at: int | None
    """When that was, milliseconds since 1970."""
    notice: EventId | None


@dataclass(frozen=True, slots=True)
class ConsentReport:
    """All rooms of a garden, and how many wishes it keeps."""

    rooms: tuple[RoomConsent, ...]
    wishes: dict[str, int]
    """How many people, events and rooms are left out by wish; who and which nobody can read."""


def report_consent(folder: Path, config: SiteConfig, *, now_ms: int) -> ConsentReport:
    """Ask the gate about every room, as a build at `now_ms` would. Raises `ArchiveError`."""
    with ArchiveStore.open_existing(folder, config.key) as store:
        config = _with_given(folder, config, store)
        rules = make_rules(config, store, now_ms)
        rooms = tuple(_describe(bed, config, store, rules) for bed in lay_beds(config, store, {}))
        return ConsentReport(rooms, store.wishes.count())


def explain_event(folder: Path, config: SiteConfig, asked: str, *, now_ms: int) -> Explanation:
    """Ask the gate about one message, by its identifier or address. Raises `OptionError`, `ArchiveError`."""
    with ArchiveStore.open_existing(folder, config.key) as store:
        config = _with_given(folder, config, store)
        target = find_target(asked, config.site.base_url, store)
        found = None
        if target.kind == "event" and target.room_id is not None:
            found = _explain(EventId(target.identifier), target.room_id, config, store, now_ms)
        if found is None:
            raise OptionError(
                f"{asked} is no message of a room of this garden.",
                hint="Give an event's id, $…, or the address of a message; garden consent lists the rooms.",
            )
        return found


def _with_given(folder: Path, config: SiteConfig, store: ArchiveStore) -> SiteConfig:
    """Return settings with all that files say of conversations: what is hidden there is not published."""
    noted, _ = read_given_in_notes(read_notes(folder / "notes")[0])
    return replace(config, conversations=resolve_given((*noted, *config.conversations), store)[0])


def _explain(
    event_id: EventId, room_id: RoomId, config: SiteConfig, store: ArchiveStore, now_ms: int
) -> Explanation | None:
    rules = make_rules(config, store, now_ms)
    for bed in lay_beds(config, store, {}):
        state = merge_state([part.room_id for part in bed.parts], store)
        for part in bed.parts:
            if part.room_id == room_id:
                return explain(event_id, store.events(room_id), part.access, state, rules)
    return None


def _describe(bed: Bed, config: SiteConfig, store: ArchiveStore, rules: Rules) -> RoomConsent:
    judgement = judge_bed(bed, store, rules)
    opening = judgement.opening
    parts = []
    for part in bed.parts:
        is_whole = len(bed.parts) == 1
        alone = judgement if is_whole else judge_bed(Bed(bed.place, (part,)), store, rules)
        parts.append(_describe_part(part.room_id, alone, check_room(alone, part.access, rules)))
    return RoomConsent(
        name=bed.place.room.name,
        asked=_find_entries(bed, config, store),
        published=judgement.room is None,
        parts=tuple(parts),
        naming=name_people(config, judgement),
        index=judgement.index,
        opened_by=opening.by if opening is not None else None,
        opened_at=opening.at if opening is not None else None,
        notice=judgement.notice,
    )


def _describe_part(room_id: RoomId, judgement: Judgement, checks: tuple[Check, ...]) -> PartConsent:
    kept = sum(
        event.state_key is None and event.event_id not in judgement.refused for event in judgement.kept
    )
    return PartConsent(room_id, checks, kept, judgement.count_refusals())


def _find_entries(bed: Bed, config: SiteConfig, store: ArchiveStore) -> tuple[str, ...]:
    """Return what in `site.toml` names the room, itself or through a space."""
    ids = {part.room_id for part in bed.parts}
    matrix = config.matrix
    named = (*matrix.rooms, *matrix.spaces, *matrix.vouched_rooms)
    return tuple(dict.fromkeys(entry for entry in named if entry in ids or ids & {*store.selected(entry)}))

"""What a garden holds and what the next build would do with it, without building."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from garden.admission import make_rules
from garden.archive.store import ArchiveStore, RoomRecord
from garden.bed import grow_pages, judge_bed, lay_beds
from garden.config import SiteConfig
from garden.conversations.visibility import Judgement
from garden.given import read_given_in_notes
from garden.pages.store import read_notes
from garden.pointing import resolve_given


@dataclass(frozen=True, slots=True)
class RoomStatus:
    """One room that `site.toml` asks for, with the older rooms that it replaced."""

    room_id: str
    name: str
    events: int
    pages: int
    """Pages that the next build would make."""
    imported: bool
    """Whether everything known about it came from files."""
    synced_at: int | None
    """When the room was last brought up to date, milliseconds since 1970."""
    malformed: int
    """Events that cannot be read; they are kept and left out."""
    judgement: Judgement
    problem: str | None
    """Why the last sync could not read the room."""


@dataclass(frozen=True, slots=True)
class GardenStatus:
    """A garden as it stands."""

    rooms: tuple[RoomStatus, ...]
    notes: int
    unknown: tuple[str, ...]
    """Entries of `site.toml` for which nothing has been archived yet."""
    left_out: tuple[str, ...]
    """Archived rooms that `site.toml` does not ask for."""
    problems: tuple[str, ...]

    def refuses_something(self) -> bool:
        """Say whether an entry or a whole room would stay out."""
        return bool(self.unknown) or any(
            room.judgement.room is not None or room.problem for room in self.rooms
        )


def describe_garden(folder: Path, config: SiteConfig, *, now_ms: int) -> GardenStatus:
    """Look at archive and notes, as a build at `now_ms` would see them. Raises `ArchiveError`."""
    with ArchiveStore.open_existing(folder, config.key) as store:
        notes, problems = read_notes(folder / "notes")
        noted, misread = read_given_in_notes(notes)
        given, strayed = resolve_given((*noted, *config.conversations), store)
        config = replace(config, conversations=given)
        rules = make_rules(config, store, now_ms)
        records = {record.room_id: record for record in store.rooms()}
        beds = lay_beds(config, store, {})
        rooms = []
        for bed in beds:
            judgement = judge_bed(bed, store, rules)
            pages = sum(1 for _ in grow_pages(bed, judgement, store, config))
            parts = [records[part.room_id] for part in bed.parts]
            rooms.append(_describe_room(parts, bed.place.room.name, judgement, pages, store))
        chosen = {part.room_id for bed in beds for part in bed.parts}
        entries = (*config.matrix.rooms, *config.matrix.spaces, *config.matrix.vouched_rooms)
        return GardenStatus(
            rooms=tuple(rooms),
            notes=len(notes),
            unknown=tuple(entry for entry in entries if entry not in chosen and not store.selected(entry)),
            left_out=tuple(room_id for room_id in records if room_id not in chosen),
            problems=(*problems, *misread, *strayed),
        )


def _describe_room(
    parts: Sequence[RoomRecord], name: str, judgement: Judgement, pages: int, store: ArchiveStore
) -> RoomStatus:
    """An older room that cannot be read any more is no problem of the one that replaced it."""
    newest = parts[-1]
    return RoomStatus(
        room_id=newest.room_id,
        name=name,
        events=sum(store.count_events(part.room_id) for part in parts),
        pages=pages,
        imported=all(part.origin == "import" for part in parts),
        synced_at=newest.synced_at,
        malformed=sum(len(store.malformed(part.room_id)) for part in parts),
        judgement=judgement.without_events(),
        problem=newest.problem,
    )

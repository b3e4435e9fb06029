"""A garden describes itself: what it holds, what the next build would publish, and what it would refuse."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from garden.archive.event import RoomId
from garden.archive.store import ArchiveStore, RoomRecord
from garden.config import read_config
from garden.conversations.visibility import Refusal
from garden.errors import ArchiveError
from garden.status import GardenStatus, describe_garden
from tests.archive.material import ROOM, Json, event, message
from tests.smallholding import NOW_MS, bean_talk, bring, lay_out, plant, settings

OTHER = RoomId("!other:fen.example")


def describe(folder: Path) -> GardenStatus:
    return describe_garden(folder, read_config(folder / "site.toml"), now_ms=NOW_MS)


def with_room(events: list[Json], room: str) -> list[Json]:
    return [{**each, "room_id": room} for each in events]


def test_events_and_pages_are_counted_without_building(tmp_path: Path) -> None:
    plant(tmp_path, bean_talk())
    (tmp_path / "notes" / "jars.md").write_text("Jars.")
    status = describe(tmp_path)
    [room] = status.rooms
    assert (room.name, room.events, room.pages, room.malformed) == ("Bean room", 5, 2, 0)
    assert (room.imported, room.synced_at, room.problem) == (True, None, None)
    assert (status.notes, status.unknown, status.left_out, status.problems) == (1, (), (), ())
    assert not status.refuses_something()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["content_cache", "notes", "site.toml"]


def test_a_room_of_unknown_visibility_is_refused_as_a_whole(tmp_path: Path) -> None:
    lay_out(tmp_path, settings(rooms=[ROOM]))
    bring(tmp_path, bean_talk())
    status = describe(tmp_path)
    assert status.rooms[0].judgement.room is Refusal.ROOM_UNKNOWN
    assert status.rooms[0].pages == 0
    assert status.refuses_something()


def test_an_encrypted_room_is_refused_though_somebody_vouches(tmp_path: Path) -> None:
    plant(tmp_path, [*bean_talk(), event("locked", "m.room.encryption", {"algorithm": "x"}, state_key="")])
    assert describe(tmp_path).rooms[0].judgement.room is Refusal.ROOM_ENCRYPTED


def test_messages_of_closed_days_are_counted_by_their_reason(tmp_path: Path) -> None:
    lay_out(tmp_path, settings(rooms=[ROOM]))
    opened = event("o", "m.room.history_visibility", {"history_visibility": "world_readable"}, state_key="")
    bring(tmp_path, [message("secret", "Not for all."), opened, *bean_talk()])
    [room] = describe(tmp_path).rooms
    assert room.judgement.count_refusals() == {Refusal.EVENT_BEFORE_OPEN: 1}
    assert room.pages == 2


def test_what_cannot_be_read_is_counted_by_room(tmp_path: Path) -> None:
    plant(tmp_path, [*bean_talk(), message("x", "x") | {"sender": 5}])
    assert describe(tmp_path).rooms[0].malformed == 1


def test_entries_without_events_and_rooms_without_entry_are_named(tmp_path: Path) -> None:
    lay_out(tmp_path, settings(rooms=["#gone:fen.example", ROOM], vouched=[ROOM]))
    bring(tmp_path, [*bean_talk(), *with_room(bean_talk(), OTHER)])
    status = describe(tmp_path)
    assert status.unknown == ("#gone:fen.example",)
    assert status.left_out == (OTHER,)
    assert status.refuses_something()


def test_why_the_last_sync_could_not_read_a_room_is_remembered(tmp_path: Path) -> None:
    lay_out(tmp_path, settings(rooms=[ROOM]))
    with ArchiveStore.open(tmp_path) as store:
        store.save_room(replace(RoomRecord(ROOM), problem="it is closed", visibility="closed"))
    status = describe(tmp_path)
    assert status.rooms[0].problem == "it is closed"
    assert status.rooms[0].judgement.room is Refusal.ROOM_CLOSED
    assert status.refuses_something()


def test_a_note_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    plant(tmp_path, bean_talk())
    (tmp_path / "notes" / "broken.md").write_bytes(b"\xff")
    status = describe(tmp_path)
    assert status.notes == 0
    assert [problem.partition(":")[0] for problem in status.problems] == ["notes/broken.md"]


def test_before_the_first_sync_there_is_nothing_to_describe(tmp_path: Path) -> None:
    lay_out(tmp_path, settings())
    with pytest.raises(ArchiveError, match="nothing has been archived"):
        describe(tmp_path)

"""A garden whose archive was damaged says so, is mended, and after a sync is the garden that it was."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from garden.archive.credentials import TOKEN_FILE
from garden.archive.event import MxcUri, RoomId, UserId
from garden.archive.picture import clean_picture
from garden.archive.store import ArchiveStore
from garden.care.repair import Repair, repair_garden
from garden.config import read_config
from garden.durable import find_draft
from garden.errors import ArchiveError, GardenError
from garden.gather import sync_garden
from garden.lock import hold_garden
from garden.resources import demo_folder
from tests.archive.hostile_server import HostileServer
from tests.archive.material import BEN, ROOM, Json, message, picture, reply
from tests.loopback import one_room, server
from tests.smallholding import DAY, NOW_MS, bean_talk, build, lay_out, plant, read_site, settings
from tests.terminal import TOKEN, check_told, run, sync

PAGE = 4096


def talk() -> list[Json]:
    """Enough words for many pages of a database, some of them by somebody who is forgotten."""
    events = bean_talk()
    for number in range(60):
        at = number * DAY
        events += [
            message(f"q-{number}", f"Question {number}? " * 20, at=at),
            reply(f"a-{number}", f"q-{number}", f"Answer {number}. " * 20),
            reply(f"b-{number}", f"a-{number}", f"Thanks {number}.", sender="@cleo:fen.example"),
        ]
    return [event for event in events if event["sender"] != BEN or "dry" in str(event["event_id"])] + [
        message("bens", "Ben's own words.", sender=BEN)
    ]


@pytest.fixture
def homeserver() -> Iterator[HostileServer]:
    with server() as running:
        one_room(running, ROOM, talk())
        yield running


@pytest.fixture
def garden(homeserver: HostileServer, tmp_path: Path) -> Path:
    """A garden that was synced, from which somebody was forgotten, and that was built."""
    lay_out(tmp_path, settings(rooms=[ROOM], homeserver=homeserver.base_url))
    bring_up_to_date(tmp_path)
    with ArchiveStore.open_existing(tmp_path) as store:
        store.wishes.forget("user", BEN, at=1)
    bring_up_to_date(tmp_path)
    build(tmp_path)
    return tmp_path


def bring_up_to_date(folder: Path) -> None:
    result = sync_garden(folder, read_config(folder / "site.toml"), TOKEN, report=lambda *_: None)
    assert [room.problem for room in result.rooms] == [None]


def repair(folder: Path) -> Repair:
    config = read_config(folder / "site.toml")
    return repair_garden(folder, config, folder / "public", jobs=1, now_ms=NOW_MS, report=lambda *_: None)


def database(folder: Path) -> Path:
    return folder / "content_cache" / "events.sqlite3"


def header(data: bytearray) -> None:
    data[:100] = b"\xaa" * 100


def in_the_middle(data: bytearray) -> None:
    chance = random.Random(4)
    for number in (5, 17, 30, 42):
        start = data.index(f"Question {number}".encode()) // PAGE * PAGE
        data[start : start + PAGE] = chance.randbytes(PAGE)


def half(data: bytearray) -> None:
    del data[len(data) // 2 :]


def emptied(data: bytearray) -> None:
    data.clear()


def damage(folder: Path, how: Callable[[bytearray], None]) -> None:
    data = bytearray(database(folder).read_bytes())
    how(data)
    database(folder).write_bytes(data)


@pytest.mark.parametrize("how", [header, in_the_middle, half, emptied])
def test_a_damaged_garden_is_the_same_again_after_repair_and_sync(
    how: Callable[[bytearray], None], garden: Path
) -> None:
    before = read_site(garden / "public")
    damage(garden, how)
    with pytest.raises(ArchiveError) as raised:
        build(garden)
    assert "garden doctor --repair" in raised.value.hint
    assert read_site(garden / "public") == before
    repaired = repair(garden)
    assert repaired.salvage is not None
    assert repaired.built is None
    assert {path: content for path, content in read_site(garden / "public").items() if path[0] != "."} == {
        path: content for path, content in before.items() if path[0] != "."
    }
    if repaired.salvage.has_lost("wishes"):
        with ArchiveStore.open_existing(garden) as store:
            store.wishes.forget("user", BEN, at=1)
    bring_up_to_date(garden)
    build(garden)
    assert read_site(garden / "public") == before
    assert b"Ben's own words" not in database(garden).read_bytes()


def test_wishes_survive_where_only_messages_are_damaged(garden: Path) -> None:
    damage(garden, in_the_middle)
    repaired = repair(garden)
    assert repaired.salvage is not None
    assert repaired.salvage.has_lost("events")
    assert not repaired.salvage.has_lost("wishes")
    with ArchiveStore.open_existing(garden) as store:
        assert store.wishes.is_gone(UserId(BEN))


def test_a_whole_garden_is_built_anew_byte_for_byte(garden: Path) -> None:
    before, archive = read_site(garden / "public"), database(garden).read_bytes()
    (garden / "public" / "index.html").write_text("by hand")
    (garden / "content_cache" / "search" / "seal.json").write_text("{")
    for page in (garden / "content_cache" / "pages").rglob("*.md"):
        page.write_text("by hand")
    repaired = repair(garden)
    assert repaired.salvage is None
    assert repaired.built is not None
    assert read_site(garden / "public") == before
    assert database(garden).read_bytes() == archive
    assert repair(garden).built is not None


def test_damaged_files_are_asked_for_again(tmp_path: Path) -> None:
    uri, other = MxcUri("mxc://fen.example/bean"), MxcUri("mxc://fen.example/pea")
    plant(tmp_path, [*bean_talk(), picture("bean", uri), picture("pea", other)])
    first, second = sorted((demo_folder() / "media").glob("*.webp"))[:2]
    with ArchiveStore.open(tmp_path) as store:
        for address, file in ((uri, first), (other, second)):
            store.files.save(address, clean_picture(file.read_bytes()))
        record = store.files.find(uri)
        assert record is not None
        store.files.path(record).write_bytes(b"half of it")
    repaired = repair(tmp_path)
    assert (repaired.salvage, repaired.built, len(repaired.media)) == (None, None, 1)
    with ArchiveStore.open(tmp_path) as store:
        assert [missing[0] for missing in store.files.list_missing(RoomId(ROOM))] == [uri]
        assert store.files.find(other) is not None


def test_leftovers_of_killed_commands_and_books_that_nobody_can_read_go(garden: Path) -> None:
    cache = garden / "content_cache"
    leftovers = [cache / "media" / "x.part", garden / ".public.next" / "a", garden / ".garden-token.12"]
    for path in leftovers:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("left")
    (cache / "addresses.json").write_text("{")
    repaired = repair(garden)
    assert len(repaired.leftovers) == 3
    assert repaired.dropped == ("addresses.json",)
    assert not any(path.exists() for path in leftovers)


@pytest.mark.parametrize(
    "place", ["content_cache/media/ab/x.webp", "content_cache/key", "content_cache/feeds.json", TOKEN_FILE]
)
def test_what_was_on_its_way_into_place_goes(garden: Path, place: str) -> None:
    draft = find_draft(garden / place)
    draft.parent.mkdir(parents=True, exist_ok=True)
    draft.write_text("half")
    assert repair(garden).leftovers == (str(draft),)
    assert not draft.exists()


def test_what_was_told_by_files_only_is_said_to_be_lost(tmp_path: Path) -> None:
    plant(tmp_path, bean_talk())
    damage(tmp_path, half)
    repaired = repair(tmp_path)
    assert repaired.salvage is not None
    assert repaired.salvage.has_lost("events")


def test_nothing_is_repaired_while_another_command_works(garden: Path) -> None:
    with (
        hold_garden(garden / "content_cache", command="sync"),
        pytest.raises(GardenError, match=r"Another garden command \(sync, process"),
    ):
        repair(garden)


def test_a_garden_that_was_never_synced_has_nothing_to_repair(tmp_path: Path) -> None:
    lay_out(tmp_path, settings())
    repaired = repair(tmp_path)
    assert (repaired.salvage, repaired.built) == (None, None)


@pytest.mark.parametrize("command", ["build", "status", "sync"])
def test_every_command_that_meets_a_damaged_archive_says_what_to_do(command: str, garden: Path) -> None:
    damage(garden, header)
    said = sync(garden) if command == "sync" else run(command, folder=garden)
    check_told(said, 1, "content_cache/events.sqlite3", "garden doctor --repair")

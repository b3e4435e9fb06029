"""A disk that is full, shut or damaged costs one run: the last site and the archive stay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from garden.archive.event import MxcUri, RoomId
from garden.archive.picture import clean_picture
from garden.archive.store import ArchiveStore
from garden.resources import demo_folder
from tests.archive.hostile_server import HostileServer, says
from tests.archive.material import ROOM, message, picture
from tests.smallholding import bean_talk, bring, lay_out, plant, read_site, settings, site_text
from tests.terminal import check_told, run, sync


def test_two_notes_that_want_one_address_are_told_and_the_last_site_stays(tmp_path: Path) -> None:
    plant(tmp_path, bean_talk())
    (tmp_path / "notes" / "jars.md").write_text("One.")
    run("build", folder=tmp_path)
    before = read_site(tmp_path / "public")
    (tmp_path / "notes" / "Jars.md").write_text("Two.")
    check_told(run("build", folder=tmp_path), 1, "notes/jars")
    assert read_site(tmp_path / "public") == before


@pytest.mark.parametrize("blocks", [0, 1, 4])
def test_a_full_disk_leaves_the_last_site_and_the_next_build_is_whole(blocks: int, tmp_path: Path) -> None:
    plant(tmp_path, bean_talk())
    run("build", folder=tmp_path)
    before = read_site(tmp_path / "public")
    bring(
        tmp_path, [message(f"more-{number}", f"Line {number}. " * 40, at=5_000_000) for number in range(20)]
    )
    check_told(run("build", folder=tmp_path, limit=f"-f {blocks}"), 1, "cannot be")
    assert read_site(tmp_path / "public") == before
    assert run("build", "--strict", folder=tmp_path).code == 0
    assert "Line 19." in site_text(tmp_path)
    assert not (tmp_path / ".public.next").exists()


@pytest.mark.parametrize("blocks", [0, 8, 200])
def test_a_disk_that_fills_during_a_sync_loses_nothing(
    blocks: int, homeserver: HostileServer, garden: Path
) -> None:
    many = [message(f"m-{number}", f"Line {number}. " * 100, at=number) for number in range(200)]
    homeserver.answer("/messages", says({"chunk": list(reversed([*bean_talk(), *many]))}))
    said = sync(garden, limit=f"-f {blocks}")
    check_told(said, 1, "content_cache")
    assert sync(garden, "--strict").code == 0
    with ArchiveStore.open_existing(garden) as store:
        assert store.count_events(RoomId(ROOM)) == 205


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    plant(tmp_path, bean_talk())
    check_told(
        run("build", "--out", "/proc/garden", folder=tmp_path), 1, "/proc/", "cannot be written", "--out"
    )
    (tmp_path / "file").write_text("mine")
    said = run("build", "--out", "file/site", folder=tmp_path)
    check_told(said, 1, "file", "cannot be written")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("out", ["mine", "notes", "content_cache", ".", ".."])
def test_a_folder_that_garden_did_not_make_is_never_replaced(out: str, tmp_path: Path) -> None:
    folder = plant(tmp_path / "fen", bean_talk())
    (folder / "mine").mkdir()
    (folder / "mine" / "letter.txt").write_text("mine")
    (folder / "notes" / "jars.md").write_text("Jars.")
    before = read_site(tmp_path)
    check_told(run("build", "--out", out, folder=folder), 1, "garden did not write", "--out")
    assert {path: read_site(tmp_path)[path] for path in before if "events.sqlite3" not in path} == {
        path: content for path, content in before.items() if "events.sqlite3" not in path
    }


def test_a_file_that_somebody_put_into_the_site_stays(tmp_path: Path) -> None:
    plant(tmp_path, bean_talk())
    run("build", folder=tmp_path)
    (tmp_path / "public" / "CNAME").write_text("fen.example")
    bring(tmp_path, [message("later", "Later.", at=5_000_000)])
    assert run("build", folder=tmp_path).code == 0
    assert (tmp_path / "public" / "CNAME").read_text() == "fen.example"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("events.sqlite3", b"no database at all, and long enough to be looked at" * 99),
        ("addresses.json", b"{"),
    ],
)
def test_a_damaged_cache_is_named_with_the_way_out(name: str, content: bytes, tmp_path: Path) -> None:
    plant(tmp_path, bean_talk())
    run("build", folder=tmp_path)
    (tmp_path / "content_cache" / name).write_bytes(content)
    check_told(run("build", folder=tmp_path), 1, f"content_cache/{name}")


def test_a_cache_that_is_no_folder_is_named(tmp_path: Path) -> None:
    lay_out(tmp_path, settings(vouched=[ROOM]))
    (tmp_path / "content_cache").write_text("a file")
    (tmp_path / "lines.jsonl").write_text(json.dumps(message("x", "x")))
    check_told(run("import", "matrix", "lines.jsonl", folder=tmp_path), 1, "content_cache")
    check_told(sync(tmp_path), 1, "content_cache")


def test_a_picture_that_somebody_took_out_of_the_cache_is_named(tmp_path: Path) -> None:
    uri = MxcUri("mxc://fen.example/bean")
    plant(tmp_path, [*bean_talk(), picture("bean", uri)])
    with ArchiveStore.open(tmp_path) as store:
        store.files.save(uri, clean_picture(min((demo_folder() / "media").glob("*.webp")).read_bytes()))
        record = store.files.find(uri)
        assert record is not None
        file = store.files.path(record)
    assert run("build", folder=tmp_path).code == 0
    file.unlink()
    check_told(run("build", "--out", "other", folder=tmp_path), 1, file.name)

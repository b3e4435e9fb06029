"""A disk that is full, shut or damaged costs one run: the last site and the archive stay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from aiohttp import web

from garden.archive.event import MxcUri, RoomId
from garden.archive.picture import clean_picture
from garden.archive.store import ArchiveStore
from garden.resources import demo_folder
from tests.archive.hostile_server import Handler, HostileServer, says
from tests.archive.material import BEN, ROOM, bytes_of, message, picture
from tests.smallholding import bean_talk, bring, json_lines, lay_out, plant, read_site, settings, site_text
from tests.terminal import check_told, run, sync


def data(content: bytes, kind: str) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=content, content_type=kind)

    return answer


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


@pytest.mark.parametrize("blocks", [0, 16, 128])
def test_a_disk_that_fills_during_an_import_loses_nothing(blocks: int, tmp_path: Path) -> None:
    lay_out(tmp_path, settings(vouched=[ROOM]))
    many = [message(f"m-{number}", f"Line {number}. " * 100, at=number) for number in range(200)]
    (tmp_path / "lines.jsonl").write_bytes(json_lines([*bean_talk(), *many]))
    command = ("import", "matrix", "lines.jsonl")
    check_told(run(*command, folder=tmp_path, limit=f"-f {blocks}"), 1, "content_cache")
    assert run(*command, "--strict", folder=tmp_path).code == 0
    with ArchiveStore.open_existing(tmp_path) as store:
        assert store.count_events(RoomId(ROOM)) == 205


@pytest.mark.parametrize("blocks", [0, 1, 16, 64])
def test_a_disk_that_fills_while_somebody_is_forgotten_leaves_it_to_the_next_run(
    blocks: int, tmp_path: Path
) -> None:
    plant(tmp_path, [*bean_talk(), message("ours", "Words of somebody who goes. " * 400, sender=BEN)])
    run("build", folder=tmp_path)
    before = read_site(tmp_path / "public")
    said = run("forget", BEN, folder=tmp_path, limit=f"-f {blocks}")
    if said.code != 0 or blocks == 0:
        check_told(said, 1, "content_cache")
    assert read_site(tmp_path / "public") == before
    assert run("forget", BEN, folder=tmp_path).code == 0
    assert run("build", "--strict", folder=tmp_path).code == 0
    assert b"somebody who goes" not in bytes_of(tmp_path)
    assert "First frost" in site_text(tmp_path)


@pytest.mark.parametrize("blocks", [40, 60, 100])
def test_a_file_for_which_there_is_no_room_is_fetched_by_the_next_sync(
    blocks: int, homeserver: HostileServer, garden: Path
) -> None:
    large = max((demo_folder() / "media").glob("*.webp"), key=lambda path: path.stat().st_size).read_bytes()
    shown = picture("bean", MxcUri("mxc://fen.example/bean"))
    homeserver.answer("/messages", says({"chunk": [shown, *reversed(bean_talk())]}))
    homeserver.answer("/download/fen.example/bean", data(large, "image/webp"))
    check_told(sync(garden, limit=f"-f {blocks}"), 1, "content_cache")
    media = garden / "content_cache" / "media"
    assert [path for path in media.rglob("*") if path.is_file() and path.suffix != ".webp"] == []
    assert sync(garden, "--strict").code == 0
    assert [path.suffix for path in media.rglob("*") if path.is_file()] != []


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

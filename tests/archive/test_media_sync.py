"""Files that a room shows are fetched in the form they are for; what cannot be had is said once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from garden.archive.event import MediaForm, MxcUri
from garden.archive.room_sync import RoomResult
from garden.archive.store import ArchiveStore
from garden.errors import UnreachableError
from tests.archive.fake_source import FakeRoom, FakeSource
from tests.archive.material import ADA, ROOM, Json, event, message, redaction
from tests.archive.recorded import animation, photograph, video, voice
from tests.archive.test_sync import LIMITS, run

SERVER = "mxc://fen.example"


def show(name: str, kind: str, **more: object) -> Json:
    return event(name, "m.room.message", {"msgtype": kind, "body": name, "url": f"{SERVER}/{name}", **more})


def sync(folder: Path, timeline: list[Json], files: dict[str, bytes], *, full: bool = False) -> RoomResult:
    source = FakeSource(
        {ROOM: FakeRoom(list(timeline))},
        files={MxcUri(f"{SERVER}/{name}"): data for name, data in files.items()},
    )
    return run(folder, source, full=full).rooms[0]


def told(result: RoomResult) -> dict[str, str | None]:
    return {problem.uri.removeprefix(f"{SERVER}/"): problem.code for problem in result.media_problems}


def test_everything_that_is_shown_is_copied_as_what_it_is_for(tmp_path: Path) -> None:
    emote = f'<img data-mx-emoticon src="{SERVER}/bean" alt=":bean:">'
    timeline = [
        event("m", "m.room.member", {"membership": "join", "avatar_url": f"{SERVER}/face"}, state_key=ADA),
        show("photo", "m.image"),
        show("film", "m.video", info={"thumbnail_url": f"{SERVER}/still"}),
        show("voice", "m.audio"),
        show("notes", "m.file", filename="notes.txt"),
        show("page", "m.file", info={"mimetype": "text/html"}),
        message("e", ":bean:", formatted_body=emote),
    ]
    files = {"photo": photograph(), "film": video(), "still": photograph(), "voice": voice()}
    files |= {"notes": b"plain words", "page": b"<script>", "bean": animation(), "face": photograph("PNG")}
    result = sync(tmp_path, timeline, files)
    assert result.media_problems == ()
    expected = {
        ("photo", MediaForm.PICTURE): "image/jpeg",
        ("film", MediaForm.RECORDING): "video/mp4",
        ("still", MediaForm.PICTURE): "image/jpeg",
        ("voice", MediaForm.RECORDING): "audio/ogg",
        ("notes", MediaForm.FILE): "text/plain",
        ("page", MediaForm.FILE): "application/octet-stream",
        ("bean", MediaForm.SMALL): "image/webp",
        ("face", MediaForm.SMALL): "image/webp",
    }
    with ArchiveStore.open_existing(tmp_path) as store:
        for (name, form), mimetype in expected.items():
            record = store.files.find(MxcUri(f"{SERVER}/{name}"), form)
            assert record is not None, name
            assert (record.mimetype, record.reason) == (mimetype, None), name
            assert store.files.path(record).stat().st_size == record.size


def test_what_cannot_be_had_is_said_once_with_its_reason(tmp_path: Path) -> None:
    timeline = [
        show("absent", "m.image"),
        show("html", "m.image", info={"mimetype": "image/png"}),
        show("zip", "m.video"),
        show("declared", "m.file", info={"size": 10**9}),
        show("huge", "m.file", info={"size": 10}),
        show("fine", "m.file"),
    ]
    files = {"html": b"<html>", "zip": b"PK\3\4", "declared": b"x", "huge": bytes(20_000_000), "fine": b"x"}
    result = sync(tmp_path, timeline, files)
    assert told(result) == {
        "absent": "not-found",
        "html": "unreadable",
        "zip": "unreadable",
        "declared": "too-large",
        "huge": "too-large",
    }
    assert all(problem.reason for problem in result.media_problems)
    assert result.problem is None
    assert told(sync(tmp_path, timeline, files)) == {}
    with ArchiveStore.open_existing(tmp_path) as store:
        record = store.files.find(MxcUri(f"{SERVER}/declared"), MediaForm.FILE)
        assert record is not None
        assert (record.digest, record.reason) == (None, "too-large")


def test_a_file_that_is_declared_too_large_is_not_asked_for(tmp_path: Path) -> None:
    timeline = [show("declared", "m.file", info={"size": 10**9})]
    source = FakeSource({ROOM: FakeRoom(list(timeline))})
    run(tmp_path, source)
    assert "download" not in source.calls


def test_what_was_too_large_is_asked_for_again_under_a_higher_limit(tmp_path: Path) -> None:
    source = FakeSource(
        {ROOM: FakeRoom([show("notes", "m.file")])}, files={MxcUri(f"{SERVER}/notes"): b"words " * 100}
    )
    found = []
    for limit in (10, 10, 9, 1_000, 1_000):
        result = run(tmp_path, source, limits=replace(LIMITS, max_media_bytes=limit)).rooms[0]
        found.append((told(result), source.calls.count("download")))
    assert found == [({"notes": "too-large"}, 1), ({}, 1), ({}, 1), ({}, 2), ({}, 2)]


def test_a_homeserver_that_fails_is_asked_again(tmp_path: Path) -> None:
    class Failing(FakeSource):
        async def download(self, uri: MxcUri, max_bytes: int) -> bytes:
            raise UnreachableError(f"{uri} {max_bytes}: no answer", hint="again")

    timeline = [show("photo", "m.image")]
    result = run(tmp_path, Failing({ROOM: FakeRoom(list(timeline))})).rooms[0]
    assert told(result) == {"photo": None}
    assert told(sync(tmp_path, timeline, {"photo": photograph()})) == {}
    with ArchiveStore.open_existing(tmp_path) as store:
        assert store.files.find(MxcUri(f"{SERVER}/photo")) is not None


def test_a_crawl_asks_once_for_each_address_and_lets_go_of_what_is_gone(tmp_path: Path) -> None:
    emote = f'<img data-mx-emoticon src="{SERVER}/photo">'
    timeline = [show("photo", "m.image"), message("e", "x", formatted_body=emote), show("notes", "m.file")]
    files = {"photo": photograph(), "notes": b"x"}
    sync(tmp_path, timeline, files)
    source = FakeSource({ROOM: FakeRoom(list(timeline))}, files={MxcUri(f"{SERVER}/notes"): b"x"})
    run(tmp_path, source, full=True)
    assert source.calls.count("has_media") == 2
    with ArchiveStore.open_existing(tmp_path) as store:
        assert [
            record
            for record in (store.files.find(MxcUri(f"{SERVER}/photo"), form) for form in MediaForm)
            if record is not None and record.digest is not None
        ] == []
    assert len([path for path in (tmp_path / "content_cache/media").rglob("*") if path.is_file()]) == 1


def test_a_redaction_takes_originals_thumbnails_and_small_forms_along(tmp_path: Path) -> None:
    emote = f'<img data-mx-emoticon src="{SERVER}/photo">'
    timeline = [show("photo", "m.image"), message("e", "x", formatted_body=emote)]
    sync(tmp_path, timeline, {"photo": photograph()})
    media = tmp_path / "content_cache/media"
    assert len([path for path in media.rglob("*") if path.is_file()]) == 3
    sync(tmp_path, [*timeline, redaction("r1", "photo"), redaction("r2", "e")], {"photo": photograph()})
    assert [path for path in media.rglob("*") if path.is_file()] == []

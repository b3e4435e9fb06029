"""Files live as long as something shows them, in each form they are shown in, and go with the last of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from garden.archive.clean_file import CleanFile
from garden.archive.event import MediaForm, MxcUri
from garden.archive.media_uses import DeclaredMedia
from garden.archive.picture import Picture, clean_picture, clean_small
from garden.archive.recording import Recording
from garden.archive.store import ArchiveStore
from tests.archive.material import ADA, BEN, ROOM, Json, bytes_of, event, message, picture, redaction
from tests.archive.recorded import photograph

URI = MxcUri("mxc://fen.example/one")
FACE = MxcUri("mxc://fen.example/face")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArchiveStore]:
    with ArchiveStore.open(tmp_path) as opened:
        yield opened


def member(name: str, who: str, avatar: str = FACE, **more: object) -> Json:
    content = {"membership": "join", "avatar_url": avatar}
    return event(name, "m.room.member", content, sender=who, state_key=who, **more)  # type: ignore[arg-type]


def files(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "content_cache/media").rglob("*") if path.is_file())


def test_a_picture_is_kept_with_its_colour_and_a_smaller_one(store: ArchiveStore, tmp_path: Path) -> None:
    store.append(ROOM, [picture("p", URI)], end="newest")
    clean = clean_picture(photograph())
    record = store.files.save(URI, clean)
    assert store.files.find(URI) == record
    assert (record.width, record.height, record.color) == (1600, 1200, clean.color)
    assert store.files.path(record).read_bytes() == clean.data
    assert store.files.thumb_path(record).read_bytes() == clean.thumb
    assert store.files.thumb_path(record).suffix == ".webp"
    store.files.remove_unused()
    assert len(files(tmp_path)) == 2
    store.append(ROOM, [redaction("r", "p")], end="newest")
    store.files.remove_unused()
    assert files(tmp_path) == []
    assert store.files.find(URI) is None


def test_a_recording_is_kept_with_its_length(store: ArchiveStore) -> None:
    record = store.files.save(URI, Recording(b"film", "video/mp4", 1500, 64, 48), form=MediaForm.RECORDING)
    assert store.files.find(URI, MediaForm.RECORDING) == record
    assert (record.duration_ms, record.width, record.height, record.color) == (1500, 64, 48, None)
    assert store.files.path(record).suffix == ".mp4"


def test_one_address_is_kept_in_each_form_by_itself(store: ArchiveStore, tmp_path: Path) -> None:
    words = f'<img data-mx-emoticon src="{URI}">'
    store.append(ROOM, [picture("p", URI), message("e", "x", formatted_body=words)], end="newest")
    assert store.files.list_missing(ROOM) == [
        (URI, MediaForm.PICTURE, "$p"),
        (URI, MediaForm.SMALL, "$e"),
    ]
    store.files.save(URI, clean_picture(photograph()))
    small = store.files.save(URI, clean_small(photograph()), form=MediaForm.SMALL)
    assert store.files.list_missing(ROOM) == []
    assert store.files.list_kept(ROOM) == [URI]
    assert len(files(tmp_path)) == 3
    store.append(ROOM, [redaction("r", "p")], end="newest")
    store.files.remove_unused()
    assert files(tmp_path) == [store.files.path(small)]
    store.append(ROOM, [redaction("s", "e")], end="newest")
    store.files.remove_unused()
    assert files(tmp_path) == []


def test_equal_bytes_are_stored_once(store: ArchiveStore, tmp_path: Path) -> None:
    other = MxcUri("mxc://fen.example/two")
    store.append(ROOM, [picture("p", URI), picture("q", other)], end="newest")
    for uri in (URI, other):
        store.files.save(uri, Picture(b"pixels", "image/png", 3, 2))
    assert len(files(tmp_path)) == 1
    store.append(ROOM, [redaction("r", "p")], end="newest")
    store.files.remove_unused()
    assert len(files(tmp_path)) == 1


def test_what_a_file_is_called_comes_from_its_measured_type_alone(store: ArchiveStore) -> None:
    record = store.files.save(URI, CleanFile(b"<html>", "application/octet-stream"), form=MediaForm.FILE)
    assert store.files.path(record).suffix == ".bin"


def test_a_file_that_is_withdrawn_is_gone_in_every_form(store: ArchiveStore, tmp_path: Path) -> None:
    words = f'<img data-mx-emoticon src="{URI}">'
    store.append(ROOM, [picture("p", URI), message("e", "x", formatted_body=words)], end="newest")
    store.files.save(URI, clean_picture(photograph()))
    store.files.save(URI, clean_small(photograph()), form=MediaForm.SMALL)
    store.files.withdraw(URI, "gone")
    store.files.remove_unused()
    assert files(tmp_path) == []
    for form in (MediaForm.PICTURE, MediaForm.SMALL):
        record = store.files.find(URI, form)
        assert record is not None
        assert (record.reason, record.problem, record.digest) == ("not-found", "gone", None)
    assert store.files.list_missing(ROOM) == []


def test_an_avatar_is_wanted_once_its_member_has_said_something(store: ArchiveStore) -> None:
    store.append(ROOM, [member("m", ADA)], end="newest")
    assert store.files.list_missing(ROOM) == []
    reaction = event("r", "m.reaction", {"m.relates_to": {"key": "+", "event_id": "$x"}})
    store.append(ROOM, [reaction, message("b", "hello", sender=BEN)], end="newest")
    assert store.files.list_missing(ROOM) == []
    store.append(ROOM, [message("a", "hello")], end="newest")
    assert store.files.list_missing(ROOM) == [(FACE, MediaForm.SMALL, "$m")]


def test_an_avatar_goes_when_all_that_its_member_said_is_gone(store: ArchiveStore, tmp_path: Path) -> None:
    store.append(ROOM, [member("m", ADA), message("a", "spam")], end="newest")
    store.files.save(FACE, clean_small(photograph()), form=MediaForm.SMALL)
    store.files.remove_unused()
    assert len(files(tmp_path)) == 1
    store.append(ROOM, [redaction("r", "a", sender=ADA)], end="newest")
    store.files.remove_unused()
    assert files(tmp_path) == []
    assert store.files.list_missing(ROOM) == []


def test_avatars_that_only_the_state_tells_count_too(store: ArchiveStore, tmp_path: Path) -> None:
    store.append(ROOM, [message("a", "hello"), message("b", "hello", sender=BEN)], end="newest")
    store.replace_state(ROOM, [member("m", ADA), member("n", BEN, "mxc://fen.example/bens")])
    assert [uri for uri, _, _ in store.files.list_missing(ROOM)] == ["mxc://fen.example/bens", FACE]
    store.files.save(FACE, clean_small(photograph()), form=MediaForm.SMALL)
    store.apply_state(ROOM, [member("later", BEN, "mxc://fen.example/new")])
    assert [uri for uri, _, _ in store.files.list_missing(ROOM)] == ["mxc://fen.example/new"]
    store.replace_state(ROOM, [])
    store.files.remove_unused()
    assert store.files.list_missing(ROOM) == []
    assert files(tmp_path) == []


def test_a_redacted_member_event_takes_its_avatar_along(store: ArchiveStore) -> None:
    joined = member("m", ADA)
    store.append(ROOM, [joined, message("a", "hello")], end="newest")
    store.replace_state(ROOM, [joined])
    store.append(ROOM, [redaction("r", "m")], end="newest")
    assert store.files.list_missing(ROOM) == []
    store.replace_state(ROOM, [joined])
    assert store.files.list_missing(ROOM) == []


def test_what_was_only_in_an_edit_goes_with_the_edit(store: ArchiveStore) -> None:
    wording = {"msgtype": "m.text", "body": "x", "formatted_body": f'<img src="{URI}">'}
    relation = {"rel_type": "m.replace", "event_id": "$a"}
    content: Json = {"msgtype": "m.text", "body": "* x", "m.new_content": wording, "m.relates_to": relation}
    edit = event("e", "m.room.message", content)
    store.append(ROOM, [message("a", "x"), edit], end="newest")
    assert store.files.list_missing(ROOM) == [(URI, MediaForm.PICTURE, "$e")]
    store.append(ROOM, [redaction("r", "a")], end="newest")
    assert store.files.list_missing(ROOM) == []


def test_nobody_makes_somebody_elses_file_too_large_by_lying(store: ArchiveStore) -> None:
    big = event(
        "b", "m.room.message", {"msgtype": "m.image", "url": URI, "info": {"size": 10**12}}, sender=BEN
    )
    store.append(ROOM, [big], end="newest")
    assert store.files.declared(URI, MediaForm.PICTURE) == DeclaredMedia(10**12)
    store.append(ROOM, [picture("p", URI)], end="newest")
    assert store.files.declared(URI, MediaForm.PICTURE) == DeclaredMedia(None)


def test_an_erased_room_keeps_no_file_in_any_form(store: ArchiveStore, tmp_path: Path) -> None:
    store.append(ROOM, [member("m", ADA), message("a", "hello"), picture("p", URI)], end="newest")
    store.replace_state(ROOM, [member("m", ADA)])
    store.files.save(URI, clean_picture(photograph()))
    store.files.save(FACE, clean_small(photograph()), form=MediaForm.SMALL)
    store.erase_room(ROOM)
    store.files.remove_unused()
    store.vacuum_traces()
    assert files(tmp_path) == []
    assert b"mxc://" not in bytes_of(tmp_path)

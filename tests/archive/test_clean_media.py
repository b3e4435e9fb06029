"""What is wanted of bytes decides what may come of them, and nothing that a browser would run ever does."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable

import pytest
from PIL import Image

from garden.archive.clean_file import UnfitFileError
from garden.archive.clean_media import clean_media
from garden.archive.event import MediaForm
from tests.archive.recorded import PLACE, SECRET, animation, photograph, record, video, voice

ACTIVE = [
    b"<!DOCTYPE html><script>alert(1)</script>",
    b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></html>",
    b"alert(document.cookie)",
    b"\xef\xbb\xbf<html>",
    b"",
    b"MZ\x90\0 a program",
    b"From: <x>\nContent-Type: multipart/related\n\n<script>alert(1)</script>",
]


@pytest.mark.parametrize("data", ACTIVE)
def test_what_a_browser_would_run_is_offered_as_bytes_without_a_type(data: bytes) -> None:
    kept = clean_media(data, MediaForm.FILE)
    assert (kept.data, kept.mimetype) == (data, "application/octet-stream")


@pytest.mark.parametrize("data", ACTIVE[:4])
def test_it_is_plain_text_where_the_sender_says_so(data: bytes) -> None:
    assert clean_media(data, MediaForm.FILE, is_text=True).mimetype == "text/plain"


@pytest.mark.parametrize("data", [b"words\0words", b"\xff\xfe<\0h\0t\0m\0l\0>\0", b"Gr\xfc\xdfe"])
def test_what_is_not_utf_8_is_no_text_whatever_the_sender_says(data: bytes) -> None:
    assert clean_media(data, MediaForm.FILE, is_text=True).mimetype == "application/octet-stream"


@pytest.mark.parametrize(
    ("data", "mimetype"),
    [
        (b"%PDF-1.7\n...", "application/pdf"),
        (b"PK\x03\x04 an archive", "application/zip"),
        (gzip.compress(b"<script>", mtime=0), "application/octet-stream"),
        (b" %PDF-1.7 elsewhere", "application/octet-stream"),
    ],
)
def test_a_file_that_is_only_stored_or_shown_keeps_its_type(data: bytes, mimetype: str) -> None:
    kept = clean_media(data, MediaForm.FILE)
    assert (kept.data, kept.mimetype) == (data, mimetype)


def test_photographs_and_recordings_that_are_sent_as_files_lose_their_places_too() -> None:
    photo = clean_media(photograph(), MediaForm.FILE)
    assert photo.mimetype == "image/jpeg"
    assert SECRET.encode() not in photo.data
    film = clean_media(video(), MediaForm.FILE)
    assert film.mimetype == "video/mp4"
    assert PLACE.encode() not in film.data
    assert clean_media(voice(), MediaForm.FILE).mimetype == "audio/ogg"


UNCLEANABLE: dict[str, Callable[[], bytes]] = {
    "tiff": lambda: photograph("TIFF", (8, 6)),
    "heic": lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100),
    "raw": lambda: b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(100),
    "half jpeg": lambda: photograph("JPEG", (80, 60))[:200],
    "film": lambda: record("matroska", "mpeg4", "aac"),
}


@pytest.mark.parametrize("name", UNCLEANABLE)
def test_what_may_hold_a_place_and_cannot_be_cleaned_is_no_file(name: str) -> None:
    with pytest.raises(UnfitFileError) as caught:
        clean_media(UNCLEANABLE[name](), MediaForm.FILE)
    assert caught.value.reason == "unreadable"


def test_small_pictures_fit_and_stay_what_they_are() -> None:
    avatar = clean_media(photograph("PNG", (400, 300)), MediaForm.SMALL)
    emote = clean_media(animation(), MediaForm.SMALL)
    assert avatar.mimetype == emote.mimetype == "image/webp"
    assert Image.open(io.BytesIO(avatar.data)).size == (96, 72)
    moving = Image.open(io.BytesIO(emote.data))
    assert (moving.size, moving.n_frames) == ((96, 64), 3)  # type: ignore[attr-defined]
    assert SECRET.encode() not in avatar.data
    assert clean_media(photograph("PNG", (400, 300)), MediaForm.SMALL) == avatar


def test_a_small_picture_is_not_enlarged_and_a_long_animation_stands_still() -> None:
    tiny = clean_media(photograph("PNG", (7, 5)), MediaForm.SMALL)
    assert Image.open(io.BytesIO(tiny.data)).size == (7, 5)
    still = Image.open(io.BytesIO(clean_media(animation(101, (20, 20)), MediaForm.SMALL).data))
    assert getattr(still, "n_frames", 1) == 1


@pytest.mark.parametrize("form", [MediaForm.PICTURE, MediaForm.SMALL, MediaForm.RECORDING])
@pytest.mark.parametrize(
    "data", [*ACTIVE, b"PK\x03\x04 an archive", b"%PDF-1.7", b"\xff\xd8\xff\xe0 half a photograph"]
)
def test_what_is_not_what_it_is_wanted_for_is_refused(data: bytes, form: MediaForm) -> None:
    with pytest.raises(UnfitFileError):
        clean_media(data, form)


def test_pictures_and_recordings_do_not_stand_for_one_another() -> None:
    with pytest.raises(UnfitFileError):
        clean_media(photograph(), MediaForm.RECORDING)
    with pytest.raises(UnfitFileError):
        clean_media(video(), MediaForm.PICTURE)

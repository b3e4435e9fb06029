"""What is wanted of a file decides how it is read: bytes and a form come in, a clean file comes out.

Pure but for the process that reads recordings. For files that are offered for download the bytes decide: what
a garden can clean it cleans, what a browser only shows or stores keeps its type, and all else is bytes
without a type, so that nobody's page or program ever runs from a garden's address.
"""

from __future__ import annotations

from typing import Final

from garden.archive.clean_file import CleanFile, UnfitFileError
from garden.archive.event import MediaForm
from garden.archive.picture import clean_picture, clean_small, is_picture
from garden.archive.recording import clean_recording, guess_container

_PHOTO_MAGIC: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"IIRO", b"IIRS", b"IIU\0", b"FUJIFILMCCD-RAW")
"""TIFF and the raw formats of cameras, most of which are TIFF."""

# No gzip: many hosts send such a file as if it were packed for the way, and a browser unpacks what is in it.
_TYPES: Final = (
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
)


def clean_media(data: bytes, form: MediaForm, *, is_text: bool = False) -> CleanFile:
    """Make of bytes what they are wanted for; raises `UnfitFileError` where they are not that.

    `is_text` says whether the sender declared plain text, which counts for `MediaForm.FILE` alone.
    """
    match form:
        case MediaForm.PICTURE:
            return clean_picture(data)
        case MediaForm.SMALL:
            return clean_small(data)
        case MediaForm.RECORDING:
            return clean_recording(data)
        case MediaForm.FILE:
            return _clean_attached(data, is_text=is_text)


def _clean_attached(data: bytes, *, is_text: bool) -> CleanFile:
    if is_picture(data):
        picture = clean_picture(data)
        return CleanFile(picture.data, picture.mimetype)
    if guess_container(data) is not None:
        recording = clean_recording(data)
        return CleanFile(recording.data, recording.mimetype)
    if data.startswith(_PHOTO_MAGIC) or data[4:8] == b"ftyp":
        raise UnfitFileError(
            "it is a photograph of a kind that cannot be freed of the place where it was taken"
        )
    return CleanFile(data, _name_type(data, is_text=is_text))


def _name_type(data: bytes, *, is_text: bool) -> str:
    if is_text and _is_text(data):
        return "text/plain"
    return next((name for magic, name in _TYPES if data.startswith(magic)), "application/octet-stream")


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode("utf-8")
    except UnicodeDecodeError:
        return False

"""What a message carries beside words becomes Markdown: pictures, recordings, files and places.

A file that was copied is a picture or a link with attributes; one that was not leaves its name.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Final

from garden.archive.event import MediaForm
from garden.conversations.conversation import Attachment, Location, MessageKind
from garden.pages.escape import escape, link, write_plain
from garden.pages.media import MediaFile, MissingMedia
from garden.pages.page import Markdown
from garden.pages.plain import excerpt, plain_text
from garden.pages.span import file_link, picture, span
from garden.pages.wording import Wording

FORMS: Final[Mapping[MessageKind, MediaForm]] = {
    MessageKind.IMAGE: MediaForm.PICTURE,
    MessageKind.STICKER: MediaForm.PICTURE,
    MessageKind.VIDEO: MediaForm.RECORDING,
    MessageKind.AUDIO: MediaForm.RECORDING,
    MessageKind.VOICE: MediaForm.RECORDING,
    MessageKind.FILE: MediaForm.FILE,
}
"""The kinds of messages that show a file, and what the file is wanted for."""

_FILE_ENDING: Final = re.compile(r"\.\w{2,5}$")
_NAME_LENGTH: Final = 100
_SAMPLES: Final = 60
"""Bars of a voice message's waveform, as many as a phone's width can show."""
_LEVELS: Final = "0123456789abcdefghijklmnopqrstuv"
_LOUDEST: Final = 1024
"""The greatest sample (MSC1767, "Waveform")."""


def write_attachment(
    attachment: Attachment, kind: MessageKind, caption: Markdown, wording: Wording
) -> Markdown:
    """Write a file and, below it, its caption."""
    shown = _write_file(attachment, kind, caption, wording)
    return f"{shown}\n\n{caption}" if caption else shown


def write_location(location: Location) -> Markdown:
    """Write a place as its coordinates, which open in a map of the reader's choice, and its description."""
    coordinates = location.geo_uri.removeprefix("geo:").partition(";")[0].replace(",", ", ")
    place = link(escape(coordinates), location.geo_uri)
    return f"{write_plain(location.description)}\n\n{place}" if location.description else place


def write_missing(name: str, kind: MessageKind, reason: str = "") -> Markdown:
    """Write the name of a file that was not copied; `reason` is one of the archive's words for why."""
    return span(escape(" ".join(name.split()) or "?"), ("missing",), {"what": kind.value, "why": reason})


def _write_file(attachment: Attachment, kind: MessageKind, caption: Markdown, wording: Wording) -> Markdown:
    found = wording.locate(attachment.uri, FORMS[kind])
    if not isinstance(found, MediaFile):
        reason = found.reason if isinstance(found, MissingMedia) else ""
        return write_missing(attachment.name, kind, reason)
    url = f"{wording.up}media/{found.path}"
    if kind in {MessageKind.IMAGE, MessageKind.STICKER}:
        words = excerpt(plain_text(caption) or _FILE_ENDING.sub("", attachment.name), _NAME_LENGTH)
        classes = ("sticker",) if kind is MessageKind.STICKER else ()
        return picture(words, url, classes, _describe_picture(found))
    if kind in {MessageKind.VIDEO, MessageKind.AUDIO, MessageKind.VOICE}:
        return picture(
            attachment.name, url, (kind.value,), _describe_recording(attachment, kind, found, wording)
        )
    return file_link(attachment.name, url, found.size, found.mimetype)


def _describe_picture(file: MediaFile) -> dict[str, object]:
    return {"width": file.width, "height": file.height, "thumb": file.thumb, "color": file.color}


def _describe_recording(
    attachment: Attachment, kind: MessageKind, file: MediaFile, wording: Wording
) -> dict[str, object]:
    described: dict[str, object] = {}
    if kind is MessageKind.VIDEO:
        still = wording.locate(attachment.thumbnail, MediaForm.PICTURE) if attachment.thumbnail else None
        poster = (still.thumb or still.path) if isinstance(still, MediaFile) else ""
        described = {"width": file.width, "height": file.height, "poster": poster}
    described["duration"] = file.duration_ms or attachment.duration_ms
    if kind is MessageKind.VOICE:
        described["waveform"] = _write_waveform(attachment.waveform)
    return described


def _write_waveform(samples: Sequence[int]) -> str:
    """Write loudness as one letter a sample: the loudest of each of at most sixty stretches."""
    if not samples:
        return ""
    count = min(len(samples), _SAMPLES)
    edges = [len(samples) * step // count for step in range(count + 1)]
    loudest = [max(samples[start:end]) for start, end in itertools.pairwise(edges)]
    return "".join(_LEVELS[min(_LOUDEST, max(0, each)) * (len(_LEVELS) - 1) // _LOUDEST] for each in loudest)

"""Attachments: the content of a message comes in, what it carries beside words goes out, as declared."""

from __future__ import annotations

import re
from typing import Final

from garden.archive.event import JsonObject, get_mxc, get_number, get_object, get_text
from garden.conversations.conversation import Attachment
from garden.conversations.label import clean_label

_LONGEST_FILE_NAME: Final = 150
_LARGEST_SIZE: Final = 2**50
"""Bytes; a petabyte is no upload."""
_LONGEST_DURATION: Final = 7 * 24 * 3_600_000
"""A week in milliseconds."""
_MOST_SAMPLES: Final = 1024
_LOUDEST: Final = 1024
"""Top of the waveform's scale (MSC1767, "Audio")."""

_MIMETYPE: Final = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,100}")

VOICE_KEYS: Final = ("m.voice", "org.matrix.msc3245.voice")
_AUDIO_KEYS: Final = ("m.audio", "org.matrix.msc1767.audio")


def read_attachment(content: JsonObject, *, video: bool = False) -> Attachment | None:
    """Read what a message carries; None where it names no file that a homeserver could have."""
    uri = get_mxc(content, "url")
    if uri is None:
        return None
    info = get_object(content, "info") or {}
    return Attachment(
        uri=uri,
        name=clean_label(file_name(content), _LONGEST_FILE_NAME),
        mimetype=_read_mimetype(info),
        size=_bounded(get_number(info, "size"), _LARGEST_SIZE),
        duration_ms=_read_duration(content, info),
        waveform=_read_waveform(content),
        thumbnail=get_mxc(info, "thumbnail_url") if video else None,
    )


def file_name(content: JsonObject) -> str:
    """Return an attachment's file name: `filename`, else `body`, which was one before captions (v1.10)."""
    return get_text(content, "filename") or get_text(content, "body") or ""


def has_caption(content: JsonObject) -> bool:
    """Whether the body says something beside the file's name ("Media captions")."""
    name = get_text(content, "filename")
    return bool(name) and get_text(content, "body") not in {None, "", name}


def is_voice(content: JsonObject) -> bool:
    """Whether a sound is a voice message (MSC3245)."""
    return any(get_object(content, key) is not None for key in VOICE_KEYS)


def _read_mimetype(info: JsonObject) -> str:
    mimetype = (get_text(info, "mimetype") or "").lower()
    return mimetype if _MIMETYPE.fullmatch(mimetype) else ""


def _read_duration(content: JsonObject, info: JsonObject) -> int | None:
    declared = [get_number(content, key, "duration") for key in _AUDIO_KEYS]
    found = next((number for number in (get_number(info, "duration"), *declared) if number is not None), None)
    return _bounded(found, _LONGEST_DURATION)


def _read_waveform(content: JsonObject) -> tuple[int, ...]:
    """Read loudness; a sample that is no whole number spoils the picture, one out of bounds is cut."""
    for key in _AUDIO_KEYS:
        samples = (get_object(content, key) or {}).get("waveform")
        if isinstance(samples, list) and samples:
            numbers = [sample for sample in samples[:_MOST_SAMPLES] if type(sample) is int]
            if len(numbers) == len(samples[:_MOST_SAMPLES]):
                return tuple(min(max(number, 0), _LOUDEST) for number in numbers)
    return ()


def _bounded(number: int | None, largest: int) -> int | None:
    return number if number is not None and 0 <= number <= largest else None

"""Video and sound that strangers uploaded: bytes come in, the same recording in a clean container comes out.

What its bytes begin with says which one demuxer may look at them. That happens in a process of its own, see
`garden.archive.recording_process`, so that bytes made to hurt a decoder hurt nothing else: it has little
memory, little time, no files and no access token. Equal bytes in give equal bytes out.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from typing import Final

from garden.archive.clean_file import CleanFile, UnfitFileError

_SECONDS: Final = 120
"""How long one recording may take."""

_PHOTO_BRANDS: Final = frozenset(
    {b"avif", b"avis", b"crx ", b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1"}
)
"""What pictures in the container of MP4 (ISO/IEC 14496-12) name themselves."""


class RecordingError(UnfitFileError):
    """These bytes are no recording that a garden plays; the message says why."""


@dataclass(frozen=True, slots=True)
class Recording(CleanFile):
    """A recording that holds nothing but one picture track, one sound track, or both."""

    duration_ms: int
    """From its first packet to the end of its last, in milliseconds."""
    width: int | None = None
    """In pixels, as it is meant to be seen; None where there is only sound."""
    height: int | None = None


def guess_container(data: bytes) -> str | None:
    """Name the container that bytes begin like, as FFmpeg calls its demuxer; None where it is none of ours.

    Playlists and other formats that lead a demuxer to other files are none of ours.
    """
    if data.startswith(b"RIFF") and data[8:12] == b"WAVE":
        return "wav"
    if data[4:8] in (b"ftyp", b"moov", b"mdat", b"wide") and data[8:12] not in _PHOTO_BRANDS:
        return "mov"
    for magic, name in ((b"\x1aE\xdf\xa3", "matroska"), (b"OggS", "ogg"), (b"fLaC", "flac"), (b"ID3", "mp3")):
        if data.startswith(magic):
            return name
    return _guess_bare_sound(data)


def clean_recording(data: bytes) -> Recording:
    """Take the first video and the first sound track of a recording into a container of its kind.

    Nothing is encoded anew. MP4, M4A and QuickTime come out as MP4, Matroska as WebM or MP4, Ogg, MP3, WAV,
    FLAC and AAC as themselves; titles, places, covers, subtitles, chapters and data tracks are left out.
    Raises `RecordingError` for everything else, and for what cannot be decoded at all.
    """
    container = guess_container(data)
    if container is None:
        raise RecordingError("it is no MP4, WebM, Ogg, MP3, WAV, FLAC or AAC")
    header, _, remuxed = _run(data, container).partition(b"\n")
    try:
        found = json.loads(header)
    except ValueError as error:
        raise RecordingError("its decoder gave up") from error
    if "problem" in found:
        raise RecordingError(found["problem"])
    return Recording(remuxed, found["mimetype"], found["duration_ms"], found["width"], found["height"])


def _guess_bare_sound(data: bytes) -> str | None:
    """Recognise MPEG audio layer III (ISO/IEC 11172-3, 2.4.1.3) and AAC in ADTS (ISO/IEC 13818-7, 6.2)."""
    if len(data) < 4 or data[0] != 0xFF:  # noqa: PLR2004 - a header's bytes
        return None
    if data[1] & 0xF6 == 0xF0:  # noqa: PLR2004 - synchronisation word, layer 0
        return "aac"
    is_layer_3 = data[1] & 0xE6 == 0xE2 and data[1] & 0x18 != 0x08  # noqa: PLR2004 - as above
    return "mp3" if is_layer_3 and data[2] & 0xF0 != 0xF0 and data[2] & 0x0C != 0x0C else None  # noqa: PLR2004


def _run(data: bytes, container: str) -> bytes:
    """Let a process remux: its answer is a line of JSON and, where that went well, the clean bytes."""
    # It takes 4 ms to import, every command imports this module, and only a sync reads recordings.
    import subprocess  # noqa: PLC0415

    command = [sys.executable, "-P", "-m", "garden.archive.recording_process", container]
    try:
        # The same modules as here and nothing else of the environment, which may hold an access token.
        done = subprocess.run(  # noqa: S603 - our own module, and one of the names above
            command,
            input=data,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env={"PYTHONPATH": os.pathsep.join(sys.path)},
        )
    except subprocess.TimeoutExpired as error:
        raise RecordingError("it takes too long to be read", "too-large") from error
    return done.stdout if done.returncode == 0 else b""

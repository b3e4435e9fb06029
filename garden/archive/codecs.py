"""What this machine's libraries can read and write, compared with what a garden needs."""

from __future__ import annotations

from typing import Final

import av
from PIL import features

_PICTURES: Final = {"avif": "AVIF", "jpg": "JPEG", "webp": "WebP", "zlib": "PNG"}
_RECORDINGS: Final = {
    "h264": "H.264",
    "hevc": "H.265",
    "libdav1d": "AV1",
    "vp8": "VP8",
    "vp9": "VP9",
    "aac": "AAC",
    "flac": "FLAC",
    "mp3": "MP3",
    "opus": "Opus",
    "vorbis": "Vorbis",
}
_CONTAINERS: Final = {"mp4": "MP4", "webm": "WebM", "ogg": "Ogg", "flac": "FLAC", "mp3": "MP3", "wav": "WAV"}


def list_missing_codecs() -> list[str]:
    """Return the formats of pictures and recordings that this machine cannot read or write, for people."""
    pictures = [name for code, name in _PICTURES.items() if not features.check(code)]
    decoders = [f"{name} (to read)" for code, name in _RECORDINGS.items() if not _has_decoder(code)]
    muxers = [f"{name} (to write)" for code, name in _CONTAINERS.items() if not _has_muxer(code)]
    return [*pictures, *decoders, *muxers]


def describe_libraries() -> str:
    """Return the versions of the libraries that read pictures and recordings."""
    return f"Pillow {_version_of_pillow()}, PyAV {av.__version__}"


def _version_of_pillow() -> str:
    return str(features.version("pil"))


def _has_decoder(name: str) -> bool:
    return name in av.codecs_available and av.Codec(name, "r").is_decoder


def _has_muxer(name: str) -> bool:
    return name in av.formats_available and av.ContainerFormat(name, "w").is_output

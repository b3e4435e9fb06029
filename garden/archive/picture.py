"""Pictures that strangers uploaded: bytes come in, the same picture in clean bytes comes out.

Pure. Decoding and encoding again proves that it is a picture, and drops what cameras write beside it (places,
serial numbers, thumbnails of what was cut away). Equal bytes in give equal bytes out.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps, ImageSequence, ImageStat

from garden.archive.clean_file import CleanFile, UnfitFileError

MAX_PIXELS: Final = 50_000_000
"""Width times height times frames that are decoded; a phone's photograph has 12 to 50 million."""

THUMB_WIDTH: Final = 960
"""In pixels; a wider picture gets a smaller one to be shown on pages."""

SMALL_SIDE: Final = 96
"""Longest side of an avatar or a custom emoji, in pixels: 32 on a page, three times as dense."""

_SMALL_FRAMES: Final = 100
_SMALL_BYTES: Final = 256 * 1024
"""A larger animation of an avatar or a custom emoji stands still."""

_LONGEST_SIDE: Final = 16_383
"""Longest side that WebP can hold, in pixels."""

_SAMPLE_SIDE: Final = 64
_HALF_OPAQUE: Final = 128

_MIMETYPES: Final = {
    "AVIF": "image/avif",
    "GIF": "image/gif",
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
}

_ENCODING: Final[dict[str, dict[str, object]]] = {
    "AVIF": {"quality": 80, "max_threads": 1},
    "GIF": {"optimize": False},
    "JPEG": {"quality": 88, "optimize": True, "progressive": True},
    "PNG": {"optimize": True},
    "WEBP": {"quality": 85, "method": 4},
}
"""One thread for AVIF: with more of them the bytes depend on the machine."""

_MODES: Final = {
    "AVIF": ("RGB", "RGBA"),
    "GIF": ("L", "P", "RGB", "RGBA"),
    "JPEG": ("L", "RGB"),
    "PNG": ("1", "I;16", "L", "LA", "P", "RGB", "RGBA"),
    "WEBP": ("RGB", "RGBA"),
}


class PictureError(UnfitFileError):
    """These bytes are no picture that a garden shows; the message says why."""


@dataclass(frozen=True, slots=True)
class Picture(CleanFile):
    """A picture that holds nothing but its pixels.

    Its type is one of `image/avif`, `image/gif`, `image/jpeg`, `image/png` and `image/webp`.
    """

    width: int
    """In pixels, as it is meant to be seen."""
    height: int
    color: str = ""
    """Average of what is not transparent, `#rrggbb`; empty where everything is."""
    thumb: bytes | None = None
    """The same as a WebP of `THUMB_WIDTH`, where it is wider than that and does not move."""


def is_picture(data: bytes) -> bool:
    """Whether bytes begin like a picture of one of the kinds that `clean_picture` reads."""
    return (
        data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a"))
        or (data.startswith(b"RIFF") and data[8:12] == b"WEBP")
        or (data[4:8] == b"ftyp" and data[8:12] in (b"avif", b"avis"))
    )


def clean_picture(data: bytes) -> Picture:
    """Decode a PNG, JPEG, WebP, GIF or AVIF and encode it again in its own format.

    Animations keep their frames. Raises `PictureError` for everything else (SVG and HTML are programs, not
    pictures), for what cannot be decoded and for more than `MAX_PIXELS`.
    """
    return _read(data, _encode)


def clean_small(data: bytes) -> Picture:
    """Decode a picture and make a WebP of it that fits into `SMALL_SIDE` each way; never enlarges.

    Short animations keep their frames. Raises `PictureError` as `clean_picture` does.
    """
    return _read(data, _shrink)


def _read(data: bytes, make: Callable[[Image.Image], Picture]) -> Picture:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=tuple(_MIMETYPES)) as image:
                _check_pixels(image)
                return make(image)
    except PictureError:
        raise
    except Image.DecompressionBombError as error:
        raise PictureError("it is too large to be decoded", "too-large") from error
    except Exception as error:  # a decoder fails in any way at all on bytes that are made to hurt it
        raise PictureError("it is no PNG, JPEG, WebP, GIF or AVIF that can be decoded") from error


def scale_to_thumb(width: int, height: int) -> tuple[int, int]:
    """Return width and height, in pixels, of a wide picture's thumb."""
    return THUMB_WIDTH, max(1, round(height * THUMB_WIDTH / width))


def _check_pixels(image: Image.Image) -> None:
    frame_count = _count_frames(image)
    if image.width * image.height * frame_count > MAX_PIXELS:
        raise PictureError(
            f"{image.width} × {image.height} pixels, {frame_count} frames: too many", "too-large"
        )


def _count_frames(image: Image.Image) -> int:
    return int(getattr(image, "n_frames", 1))


def _encode(image: Image.Image) -> Picture:
    kind = str(image.format)
    options = dict(_ENCODING[kind])
    thumb = None
    if _count_frames(image) > 1:
        frames, options = _take_frames(image, kind, options)
    else:
        frames = [_fit_mode(ImageOps.exif_transpose(image), kind)]
        thumb = _make_thumb(frames[0])
    first = frames[0]
    return Picture(
        _save(first, kind, options), _MIMETYPES[kind], first.width, first.height, _average(first), thumb
    )


def _shrink(image: Image.Image) -> Picture:
    options = _ENCODING["WEBP"]
    if 1 < _count_frames(image) <= _SMALL_FRAMES:
        frames, animation = _take_frames(image, "WEBP", options)
        small = [_fit(frame) for frame in frames]
        data = _save(small[0], "WEBP", animation | {"append_images": small[1:]})
        if len(data) <= _SMALL_BYTES:
            return Picture(data, "image/webp", small[0].width, small[0].height, _average(small[0]))
    image.seek(0)
    still = _fit(_fit_mode(ImageOps.exif_transpose(image), "WEBP"))
    return Picture(_save(still, "WEBP", options), "image/webp", still.width, still.height, _average(still))


def _fit(image: Image.Image) -> Image.Image:
    small = image.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE))
    return small


def _make_thumb(image: Image.Image) -> bytes | None:
    """Make a narrower WebP of a wide picture; None where it is narrow, or too tall for WebP."""
    size = scale_to_thumb(image.width, image.height)
    if image.width <= THUMB_WIDTH or size[1] > _LONGEST_SIDE:
        return None
    thumb = _fit_mode(image, "WEBP").resize(size, Image.Resampling.LANCZOS)
    return _save(thumb, "WEBP", _ENCODING["WEBP"])


def _average(image: Image.Image) -> str:
    sample = _fit_mode(image, "WEBP").convert("RGBA")
    sample.thumbnail((_SAMPLE_SIDE, _SAMPLE_SIDE), Image.Resampling.BOX)
    mask = sample.getchannel("A").point(lambda alpha: 255 * (alpha >= _HALF_OPAQUE))
    if mask.getbbox() is None:
        return ""
    return "#" + "".join(f"{round(mean):02x}" for mean in ImageStat.Stat(sample.convert("RGB"), mask).mean)


def _save(image: Image.Image, kind: str, options: dict[str, object]) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _take_frames(
    image: Image.Image, kind: str, options: dict[str, object]
) -> tuple[list[Image.Image], dict[str, object]]:
    """Copy every frame with the time it is shown for, in milliseconds."""
    frames, durations = [], []
    for frame in ImageSequence.Iterator(image):
        frames.append(_strip(frame.convert("RGBA")))
        # Only now: some decoders know a frame's time once they have decoded it.
        durations.append(int(frame.info.get("duration") or 100))
    loop = int(image.info.get("loop", 0))
    animation = {"save_all": True, "append_images": frames[1:], "duration": durations, "loop": loop}
    if kind == "GIF":
        animation["disposal"] = 2
    return frames, options | animation


def _fit_mode(image: Image.Image, kind: str) -> Image.Image:
    """Turn colours that the web's formats do not share (CMYK, for one) into those they do."""
    if image.mode not in _MODES[kind]:
        if image.mode == "I;16":
            image = image.convert("I").point(lambda level: level / 256).convert("L")
        has_alpha = kind != "JPEG" and ("A" in image.mode or "transparency" in image.info)
        return _strip(image.convert("RGBA" if has_alpha else "RGB"))
    return _strip(image)


def _strip(image: Image.Image) -> Image.Image:
    """Copy the pixels without what stands beside them; a palette's transparency belongs to the pixels."""
    bare = image.copy()
    bare.info = {key: image.info[key] for key in ("transparency",) if key in image.info}
    return bare

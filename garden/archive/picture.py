"""Pictures that strangers uploaded: bytes come in, the same picture in clean bytes comes out.

Pure. Decoding and encoding again proves that it is a picture, and drops what cameras write beside it (places,
serial numbers, thumbnails of what was cut away). Equal bytes in give equal bytes out.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps, ImageSequence

MAX_PIXELS: Final = 50_000_000
"""Width times height times frames that are decoded; a phone's photograph has 12 to 50 million."""

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


class PictureError(ValueError):
    """These bytes are no picture that a garden shows; the message says why."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that holds nothing but its pixels."""

    data: bytes
    mimetype: str
    """One of `image/avif`, `image/gif`, `image/jpeg`, `image/png`, `image/webp`."""
    width: int
    """In pixels, as it is meant to be seen."""
    height: int


def clean_picture(data: bytes) -> Picture:
    """Decode a PNG, JPEG, WebP, GIF or AVIF and encode it again in its own format.

    Animations keep their frames. Raises `PictureError` for everything else (SVG and HTML are programs, not
    pictures), for what cannot be decoded and for more than `MAX_PIXELS`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=tuple(_MIMETYPES)) as image:
                return _encode(image)
    except PictureError:
        raise
    except Image.DecompressionBombError as error:
        raise PictureError("it is too large to be decoded") from error
    except Exception as error:  # a decoder fails in any way at all on bytes that are made to hurt it
        raise PictureError("it is no PNG, JPEG, WebP, GIF or AVIF that can be decoded") from error


def _encode(image: Image.Image) -> Picture:
    kind = str(image.format)
    frame_count = int(getattr(image, "n_frames", 1))
    if image.width * image.height * frame_count > MAX_PIXELS:
        raise PictureError(f"{image.width} × {image.height} pixels, {frame_count} frames: too many")
    options = dict(_ENCODING[kind])
    if frame_count > 1:
        frames, options = _take_frames(image, kind, options)
    else:
        frames = [_fit_mode(ImageOps.exif_transpose(image), kind)]
    out = io.BytesIO()
    frames[0].save(out, kind, **options)
    return Picture(out.getvalue(), _MIMETYPES[kind], frames[0].width, frames[0].height)


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
        has_alpha = kind != "JPEG" and ("A" in image.mode or "transparency" in image.info)
        return _strip(image.convert("RGBA" if has_alpha else "RGB"))
    return _strip(image)


def _strip(image: Image.Image) -> Image.Image:
    """Copy the pixels without what stands beside them; a palette's transparency belongs to the pixels."""
    bare = image.copy()
    bare.info = {key: image.info[key] for key in ("transparency",) if key in image.info}
    return bare

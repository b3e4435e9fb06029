"""Uploads: small real files, made here, under the addresses by which stories show them.

Each is what its name says, except for the one that lies; a test's homeserver hands them out.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import Final

import av
from PIL import Image, ImageDraw

from garden.archive.event import MxcUri
from garden.archive.picture import clean_picture
from garden.archive.transcript import Picture, file_uri
from garden.resources import demo_folder

PICTURE: Final = "jar-labels.webp"
MAX_BYTES: Final = 100_000
"""Size of the largest file that the stories' gardens copy."""

_RATE: Final = 8000
"""Samples of sound per second."""


@cache
def uploads() -> dict[MxcUri, bytes]:
    """Return every uploaded file by its address; `lost.webp` is not among them."""
    files = {
        PICTURE: (demo_folder() / "media" / PICTURE).read_bytes(),
        "bean.png": _draw_bean(),
        "bee.mp4": _film_bee(),
        "hum.ogg": _record_hum(),
        "plan.pdf": _write_plan(),
        "page.html": b"<!doctype html><script>alert(1)</script>",
        "liar.png": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "huge.bin": bytes(MAX_BYTES + 1),
    }
    return {file_uri(name): data for name, data in files.items()}


def pictures() -> dict[str, Picture]:
    """Return what `image` lines of transcripts may show."""
    picture = clean_picture(uploads()[file_uri(PICTURE)])
    size = len(picture.data)
    return {PICTURE: Picture(file_uri(PICTURE), picture.mimetype, picture.width, picture.height, size)}


def _draw_bean() -> bytes:
    """Draw a bean on nothing, 96 by 64 pixels."""
    image = Image.new("RGBA", (96, 64))
    ImageDraw.Draw(image).ellipse((8, 8, 88, 56), fill="#6b8e23")
    return _save(image, "PNG")


def _save(image: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def _film_bee() -> bytes:
    """Film a yellow spot that moves, two seconds of 64 by 48 pixels."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(20):
            image = Image.new("RGB", (64, 48), "#334422")
            ImageDraw.Draw(image).ellipse((number * 2, 16, number * 2 + 12, 28), fill="#ffcc00")
            frame = av.VideoFrame(64, 48, "rgb24")
            frame.planes[0].update(image.tobytes())
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return file.getvalue()


def _record_hum() -> bytes:
    """Record three seconds of one low tone, as a voice message has it."""
    file = io.BytesIO()
    with av.open(file, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=48_000)
        for frame in _hum():
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return file.getvalue()


def _hum() -> Iterator[av.AudioFrame]:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=48_000)
    samples = bytearray()
    for number in range(_RATE * 3):
        level = 8000 if number // 20 % 2 else -8000
        samples += level.to_bytes(2, "little", signed=True)
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(samples) // 2)
    frame.planes[0].update(bytes(samples))
    frame.sample_rate, frame.pts, frame.time_base = _RATE, 0, Fraction(1, _RATE)
    yield from resampler.resample(frame)


def _write_plan() -> bytes:
    """Write a document of one empty page."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF\n"
    )

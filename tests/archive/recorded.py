"""Pictures and recordings as people upload them, with what devices write beside what is seen and heard."""

from __future__ import annotations

import io
from fractions import Fraction

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream
from PIL import Image

PLACE = "+52.0800+004.3100/"
"""Where a telephone says it was, as MP4 spells it (ISO 6709)."""

SECRET = "secretword"

RATE = 48_000


def photograph(kind: str = "JPEG", size: tuple[int, int] = (1600, 1200)) -> bytes:
    """A picture that says where and by whom it was taken."""
    exif = Image.Exif()
    exif[0x010E] = SECRET
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (52.0, 4.0, 48.0)
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, kind, exif=exif)
    return out.getvalue()


def animation(frames: int = 3, size: tuple[int, int] = (300, 200)) -> bytes:
    """A GIF whose frames have one colour each."""
    pictures = [Image.new("RGB", size, (number * 20 % 256, 99, 0)) for number in range(frames)]
    out = io.BytesIO()
    pictures[0].save(out, "GIF", save_all=True, append_images=pictures[1:], duration=100)
    return out.getvalue()


def record(
    container: str, video: str | None, audio: str | None, *, seconds: int = 1, beside: bytes | None = None
) -> bytes:
    """A recording in a container and codecs that FFmpeg names, with a title, a place, and a track of text."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as sink:
        sink.metadata.update({"title": SECRET, "location": PLACE, "comment": SECRET})
        shown = sink.add_stream(video, rate=10, width=64, height=48) if video else None
        heard = sink.add_stream(audio, rate=RATE, layout="mono") if audio else None
        told = sink.add_mux_stream("mov_text", time_base=Fraction(1, 1000)) if beside else None
        if isinstance(shown, VideoStream):
            shown.metadata.update({"handler_name": SECRET, "timecode": "01:02:03:04"})
            _show(sink, shown, seconds)
        if isinstance(heard, AudioStream):
            _sound(sink, heard, seconds)
        if told is not None and beside is not None:
            packet = av.Packet(len(beside).to_bytes(2, "big") + beside)
            packet.stream, packet.pts, packet.dts, packet.duration = told, 0, 0, 100
            packet.time_base = Fraction(1, 1000)
            sink.mux(packet)
    return out.getvalue()


def _show(sink: OutputContainer, track: VideoStream, seconds: int) -> None:
    for number in range(seconds * 10):
        frame = av.VideoFrame(64, 48, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([number * 9 % 256]) * plane.buffer_size)
        frame.pts, frame.time_base = number, Fraction(1, 10)
        sink.mux(track.encode(frame))
    sink.mux(track.encode(None))


def _sound(sink: OutputContainer, track: AudioStream, seconds: int) -> None:
    size = track.frame_size or 960
    for number in range(seconds * RATE // size):
        frame = av.AudioFrame(format=track.format.name, layout="mono", samples=size)
        for plane in frame.planes:
            plane.update(b"\1\2" * (plane.buffer_size // 2))
        frame.sample_rate, frame.pts, frame.time_base = RATE, number * size, Fraction(1, RATE)
        sink.mux(track.encode(frame))
    sink.mux(track.encode(None))


def voice() -> bytes:
    """A voice message as Matrix clients record it."""
    return record("ogg", None, "libopus")


def video() -> bytes:
    """A video as telephones record it."""
    return record("mp4", "libx264", "aac")

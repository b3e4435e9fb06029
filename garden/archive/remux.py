"""Recordings from one container into a new one: a stranger's bytes come in, clean bytes and measures go out.

Runs in `garden.archive.recording_process` only. One demuxer and a few decoders look at the bytes, no other
file and no address is ever opened; packets are copied, so nothing loses quality.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

_MAX_PACKETS: Final = 5_000_000
"""Ten hours of video with sound have about three million."""

_MAX_SECONDS: Final = 48 * 3600
_MAX_SIDE: Final = 16_384
"""In pixels."""

_TRIES: Final = 200
"""Packets of a track of which one has to give a picture or a sound."""

_SIGN: Final = 1 << 31

_NO_COMMENTS: Final = b"\x03vorbis" + bytes(8) + b"\x01"
"""A comment header that names no program and holds no comment (Vorbis I, 5.2.1)."""

_PCM: Final = frozenset(
    {"pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le", "pcm_alaw", "pcm_mulaw"}
)
_DECODERS: Final = _PCM | {
    *("h264", "hevc", "av1", "libdav1d", "vp8", "vp9"),
    *("aac", "alac", "flac", "mp3", "mp3float", "opus", "vorbis"),
}
"""What may run at all, by FFmpeg's names; its demuxers try decoders on their own."""


class RemuxError(ValueError):
    """These bytes are no recording; the message says why."""


@dataclass(frozen=True, slots=True)
class _Target:
    """A container that recordings come out in."""

    muxer: str
    subtype: str
    """What follows `video/` or `audio/` in its media type."""
    video: frozenset[str] = frozenset()
    """Codecs, by FFmpeg's names."""
    audio: frozenset[str] = frozenset()
    options: Mapping[str, str] = field(default_factory=dict)


_WEBM: Final = _Target("webm", "webm", frozenset({"vp8", "vp9", "av1"}), frozenset({"opus", "vorbis"}))
_MP4: Final = _Target(
    "mp4",
    "mp4",
    frozenset({"h264", "hevc", "av1", "vp9"}),
    frozenset({"aac", "mp3", "opus", "flac", "alac"}),
    {"movflags": "+faststart"},
)
_TARGETS: Final[Mapping[str, Sequence[_Target]]] = {
    "mov": (_MP4,),
    "matroska": (_WEBM, _MP4),
    "ogg": (_Target("ogg", "ogg", audio=frozenset({"opus", "vorbis", "flac"})),),
    "mp3": (_Target("mp3", "mpeg", audio=frozenset({"mp3"}), options={"id3v2_version": "0"}),),
    "wav": (_Target("wav", "wav", audio=_PCM),),
    "flac": (_Target("flac", "flac", audio=frozenset({"flac"})),),
    "aac": (_Target("adts", "aac", audio=frozenset({"aac"})),),
}
"""By the demuxer that reads a recording; the first that can hold its tracks is taken."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a recording was found to be."""

    mimetype: str
    duration_ms: int
    width: int | None
    """In pixels, as it is meant to be seen; None where there is only sound."""
    height: int | None


@dataclass(slots=True)
class _Track:
    """One track on its way, and what is known of it by now."""

    source: VideoStream | AudioStream
    sink: VideoStream | AudioStream
    packets: int = 0
    is_proven: bool = False
    """Whether something in it could be decoded."""
    size: tuple[int, int] | None = None
    start: Fraction | None = None
    """When its first packet begins, in seconds."""
    end: Fraction = Fraction(0)

    def note(self, packet: Packet[Any]) -> None:
        """Measure a packet, and decode it where nothing could be decoded yet."""
        self.packets += 1
        if packet.pts is not None:
            at = packet.pts * packet.time_base
            self.start = at if self.start is None else min(self.start, at)
            length = packet.duration or 0
            # FFmpeg cuts Ogg's last packet and may come out below zero, in a number without a sign.
            self.end = max(self.end, at + (length if length < _SIGN else 0) * packet.time_base)
        if not self.is_proven and self.packets <= _TRIES:
            self.prove(packet)

    def prove(self, packet: Packet[Any] | None) -> None:
        """Decode a packet, or what the decoder still holds back, and take the size from the first picture."""
        with contextlib.suppress(av.FFmpegError):
            for frame in self.source.codec_context.decode(packet):
                self.is_proven = True
                if isinstance(frame, VideoFrame):
                    self.size = _measure(frame, self.source.codec_context.sample_aspect_ratio)  # type: ignore[union-attr]
                return


def load_decoders() -> None:
    """Import all of PyAV: parts of it come late, which is too late where no file may be opened any more."""
    for found in pkgutil.walk_packages(av.__path__, "av."):
        if not found.name.endswith(("__main__", "datasets")):
            importlib.import_module(found.name)


def remux(data: bytes, demuxer: str) -> tuple[Measured, bytes]:
    """Copy the first video and the first sound track into a new container.

    `demuxer` is a name that `garden.archive.recording.guess_container` gives. Raises `RemuxError`, and
    whatever PyAV raises.
    """
    out = io.BytesIO()
    with _open_source(data, demuxer) as source:
        streams = _choose_streams(source)
        target = _choose_target(demuxer, streams)
        with _open_sink(out, target) as sink:
            tracks = [_Track(each, _add_track(sink, each)) for each in streams]
            _copy(source, sink, tracks, len(data))
    return _sum_up(tracks, target), out.getvalue()


def _open_source(data: bytes, demuxer: str) -> InputContainer:
    return av.open(
        io.BytesIO(data),
        "r",
        format=demuxer,
        metadata_errors="replace",
        container_options={"codec_whitelist": ",".join(sorted(_DECODERS)), "protocol_whitelist": ""},
    )


def _open_sink(out: io.BytesIO, target: _Target) -> OutputContainer:
    """Open a container that says nothing of the day, the place or the program it was made with."""
    options = {"fflags": "+bitexact", "flags": "+bitexact", **target.options}
    return av.open(
        out, "w", format=target.muxer, container_options=options, io_open=lambda *_asked: _Reader(out)
    )


def _choose_streams(source: InputContainer) -> list[VideoStream | AudioStream]:
    """Take the first video that is no cover picture, and the first sound."""
    videos = [each for each in source.streams.video if not each.disposition & Disposition.attached_pic]
    chosen: list[VideoStream | AudioStream] = [*videos[:1], *source.streams.audio[:1]]
    if not chosen:
        raise RemuxError("it has neither video nor sound")
    for each in chosen:
        # Each thread sets memory aside, and one picture is all that is decoded.
        each.codec_context.thread_count = 1
    return chosen


def _choose_target(demuxer: str, streams: Sequence[VideoStream | AudioStream]) -> _Target:
    names = {each.type: each.codec_context.codec.canonical_name for each in streams}
    for target in _TARGETS[demuxer]:
        if all(name in (target.video if kind == "video" else target.audio) for kind, name in names.items()):
            return target
    raise RemuxError(f"browsers do not play {' with '.join(names.values())} in it")


def _add_track(sink: OutputContainer, source: VideoStream | AudioStream) -> VideoStream | AudioStream:
    track = sink.add_stream_from_template(source, opaque=True)
    if source.codec_context.codec.canonical_name == "vorbis":
        track.codec_context.extradata = _drop_comments(source.codec_context.extradata or b"")
    return track


def _drop_comments(headers: bytes) -> bytes:
    """Empty the second of Vorbis' three headers, as Matroska packs them ("Codec mappings", A_VORBIS)."""
    sizes, at = [0, 0], 1
    for number in range(2):
        while headers[at : at + 1] == b"\xff":
            sizes[number] += 255
            at += 1
        sizes[number] += headers[at] if at < len(headers) else 0
        at += 1
    first = headers[at : at + sizes[0]]
    last = headers[at + sum(sizes) :]
    if headers[:1] != b"\x02" or not (first.startswith(b"\x01vorbis") and last.startswith(b"\x05vorbis")):
        raise RemuxError("its sound has no headers")
    return bytes((2, len(first), len(_NO_COMMENTS))) + first + _NO_COMMENTS + last


def _copy(source: InputContainer, sink: OutputContainer, tracks: Sequence[_Track], limit: int) -> None:
    """Copy packets; `limit` is how many bytes they can have together."""
    by_index = {track.source.index: track for track in tracks}
    size = 0
    for packet in source.demux([track.source for track in tracks]):
        if packet.size == 0:
            continue
        size += packet.size
        track = by_index[packet.stream.index]
        track.note(packet)
        if size > limit or track.packets > _MAX_PACKETS:
            raise RemuxError("it unfolds into more than it is")
        packet.stream = track.sink
        sink.mux(packet)
    for track in tracks:
        if not track.is_proven:
            track.prove(None)


def _sum_up(tracks: Sequence[_Track], target: _Target) -> Measured:
    filled = [track for track in tracks if track.packets]
    if not filled or not all(track.is_proven for track in filled):
        raise RemuxError("nothing in it can be decoded")
    # What comes before zero is there for decoders only.
    start = min(max(track.start or Fraction(0), Fraction(0)) for track in filled)
    seconds = max(track.end for track in filled) - start
    if not 0 < seconds <= _MAX_SECONDS:
        raise RemuxError("it has no length that can be true")
    size = next((track.size for track in filled if track.size), None)
    family = "video" if size else "audio"
    return Measured(f"{family}/{target.subtype}", max(1, round(seconds * 1000)), *(size or (None, None)))


def _measure(frame: VideoFrame, aspect: Fraction | None) -> tuple[int, int]:
    """Return width and height as they are meant to be seen: pixels made square, and turned upright."""
    width, height = round(frame.width * (aspect or 1)), frame.height
    if not (0 < width <= _MAX_SIDE and 0 < height <= _MAX_SIDE):
        raise RemuxError(f"{width} × {height} pixels: too many")
    return (height, width) if frame.rotation % 180 else (width, height)


class _Reader:
    """Reads what is being written: the muxer of MP4 moves its index to the front at the end."""

    def __init__(self, written: io.BytesIO) -> None:
        self._written = written
        self._at = 0

    def read(self, size: int) -> bytes:
        with self._written.getbuffer() as view:
            data = bytes(view[self._at : self._at + size])
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        with self._written.getbuffer() as view:
            base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: view.nbytes}
        self._at = base[whence] + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        """Nothing was opened."""

"""A recording comes out clean, measured and playable, and what is none does not come out."""

from __future__ import annotations

import contextlib
import io
import random
import struct
import zipfile
from collections.abc import Callable
from fractions import Fraction

import av
import pytest

from garden.archive import recording
from garden.archive.recording import RecordingError, clean_recording, guess_container
from garden.archive.remux import RemuxError, remux
from tests.archive.recorded import PLACE, SECRET, photograph, record, video, voice

KINDS = [
    ("mp4", "libx264", "aac", "video/mp4"),
    ("mov", "libx264", "aac", "video/mp4"),
    ("mp4", None, "aac", "audio/mp4"),
    ("webm", "libvpx", "libopus", "video/webm"),
    ("webm", None, "libopus", "audio/webm"),
    ("matroska", "libvpx-vp9", "libopus", "video/webm"),
    ("matroska", "libx264", "aac", "video/mp4"),
    ("ogg", None, "libopus", "audio/ogg"),
    ("ogg", None, "flac", "audio/ogg"),
    ("mp3", None, "libmp3lame", "audio/mpeg"),
    ("wav", None, "pcm_s16le", "audio/wav"),
    ("flac", None, "flac", "audio/flac"),
    ("adts", None, "aac", "audio/aac"),
]


@pytest.mark.parametrize(("container", "shown", "heard", "mimetype"), KINDS)
def test_each_kind_comes_out_clean_measured_and_the_same_every_time(
    container: str, shown: str | None, heard: str | None, mimetype: str
) -> None:
    data = record(container, shown, heard)
    cleaned = clean_recording(data)
    assert (cleaned.mimetype, cleaned.width, cleaned.height) == (
        mimetype,
        *((64, 48) if shown else (None, None)),
    )
    assert 900 <= cleaned.duration_ms <= 1100
    assert SECRET.encode() not in cleaned.data
    assert PLACE.encode() not in cleaned.data
    assert clean_recording(data) == cleaned
    with av.open(io.BytesIO(cleaned.data), "r") as played:
        assert [stream.type for stream in played.streams] == (["video"] if shown else []) + ["audio"]
        assert len(list(played.decode(played.streams[0]))) >= 10
        assert not set(played.metadata) - {"major_brand", "minor_version", "compatible_brands", "encoder"}


def test_what_a_telephone_notes_beside_the_film_goes() -> None:
    data = record("mov", "libx264", "aac", beside=b"52.0800 4.3100 a track of places")
    assert b"track of places" in data
    with av.open(io.BytesIO(data)) as uploaded:
        assert [stream.type for stream in uploaded.streams] == ["video", "audio", "subtitle", "data"]
    cleaned = clean_recording(data)
    assert b"track of places" not in cleaned.data
    with av.open(io.BytesIO(cleaned.data), "r") as played:
        assert [stream.type for stream in played.streams] == ["video", "audio"]


def test_a_film_can_be_played_before_it_is_loaded() -> None:
    data = clean_recording(video()).data
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_a_film_that_was_taken_upright_is_measured_upright() -> None:
    data = video()
    straight = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    turned = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 48 << 16, 0, 1 << 30)
    at = data.index(straight, data.index(b"tkhd"))
    cleaned = clean_recording(data[:at] + turned + data[at + len(turned) :])
    assert (cleaned.width, cleaned.height) == (48, 64)
    assert turned in cleaned.data


def test_covers_and_tags_of_music_go() -> None:
    plain = record("mp3", None, "libmp3lame")
    cover = b"APIC" + struct.pack(">I", 20) + b"\0\0" + b"\0image/jpeg\0\3\0" + b"\xff\xd8\xff" + b"se"
    tag = b"ID3\3\0\0" + bytes([0, 0, 0, len(cover)]) + cover
    old_tag = b"TAG" + SECRET.encode().ljust(125, b"\0")
    ape_tag = b"APETAGEX" + struct.pack("<IIII", 2000, 32, 0, 0) + bytes(8)
    cleaned = clean_recording(tag + plain + ape_tag + old_tag)
    assert SECRET.encode() not in cleaned.data
    assert b"APIC" not in cleaned.data
    assert b"APETAGEX" not in cleaned.data


def test_comments_inside_the_headers_of_vorbis_go() -> None:
    cleaned = clean_recording(vorbis_in_webm())
    assert cleaned.mimetype == "audio/webm"
    assert b"secretplace" not in cleaned.data
    with av.open(io.BytesIO(cleaned.data), "r") as played:
        assert list(played.decode(audio=0))


def vorbis_in_webm() -> bytes:
    first, out = io.BytesIO(), io.BytesIO()
    with av.open(first, "w", format="webm") as sink:
        track = sink.add_stream("vorbis", rate=48000, options={"strict": "-2"}, layout="stereo")
        for number in range(200):
            frame = av.AudioFrame(format="fltp", layout="stereo", samples=64)
            frame.sample_rate, frame.pts, frame.time_base = 48000, number * 64, Fraction(1, 48000)
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            sink.mux(track.encode(frame))
        sink.mux(track.encode(None))
    with av.open(io.BytesIO(first.getvalue()), "r") as source, av.open(out, "w", format="webm") as sink:
        track = sink.add_stream_from_template(source.streams.audio[0], opaque=True)
        headers = source.streams.audio[0].codec_context.extradata or b""
        known, last = headers[3 : 3 + headers[1]], headers[3 + headers[1] + headers[2] :]
        comment = b"LOCATION=secretplace"
        told = b"\x03vorbis" + struct.pack("<III", 0, 1, len(comment)) + comment + b"\1"
        track.codec_context.extradata = bytes((2, len(known), len(told))) + known + told + last
        for packet in source.demux(source.streams.audio[0]):
            if packet.size:
                packet.stream = track
                sink.mux(packet)
    assert b"secretplace" in out.getvalue()
    return out.getvalue()


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("film.mp4", video())
    return out.getvalue()


NO_RECORDINGS: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "zeros": lambda: bytes(5000),
    "html": lambda: b"<html><script>alert(1)</script></html>",
    "svg": lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "playlist": lambda: b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "concat script": lambda: b"ffconcat version 1.0\nfile /etc/passwd\n",
    "zip": zipped,
    "png": lambda: photograph("PNG", (8, 6)),
    "avif": lambda: photograph("AVIF", (8, 6)),
    "zip behind mp4": lambda: b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + zipped(),
    "script behind ogg": lambda: b"OggS" + b"<script>alert(1)</script>" * 50,
    "script behind mp3": lambda: b"\xff\xfb\x90\x00" + b"<script>alert(1)</script>" * 50,
    "half mp4": lambda: video()[:1200],
    "half ogg": lambda: voice()[:100],
    "mpegts": lambda: record("mpegts", "libx264", "aac"),
    "avi": lambda: record("avi", "mpeg4", "libmp3lame"),
    "codec that browsers do not play": lambda: record("matroska", "mpeg4", "aac"),
}


@pytest.mark.parametrize("name", NO_RECORDINGS)
def test_what_is_no_recording_of_these_kinds_is_refused(name: str) -> None:
    with pytest.raises(RecordingError) as caught:
        clean_recording(NO_RECORDINGS[name]())
    assert caught.value.reason == "unreadable"


def test_what_lies_about_being_a_film_is_named_before_any_decoder_sees_it() -> None:
    assert guess_container(zipped()) is None
    assert guess_container(photograph("PNG", (8, 6))) is None
    assert guess_container(photograph("AVIF", (8, 6))) is None


def test_a_film_without_a_picture_that_can_be_decoded_is_refused() -> None:
    data = bytearray(video())
    start = data.index(b"mdat") + 4
    size = struct.unpack(">I", data[start - 8 : start - 4])[0] - 8
    data[start : start + size] = random.Random(1).randbytes(size)
    with pytest.raises(RecordingError):
        clean_recording(bytes(data))


def test_a_table_that_says_to_be_gigabytes_costs_little_and_is_refused_or_cut() -> None:
    data = bytearray(video())
    for table in (b"stsz", b"stts", b"stsc"):
        at = 0
        while (at := data.find(table, at + 1)) > 0:
            # One entry of a thousand million samples of one byte.
            data[at + 8 : at + 16] = struct.pack(">II", 1, 1_000_000_000)
    with contextlib.suppress(RecordingError):
        assert len(clean_recording(bytes(data)).data) < 10 * len(data)


def test_packets_that_unfold_into_more_than_the_file_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("garden.archive.remux._MAX_PACKETS", 5)
    with pytest.raises(RemuxError, match="unfolds"):
        remux(video(), "mov")


def test_a_decoder_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "_SECONDS", 0.001)
    with pytest.raises(RecordingError) as caught:
        clean_recording(video())
    assert caught.value.reason == "too-large"


def test_broken_recordings_are_refused_or_read() -> None:
    chance = random.Random(3)
    for data in (video(), voice(), record("webm", "libvpx", "libopus")):
        for _ in range(6):
            broken = bytearray(data)
            for _ in range(chance.randrange(1, 30)):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            with contextlib.suppress(RecordingError):
                assert clean_recording(bytes(broken)).data

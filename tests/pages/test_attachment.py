"""What a message carries beside words: each kind as Markdown, copied or not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from garden.archive.event import MediaForm, MxcUri
from garden.conversations.conversation import Attachment, Location, MessageKind
from garden.pages.attachment import write_attachment, write_location
from garden.pages.media import MediaFile, MissingMedia
from garden.pages.wording import Wording

URI = MxcUri("mxc://fen.example/file")
STILL = MxcUri("mxc://fen.example/still")
FILES = {
    (URI, MediaForm.PICTURE): MediaFile("ab/p.jpg", 1600, 1200, 90_000, "image/jpeg", "cd/t.webp", "#a0b1c2"),
    (URI, MediaForm.RECORDING): MediaFile("ab/r.mp4", 640, 360, 90_000, "video/mp4", duration_ms=12_000),
    (URI, MediaForm.FILE): MediaFile("ab/f.pdf", size=12_345, mimetype="application/pdf"),
    (STILL, MediaForm.PICTURE): MediaFile("ef/s.webp", 640, 360),
}
ATTACHED = Attachment(URI, "bean jars.jpg")
COPIED = Wording(locate=lambda uri, form: FILES.get((uri, form)), up="../../")


def write(
    kind: MessageKind, wording: Wording = COPIED, *, attachment: Attachment = ATTACHED, caption: str = ""
) -> str:
    return write_attachment(attachment, kind, caption, wording)


@pytest.mark.parametrize(
    ("kind", "attachment", "written"),
    [
        (
            MessageKind.IMAGE,
            ATTACHED,
            '![bean jars](../../media/ab/p.jpg){width=1600 height=1200 thumb="cd/t.webp" color="#a0b1c2"}',
        ),
        (
            MessageKind.STICKER,
            Attachment(URI, "Hooray"),
            (
                "![Hooray](../../media/ab/p.jpg){.sticker width=1600 height=1200 "
                'thumb="cd/t.webp" color="#a0b1c2"}'
            ),
        ),
        (
            MessageKind.VIDEO,
            Attachment(URI, "pond.mp4", thumbnail=STILL),
            (
                "![pond.mp4](../../media/ab/r.mp4){.video width=640 height=360 "
                'poster="ef/s.webp" duration=12000}'
            ),
        ),
        (
            MessageKind.AUDIO,
            Attachment(URI, "rain.ogg"),
            "![rain.ogg](../../media/ab/r.mp4){.audio duration=12000}",
        ),
        (
            MessageKind.VOICE,
            Attachment(URI, "Voice", waveform=(0, 512, 1024, 9999)),
            '![Voice](../../media/ab/r.mp4){.voice duration=12000 waveform="0fvv"}',
        ),
        (
            MessageKind.FILE,
            Attachment(URI, "plan.pdf"),
            '[plan.pdf](../../media/ab/f.pdf){.file size=12345 type="application/pdf"}',
        ),
    ],
)
def test_a_copied_file_stands_with_what_was_measured(
    kind: MessageKind, attachment: Attachment, written: str
) -> None:
    assert write(kind, attachment=attachment) == written


def test_the_caption_is_what_a_picture_shows_for_those_who_do_not_see_it() -> None:
    assert write(MessageKind.IMAGE, caption="Four *labels*").startswith("![Four labels](")
    assert "gardener" not in write(MessageKind.IMAGE, caption="[gardener]{.spoiler}").partition("](")[0]


def test_the_caption_stands_below() -> None:
    assert write(MessageKind.FILE, caption="As promised.").endswith("}\n\nAs promised.")


def test_a_length_that_was_not_measured_is_the_declared_one() -> None:
    unmeasured = Wording(locate=lambda _uri, _form: MediaFile("ab/r.ogg"), up="../")
    assert write(MessageKind.AUDIO, unmeasured, attachment=replace(ATTACHED, duration_ms=900)).endswith(
        "{.audio duration=900}"
    )


@pytest.mark.parametrize("missing", [None, MissingMedia(), MissingMedia("too-large")])
def test_a_file_that_was_not_copied_leaves_its_name(missing: MissingMedia | None) -> None:
    why = ' why="too-large"' if missing and missing.reason else ""
    lost = Wording(locate=lambda _uri, _form: missing)
    assert (
        write(MessageKind.VIDEO, lost, attachment=Attachment(URI, "[x](y)"))
        == f'[\\[x\\](y)]{{.missing what="video"{why}}}'
    )


@given(st.lists(st.integers(-10, 5_000), max_size=400))
def test_a_waveform_has_at_most_sixty_bars_and_its_loudest_sample_stays(samples: list[int]) -> None:
    written = write(MessageKind.VOICE, attachment=replace(ATTACHED, waveform=tuple(samples)))
    bars = written.rpartition('waveform="')[2].rpartition('"')[0] if "waveform" in written else ""
    assert len(bars) == min(60, len(samples))
    if samples and max(samples) >= 1024:
        assert "v" in bars


def test_a_place_is_its_coordinates_and_its_description() -> None:
    assert write_location(Location("geo:52.08,4.31;u=35")) == "[52.08, 4.31](<geo:52.08,4.31;u=35>)"
    described = write_location(Location("geo:52.08,4.31", "# The pond"))
    assert described == "\\# The pond\n\n[52.08, 4.31](<geo:52.08,4.31>)"

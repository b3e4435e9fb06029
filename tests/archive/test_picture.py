"""A picture comes out clean and equal, and what is none does not come out."""

from __future__ import annotations

import contextlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from garden.archive import picture
from garden.archive.picture import PictureError, clean_picture, clean_small
from tests.archive.recorded import animation, photograph

KINDS = ["PNG", "JPEG", "WEBP", "GIF", "AVIF"]


def draw(kind: str, mode: str = "RGB", size: tuple[int, int] = (8, 6), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 1).save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_stays_its_kind_and_comes_out_the_same_every_time(kind: str) -> None:
    data = draw(kind)
    cleaned = clean_picture(data)
    assert (cleaned.mimetype, cleaned.width, cleaned.height) == (f"image/{kind.lower()}", 8, 6)
    assert Image.open(io.BytesIO(cleaned.data)).format == kind
    assert clean_picture(data) == cleaned


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_what_a_camera_writes_beside_the_pixels_goes(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    data = draw(kind, exif=exif)
    assert b"taken at home" in data
    assert b"taken at home" not in clean_picture(data).data


def test_comments_and_texts_go() -> None:
    from PIL.PngImagePlugin import PngInfo  # noqa: PLC0415

    text = PngInfo()
    text.add_text("Author", "somebody")
    assert b"somebody" not in clean_picture(draw("PNG", pnginfo=text)).data
    assert b"somebody" not in clean_picture(draw("GIF", comment=b"somebody")).data
    assert b"somebody" not in clean_picture(draw("JPEG", comment=b"somebody")).data


def test_a_picture_on_its_side_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    cleaned = clean_picture(draw("JPEG", exif=exif))
    assert (cleaned.width, cleaned.height) == (6, 8)


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_an_animation_keeps_its_frames_and_their_times(kind: str) -> None:
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=[100, 200, 300])
    cleaned = Image.open(io.BytesIO(clean_picture(out.getvalue()).data))
    assert cleaned.n_frames == 3  # type: ignore[attr-defined]
    cleaned.seek(1)
    cleaned.load()
    assert cleaned.info["duration"] == 200
    assert cleaned.convert("RGB").getpixel((1, 1))[1] > 90  # type: ignore[index]


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "CMYK"), ("PNG", "I;16"), ("GIF", "P"), ("PNG", "LA")])
def test_other_colour_spaces_are_read(kind: str, mode: str) -> None:
    assert clean_picture(draw(kind, mode)).width == 8


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>alert(1)</script></html>",
        b"%PDF-1.7",
        draw("PNG")[:40],
        draw("JPEG")[:100],
        draw("BMP"),
        draw("TIFF"),
    ],
)
def test_what_is_no_picture_of_these_kinds_is_refused(data: bytes) -> None:
    with pytest.raises(PictureError):
        clean_picture(data)


def test_a_bomb_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "MAX_PIXELS", 1000)
    with pytest.raises(PictureError, match="too many"):
        clean_picture(draw("PNG", "1", (40, 40)))


@given(st.binary(max_size=200), st.sampled_from([draw(kind) for kind in KINDS]), st.data())
@settings(max_examples=60, deadline=None)
def test_broken_pictures_are_refused_or_read(noise: bytes, data: bytes, chance: st.DataObject) -> None:
    at = chance.draw(st.integers(0, len(data)))
    with contextlib.suppress(PictureError):
        assert clean_picture(data[:at] + noise + data[at + len(noise) :]).data


def test_a_place_that_a_camera_noted_goes() -> None:
    data = photograph()
    assert Image.open(io.BytesIO(data)).getexif().get_ifd(0x8825)
    cleaned = Image.open(io.BytesIO(clean_picture(data).data))
    assert not dict(cleaned.getexif())


def test_a_wide_picture_gets_a_smaller_one_and_a_narrow_one_does_not() -> None:
    cleaned = clean_picture(photograph(size=(1600, 1200)))
    assert cleaned.thumb is not None
    thumb = Image.open(io.BytesIO(cleaned.thumb))
    assert (thumb.format, thumb.size) == ("WEBP", (960, 720))
    assert clean_picture(photograph(size=(1600, 1200))).thumb == cleaned.thumb
    assert clean_picture(photograph(size=(960, 1200))).thumb is None
    assert clean_picture(animation(size=(1000, 10))).thumb is None
    assert clean_picture(draw("PNG", "1", (961, 20_000))).thumb is None


@pytest.mark.parametrize("mode", ["1", "I;16", "L", "LA", "P", "RGB", "RGBA"])
def test_every_kind_of_colours_can_be_made_smaller(mode: str) -> None:
    cleaned = clean_picture(draw("PNG", mode, (1000, 10)))
    assert cleaned.thumb is not None
    assert Image.open(io.BytesIO(cleaned.thumb)).size == (960, 10)


def test_the_average_colour_is_that_of_what_is_seen() -> None:
    half = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    half.paste((200, 100, 50, 255), (0, 0, 60, 100))
    out = io.BytesIO()
    half.save(out, "PNG")
    assert clean_picture(out.getvalue()).color == "#c86432"
    transparent = io.BytesIO()
    Image.new("RGBA", (5, 5), (9, 9, 9, 0)).save(transparent, "PNG")
    assert clean_picture(transparent.getvalue()).color == ""


def test_a_bomb_says_that_it_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "MAX_PIXELS", 1000)
    for clean in (clean_picture, clean_small):
        with pytest.raises(PictureError) as caught:
            clean(draw("GIF", "L", (40, 40)))
        assert caught.value.reason == "too-large"

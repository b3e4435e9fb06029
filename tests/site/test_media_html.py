"""Pictures, recordings and files: their room is reserved, and only the garden's own media are shown."""

from __future__ import annotations

import pytest

from garden.site.markdown import render_markdown

PAGE = "https://fen.example/garden/seeds/beans-3fk2a9xy/"
FULL = f"ab/{'c' * 64}"
THUMB = f"cd/{'d' * 64}.webp"
MEDIA = f"../../media/{FULL}"
LAZY = 'loading="lazy" decoding="async">'


def one(markdown: str, base_url: str = "") -> str:
    """What a paragraph of this text holds."""
    return render_markdown(markdown, base_url).removeprefix("<p>").removesuffix("</p>\n")


def test_a_picture_shows_its_small_copy_on_a_ground_of_its_colour_and_opens_the_whole() -> None:
    assert one(f'![Jars]({MEDIA}.webp){{width=800 height=600 thumb="{THUMB}" color="#a0b1c2"}}') == (
        f'<a class="picture" href="{MEDIA}.webp"><img class="tone-222" src="../../media/{THUMB}" alt="Jars" '
        f'width="800" height="600" {LAZY}</a>'
    )


@pytest.mark.parametrize(
    ("color", "tone"),
    [("#000000", "tone-000"), ("#ffffff", "tone-333"), ("#2a2bff", "tone-013"), ("#557fd4", "tone-112")],
)
def test_a_ground_is_the_nearest_of_four_steps(color: str, tone: str) -> None:
    assert f'<img class="{tone}"' in one(f'![a]({MEDIA}.webp){{color="{color}"}}')


@pytest.mark.parametrize("color", ["red", "#fff", "#FFFFFF", "#12345g", "url(x)"])
def test_a_colour_that_is_none_gives_no_ground(color: str) -> None:
    assert "class" not in one(f'![a]({MEDIA}.webp){{color="{color}"}}').replace('class="picture"', "")


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/x.webp",
        "//evil.example/x.webp",
        f"../{THUMB}",
        f"/{THUMB}",
        "cd/short.webp",
        THUMB.replace("webp", "svg"),
        THUMB + '" onerror="x',
        THUMB.upper(),
    ],
)
def test_a_small_copy_lies_in_the_media_folder_or_is_none(path: str) -> None:
    value = path.replace('"', '\\"')
    assert f'src="{MEDIA}.webp"' in one(f'![a]({MEDIA}.webp){{thumb="{value}"}}')
    assert "poster" not in one(f'![a]({MEDIA}.mp4){{.video poster="{value}"}}')


@pytest.mark.parametrize("ending", ["svg", "html", "xhtml", "pdf", "js"])
def test_what_could_act_is_no_picture(ending: str) -> None:
    assert one(f"![a]({MEDIA}.{ending})") == f'<a href="{MEDIA}.{ending}" rel="nofollow ugc">a</a>'
    assert "<img" not in one(f"![a]({MEDIA}.{ending}){{.sticker}}")
    assert "<img" not in one(f"![a]({MEDIA}.{ending}){{.emote}}")


@pytest.mark.parametrize(
    "source", ["../media/../../x.webp", "https://evil.example/media/a.webp", "/media/a.webp"]
)
def test_media_from_elsewhere_are_never_loaded(source: str) -> None:
    for classes in ("", "{.video}", "{.voice}", "{.sticker}", "{.emote}"):
        assert "src=" not in one(f"![a]({source}){classes}")


def test_a_sticker_and_an_emote_have_a_size_of_their_own() -> None:
    assert one(f'![Hi]({MEDIA}.webp){{.sticker width=512 height=512 thumb="{THUMB}"}}') == (
        f'<img class="sticker" src="../../media/{THUMB}" alt="Hi" width="512" height="512" {LAZY}'
    )
    assert one(f"a ![:bean:]({MEDIA}.webp){{.emote width=32 height=32}}") == (
        f'a <img class="emote" src="{MEDIA}.webp" alt=":bean:" width="32" height="32" title=":bean:" {LAZY}'
    )
    assert one("![:bean:](https://evil.example/a.webp){.emote}") == ":bean:"


def test_a_video_has_a_still_a_size_a_name_and_a_length() -> None:
    markdown = f'![Pond.mp4]({MEDIA}.mp4){{.video width=640 height=360 duration=12000 poster="{THUMB}"}}'
    named = '{} <span class="about">0:12</span>'
    link = '<a class="file" href="{}.mp4" download="Pond.mp4">Pond.mp4</a>'
    assert one(markdown) == (
        f'<span class="recording"><video controls preload="none" src="{MEDIA}.mp4"'
        f' poster="../../media/{THUMB}" width="640" height="360" aria-label="Pond.mp4"></video> '
        f"{named.format(link.format(MEDIA))}</span>"
    )
    assert one(markdown, PAGE) == named.format(link.format(f"https://fen.example/garden/media/{FULL}"))
    assert one(f"[{markdown}](../x/)") == f'<a href="../x/">{named.format("Pond.mp4")}</a>'


def test_a_recording_has_a_name_and_a_length() -> None:
    assert one(f"![rain.ogg]({MEDIA}.ogg){{.audio duration=3723499}}") == (
        f'<span class="recording"><audio controls preload="none" src="{MEDIA}.ogg" aria-label="rain.ogg">'
        "</audio> "
        f'<a class="file" href="{MEDIA}.ogg" download="rain.ogg">rain.ogg</a> '
        '<span class="about">1:02:03</span></span>'
    )


def test_a_voice_message_shows_its_loudness() -> None:
    shown = one(f'![Voice.ogg]({MEDIA}.ogg){{.voice duration=61000 waveform="0gv"}}')
    assert (
        '<svg class="waveform" viewBox="0 0 12 32" width="12" height="32" role="img"'
        ' aria-label="Voice message, 1:01">'
        '<rect x="0" y="15" width="2" height="2"/><rect x="4" y="8" width="2" height="16"/>'
        '<rect x="8" y="0" width="2" height="31"/></svg> <audio'
    ) in shown


@pytest.mark.parametrize("waveform", ["", "0w", "A", "0" * 61, '\\"/><script>'])
def test_a_waveform_that_is_none_is_not_drawn(waveform: str) -> None:
    shown = one(f'![a]({MEDIA}.ogg){{.voice waveform="{waveform}"}}')
    assert "<svg" not in shown
    assert "<audio" in shown


@pytest.mark.parametrize("number", ["-1", "1e9", "1.5", "x", "٣", "9" * 13])
def test_a_length_or_size_is_written_in_digits_or_not_said(number: str) -> None:
    assert "about" not in one(f'![a]({MEDIA}.ogg){{.audio duration="{number}"}}')
    assert "about" not in one(f'[a]({MEDIA}.bin){{.file size="{number}"}}')


@pytest.mark.parametrize(
    ("name", "attributes", "about"),
    [
        ("plan.pdf", 'size=1234567 type="application/pdf"', "PDF, 1.2 MB"),
        ("plan.odt", "size=999", "ODT, 999 B"),
        ("plan.x y", "size=12345", "12 kB"),
        ("plan", 'size=1500 type="text/plain"', "text, 1.5 kB"),
        ("plan.tar.gz", "size=999999", "GZ, 1.0 MB"),
        ("plan.pdf", "size=5000000000", "PDF, 5.0 GB"),
    ],
)
def test_a_file_is_offered_with_its_name_kind_and_size(name: str, attributes: str, about: str) -> None:
    assert one(f"[{name}]({MEDIA}.bin){{.file {attributes}}}") == (
        f'<a href="{MEDIA}.bin" class="file" download="{name}">{name}</a> <span class="about">{about}</span>'
    )


@pytest.mark.parametrize(
    ("name", "saved"),
    [("../../index.html", "index.html"), ("C:\\\\x.pdf", "x.pdf"), (".bashrc", "bashrc"), ("..", "file")],
)
def test_a_download_has_the_name_of_a_file_and_no_path(name: str, saved: str) -> None:
    assert f'download="{saved}"' in one(f"[{name}]({MEDIA}.bin){{.file}}")
    assert f'download="{saved}"' in one(f"![{name}]({MEDIA}.mp4){{.video}}")


def test_a_file_from_elsewhere_is_only_a_link() -> None:
    assert one("[a.pdf](https://evil.example/a.pdf){.file size=1}") == (
        '<a href="https://evil.example/a.pdf" rel="nofollow ugc">a.pdf</a>'
    )


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ('what="image" why="too-large"', "Picture: <bdi>a.png</bdi> (too large to be copied)"),
        ('what="voice" why="not-found"', "Voice message: <bdi>a.png</bdi> (not found)"),
        ('what="file" why="unreadable"', "File: <bdi>a.png</bdi> (could not be read)"),
        ('what="video"', "Video: <bdi>a.png</bdi> (not copied)"),
        ('what="x" why="y"', "File: <bdi>a.png</bdi> (not copied)"),
    ],
)
def test_what_was_not_copied_is_named(attributes: str, words: str) -> None:
    assert one(f"[a.png]{{.missing {attributes}}}") == f'<span class="missing">{words}</span>'

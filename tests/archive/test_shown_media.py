"""Which files an event shows, whoever wrote it and however."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from garden.archive.event import MXC_URI, MediaForm
from garden.archive.shown_media import ShownMedia, find_media
from tests.archive.material import ADA, Json, event

URI = "mxc://fen.example/one"
PICTURE, RECORDING, FILE, SMALL = MediaForm.PICTURE, MediaForm.RECORDING, MediaForm.FILE, MediaForm.SMALL


def shown(source: Json) -> list[tuple[str, MediaForm]]:
    return [(found.uri.removeprefix("mxc://fen.example/"), found.form) for found in find_media(source)]


def said(**content: object) -> Json:
    return event("a", "m.room.message", {"msgtype": "m.text", "body": "words"} | content)


def html(words: str) -> Json:
    return said(format="org.matrix.custom.html", formatted_body=words)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (said(), []),
        (said(url=URI), []),
        (said(msgtype="m.image", url=URI), [("one", PICTURE)]),
        (said(msgtype="m.audio", url=URI), [("one", RECORDING)]),
        (said(msgtype="m.audio", url=URI, **{"org.matrix.msc3245.voice": {}}), [("one", RECORDING)]),
        (said(msgtype="m.file", url=URI), [("one", FILE)]),
        (
            said(msgtype="m.video", url=URI, info={"thumbnail_url": "mxc://fen.example/still"}),
            [("one", RECORDING), ("still", PICTURE)],
        ),
        (said(msgtype="m.image", url=URI, info={"thumbnail_url": "mxc://fen.example/x"}), [("one", PICTURE)]),
        (said(msgtype="m.image", file={"url": URI}), []),
        (event("a", "m.sticker", {"body": "x", "url": URI}), [("one", PICTURE)]),
        (event("a", "example.other", {"msgtype": "m.image", "url": URI}), []),
        (
            said(msgtype="m.image", url=URI, **{"m.new_content": {"msgtype": "m.file", "url": f"{URI}2"}}),
            [("one", PICTURE), ("one2", FILE)],
        ),
        (event("a", "m.reaction", {"m.relates_to": {"key": URI, "event_id": "$b"}}), [("one", SMALL)]),
        (event("a", "m.reaction", {"m.relates_to": {"key": "🌱", "event_id": "$b"}}), []),
        (event("a", "m.room.member", {"avatar_url": URI}, state_key=ADA), [("one", SMALL)]),
        (said(**{"m.per_message_profile": {"id": "x", "avatar_url": URI}}), [("one", SMALL)]),
        (said(**{"com.beeper.per_message_profile": {"id": "x", "avatar_url": URI}}), [("one", SMALL)]),
        (html(f'<img src="{URI}" alt="x">'), [("one", PICTURE)]),
        (html(f"<IMG data-mx-emoticon height=32 SRC='{URI}'/>"), [("one", SMALL)]),
        (html(f"<img src={URI} data-mx-emoticon=''>"), [("one", SMALL)]),
        (html(f'<img alt="a > data-mx-emoticon" src="{URI}">'), [("one", PICTURE)]),
        (html(f'<img src="{URI}" src="mxc://fen.example/two">'), [("one", PICTURE)]),
        (html(f'<a href="{URI}">x</a> {URI}'), []),
        (html(f'<img title="src={URI}">'), []),
        (html(f'<img src="{URI}"><img data-mx-emoticon src="{URI}">'), [("one", PICTURE), ("one", SMALL)]),
        (html(f'<img src="{URI}">' * 3), [("one", PICTURE)]),
    ],
)
def test_what_is_shown_and_as_what(source: Json, expected: list[tuple[str, MediaForm]]) -> None:
    assert shown(source) == expected


@pytest.mark.parametrize(
    "uri",
    [
        "https://fen.example/one",
        "mxc://fen.example",
        "mxc:///one",
        "mxc://fen.example/../one",
        "mxc://fen.example/one/two",
        "mxc://fen.example/one.webp",
        "mxc://fen.example/one?x=y",
        "mxc://fen.example/" + "a" * 256,
        "mxc://fen example/one",
        "mxc://fen.example:port/one",
        "mxc://fen.example/one\n",
        "MXC://fen.example/one",
        None,
        7,
        ["mxc://fen.example/one"],
    ],
)
def test_what_is_no_address_of_a_file_is_none(uri: object) -> None:
    assert shown(said(msgtype="m.image", url=uri)) == []


@pytest.mark.parametrize("server", ["fen.example:8448", "127.0.0.1", "[::1]:8448", "localhost"])
def test_every_kind_of_server_name_is_one(server: str) -> None:
    assert MXC_URI.fullmatch(f"mxc://{server}/a-B_9")


def test_a_declared_size_and_whether_it_is_text_come_along() -> None:
    (found,) = find_media(said(msgtype="m.file", url=URI, info={"size": 1 << 80, "mimetype": "text/plain"}))
    assert found.size is not None
    assert found.size < 1 << 63
    assert found.is_text
    for size in (-1, "large", True, None):
        assert find_media(said(msgtype="m.file", url=URI, info={"size": size}))[0].size is None
    assert find_media(said(msgtype="m.file", url=URI, filename="Notes.MD"))[0].is_text
    assert not find_media(said(msgtype="m.file", url=URI, filename="x.html"))[0].is_text


def test_an_avatar_is_its_members() -> None:
    (found,) = find_media(event("a", "m.room.member", {"avatar_url": URI}, state_key=ADA))
    assert found == ShownMedia(found.uri, SMALL, found.member)
    assert found.member == ADA


def test_only_so_many_pictures_of_one_event_are_copied() -> None:
    many = "".join(f'<img src="mxc://fen.example/{number}">' for number in range(200))
    assert len(find_media(html(many))) == 50


@pytest.mark.parametrize("piece", ['<img"', "<img ", "<img a='", "<img " + "a " * 30, "<img src=mxc://"])
def test_no_words_make_looking_slow(piece: str) -> None:
    source = html(f"mxc:// {piece * (60_000 // len(piece))}")
    began = time.perf_counter()
    find_media(source)
    assert time.perf_counter() - began < 0.2


@given(st.text(alphabet="<img src=\"'>/mxc:data-emoticon \n", max_size=200))
def test_any_words_can_be_looked_through(words: str) -> None:
    assert all(MXC_URI.fullmatch(found.uri) for found in find_media(html(f"<img {words} mxc://")))

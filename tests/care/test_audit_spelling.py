"""However a file may spell a text, it is found; what merely looks like it is not."""

from __future__ import annotations

import html
import json
import unicodedata
from collections.abc import Callable
from urllib.parse import quote

import pytest

from garden.care.audit_spelling import want

TEXTS = [
    "Blue Heron & Müller_“x”",
    "привет",
    "你好 世界",
    "🌱🌱",
    "straße",
    "ü",
    '"ü"',
    "\\ü",
    "_é_",
    "a\N{COMBINING RING ABOVE}b",
    "it's <b>",
    "x y",
]

SPELLINGS: dict[str, Callable[[str], bytes]] = {
    "utf-8": str.encode,
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "json": lambda text: json.dumps(text).encode(),
    "json in json": lambda text: json.dumps(json.dumps(text)).encode(),
    "json with letters": lambda text: json.dumps(text, ensure_ascii=False).encode(),
    "url": lambda text: quote(text, safe="").encode(),
    "url in url": lambda text: quote(quote(text, safe=""), safe="").encode(),
    "html": lambda text: html.escape(text).encode(),
    "html in xml": lambda text: html.escape(html.escape(text)).encode(),
    "numbers": lambda text: "".join(_number(letter) for letter in text).encode(),
    "hexadecimal": lambda text: "".join(_number(letter, "x%x") for letter in text).encode(),
    "markdown": lambda text: "".join(rf"\{each}" if each in "_&\"<>'" else each for each in text).encode(),
    "ascii python": lambda text: ascii(text).encode(),
    "line end": lambda text: text.replace(" ", "\n").encode(),
    "marks": lambda text: text.replace(" ", "</b>\n <i>").encode(),
}


def _number(letter: str, form: str = "%d") -> str:
    return letter if letter.isascii() and letter.isalnum() else f"&#{form % ord(letter)};"


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_found_in_every_spelling(text: str, spelling: str) -> None:
    wanted = want(text)
    for form in ("NFC", "NFD"):
        for case in (str, str.upper, str.lower):
            data = SPELLINGS[spelling](case(unicodedata.normalize(form, text)))
            assert wanted.find(b"before " + data.lower() + b" after"), data


def test_the_words_of_an_address_are_found() -> None:
    assert want("Blue Heron, again!").is_in(b"birds/blue-heron-again-3fk2a9xy/")
    assert want("Grüße, Bär").is_in("birds/grüsse-bär-3fk2a9xy/".encode())
    assert want("Grüße, Bär").is_in(quote("birds/grüsse-bär-3fk2a9xy/").lower().encode())
    assert want("blue-heron").is_in(b"birds/blue-heron-3fk2a9xy/")


@pytest.mark.parametrize("other", ["blue herons", "bluehero", "green heron", "blue  . heron", ""])
def test_another_text_is_not_found(other: str) -> None:
    assert not want("Blue Heron.").is_in(other.replace("herons", "hero").encode())


@pytest.mark.parametrize(
    "written",
    [
        "@ada:fen.example",
        "%40ada%3Afen.example",
        "https://matrix.to/#/%40ada%3Afen.example?via=x",
        "matrix:u/ada:fen.example",
        "/u/ada-fen-example/",
        "user/fen.example/ada/",
        "https://fen.example/@ada",
        r'"\u0040ada\u003afen.example"',
        r"a line\nada:fen.example",
        "%2Fada%3Afen.example",
        "@ada:fen.example.",
        "@Ada:FEN.example, and",
    ],
)
def test_a_user_is_found_however_a_link_has_the_id(written: str) -> None:
    assert want("@ada:fen.example").is_in(written.lower().encode())


@pytest.mark.parametrize(
    "written", ["@nada:fen.example", "nada:fen.example", "u/ada:fen.example.org", "@ada:fen_example", "@ada"]
)
def test_another_user_is_not_found(written: str) -> None:
    assert not want("@ada:fen.example").is_in(written.lower().encode())


def test_each_place_counts_once() -> None:
    data = b"heron heron blue-heron \\u0068 heron"
    assert [data[start:end] for start, end in want("heron").find(data)] == [b"heron"] * 4


def test_what_overlaps_itself_is_found_from_its_beginning() -> None:
    assert want("aba").find(b"ababa") == [(0, 3)]

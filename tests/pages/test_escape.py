"""A plain body reaches the reader as the characters that were typed, and as nothing else."""

from __future__ import annotations

import time
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings

from garden.archive.event import UserId
from garden.pages.escape import code_block, code_span, escape, link, write_mention, write_plain
from garden.pages.plain import plain_text
from garden.pages.wording import Wording
from tests.pages.reading import letters_of, read_markdown
from tests.pages.strategies import texts


@given(texts)
@settings(max_examples=1500)
@example("__a__")
@example("a | b\n:-:")
@example("a | b\n:--|")
@example("a\n\u3000")
@example("\u3000\na\n\u3000\nb")
@example("http://a.example/x|y")
@example("http://\u2100.example/ x")
@example("1)\n1.\n#\n-")
@example("![a](media/b.webp){width=1}")
@example("&copy; &amp;copy;")
@example("\\<https://a.example>")
@example("[x]{.spoiler} `x`{.math} ![x](y){.emote}")
@example("::: {.details}\nx\n:::")
@example("```math\nx\n```")
@example("ABC: d) e")
def test_a_plain_body_shows_its_own_characters_and_makes_no_element_but_lines_and_links(body: str) -> None:
    markdown = write_plain(body)
    assert read_markdown(markdown).letters == letters_of(body)
    assert set(read_markdown(markdown).elements) <= {"p", "br", "a"}


@given(texts)
@settings(max_examples=500)
def test_a_link_in_a_plain_body_leads_where_it_says(body: str) -> None:
    for element, name, value in read_markdown(write_plain(body)).attributes:
        assert (element, name) in {("a", "href"), ("a", "rel")}
        if name == "href":
            assert value.startswith(("http://", "https://", "ftp:", "matrix:", "mailto:", "magnet:"))


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("one\ntwo", ["one", "two"]),
        ("one\n\ntwo", ["one", "two"]),
        (
            "  indented\n\n\tand\n\n\n  more",
            ["\u00a0\u00a0indented", "\u00a0\u00a0\u00a0\u00a0and", "\u00a0\u00a0more"],
        ),
        ("# no heading", ["# no heading"]),
        ("1. no list", ["1. no list"]),
        (":-) smile", [":-) smile"]),
        ("C:\\path\\*", ["C:\\path\\*"]),
    ],
)
def test_lines_stay_lines(body: str, lines: list[str]) -> None:
    assert [line for line in read_markdown(write_plain(body)).text.split("\n") if line] == lines


@pytest.mark.parametrize("body", ["snake_case_name", "a:b", "Hello! (yes)", "3 > 2", "it's 5 # 6", "a - b"])
def test_ordinary_words_stay_readable_in_the_file(body: str) -> None:
    assert write_plain(body) == body


@pytest.mark.parametrize(
    ("body", "url"),
    [
        ("see https://a.example/x.", "https://a.example/x"),
        ("(https://a.example/x)", "https://a.example/x"),
        ("**https://a.example/x**", "https://a.example/x"),
        ("https://a.example/x?a=1&b=2!", "https://a.example/x?a=1&b=2"),
        (
            "https://matrix.to/#/!r:a.example/$e?via=a.example",
            "https://matrix.to/#/!r:a.example/$e?via=a.example",
        ),
    ],
)
def test_a_bare_url_becomes_a_link_without_what_only_ends_the_sentence(body: str, url: str) -> None:
    assert f"<{url}>" in write_plain(body)


@given(texts)
@settings(max_examples=500)
def test_code_shows_its_own_characters_and_stays_code(text: str) -> None:
    span = read_markdown(f"x{code_span(text)}x")
    assert span.letters == f"x{letters_of(text)}x"
    assert set(span.elements) <= {"p", "code"}
    block = read_markdown(code_block(text, "python"))
    assert block.letters == letters_of(text)
    assert set(block.elements) <= {"pre", "code", "span"}


@given(texts)
@settings(max_examples=300)
def test_escaped_words_in_a_link_neither_end_it_nor_begin_another(text: str) -> None:
    words = " ".join(text.split())
    reading = read_markdown(link(escape(words), "https://a.example/"))
    assert [value for _, name, value in reading.attributes if name == "href"] == ["https://a.example/"]
    assert reading.letters == (letters_of(words) or "https://a.example/")


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/<b>",
        "https://a.example/a b",
        "https://a.example/a\\b",
        "https://a.example/?a&copy;b",
        "https://a.example/?x=(1)",
        "https://a.example/\u2028",
    ],
)
def test_any_url_stays_inside_its_link(url: str) -> None:
    reading = read_markdown(link("words", url))
    (href,) = [value for _, name, value in reading.attributes if name == "href"]
    assert unquote(href) == url
    assert reading.text.strip() == "words"


@pytest.mark.parametrize("url", ["http://[", "http://\u2100.example/", "https://[::1"])
def test_what_no_program_can_take_apart_is_no_link(url: str) -> None:
    assert read_markdown(link("words", url)).elements == ["p"]


@given(texts)
@settings(max_examples=500)
def test_the_plain_text_of_a_plain_body_is_that_body(body: str) -> None:
    assert letters_of(plain_text(write_plain(body))) == letters_of(body)


ADA = UserId("@ada:fen.example")
WORDING = Wording(names={ADA: "Ada *L.*"}, mentions_room=True)


@pytest.mark.parametrize(
    ("body", "markdown"),
    [
        ("@ada:fen.example: look", "[Ada \\*L.\\*]{.mention}: look"),
        ("ask @ada:fen.example.", "ask [Ada \\*L.\\*]{.mention}."),
        ("so!@ada:fen.example", "so\\![Ada \\*L.\\*]{.mention}"),
        ("(@room)", "([@room]{.mention})"),
        ("@rooms @room.example @room-2", "@rooms @room.example @room-2"),
        ("@ben:fen.example", "@ben:fen.example"),
        ("@ada:fen.example.org @ada:fen.example:8448", "@ada:fen.example.org @ada:fen.example:8448"),
        ("mail@ada:fen.example", "mail@ada:fen.example"),
        ("https://matrix.to/#/@ada:fen.example", "<https://matrix.to/#/@ada:fen.example>"),
    ],
)
def test_a_known_identifier_reads_as_the_name_of_that_time(body: str, markdown: str) -> None:
    assert write_plain(body, WORDING) == markdown


def test_nobody_is_called_who_was_not() -> None:
    assert write_plain("@room", Wording(names={ADA: "Ada"})) == "@room"


@given(texts)
@settings(max_examples=300)
def test_a_name_is_said_as_it_is_and_forms_nothing(name: str) -> None:
    reading = read_markdown(f"x {write_mention(name)} x")
    assert reading.letters == f"x{letters_of(name)}x"
    assert reading.elements == ["p", "span", "bdi"]


@given(texts)
@settings(max_examples=500)
def test_mentions_add_nothing_but_names(body: str) -> None:
    plain = read_markdown(write_plain(f"{body} @ada:fen.example {body}", WORDING))
    assert plain.letters == letters_of(f"{body} Ada *L.* {body}")


def test_a_long_name_said_over_and_over_does_not_fill_a_disk() -> None:
    long = Wording(names={UserId("@a:b"): "N" * 255})
    assert len(write_plain("@a:b " * 12_000, long)) < 600_000


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (
            "Ask in #seeds:fen.example, please",
            "Ask in [#seeds:fen.example](<{to}%23seeds:fen.example>), please",
        ),
        ("(#a_b:fen.example:8448)", "([#a_b:fen.example:8448](<{to}%23a_b:fen.example:8448>))"),
        ("#käse:fen.example", "[#käse:fen.example](<{to}%23k%C3%A4se:fen.example>)"),
    ],
)
def test_a_rooms_alias_leads_to_the_room(text: str, written: str) -> None:
    assert write_plain(text) == written.format(to="https://matrix.to/#/")


@pytest.mark.parametrize(
    "text",
    [
        "#later:today",
        "#1:3.5",
        "a#b:fen.example",
        "see https://fen.example/#a:b.c",
        "#:fen.example",
        "#a:.b.c",
    ],
)
def test_what_is_no_alias_is_none(text: str) -> None:
    assert "matrix.to" not in write_plain(text)


def test_a_row_of_half_aliases_takes_no_time() -> None:
    before = time.process_time()
    for flood in ("#" * 60_000, "#a:" * 20_000, "#" + "a" * 60_000, "#a:" + "b." * 30_000, "#a:b" * 15_000):
        write_plain(flood)
    assert time.process_time() - before < 5

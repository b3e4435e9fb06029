"""Wikilinks lead where people mean: by title, alias or file, with a heading or other words."""

from __future__ import annotations

import pytest
from hypothesis import given

from garden.pages.address import Address
from garden.pages.link import link_pages
from garden.pages.page import Note, Page
from garden.pages.suggest import Names, describe_gaps
from garden.pages.wikilink import name_key, name_keys, name_of, words_of
from tests.pages.material import BASE, ROOM, answer, compose, message, note, shelf, write_note
from tests.pages.strategies import texts

ROOT = message("beans", "How do we store beans?")
BEANS = compose(ROOT, answer("dry", ROOT, "Dry them."))
SHELF_LIFE = note(
    "seed/Shelf life.md", "---\ntitle: How long seed keeps\naliases: [Seed age, SHELF]\n---\n## Beans\n"
)


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ("[[How long seed keeps]]", "[How long seed keeps](<seed/shelf-life.md>)"),
        ("[[seed age]]", "[seed age](<seed/shelf-life.md>)"),
        ("[[Shelf life]]", "[Shelf life](<seed/shelf-life.md>)"),
        ("[[seed/shelf life.md|old seed]]", "[old seed](<seed/shelf-life.md>)"),
        ("[[How long seed keeps#Beans]]", "[How long seed keeps › Beans](<seed/shelf-life.md>)"),
        ("[[Seed age#Beans|beans]]", "[beans](<seed/shelf-life.md>)"),
        ("[[Seed age#^a1b2c3]]", "[Seed age › ^a1b2c3](<seed/shelf-life.md>)"),
        ("| [[Seed age\\|age]] |", "| [age](<seed/shelf-life.md>) |"),
        ("[[Seed age|]]", "[Seed age](<seed/shelf-life.md>)"),
        ("[[ Seeds ]]", "[Seeds](<../seeds.md>)"),
        (f"[[{ROOM}]]", "[Seeds](<../seeds.md>)"),
        (f"[[{ROOM}|the room]]", "[the room](<../seeds.md>)"),
        ("[[#seeds:fen.example]]", "[Seeds](<../seeds.md>)"),
        ("[[#seeds:fen.example|our room]]", "[our room](<../seeds.md>)"),
        ("[[#other:fen.example]]", "\\#other:fen.example"),
        ("[[#Here]]\n\n## Here", "Here\n\n## Here"),
        ("[[#There|below]]", "below"),
        ("[[How do we store beans?|![x](y)]]", "[[How do we store beans?|![x](y)]]"),
        ("`[[Seed age]]` \\[[Seed age]]", "`[[Seed age]]` \\[[Seed age]]"),
    ],
)
def test_a_wikilink_leads_to_what_it_names(written: str, becomes: str) -> None:
    assert write_note(note("n.md", written), SHELF_LIFE, BEANS).text == becomes


def test_a_title_that_no_wikilink_can_hold_is_found_without_its_brackets() -> None:
    odd = compose(message("odd", "What is [[this]] | here"))
    assert "]]" in odd.title
    written = write_note(note("n.md", "[[What is this here]]"), odd)
    assert written.text.startswith("[What is this here](<../seeds/what-is-this-here-")


def test_a_title_with_a_number_sign_is_no_heading() -> None:
    sharp = note("c.md", "# C# for gardeners")
    assert write_note(note("n.md", "[[C# for gardeners]]"), sharp).text == "[C# for gardeners](<c.md>)"


def test_a_title_comes_before_other_names_a_note_before_a_conversation_and_both_before_a_room() -> None:
    called = note("a.md", "---\naliases: [Jars, 'How do we store beans?', Seeds]\n---\n")
    jars = note("jars.md", "# Jars")
    written = write_note(
        note("n.md", "[[Jars]] [[How do we store beans?]] [[Seeds]]"), called, jars, BEANS
    ).text
    assert written == "[Jars](<jars.md>) [How do we store beans?](<a.md>) [Seeds](<a.md>)"


def gaps(written: Note, *others: Note | Page) -> list[str]:
    found = shelf(written, *others)
    return list(describe_gaps([written], link_pages(found.cards.values(), found.directory), found))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            "[[Shelf live]]",
            "there is no page called 'Shelf live'; did you mean 'Shelf life'?",
        ),
        ("[[How do we store bean]]", "there is no page called 'How do we store bean'; did you mean"),
        ("[[Xylophone]]", "there is no page called 'Xylophone'"),
        ("[[#seed:fen.example]]", "there is no room called '#seed:fen.example'; did you mean '#seeds:fen."),
        ("[[#Hear]]\n\n## Here", "there is no page called '#Hear'"),
        ("[a](gone.md)", "there is no page called 'gone.md'"),
        (
            f"![[https://matrix.to/#/{ROOM}/$gone]]",
            "there is no page or message in this garden for 'https://m",
        ),
        (f"![[{BASE}seeds/x-abcdefgh/#m-aaaaaaaaaa]]", "there is no page or message in this garden for 'h"),
        ("![[Shelf-life]]", "there is no page called 'Shelf-life'; did you mean 'Shelf life'"),
        ("---\ngrew_from: [Bean]\n---", "there is no page called 'Bean'"),
        (
            "---\ngrew_from: ['https://x.example/']\n---",
            "there is no page or message in this garden for 'https:",
        ),
        (f"---\ngrew_from: ['matrix:roomid/{ROOM[1:]}/e/gone']\n---", "there is no page or message in this"),
    ],
)
def test_what_is_named_in_vain_is_told_with_what_may_be_meant(written: str, said: str) -> None:
    (gap,) = gaps(note("n.md", written), SHELF_LIFE, BEANS)
    assert gap.startswith(f"notes/n.md: {said}")


def test_what_is_named_rightly_is_not_told() -> None:
    written = note(
        "n.md", "[[Seed age]] [[#Here]] [a](https://x.example) ![[Seeds]] ![[https://x.example/a]]\n# Here"
    )
    assert gaps(written, SHELF_LIFE, BEANS) == []


def test_in_a_large_garden_names_are_compared_with_those_that_share_words() -> None:
    titles = [
        *(f"Talk {number} on the {chr(97 + number % 26)}-bed" for number in range(30_000)),
        "Bean storage",
    ]
    names = Names((title, Address(f"talk-{number}/")) for number, title in enumerate(titles))
    assert names.like("been storage") == ["Bean storage"]
    assert names.like("") == []


@given(texts)
def test_a_name_stays_findable_however_it_is_written(text: str) -> None:
    assert name_key(name_key(text)) in {name_key(text), name_key(text).removesuffix(".md")}
    assert all(key == name_key(key) or key.endswith(".md") for key in name_keys(text))
    assert "\n" not in name_of(text)
    assert words_of(f"x|{text}").strip()

"""What a page is about is read from its words: no link, no code, nobody's name, nothing that is hidden."""

from __future__ import annotations

from garden.pages.said import read_note_words, read_words
from tests.pages.material import answer, compose, message, note


def read(body: str, formatted: str | None = None) -> str:
    return " ".join(read_words(compose(message("a", body, formatted=formatted)))[1])


def test_words_are_read_in_turn_with_the_title_and_who_speaks() -> None:
    root = message("a", "Jars?")
    title, texts, names = read_words(compose(root, answer("b", root, "Jars.")))
    assert (title, list(texts), names) == ("Jars?", ["Jars?", "Jars."], ("Ada", "Ben"))


def test_addresses_are_no_words_and_a_links_words_are() -> None:
    html = '<a href="https://seeds.example/hidden-path">tight lids</a>'
    assert read("x", html) == "tight lids"
    assert read("See https://seeds.example/path today").split() == ["See", "today"]


def test_code_spoilers_and_mentions_are_left_out() -> None:
    assert "secret" not in read("x", "Look: <pre><code>secret = 1</code></pre> so.")
    assert "gardener" not in read("x", "It was <span data-mx-spoiler>the gardener</span>.")
    assert "Cleo" not in read("x", 'Ask <a href="https://matrix.to/#/@cleo:fen.example">Cleo</a> for it.')


def test_a_note_is_read_as_a_whole() -> None:
    title, texts, names = read_note_words(note("jars.md", "# Jars\n\nTight *lids*.\n\n```\ncode\n```\n"))
    assert (title, list(texts), names) == ("Jars", ["Tight lids."], ())

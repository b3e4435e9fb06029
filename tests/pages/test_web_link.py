"""Two spellings of one URL have one key, two places have two, and no flood of links fills a card."""

from __future__ import annotations

import time

import pytest

from garden.pages.card import make_card, make_note_card
from garden.pages.web_link import LONGEST_URL, MOST_WEB_LINKS, web_host, web_key
from tests.pages.material import BASE, answer, compose, message, note

ROOT = message("beans", "How do we store beans?")


def urls_of(body: str, formatted: str | None = None) -> list[str]:
    return [each.url for each in make_card(compose(message("a", body, formatted=formatted)), BASE).web_links]


@pytest.mark.parametrize(
    "url",
    [
        "https://seeds.example/jars",
        "http://seeds.example/jars",
        "https://www.seeds.example/jars/",
        "HTTPS://Seeds.Example./jars",
        "https://seeds.example:443/jars",
        "http://seeds.example:80/jars",
        "https://seeds.example/jars#lids",
        "https://seeds.example/jars#:~:text=tight%20lid",
        "https://seeds.example/jars?",
        "https://seeds.example/jars?utm_source=chat&UTM_Medium=x&fbclid=1&gclid=2",
        "https://seeds.example/%6Aars",
    ],
)
def test_spellings_of_one_page_have_one_key(url: str) -> None:
    assert web_key(url) == "seeds.example/jars"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://seeds.example/jars", "https://seeds.example/Jars"),
        ("https://seeds.example/?p=1", "https://seeds.example/?p=2"),
        ("https://seeds.example:8080/jars", "https://seeds.example/jars"),
        ("https://app.example/#!/jars", "https://app.example/#!/lids"),
        ("https://app.example/#/jars", "https://app.example/"),
        ("https://a.example/a%2Fb", "https://a.example/a/b"),
        ("https://youtu.be/x?t=10", "https://youtu.be/x"),
        ("https://a.example/?si=1", "https://a.example/?si=2"),
    ],
)
def test_different_pages_have_different_keys(one: str, other: str) -> None:
    assert web_key(one) != web_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://de.example/wiki/Käse", "https://de.example/wiki/K%c3%a4se"),
        ("https://käse.example/", "https://xn--kse-qla.example"),
        ("https://youtu.be/x?si=abc&t=1", "https://youtu.be/x?t=1"),
    ],
)
def test_letters_and_their_encoding_are_the_same(one: str, other: str) -> None:
    assert web_key(one) == web_key(other) is not None


@pytest.mark.parametrize(
    "url",
    [
        "https://matrix.to/#/@ada:fen.example",
        "https://ada:secret@seeds.example/",
        "https://192.168.0.1/router",
        "https://[2001:db8::1]/",
        "https://localhost/",
        "https://../..",
        "https://a..example/",
        "https://\u2024\u2024/",
        "https://" + "ä" * 300 + ".example/",
        "https://seeds.example:99999/",
        "https://[",
        "ftp://seeds.example/",
        "mailto:ada@seeds.example",
        f"https://seeds.example/{'a' * LONGEST_URL}",
        "",
    ],
)
def test_what_names_no_site_of_others_is_nothing_to_compare(url: str) -> None:
    assert web_key(url) is None


@pytest.mark.parametrize("url", ["https://a.example/?x#y", "https://a.example:81/", "https://a.example#/b"])
def test_the_host_of_a_key_names_the_site(url: str) -> None:
    assert web_host(web_key(url) or "") == "a.example"


def test_a_host_can_always_name_a_folder() -> None:
    for url in ("https://a/../b.example", "https://a%2fb.example/", "https://a\\b.example/", "https://-/"):
        assert "/" not in web_host(web_key(url) or "")
        assert web_host(web_key(url) or "") not in {".", ".."}


def test_a_card_holds_each_url_once_as_it_was_first_written_with_its_message() -> None:
    first = message("a", "See https://seeds.example/jars?utm_source=x and http://other.example/")
    page = compose(ROOT, first, answer("b", first, "Again: https://www.seeds.example/jars/"))
    links = make_card(page, BASE).web_links
    assert [each.url for each in links] == [
        "https://seeds.example/jars?utm_source=x",
        "http://other.example/",
    ]
    assert {each.anchor for each in links} == {page.messages[1].anchor}


def test_own_pages_matrix_code_and_pictures_are_no_web_links() -> None:
    assert urls_of(f"{BASE}seeds/ https://matrix.to/#/!room:fen.example mxc://fen.example/jar") == []
    assert urls_of("x", "<code>https://code.example/</code>") == []
    assert urls_of("`https://code.example/`", "<pre>https://code.example/</pre>") == []


def test_what_a_spoiler_hides_is_not_told_by_its_link() -> None:
    hidden = '<span data-mx-spoiler>the <a href="https://end.example/">gardener</a></span>'
    assert urls_of("x", f'{hidden} and <a href="https://seen.example/?a=1&amp;b=2">this</a>') == [
        "https://seen.example/?a=1&b=2"
    ]


def test_a_note_has_web_links_without_a_message() -> None:
    links = make_note_card(note("a.md", "[jars](https://seeds.example/jars)"), BASE).web_links
    assert [(each.url, each.anchor) for each in links] == [("https://seeds.example/jars", None)]


def test_a_message_of_ten_thousand_links_fills_no_card_and_takes_no_time() -> None:
    body = " ".join(f"https://flood.example/{number}" for number in range(10_000))
    page = compose(message("a", body))
    before = time.process_time()
    assert len(make_card(page, BASE).web_links) == MOST_WEB_LINKS
    assert time.process_time() - before < 5


def test_a_url_that_never_ends_is_left_out() -> None:
    assert urls_of(f"https://endless.example/{'a/' * 20_000} https://short.example/") == [
        "https://short.example/"
    ]

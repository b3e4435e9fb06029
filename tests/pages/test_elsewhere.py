"""A page shows who else shares its links, and what is often shared from one site is gathered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from garden.pages.elsewhere import OTHERS_SHOWN, URLS_SHOWN, Sharing
from garden.pages.page import PageCard, WebLink
from garden.pages.paths import Elsewhere
from tests.site.growing import SEEDS, WATER, anchor, card

JARS = "https://seeds.example/jars"


def sharing(name: str, *urls: str, planted: int = 0, **more: object) -> PageCard:
    links = tuple(WebLink(url, anchor(f"{name}-{number}")) for number, url in enumerate(urls))
    return replace(card(name, planted=planted, **more), web_links=links)  # type: ignore[arg-type]


def see(cards: Sequence[PageCard], seen_from: PageCard) -> list[Elsewhere]:
    return list(Sharing(cards).see_elsewhere(seen_from))


def titles(found: Elsewhere) -> list[str]:
    return [page.title for page in found.pages]


def test_pages_that_share_a_url_in_any_spelling_show_one_another() -> None:
    one = sharing("one", f"{JARS}/?utm_source=x", "https://alone.example/", planted=1)
    two = sharing("two", "http://www.seeds.example/jars#lid", planted=2)
    (seen,) = see([one, two], one)
    assert seen.url == f"{JARS}/?utm_source=x"
    assert [(page.title, page.anchor) for page in seen.pages] == [("Two", anchor("two-0"))]
    assert titles(see([one, two], two)[0]) == ["One"]


def test_of_many_pages_the_nearest_in_time_are_shown_newest_first() -> None:
    cards = [sharing(f"p{number:02}", JARS, planted=number) for number in range(20)]
    assert titles(see(cards, cards[10])[0]) == ["P12", "P11", "P09", "P08", "P07"]
    assert titles(see(cards, cards[0])[0]) == ["P05", "P04", "P03", "P02", "P01"]
    assert titles(see(cards, cards[19])[0]) == ["P18", "P17", "P16", "P15", "P14"]


def test_one_page_more_changes_what_a_few_show() -> None:
    cards = [sharing(f"p{number:03}", JARS, planted=number) for number in range(200)]
    more = [*cards, sharing("new", JARS, planted=999)]
    changed = [each for each in cards if see(cards, each) != see(more, each)]
    assert len(changed) <= OTHERS_SHOWN


def test_a_page_that_is_tended_changes_nothing_elsewhere() -> None:
    one, two = sharing("one", JARS), sharing("two", JARS, planted=5)
    tended = replace(one, tended=10**13, message_count=99)
    assert see([one, two], two) == see([tended, two], two)


def test_a_page_shows_a_bounded_number_of_urls() -> None:
    urls = [f"https://a.example/{number}" for number in range(50)]
    one, two = sharing("one", *urls), sharing("two", *urls)
    assert len(see([one, two], one)) == URLS_SHOWN


def test_what_a_room_keeps_from_search_engines_is_shown_on_no_page_that_they_list() -> None:
    hidden = sharing("hidden", JARS, place=WATER)
    one, two = sharing("one", JARS, planted=1), sharing("two", JARS, planted=2)
    known = Sharing([hidden, one, two], {WATER.room.room_id})
    assert [titles(each) for each in known.see_elsewhere(one)] == [["Two"]]
    assert [titles(each) for each in known.see_elsewhere(hidden)] == [["Two", "One"]]
    assert known.domains == ()
    assert not list(Sharing([hidden, one], {WATER.room.room_id}).see_elsewhere(one))


def test_a_site_from_which_three_pages_share_something_has_a_page() -> None:
    cards = [
        sharing("one", JARS, planted=3),
        sharing("two", f"{JARS}/", "https://seeds.example/lids", planted=2),
        sharing("three", "https://www.seeds.example/", "https://rare.example/", planted=1),
        sharing("four", "https://rare.example/", planted=1),
    ]
    (domain,) = Sharing(cards).domains
    assert (domain.host, domain.address, domain.pages) == ("seeds.example", "links/seeds.example/", 3)
    assert [(shared.url, shared.count) for shared in domain.urls] == [
        (f"{JARS}/", 2),
        ("https://www.seeds.example/", 1),
        ("https://seeds.example/lids", 1),
    ]
    assert [page.title for page in domain.urls[0].pages] == ["Two", "One"]
    assert see(cards, cards[0])[0].site == "links/seeds.example/"
    assert see(cards, cards[3])[0].site is None


def test_two_urls_of_one_page_are_one_page_that_shares_from_a_site() -> None:
    cards = [sharing("one", JARS, "https://seeds.example/lids"), sharing("two", JARS)]
    assert Sharing(cards).domains == ()


def test_a_site_named_like_a_device_gets_a_folder_that_any_file_system_takes() -> None:
    cards = [sharing(name, "https://con.example/") for name in ("a", "b", "c")]
    assert [domain.address for domain in Sharing(cards).domains] == ["links/site-con.example/"]


def test_notes_and_days_share_links_too() -> None:
    day = sharing("2025-03-03", JARS, kind="day")
    note = sharing("glossary", JARS, kind="note", place=None)
    assert titles(see([day, note], day)[0]) == ["Glossary"]
    assert SEEDS.index

"""Pages about the same find one another, each with the reason, and one new page changes few lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from garden.pages.address import Address
from garden.pages.page import Backlink, PageCard, PageLinks, Target, WebLink
from garden.pages.paths import Related
from garden.pages.related import MOST_RELATED, MOST_SHARING, REASONS_SHOWN, Kinship
from tests.site.growing import WATER, card


def relate(
    cards: Sequence[PageCard],
    terms: Mapping[str, Sequence[str]] | None = None,
    links: Mapping[Address, PageLinks] | None = None,
) -> dict[str, tuple[Related, ...]]:
    by_address = {card.address: (terms or {}).get(card.title.lower(), ()) for card in cards}
    found = dict(Kinship(cards, by_address).find_related(links or {}))
    return {card.title.lower(): found.get(card.address, ()) for card in cards}


def titles(found: Sequence[Related]) -> list[str]:
    return [each.title.lower() for each in found]


def linking(name: str, *urls: str, planted: int = 0) -> PageCard:
    return replace(card(name, planted=planted), web_links=tuple(WebLink(url, None) for url in urls))


def test_a_shared_link_is_a_reason() -> None:
    one, two = (
        linking("one", "https://seeds.example/jars?utm_source=x"),
        linking("two", "http://seeds.example/jars/"),
    )
    (found,) = relate([one, two])["one"]
    assert (found.title, found.links, found.tags, found.terms) == (
        "Two",
        ("https://seeds.example/jars",),
        (),
        (),
    )


def test_a_rare_tag_is_a_reason_and_a_frequent_one_is_none() -> None:
    rare = [card("a", tags=["jars"]), card("b", tags=["jars"])]
    frequent = [card(f"p{number}", tags=["beans"]) for number in range(20)]
    found = relate([*rare, *frequent])
    assert found["a"][0].tags == ("jars",)
    assert titles(found["a"]) == ["b"]
    assert not any(found[f"p{number}"] for number in range(20))


def test_one_term_relates_nobody_and_two_do() -> None:
    pages = [card("a"), card("b"), card("c")]
    found = relate(pages, {"a": ["jar", "lid"], "b": ["jar", "lid"], "c": ["jar"]})
    assert titles(found["a"]) == ["b"]
    assert found["a"][0].terms == ("jar", "lid")
    assert found["c"] == ()


def test_a_term_that_is_a_tag_already_is_no_second_reason() -> None:
    pages = [card(name, tags=["beans"]) for name in "abcdefghi"]
    found = relate(pages, {name: ["beans"] for name in "abcdefghi"})
    assert found["a"] == ()


def test_what_fewer_pages_share_counts_more() -> None:
    pages = [
        card("a", tags=["rare", "known"]),
        card("b", tags=["known"]),
        card("c", tags=["rare"]),
        *(card(f"p{number}", tags=["known"]) for number in range(3)),
    ]
    assert titles(relate(pages)["a"])[0] == "c"


def test_of_equals_the_nearest_in_time_come_first_and_at_most_five() -> None:
    pages = [card(f"p{number}", tags=["beans"], planted=number) for number in range(7)]
    assert titles(relate(pages)["p0"]) == ["p1", "p2", "p3", "p4", "p5"]
    assert MOST_RELATED == 5


def test_pages_that_link_to_one_another_are_not_named_again() -> None:
    a, b, c = (card(name, tags=["beans"]) for name in "abc")
    links = {
        a.address: PageLinks(targets=(("x", Target(b.address, "B")),)),
        c.address: PageLinks(backlinks=(Backlink(b.address, "B", None, None, "See.", "", None),)),
    }
    found = relate([a, b, c], links=links)
    assert titles(found["a"]) == ["c"]
    assert titles(found["c"]) == ["a"]


def test_a_day_is_related_to_nothing() -> None:
    pages = [card("a", tags=["beans"]), card("2025-03-03", tags=["beans"], kind="day")]
    assert relate(pages) == {"a": (), "2025-03-03": ()}


def test_a_note_is_related_to_conversations() -> None:
    pages = [card("a", tags=["beans"]), card("jars", tags=["beans"], kind="note", place=None)]
    assert titles(relate(pages)["jars"]) == ["a"]


def test_what_a_room_keeps_from_search_engines_is_related_to_no_page_that_they_list() -> None:
    hidden = card("hidden", tags=["beans"], place=WATER)
    shown, other = card("shown", tags=["beans"]), card("other", tags=["beans"])
    found = dict(Kinship([hidden, shown, other], {}, {WATER.room.room_id}).find_related({}))
    assert titles(found[shown.address]) == ["other"]
    assert set(titles(found[hidden.address])) == {"shown", "other"}


def test_reasons_are_few() -> None:
    urls = [f"https://a.example/{number}" for number in range(40)]
    found = relate([linking("a", *urls), linking("b", *urls)])
    assert len(found["a"][0].links) == REASONS_SHOWN


def test_what_many_pages_share_is_compared_with_nobody() -> None:
    pages = [linking(f"p{number:03}", "https://a.example/") for number in range(MOST_SHARING + 1)]
    assert not any(relate(pages).values())


def test_one_page_more_changes_few_lists() -> None:
    words = [f"word{letter}{other}" for letter in "abcdefghij" for other in "klmnopqrst"]
    pages = [card(f"p{number:03}", planted=number, tags=[words[number % 40]]) for number in range(400)]
    terms = {
        f"p{number:03}": [words[(number * step) % 100] for step in (1, 3, 7, 11, 13)] for number in range(400)
    }
    before = relate(pages, terms)
    after = relate([*pages, card("new", planted=999, tags=["worda"])], terms | {"new": words[:5]})
    changed = [name for name, found in before.items() if after[name] != found]
    assert sum(map(bool, before.values())) > 100
    assert len(changed) <= 10

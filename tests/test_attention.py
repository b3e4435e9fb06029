"""What wants attention is found from what a build knows, and nothing else is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from garden.archive.event import EventId, RoomId
from garden.attention import Attention, Kind, Survey, find_attention
from garden.attention_words import attention_as_json, tell_attention
from garden.conversations.tending import Stage
from garden.pages.address import Address, Anchor
from garden.pages.card import make_directory
from garden.pages.growth import judge_growth
from garden.pages.link import link_pages
from garden.pages.page import LinkOut, PageCard, WebLink
from garden.web_answers import WebAnswers

BASE = "https://fen.example/garden/"
ROOM = "!r:fen.example"
DAY = 86_400_000
NOW = 1_760_000_000_000
TALK = PageCard(
    address=Address("beds/beans-in-winter-abcdefgh/"),
    kind="thread",
    title="Beans in winter",
    excerpt="",
    room_id=RoomId(ROOM),
    root_id=EventId("$root"),
    planted=NOW - 10 * DAY,
    tended=NOW,
    tags=(),
    message_count=3,
    people_count=2,
    links_out=(),
)


def card(name: str, **more: Any) -> PageCard:  # noqa: ANN401 - any of a card's fields
    return replace(TALK, address=Address(f"beds/{name}/"), title=more.pop("title", f"About {name}"), **more)


def links(*targets: str) -> tuple[LinkOut, ...]:
    return tuple(LinkOut(target, Anchor("m-abcdefghij"), "", "Ada", NOW) for target in targets)


def find(
    *cards: PageCard,
    latest: Mapping[str, Sequence[int]] | None = None,
    looked_after: Mapping[Address, int] | None = None,
    gone: Mapping[str, str] | None = None,
    kinds: frozenset[Kind] = frozenset(Kind),
) -> list[Attention]:
    everything = (TALK, *cards)
    directory = make_directory(
        BASE,
        everything,
        [(RoomId(ROOM), None, "Beds", Address("beds/"))],
        {EventId("$root"): TALK.address},
        {"oldoldol": TALK.address},
    )
    found = link_pages(everything, directory)
    survey = Survey(
        base_url=BASE,
        cards=everything,
        links=found,
        growth={
            each.address: judge_growth(each, found[each.address].backlinks if each.address in found else ())
            for each in everything
        },
        directory=directory,
        untitled="Untitled conversation",
        latest={Address(address): times for address, times in (latest or {TALK.address: [NOW]}).items()},
        looked_after=looked_after or {},
        gone=gone or {},
        suggest=lambda name: ["Beans in winter"] if "bean" in name.casefold() else [],
    )
    return find_attention(survey, kinds)


def test_a_garden_in_order_wants_nothing() -> None:
    assert find() == []
    assert list(tell_attention([], 10)) == ["Nothing wants attention"]


@pytest.mark.parametrize(
    ("title", "says_nothing"),
    [
        ("Untitled conversation", True),
        ("ok", True),
        ("👍🏽!", True),
        ("https://example.org/a/b?c", True),
        ("<https://example.org/beans>", True),
        ("www.example.org: yes", True),
        ("豆", True),
        ("豆の保存", False),
        ("Beans", False),
        ("See https://example.org", True),
        ("Read https://example.org", False),
    ],
)
def test_a_title_of_a_few_letters_or_a_link_says_nothing(title: str, *, says_nothing: bool) -> None:
    found = find(card("one", title=title))
    assert [each.kind for each in found] == ([Kind.UNTITLED] if says_nothing else [])
    assert find(card("one", title=title, kind="day")) == []


def test_a_question_wants_an_answer_that_is_marked() -> None:
    asked = card("asked", is_question=True)
    assert [(each.kind, each.title) for each in find(asked)] == [(Kind.UNANSWERED, "About asked")]
    assert find(replace(asked, is_answered=True)) == []


@pytest.mark.parametrize(
    ("target", "dead"),
    [
        (f"{BASE}beds/gone-zzzzzzzz/", True),
        (f"{BASE}beds/2025-03-03/", True),
        (f"{BASE}notes/gone/", True),
        (f"https://matrix.to/#/{ROOM}/$gone", True),
        ("matrix:roomid/r:fen.example/e/gone", True),
        (f"{BASE}beds/whatever-abcdefgh/", False),
        (f"{BASE}beds/anything-oldoldol/", False),
        (f"https://matrix.to/#/{ROOM}/$root", False),
        (f"https://matrix.to/#/{ROOM}", False),
        ("https://matrix.to/#/!other:fen.example/$gone", False),
        ("https://matrix.to/#/@ada:fen.example", False),
        (f"{BASE}beds/feed.atom", False),
        (f"{BASE}tag/beans/", False),
        (f"{BASE}notes/", False),
        (BASE, False),
        ("https://elsewhere.example/beds/gone-zzzzzzzz/", False),
    ],
)
def test_a_link_is_dead_that_leads_to_what_should_be_here(target: str, *, dead: bool) -> None:
    found = find(card("one", links_out=links(target)))
    assert [(each.kind, each.target) for each in found] == ([(Kind.DEAD_LINK, target)] if dead else [])
    if dead:
        assert found[0].url == f"{BASE}beds/one/#m-abcdefghij"


def test_a_page_of_another_site_that_is_gone_is_told_with_what_its_server_says() -> None:
    shared = (
        WebLink("https://marsh.example/a", Anchor("m-abcdefghij")),
        WebLink("https://marsh.example/b", None),
    )
    one = card("one", web_links=shared)
    found = find(one, gone={"https://marsh.example/a": "404 Not Found"})
    assert [(each.kind, each.target, each.url) for each in found] == [
        (Kind.DEAD_LINK, "https://marsh.example/a", f"{BASE}beds/one/#m-abcdefghij")
    ]
    (told,) = attention_as_json(found)
    assert told["reason"] == "links to https://marsh.example/a: 404 Not Found"
    assert find(one) == []


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (WebAnswers({}, 3, 0), []),
        (WebAnswers({}, 0, 0), []),
        (
            WebAnswers({}, 1234, 2),
            ["Asked other sites for 1,234 pages; nobody knows whether 2 of them are there"],
        ),
    ],
)
def test_of_how_many_pages_nobody_knows_is_told(answers: WebAnswers, said: list[str]) -> None:
    assert list(tell_attention([], 9, answers)) == ["Nothing wants attention", *said]


def test_a_name_without_a_page_comes_with_what_may_be_meant() -> None:
    (note,) = find(card("one", kind="note", links_out=links("[[Bean store]]", "[[Beans in winter]]")))
    assert (note.kind, note.target, note.suggestions) == (Kind.WIKILINK, "Bean store", ("Beans in winter",))


@pytest.mark.parametrize(("number", "days", "grows"), [(12, 20, True), (11, 20, False), (12, 22, False)])
def test_many_messages_in_the_archives_last_weeks_are_fast_growth(
    number: int, days: int, *, grows: bool
) -> None:
    one = card("one")
    latest: dict[str, list[int]] = {one.address: [NOW - days * DAY] * number, TALK.address: [NOW]}
    found = find(one, latest=latest)
    assert [(each.kind, each.number) for each in found] == ([(Kind.GROWING, number)] if grows else [])


@pytest.mark.parametrize(
    ("stage", "days", "is_stale"),
    [(Stage.EVERGREEN, 400, True), (Stage.EVERGREEN, 300, False), (Stage.BUDDING, 400, False)],
)
def test_an_evergreen_page_that_others_link_to_wants_tending_from_time_to_time(
    stage: Stage, days: int, *, is_stale: bool
) -> None:
    old = card("old-aaaaaaaa", stage=stage, tended=NOW - days * DAY)
    linking = card("one", links_out=links(f"{BASE}beds/old-aaaaaaaa/"))
    assert [(each.kind, each.number) for each in find(old, linking)] == (
        [(Kind.STALE, 1)] if is_stale else []
    )
    assert find(old) == []


def test_an_evergreen_page_is_looked_after_by_saying_so_again() -> None:
    old = card("old-aaaaaaaa", stage=Stage.EVERGREEN, tended=NOW - 400 * DAY)
    linking = card("one", links_out=links(f"{BASE}beds/old-aaaaaaaa/"))
    assert find(old, linking, looked_after={old.address: NOW - 300 * DAY}) == []
    assert len(find(old, linking, looked_after={old.address: NOW - 380 * DAY})) == 1


MANY = (
    card("ok", title="ok", is_question=True, tended=NOW - DAY),
    card("later", is_question=True),
    card("dead", links_out=links(f"https://matrix.to/#/{ROOM}/$gone")),
    card("note", kind="note", links_out=links("[[Beanz]]")),
)


LINKS_HEADING = (
    "Links to what is not there (1): "
    "link to where it stands now, or take the link out; it may be hidden or removed"
)


def test_it_is_told_kind_by_kind_with_what_to_do_and_not_too_much_of_each() -> None:
    assert list(tell_attention(find(*MANY), 1)) == [
        "Untitled (1): give it a title: !garden title …, or title in garden.toml",
        "  ok",
        f"    {BASE}beds/ok/",
        "Unanswered questions (2): mark the answer with ✅, or answer it in the room",
        "  About later",
        f"    {BASE}beds/later/",
        "  … and 1 more; --limit shows them",
        LINKS_HEADING,
        f"  About dead: links to https://matrix.to/#/{ROOM}/$gone",
        f"    {BASE}beds/dead/#m-abcdefghij",
        "Names without a page (1): write the note, or name another page",
        "  About note: names 'Beanz'; did you mean 'Beans in winter'?",
        f"    {BASE}beds/note/",
    ]


def test_some_kinds_can_be_asked_for() -> None:
    assert [each.title for each in find(*MANY, kinds=frozenset({Kind.UNTITLED, Kind.WIKILINK}))] == [
        "ok",
        "About note",
    ]


def test_programs_get_the_same_as_plain_values() -> None:
    assert attention_as_json(find(MANY[3])) == [
        {
            "kind": "wikilink",
            "title": "About note",
            "url": f"{BASE}beds/note/",
            "reason": "names 'Beanz'; did you mean 'Beans in winter'?",
            "advice": "write the note, or name another page",
            "target": "Beanz",
            "number": None,
            "tended": "2025-10-09T08:53:20Z",
            "suggestions": ["Beans in winter"],
        }
    ]

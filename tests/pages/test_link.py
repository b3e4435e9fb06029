"""A link to a page of the garden leads there, in every form that people write, and leaves a backlink."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given, settings

from garden.archive.event import EventId
from garden.conversations.conversation import MessageKind
from garden.pages.address import Address, Anchor, message_anchor, page_id
from garden.pages.card import make_card, make_note_card
from garden.pages.escape import code_block, code_span
from garden.pages.link import link_page, link_pages, locate
from garden.pages.page import Note, Page, PageLinks
from garden.pages.quote import quote_sentence
from garden.pages.rewrite import Place, find_targets, replace_targets
from tests.pages.material import BASE, ROOM, answer, compose, directory, message, note, write_note
from tests.pages.reading import read_markdown
from tests.pages.strategies import texts

ROOT = message("beans", "How do we store beans?")
DRY = answer("dry", ROOT, "Dry them.")
BEANS = compose(ROOT, DRY)
HOUSE = note("house-rules.md", "# House rules\n\nBe kind.")
EVENT = DRY.event_id
ANCHOR = message_anchor(EVENT)


def links_of(*pages: Page | Note) -> dict[Address, PageLinks]:
    cards = [
        make_card(page, BASE) if isinstance(page, Page) else make_note_card(page, BASE) for page in pages
    ]
    return link_pages(cards, directory(*pages))


@pytest.mark.parametrize(
    "url",
    [
        f"https://matrix.to/#/{ROOM}/{EVENT}",
        f"https://matrix.to/#/{ROOM}/{EVENT}?via=fen.example&via=other.example",
        f"https://matrix.to/#/{quote(ROOM)}/{quote(EVENT)}?via=fen.example",
        f"https://matrix.to/#/{quote(ROOM, safe='')}/{quote(EVENT, safe='')}",
        f"https://matrix.to/#/%23alias:fen.example/{EVENT}",
        f"matrix:roomid/{ROOM[1:]}/e/{EVENT[1:]}",
        f"matrix:roomid/{ROOM[1:]}/e/{EVENT[1:]}?via=fen.example",
        f"matrix:r/seeds:fen.example/e/{quote(EVENT[1:])}",
        f"{BASE}{BEANS.address}#{ANCHOR}",
        f"http://FEN.example/garden/{BEANS.address}#{ANCHOR}",
        f"{BASE}{BEANS.address}index.html#{ANCHOR}",
        f"{BASE}seeds/former-words-{page_id(ROOT.event_id)}/#{ANCHOR}",
        f"{BASE}elsewhere/moved-{page_id(ROOT.event_id)}#{ANCHOR}",
    ],
)
def test_every_way_to_name_a_message_leads_to_it(url: str) -> None:
    target = locate(url, directory(BEANS))
    assert target is not None
    assert (target.address, target.anchor, target.title) == (BEANS.address, ANCHOR, BEANS.title)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (f"https://matrix.to/#/{ROOM}?via=fen.example", "seeds/"),
        (f"matrix:roomid/{ROOM[1:]}", "seeds/"),
        (f"{BASE}seeds/", "seeds/"),
        (f"{BASE}seeds/#top", "seeds/"),
        (f"{BASE}notes/house-rules", "notes/house-rules/"),
        ("[[House rules]]", "notes/house-rules/"),
        ("[[ house   RULES |our rules]]", "notes/house-rules/"),
        ("[[How do we store beans?]]", BEANS.address),
        ("house-rules.md", "notes/house-rules/"),
        ("./House rules.md#water", "notes/house-rules/"),
    ],
)
def test_rooms_notes_and_titles_are_found(url: str, address: str) -> None:
    target = locate(url, directory(BEANS, HOUSE), HOUSE.address)
    assert target is not None
    assert (target.address, target.anchor) == (address, None)


@pytest.mark.parametrize(
    "url",
    [
        "https://matrix.to/#/@ada:fen.example",
        "https://matrix.to/#/!other:fen.example",
        f"https://matrix.to/#/{ROOM}/$unknown",
        "https://matrix.to/#/",
        "matrix:u/ada:fen.example",
        "matrix:roomid",
        "matrix:",
        f"matrix:roomid/{ROOM[1:]}/x/{EVENT[1:]}",
        f"{BASE}seeds/unknown-words-abcdefgh/",
        f"{BASE}static/base.css",
        "https://other.example/garden/seeds/",
        "http://[",
        "[[No such page]]",
        "../../outside.md",
        "gone.md",
    ],
)
def test_what_is_no_page_of_ours_is_left_alone(url: str) -> None:
    assert locate(url, directory(BEANS, HOUSE), HOUSE.address) is None


def test_an_event_whose_identifier_holds_a_slash_is_found() -> None:
    old = message("x", "An old room")
    named = compose(replace(old, event_id=EventId("$abc/def+g")))
    target = locate(f"https://matrix.to/#/{ROOM}/$abc/def+g?via=fen.example", directory(named))
    assert target is not None
    assert target.address == named.address


def test_a_link_between_conversations_becomes_relative_and_leaves_a_backlink_with_its_sentence() -> None:
    asking = message(
        "wax", f"Is wax any good? We said something in https://matrix.to/#/{ROOM}/{EVENT} last year."
    )
    wax = compose(asking)
    links = links_of(BEANS, wax)
    linked = link_page(wax, links[wax.address])
    assert linked.messages[0].text == (
        "Is wax any good? We said something in "
        f"[How do we store beans?](<{BEANS.address.split('/')[1]}.md#{ANCHOR}>) last year."
    )
    (backlink,) = links[BEANS.address].backlinks
    assert backlink.sentence == "We said something in ‘How do we store beans?’ last year."
    assert (backlink.address, backlink.title, backlink.author) == (wax.address, "Is wax any good?", "Ada")
    assert (backlink.source_anchor, backlink.target_anchor) == (message_anchor(asking.event_id), ANCHOR)


def test_words_that_already_link_keep_their_words() -> None:
    asking = message(
        "wax", "x", formatted=f'See <a href="https://matrix.to/#/{ROOM}/{EVENT}">the bean <b>talk</b></a>.'
    )
    wax = compose(asking)
    links = links_of(BEANS, wax)
    assert link_page(wax, links[wax.address]).messages[0].text.startswith("See [the bean **talk**](<")
    assert links[BEANS.address].backlinks[0].sentence == "See the bean talk."


def test_a_page_that_links_to_itself_gets_no_backlink() -> None:
    page = compose(ROOT, answer("b", ROOT, f"As said in https://matrix.to/#/{ROOM}/{ROOT.event_id}"))
    links = links_of(page)
    assert links[page.address].backlinks == ()
    assert f"](<#{message_anchor(ROOT.event_id)}>)" in link_page(page, links[page.address]).messages[1].text


def test_backlinks_stand_in_order_of_time_and_once_for_each_message() -> None:
    url = f"https://matrix.to/#/{ROOM}/{ROOT.event_id}"
    late = compose(message("late", f"Late {url} and again {url}?x", minute=9))
    early = compose(message("early", f"Early {url}", minute=3))
    assert [link.title for link in links_of(late, early, BEANS)[BEANS.address].backlinks] == [
        early.title,
        late.title,
    ]


def test_notes_link_by_wikilink_and_by_file() -> None:
    first = note(
        "First season.md",
        "See [[House rules]], [[House rules|the rules]], [them](house-rules.md#x), [[Gone]].",
    )
    tools = note("tools/hoe.md", "Up: [season](<../First season.md>), [gone](../gone.md).")
    links = links_of(first, tools, HOUSE)
    assert write_note(first, tools, HOUSE).text == (
        "See [House rules](<house-rules.md>), [the rules](<house-rules.md>), [them](<house-rules.md>), Gone."
    )
    assert links[first.address].missing == ("Gone",)
    assert write_note(tools, first, HOUSE).text == "Up: [season](<../first-season.md>), [gone](../gone.md)."
    assert links[tools.address].missing == ("../gone.md",)
    assert [link.address for link in links[HOUSE.address].backlinks] == [first.address]
    assert [link.sentence for link in links[first.address].backlinks] == ["Up: season, gone."]


def test_two_brackets_in_a_message_are_no_wikilink() -> None:
    page = compose(message("a", "See [[House rules]]."))
    assert links_of(page, HOUSE) == {}
    assert read_markdown(page.messages[0].text).text == "See [[House rules]].\n"


URL = f"https://matrix.to/#/{ROOM}/{EVENT}"


@pytest.mark.parametrize(
    "code",
    [
        f"`{URL}`",
        f"`` <{URL}> ` ``",
        f"```\n<{URL}>\n```",
        f"~~~ text\n<{URL}>\n~~~",
        f"````\n```js\n[[House rules]] <{URL}>\n```\n````",
        f"```\n```js <{URL}>\n```",
        f"```\n<{URL}>",
        f"> ```\n> <{URL}>\n> ```",
        f"- ```\n  <{URL}>\n  ```",
        f"\\<{URL}>",
        "\\[[House rules]]",
    ],
)
def test_code_and_escaped_marks_are_left_alone(code: str) -> None:
    assert find_targets(code) == []
    assert replace_targets(code, lambda _target: Place("moved.md", "moved")) == code


@given(texts, texts)
@settings(max_examples=300)
def test_no_text_in_code_is_ever_rewritten(inside: str, outside: str) -> None:
    for code in (code_span(f"x{inside}"), code_block(inside)):
        text = f"{code}\n\n<{URL}>\n\n{code}"
        rewritten = replace_targets(
            text, lambda target: Place("moved.md", "moved") if target == URL else None
        )
        assert rewritten == f"{code}\n\n[moved](<moved.md>)\n\n{code}"
    assert replace_targets(outside, lambda _target: None).count("[[") <= outside.count("[[")


def test_a_code_span_of_three_ticks_hides_no_link_behind_it() -> None:
    assert find_targets(f"``` `a` ``` <{URL}>\n<https://b.example>") == [URL, "https://b.example"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f"One. Two <{URL}> three. Four.", "Two \ue000 three."),
        (f"One.\n\n[two](<{URL}>)\n\nThree.", "two"),
        (f"Have you read this?\n\n<{URL}>", "Have you read this? \ue000"),
        (f"- first\n- see [it](<{URL}>) now\n- last", "see it now"),
        (f"> quoted [it](<{URL}>)", "quoted it"),
        (f"| a | b |\n| --- | --- |\n| 1 | [it](<{URL}>) |", "1 | it"),
    ],
)
def test_a_backlink_quotes_the_sentence_that_links(text: str, sentence: str) -> None:
    assert quote_sentence(text, URL) == sentence


def test_a_quoted_sentence_is_bounded() -> None:
    assert len(quote_sentence("word " * 500 + f"[it](<{URL}>) " + "word " * 500, URL)) <= 240


@given(texts)
@settings(max_examples=300)
def test_linking_never_fails_whatever_is_said(body: str) -> None:
    page = compose(message("a", body), message("b", "x", formatted=body))
    links = links_of(page, BEANS, HOUSE)
    assert link_page(page, links.get(page.address, PageLinks())).address == page.address


def test_anchors_that_are_not_ours_are_dropped() -> None:
    for fragment, anchor in (("m-aaaaaaaaaa", Anchor("m-aaaaaaaaaa")), ("top", None), ('x" onclick=', None)):
        target = locate(f"{BASE}{BEANS.address}#{fragment}", directory(BEANS))
        assert target is not None
        assert target.anchor == anchor


def test_an_answer_on_another_page_leads_there_and_leaves_a_backlink() -> None:
    asking = answer("wax", DRY, f"**Cool** too, see https://matrix.to/#/{ROOM}/$x. And this.", minute=9)
    wax = compose(asking, elsewhere=[DRY])
    links = links_of(BEANS, wax)
    linked = link_page(wax, links[wax.address]).messages[0]
    assert wax.messages[0].reply_to is not None
    assert linked.reply_to == replace(
        wax.messages[0].reply_to, page=f"{BEANS.address.removesuffix('/').rpartition('/')[2]}.md"
    )
    assert linked.text == wax.messages[0].text
    (backlink,) = links[BEANS.address].backlinks
    assert (backlink.sentence, backlink.target_anchor) == ("**Cool** too, see …. And this.", ANCHOR)
    assert backlink.source_anchor == message_anchor(asking.event_id)


def test_an_answer_on_the_same_page_or_to_nobody_leaves_no_link() -> None:
    lost = compose(answer("b", message("absent", "x"), "words"))
    assert links_of(BEANS, lost) == {}
    answered = link_page(lost, PageLinks()).messages[0].reply_to
    assert answered is not None
    assert answered.page == ""


def test_nobody_can_write_the_link_that_answers_are_found_by() -> None:
    url = f"reply:{EVENT}"
    page = compose(message("a", url, formatted=f"<a href='{url}'>x</a>"), message("b", f"<{url}> [x]({url})"))
    assert links_of(page, BEANS) == {}


def all_backlinks(links: Iterable[PageLinks]) -> list[str]:
    return [backlink.sentence for each in links for backlink in each.backlinks]


def test_a_removed_message_links_nowhere_and_is_quoted_nowhere() -> None:
    asking = message("wax", f"erasedword https://matrix.to/#/{ROOM}/{EVENT}")
    page = compose(asking)
    assert all_backlinks(links_of(page, BEANS).values())
    removed = replace(asking, kind=MessageKind.REMOVED)
    assert "erasedword" not in str(links_of(compose(removed, ROOT), compose(DRY)))


def test_a_long_list_of_links_keeps_them_all_and_quotes_the_first_ones() -> None:
    """Looking for a sentence goes through the whole message; a thousand links would do so each time."""
    urls = [f"{BASE}seeds/x-{number:08}/" for number in range(1_000)]
    listed = compose(message("list", "Read these: " + ", ".join(urls)))
    start = time.process_time()
    links = make_card(listed, BASE).links_out
    assert [link.target for link in links] == urls
    assert time.process_time() - start < 2
    assert all(link.sentence.startswith("Read these") for link in links)

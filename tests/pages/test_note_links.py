"""A note shows messages and pages of the garden: as quotations that nobody can forge, as far as may be."""

from __future__ import annotations

import time
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given, settings

from garden.archive.event import NOBODY
from garden.conversations.conversation import MessageKind, Poll, PollAnswer
from garden.pages.address import message_anchor
from garden.pages.card import make_note_card
from garden.pages.elsewhere import Sharing
from garden.pages.link import link_pages
from garden.pages.note_links import MOST_SHOWN
from garden.pages.page import Note, Page, PageLinks
from garden.pages.wayfinding import find_paths
from garden.site.markdown import render_markdown
from tests.pages.material import (
    BASE,
    ROOM,
    answer,
    compose,
    message,
    note,
    picture,
    shelf,
    write_note,
)
from tests.pages.strategies import texts

ROOT = message("beans", "How do we store beans?")
DRY = answer("dry", ROOT, "Dry them *first*.")
BEANS = compose(ROOT, DRY)
FILE = f"../{BEANS.address.rstrip('/')}.md"
EVENT = DRY.event_id
ANCHOR = message_anchor(EVENT)
URL = f"https://matrix.to/#/{ROOM}/{EVENT}"
CAPTION = (
    '[Ben]{.author} · [3 March 2025]{at="2025-03-03T11:13:00.000Z"} · '
    f"[How do we store beans?](<{FILE}#{ANCHOR}>)"
)
SHOWN = f"::: {{.embed}}\n> Dry them \\*first\\*.\n\n{CAPTION}\n:::"


def links_of(*pages: Page | Note) -> dict[str, PageLinks]:
    found = shelf(*pages)
    return {
        str(address): links for address, links in link_pages(found.cards.values(), found.directory).items()
    }


@pytest.mark.parametrize(
    "target",
    [
        URL,
        f"{URL}?via=fen.example&via=[::1]"[:-6],
        f"https://matrix.to/#/{quote(ROOM, safe='')}/{quote(EVENT, safe='')}",
        "https://matrix.to/#/%21seeds%3Afen.example/%24dry%3Afen.example|what Ben said",
        f"matrix:roomid/{ROOM[1:]}/e/{EVENT[1:]}?via=fen.example",
        f"matrix:r/seeds:fen.example/e/{quote(EVENT[1:])}",
        f" {URL} ",
        f"{BASE}{BEANS.address}#{ANCHOR}",
        f"{BASE}seeds/former-words-{BEANS.address.rstrip('/')[-8:]}/#{ANCHOR}",
    ],
)
def test_a_message_is_shown_with_its_author_its_day_and_the_way_to_it(target: str) -> None:
    assert write_note(note("n.md", f"Ben says:\n\n![[{target}]]\n\nSo."), BEANS).text == (
        f"Ben says:\n\n{SHOWN}\n\nSo."
    )


def test_a_page_is_shown_by_its_summary_or_its_first_words() -> None:
    summed_up = replace(BEANS, summary="Dry, airtight, *cool*.")
    caption = f'[3 March 2025]{{at="2025-03-03T11:12:00.000Z"}} · [How do we store beans?](<{FILE}>)'
    for page, words in ((BEANS, "How do we store beans?"), (summed_up, "Dry, airtight, \\*cool\\*.")):
        written = write_note(note("n.md", "![[How do we store beans?]]"), page).text
        assert written == f"::: {{.embed}}\n> {words}\n\n{caption}\n:::"
        by_url = write_note(note("n.md", f"![[{BASE}{BEANS.address}]]"), page).text
        assert by_url == written


FIGURE = (
    '<figure class="embed">\n<blockquote>\n<p>Dry them *first*.</p>\n</blockquote>\n'
    '<figcaption><cite class="author"><bdi>Ben</bdi></cite> · '
    '<time datetime="2025-03-03T11:13:00.000Z">3 March 2025</time> · '
    f'<a href="{FILE}#{ANCHOR}">How do we store beans?</a></figcaption>\n</figure>\n'
)


@pytest.mark.parametrize(
    ("around", "rendered"),
    [
        ("{}", "{}"),
        ("- a\n- {}\n- b", "<ul>\n<li>a</li>\n<li>\n{}</li>\n<li>b</li>\n</ul>\n"),
        ("1. a\n\n   {}", "<ol>\n<li>\n<p>a</p>\n{}</li>\n</ol>\n"),
        ("> {}\n> so", "<blockquote>\n{}<p>so</p>\n</blockquote>\n"),
        ("> - {}", "<blockquote>\n<ul>\n<li>\n{}</li>\n</ul>\n</blockquote>\n"),
        ("said\n{}\nand so", "<p>said</p>\n{}<p>and so</p>\n"),
    ],
)
def test_an_embed_stays_in_the_list_or_quotation_that_it_stands_in(around: str, rendered: str) -> None:
    written = write_note(note("n.md", around.format(f"![[{URL}]]")), BEANS).text
    assert render_markdown(written) == rendered.format(FIGURE)


@pytest.mark.parametrize("around", ["As {} says.", "| {} | x |", "# {}", "{} {}", "- [ ] {}"])
def test_an_embed_among_other_words_is_a_link(around: str) -> None:
    written = write_note(note("n.md", "Words.\n\n" + around.replace("{}", f"![[{URL}]]")), BEANS).text
    link = f"[How do we store beans?](<{FILE}#{ANCHOR}>)"
    assert written == "Words.\n\n" + around.replace("{}", link)


def test_an_embed_leaves_a_backlink_that_says_so() -> None:
    embedding = note("n.md", f"Ben knows best:\n\n![[{URL}]]\n\nAnd [once more]({URL}).")
    (backlink,) = links_of(embedding, BEANS)[BEANS.address].backlinks
    assert (backlink.embeds, backlink.target_anchor) == (True, ANCHOR)
    assert backlink.sentence == "Ben knows best: ‘How do we store beans?’"
    (plain,) = links_of(note("n.md", f"See <{URL}>."), BEANS)[BEANS.address].backlinks
    assert not plain.embeds


def test_each_message_that_a_note_shows_hears_of_it() -> None:
    other = f"https://matrix.to/#/{ROOM}/{ROOT.event_id}"
    backlinks = links_of(note("n.md", f"![[{URL}]]\n\n![[{other}]]"), BEANS)[BEANS.address].backlinks
    assert {backlink.target_anchor for backlink in backlinks} == {ANCHOR, message_anchor(ROOT.event_id)}


# --- consent ---


@pytest.mark.parametrize(
    ("language", "words"), [("en", "This message is not here."), ("tlh", "This message is not here.")]
)
def test_a_message_that_is_not_published_is_said_not_to_be_here(language: str, words: str) -> None:
    alone = compose(ROOT)
    written = write_note(note("n.md", f"- ![[{URL}]]"), alone, language=language)
    assert written.text == f"- ::: {{.embed .gone}}\n  {words}\n  :::"
    assert written.shown == ()
    assert write_note(note("n.md", f"So: ![[{URL}]]"), alone).text == f"So: *{words}*"


@pytest.mark.parametrize("kind", [MessageKind.REMOVED, MessageKind.STATE, MessageKind.ENCRYPTED])
def test_what_is_nobodys_words_any_more_is_not_shown(kind: MessageKind) -> None:
    gone = compose(ROOT, replace(DRY, kind=kind))
    written = write_note(note("n.md", f"![[{URL}]]"), gone).text
    assert written == "::: {.embed .gone}\nThis message is not here.\n:::"


def test_where_people_are_not_named_as_they_name_themselves_no_name_is_shown() -> None:
    elsewhere = "https://matrix.to/#/!other:fen.example/$x?via=fen.example"
    said = compose(ROOT, replace(DRY, body=f"See {elsewhere} and {URL}"))
    written = write_note(note("n.md", f"![[{URL}]]"), said, is_named=False).text
    assert "Ben" not in written
    assert "$x" not in written
    assert "<https://matrix.to/#/!other:fen.example>" in written
    assert f"[How do we store beans?](<{FILE}#{ANCHOR}>) · " not in written
    covered = replace(
        said, messages=tuple(replace(each, sender=NOBODY, author="…") for each in said.messages)
    )
    assert "…" not in write_note(note("n.md", f"![[{URL}]]"), covered).text


def test_of_a_room_that_search_engines_may_not_list_a_note_tells_titles_alone() -> None:
    written = write_note(note("n.md", f"![[{URL}]]\n\n![[How do we store beans?]]"), BEANS, is_listed=False)
    assert written.text == (
        f"::: {{.embed}}\n[How do we store beans?](<{FILE}#{ANCHOR}>)\n:::\n\n"
        f"::: {{.embed}}\n[How do we store beans?](<{FILE}>)\n:::"
    )
    assert written.shown == ()


def test_a_note_knows_which_messages_it_shows_and_since_when_they_read_so() -> None:
    edited = compose(ROOT, replace(DRY, edited_at=DRY.sent_at + 5))
    assert write_note(note("n.md", f"![[{URL}]]"), edited).shown == ((ANCHOR, DRY.sent_at + 5),)


# --- hostile ---


def test_what_an_embedded_message_says_is_not_embedded_in_turn() -> None:
    own = f"![[{URL}]] ![[n]] [[n]]"
    page = compose(ROOT, replace(DRY, body=own, formatted_body=f"<p>{own}</p><p>::: {{.embed}}</p>"))
    written = write_note(note("n.md", f"![[{URL}]]"), page).text
    assert written.count("\n::: {.embed}") + written.startswith("::: {.embed}") == 1
    assert all(line.startswith(">") for line in written.split("\n") if "[[" in line or "\\:::" in line)


def test_notes_that_show_each_other_or_themselves_come_to_an_end() -> None:
    first = note("a.md", "Apples. ![[b]]\n\n![[b]]\n\n![[a]]")
    second = note("b.md", "![[a]]")
    assert write_note(first, second).text == (
        "Apples. [b](<b.md>)\n\n::: {.embed}\n[b](<b.md>)\n:::\n\n[a](<#>)"
    )
    assert write_note(second, first).text == "::: {.embed}\n> Apples.\n\n[a](<a.md>)\n:::"


def test_a_thousand_embeds_take_no_time_and_most_of_them_are_links() -> None:
    written = note("n.md", "\n\n".join([f"![[{URL}]]", "![[How do we store beans?]]"] * 500))
    start = time.process_time()
    text = write_note(written, BEANS).text
    assert time.process_time() - start < 2
    assert text.count("::: {.embed}") == MOST_SHOWN
    assert text.count(f"](<{FILE}") == 1000


def test_a_thousand_different_links_are_quoted_in_one_go() -> None:
    lines = "\n\n".join(f"Line {number}. See [[Page {number}]] there." for number in range(1000))
    start = time.process_time()
    card = make_note_card(note("n.md", lines), BASE)
    assert time.process_time() - start < 2
    assert [link.sentence for link in card.links_out][-1] == "See Page 999 there."


@pytest.mark.parametrize(
    "body",
    [
        "long " * 2000,
        "para\n\n" * 2000,
        "```\n" + "code\n\n" * 900 + "```",
        "[x](https://x.example) " * 60,
        "|a" * 300 + "|",
        "\n".join(["| a | b |", "| - | - |", *["| 1 | 2 |"] * 200]),
    ],
)
def test_of_a_long_message_a_note_shows_the_beginning(body: str) -> None:
    page = compose(ROOT, replace(DRY, body=body, formatted_body=None))
    written = write_note(note("n.md", f"![[{URL}]]"), page).text
    assert len(written) < 2500
    assert written.count("[") <= 35
    assert max(line.count("|") for line in written.split("\n")) <= 8
    assert written.endswith(f"\n\n{CAPTION}\n:::")


def test_paragraphs_that_fit_are_shown_as_they_are_written() -> None:
    long = "\n\n".join(["One *a*.", "x" * 1000, "y" * 1000])
    page = compose(
        ROOT, replace(DRY, formatted_body="".join(f"<p>{each}</p>" for each in long.split("\n\n")))
    )
    written = write_note(note("n.md", f"![[{URL}]]"), page).text
    assert written.startswith(f"::: {{.embed}}\n> One \\*a\\*.\n>\n> {'x' * 1000}\n>\n> …\n\n[Ben]")


def test_pictures_polls_and_links_of_a_message_lead_from_the_note() -> None:
    jar = replace(picture("dry", "the jar"), reply_to=None)
    poll = Poll(
        (PollAnswer("Saturday", 3, is_winner=False), PollAnswer("*Sunday*", 1, is_winner=False)), 4, 1
    )
    asking = replace(message("poll", f"When? {URL}"), kind=MessageKind.POLL, poll=poll)
    page = compose(ROOT, jar, asking)
    written = write_note(
        note("tools/n.md", f"![[{URL}]]\n\n![[https://matrix.to/#/{ROOM}/$poll:fen.example]]"), page
    ).text
    assert "> ![the jar](<../../../media/ab/jar.webp>){width=640 height=480" in written
    assert (
        f"> When? [How do we store beans?](<../{FILE}#{ANCHOR}>)\n>\n> - Saturday\n> - \\*Sunday\\*\n"
        in written
    )


@given(texts, texts)
@settings(max_examples=200)
def test_no_words_of_a_message_leave_its_quotation(body: str, name: str) -> None:
    said = replace(DRY, body=body or "x", sender_name=" ".join(name.split()) or "Ben")
    page = compose(ROOT, said, replace(message("b", "x", formatted=body)))
    written = write_note(note("n.md", f"Before.\n\n![[{URL}]]\n\nAfter."), page).text
    assert written.startswith("Before.\n\n::: {.embed")
    assert written.endswith("\n:::\n\nAfter.")
    inside = written.removeprefix("Before.\n\n").removesuffix("\n\nAfter.").split("\n")[1:-1]
    blank = inside.index("") if "" in inside else -1
    assert all(line.startswith(">") for line in inside[: max(blank, 0)])
    assert len(inside) - blank == 2


# --- what a note grew from ---


def test_a_note_leads_to_what_it_grew_from_and_back() -> None:
    grown = note(
        "n.md",
        f"---\nsummary: Dry them.\ngrew_from: ['[[How do we store beans?]]', '{URL}', '[[Gone]]']\n---\nAll.",
    )
    found = shelf(grown, BEANS)
    links = link_pages(found.cards.values(), found.directory)
    cards = list(found.cards.values())
    paths = find_paths(cards, links, Sharing(cards))
    assert [(each.address, each.title) for each in paths[grown.address].grew_from] == [
        (BEANS.address, BEANS.title)
    ]
    assert [(each.address, each.title) for each in paths[BEANS.address].grew_into] == [(grown.address, "n")]
    assert {backlink.sentence for backlink in links[BEANS.address].backlinks} == {"Dry them."}
    assert links[grown.address].missing == ("Gone",)
    assert paths[BEANS.address].growth.links_in == 1


def test_a_note_did_not_grow_from_itself_nor_a_conversation_into_more_than_can_be_read() -> None:
    notes = [
        note(f"n{number}.md", "---\ngrew_from: ['How do we store beans?']\n---") for number in range(200)
    ]
    own = note("own.md", "---\ngrew_from: [own]\n---")
    found = shelf(*notes, own, BEANS)
    cards = list(found.cards.values())
    paths = find_paths(cards, link_pages(cards, found.directory), Sharing(cards))
    assert len(paths[BEANS.address].grew_into) == 50
    assert (paths[own.address].grew_from, paths[own.address].grew_into) == ((), ())

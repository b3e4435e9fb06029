"""The privacy page and each room's line say what the settings do, in words, and nothing that they do not."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from garden.conversations.conversation import Naming
from garden.resources import find_theme
from garden.site.consent_view import ReasonView, SpanView
from garden.site.indexes import present_room
from garden.site.place import Opened, RoomPlace, present_time
from garden.site.privacy import PRIVACY, PrivacyFacts, present_privacy
from garden.site.reason import present_reason
from garden.site.templates import View, load_theme, plan_render, render_task
from garden.site.view import LinkView
from tests.allowed_html import find_forbidden
from tests.site.growing import NOON, SEEDS, WATER, frame

FACTS = PrivacyFacts(
    delay="0h",
    plant_with="",
    names="full",
    keeps_closed=False,
    needs_notice=False,
    shows_history=False,
    shows_removed=False,
    hears=True,
    account="",
    recrawl="7d",
    contact="",
)


def render(view: View) -> str:
    theme = load_theme(find_theme(Path(), "commons"))
    return render_task(theme, plan_render("x/index.html", view, theme)).content.decode()


def read(text: str) -> str:
    """The words of a page's main part as they are read."""
    main = etree.fromstring(text.encode(), etree.HTMLParser(encoding="utf-8")).find(".//main")
    assert main is not None
    return " ".join("".join(str(each) for each in main.itertext()).split())


def privacy(facts: PrivacyFacts = FACTS, *places: RoomPlace, more: LinkView | None = None) -> str:
    return render(present_privacy(frame(PRIVACY), facts, places or (SEEDS,), more))


def room(place: RoomPlace) -> str:
    around = replace(frame(place.address), index=place.index)
    return render(next(present_room(lambda _: around, place, [], {}, 50, {}))[1])


# A room's line

OPEN = Opened(by="Ada Lindqvist", at=NOON)


@pytest.mark.parametrize(
    ("opened", "line"),
    [
        (OPEN, "Anyone may read this room: Ada Lindqvist opened it on 3 March 2025."),
        (replace(OPEN, by=""), "Anyone may read this room: it was opened on 3 March 2025."),
        (replace(OPEN, at=None), "Anyone may read this room: Ada Lindqvist opened it."),
        (Opened(), "Anyone may read this room."),
        (replace(OPEN, vouched=True), "Published because the garden's admin vouches for it."),
        (
            replace(OPEN, closed=True),
            "This room is closed now; what stands here was said while anyone could read it.",
        ),
    ],
)
def test_a_rooms_page_says_why_it_stands_here(opened: Opened, line: str) -> None:
    page = room(replace(SEEDS, opened=opened))

    assert f"{line} What that means" in read(page)
    assert 'href="../privacy/"' in page


def test_a_room_says_how_people_are_named_there() -> None:
    assert "The names in it are pseudonyms." in read(room(replace(SEEDS, naming=Naming.PSEUDONYM)))
    assert "Nobody is named in it." in read(room(replace(SEEDS, naming=Naming.HIDDEN)))


def test_a_reason_has_each_fact() -> None:
    place = replace(SEEDS, opened=OPEN, naming=Naming.PSEUDONYM, index=False)
    since = present_time(NOON)
    assert present_reason(place) == ReasonView("open", "Ada Lindqvist", since, "pseudonym", index=False)


def test_who_opened_a_room_is_text() -> None:
    page = room(replace(SEEDS, opened=replace(OPEN, by="<script>alert(1)</script>")))
    assert "<script>" not in page


# The page


def test_the_page_holds_nothing_that_a_page_may_not_and_leads_home() -> None:
    page = privacy()

    assert find_forbidden(page) == []
    assert 'href="../"' in page
    assert "Seeds Anyone may read this room." in read(page)
    assert 'href="../seeds/"' in page


def test_without_settings_the_page_speaks_of_none() -> None:
    words = read(privacy())

    for word in (
        "waits",
        "moderator has chosen",
        "notice that tells",
        "pseudonym",
        "line says so",
        "For all",
    ):
        assert word not in words
    assert "it leaves this garden the next time that is built" in words
    assert "read anew from beginning to end every 7 days" in words
    assert "!garden opt-out in any of the rooms; or react with 🚫" in words
    assert "!garden opt-in takes that back" in words
    assert "set no cookies and count nobody. One small script of this site" in words


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"delay": "24h"}, "A message waits 24 hours before it is published"),
        ({"delay": "1d"}, "A message waits 1 day before it is published"),
        ({"recrawl": "1d"}, "from beginning to end every day,"),
        ({"plant_with": "🥕"}, "with the reaction 🥕 or in the room's settings, are published"),
        ({"needs_notice": True}, "Every room here has a notice"),
        ({"keeps_closed": True}, "what was said while anyone could read it stays here"),
        ({"names": "pseudonym"}, "such as “Reed Warbler 27”, without pictures"),
        ({"names": "hidden"}, "Nobody is named here"),
        ({"shows_history": True}, "the earlier wordings are shown, too"),
        ({"shows_removed": True}, "Where a message was removed a line says so"),
        ({"account": "@garden:fen.example"}, "or in a private message to @garden:fen.example; or react"),
        ({"contact": "Ada"}, "For all else, ask Ada."),
        ({"hears": False}, "ask those who keep this garden"),
    ],
)
def test_each_setting_is_told(changed: dict[str, object], words: str) -> None:
    facts = replace(FACTS, **changed)  # type: ignore[arg-type]  # one field of its own type each

    assert words in read(privacy(facts))
    assert words not in read(privacy())


def test_a_garden_of_imports_offers_nothing_that_nobody_hears() -> None:
    words = read(privacy(replace(FACTS, hears=False, contact="Ada")))

    assert "!garden" not in words
    assert "read anew" not in words
    assert "For all else, ask Ada." in words


@pytest.mark.parametrize(
    ("contact", "url"),
    [
        ("https://fen.example/about us", "https://fen.example/about%20us"),
        ("privacy@fen.example", "mailto:privacy@fen.example"),
        ("@ada:fen.example", "https://matrix.to/#/@ada:fen.example"),
        ("#help:fen.example", "https://matrix.to/#/%23help:fen.example"),
    ],
)
def test_a_contact_is_linked_where_it_is_an_address(contact: str, url: str) -> None:
    assert f'ask <a href="{url}"><bdi>{contact}</bdi></a>.' in privacy(replace(FACTS, contact=contact))


@pytest.mark.parametrize("contact", ["Ada, at the counter", "javascript:alert(1)", "data:text/html,x", "  "])
def test_other_words_lead_nowhere(contact: str) -> None:
    links = re.findall('href="([^"]*)"', privacy(replace(FACTS, contact=contact)))
    assert all(link.startswith(("./", "../", "#", "https://fen.example/")) for link in links)


def test_every_room_is_listed_with_its_reason_and_wish() -> None:
    quiet = replace(WATER, index=False, opened=Opened(vouched=True))
    words = read(privacy(FACTS, SEEDS, quiet))

    assert "Water Published because the garden's admin vouches for it. Search engines are asked" in words


def test_a_note_says_more_where_there_is_one() -> None:
    page = privacy(more=LinkView("Why we publish", "../notes/privacy/"))

    assert '<a href="../notes/privacy/"><bdi>Why we publish</bdi></a>' in page
    assert "in a note of their own" not in privacy()


def test_a_span_has_its_unit() -> None:
    view = present_privacy(frame(PRIVACY), replace(FACTS, delay="2w", recrawl="30m"), [], None)
    assert (view.delay, view.recrawl) == (SpanView(2, "week"), SpanView(30, "minute"))

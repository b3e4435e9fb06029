"""The notice says in words that anybody understands where a room is published and how to stay out."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from garden.archive.event import EventId, UserId, read_event
from garden.archive.vocabulary import NOTICE
from garden.archive.wish import read_wish
from garden.config import ConsentSettings, SiteConfig, SiteSettings
from garden.language import list_languages
from garden.notice import Posting, is_notice, tell_posting, write_notice, write_replies
from tests.archive.material import ROOM, message

ME = UserId("@gardener:fen.example")
CONFIG = SiteConfig(SiteSettings("Fen & <Moor>", "https://fen.example/garden/"))


def config(**consent: object) -> SiteConfig:
    return replace(CONFIG, consent=replace(ConsentSettings(), **consent))  # type: ignore[arg-type]


def body(**consent: object) -> str:
    return str(write_notice(config(**consent), ME)["body"])


def test_the_notice_word_for_word() -> None:
    assert body(delay="24h", contact="Ada, ada@fen.example") == (
        "Hello! Anyone may read this room, also without joining it. So it is published as web pages for"
        " everybody, too: Fen & <Moor>, https://fen.example/garden/\n\n"
        "You would rather not be there? Write !garden opt-out here or in a private message to"
        " @gardener:fen.example, without encryption, or react with 🚫 to this message. Then your words and"
        " your name leave the pages. !garden opt-in brings you back.\n\n"
        "What is said here appears there 24 hours later at the earliest. What you edit or remove here changes"
        " there, too.\n\n"
        "Questions? Ask Ada, ada@fen.example.\n\n"
        "More about privacy: https://fen.example/garden/privacy/"
    )


@pytest.mark.parametrize(
    ("delay", "words"),
    [
        ("0h", "with the next build"),
        ("1h", "1 hour later at the earliest"),
        ("90m", "90 minutes later at the earliest"),
        ("1d", "1 day later at the earliest"),
        ("2w", "2 weeks later at the earliest"),
    ],
)
def test_it_says_how_long_a_message_waits(delay: str, words: str) -> None:
    assert f"appears there {words}." in body(delay=delay)


def test_it_says_what_else_a_garden_keeps_to() -> None:
    assert "Nobody is named there." in body(names="hidden")
    assert "People have made-up names there." in body(names="pseudonym")
    assert "Only conversations that a moderator has marked with 🌱 are published." in body(publish="curated")
    assert "Questions?" not in body()


def test_the_html_says_the_same_and_no_setting_becomes_html() -> None:
    content = write_notice(config(contact="<b>Ada</b>", plant_with="<i>", publish="curated"), ME)
    html = str(content["formatted_body"])
    assert set(re.findall(r"<(/?\w+)", html)) == {"p", "/p", "a", "/a", "code", "/code"}
    assert '<a href="https://fen.example/garden/">Fen &amp; &lt;Moor&gt;</a>' in html
    assert '<a href="https://matrix.to/#/@gardener:fen.example">@gardener:fen.example</a>' in html
    text = unescape(re.sub("<[^>]*>", "", html.replace("</p><p>", "\n\n")))
    assert text == str(content["body"]).replace(", https://fen.example/garden/\n", "\n")


def test_it_is_a_notice_of_this_garden_as_long_as_the_garden_stands_there() -> None:
    content = write_notice(CONFIG, ME)
    assert content[NOTICE] == {"base_url": "https://fen.example/garden/"}
    assert content["m.mentions"] == {}
    assert is_notice(content, CONFIG)
    moved = replace(CONFIG, site=SiteSettings("Fen", "https://moor.example/"))
    assert not is_notice(content, moved)
    assert not is_notice({}, CONFIG)
    assert not is_notice({NOTICE: "https://fen.example/garden/"}, CONFIG)


def test_neither_the_notice_nor_an_answer_is_itself_a_wish() -> None:
    replies = write_replies(config(contact="Ada"))
    texts = [body(), replies.opted_in, replies.opted_out, replies.explain, replies.encrypted]
    assert [read_wish(read_event(message("m", text), ROOM)) for text in texts] == [None] * 5


def test_the_answers_name_the_garden_and_the_way_back() -> None:
    replies = write_replies(config(contact="Ada"))
    for text in (replies.opted_in, replies.opted_out, replies.explain, replies.encrypted):
        assert "Fen & <Moor> (https://fen.example/garden/)" in text
    assert replies.opted_out.endswith("To undo this, write !garden opt-in here.")
    assert replies.opted_in.endswith("To leave, write !garden opt-out here.")
    assert replies.explain.endswith("Questions: Ada.")
    assert "without encryption" in replies.encrypted


def told(posting: Posting) -> str:
    return "\n".join(tell_posting(posting))


def test_what_became_of_it_is_told() -> None:
    posting = Posting("#bean:fen.example", EventId("$new"), "Hello", is_pinned=True)
    assert told(posting) == "Posted a notice in #bean:fen.example, and pinned it: $new"
    assert told(replace(posting, has_joined=True)) == (
        "Joined #bean:fen.example and posted a notice there, and pinned it: $new"
    )
    assert told(replace(posting, is_new=False)).splitlines() == [
        "#bean:fen.example has a notice already, pinned: $new. Nothing was posted",
        "  → --again posts a new one",
    ]
    assert "not pinned" in told(replace(posting, is_new=False, is_pinned=False))
    assert told(replace(posting, event_id=None)) == "Hello"


@pytest.mark.parametrize(
    ("pinners", "words"),
    [
        ("", "Nobody else is named for it."),
        ("@a:x", "Who can: @a:x."),
        ("@a:x @b:x @c:x @d:x @e:x", "Who can: @a:x, @b:x, @c:x and 2 more."),
    ],
)
def test_who_can_pin_is_named_where_the_account_cannot(pinners: str, words: str) -> None:
    posting = Posting("#bean:x", EventId("$new"), "", pinners=tuple(map(UserId, pinners.split())))
    assert told(posting).splitlines()[1] == (
        f"  It is not pinned: the account has no right to pin there. {words}"
    )


@pytest.mark.parametrize("language", list_languages())
@pytest.mark.parametrize("delay", ["0h", "1h", "2d", "3w", "11m", "100h"])
def test_members_read_it_in_the_gardens_language(language: str, delay: str) -> None:
    settings = config(delay=delay, contact="Ada", names="hidden", publish="curated", plant_with="🌱")
    settings = replace(settings, site=replace(settings.site, language=language))
    content = write_notice(settings, ME)
    for text in (str(content["body"]), unescape(str(content["formatted_body"]))):
        for word in (
            "!garden opt-out",
            "!garden opt-in",
            ME,
            "🚫",
            "🌱",
            "Ada",
            "https://fen.example/garden/privacy/",
        ):
            assert word in text
    assert ("Hello" in str(content["body"])) == (language == "en")
    assert str(content["formatted_body"]).count("<p>") == str(content["body"]).count("\n\n") + 1


@pytest.mark.parametrize("language", list_languages())
def test_answers_are_in_the_gardens_language_and_no_wish(language: str) -> None:
    settings = config(contact="Ada")
    replies = write_replies(replace(settings, site=replace(settings.site, language=language)))
    texts = [replies.opted_in, replies.opted_out, replies.explain, replies.encrypted]
    assert all("Fen & <Moor> (https://fen.example/garden/)" in text for text in texts)
    assert ("Done" in replies.opted_in) == (language == "en")
    assert [read_wish(read_event(message("m", text), ROOM)) for text in texts] == [None] * 4

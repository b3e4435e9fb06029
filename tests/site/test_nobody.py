"""Where people are not to be named, no page names them, tells them apart, or leads to their names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from garden.archive.event import NOBODY, EventId, UserId
from garden.conversations.conversation import ChangeKind, ConversationKind, MessageKind, Naming, Removal
from garden.pages.page import Answered, Backlink, Page, PageLinks, PageMessage, PageReaction, PageVersion
from garden.pages.paths import PagePaths
from garden.resources import find_theme
from garden.site.nobody import hide_events
from garden.site.pins import find_pins
from garden.site.present import present_conversation
from garden.site.templates import load_theme, plan_render, render_task
from garden.site.view import AnsweredView, ConversationView, MessageView, QuietView, RemovalView
from tests.site.growing import BEANS, NOON, SEEDS, anchor, frame, remove, say, talk

HIDDEN = replace(SEEDS, naming=Naming.HIDDEN)
PSEUDONYMS = replace(SEEDS, naming=Naming.PSEUDONYM)
ROOM_URL = "https://matrix.to/#/%23seeds:fen.example"
EVENT_URL = "https://matrix.to/#/!seeds:fen.example/$secret?via=fen.example"


def hide(message: PageMessage) -> PageMessage:
    return replace(message, sender=NOBODY, author="…", avatar="ab/face.webp")


def present(page: Page, links: PageLinks | None = None, *, place: object = HIDDEN) -> ConversationView:
    assert isinstance(place, type(SEEDS))
    return present_conversation(page, links or PageLinks(), PagePaths(), place, frame(page.address))


def first(page: Page) -> MessageView:
    return present(page).messages[0]


def render(view: ConversationView, folder: Path) -> str:
    theme = load_theme(find_theme(folder, "commons"))
    return render_task(theme, plan_render("x/index.html", view, theme)).content.decode()


def test_nobody_is_called_somebody_and_has_no_face() -> None:
    shown = first(talk(hide(say("q", "How?")), hide(say("a", "So.", at=1))))

    assert (shown.author, shown.is_named, shown.initial, shown.avatar) == ("", False, "", "")
    assert shown.permalink == ""


def test_nobody_never_goes_on_under_the_header_of_nobody() -> None:
    view = present(talk(*(hide(say(name, name, at=minute)) for minute, name in enumerate("qab"))))

    assert [each.continues for each in view.messages] == [False, False]


def test_people_who_are_not_told_from_one_another_are_not_counted() -> None:
    view = present(talk(hide(say("q", "How?")), hide(say("a", "So.", at=1))))

    assert (view.message_count, view.people_count, view.planted_by) == (2, 0, "")


def test_reactions_are_counted_and_name_only_who_may_be_named() -> None:
    given = (PageReaction("🌱", ("…", "Ben", "…")), PageReaction("👍", ("…",)))
    shown = first(talk(say("q", "How?"), replace(say("a", "So.", at=1), reactions=given)))

    assert [(each.count, each.people) for each in shown.reactions] == [(3, ("Ben",)), (1, ())]


@pytest.mark.parametrize(
    ("sender", "by", "name", "shown"),
    [
        ("@ada:fen.example", NOBODY, "…", ("", False)),
        (NOBODY, NOBODY, "…", ("", False)),
        (NOBODY, "@mo:fen.example", "Mo", ("Mo", False)),
        ("@ada:fen.example", "@ada:fen.example", "Ada", ("", True)),
    ],
)
def test_a_removal_by_nobody_is_told_without_by_whom(
    sender: str, by: str, name: str, shown: tuple[str, bool]
) -> None:
    message = replace(say("a", "", at=1), sender=UserId(sender), removal=Removal(UserId(by), name, NOON))
    view = first(talk(say("q", "How?"), remove(message)))

    assert view.removal is not None
    assert (view.removal.name, view.removal.by_author) == shown
    assert isinstance(view.removal, RemovalView)


def test_an_answer_to_nobody_says_so_here_and_elsewhere() -> None:
    here = talk(hide(say("q", "How?")), hide(say("a", "So.", at=1, to="b")), hide(say("b", "Late.", at=2)))
    assert first(here).reply_to == AnsweredView("", "Late.", f"#{anchor('b')}")

    far = Answered(EventId("$far"), anchor("far"), "…", "Words.", is_here=False)
    away = talk(say("q", "How?"), replace(say("a", "So.", at=1), reply_to=far))
    assert first(away).reply_to == AnsweredView("", "Words.", "")


@pytest.mark.parametrize(
    ("change", "value", "shown"),
    [
        (ChangeKind.KICK, "…", ""),
        (ChangeKind.RENAME, "…", ""),
        (ChangeKind.INVITE, "Ben", "Ben"),
        (ChangeKind.TOPIC, "…", "…"),
    ],
)
def test_a_change_of_the_room_names_neither_who_made_it_nor_whom_it_is_about(
    change: ChangeKind, value: str, shown: str
) -> None:
    message = replace(hide(say("a", value, at=1)), kind=MessageKind.STATE, change=change)
    (line,) = first(talk(say("q", "How?"), message)).quiet

    assert isinstance(line, QuietView)
    assert (line.author, line.value) == ("", shown)


def test_a_mention_by_nobody_has_no_author() -> None:
    backlink = Backlink(BEANS, "Beans", None, None, "As asked there.", "…", NOON)
    page = replace(talk(say("q", "How?")), address=SEEDS.address)

    assert present(page, PageLinks(backlinks=(backlink,))).backlinks[0].links[0].author == ""


def test_a_pin_by_nobody_has_no_author() -> None:
    page = talk(hide(say("q", "How?")))
    assert [pin.author for pin in find_pins(page, {EventId("$q")})] == [""]


@pytest.mark.parametrize("place", [HIDDEN, PSEUDONYMS], ids=["hidden", "pseudonym"])
def test_where_names_are_covered_no_link_leads_to_a_message_in_matrix(place: object, tmp_path: Path) -> None:
    view = present(talk(say("q", "How?"), say("a", "So.", at=1)), place=place)

    assert view.continue_url == ROOM_URL
    assert [view.messages[0].permalink] == [""]
    assert "/$" not in render(view, tmp_path)


def test_where_people_are_named_the_conversation_goes_on_at_its_first_message_that_is_there() -> None:
    page = talk(say("q", "How?"), say("a", "So.", at=1))

    assert present(page, place=SEEDS).continue_url.startswith("https://matrix.to/#/!seeds:fen.example/$q?")
    headless = replace(page, root_id=EventId("$taken-back"))
    assert present(headless, place=SEEDS).continue_url.startswith(
        "https://matrix.to/#/!seeds:fen.example/$q?"
    )
    day = talk(say("a", "Fog."), kind=ConversationKind.DAY)
    assert present(day, place=SEEDS).continue_url == ROOM_URL
    assert present(talk(hide(say("q", "How?"))), place=SEEDS).continue_url == ROOM_URL


@pytest.mark.parametrize(
    ("words", "hidden"),
    [
        (
            f"See [there](<{EVENT_URL}>).",
            "See [there](<https://matrix.to/#/!seeds:fen.example>).",
        ),
        (
            f"See <{EVENT_URL}>.",
            r"See [https://matrix.to/#/!seeds:fen.example](<https://matrix.to/#/!seeds:fen.example>).",
        ),
        (
            "See [it](<matrix:r/seeds:fen.example/e/secret>).",
            "See [it](<https://matrix.to/#/%23seeds:fen.example>).",
        ),
        ("See [room](<https://matrix.to/#/#seeds:fen.example>).", None),
        ("See [page](<../x.md#m-abc>) and [web](<https://fen.example/$x>).", None),
    ],
)
def test_permalinks_that_people_wrote_lead_to_the_room_only(words: str, hidden: str | None) -> None:
    message = replace(say("q", words), history=(PageVersion(NOON, words),))
    page = hide_events(talk(message), PSEUDONYMS)

    assert page.messages[0].text.replace("\\", "") == (hidden or words)
    assert page.messages[0].history[0].text == page.messages[0].text
    assert hide_events(talk(message), SEEDS) == talk(message)


def test_a_page_of_nobody_reads_well(tmp_path: Path) -> None:
    given = (PageReaction("🌱", ("…", "…")), PageReaction("👍", ("Ben", "…")))
    page = talk(
        hide(say("q", "How?")),
        replace(hide(say("a", "So.", at=1)), reactions=given),
        remove(replace(hide(say("b", "", at=2)), removal=Removal(NOBODY, "…", NOON))),
        replace(hide(say("c", "…", at=3)), kind=MessageKind.STATE, change=ChangeKind.BAN),
        replace(hide(say("d", "waves", at=4)), kind=MessageKind.EMOTE),
    )
    text = render(present(page), tmp_path)

    assert "…" not in text
    assert "<p>2 people</p>" in text
    assert "<p><bdi>Ben</bdi> and 1 other</p>" in text
    assert 'A message was removed, <time datetime="2025-03-03' in text
    assert "<bdi>Somebody</bdi> banned somebody" in text
    assert "0 people" not in text
    assert 'class="face' not in text
    assert '<h3 class="unnamed">Somebody</h3>' in text
    assert "h-card" not in text

"""A template sees its view and nothing else; what a view holds is text, never markup."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from garden.archive.event import EventId, UserId
from garden.conversations.conversation import ChangeKind, MessageKind, Poll, PollAnswer, Removal
from garden.errors import ThemeError
from garden.pages.address import Address
from garden.pages.page import Answered, Note, PageLinks, PageMessage, PageReaction, PageVersion
from garden.pages.paths import PagePaths
from garden.resources import find_theme
from garden.site.headers import CONTENT_SECURITY_POLICY
from garden.site.index_view import MovedView, NeighbourRingView, NeighboursView, NotFoundView
from garden.site.indexes import present_home, present_not_found, present_room, present_tag
from garden.site.map import present_map
from garden.site.place import Opened, name_rooms
from garden.site.present import home_link, present_conversation, present_note
from garden.site.privacy import PrivacyFacts, present_privacy
from garden.site.templates import Theme, View, list_static, load_theme, plan_render, render_task
from garden.site.view import LinkView
from tests.allowed_html import find_forbidden
from tests.site.growing import BEANS, NOON, SEEDS, anchor, card, count_strange_scripts, frame, say, talk

THEMES = ("commons", "plain")
HOSTILE = "<script>alert(1)</script>\"'&<!--"


@pytest.fixture(scope="module", params=THEMES)
def theme(request: pytest.FixtureRequest) -> Theme:
    """Each theme that ships with garden."""
    return load_theme(find_theme(Path("nowhere"), request.param))


@pytest.fixture
def own_theme(tmp_path: Path) -> Theme:
    """A copy of the smaller one, to be changed."""
    plain, *below = find_theme(tmp_path, "plain")
    return load_theme((Path(shutil.copytree(plain, tmp_path / "theme")), *below))


def render(theme: Theme, view: View) -> str:
    return render_task(theme, plan_render("x/index.html", view, theme)).content.decode()


def _empty_sheet(theme: Theme) -> None:
    sheet = max((theme.layers[0] / "static/css").glob("*.css"))
    sheet.write_text("", encoding="utf-8")


def not_found(title: str = "Fen") -> NotFoundView:
    return present_not_found(replace(frame(Address("")), site_title=title), [SEEDS])


def messages(word: str) -> list[PageMessage]:
    """A message of every kind, with `word` wherever its sender may write something."""
    said = replace(
        say("a", word, at=1),
        author=word,
        network=word,
        type_name=word,
        edited_at=NOON,
        history=(PageVersion(NOON, word),),
        reply_to=Answered(EventId("$far"), anchor("far"), word, word, is_here=False),
        reactions=(PageReaction(word, (word,)), PageReaction(word, (word,), "ab/x.webp")),
        poll=Poll((PollAnswer(word, 1, is_winner=True), PollAnswer(word, None)), voters=1, max_selections=2),
        removal=Removal(UserId("@mo:fen.example"), word, NOON),
    )
    kinds = [
        replace(said, kind=kind, event_id=EventId(f"${kind}"), anchor=anchor(kind), avatar="ab/x.webp")
        for kind in MessageKind
    ]
    changes = [
        replace(
            said, kind=MessageKind.STATE, change=change, event_id=EventId(f"${change}"), anchor=anchor(change)
        )
        for change in ChangeKind
    ]
    # Quiet lines fold where they stand side by side; between messages each stands alone.
    return [*kinds, *changes, *(each for pair in zip(kinds[:3], changes[:3], strict=True) for each in pair)]


def views(word: str) -> list[View]:
    """One view of every kind, with `word` wherever somebody may write something."""
    home = Address("")
    named = replace(SEEDS, room=replace(SEEDS.room, name=word, topic=word), opened=Opened(word, NOON))
    listed = replace(card("beans", tags=[word]), title=word, excerpt=word)
    around = replace(frame(home), site_title=word, description=word)
    page = replace(talk(say("q", word), *messages(word)), title=word, tags=(word,))
    note = Note(Address("notes/x/"), "x.md", word, None, None, (word,), word)
    ring = NeighbourRingView(word, (LinkView(word, "https://marsh.example/"),))
    facts = PrivacyFacts("24h", word, "full", *(True,) * 5, f"@{word}:fen.example", "7d", word)
    return [
        present_conversation(page, PageLinks(), PagePaths(), named, replace(around, root="../../")),
        present_note(note, PageLinks(), PagePaths(), around),
        present_home(around, [named], [listed], {}, ["#fen:fen.example"]),
        next(present_room(lambda _: around, named, [listed], {}, 50, {}))[1],
        next(present_tag(lambda _: around, word, [listed], {}, name_rooms([named])))[1],
        NeighboursView(around, home_link(around), (ring,)),
        present_not_found(around, [named]),
        MovedView(around, LinkView(word, "../beans/")),
        present_privacy(around, facts, [named], LinkView(word, "../notes/privacy/")),
        present_map(around, [named], [listed], {}),
    ]


def test_a_conversation_with_every_kind_of_message_holds_nothing_that_a_page_may_not(theme: Theme) -> None:
    page = render(theme, views("Fen")[0])

    assert find_forbidden(page) == []
    assert "<details" in page
    assert "named the room" in page
    assert "1 person voted" in page


@pytest.mark.parametrize("number", range(10))
def test_nothing_that_people_write_becomes_markup(theme: Theme, number: int) -> None:
    page = render(theme, views(HOSTILE)[number])

    assert "alert(1)" in page
    assert count_strange_scripts(page) == 0
    assert "<!--" not in page


@pytest.mark.parametrize("number", range(10))
def test_every_page_says_what_a_browser_may_do(theme: Theme, number: int) -> None:
    head = render(theme, views("Fen")[number]).partition("</head>")[0]

    assert CONTENT_SECURITY_POLICY.replace("'", "&#39;") in head
    assert head.index("Content-Security-Policy") < head.index("<title>")


def test_equal_views_make_equal_keys_and_bytes(theme: Theme) -> None:
    first, second = views("Fen"), views("Fen")

    assert [plan_render("x", view, theme).fingerprint for view in first] == [
        plan_render("x", view, theme).fingerprint for view in second
    ]
    assert [render(theme, view) for view in first] == [render(theme, view) for view in second]


def test_another_word_makes_another_key(theme: Theme) -> None:
    pairs = zip(views("Fen"), views("Bog"), strict=True)
    assert all(
        plan_render("x", a, theme).fingerprint != plan_render("x", b, theme).fingerprint for a, b in pairs
    )


@pytest.mark.parametrize("changed", ["templates/base.html", "parts/message.html"])
def test_a_changed_template_makes_another_key(own_theme: Theme, changed: str) -> None:
    file = own_theme.layers[0] / changed
    file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")

    assert load_theme(own_theme.layers).fingerprint != own_theme.fingerprint


def test_a_changed_style_sheet_renders_no_page_anew(own_theme: Theme) -> None:
    _empty_sheet(own_theme)

    assert load_theme(own_theme.layers).fingerprint == own_theme.fingerprint


def test_static_files_are_listed_with_their_digests(own_theme: Theme) -> None:
    before = {document.path: document.fingerprint for document in list_static(own_theme)}
    _empty_sheet(own_theme)
    after = {document.path: document.fingerprint for document in list_static(own_theme)}

    assert [path for path in before if path.endswith(".css")] == ["static/css/all.css"]
    assert {path for path in before if before[path] != after[path]} == {"static/css/all.css"}


# Themes with mistakes


def test_a_theme_without_a_template_is_refused(own_theme: Theme) -> None:
    (own_theme.layers[0] / "templates/tag.html").unlink()

    with pytest.raises(ThemeError, match=r"tag\.html"):
        load_theme(own_theme.layers)


@pytest.mark.parametrize(
    "mistake",
    [
        "{{ view.no_such_field }}",
        "{{ no_such_name }}",
        "{{ config }}",
        "{{ lipsum() }}",
        "{{ [1, 2] | random }}",
        "{{ view.home.title + 1 }}",
        "{{ 1 / 0 }}",
        "{% if %}",
        "{% include 'no-such-file.html' %}",
        "{% include '../../theme.toml' %}",
    ],
)
def test_a_mistake_in_a_template_is_told_with_its_name(own_theme: Theme, mistake: str) -> None:
    (own_theme.layers[0] / "templates/not_found.html").write_text(mistake, encoding="utf-8")

    with pytest.raises(ThemeError, match=r"not_found\.html") as caught:
        render(own_theme, not_found())

    assert "views.md" in caught.value.hint


def test_a_mistake_is_told_with_its_line(own_theme: Theme) -> None:
    (own_theme.layers[0] / "templates/not_found.html").write_text("\n\n{% if %}", encoding="utf-8")

    with pytest.raises(ThemeError, match="line 3"):
        render(own_theme, not_found())


def test_a_template_that_is_no_text_is_told(own_theme: Theme) -> None:
    (own_theme.layers[0] / "templates/not_found.html").write_bytes(b"\xff\xfe")

    with pytest.raises(ThemeError, match=r"not_found\.html"):
        render(own_theme, not_found())


def test_a_page_knows_where_it_stands(theme: Theme) -> None:
    page = render(theme, views("Fen")[0])
    assert f'<link rel="canonical" href="{frame(BEANS).canonical}">' not in page
    conversation = present_conversation(talk(say("q", "How?")), PageLinks(), PagePaths(), SEEDS, frame(BEANS))
    assert f'<link rel="canonical" href="{frame(BEANS).canonical}">' in render(theme, conversation)


@pytest.mark.parametrize("number", range(10))
def test_only_pages_that_search_engines_may_not_list_say_so(theme: Theme, number: int) -> None:
    view = views("Fen")[number]
    kept = replace(view, frame=replace(view.frame, index=False))
    mark = '<meta name="robots" content="noindex">'

    assert render(theme, kept).count(mark) == 1
    assert (mark in render(theme, view)) == isinstance(view, MovedView)


@pytest.mark.parametrize("number", range(10))
def test_every_page_leads_to_the_privacy_page(theme: Theme, number: int) -> None:
    view = views("Fen")[number]
    assert ('href="./privacy/">Privacy</a>' in render(theme, view)) != isinstance(view, MovedView)

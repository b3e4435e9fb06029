"""The files that a page shows are found wherever it can show one, and nothing that was only typed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from garden.conversations.conversation import MessageKind
from garden.pages.media_use import find_media
from garden.pages.page import PageReaction, PageVersion
from tests.site.growing import remove, say, talk


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("![jars](../../media/ab/cd.webp){width=8 height=6}", {"ab/cd.webp"}),
        ("![jars](<../../media/ab/cd.webp>)", {"ab/cd.webp"}),
        (
            '![jars](../media/ab/cd.png){width=8 thumb="ef/01.webp" color="#a0b1c2"}',
            {"ab/cd.png", "ef/01.webp"},
        ),
        ('![rain](../media/ab/cd.mp4){.video duration=9 poster="ef/01.webp"}', {"ab/cd.mp4", "ef/01.webp"}),
        ('[a.pdf](../media/ab/cd.pdf){.file size=1 type="application/pdf"}', {"ab/cd.pdf"}),
        ('![a](../media/ab/cd.mp4){.video name="}\\"{" poster="ef/01.webp"}', {"ab/cd.mp4", "ef/01.webp"}),
        (
            "Two ![:a:](../media/ab/1.webp){.emote} in ![:b:](../media/ab/2.webp){.emote} one",
            {"ab/1.webp", "ab/2.webp"},
        ),
        ("> - in a quoted list ![a](../../media/ab/cd.webp)", {"ab/cd.webp"}),
        ("::: {.details}\nMore\n\n![a](../../media/ab/cd.webp)\n:::", {"ab/cd.webp"}),
        ("[seed](../../media/../../../etc/passwd)", set()),
        ("[seed](../../media/ab/%2e%2e.webp) [b](../../notes/ab/cd.webp)", set()),
        ("[mine](https://fen.example/media/ab/cd.webp)", set()),
        ("`![a](../media/ab/cd.webp)` and \\](../media/ab/cd.webp)", set()),
        ("```\n![a](../media/ab/cd.webp)\n```\n", set()),
        ('thumb="ef/01.webp" alone, [and](https://x.example){thumb="ef/01.webp"}', set()),
    ],
)
def test_files_stand_behind_links_and_in_their_attributes(text: str, found: set[str]) -> None:
    assert find_media(talk(say("x", text))) == found


def test_faces_emoji_and_earlier_wordings_show_files_too() -> None:
    message = replace(
        say("x", "Hi."),
        avatar="aa/face.webp",
        reactions=(PageReaction(":bean:", ("Ada",), "bb/bean.webp"), PageReaction("🌱", ("Ada",))),
        history=(PageVersion(1, "![jars](../media/cc/jars.webp)"),),
    )
    assert find_media(talk(message)) == {"aa/face.webp", "bb/bean.webp", "cc/jars.webp"}


def test_what_was_removed_shows_nothing() -> None:
    assert find_media(talk(say("a", "Hi."), remove(say("x", "![jars](../media/ab/cd.webp)")))) == set()


def test_kinds_make_no_difference() -> None:
    for kind in MessageKind:
        shown = replace(say("x", "![jars](../media/ab/cd.webp)"), kind=kind)
        assert find_media(talk(shown)) == {"ab/cd.webp"}

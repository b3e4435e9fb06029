"""Notes on their whole way: what they show of others obeys those others, and follows what becomes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from garden.archive.vocabulary import PREFERENCE
from tests.archive.material import ROOM, edit, event, redaction, reply
from tests.smallholding import NOW_MS, bean_talk, bring, build, page_of, plant, read_site, site_text

URL: Final = f"https://matrix.to/#/{ROOM}/$cold"
NOTE: Final = f"""---
title: A year of beans
date: 2026-01-02
summary: From seed to pot.
grew_from: ["How do we store bean seed over winter?"]
growth: budding
---
Cleo says:

![[{URL}]]

![[How do we store bean seed over winter?]]
"""
WORDS: Final = "keep the jar cold and dark"


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    plant(tmp_path, [*bean_talk(), reply("so", "dry", "So be it.", at=5), reply("yes", "so", "Yes.", at=6)])
    (tmp_path / "notes" / "beans.md").write_text(NOTE)
    return tmp_path


def read_note(folder: Path) -> str:
    return (folder / "public/notes/beans/index.html").read_text("utf-8")


def settle(folder: Path, more: str) -> None:
    settings = folder / "site.toml"
    settings.write_text(settings.read_text() + more)


def test_a_note_shows_a_message_and_both_pages_lead_to_each_other(garden: Path) -> None:
    assert build(garden).problems == ()
    shown = read_note(garden)
    assert WORDS in shown
    assert '<cite class="author"><bdi>cleo</bdi></cite>' in shown
    talk = page_of(garden / "public", "So be it.")
    assert f'href="../../{talk}/#m-' in shown
    assert "notes/beans/" in (garden / "public" / talk / "index.html").read_text("utf-8")


def test_a_second_build_writes_nothing_and_an_edit_writes_the_note_that_shows_it(garden: Path) -> None:
    build(garden)
    assert build(garden).change.written == ()
    bring(garden, [edit("colder", "cold", "And keep the jar colder.", sender="@cleo:fen.example", at=9)])
    assert {"notes/beans/index.html", "feed.atom"} <= set(build(garden).change.written)
    assert "And keep the jar colder." in read_note(garden)
    assert WORDS not in site_text(garden)


def test_a_removed_message_leaves_the_note_and_everything_that_was_made_of_it(garden: Path) -> None:
    build(garden)
    before = (garden / "public/feed.atom").read_text("utf-8")
    assert WORDS in before
    bring(garden, [redaction("gone", "cold", sender="@cleo:fen.example")])
    result = build(garden, now_ms=NOW_MS + 1000)
    assert [problem.partition(" for ")[0] for problem in result.problems] == [
        "notes/beans.md: there is no page or message in this garden"
    ]
    assert "This message is not here." in read_note(garden)
    for folder in ("public", "content_cache"):
        left = [path for path, content in read_site(garden / folder).items() if WORDS.encode() in content]
        assert left == []
    after = (garden / "public/feed.atom").read_text("utf-8")
    assert "This message is not here." in after
    assert after.count("<updated>2026-01-02T") < before.count("<updated>2026-01-02T"), "readers take it anew"


@pytest.mark.parametrize(
    ("consent", "seen"),
    [
        ('names = "full"', {"name", "words"}),
        ('names = "pseudonym"', {"words"}),
        ('names = "hidden"', {"words"}),
        ('opt_out = ["@cleo:fen.example"]', {"absence"}),
    ],
)
def test_a_note_shows_of_people_what_they_and_their_garden_let_it(
    consent: str, seen: set[str], garden: Path
) -> None:
    settle(garden, f"\n[consent]\n{consent}\n")
    build(garden)
    shown = read_note(garden)
    signs = {"name": 'class="author"', "words": WORDS, "absence": "This message is not here."}
    assert {what for what, sign in signs.items() if sign in shown} == seen
    assert ("cleo" in shown.replace("Cleo says", "").lower()) == ("name" in seen)


def test_of_a_room_that_search_engines_may_not_list_a_note_tells_titles_alone(garden: Path) -> None:
    bring(garden, [event("asks", PREFERENCE, {"index": False}, state_key="", at=99)])
    build(garden)
    shown = read_note(garden)
    assert shown.count('<figure class="embed">') == 2
    assert WORDS not in shown
    assert "blockquote" not in shown
    assert (
        WORDS
        not in (garden / "public/feed.atom")
        .read_text("utf-8")
        .split("<title>A year of beans")[1]
        .split("</entry>")[0]
    )


def test_a_note_that_says_its_words_in_another_language(garden: Path) -> None:
    settings = garden / "site.toml"
    settings.write_text(settings.read_text().replace("[site]\n", '[site]\nlanguage = "de"\n'))
    build(garden)
    assert "14. November 2023</time>" in read_note(garden)

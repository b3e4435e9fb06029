"""`[[tag]]` in site.toml gives tags without a hashtag, and every mistake in it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from garden.config import TagSettings, parse_config
from tests.archive.material import ROOM, event
from tests.config_text import SITE, only_problem
from tests.smallholding import bean_talk, build, plant


def test_a_tag_has_words_or_rooms() -> None:
    words = '[[tag]]\nname = "storage"\nwords = ["jar", "jar", " seed  bank "]\n'
    rooms = '[[tag]]\nname = "x"\nrooms = ["#a:b"]\n'
    assert parse_config(SITE + words + rooms, "site.toml").tags == (
        TagSettings("storage", ("jar", "seed bank")),
        TagSettings("x", (), ("#a:b",)),
    )


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('name = "x"', "4: tag[1]: neither words nor rooms is there (add words = [ … ])"),
        ('name = "x"\nwords = []', "4: tag[1]: neither words nor rooms is there (add words = [ … ])"),
        ('words = ["jar"]', "4: tag[1]: name is missing (add it: What the tag is called)"),
        (
            'name = "x"\nwords = [".*"]',
            "6: tag[1].words[1]: '.*' has no letter and no digit (write a word such as beans)",
        ),
        (
            'name = "#"\nwords = ["a"]',
            "5: tag[1].name: '#' has no letter and no digit (write a word such as beans)",
        ),
        (f'name = "x"\nwords = ["{"a" * 61}"]', "6: tag[1].words[1]: has 61 characters (write at most 60)"),
        ('name = "x"\nwords = "jar"', "6: tag[1].words: is text, not a list (put it into brackets: [ … ])"),
        (
            'name = "x"\nrooms = ["seeds"]',
            "6: tag[1].rooms[1]: 'seeds' is no room (write #alias:server or !id)",
        ),
    ],
)
def test_each_mistake_is_named_with_its_line(lines: str, problem: str) -> None:
    assert only_problem(f"{SITE}[[tag]]\n{lines}\n") == problem


def test_conversations_get_tags_by_their_words_and_by_their_room(tmp_path: Path) -> None:
    alias = event("alias", "m.room.canonical_alias", {"alias": "#beans:fen.example"}, state_key="")
    more = (
        '\n[[tag]]\nname = "Frost"\nwords = ["frost"]\n'
        f'\n[[tag]]\nname = "by-id"\nrooms = ["{ROOM}"]\n'
        '\n[[tag]]\nname = "by-alias"\nrooms = ["#beans:fen.example"]\n'
    )
    plant(tmp_path, [*bean_talk(), alias], more=more)
    build(tmp_path)
    public = tmp_path / "public"
    assert "First frost" in (public / "tag/frost/index.html").read_text("utf-8")
    for tag in ("by-id", "by-alias"):
        page = (public / f"tag/{tag}/index.html").read_text("utf-8")
        assert "How do we store bean seed" in page
        assert "First frost" not in page
    index = (public / "tag/index.html").read_text("utf-8")
    assert all(f'href="{tag}/"' in index for tag in ("frost", "by-id", "by-alias"))

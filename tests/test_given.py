"""garden.toml is read as strictly as site.toml, and every mistake in it is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from garden.config import read_config
from garden.conversations.tending import GivenTending, Stage
from garden.errors import TendingError
from garden.given import parse_garden_file, read_given
from garden.given_keys import CONVERSATION
from tests.config_text import SITE

WHOLE = """\
# What we have decided.
[[conversation]]
of = "https://matrix.to/#/!room:fen.example/$root?via=fen.example"
title = "Beans in winter"
summary = "Dry, airtight, cool."
tags = ["beans", "seed storage"]
growth = "evergreen"
answer = "matrix:roomid/room:fen.example/e/dry"
featured = true
hidden = false
merge = ["$other", "seeds/what-belongs-on-a-label-abcdefgh/"]
split = ["https://fen.example/seeds/beans-abcdefgh/#m-abcdefghij"]
former_titles = ["Beans"]

[[conversation]]
of = "$spam"
hidden = true
"""

WRONG = """\
title = "Nowhere"

[[conversation]]
of = "https://matrix.to/#/!r:x"
titel = "Beans"
growth = "huge"

[[conversation]]
tags = "beans"
featured = "yes"
merge = ["no pointer"]

[conversations]
"""


HINT = "copy the link of a message in Matrix, or its address in the garden"
TOLD = f"""\
fen/garden.toml:1: key 'title' stands outside its section (move it below [[conversation]])
fen/garden.toml:4: conversation[1].of: 'https://matrix.to/#/!r:x' leads to a room, not to a message ({HINT})
fen/garden.toml:5: conversation[1]: unknown key 'titel' (did you mean 'title'?)
fen/garden.toml:6: conversation[1].growth: is 'huge' (write 'seedling' or 'budding' or 'evergreen')
fen/garden.toml:8: conversation[2]: of is missing (add it: The conversation, or any message of it)
fen/garden.toml:9: conversation[2].tags: is text, not a list (put it into brackets: [ … ])
fen/garden.toml:10: conversation[2].featured: is text, not true or false (write true or false without quotes)
fen/garden.toml:11: conversation[2].merge[1]: 'no pointer' points at no conversation ({HINT})
fen/garden.toml:13: unknown section 'conversations' (did you mean 'conversation'?)
"""


def test_a_whole_file_is_read() -> None:
    first, second = parse_garden_file(WHOLE, "garden.toml")
    assert first == GivenTending(
        where="garden.toml:2",
        of="$root",
        title="Beans in winter",
        summary="Dry, airtight, cool.",
        tags=("beans", "seed storage"),
        growth=Stage.EVERGREEN,
        answer="$dry",
        featured=True,
        hidden=False,
        merge=("$other", "seeds/what-belongs-on-a-label-abcdefgh/"),
        split=("https://fen.example/seeds/beans-abcdefgh/#m-abcdefghij",),
        former_titles=("Beans",),
    )
    assert second == GivenTending(where="garden.toml:15", of="$spam", hidden=True)


def test_every_mistake_is_told_with_its_line_and_what_to_do() -> None:
    with pytest.raises(TendingError) as caught:
        parse_garden_file(WRONG, "fen/garden.toml")
    assert str(caught.value).splitlines() == TOLD.splitlines()
    assert caught.value.hint == "Mend fen/garden.toml; docs/how-to/tend-the-garden.md explains every key."


@pytest.mark.parametrize("text", ["[[conversation]", "of = ["])
def test_what_is_no_toml_is_told(text: str) -> None:
    with pytest.raises(TendingError, match=r"garden\.toml:1: is no TOML"):
        parse_garden_file(text, "garden.toml")


def test_settings_bring_what_stands_beside_them(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(SITE, "utf-8")
    assert read_config(tmp_path / "site.toml").conversations == ()
    (tmp_path / "garden.toml").write_text(WHOLE, "utf-8")
    assert len(read_config(tmp_path / "site.toml").conversations) == 2
    (tmp_path / "garden.toml").write_bytes(b"\xff")
    with pytest.raises(TendingError, match="UTF-8"):
        read_config(tmp_path / "site.toml")


def test_a_note_says_the_same_in_its_front_matter() -> None:
    said = {"of": "$root", "title": "Beans", "growth": "budding"}
    assert read_given(said, "notes/beans.md") == GivenTending(
        where="notes/beans.md", of="$root", title="Beans", growth=Stage.BUDDING
    )
    with pytest.raises(TendingError) as caught:
        read_given({"of": 3, "titel": "Beans"}, "notes/beans.md")
    assert "notes/beans.md:1: conversations.of: is a number, not text" in str(caught.value)
    assert "did you mean 'title'?" in str(caught.value)


def test_the_how_to_explains_every_key() -> None:
    text = (Path(__file__).parent.parent / "docs/how-to/tend-the-garden.md").read_text("utf-8")
    for key in CONVERSATION.keys:
        assert f"| `{key.name}` |" in text, key.name

"""However somebody links to a page, a room or a tag, it says who did, in which sentence and when."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
from lxml import html

from garden.archive.event import EventId
from garden.pages.address import page_id
from tests.archive.material import BEN, ROOM, Json, event, message, reply
from tests.smallholding import BASE_URL, DAY, build, page_of, plant

ALIAS: Final = "#beans:fen.example"
JARS: Final = "Jars with a tight lid"
DAYS: Final = [f"{number} November 2023" for number in range(14, 30)]
"""The first of them is when the room begins."""


def answer_elsewhere(name: str, root: str, target: str, words: str, *, at: int) -> Json:
    """A message in one thread that answers a message outside."""
    relation: dict[str, object] = {
        "rel_type": "m.thread",
        "event_id": f"${root}",
        "is_falling_back": False,
        "m.in_reply_to": {"event_id": f"${target}"},
    }
    extra: dict[str, Any] = {"m.relates_to": relation}
    return message(name, words, at=at, **extra)


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A garden in which each day somebody links in another way."""
    folder = tmp_path_factory.mktemp("backlinks")
    jars = page_id(EventId("$jars"))
    plant(
        folder,
        [
            event("name", "m.room.name", {"name": "Bean room"}, state_key=""),
            event("alias", "m.room.canonical_alias", {"alias": ALIAS}, state_key=""),
            message("jars", JARS),
            reply("jars-2", "jars", "Yes. #storage"),
            reply("jars-3", "jars-2", "So I think."),
            message("url", f"As said before. See {BASE_URL}beans/x-{jars}/ again.", at=1 * DAY),
            message("to", f"Read https://matrix.to/#/{ROOM}/$jars first.", at=2 * DAY),
            message("uri", "Read matrix:roomid/room:fen.example/e/jars too.", sender=BEN, at=3 * DAY),
            message("thread", "Something else?", at=4 * DAY),
            answer_elsewhere("thread-2", "thread", "jars", "An answer from another page.", at=4 * DAY + 1),
            message("by-alias", f"Ask in {ALIAS}, they know.", at=5 * DAY),
            message("by-address", f"Look into {BASE_URL}beans/ for that.", sender=BEN, at=6 * DAY),
            message("tag", f"All of {BASE_URL}tag/storage/ is good. Nearly.", at=7 * DAY),
        ],
    )
    (folder / "notes/shelf.md").write_text(
        f"---\ndate: 2023-11-30\n---\n# Shelf\n\nOne thing. It grew from [[{JARS}]], mostly.\n"
    )
    build(folder)
    return folder / "public"


def backlinks(public: Path, address: str) -> list[tuple[str, str, str]]:
    """Sentence, author and day of each backlink of a page."""
    tree = html.parse(str(public / address / "index.html"))
    return [
        (
            each.xpath("string(.//blockquote)").strip(),
            each.xpath("string(.//bdi)"),
            each.xpath("string(.//time)"),
        )
        for each in tree.xpath("//li[contains(@class, 'backlink')]")
    ]


def test_every_way_to_link_to_a_conversation_is_quoted_with_author_and_day(public: Path) -> None:
    here = f"‘{JARS}’"
    assert sorted(backlinks(public, page_of(public, f'<h1 class="p-name" dir="auto">{JARS}'))) == [
        ("An answer from another page.", "ada", DAYS[4]),
        (f"It grew from {JARS}, mostly.", "", "30 November 2023"),
        (f"Read {here} first.", "ada", DAYS[2]),
        (f"Read {here} too.", "ben", DAYS[3]),
        (f"See {here} again.", "ada", DAYS[1]),
    ]


def test_links_to_a_room_stand_on_the_rooms_page(public: Path) -> None:
    assert backlinks(public, "beans") == [
        (f"Ask in {ALIAS}, they know.", "ada", DAYS[5]),
        ("Look into ‘Bean room’ for that.", "ben", DAYS[6]),
    ]


def test_links_to_a_tag_stand_on_the_tags_page(public: Path) -> None:
    assert backlinks(public, "tag/storage") == [("All of ‘#storage’ is good.", "ada", DAYS[7])]


def test_a_link_to_a_room_or_a_tag_leads_there(public: Path) -> None:
    text = "\n".join(path.read_text("utf-8") for path in public.glob("beans/2023-11-*/index.html"))
    assert f'<a href="../">{ALIAS}</a>' in text
    assert '<a href="../">Bean room</a>' in text
    assert '<a href="../../tag/storage/">#storage</a>' in text

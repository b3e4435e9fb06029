"""Pages that lead through the whole garden are there when there is something to lead to, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest

from garden.archive.vocabulary import PREFERENCE
from tests.archive.material import Json, event, message, reply
from tests.smallholding import DAY, bring, build, page_of, plant


def said(name: str, words: str, *, day: int = 0) -> list[Json]:
    """A conversation of three messages that begins with these words."""
    return [
        message(f"{name}-1", words, at=day * DAY),
        reply(f"{name}-2", f"{name}-1", "Yes.", at=day * DAY + 1),
        reply(f"{name}-3", f"{name}-2", "So I think.", at=day * DAY + 2),
    ]


def named(events: list[Json]) -> list[Json]:
    return [event("name", "m.room.name", {"name": "Bean room"}, state_key=""), *events]


def read(folder: Path, path: str) -> str:
    return (folder / "public" / path / "index.html").read_text("utf-8")


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    plant(
        tmp_path,
        named(
            [
                *said("jars", "Jars from https://www.seeds.example/jars?utm_source=mail are tight.", day=1),
                *said("lids", "Lids, too: http://seeds.example/jars#lids", day=2),
                *said("peas", "Peas at https://seeds.example/peas grow early.", day=3),
            ]
        ),
    )
    build(tmp_path)
    return tmp_path


def address_of(folder: Path, title: str) -> str:
    return page_of(folder / "public", f'<h1 class="p-name" dir="auto">{title}')


def test_a_site_that_is_often_shared_has_a_page_that_leads_to_the_messages(garden: Path) -> None:
    site = read(garden, "links/seeds.example")
    assert site.index("seeds.example/jars") < site.index("seeds.example/peas")
    for title in ("Jars from", "Lids, too", "Peas at"):
        assert f'href="../../{address_of(garden, title)}/#m-' in site
    assert 'href="seeds.example/"' in read(garden, "links")


def test_a_new_message_without_a_link_leaves_the_pages_of_sites_alone(garden: Path) -> None:
    bring(garden, [reply("peas-4", "peas-3", "And early they are.", at=9 * DAY)])
    assert not [path for path in build(garden).change.written if path.startswith("links/")]


def test_where_a_room_keeps_from_search_engines_no_site_has_a_page(garden: Path) -> None:
    bring(garden, [event("wish", PREFERENCE, {"index": False}, state_key="", at=10 * DAY)])
    build(garden)
    assert not (garden / "public/links").exists()

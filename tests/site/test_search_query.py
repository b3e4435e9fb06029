"""Queries: words of any language find their pages, and any text is a query."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from garden.site.search import search_index, update_index
from tests.site.search_pages import PAGES, found, record


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    update_index(tmp_path / "search", PAGES)
    return tmp_path / "search"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("bean", ["beans"]),
        ("BEAN cellar", ["beans"]),
        ('"cool cellar"', ["beans"]),
        ('"cellar cool"', []),
        ("stor*", ["beans"]),
        ("net -posts", []),
        ("peas OR bean", ["beans", "peas"]),
        ("bean unheard-of", ["beans"]),
        ("garten", ["street"]),
        ("GÄRTEN strassenraum", ["street"]),
        ("facade", ["street"]),
        ("ελλαδα", ["street"]),
        ("保存", ["japan"]),
        ("存保", []),
        ("씨앗", ["korea"]),
        ("कि", ["india"]),
        ("के", []),
    ],
)
def test_a_query_finds_the_pages_with_its_words(folder: Path, query: str, names: list[str]) -> None:
    if query in {"stor*", "bean"}:
        update_index(
            folder, [replace(page, tags=(), fingerprint=f"{page.fingerprint}-bare") for page in PAGES]
        )
    assert sorted(found(folder, query)) == names


def test_a_word_in_the_title_weighs_more_than_one_in_the_text(tmp_path: Path) -> None:
    pages = [record("body", "mulch keeps soil moist"), record("title", "keeps the soil moist", "Mulch")]
    update_index(tmp_path, pages)
    assert found(tmp_path, "mulch") == ["title", "body"]


def test_a_tag_finds_its_pages(folder: Path) -> None:
    assert len(found(folder, "storage")) == len(PAGES)


def test_hits_can_be_restricted_to_a_room_and_an_author(folder: Path) -> None:
    assert found(folder, "bean", room="seeds & SOIL") == ["beans"]
    assert found(folder, "bean", author="lovelace") == ["beans"]
    assert found(folder, "bean", room="kitchen") == []
    assert found(folder, "bean", author="Lovelace Bo") == [], "words of two people are nobody's name"
    assert found(folder, "bean", author="!") == []


def test_the_limit_is_kept(folder: Path) -> None:
    assert len(search_index(folder, "storage", limit=2)) == 2
    assert search_index(folder, "storage", limit=0) == []


@pytest.mark.parametrize(
    "query", ["", " ", '"', '""', "-", "*", "OR", "AND (", "a OR", "-bean", "\x00", "text:bean", "[a TO"]
)
def test_no_query_is_an_error(folder: Path, query: str) -> None:
    assert isinstance(search_index(folder, query), list)


@settings(max_examples=60, deadline=None)
@given(query=st.text(max_size=40))
def test_any_text_is_a_query(tmp_path_factory: pytest.TempPathFactory, query: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "any-query"
    if not folder.exists():
        update_index(folder, PAGES)
    search_index(folder, query)

"""`garden search`: a table for people, JSON for programs, filters, and what to do where there is no index."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.archive.material import message
from tests.smallholding import BASE_URL, DAY, bean_talk, plant
from tests.terminal import check_told, run, run_on_terminal

Find = Callable[..., list[dict[str, object]]]


@pytest.fixture(scope="module")
def garden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search")
    plant(folder, [*bean_talk(), message("more", "More beans on a day of their own.", at=9 * DAY)])
    (folder / "notes" / "jars.md").write_text("---\ntitle: Jars\n---\nEvery bean likes a jar.\n")
    run("build", "--quiet", folder=folder)
    return folder


@pytest.fixture
def find(garden: Path) -> Find:
    def ask(*arguments: str) -> list[dict[str, object]]:
        said = run("search", *arguments, folder=garden)
        assert (said.code, said.err) == (0, "")
        found: list[dict[str, object]] = json.loads(said.out)
        return found

    return ask


def test_a_program_gets_json_with_addresses_that_exist(garden: Path, find: Find) -> None:
    [hit] = find("tight lid")
    assert hit["title"] == "How do we store bean seed over winter?"
    assert hit["room"] == "Bean room"
    assert hit["tended"] == "2023-11-14T22:13:20Z"
    assert "tight lid" in str(hit["excerpt"])
    assert str(hit["url"]).startswith(BASE_URL)
    assert (garden / "public" / str(hit["url"]).removeprefix(BASE_URL) / "index.html").is_file()


def test_a_person_gets_a_table(garden: Path) -> None:
    said = run_on_terminal("search", "winter", folder=garden)
    assert said.code == 0
    assert "Page" in said.out
    assert "Bean room" in said.out
    assert "2023-11-14" in said.out
    assert "{" not in said.out


def test_a_person_can_have_json_too(garden: Path) -> None:
    said = run_on_terminal("search", "--json", "winter", folder=garden)
    assert json.loads(said.out)[0]["room"] == "Bean room"


def test_room_and_author_narrow_the_search_and_limit_cuts_it(find: Find) -> None:
    assert {hit["title"] for hit in find("bean")} >= {"How do we store bean seed over winter?", "Jars"}
    assert all(hit["room"] == "Bean room" for hit in find("bean", "--room", "bean room"))
    [cleos] = find("bean", "--author", "cleo")
    assert cleos["title"] == "How do we store bean seed over winter?"
    assert find("bean", "--author", "nobody") == []
    assert len(find("bean", "--limit", "1")) == 1


@pytest.mark.parametrize("query", ["", "*", "AND (", '"', "title:", "[a TO", "\\", "🌱", "x" * 5_000])
def test_any_query_is_a_search(query: str, find: Find) -> None:
    assert isinstance(find("--", query), list)


def test_nothing_found_is_said_to_a_person_and_an_empty_list_to_a_program(garden: Path, find: Find) -> None:
    assert find("xylophone") == []
    said = run_on_terminal("search", "xylophone", folder=garden)
    assert (said.code, said.out.strip()) == (0, "Nothing found.")


def test_before_the_first_build_there_is_a_hint(tmp_path: Path) -> None:
    plant(tmp_path, bean_talk())
    check_told(run("search", "bean", folder=tmp_path), 1, "no search index", "garden build")


def test_a_damaged_index_is_an_error_and_not_the_end(garden: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(garden, copy)
    for path in (copy / "content_cache" / "search").iterdir():
        path.write_bytes(b"damaged")
    check_told(run("search", "bean", folder=copy), 1, "content_cache/search")
    assert run("build", folder=copy).code == 0
    assert json.loads(run("search", "winter", folder=copy).out)

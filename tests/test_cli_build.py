"""`garden build`: options, exit codes, and what it says about what it did."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from garden.lock import hold_garden
from tests.archive.material import message
from tests.smallholding import bean_talk, bring, page_of, plant, read_site
from tests.terminal import check_told, run, run_on_terminal

pytestmark = pytest.mark.usefixtures("garden")


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    return plant(tmp_path, bean_talk())


def times(out: Path) -> dict[str, int]:
    return {path: (out / path).stat().st_mtime_ns for path in read_site(out)}


def test_steps_are_told_beside_the_result(garden: Path) -> None:
    said = run("build", folder=garden)
    assert said.code == 0
    assert said.err.splitlines() == ["Reading rooms …", "Writing pages …"]
    assert said.lines[0] == "2 conversation pages and 0 notes in public"
    assert said.lines[1].endswith("files written, 0 removed, 0 unchanged")


def test_a_second_build_writes_no_file_and_says_so(garden: Path) -> None:
    run("build", folder=garden)
    before = times(garden / "public")
    said = run("build", folder=garden)
    assert said.lines[1].startswith("Nothing changed: all")
    assert times(garden / "public") == before


def test_out_names_another_folder(garden: Path) -> None:
    assert run("build", "--out", "elsewhere/site", folder=garden).code == 0
    assert (garden / "elsewhere" / "site" / "index.html").is_file()
    assert not (garden / "public").exists()


def test_base_url_is_where_this_build_will_stand(garden: Path) -> None:
    run("build", folder=garden)
    run("build", "--base-url", "https://other.example", "--out", "other", folder=garden)
    site = read_site(garden / "other")
    assert b"https://other.example/" in site["sitemap.xml"]
    assert [path for path, content in site.items() if b"https://fen.example" in content] == []
    assert b"https://fen.example/garden/" in read_site(garden / "public")["sitemap.xml"]


def test_a_base_url_that_is_none_is_wrong_usage(garden: Path) -> None:
    check_told(run("build", "--base-url", "garden", folder=garden), 2, "'garden'", "https://")
    assert not (garden / "public").exists()


def test_json_tells_a_program_everything_and_nothing_else(garden: Path) -> None:
    first = run("build", "--json", folder=garden)
    told = json.loads(first.out)
    assert first.err == ""
    assert (told["pages"], told["notes"], told["problems"], told["refused"]) == (2, 0, [], {})
    assert sorted(told["written"]) == sorted(
        path for path in read_site(garden / "public") if path != ".garden.json"
    )
    bring(garden, [message("new", "A line on a new day.", at=400_000_000)])
    again = json.loads(run("build", "--json", folder=garden).out)
    assert page_of(garden / "public", "A line on a new day.") + "/index.html" in again["written"]
    assert again["kept"] + len(again["written"]) == len(read_site(garden / "public")) - 1


def test_quiet_says_nothing(garden: Path) -> None:
    said = run("build", "--quiet", folder=garden)
    assert (said.code, said.out, said.err) == (0, "", "")


def test_on_a_terminal_the_progress_goes_and_the_result_stays(garden: Path) -> None:
    said = run_on_terminal("build", folder=garden)
    assert said.code == 0
    assert "Reading rooms" in said.out
    assert "…" not in said.out
    assert said.out.rstrip().endswith("unchanged")


@pytest.mark.parametrize(
    ("note", "words"),
    [
        ("See [[No such page]].", "notes/wrong.md: there is no page called 'No such page'"),
        ("---\ntitle: [\n---\n", "notes/wrong.md"),
    ],
)
def test_a_note_that_is_not_as_meant_is_told_and_strict_fails(garden: Path, note: str, words: str) -> None:
    (garden / "notes" / "wrong.md").write_text(note)
    (garden / "notes" / "right.md").write_text("---\ntitle: Right\n---\nAll is well.\n")
    plain, strict = run("build", folder=garden), run("build", "--strict", folder=garden)
    assert (plain.code, strict.code) == (0, 1)
    assert [line for line in strict.lines if line.startswith(f"Left out: {words}")]
    assert (garden / "public" / "notes" / "right" / "index.html").is_file()


def test_a_note_that_is_no_text_is_told(garden: Path) -> None:
    (garden / "notes" / "picture.md").write_bytes(b"\xff\xd8\xff")
    said = run("build", folder=garden)
    assert said.code == 0
    assert "Left out: notes/picture.md: " in said.out


def test_while_another_command_works_the_garden_is_left_alone(garden: Path) -> None:
    with hold_garden(garden / "content_cache"):
        check_told(run("build", folder=garden), 1, "Another garden command", "content_cache")
    assert run("build", folder=garden).code == 0


def test_a_theme_that_is_not_there_is_named_with_those_that_are(garden: Path) -> None:
    text = (garden / "site.toml").read_text().replace("[matrix]", 'theme = "moor"\n[matrix]')
    (garden / "site.toml").write_text(text)
    check_told(run("build", folder=garden), 1, "'moor'", "commons")


def test_a_garden_that_was_never_synced_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "content_cache" / "events.sqlite3").unlink()
    check_told(run("build", folder=tmp_path), 1, "nothing has been archived yet", "garden sync")

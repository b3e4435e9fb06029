"""`garden audit` and `garden doctor`: sentences for people, JSON for programs, and an exit code for CI."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from garden.lock import hold_garden
from tests.smallholding import bean_talk, build, lay_out, plant, settings
from tests.terminal import TOKEN, check_told, run


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    plant(tmp_path, bean_talk())
    build(tmp_path)
    return tmp_path


def test_an_audit_says_where_and_fails_where_something_is_found(garden: Path) -> None:
    said = run("audit", "tight lid", folder=garden)
    assert (said.code, said.err) == (1, "")
    assert said.lines[0].startswith("“tight lid” stands in ")
    assert any(line.startswith("  public/") for line in said.lines)
    assert any("table events !room:fen.example $dry (m.room.message)" in line for line in said.lines)


def test_an_audit_that_finds_nothing_ends_well(garden: Path) -> None:
    said = run("audit", "never said", "@nobody:fen.example", folder=garden)
    assert (said.code, said.err) == (0, "")
    assert said.lines[:2] == [
        "“never said” stands in no file that garden has written",
        "“@nobody:fen.example” stands in no file that garden has written",
    ]


def test_an_audit_speaks_to_programs(garden: Path) -> None:
    said = run("audit", "--json", "tight lid", folder=garden)
    told = json.loads(said.out)
    assert (said.code, told["clean"], told["texts"]) == (1, False, ["tight lid"])
    assert {"text", "path", "count", "where", "is_own"} == told["places"][0].keys()


def test_an_audit_needs_a_garden_and_a_text(garden: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    check_told(run("audit", "x", folder=tmp_path / "elsewhere"), 2, "is no garden")
    check_told(run("audit", " ", folder=garden), 2, "nothing to look for")
    (garden / "site.toml").write_text("[site\n")
    assert run("audit", "tight lid", folder=garden).code == 1


def test_a_doctor_who_finds_nothing_ends_well(garden: Path) -> None:
    said = run("doctor", "--offline", "--thorough", folder=garden, more={"GARDEN_ACCESS_TOKEN": TOKEN})
    assert said.code == 0, said
    assert said.lines[-1] == "0 problems, 0 notes"
    assert all(line.startswith("ok ") for line in said.lines[:-1])
    assert TOKEN not in said.out + said.err


def test_a_damaged_archive_is_found_mended_and_fine_again(garden: Path) -> None:
    path = garden / "content_cache" / "events.sqlite3"
    path.write_bytes(b"\xaa" * 100 + path.read_bytes()[100:])
    check_told(run("build", folder=garden), 1, "content_cache/events.sqlite3", "garden doctor --repair")
    sick = run("doctor", "--offline", folder=garden)
    assert sick.code == 1
    assert any(line.startswith("problem  archive: ") for line in sick.lines)
    assert any("→ Run garden doctor --repair" in line for line in sick.lines)
    told = json.loads(run("doctor", "--offline", "--repair", "--json", folder=garden).out)
    assert told["repair"]["salvage"]["kept"]["events"] == 5
    assert told["repair"]["salvage"]["wishes_lost"] is False
    assert not [each for each in told["findings"] if each["level"] == "problem"]
    assert run("build", "--strict", folder=garden).code == 0
    assert run("doctor", "--offline", folder=garden).code == 0


def test_an_emptied_archive_is_no_garden_without_pages(garden: Path) -> None:
    (garden / "content_cache" / "events.sqlite3").write_bytes(b"")
    for command in ("build", "status"):
        check_told(run(command, folder=garden), 1, "is empty", "garden doctor --repair")
    assert "tight lid" in "".join(page.read_text() for page in (garden / "public").rglob("*.html"))
    said = run("doctor", "--offline", "--repair", folder=garden)
    assert "  Lost: all of the wishes to be left out or forgotten" in said.lines
    assert any("run garden forget again" in line for line in said.lines)
    assert "Next: garden sync, then garden build; the site stays as it is until then" in said.lines


def test_a_second_command_hears_who_works_there(garden: Path) -> None:
    with hold_garden(garden / "content_cache", command="sync"):
        check_told(run("build", folder=garden), 1, "Another garden command (sync, process ", ", since ")
        check_told(run("doctor", "--repair", folder=garden), 1, "Another garden command (sync, process ")


def test_a_doctor_needs_a_garden(tmp_path: Path) -> None:
    check_told(run("doctor", folder=tmp_path), 2, "is no garden", "garden init")
    lay_out(tmp_path, settings(homeserver="https://127.0.0.1:1"))
    said = run("doctor", folder=tmp_path)
    assert said.code == 1
    assert any(line.startswith("problem  homeserver: ") for line in said.lines)

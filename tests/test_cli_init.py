"""`garden init`: options or answers become a new garden, and nothing that was there is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from garden.config import read_config
from tests.smallholding import read_site
from tests.terminal import CTRL_C, check_told, run, run_on_terminal

OPTIONS = (
    "--title", "Fen", "--base-url", "https://fen.example/garden", "--homeserver", "matrix.example",
    "--room", "#general:matrix.example", "--room", "!id", "--space", "#fen:matrix.example",
)  # fmt: skip


def test_options_become_a_garden_and_the_next_steps_are_said(tmp_path: Path) -> None:
    said = run("init", "my fen", *OPTIONS, folder=tmp_path)
    config = read_config(tmp_path / "my fen" / "site.toml")
    assert (said.code, said.err) == (0, "")
    assert said.lines == [
        "A new garden in my fen: site.toml, .gitignore, content_cache/.gitignore, notes/about.md",
        "Next: cd 'my fen', garden sync, then garden build",
    ]
    assert (config.site.title, config.site.base_url) == ("Fen", "https://fen.example/garden/")
    assert config.matrix.homeserver == "matrix.example"
    assert config.matrix.rooms == ("#general:matrix.example", "!id")
    assert config.matrix.spaces == ("#fen:matrix.example",)


def test_the_token_and_what_is_made_anew_stay_out_of_git(tmp_path: Path) -> None:
    run("init", folder=tmp_path)
    ignored = (tmp_path / ".gitignore").read_text().splitlines()
    assert {"/content_cache/", "/public/", "/.public.next/", "/.garden-token"} <= set(ignored)


def test_without_a_terminal_nothing_is_asked_and_the_missing_rooms_are_named(tmp_path: Path) -> None:
    said = run("init", folder=tmp_path, given=b"ignored\n")
    assert said.code == 0
    assert said.lines[-1] == "Next: name rooms in site.toml, garden sync, then garden build"
    assert read_config(tmp_path / "site.toml").site.title == "My garden"


def test_a_new_garden_can_be_synced_without_rooms_and_built_at_once(tmp_path: Path) -> None:
    run("init", folder=tmp_path)
    synced, built = run("sync", folder=tmp_path), run("build", "--strict", folder=tmp_path)
    assert (synced.code, built.code) == (0, 0)
    assert "There is no room to sync" in synced.out
    assert "0 conversation pages and 1 note in public" in built.out


def test_a_second_time_everything_stays_as_it_is(tmp_path: Path) -> None:
    run("init", "--title", "First", folder=tmp_path)
    before = read_site(tmp_path)
    check_told(run("init", "--title", "Second", folder=tmp_path), 1, "site.toml exists", "never overwritten")
    assert read_site(tmp_path) == before


def test_a_gitignore_that_was_there_stays_and_what_it_lacks_is_said(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    said = run("init", folder=tmp_path)
    assert ".gitignore was there already: let /public/ and /.garden-token stand in it" in said.lines
    assert (tmp_path / ".gitignore").read_text() == "mine\n"


def test_several_wrong_options_are_told_together_and_nothing_is_made(tmp_path: Path) -> None:
    said = run("init", "fen", "--base-url", "fen", "--room", "general", "--room", "!ok", folder=tmp_path)
    check_told(said, 2, "site.base_url", "matrix.rooms[1]", "'general' is no room", "Nothing was made")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_no_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    said = run("init", "file", folder=tmp_path)
    assert said.code == 2
    assert "'file' is a file" in said.err
    check_told(run("init", "file/fen", folder=tmp_path), 1, "file/fen", "cannot be written")


def test_a_person_is_asked_for_what_is_missing_until_the_answer_fits(tmp_path: Path) -> None:
    said = run_on_terminal(
        "init",
        folder=tmp_path,
        answers=[
            ("What is the garden called?", "Fen"),
            ("Where will it stand?", "somewhere"),
            ("Where will it stand?", "https://fen.example/"),
            ("Which homeserver", "http://matrix.example"),
            ("Which homeserver", ""),
            ("Which rooms?", "general"),
            ("Which rooms?", "#general:matrix.org !id"),
        ],
    )
    config = read_config(tmp_path / "site.toml")
    assert said.code == 0
    assert "'somewhere' is no web address" in said.out
    assert "would send your token unencrypted" in said.out
    assert "'general' is no room" in said.out
    assert (config.site.title, config.site.base_url) == ("Fen", "https://fen.example/")
    assert config.matrix.homeserver == "https://matrix.org"
    assert config.matrix.rooms == ("#general:matrix.org", "!id")


def test_a_person_who_said_it_all_in_options_is_asked_nothing(tmp_path: Path) -> None:
    said = run_on_terminal("init", *OPTIONS, folder=tmp_path)
    assert said.code == 0
    assert "?" not in said.out


def test_a_person_is_not_asked_in_vain_where_a_garden_is_already(tmp_path: Path) -> None:
    run("init", folder=tmp_path)
    said = run_on_terminal("init", folder=tmp_path)
    check_told(said, 1, "never overwritten")
    assert "?" not in said.out


@pytest.mark.parametrize("after", ["What is the garden called?", "Which homeserver"])
def test_ctrl_c_at_a_question_makes_nothing(after: str, tmp_path: Path) -> None:
    answers = [("What is the garden called?", "Fen"), ("Where will it stand?", ""), ("Which homeserver", "")]
    until = next(number for number, (question, _) in enumerate(answers) if question == after)
    said = run_on_terminal("init", "fen", folder=tmp_path, answers=[*answers[:until], (after, CTRL_C)])
    assert said.code == 1
    assert "Traceback" not in said.out
    assert "Aborted!" in said.out
    assert list(tmp_path.iterdir()) == []

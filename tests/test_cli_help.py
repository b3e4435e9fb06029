"""What a person meets first: help, typing errors, and a command that starts at once on any terminal."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from garden.cli import main
from tests.archive.material import message
from tests.smallholding import bean_talk, plant
from tests.terminal import GARDEN, check_told, environment, run


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every command by the words that call it."""
    found = []
    for name, command in group.commands.items():
        found.append((*path, name))
        if isinstance(command, click.Group):
            found += commands(command, (*path, name))
    return found


@pytest.mark.parametrize("command", [(), *commands(main)], ids=" ".join)
def test_every_help_has_an_example_that_starts_with_the_command(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    said = run(*command, "--help", folder=tmp_path)
    example = said.out.partition("Example:\n")[2].splitlines()
    assert said.code == 0
    assert example[0].strip().startswith(" ".join(("garden", *command)))
    assert "\\b" not in said.out


def test_the_commands_of_the_contract_are_all_there_and_no_other() -> None:
    assert sorted(main.commands) == [
        "audit", "build", "consent", "demo", "doctor", "forget", "import", "init", "login", "notice",
        "search", "serve", "status", "sync", "tend", "theme",
    ]  # fmt: skip


def test_the_list_of_commands_says_of_each_what_it_does_in_one_whole_sentence(tmp_path: Path) -> None:
    lines = run("--help", folder=tmp_path).out.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    assert len(lines) == len(main.commands)
    assert not [line for line in lines if line.endswith("...")]


def test_without_a_command_the_help_is_shown(tmp_path: Path) -> None:
    said = run(folder=tmp_path)
    assert (said.code, said.out) == (2, "")
    assert "Commands:" in said.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["bild"], "Did you mean 'build'?"),
        (["build", "--job", "2"], "--jobs"),
        (["build", "--jobs", "0"], "1<=x<=64"),
        (["search"], "QUERY"),
        (["import", "matrix"], "FILES"),
        (["demo", "--no-serve"], "--no-serve needs a DIRECTORY"),
        (["serve", "--port", "70000"], "65535"),
    ],
)
def test_wrong_usage_exits_2_and_names_the_place(arguments: list[str], words: str, tmp_path: Path) -> None:
    said = run(*arguments, folder=tmp_path)
    assert (said.code, said.out) == (2, "")
    assert words in said.err


@pytest.mark.parametrize("command", ["build", "sync", "serve", "status", "login"])
def test_outside_a_garden_every_command_says_how_to_begin(command: str, tmp_path: Path) -> None:
    check_told(run(command, folder=tmp_path), 2, "no site.toml", "garden init")
    assert list(tmp_path.iterdir()) == []


def test_another_folder_is_named_with_c(tmp_path: Path) -> None:
    plant(tmp_path / "fen", bean_talk())
    said = run("-C", "fen", "build", "--quiet", folder=tmp_path)
    assert said == run("-C", "fen", "build", "-q", folder=tmp_path)
    assert (said.code, said.out, said.err) == (0, "", "")
    assert (tmp_path / "fen" / "public" / "index.html").is_file()


def test_the_command_line_loads_no_library_that_a_command_may_not_need() -> None:
    heavy = {
        "nio",
        "aiohttp",
        "whoosh",
        "feedgen",
        "lxml",
        "jinja2",
        "PIL",
        "rich",
        "watchfiles",
        "markdown_it",
    }
    program = f"import sys, garden.cli; print(sorted({heavy!r} & sys.modules.keys()))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment()
    )
    assert done.stdout.strip() == "[]"


def test_letters_that_the_terminal_lacks_are_spelled_out_instead_of_ending_the_command(
    tmp_path: Path,
) -> None:
    plant(tmp_path, [message("root", "Жаба means toad.")])
    latin = {"PYTHONIOENCODING": "iso-8859-1"}
    built = run("build", folder=tmp_path, more=latin)
    found = run("search", "toad", folder=tmp_path, more=latin)
    assert (built.code, found.code) == (0, 0)
    assert "\\u0416\\u0430\\u0431\\u0430 means toad" in found.out
    assert json.loads(found.out)[0]["excerpt"] == "Жаба means toad."


def test_a_reader_that_has_seen_enough_ends_the_command_quietly(tmp_path: Path) -> None:
    plant(tmp_path, bean_talk())
    run("build", "--quiet", folder=tmp_path)
    with subprocess.Popen(
        [GARDEN, "search", "--json", "bean"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""

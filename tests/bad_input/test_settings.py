"""Every mistake in `site.toml` is told at once with its line, by every command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.smallholding import bean_talk, plant
from tests.terminal import check_told, run


def test_every_mistake_in_the_settings_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    plant(tmp_path, bean_talk())
    (tmp_path / "site.toml").write_text(
        '[site]\ntitel = "Fen"\nbase_url = 5\n[matrix]\nrooms = "#a:b"\nhomeserver = "http://matrix.example"\n'
    )
    for command in ("build", "sync", "status", "serve", "search x"):
        said = run(*command.split(), folder=tmp_path)
        check_told(said, 2, "site.toml:2: ", "did you mean 'title'", "site.toml:3: ", "a number, not text")
        check_told(said, 2, "site.toml:5: ", "not a list", "site.toml:6: ", "site.toml.example")
        assert said.out == ""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ("base_url", "title")),
        (b"[site\n", ("site.toml:1: ",)),
        (b"\xff", ("site.toml:1: ", "UTF-8")),
        (b"[site]\ntitle = " + b"[" * 5_000, ("site.toml:",)),
        (b'[site]\ntitle = "\x00"', ("site.toml:2: ",)),
    ],
)
def test_settings_that_cannot_be_read_are_told_with_their_line(
    content: bytes, words: tuple[str, ...], tmp_path: Path
) -> None:
    plant(tmp_path, bean_talk())
    (tmp_path / "site.toml").write_bytes(content)
    check_told(run("build", folder=tmp_path), 2, *words)


def test_a_folder_in_place_of_the_settings_is_told(tmp_path: Path) -> None:
    (tmp_path / "site.toml").mkdir()
    check_told(run("build", folder=tmp_path), 2, "site.toml")

"""`garden demo`: a whole garden without any network, which stays where a folder is named and only there."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest

from tests.smallholding import read_site
from tests.terminal import check_told, press_ctrl_c, run, running, wait_for_line


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    said = run("demo", "fen", "--no-serve", folder=folder)
    assert said.code == 0, said
    return folder / "fen"


def test_in_a_folder_it_is_a_garden_like_any_other(planted: Path) -> None:
    assert (planted / "public" / "index.html").is_file()
    status = run("status", "--strict", folder=planted)
    assert status.code == 0, status
    assert "Nothing changed" in run("build", "--strict", folder=planted).out


def test_planted_again_it_is_the_same(planted: Path) -> None:
    before = read_site(planted / "public")
    assert run("demo", planted.name, "--no-serve", folder=planted.parent).code == 0
    assert read_site(planted / "public") == before


def test_it_never_writes_over_somebodys_garden(tmp_path: Path) -> None:
    run("init", "--title", "Mine", folder=tmp_path)
    before = read_site(tmp_path)
    check_told(run("demo", ".", "--no-serve", folder=tmp_path), 1, "not empty", "garden demo DIR")
    assert read_site(tmp_path) == before


def test_served_it_says_where_ends_by_ctrl_c_and_leaves_nothing(tmp_path: Path) -> None:
    passing = tmp_path / "passing"
    passing.mkdir()
    with running("demo", "--port", "0", folder=tmp_path, more={"TMPDIR": str(passing)}) as process:
        url = wait_for_line(process.stdout, "Serving ").split()[1]
        with urllib.request.urlopen(url, timeout=10) as answer:
            assert b"<html" in answer.read()
        said = press_ctrl_c(process)
    assert said.code == 0
    assert "Traceback" not in said.err
    assert list(passing.iterdir()) == []
    assert list(tmp_path.iterdir()) == [passing]

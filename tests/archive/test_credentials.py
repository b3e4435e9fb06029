"""The token stays with its owner and goes to its own homeserver only."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from garden.archive.credentials import Credentials, find_token, read_credentials, save_credentials
from garden.archive.event import UserId
from garden.errors import LoginError

ADA = Credentials("https://fen.example", UserId("@ada:fen.example"), "syt_secret")


def test_what_is_saved_is_found_again_and_only_the_owner_can_read_it(tmp_path: Path) -> None:
    path = save_credentials(tmp_path, ADA)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_credentials(tmp_path) == ADA
    assert find_token(tmp_path, "fen.example/") == "syt_secret"
    save_credentials(tmp_path, Credentials(ADA.homeserver, ADA.user_id, "newer"))
    assert find_token(tmp_path, "https://fen.example") == "newer"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_the_token_is_in_no_representation() -> None:
    assert "syt_secret" not in repr(ADA)


def test_another_homeserver_does_not_get_it(tmp_path: Path) -> None:
    save_credentials(tmp_path, ADA)
    assert find_token(tmp_path, "https://marsh.example") is None
    assert find_token(tmp_path, "http://fen.example") is None


def test_the_environment_wins(tmp_path: Path) -> None:
    save_credentials(tmp_path, ADA)
    assert find_token(tmp_path, "https://marsh.example", " from_environment\n") == "from_environment"
    assert find_token(tmp_path, "https://fen.example", "  ") == "syt_secret"


def test_without_a_login_there_is_none(tmp_path: Path) -> None:
    assert find_token(tmp_path, "https://fen.example") is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = save_credentials(tmp_path, ADA)
    path.chmod(mode)
    with pytest.raises(LoginError, match="others") as caught:
        find_token(tmp_path, "https://fen.example")
    assert "syt_secret" not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"homeserver": "x", "user_id": 7, "access_token": "y"}', "\udcff"]
)
def test_a_damaged_file_says_what_to_do(tmp_path: Path, text: str) -> None:
    save_credentials(tmp_path, ADA).write_text(text, "utf-8", errors="surrogateescape")
    with pytest.raises(LoginError) as caught:
        read_credentials(tmp_path)
    assert "garden login" in caught.value.hint


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(LoginError, match="cannot be written"):
        save_credentials(tmp_path / "missing", ADA)

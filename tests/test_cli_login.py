"""`garden login`: a password or a token becomes a file that only its owner reads, or nothing at all."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.archive.hostile_server import refuses, says
from tests.homeserver.homeserver import Homeserver
from tests.loopback import USER, server
from tests.smallholding import lay_out, read_site, settings
from tests.terminal import check_told, run, run_on_terminal

TOKEN_FILE = ".garden-token"
TOKEN = "syt_a_token_that_nobody_may_see"


def kept(folder: Path) -> dict[str, str]:
    """What the token's file says, once it is certain that only its owner can read it."""
    path = folder / TOKEN_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found: dict[str, str] = json.loads(path.read_text())
    return found


@pytest.mark.synapse
@pytest.mark.xdist_group("synapse")
def test_a_password_becomes_a_token_that_syncs(homeserver: Homeserver, tmp_path: Path) -> None:
    account = homeserver.register("gardener-by-password")
    lay_out(tmp_path, settings(homeserver=homeserver.base_url, rooms=["#seeds:fen.example"]))
    said = run_on_terminal(
        "login", folder=tmp_path, answers=[("User", account.user_id), ("Password", account.password)]
    )
    assert said.code == 0
    assert f"Logged in as {account.user_id}; the access token is in {TOKEN_FILE}" in said.out
    assert account.password not in said.out
    assert kept(tmp_path)["user_id"] == account.user_id
    assert kept(tmp_path)["access_token"] not in said.out
    assert run("sync", "--strict", folder=tmp_path).code == 0


@pytest.mark.synapse
@pytest.mark.xdist_group("synapse")
def test_a_wrong_password_is_refused_and_the_former_token_stays(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    lay_out(tmp_path, settings(homeserver=homeserver.base_url))
    assert run("login", "--token", folder=tmp_path, given=homeserver.seeded.reader.token.encode()).code == 0
    before = kept(tmp_path)
    said = run("login", "--user", "reader", folder=tmp_path, given=b"not it\n")
    check_told(said, 1, "refused the password of reader", "M_FORBIDDEN")
    assert "not it" not in said.err
    assert kept(tmp_path) == before


@pytest.mark.synapse
@pytest.mark.xdist_group("synapse")
def test_a_token_is_asked_whose_it_is_and_a_wrong_one_is_not_kept(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    lay_out(tmp_path, settings(homeserver=homeserver.base_url))
    wrong = run("login", "--token", folder=tmp_path, given=b"syt_wrong\n")
    check_told(wrong, 1, "does not take the access token")
    assert "syt_wrong" not in wrong.err
    assert not (tmp_path / TOKEN_FILE).exists()
    reader = homeserver.seeded.reader
    right = run_on_terminal("login", "--token", folder=tmp_path, answers=[("Access token", reader.token)])
    assert f"Logged in as {reader.user_id}" in right.out
    assert reader.token not in right.out
    assert kept(tmp_path)["access_token"] == reader.token


def test_a_script_gives_the_token_on_standard_input_and_sees_no_warning(tmp_path: Path) -> None:
    with server() as homeserver:
        homeserver.answer("/account/whoami", says({"user_id": USER}))
        lay_out(tmp_path, settings(homeserver=homeserver.base_url))
        said = run("login", "--token", folder=tmp_path, given=f"{TOKEN}\n".encode())
    assert (said.code, said.lines) == (0, [f"Logged in as {USER}; the access token is in {TOKEN_FILE}"])
    assert said.err.strip() == "Access token:"
    assert kept(tmp_path)["access_token"] == TOKEN


def test_the_variable_wins_so_that_there_is_nothing_to_log_in_for(tmp_path: Path) -> None:
    lay_out(tmp_path, settings())
    said = run("login", "--token", folder=tmp_path, more={"GARDEN_ACCESS_TOKEN": TOKEN})
    check_told(said, 2, "GARDEN_ACCESS_TOKEN is set", "unset GARDEN_ACCESS_TOKEN")
    assert TOKEN not in said.err
    assert not (tmp_path / TOKEN_FILE).exists()


def test_an_empty_variable_is_none(tmp_path: Path) -> None:
    with server() as homeserver:
        homeserver.answer("/account/whoami", says({"user_id": USER}))
        lay_out(tmp_path, settings(homeserver=homeserver.base_url))
        said = run(
            "login", "--token", folder=tmp_path, given=f"{TOKEN}\n".encode(), more={"GARDEN_ACCESS_TOKEN": ""}
        )
    assert said.code == 0


def test_a_token_in_the_settings_is_refused_with_the_reason_and_never_shown(tmp_path: Path) -> None:
    lay_out(tmp_path, settings(more=f'access_token = "{TOKEN}"\n'))
    for command in ("login", "sync", "build"):
        said = run(command, folder=tmp_path)
        check_told(said, 2, "site.toml:", "access_token", "garden login")
        assert TOKEN not in said.err


def test_a_token_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    lay_out(tmp_path, settings(rooms=["!room:fen.example"]))
    path = tmp_path / TOKEN_FILE
    path.write_text(
        json.dumps({"homeserver": "https://matrix.invalid", "user_id": USER, "access_token": TOKEN})
    )
    path.chmod(0o644)
    said = run("sync", folder=tmp_path)
    check_told(said, 1, "can be read by others", "chmod 600")
    assert TOKEN not in said.err


def test_a_folder_where_no_token_can_be_kept_is_named(tmp_path: Path) -> None:
    with server() as homeserver:
        homeserver.answer("/account/whoami", says({"user_id": USER}))
        lay_out(tmp_path, settings(homeserver=homeserver.base_url))
        (tmp_path / TOKEN_FILE).mkdir()
        said = run("login", "--token", folder=tmp_path, given=f"{TOKEN}\n".encode())
    check_told(said, 1, TOKEN_FILE, "cannot be written", "GARDEN_ACCESS_TOKEN")
    assert [path for path, content in read_site(tmp_path).items() if TOKEN.encode() in content] == []


def test_a_homeserver_without_passwords_says_what_else_there_is(tmp_path: Path) -> None:
    with server() as homeserver:
        homeserver.answer("/login", refuses(403, "M_UNRECOGNIZED"))
        lay_out(tmp_path, settings(homeserver=homeserver.base_url))
        said = run("login", "--user", "ada", folder=tmp_path, given=b"password\n")
    check_told(said, 1, "refused the password of ada", "access token from your Matrix client")


@pytest.mark.parametrize("command", ["login", "sync"])
def test_without_a_homeserver_there_is_nobody_to_ask(command: str, tmp_path: Path) -> None:
    lay_out(tmp_path, settings(homeserver="", rooms=["!room:fen.example"]))
    check_told(run(command, folder=tmp_path, given=b"ada\npassword\n"), 2, "which homeserver", "[matrix]")


def test_no_answer_to_the_question_is_no_login(tmp_path: Path) -> None:
    lay_out(tmp_path, settings())
    said = run("login", folder=tmp_path)
    assert said.code == 1
    assert "Traceback" not in said.err
    assert not (tmp_path / TOKEN_FILE).exists()

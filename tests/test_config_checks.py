"""The values of site.toml: which are taken, in what form, and which are refused."""

from __future__ import annotations

import pytest

from garden.config import duration_ms, parse_config
from tests.config_text import SITE, only_problem


def test_a_password_in_an_address_is_refused_and_never_repeated() -> None:
    text = SITE.replace("https://", "https://ada:hunter2@")
    assert "name or password" in only_problem(text)
    assert "hunter2" not in only_problem(text)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://fen.example", "https://fen.example/"),
        ("http://Fen.Example:8080/garden", "http://fen.example:8080/garden/"),
        ("https://fen.example/gärten/", "https://fen.example/g%C3%A4rten/"),
        ("https://fen.example/g%C3%A4rten/", "https://fen.example/g%C3%A4rten/"),
        ("https://[::1]:8000/", "https://[::1]:8000/"),
    ],
)
def test_the_base_url_ends_in_a_slash_and_is_percent_encoded(written: str, read: str) -> None:
    assert parse_config(SITE.replace("https://fen.example/", written), "site.toml").site.base_url == read


@pytest.mark.parametrize(
    "written",
    [
        "",
        "fen.example",
        "ftp://fen.example/",
        "https://",
        "https://fen.example/?page=1",
        "https://fen.example/#top",
        "https://fen example/",
        "https://fen.example:99999/",
        "https://[fen/",
        "https://gärten.example/",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_base_url_is_refused(written: str) -> None:
    assert only_problem(SITE.replace("https://fen.example/", written)).startswith("3: site.base_url: ")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://matrix.example", "https://matrix.example"),
        ("https://matrix.example/", "https://matrix.example"),
        ("https://example.org/matrix/", "https://example.org/matrix"),
        ("http://localhost:8008", "http://localhost:8008"),
        ("http://127.0.0.1:8008/", "http://127.0.0.1:8008"),
        ("http://[::1]:8008", "http://[::1]:8008"),
        ("matrix.example", "matrix.example"),
        ("Matrix.Example:8448", "matrix.example:8448"),
        ("", ""),
    ],
)
def test_a_homeserver_is_an_address_or_a_name(written: str, read: str) -> None:
    text = f'{SITE}[matrix]\nhomeserver = "{written}"\n'
    assert parse_config(text, "site.toml").matrix.homeserver == read


@pytest.mark.parametrize(
    "written", ["http://192.0.2.7", "http://localhost.example", "@ada:example", "https://a b"]
)
def test_what_is_no_homeserver_is_refused(written: str) -> None:
    assert only_problem(f'{SITE}[matrix]\nhomeserver = "{written}"\n').startswith("5: matrix.homeserver: ")


def test_rooms_are_named_by_id_with_or_without_a_server_or_by_alias_and_each_counts_once() -> None:
    rooms = (
        "!old:matrix.example:8448",
        "!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM",
        "#züge:matrix.example",
    )
    text = f"{SITE}[matrix]\nrooms = {[*rooms, rooms[0]]}\n"
    assert parse_config(text, "site.toml").matrix.rooms == rooms


@pytest.mark.parametrize(
    ("written", "milliseconds"),
    [("90m", 5_400_000), ("12h", 43_200_000), ("7d", 604_800_000), ("2w", 1_209_600_000)],
)
def test_durations_are_a_number_and_a_unit(written: str, milliseconds: int) -> None:
    text = f'{SITE}[matrix]\nrecrawl = "{written}"\n'
    assert duration_ms(parse_config(text, "site.toml").matrix.recrawl) == milliseconds


@pytest.mark.parametrize("written", ["0d", "7", "d", "-1d", "7 days", "1.5h", "99999d"])
def test_what_is_no_duration_is_refused(written: str) -> None:
    assert "duration" in only_problem(f'{SITE}[matrix]\nrecrawl = "{written}"\n')


def test_a_control_character_does_not_reach_the_terminal() -> None:
    assert "control character" in only_problem(SITE.replace("Fen", "\\u001b[31m"))

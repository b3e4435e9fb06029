"""site.toml: what is right becomes a SiteConfig, what is wrong is named with its line, all at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from garden.config import Neighbour, parse_config, read_config
from garden.errors import ConfigError, NotAGardenError
from tests.config_text import SITE, only_problem, problems


def test_a_missing_file_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(NotAGardenError, match=re.escape(str(tmp_path))) as caught:
        read_config(tmp_path / "site.toml")
    assert "garden init" in caught.value.hint
    assert caught.value.exit_code == 2


def test_a_folder_in_its_place_is_an_error_too(tmp_path: Path) -> None:
    (tmp_path / "site.toml").mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        read_config(tmp_path / "site.toml")


def test_text_that_is_not_utf8_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_bytes(b'[site]\ntitle = "G\xe4rten"\n')
    with pytest.raises(ConfigError, match=r"site\.toml:2: is not written in UTF-8"):
        read_config(tmp_path / "site.toml")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(SITE, encoding="utf-8-sig")
    assert read_config(tmp_path / "site.toml").site.title == "Fen"


WRONG = """\
title = "Fen"
[site]
title = 3
base_url = "fen.example"
langage = "en"
theme = "../theme"

[matrix]
homeserver = "http://matrix.example"
rooms = [
  "#general:matrix.example", # a comment with ] and "
  "general",
  "#general",
  "https://matrix.to/#/%23fen:example?via=fen.example",
]
spaces = "#fen:matrix.example"
vouched_rooms = ["#alias:example"]
max_media_bytes = "10 MB"
recrawl = "weekly"

[pages]
min_messages = 0
per_part = true
history = "yes"
show_removed = 0

[[webring]]
name = "Wetlands"
neighbours = [
  { name = "Marsh" },
  { name = "Bog", ulr = "https://bog.example/", url = "bog.example" },
]

[[webring]]
name = "Wetlands"
neighbours = []

[webrings]
"""


def test_every_problem_is_reported_at_once_each_with_its_line() -> None:
    assert [f"{line}: {message}" for line, message, _ in problems(WRONG)] == [
        "1: key 'title' stands outside its section",
        "3: site.title: is a number, not text",
        "4: site.base_url: 'fen.example' is no web address",
        "5: site: unknown key 'langage'",
        "6: site.theme: '../theme' is no theme's name",
        "9: matrix.homeserver: 'http://matrix.example' would send your token unencrypted",
        "12: matrix.rooms[2]: 'general' is no room",
        "13: matrix.rooms[3]: '#general' lacks its server",
        "14: matrix.rooms[4]: 'https://matrix.to/#/%23fen:example?via=fen.example' is no room",
        "16: matrix.spaces: is text, not a list",
        "17: matrix.vouched_rooms[1]: '#alias:example' is no room's id",
        "18: matrix.max_media_bytes: is text, not a whole number",
        "19: matrix.recrawl: 'weekly' is no duration",
        "22: pages.min_messages: is 0",
        "23: pages.per_part: is true or false, not a whole number",
        "24: pages.history: is text, not true or false",
        "25: pages.show_removed: is a number, not true or false",
        "30: webring[1].neighbours[1]: url is missing",
        "31: webring[1].neighbours[2].url: 'bog.example' is no web address",
        "31: webring[1].neighbours[2]: unknown key 'ulr'",
        "35: webring: 'Wetlands' is there twice",
        "36: webring[2].neighbours: is empty",
        "38: unknown section 'webrings'",
    ]


def test_each_problem_says_what_to_write_instead() -> None:
    hints = {message.split(":")[0]: hint for _, message, hint in problems(WRONG)}
    assert hints["key 'title' stands outside its section"] == "move it below [site]"
    assert hints["site"] == "did you mean 'language'?"
    assert hints["matrix.rooms[3]"] == "write #general:server"
    assert hints["matrix.rooms[4]"] == "write #fen:example"
    assert hints["unknown section 'webrings'"] == "did you mean 'webring'?"
    assert all(hints.values())


def test_the_message_is_ready_for_an_editor_to_jump_to() -> None:
    with pytest.raises(
        ConfigError, match=r"(?m)^my/site\.toml:3: site\.title: is a number, not text \(put"
    ) as caught:
        parse_config(WRONG, "my/site.toml")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ('[site]\ntitle = "Fen\n', "2: is no TOML"),
        ('[site]\ntitle = "a"\ntitle = "b"\n', "3: is no TOML"),
        ("[site\n", "1: is no TOML"),
        ("[site]\ntitle = [\n1,\n", "3: is no TOML"),
        ("a = " + "[" * 5000, "1: nests values too deeply"),
    ],
)
def test_a_mistake_in_the_toml_itself_is_named_with_its_line(text: str, start: str) -> None:
    assert only_problem(text).startswith(start)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f'{SITE}[matrix]\naccess_token = "syt_secret"\n', 5),
        (f'{SITE}[matrix.login]\npassword = "syt_secret"\n', 5),
        (f'token = "syt_secret"\n{SITE}', 1),
        (f'{SITE}[[webring]]\nname = "W"\nneighbours = [{{ Token = "syt_secret" }}]\n', 6),
    ],
)
def test_a_secret_is_refused_with_the_reason_and_never_repeated(text: str, line: int) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "site.toml")
    assert "syt_secret" not in str(caught.value)
    found = {each.line: each for each in caught.value.problems if "secret" in each.message}
    assert "others get to read" in found[line].message
    assert "GARDEN_ACCESS_TOKEN" in found[line].hint
    assert "garden login" in found[line].hint


def test_a_section_that_is_no_section_is_named() -> None:
    assert only_problem(f"pages = 3\n{SITE}") == (
        "1: pages is a number, not a section (write [pages] on a line of its own and its keys below)"
    )
    assert "two brackets" in only_problem(f'{SITE}[webring]\nname = "W"\n')


def test_required_keys_are_named_with_what_they_are_for() -> None:
    assert [message for _, message, _ in problems("")] == [
        "site: base_url is missing",
        "site: title is missing",
    ]
    assert problems('[site]\ntitle = "Fen"\n')[0][0] == 1


def test_neighbours_written_as_tables_of_their_own_are_found_too() -> None:
    text = f"""{SITE}
[[webring]]
name = "W"
[[webring.neighbours]]
name = "Marsh"
url = "https://marsh.example/"
[[webring.neighbours]]
name = "Bog"
url = "bog"
"""
    assert only_problem(text).startswith("12: webring[1].neighbours[2].url: 'bog' is no web address")
    (ring,) = parse_config(text.replace('"bog"', '"https://bog.example"'), "site.toml").webrings
    assert ring.neighbours[1] == Neighbour("Bog", "https://bog.example")


@given(st.text(alphabet="[]{}=,.\"'#\n ab1", max_size=60))
def test_any_text_is_a_garden_or_a_config_error(text: str) -> None:
    try:
        parse_config(SITE + text, "site.toml")
    except ConfigError as error:
        lines = (SITE + text).count("\n") + 1
        assert all(1 <= problem.line <= lines for problem in error.problems)  # noqa: PT017 - only where it fails

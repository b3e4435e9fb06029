"""site.toml: what is right becomes a SiteConfig, what is wrong is named with its line, all at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from garden.config import (
    SECTIONS,
    MatrixSettings,
    Neighbour,
    PageSettings,
    SiteConfig,
    SiteSettings,
    Webring,
    duration_ms,
    parse_config,
    read_config,
)
from garden.errors import ConfigError, NotAGardenError

EXAMPLE = Path(__file__).parents[1] / "site.toml.example"
SITE = '[site]\ntitle = "Fen"\nbase_url = "https://fen.example/"\n'


def problems(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "site.toml")
    return [(each.line, each.message, each.hint) for each in caught.value.problems]


def only_problem(text: str) -> str:
    (line, message, hint), *more = problems(text)
    assert not more, more
    return f"{line}: {message} ({hint})"


def test_the_example_is_a_garden_as_it_stands() -> None:
    assert read_config(EXAMPLE) == SiteConfig(
        site=SiteSettings("Fen", "https://fen.example/garden/", "en", "commons"),
        matrix=MatrixSettings(
            homeserver="https://matrix.example",
            rooms=("#general:matrix.example", "!id"),
            spaces=("#fen:matrix.example",),
        ),
        webrings=(Webring("Wetlands", (Neighbour("Marsh", "https://marsh.example/"),)),),
    )


def test_the_example_explains_every_section_and_key_in_the_order_of_the_contract() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    at = 0
    for section in SECTIONS:
        header = f"[[{section.name}]]" if section.repeated else f"[{section.name}]"
        at = text.index(f"# {section.sentence}\n{header}\n", at)
        for key in section.keys:
            found = re.compile(rf"^# {re.escape(key.sentence)}\n(?:# )?{key.name} = ", re.MULTILINE).search(
                text, at
            )
            assert found, f"{key.name} with its sentence is missing in {header}"
            at = found.end()


def test_a_key_behind_a_comment_sign_shows_its_default() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    shown = [line.removeprefix("# ") if re.match(r"# [a-z_]+ = ", line) else line for line in lines]
    assert parse_config("\n".join(shown), "site.toml") == read_config(EXAMPLE)


def test_the_contract_has_the_defaults_of_the_settings() -> None:
    config = parse_config(SITE, "site.toml")
    assert config == SiteConfig(
        SiteSettings("Fen", "https://fen.example/"), MatrixSettings(), PageSettings(), ()
    )


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
        "28: webring[1].neighbours[1]: url is missing",
        "29: webring[1].neighbours[2].url: 'bog.example' is no web address",
        "29: webring[1].neighbours[2]: unknown key 'ulr'",
        "33: webring: 'Wetlands' is there twice",
        "34: webring[2].neighbours: is empty",
        "36: unknown section 'webrings'",
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


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('"site".title = "Fen"\nsite."base_url" = 1', 2),
        ('site.title = """\nFen\n"quoted" = 1 [x]"""\nsite.base_url = 1', 4),
        ("site = { title = 'Fen', base_url = 1 }", 1),
        ('# base_url = 1\n[site] # [x]\ntitle = "# no comment"\n\n\n  base_url   =   1', 6),
        ("[site]\r\ntitle = '''a\r\n'''\r\nbase_url = 1\r\n", 4),
    ],
)
def test_lines_are_found_however_the_key_is_written(text: str, line: int) -> None:
    (found,) = [found for found, message, _ in problems(text) if "base_url" in message]
    assert found == line


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


@given(st.text(alphabet="[]{}=,.\"'#\n ab1", max_size=60))
def test_any_text_is_a_garden_or_a_config_error(text: str) -> None:
    try:
        parse_config(SITE + text, "site.toml")
    except ConfigError as error:
        lines = (SITE + text).count("\n") + 1
        assert all(1 <= problem.line <= lines for problem in error.problems)  # noqa: PT017 - only where it fails

"""Lines of keys: found however a key is written, and nothing in a text or comment is taken for one."""

from __future__ import annotations

import pytest

from garden.toml_lines import KeyPath, find_lines, line_of


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
    assert find_lines(text)["site", "base_url"] == line


NESTED = """\
[[ring]]
names = [ # ]
  "a", [1,
  2],
]
[[ring]]
sites = [
  { name = "b" },
  { name = "c", "url" = "d" } ]
[[ring.sub]]
[ring.sub.table]
key = 1979-05-27 07:32:00
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("ring", 0), 1),
        (("ring", 0, "names", 0), 3),
        (("ring", 0, "names", 1, 1), 4),
        (("ring", 1), 6),
        (("ring", 1, "sites"), 7),
        (("ring", 1, "sites", 1, "url"), 9),
        (("ring", 1, "sub", 0), 10),
        (("ring", 1, "sub", 0, "table", "key"), 12),
    ],
)
def test_the_line_of_what_stands_inside_of_others_is_found(path: KeyPath, line: int) -> None:
    assert find_lines(NESTED)[path] == line


def test_what_is_not_written_down_has_the_line_of_what_is_around_it() -> None:
    lines = find_lines(NESTED)
    assert line_of(("ring", 1, "sites", 0, "url"), lines) == 8
    assert line_of(("ring", 1, "title"), lines) == 6
    assert line_of(("site", "title"), lines) == 1

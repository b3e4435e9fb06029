"""Joined style sheets say what each of them says, in the order of their names, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from garden.site.style_sheet import join_style_sheets

SHEETS = Path(__file__).parents[2] / "themes/commons/static/css"


def test_sheets_follow_one_another() -> None:
    assert join_style_sheets(["a { b: c; }\n", "d { e: f; }"]) == "a { b: c; }\nd { e: f; }\n"


@pytest.mark.parametrize(
    ("sheet", "joined"),
    [
        ("/* why */\na {\n  b: c;\n}\n", "a {\nb: c;\n}\n"),
        ("a /* why */ b { c: d; }", "a   b { c: d; }\n"),
        ("a { b: c; } /* it's \"one */ d { e: f; } /* two */", "a { b: c; }   d { e: f; }\n"),
        ('a::before { content: "/* no comment */"; }', 'a::before { content: "/* no comment */"; }\n'),
        ("a::before { content: '\\'/*'; } /* b */", "a::before { content: '\\'/*'; }\n"),
        ("/* never closed", "/* never closed\n"),
        ("", "\n"),
    ],
)
def test_comments_and_indentation_go_and_words_stay(sheet: str, joined: str) -> None:
    assert join_style_sheets([sheet]) == joined


def test_the_sheets_of_the_theme_lose_no_rule() -> None:
    sheets = [path.read_text("utf-8") for path in sorted(SHEETS.glob("*.css"))]
    joined = join_style_sheets(sheets)

    assert "/*" not in joined
    assert joined.count("{") == joined.count("}")
    assert joined.index("--paper") < joined.index(".masthead") < joined.index("@media print")

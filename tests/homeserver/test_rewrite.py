"""Invented identifiers in content become the server's, wherever and however they are written."""

from __future__ import annotations

import pytest

from tests.homeserver.rewrite import find_references, rewrite

REAL = {
    "$bean": "$R/1",
    "$bean-2": "$two",
    "!seeds:fen.example": "!room",
    "mxc://fen.example/jar": "mxc://fen.example/XYZ",
}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("$bean", "$R/1"),
        ("$bean-2", "$two"),
        ("$beans and $bean-3 stay", "$beans and $bean-3 stay"),
        ("see $bean.", "see $R/1."),
        (
            "https://matrix.to/#/!seeds:fen.example/$bean?via=fen.example",
            "https://matrix.to/#/!room/$R/1?via=fen.example",
        ),
        (
            "https://matrix.to/#/%21seeds%3Afen.example/%24bean?via=x",
            "https://matrix.to/#/%21room/%24R%2F1?via=x",
        ),
        ("(mxc://fen.example/jar)", "(mxc://fen.example/XYZ)"),
        ("5 $ and 100 %24 remain!", "5 $ and 100 %24 remain!"),
    ],
)
def test_a_text_is_rewritten(written: str, meant: str) -> None:
    assert rewrite(written, REAL) == meant


def test_values_deep_in_content_are_rewritten_and_all_else_stays() -> None:
    content = {"m.relates_to": {"event_id": "$bean", "n": 1, "x": None}, "list": ["$bean-2", 2.5, True]}
    assert rewrite(content, REAL) == {
        "m.relates_to": {"event_id": "$R/1", "n": 1, "x": None},
        "list": ["$two", 2.5, True],
    }


def test_references_are_found_where_they_would_be_rewritten() -> None:
    content = {
        "body": "/#/!seeds:fen.example/%24bean",
        "deep": [{"url": "mxc://fen.example/jar"}],
        "no": "$beans",
    }
    assert list(find_references(content, REAL)) == ["!seeds:fen.example", "$bean", "mxc://fen.example/jar"]

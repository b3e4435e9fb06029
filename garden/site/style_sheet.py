"""Style sheets: the files of a theme's `static/css` come in, one sheet that every page links goes out.

A reader's browser asks once; whoever changes the theme reads, or replaces, one short file with one idea.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

SHEETS: Final = "css"
"""The folder below `static/` whose sheets are joined."""
STYLE_SHEET: Final = "css/all.css"
"""Where the joined one stands below `static/`: in the same folder, so that `url(../fonts/…)` holds."""

_COMMENT: Final = re.compile(r"""("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|/\*.*?\*/""", re.DOTALL)
_BREAK: Final = re.compile(r"\s*\n\s*")


def join_style_sheets(sheets: Iterable[str]) -> str:
    """Return sheets in this order as one, without comments and indentation (CSS Syntax, section 3.3)."""
    return "".join(f"{_pack(sheet)}\n" for sheet in sheets)


def _pack(sheet: str) -> str:
    bare = _COMMENT.sub(lambda found: found[1] or " ", sheet)
    return _BREAK.sub("\n", bare).strip()

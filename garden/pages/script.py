"""Scripts: what about letters the standard library does not tell, for those who look for words.

Nothing comes in; pieces of regular expressions go out.
"""

from __future__ import annotations

import sys
import unicodedata
from functools import cache
from itertools import groupby
from typing import Final

UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
"""Inside of a character class: scripts that write no spaces between words, or glue endings to them: Thai,
Chinese, Japanese, Korean."""


@cache
def mark_ranges() -> str:
    """Return the inside of a character class of all marks: Indic vowels are some, and no letters."""
    marks = [code for code in range(0x300, sys.maxunicode >> 3) if unicodedata.category(chr(code))[0] == "M"]
    runs = groupby(enumerate(marks), key=lambda place: place[1] - place[0])
    return "".join(f"{chr(run[0][1])}-{chr(run[-1][1])}" for run in (list(group) for _, group in runs))

"""The nearest of twelve names for a colour.

A colour as a sender chose it comes in, a name comes out: styles of a page stand in its style sheets only, and
there each name has one colour for words and one for their ground, readable by day and by night.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Final

_HUES: Final = {
    "red": 25,
    "orange": 55,
    "yellow": 95,
    "lime": 120,
    "green": 145,
    "teal": 175,
    "cyan": 215,
    "blue": 258,
    "indigo": 282,
    "purple": 310,
    "pink": 350,
}
"""Hue angles in OKLCh, degrees."""

NAMES: Final = (*_HUES, "grey")

_FAINT: Final = 0.035
"""Chroma below which people see no hue."""
_COLOR: Final = re.compile(r"#[0-9a-f]{6}")


@lru_cache(maxsize=4096)
def name_color(color: str) -> str:
    """Return the name of a colour `#rrggbb`, lower case; empty where it is none.

    The hue decides, by its angle in OKLCh (CSS Color 4, section 9), since lightness is the style sheet's.
    """
    if not _COLOR.fullmatch(color):
        return ""
    a, b = _measure(*(_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5)))
    if math.hypot(a, b) < _FAINT:
        return "grey"
    hue = math.degrees(math.atan2(b, a))
    return min(_HUES, key=lambda name: abs((_HUES[name] - hue + 180) % 360 - 180))


def _linear(part: float) -> float:
    """Take the gamma from one part of an sRGB colour, 0 to 1 (CSS Color 4, section 10.2)."""
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004  # as defined there


def _measure(red: float, green: float, blue: float) -> tuple[float, float]:
    """Return the axes a and b of a linear sRGB colour in OKLab (CSS Color 4, section 9.4)."""
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )

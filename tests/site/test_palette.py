"""Any colour has a name, and what the style sheet shows for a name can be read by day and by night."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from garden.site.palette import NAMES, name_color

CSS = Path(__file__).parents[2] / "themes/commons/static/css"
INKS = Path(__file__).parents[2] / "themes/shared/static/css/55-inks.css"
READABLE = 4.5
"""Contrast that words need (WCAG 2.2, success criterion 1.4.3)."""


@pytest.mark.parametrize(
    ("color", "name"),
    [
        ("#ff0000", "red"),
        ("#400000", "red"),
        ("#ff8800", "orange"),
        ("#ffd700", "yellow"),
        ("#a0c000", "lime"),
        ("#008000", "green"),
        ("#00b894", "teal"),
        ("#00d0f0", "cyan"),
        ("#0066ff", "blue"),
        ("#4b30e0", "indigo"),
        ("#a020f0", "purple"),
        ("#ff40a0", "pink"),
        ("#000000", "grey"),
        ("#ffffff", "grey"),
        ("#85888a", "grey"),
        ("red", ""),
        ("#fff", ""),
        ("", ""),
        ("#ff0000;", ""),
    ],
)
def test_a_colour_has_the_name_that_people_would_give_it(color: str, name: str) -> None:
    assert name_color(color) == name


@given(st.integers(0, 0xFFFFFF))
def test_every_colour_has_a_name(color: int) -> None:
    assert name_color(f"#{color:06x}") in NAMES


def colors(scheme: str) -> Mapping[str, str]:
    """Read the tokens and the classes of a colour scheme out of the theme's style sheets."""
    sheets = "".join(path.read_text("utf-8") for path in (CSS / "10-tokens.css", INKS))
    found = re.findall(
        r"(?:--|\.)([\w-]+)(?: \{ [a-z]+)?: light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", sheets
    )
    return {name: night if scheme == "dark" else day for name, day, night in found}


def luminance(color: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2, definitions)."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_can_be_read_on_every_ground(scheme: str) -> None:
    shown = colors(scheme)
    words = [f"ink-{name}" for name in NAMES] + ["ink", "ink-2", "leaf", "clay", "sky", "moss"]
    grounds = [f"paper-{name}" for name in NAMES] + ["paper", "bed", "mark"]
    faint = {
        (word, ground): round(contrast(shown[word], shown[ground]), 2)
        for word in words
        for ground in grounds
        if contrast(shown[word], shown[ground]) < READABLE
    }
    assert faint == {}


def test_every_name_tone_and_part_of_code_is_styled() -> None:
    inks, sheet = INKS.read_text("utf-8"), (CSS / "60-words.css").read_text("utf-8")
    for name in NAMES:
        assert f".ink-{name} {{" in inks
        assert f".paper-{name} {{" in inks
    tones = re.findall(r"img\.tone-(\d)(\d)(\d) \{ background: #([0-9a-f]{3}); \}", sheet)
    assert len({tone[:3] for tone in tones}) == 64
    assert all("".join("05af"[int(step)] for step in steps) == color for *steps, color in tones)


def test_code_is_coloured_by_the_tokens_of_the_theme() -> None:
    sheet = (CSS / "60-words.css").read_text("utf-8")
    used = re.findall(r"^code :is\(.*?\) \{ color: (.*?);", sheet, flags=re.MULTILINE)
    assert set(used) == {"var(--ink-2)", "var(--leaf)", "var(--clay)", "var(--sky)", "var(--moss)"}

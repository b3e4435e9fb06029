"""The contract of site.toml, its example and the settings say the same."""

from __future__ import annotations

import re
from pathlib import Path

from garden.config import (
    ConsentSettings,
    MatrixSettings,
    Neighbour,
    PageSettings,
    SiteConfig,
    SiteSettings,
    TagSettings,
    Webring,
    parse_config,
    read_config,
)
from garden.config_keys import SECTIONS
from tests.config_text import SITE

EXAMPLE = Path(__file__).parents[1] / "site.toml.example"


def test_the_example_is_a_garden_as_it_stands() -> None:
    assert read_config(EXAMPLE) == SiteConfig(
        site=SiteSettings("Fen", "https://fen.example/garden/", "en", "commons"),
        matrix=MatrixSettings(
            homeserver="https://matrix.example",
            rooms=("#general:matrix.example", "!id"),
            spaces=("#fen:matrix.example",),
        ),
        webrings=(Webring("Wetlands", (Neighbour("Marsh", "https://marsh.example/"),)),),
        tags=(TagSettings("storage", ("jar", "jars", "cellar")),),
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
        SiteSettings("Fen", "https://fen.example/"), MatrixSettings(), ConsentSettings(), PageSettings(), ()
    )

"""What commands share: options that several have, the settings, and what the environment says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

import click

from garden.config import CONFIG_FILE, SiteConfig, read_config

TOKEN_VARIABLE: Final = "GARDEN_ACCESS_TOKEN"  # noqa: S105 - the name of a variable, not a token
KEY_VARIABLE: Final = "GARDEN_KEY"


def example(*lines: str) -> str:
    """Return the end of a help text; click must not wrap it, which is what the first line says."""
    return "\n".join(("\b", "Example:", *(f"  {line}" for line in lines)))


quiet_option = click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
strict_option = click.option(
    "--strict", is_flag=True, help="Exit with 1 where a room or a note had to be left out."
)
out_option = click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Output folder.  [default: public]"
)
jobs_option = click.option(
    "-j",
    "--jobs",
    type=click.IntRange(1, 64),
    default=lambda: os.cpu_count() or 1,
    help="Processes that render.",
)
port_option = click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port; 0 takes a free one."
)
open_option = click.option("--open", "open_browser", is_flag=True, help="Open the garden in your browser.")


def read_settings(folder: Path) -> SiteConfig:
    """Read a garden's `site.toml`, and its key where the environment has it."""
    return with_key(read_config(folder / CONFIG_FILE))


def with_key(config: SiteConfig) -> SiteConfig:
    """Return settings with the key that the environment gives."""
    return replace(config, key=_take_secrets()[KEY_VARIABLE])


def environment_token() -> str | None:
    """Return the access token that the environment gives, or None."""
    return _take_secrets()[TOKEN_VARIABLE] or None


@cache
def _take_secrets() -> Mapping[str, str]:
    """Take token and key out of the environment, so that no process which a command starts inherits them."""
    return {name: os.environ.pop(name, "").strip() for name in (TOKEN_VARIABLE, KEY_VARIABLE)}

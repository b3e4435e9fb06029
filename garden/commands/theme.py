"""`garden theme`: the name of a theme comes in, what was made or is there is told."""

from __future__ import annotations

from pathlib import Path

import click

from garden.commands.options import example, json_option, quiet_option, read_settings
from garden.console import print_json, say


@click.group(epilog=example("garden theme list", "garden theme new moor"))
def theme() -> None:
    """Choose how a garden looks, or change it."""


@theme.command(name="new", epilog=example("garden theme new moor", "garden theme new moor --extends plain"))
@click.argument("name")
@click.option("--extends", "parent", help="The theme to begin with.  [default: the garden's own]")
@quiet_option
@click.pass_obj
def new(folder: Path, name: str, *, parent: str | None, quiet: bool) -> None:
    """Make a theme of your own in themes/NAME, which holds only what differs from another."""
    from garden.create_theme import create_theme
    from garden.words import tell_theme

    used = read_settings(folder).site.theme
    made = create_theme(folder, name, parent or used)
    say(tell_theme(name, made), quiet)


@theme.command(name="list", epilog=example("garden theme list"))
@json_option
@click.pass_obj
def list_(folder: Path, *, as_json: bool) -> None:
    """List the themes that the garden can have; a star marks the one it has."""
    from garden.resources import list_themes
    from garden.words import tell_themes, themes_as_json

    used = read_settings(folder).site.theme
    found = list_themes(folder)
    if as_json:
        print_json(themes_as_json(found, used))
    else:
        say(tell_themes(found, used), quiet=False)

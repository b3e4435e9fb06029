"""`garden notice`: the room and what is to be done about it come in, what became of the notice is told."""

from __future__ import annotations

from pathlib import Path

import click

from garden.commands.options import environment_token, example, quiet_option, read_settings
from garden.console import say


@click.command(epilog=example("garden notice '#general:matrix.example'"))
@click.argument("room")
@click.option("--join", is_flag=True, help="Join the room first, where the account is not in it.")
@click.option("--again", is_flag=True, help="Post a new notice though there is one.")
@click.option("--dry-run", is_flag=True, help="Print the notice and post nothing.")
@quiet_option
@click.pass_obj
def notice(folder: Path, room: str, *, join: bool, again: bool, dry_run: bool, quiet: bool) -> None:
    """Tell a room's members that it is published.

    The account of the garden posts a notice in ROOM, by alias or id, which says where the pages stand and how
    to opt out, and pins it where it may.
    """
    from garden.notice import tell_posting
    from garden.notice_board import Wanted, put_up_notice

    wanted = Wanted(room, join=join, again=again, dry_run=dry_run)
    posting = put_up_notice(folder, read_settings(folder), environment_token(), wanted)
    say(tell_posting(posting), quiet)

"""The command that looks through a garden for what wants attention."""

from __future__ import annotations

from pathlib import Path

import click

from garden.attention import Kind
from garden.clock import read_clock
from garden.commands.options import example, json_option, quiet_option, read_settings
from garden.console import Reporter, print_json, say


@click.command(
    epilog=example(
        "garden tend", "garden tend unanswered dead-link --limit 50", "garden tend dead-link --online"
    )
)
@click.argument("kinds", metavar="[KIND]...", nargs=-1, type=click.Choice([kind.value for kind in Kind]))
@click.option(
    "--limit", type=click.IntRange(1), default=10, show_default=True, help="How many of each kind are told."
)
@click.option(
    "--online", is_flag=True, help="Ask other sites, too, whether the pages are there that are linked to."
)
@json_option
@quiet_option
@click.pass_obj
def tend(
    folder: Path, kinds: tuple[str, ...], limit: int, *, online: bool, as_json: bool, quiet: bool
) -> None:
    """List what wants attention, and what to do.

    KIND is untitled, unanswered, dead-link, wikilink, growing or stale; without one all are listed. Looks at
    archive and notes as garden build does and writes nothing. Asks nothing of any other machine, but with
    --online.
    """
    from garden.attend import attend_garden
    from garden.attention_words import attention_as_json, tell_attention
    from garden.web_answers import ask_web

    with Reporter(quiet=quiet or as_json) as reporter:
        found, answers = attend_garden(
            folder,
            read_settings(folder),
            now_ms=read_clock(),
            report=reporter.show,
            kinds=frozenset(map(Kind, kinds)) or frozenset(Kind),
            ask=ask_web if online else None,
        )
    if as_json:
        print_json(attention_as_json(found))
    else:
        say(tell_attention(found, limit, answers), quiet)

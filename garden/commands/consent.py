"""Commands about consent: what is published and why, and what has to be forgotten."""

from __future__ import annotations

from pathlib import Path

import click

from garden.clock import read_clock
from garden.commands.options import example, json_option, quiet_option, read_settings
from garden.console import print_json, say


@click.command(
    epilog=example(
        "garden consent --json", "garden consent --explain https://fen.example/commons/2025-03-04/#m-…"
    )
)
@click.option("--explain", metavar="EVENT_OR_URL", help="Ask about one message only.")
@json_option
@click.pass_obj
def consent(folder: Path, explain: str | None, as_json: bool) -> None:
    """Say of each room what is published and why, or why not.

    Who made it readable for everybody and when, which rule refused what, and how much.
    """
    from garden.consent_report import explain_event, report_consent
    from garden.consent_words import consent_as_json, explanation_as_json, tell_consent, tell_explanation

    config = read_settings(folder)
    if explain is not None:
        found = explain_event(folder, config, explain, now_ms=read_clock())
        value, lines = explanation_as_json(found), tell_explanation(found)
    else:
        report = report_consent(folder, config, now_ms=read_clock())
        value, lines = consent_as_json(report), tell_consent(report)
    if as_json:
        print_json(value)
    else:
        say(lines, quiet=False)


@click.command(epilog=example("garden forget @ada:matrix.example", "garden forget '$eventid'"))
@click.argument("target")
@click.option("--undo", is_flag=True, help="Take a forgetting back.")
@quiet_option
@click.pass_obj
def forget(folder: Path, target: str, undo: bool, quiet: bool) -> None:
    """Take a person, a room or one message out for good.

    TARGET is @user:server, !room, #alias:server, $event, a link to one of them, or an address of this garden.
    Only a keyed digest is kept, so that the next sync does not bring it back.
    """
    from garden.consent_words import tell_forgetting
    from garden.forget import forget as forget_target
    from garden.forget import recall

    config = read_settings(folder)
    if undo:
        done = recall(folder, config, target)
    else:
        done = forget_target(folder, config, target, now_ms=read_clock())
    say(tell_forgetting(done), quiet)

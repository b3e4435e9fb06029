"""The commands that look after a garden: `audit` says where a text stands, `doctor` what is wrong."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import click

from garden.clock import read_clock
from garden.commands.options import (
    environment_token,
    example,
    jobs_option,
    json_option,
    out_option,
    quiet_option,
    read_settings,
)
from garden.config import CONFIG_FILE, read_config
from garden.console import Reporter, print_json, say
from garden.errors import ConfigError


@click.command(epilog=example("garden audit 'blue heron'", "garden audit --names @ada:matrix.example"))
@click.argument("texts", metavar="TEXT_OR_USER...", nargs=-1, required=True)
@click.option("--names", is_flag=True, help="Look for the names that these users are known by, too.")
@out_option
@json_option
@click.pass_obj
def audit(folder: Path, texts: tuple[str, ...], names: bool, out: Path | None, as_json: bool) -> None:
    """Say where a text or a user stands in the garden's files.

    Looks through every file that garden has written, the database and the search index included, however a
    text is spelled there. Exits with 1 where something is found in them, with 0 where nothing is. Notes and
    settings are yours: what stands there is told and does not count.
    """
    from garden.care.audit import audit_garden
    from garden.care.words import audit_as_json, tell_audit

    with suppress(ConfigError):
        # Where settings cannot be read, files still can.
        read_config(folder / CONFIG_FILE)
    found = audit_garden(folder, out or folder / "public", texts, names=names)
    if as_json:
        print_json(audit_as_json(found))
    else:
        say(tell_audit(found), quiet=False)
    if not found.is_clean:
        sys.exit(1)


@click.command(epilog=example("garden doctor --offline", "garden doctor --repair && garden sync"))
@click.option("--offline", is_flag=True, help="Leave the homeserver out.")
@click.option("--thorough", is_flag=True, help="Compare every index and every byte of every file.")
@click.option("--repair", is_flag=True, help="Mend the archive, and build anew what is made from it.")
@out_option
@jobs_option
@json_option
@quiet_option
@click.pass_obj
def doctor(
    folder: Path,
    offline: bool,
    thorough: bool,
    repair: bool,
    out: Path | None,
    jobs: int,
    as_json: bool,
    quiet: bool,
) -> None:
    """Look whether everything is in order, and mend it.

    Exits with 1 where there is a problem. Nothing is changed, except with --repair: then a damaged archive is
    mended as far as it can be read, and the next garden sync reads every room again.
    """
    from garden.care.checkup import Depth, Level, examine_garden
    from garden.care.repair import repair_garden
    from garden.care.words import findings_as_json, repair_as_json, tell_findings, tell_repair

    place = out or folder / "public"
    repaired = None
    with Reporter(quiet=quiet or as_json) as reporter:
        if repair:
            repaired = repair_garden(
                folder, read_settings(folder), place, jobs=jobs, now_ms=read_clock(), report=reporter.show
            )
        findings = examine_garden(
            folder,
            place,
            read=lambda: read_settings(folder),
            token=environment_token(),
            now_ms=read_clock(),
            depth=Depth(offline=offline, thorough=thorough),
            report=reporter.show,
        )
    if as_json:
        print_json(
            {
                "repair": repair_as_json(repaired) if repaired is not None else None,
                "findings": findings_as_json(findings),
            }
        )
    else:
        say(tell_repair(repaired) if repaired is not None else (), quiet)
        say(tell_findings(findings), quiet)
    if any(finding.level is Level.PROBLEM for finding in findings):
        sys.exit(1)

"""The command line: a command reads its options, calls one function and says what it did.

Only this module prints results and exits.
"""

from __future__ import annotations

import io
import signal
import sys
import tempfile
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import click

from garden.archive.credentials import TOKEN_FILE
from garden.clock import read_clock
from garden.commands.care import audit, doctor
from garden.commands.consent import consent, forget
from garden.commands.notice import notice
from garden.commands.options import (
    TOKEN_VARIABLE,
    environment_token,
    example,
    jobs_option,
    json_option,
    open_option,
    out_option,
    port_option,
    quiet_option,
    read_settings,
    strict_option,
)
from garden.commands.tend import tend
from garden.commands.theme import theme
from garden.config import SiteConfig, check_base_url
from garden.console import Failure, FriendlyGroup, Reporter, print_json, print_table, say
from garden.errors import GardenError, OptionError


@click.group(
    cls=FriendlyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=example("garden init fen && cd fen", "garden sync && garden build"),
)
@click.version_option(metadata.version("matrix-garden"), prog_name="garden")
@click.option(
    "-C",
    "--garden",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Folder of the garden, where site.toml lies.  [default: this folder]",
)
@click.pass_context
def main(ctx: click.Context, folder: Path) -> None:
    """Rooms that the world may read become a digital garden: linked pages, feeds, search, webrings."""
    ctx.obj = folder
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # People write letters that not every terminal has; a sentence with \u2192 in it is still one.
            stream.reconfigure(errors="backslashreplace")


@main.command(
    epilog=example(
        "garden init fen --title Fen --base-url https://fen.example/ \\",
        "  --homeserver matrix.example --room '#general:matrix.example'",
    )
)
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.option("--title", help="Name of the garden.")
@click.option("--base-url", help="Where it will stand, such as https://fen.example/garden/.")
@click.option("--homeserver", help="Homeserver, such as https://matrix.example.")
@click.option(
    "--room", "rooms", multiple=True, help="Room to publish, by alias or id; give it again for more."
)
@click.option(
    "--space", "spaces", multiple=True, help="Space whose rooms to publish; give it again for more."
)
@quiet_option
@click.pass_obj
def init(
    folder: Path,
    directory: Path,
    title: str | None,
    base_url: str | None,
    homeserver: str | None,
    rooms: tuple[str, ...],
    spaces: tuple[str, ...],
    quiet: bool,
) -> None:
    """Make a new garden. Asks for what is missing where somebody can answer."""
    from garden.create import Answers, create_garden, need_new_place
    from garden.resources import read_example
    from garden.words import tell_creation

    place = folder / directory
    need_new_place(place)
    if sys.stdin.isatty() and None in {title, base_url, homeserver}:
        title = title or _ask("What is the garden called?", "title")
        base_url = base_url or _ask("Where will it stand?", "base_url", "https://example.org/")
        homeserver = homeserver or _ask(
            "Which homeserver are the rooms on?", "homeserver", "https://matrix.org"
        )
        if not rooms and not spaces:
            rooms = tuple(_ask("Which rooms? Aliases or ids, parted by spaces", "rooms", "").split())
    answers = Answers(
        title=title or "My garden",
        base_url=base_url or "https://example.org/",
        homeserver=homeserver or "https://matrix.org",
        rooms=rooms,
        spaces=spaces,
    )
    made = create_garden(place, answers, read_example())
    say(tell_creation(str(place), made, has_rooms=bool(rooms or spaces)), quiet)


@main.command(epilog=example("garden login --user @gardener:matrix.example"))
@click.option("--user", help="User id or name of the account.")
@click.option("--token", "use_token", is_flag=True, help="Give an access token instead of a password.")
@quiet_option
@click.pass_obj
def login(folder: Path, user: str | None, use_token: bool, quiet: bool) -> None:
    """Log in to the homeserver.

    The access token is kept in a file that only you can read. Rooms that the world may read need no account
    that has joined them; a new, empty account is best. In CI set GARDEN_ACCESS_TOKEN instead.
    """
    from garden.gather import log_in

    config = read_settings(folder)
    if environment_token() is not None:
        raise OptionError(
            f"{TOKEN_VARIABLE} is set, and it wins over a token on disk.",
            hint=f"Nothing has to be kept: run garden sync. Or unset {TOKEN_VARIABLE} and log in again.",
        )
    if use_token:
        found = log_in(folder, config, token=_ask_secret("Access token"))
    else:
        user = user or click.prompt("User")
        found = log_in(folder, config, user=user, password=_ask_secret("Password"))
    say([f"Logged in as {found}; the access token is in {folder / TOKEN_FILE}"], quiet)


@main.command(epilog=example("garden sync --strict"))
@click.option(
    "--full", is_flag=True, help="Compare whole histories, which finds deletions that left no trace."
)
@strict_option
@json_option
@quiet_option
@click.pass_obj
def sync(folder: Path, full: bool, strict: bool, as_json: bool, quiet: bool) -> None:
    """Bring the archive up to date from the homeserver."""
    from garden.gather import sync_garden
    from garden.words import sync_as_json, tell_sync

    config = read_settings(folder)
    with Reporter(quiet=quiet or as_json) as reporter:
        result = sync_garden(folder, config, environment_token(), full=full, report=reporter.show)
    if as_json:
        print_json(sync_as_json(result))
    else:
        say(tell_sync(result), quiet)
    skipped = [room for room in result.rooms if room.problem is not None]
    if strict and skipped:
        sys.exit(1)


@main.group(name="import", epilog=example("garden import matrix export.json"))
def import_() -> None:
    """Take events from files instead of a homeserver."""


@import_.command(
    name="matrix",
    epilog=example("garden import matrix export.json", "zcat events.jsonl.gz | garden import matrix -"),
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@strict_option
@quiet_option
@click.pass_obj
def import_matrix(folder: Path, files: tuple[Path, ...], strict: bool, quiet: bool) -> None:
    """Read what Element exports as JSON, or JSON lines of raw events.

    The file - is standard input. An export does not say who may read the room: vouch for it in site.toml,
    under [matrix] vouched_rooms.
    """
    from garden.gather import import_files
    from garden.words import tell_import

    config = read_settings(folder)
    with Reporter(quiet=quiet) as reporter:
        results = import_files(folder, config, files, sys.stdin.buffer, report=reporter.show)
    say(tell_import(results), quiet)
    if strict and any(result.malformed for result in results):
        sys.exit(1)


@main.command(epilog=example("garden build --out public --strict"))
@out_option
@click.option("--base-url", help="Where the site will stand, instead of site.toml's.")
@jobs_option
@strict_option
@json_option
@quiet_option
@click.pass_obj
def build(
    folder: Path, out: Path | None, base_url: str | None, jobs: int, strict: bool, as_json: bool, quiet: bool
) -> None:
    """Make the site from archive, notes and theme. What did not change is not written."""
    from garden.pipeline import build_garden
    from garden.words import build_as_json, tell_build

    config = _with_base_url(read_settings(folder), base_url)
    place = out or folder / "public"
    with Reporter(quiet=quiet or as_json) as reporter:
        result = build_garden(folder, config, place, now_ms=read_clock(), jobs=jobs, report=reporter.show)
    if as_json:
        print_json(build_as_json(result))
    else:
        say(tell_build(result, str(place)), quiet)
    if strict and (result.problems or any(room.judgement.room for room in result.rooms)):
        sys.exit(1)


@main.command(epilog=example("garden serve --port 8080 --open"))
@out_option
@port_option
@open_option
@jobs_option
@quiet_option
@click.pass_obj
def serve(folder: Path, out: Path | None, port: int, open_browser: bool, jobs: int, quiet: bool) -> None:
    """Build, serve on this machine, and build again on every change."""
    place = out or folder / "public"
    _serve(folder, place, port, open_browser=open_browser, jobs=jobs, quiet=quiet)


@main.command(epilog=example("garden search 'bean seed' --author Ada"))
@click.argument("query")
@click.option("--room", help="Only pages of the room with this name.")
@click.option("--author", help="Only pages on which this person speaks.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Hits at most.")
@json_option
@click.pass_obj
def search(folder: Path, query: str, room: str | None, author: str | None, limit: int, as_json: bool) -> None:
    """Search the garden; a table on a terminal, JSON elsewhere."""
    from garden.archive.store import CACHE_FOLDER
    from garden.site.search import search_index
    from garden.words import hit_rows, hits_as_json

    config = read_settings(folder)
    hits = search_index(folder / CACHE_FOLDER / "search", query, room=room, author=author, limit=limit)
    if as_json or not sys.stdout.isatty():
        print_json(hits_as_json(hits, config.site.base_url))
    elif hits:
        print_table(("Page", "Room", "Tended", "Words"), hit_rows(hits))
    else:
        click.echo("Nothing found.")


@main.command(epilog=example("garden status --json"))
@strict_option
@json_option
@click.pass_obj
def status(folder: Path, strict: bool, as_json: bool) -> None:
    """Say what the garden holds and what the next build would do.

    That is what it would publish, what it would refuse, and why.
    """
    from garden.status import describe_garden
    from garden.words import status_as_json, tell_status

    found = describe_garden(folder, read_settings(folder), now_ms=read_clock())
    if as_json:
        print_json(status_as_json(found))
    else:
        say(tell_status(found), quiet=False)
    if strict and found.refuses_something():
        sys.exit(1)


@main.command(epilog=example("garden demo", "garden demo fen --no-serve"))
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--no-serve", is_flag=True, help="Build only; needs a directory.")
@port_option
@open_option
@jobs_option
@quiet_option
def demo(
    directory: Path | None, no_serve: bool, port: int, open_browser: bool, jobs: int, quiet: bool
) -> None:
    """Plant a complete garden offline, build it and serve it. In DIRECTORY it stays."""
    from garden.create import need_place_for_demo
    from garden.demo.plant import plant_demo
    from garden.resources import demo_folder

    if no_serve and directory is None:
        raise click.UsageError("--no-serve needs a DIRECTORY in which the demo stays.")
    with tempfile.TemporaryDirectory(prefix="garden-demo-") as passing:
        place = directory or Path(passing) / "fen"
        need_place_for_demo(place, demo_folder())
        plant_demo(demo_folder(), place)
        if no_serve:
            from garden.pipeline import build_garden
            from garden.words import tell_build

            with Reporter(quiet=quiet) as reporter:
                result = build_garden(
                    place,
                    read_settings(place),
                    place / "public",
                    now_ms=read_clock(),
                    jobs=jobs,
                    report=reporter.show,
                )
            say(tell_build(result, str(place / "public")), quiet)
        else:
            _serve(place, place / "public", port, open_browser=open_browser, jobs=jobs, quiet=quiet)


def _serve(folder: Path, out: Path, port: int, *, open_browser: bool, jobs: int, quiet: bool) -> None:
    from garden.live import serve_garden

    # CI and process managers end a server with SIGTERM: it ends as cleanly as with Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)

    def opened(url: str) -> None:
        say([f"Serving {url} (Ctrl-C ends it)"], quiet=False)
        if open_browser:
            click.launch(url)

    def failed(error: GardenError) -> None:
        Failure(error).show()

    try:
        with Reporter(quiet=quiet) as reporter:
            serve_garden(
                folder,
                out,
                port,
                read=lambda: read_settings(folder),
                jobs=jobs,
                report=reporter.show,
                opened=opened,
                failed=failed,
            )
    except KeyboardInterrupt:
        click.echo("", err=True)


def _ask(question: str, key: str, default: str | None = None) -> str:
    """Ask for a key of site.toml until the answer can stand there."""
    from garden.create import check_answer
    from garden.resources import read_example

    def check(answer: str) -> str:
        try:
            check_answer(key, answer, read_example())
        except OptionError as error:
            raise click.UsageError(str(error)) from error
        return answer

    return str(click.prompt(question, default=default, show_default=bool(default), value_proc=check))


def _ask_secret(question: str) -> str:
    """Ask without showing the answer on a terminal; a script writes it to standard input."""
    return str(click.prompt(question, hide_input=sys.stdin.isatty(), err=True))


def _with_base_url(config: SiteConfig, base_url: str | None) -> SiteConfig:
    if base_url is None:
        return config
    return replace(config, site=replace(config.site, base_url=check_base_url(base_url)))


for _command in (theme, consent, notice, forget, audit, doctor, tend):
    main.add_command(_command)

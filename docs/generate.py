"""Write the pages of `docs/` that follow from code and tests: commands, settings, events, views and so on.

The code goes in, Markdown comes out: `python docs/generate.py` writes every page anew, and
`tests/test_docs.py` fails where that would change one. No clock and no machine name gets into a page.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import click

from docs.errors_page import write_errors
from docs.events_page import write_events
from docs.life import tell_life
from docs.markdown import first_line, write_table
from docs.modules_page import write_modules
from docs.views_page import write_views
from garden.cli import main as command_line
from garden.config_keys import SECTIONS, Key, Section
from garden.resources import read_example

ROOT: Final = Path(__file__).parent.parent
DOCS: Final = ROOT / "docs"
CODE: Final = ROOT / "garden"

_GENERATED: Final = "<!-- Written by `make docs` from {source}; do not edit by hand. -->\n\n"
_LIFE: Final = re.compile(r"(<!-- form: ([a-z-]+) -->\n```[a-z]*\n).*?(^```$)", re.DOTALL | re.MULTILINE)


def generate_pages() -> dict[Path, str]:
    """Return every generated page with its text."""
    writers: dict[str, Callable[[], str]] = {
        "cli.md": write_cli,
        "configuration.md": write_configuration,
        "events.md": lambda: (
            _GENERATED.format(source="tests/stories and docs/spec_events.py") + write_events(ROOT)
        ),
        "views.md": lambda: _GENERATED.format(source="the views of garden/site/") + write_views(ROOT),
        "errors.md": lambda: _GENERATED.format(source="garden/errors.py") + write_errors(CODE),
        "modules.md": lambda: _GENERATED.format(source="the modules of garden/") + write_modules(ROOT),
    }
    pages = {DOCS / "reference" / name: write() for name, write in writers.items()}
    life = DOCS / "explanation" / "life-of-a-message.md"
    with tempfile.TemporaryDirectory() as folder:
        pages[life] = fill_forms(life.read_text(encoding="utf-8"), tell_life(Path(folder)))
    return pages


def fill_forms(text: str, forms: Mapping[str, str]) -> str:
    """Put each form into the fenced block below its `<!-- form: NAME -->`."""
    return _LIFE.sub(lambda found: f"{found[1]}{forms[found[2]]}\n{found[3]}", text)


# The command line


def write_cli() -> str:
    """Return the reference of the command line, from click."""
    head = (
        _GENERATED.format(source="garden/cli.py")
        + "# Command line\n\n"
        + "`garden` reads `site.toml` in the current folder; `-C DIR` names another one. Every command\n"
        + "explains itself with `--help`.\n\n"
    )
    sections = [_describe_command(command, path) for command, path in list_commands(command_line, "garden")]
    return head + "\n".join(sections) + _CLI_END


_CLI_END: Final = """
## Exit codes

| Code | Meaning |
| --- | --- |
| 0 | It worked. Rooms that may not be published, or could not be read, were reported and left out. |
| 1 | It failed, or it was stopped with Ctrl-C; with `--strict`, also where something had to be left out. |
| 2 | The command line, `site.toml` or a theme's `theme.toml` cannot be used as it stands. Nothing was done. |

What went wrong stands on standard error: what happened, where, and after `→` what to do. All of it is listed
in [errors](errors.md).

## Environment

`GARDEN_ACCESS_TOKEN` holds the access token for the homeserver, for machines where nobody logs in. It wins
over the one that `garden login` has kept.

## Output

Results go to standard output; progress and errors go to standard error. Progress is a bar on a terminal and
one plain line per step elsewhere. `--quiet` leaves only errors; `--json`, where a command has it, prints one
JSON value and nothing else.
"""


def list_commands(command: click.Command, path: str) -> Iterator[tuple[click.Command, str]]:
    """Yield a command and all below it, each with the words that call it."""
    yield command, path
    if isinstance(command, click.Group):
        for name in command.commands:
            yield from list_commands(command.commands[name], f"{path} {name}")


def _describe_command(command: click.Command, path: str) -> str:
    context = click.Context(command, info_name=path, help_option_names=["-h", "--help"])
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    rows = [_describe_option(option, context) for option in command.get_params(context)]
    options = [row for row in rows if row is not None]
    parts = [f"## `{path}`", _unwrap(command.help or ""), f"```text\n{usage}\n```"]
    if options:
        parts.append(write_table(("Option", "Meaning"), options))
    if isinstance(command, click.Group):
        below = [(f"`{path} {name}`", first_line(each.help)) for name, each in command.commands.items()]
        parts.append(write_table(("Command", "Does"), below))
    if command.epilog:
        example = command.epilog.partition("Example:\n")[2]
        parts.append("```sh\n" + "\n".join(line.removeprefix("  ") for line in example.split("\n")) + "\n```")
    return "\n\n".join(parts) + "\n"


def _describe_option(option: click.Parameter, context: click.Context) -> tuple[str, str] | None:
    """The default of --jobs is the machine's, so no default that is computed gets into the page."""
    if not isinstance(option, click.Option):
        return None
    shown = "N" if isinstance(option.type, click.IntRange) else option.make_metavar(context)
    metavar = "" if option.is_flag else f" {shown}"
    words = option.help or ""
    if option.show_default and not callable(option.default):
        words += f" [default: {option.default}]"
    return ", ".join(f"`{name}{metavar}`" for name in option.opts), " ".join(words.split())


# The configuration


def write_configuration() -> str:
    """Return the reference of site.toml, from the table that the parser reads."""
    head = (
        _GENERATED.format(source="garden/config_keys.py")
        + "# Configuration: `site.toml`\n\n"
        + "A garden has one file of settings. Unknown keys are errors; every mistake is reported with its\n"
        + "line, all of them at once. Tokens and passwords are refused anywhere in the file: `garden login`\n"
        + "keeps them.\n\n"
    )
    sections = "\n".join(_describe_section(section) for section in SECTIONS)
    example = f"## The example\n\n`garden init` writes this file.\n\n```toml\n{read_example()}```\n"
    return f"{head}{sections}\n{example}"


def _describe_section(section: Section) -> str:
    title = f"[[{section.name}]]" if section.repeated else f"[{section.name}]"
    rows = [row for key in section.keys for row in _describe_key(key)]
    often = " May be there several times." if section.repeated else ""
    table = write_table(("Key", "Accepts", "Default", "Meaning"), rows)
    return f"## `{title}`\n\n{section.sentence}{often}\n\n{table}\n"


def _describe_key(key: Key, prefix: str = "") -> Iterator[tuple[str, str, str, str]]:
    default = "required" if key.required else f"`{json.dumps(key.default)}`"
    yield f"`{prefix}{key.name}`", key.check.words, default, key.sentence
    for inner in key.check.item.keys if key.check.item is not None else ():
        yield from _describe_key(inner, f"{prefix}{key.name}[].")


def _unwrap(text: str) -> str:
    """Join the lines of each paragraph, as click does when it shows them."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def write_pages() -> None:
    """Write every page that differs from its file, and say which."""
    for path, text in generate_pages().items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    write_pages()

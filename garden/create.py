"""A new garden: `site.toml` from the example, folders for cache and notes, and what git should not keep."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Final

from garden.archive.store import CACHE_FOLDER
from garden.config import CONFIG_FILE, parse_config
from garden.errors import ConfigError, OptionError, OutputError

IGNORE_FILE: Final = ".gitignore"

GITIGNORE: Final = """\
# Made anew by `garden sync` and `garden build`.
/content_cache/
/public/
/.public.next/
# The homeserver's access token, written by `garden login`.
/.garden-token
"""

_FIRST_NOTE: Final = """\
---
title: About this garden
---

This is a note: a page written by hand. It lies in `notes/` and can link to any other page by its title, in
double square brackets.
"""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a new garden is asked for."""

    title: str
    base_url: str
    homeserver: str
    rooms: tuple[str, ...]
    spaces: tuple[str, ...]


def create_garden(folder: Path, answers: Answers, example: str) -> list[str]:
    """Write a new garden and return the names of the files made; what is there already stays as it is.

    Raises `OutputError` where the folder has a `site.toml` or cannot be written, `OptionError` where an
    answer is no value for its key; then nothing is made.
    """
    need_new_place(folder)
    settings = fill_example(example, answers)
    _check_settings(settings)
    files = {
        CONFIG_FILE: settings,
        IGNORE_FILE: GITIGNORE,
        f"{CACHE_FOLDER}/.gitignore": "*\n",
        "notes/about.md": _FIRST_NOTE,
    }
    made = []
    try:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                path.write_text(text, encoding="utf-8")
                made.append(name)
    except OSError as error:
        raise OutputError(
            f"{error.filename or folder} cannot be written: {error.strerror}.",
            hint="Check the folder's permissions, or name another: garden init DIR.",
        ) from error
    return made


def need_new_place(folder: Path) -> None:
    """Raise `OutputError` where the folder is a garden already."""
    if (folder / CONFIG_FILE).exists():
        raise OutputError(
            f"{folder / CONFIG_FILE} exists; a garden is never overwritten.",
            hint="Change the file by hand, or name another folder: garden init DIR.",
        )


def need_place_for_demo(folder: Path, demo: Path) -> None:
    """Raise `OutputError` where the folder holds anything but the demo that an earlier run planted.

    `demo` is the folder that the demo comes from.
    """
    settings = folder / CONFIG_FILE
    is_demo = settings.is_file() and settings.read_bytes() == (demo / CONFIG_FILE).read_bytes()
    if not is_demo and folder.is_dir() and any(folder.iterdir()):
        raise OutputError(
            f"{folder} is not empty, and the demo would write over what is in it.",
            hint="Name a new folder: garden demo DIR.",
        )


def check_answer(key: str, answer: str, example: str) -> None:
    """Raise `OptionError` where an answer is no value for its key; several rooms are parted by spaces."""
    _check_settings(_fill(example, {key: answer.split() if key == "rooms" else answer}))


def fill_example(example: str, answers: Answers) -> str:
    """Put answers into the example's lines; comments and all other keys stay."""
    return _fill(example, asdict(answers))


def _fill(example: str, values: Mapping[str, object]) -> str:
    head, ring, tail = example.partition("\n[[webring]]")
    for key, value in values.items():
        line = f"{key} = {json.dumps(value, ensure_ascii=False)}"
        head = re.sub(rf"(?m)^#? ?{key} = .*$", partial(_replace_by, line), head, count=1)
    return head + _comment_out(ring + tail)


def _check_settings(settings: str) -> None:
    try:
        parse_config(settings, CONFIG_FILE)
    except ConfigError as error:
        # The file is not there yet, so its lines say nothing to anybody.
        mistakes = [f"{problem.message} ({problem.hint})" for problem in error.problems]
        raise OptionError("; ".join(mistakes), hint="Nothing was made; try again with another.") from error


def _replace_by(line: str, _found: re.Match[str]) -> str:
    return line


def _comment_out(text: str) -> str:
    """A new garden has no neighbours and no tags yet: those of the example stay as a comment."""
    return "\n".join(line if not line or line.startswith("#") else f"# {line}" for line in text.split("\n"))

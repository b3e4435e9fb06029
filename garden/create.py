"""A new garden: `site.toml` from the example, folders for cache and notes, and what git should not keep."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from garden.archive.store import CACHE_FOLDER
from garden.config import CONFIG_FILE, parse_config
from garden.errors import OutputError

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

    Raises `OutputError` where the folder has a `site.toml` or cannot be written, `ConfigError` where an
    answer is no value for its key.
    """
    if (folder / CONFIG_FILE).exists():
        raise OutputError(
            f"{folder / CONFIG_FILE} exists; a garden is never overwritten.",
            hint="Change the file by hand, or name another folder: garden init DIR.",
        )
    settings = fill_example(example, answers)
    parse_config(settings, str(folder / CONFIG_FILE))
    files = {
        CONFIG_FILE: settings,
        ".gitignore": GITIGNORE,
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


def fill_example(example: str, answers: Answers) -> str:
    """Put answers into the example's lines; comments and all other keys stay."""
    values = {
        "title": json.dumps(answers.title, ensure_ascii=False),
        "base_url": json.dumps(answers.base_url),
        "homeserver": json.dumps(answers.homeserver),
        "rooms": json.dumps(list(answers.rooms), ensure_ascii=False),
        "spaces": json.dumps(list(answers.spaces), ensure_ascii=False),
    }
    head, ring, tail = example.partition("\n[[webring]]")
    for key, value in values.items():
        head = re.sub(rf"(?m)^#? ?{key} = .*$", partial(_replace_by, f"{key} = {value}"), head, count=1)
    return head + _comment_out(ring + tail)


def _replace_by(line: str, _found: re.Match[str]) -> str:
    return line


def _comment_out(text: str) -> str:
    """A new garden has no neighbours yet: the example's ring stays as a comment."""
    return "\n".join(line if not line or line.startswith("#") else f"# {line}" for line in text.split("\n"))

"""Read hand-written notes: Markdown files with optional front matter become `Note`s."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final

from garden.archive.event import clean_text
from garden.pages.address import note_address
from garden.pages.dialect import DialectError, split_front_matter
from garden.pages.front_matter import FrontMatter
from garden.pages.page import Note

_HEADING: Final = re.compile(r"\A\s*#\s+(.+?)\s*#*\s*(?:\n|\Z)")


def read_note(text: str, path: str) -> Note:
    """Read a note; `path` is its file below `notes/`.

    The title is the front matter's, else the first heading, else the file's name. Raises `DialectError`,
    which names the file and every key of the front matter that cannot be read.
    """
    try:
        front, body = split_front_matter(clean_text(text).removeprefix("\ufeff") + "\n")
    except DialectError as error:
        raise DialectError(f"{path}: {error}") from error
    keys = FrontMatter(front)
    stem = PurePosixPath(path).with_suffix("")
    heading = _HEADING.match(body)
    given = keys.text("title")
    title = given or (heading[1] if heading else stem.name.replace("-", " "))
    planted = keys.moment("date")
    note = Note(
        address=note_address(str(stem)),
        path=path,
        title=" ".join(title.split()),
        planted=planted,
        tended=keys.moment("updated") or planted,
        tags=keys.tags("tags"),
        # The page's own title takes the heading's place.
        text=(body[heading.end() :] if heading and not given else body).strip("\n"),
        summary=keys.text("summary"),
        stage=keys.stage("growth"),
        featured=keys.flag("featured"),
        grew_from=keys.links("grew_from"),
        aliases=keys.names("aliases"),
        is_draft=keys.flag("draft"),
        conversations=keys.mappings("conversations"),
    )
    keys.check(path)
    return note

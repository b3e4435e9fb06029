"""Read hand-written notes: Markdown files with optional front matter become `Note`s."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import PurePosixPath

from garden.archive.event import clean_text
from garden.pages.address import name_tag, note_address
from garden.pages.dialect import DialectError, split_front_matter
from garden.pages.moment import parse_time
from garden.pages.page import Note

_HEADING = re.compile(r"\A\s*#\s+(.+?)\s*#*\s*(?:\n|\Z)")


def read_note(text: str, path: str) -> Note:
    """Read a note; `path` is its file below `notes/`.

    The title is the front matter's, else the first heading, else the file's name. Raises `DialectError`.
    """
    try:
        front, body = split_front_matter(clean_text(text).removeprefix("\ufeff"))
    except DialectError as error:
        raise DialectError(f"{path}: {error}") from error
    stem = PurePosixPath(path).with_suffix("")
    heading = _HEADING.match(body)
    given = front.get("title")
    title = str(given) if given else heading[1] if heading else stem.name.replace("-", " ")
    planted = _read_date(front.get("date"), path)
    return Note(
        address=note_address(str(stem)),
        path=path,
        title=" ".join(title.split()),
        planted=planted,
        tended=_read_date(front.get("updated"), path) or planted,
        tags=_read_tags(front.get("tags"), path),
        # The page's own title takes the heading's place.
        conversations=_read_conversations(front.get("conversations"), path),
        text=(body[heading.end() :] if heading and not given else body).strip("\n"),
    )


def _read_conversations(value: object, path: str) -> tuple[Mapping[str, object], ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise DialectError(f"{path}: conversations are a list of mappings such as - of: $event")
    return tuple({str(key): said for key, said in each.items()} for each in value)


def _read_date(value: object, path: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return parse_time(value.isoformat())
    if isinstance(value, date):
        return parse_time(datetime.combine(value, time(), UTC).isoformat())
    try:
        return parse_time(str(value))
    except ValueError as error:
        raise DialectError(f"{path}: {value!r} is no date such as 2026-03-01") from error


def _read_tags(value: object, path: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise DialectError(f"{path}: tags are a list such as [beans, storage]")
    return tuple(sorted({name for tag in value if (name := name_tag(str(tag)))}))

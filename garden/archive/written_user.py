"""Identifiers of users in a text: it comes in as a client wrote it, where it may mean somebody goes out.

They stand as they are, in links and `matrix:` URIs, percent-encoded once or twice, escaped as HTML, or with
tags between their letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from garden.archive.event import MAX_IDENTIFIER_BYTES, UserId
from garden.archive.written_text import Letters, Tag, as_written, unescaped, unquoted, without_tags

_HOST: Final = r"(?:[A-Za-z0-9.-]{1,230}|\[[0-9A-Fa-f:.]{2,45}\])"
_USER: Final = re.compile(
    rf"(?:(?P<uri>matrix:u(?:ser)?/)@?|@)(?P<local>[^\s@:]{{0,254}}+):(?P<host>{_HOST})(?::\d{{2,5}})?",
    re.IGNORECASE,
)
"""Historical localparts hold any letter but `:` (appendices, "User Identifiers"); blanks no server allows."""
_WHOLE: Final = re.compile(rf"@[^\s:]{{0,254}}:{_HOST}(?::\d{{1,5}})?")
_LIKELY: Final = re.compile(r"@|%|&|matrix:u", re.IGNORECASE)
_BREAK: Final = re.compile(r"[\s:]")
_MOST_SIGILS: Final = 3
"""Signs `@` inside one localpart at which it may begin instead."""
_MOST_LABELS: Final = 4
"""Words behind a server's name that may be none of its own: `@ada:fen.example.Thanks`."""


@dataclass(frozen=True, slots=True)
class WrittenUser:
    """A place in a text that may mean somebody."""

    start: int
    """In the text as it was written."""
    end: int
    user: UserId
    in_link: bool
    """Whether it is part of an address, where only an identifier may stand."""
    has_sigil: bool
    """Whether the `@` is part of the place; in a `matrix:` URI it is left out."""
    is_certain: bool
    """Whether anybody would read this as an identifier, also who has never heard of that person."""


def is_user_id(text: str) -> bool:
    """Whether a text as a whole is the identifier of a user (appendices, "User Identifiers")."""
    return text.startswith("@") and len(text) <= MAX_IDENTIFIER_BYTES and _WHOLE.fullmatch(text) is not None


def may_name_user(text: str) -> bool:
    """Whether it is worth while to look for identifiers in a text."""
    return _LIKELY.search(text) is not None


def read_written_users(text: str, tags: list[Tag]) -> Iterator[list[WrittenUser]]:
    """Yield, for each place in a text that looks like an identifier, whom it may mean, the likeliest first.

    `tags` are those of HTML; plain text has none.
    """
    for letters in _readings(text, tags):
        for found in _USER.finditer(letters.text):
            yield list(_candidates(letters, found))


def _readings(text: str, tags: list[Tag]) -> Iterator[Letters]:
    """Yield a text as it may be read: as it is, without tags, decoded step by step."""
    plain = as_written(text)
    for letters in (plain, without_tags(plain, tags)) if tags else (plain,):
        yield letters
        before = letters
        for decode in (unescaped, unquoted, unquoted):
            after = decode(before)
            if after is not before:
                yield after
            before = after


def _candidates(letters: Letters, found: re.Match[str]) -> Iterator[WrittenUser]:
    text = letters.text
    in_link = found["uri"] is not None or text[max(0, found.start() - 1) : found.start()] in {"/", "="}
    ends = list(_ends(found))
    for start in _starts(text, found):
        for end in ends:
            name = text[start:end]
            has_sigil = name.startswith("@")
            user = UserId(name if has_sigil else f"@{name}")
            is_whole = start >= found.start() and end == ends[0]
            yield WrittenUser(
                *letters.place(start, end),
                user,
                in_link,
                has_sigil,
                is_certain=is_whole and _is_certain(text, found),
            )


def _starts(text: str, found: re.Match[str]) -> list[int]:
    """Return where an identifier may begin, the first place first: old localparts may hold an `@`."""
    if found["uri"] is not None:
        return [found.start("local")]
    starts = [found.start()]
    for _ in range(_MOST_SIGILS):
        at = text.rfind("@", max(0, starts[0] - MAX_IDENTIFIER_BYTES), starts[0])
        if at < 0 or _BREAK.search(text, at, starts[0]):
            break
        starts.insert(0, at)
    return starts


def _ends(found: re.Match[str]) -> Iterator[int]:
    """Yield where an identifier may end, the last place first."""
    if found.end() != found.end("host"):
        yield found.end()
    # No server's name ends with a dot or a hyphen: they belong to the sentence.
    whole = found.start("host") + len(found["host"].rstrip(".-") or found["host"])
    yield whole
    for _ in range(_MOST_LABELS):
        label = found.string.rfind(".", found.start("host") + 1, whole)
        if label < 0:
            return
        whole = label
        yield label


def _is_certain(text: str, found: re.Match[str]) -> bool:
    """A localpart behind a letter is a mail address, a server without a dot is hardly one."""
    before = text[max(0, found.start() - 1) : found.start()]
    host = found["host"].rstrip(".-")
    return not (before.isalnum() or before in {"@", "_"}) and ("." in host or host.startswith("["))

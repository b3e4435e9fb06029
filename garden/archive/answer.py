"""What a server answered: bytes come in, JSON comes out, however one bad event among a thousand is spelled.

Pure. JSON that Python cannot read because of a single value (nested too deep, a number of ten thousand
digits) is read again with that value blunted: the event that holds it is still no event, the others live.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from garden.archive.event import MAX_DEPTH, JsonObject, get_text
from garden.errors import UnreachableError

_DEPTH_LEFT: Final = MAX_DEPTH + 16
"""Deep enough that an event which was cut here is still nested too deep to be one."""

_NOT_IN_ERRCODE: Final = re.compile(r"[^A-Za-z0-9_.-]")
_LONGEST_ERRCODE: Final = 100

_CONTENT_TYPE: Final = re.compile(r"[A-Za-z0-9!#$&^_.+/-]{1,100}")
"""What may stand in a message to a person (RFC 9110, 8.3.1); a server could write anything there."""

_TOKENS: Final = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer, read to its end."""

    asked: str
    """Method and address, without anything secret, for messages to people."""
    status: int
    headers: Mapping[str, str]
    """Their names are spelled `Retry-After`, however the server spells them."""
    body: bytes
    limit: int | None = None
    """Where it was longer than wanted, how many bytes were wanted; then the body is empty."""

    @property
    def is_ok(self) -> bool:
        """Whether the server did what it was asked."""
        return self.status == 200  # noqa: PLR2004 - the one status of success in the client-server API

    @property
    def errcode(self) -> str | None:
        """The Matrix error code, where there is one (client-server API, "Standard error response")."""
        try:
            code = get_text(parse_json(self.body), "errcode")
        except ValueError:
            return None
        return _NOT_IN_ERRCODE.sub("", code)[:_LONGEST_ERRCODE] if code is not None else None

    def read_object(self) -> JsonObject:
        """Return the answer's JSON object; raises `UnreachableError` where it is none."""
        try:
            value = parse_json(self.body)
        except ValueError:
            value = None
        if not isinstance(value, Mapping):
            raise self.complain("with something that is not Matrix JSON")
        return value

    def read_list(self, *path: str) -> list[JsonObject]:
        """Return the list at a path of keys, items unchecked; raises `UnreachableError` where it is none."""
        try:
            value = parse_json(self.body)
        except ValueError:
            value = None
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        if not isinstance(value, list):
            raise self.complain(f"without a list{f' called {path[-1]}' if path else ''}")
        return value

    def complain(self, what: str) -> UnreachableError:
        """Make the error that says what is wrong with this answer."""
        kind = self.headers.get("Content-Type", "").split(";")[0].strip()
        if not _CONTENT_TYPE.fullmatch(kind):
            kind = "no content type"
        size = f"{len(self.body)} bytes" if self.limit is None else f"more than {self.limit} bytes"
        return UnreachableError(
            f"{self.asked} was answered {what} (status {self.status}, {kind}, {size})",
            hint="Check [matrix] homeserver in site.toml; a proxy in front of it may be down. Then run the"
            " command again.",
        )


def parse_json(data: bytes) -> object:
    """Parse JSON that a stranger wrote; raises `ValueError` where it is none.

    `NaN` and numbers of absurd length become floats that no event may hold, lone surrogates stay.
    """
    text = data.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except RecursionError:
        return json.loads(_cut_depth(text))
    except ValueError as error:
        if isinstance(error, json.JSONDecodeError):
            raise
        return json.loads(text, parse_int=_read_int)


def _read_int(digits: str) -> int | float:
    return int(digits) if len(digits) < 400 else float("nan")  # noqa: PLR2004 - far beyond any real number


def _cut_depth(text: str) -> str:
    """Replace by null what is nested too deep, without recursion."""
    pieces: list[str] = []
    depth, kept_until = 0, 0
    for token in _TOKENS.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth == _DEPTH_LEFT:
                pieces += [text[kept_until : token.start()], "null"]
        elif token[0] in "]}":
            if depth == _DEPTH_LEFT:
                kept_until = token.end()
            depth -= 1
    return "".join([*pieces, text[kept_until:]]) if depth == 0 else text[:0]

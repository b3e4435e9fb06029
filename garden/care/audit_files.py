"""Files are read piece by piece, and what is looked for comes out with the place where it stands.

Text has lines, a built page or a Markdown page has messages, a database has pages, and what is packed (gzip,
zip, the search index) is unpacked on the way. Nothing is held in memory but one piece.
"""

from __future__ import annotations

import gzip
import pickletools
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, cast

from garden.archive.event import clean_text
from garden.archive.inspection import PAGE_SIZE
from garden.care.audit_spelling import Wanted, widest

SPOTS: Final = 20
"""Places of one kind in one file that are told one by one; more are counted only."""

_PIECE: Final = 4 * 1024 * 1024
_UNPACKED: Final = 64 * 1024 * 1024
"""Bytes of one packed part that are looked through at most."""

_FIELDS: Final = ("address", "title", "room", "kind", "text")
"""What the search index stores of a page, in its order."""

_ZLIB_STARTS: Final = re.compile(rb"x[\x01\x5e\x9c\xda]")
_MESSAGE: Final = re.compile(rb'event="([^"]{1,300})"|id="(m-[a-z0-9]{10})"')
_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = b"PK\x03\x04"
_DATABASE: Final = b"SQLite format 3\0"

Describe = Callable[[bytes, int, int, int], str]
"""Says where something stands: a piece, the place in it, the place in the file, the line."""


@dataclass(slots=True)
class Found:
    """Places of one kind in one file at which one thing stands."""

    count: int = 0
    spots: list[str] = field(default_factory=list)
    """The first of them, in words."""

    def add(self, spot: str) -> None:
        """Count one more place."""
        self.count += 1
        if len(self.spots) < SPOTS and spot not in self.spots:
            self.spots.append(spot)


def search_file(path: Path, wanted: Sequence[Wanted], *, is_index: bool = False) -> list[Found]:
    """Look for each thing in one file; `is_index` unpacks what the search index has packed.

    Raises `OSError` where it cannot be read.
    """
    found = [Found() for _ in wanted]
    with path.open("rb") as file:
        start = file.read(8192)
        file.seek(0)
        _scan(file, wanted, found, _choose_words(path, start))
        if is_index:
            _search_packed(path, wanted, found)
        elif start.startswith(_GZIP):
            file.seek(0)
            _search_gzip(file, wanted, found)
        elif start.startswith(_ZIP):
            _search_zip(file, wanted, found)
    return found


def search_text(text: str, wanted: Sequence[Wanted], found: Sequence[Found], spot: str) -> None:
    """Look for each thing in a short text, such as the name of a file."""
    data = text.encode("utf-8", "surrogateescape").lower()
    for each, noted in zip(wanted, found, strict=True):
        if each.is_in(data):
            noted.add(spot)


def _choose_words(path: Path, start: bytes) -> Describe:
    """Say lines of texts, with the message where there are messages, pages of databases, and bytes else."""
    if start.startswith(_DATABASE) or path.name.endswith(".sqlite3"):
        return lambda _piece, _at, offset, _line: f"bytes of page {offset // PAGE_SIZE + 1:,}"
    if b"\0" in start:
        return lambda _piece, _at, offset, _line: f"byte {offset:,}"
    if path.suffix in {".md", ".html"}:
        return _describe_line
    return lambda _piece, _at, _offset, line: f"line {line:,}"


def _describe_line(piece: bytes, at: int, _offset: int, line: int) -> str:
    before = [*_MESSAGE.finditer(piece, max(0, at - 100_000), at)]
    if not before:
        return f"line {line:,}"
    message = clean_text((before[-1][1] or before[-1][2]).decode("utf-8", "replace"))
    return f"line {line:,}, message {message}"


def _scan(file: IO[bytes], wanted: Sequence[Wanted], found: Sequence[Found], words: Describe) -> None:
    """Read a file in pieces that overlap by the widest match, and count each match once."""
    overlap = widest(wanted)
    base, line, rest = 0, 1, b""
    free = [0] * len(wanted)
    is_last = False
    while not is_last:
        new = file.read(max(_PIECE, 4 * overlap))
        is_last = not new
        piece = rest + new
        low = piece.lower()
        cut = len(piece) if is_last else max(0, len(piece) - overlap)
        for number, each in enumerate(wanted):
            for start, end in each.find(low, max(0, free[number] - base)):
                if start >= cut:
                    break
                noted = found[number]
                told = noted.count < SPOTS
                lines = line + piece.count(b"\n", 0, start) if told else 0
                noted.add(words(piece, start, base + start, lines) if told else noted.spots[-1])
                free[number] = base + end
        line += piece.count(b"\n", 0, cut)
        base, rest = base + cut, piece[cut:]


def _search_gzip(file: IO[bytes], wanted: Sequence[Wanted], found: Sequence[Found]) -> None:
    try:
        with gzip.open(file) as unpacked:
            _scan(
                cast("IO[bytes]", unpacked),
                wanted,
                found,
                lambda _p, _a, _o, line: f"unpacked, line {line:,}",
            )
    except (OSError, EOFError, zlib.error):
        return


def _search_zip(file: IO[bytes], wanted: Sequence[Wanted], found: Sequence[Found]) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                name = clean_text(member.filename)
                search_text(member.filename, wanted, found, f"name of {name} in it")
                if member.flag_bits & 1 or member.file_size > _UNPACKED * 16:
                    continue
                with archive.open(member) as unpacked:
                    _scan(unpacked, wanted, found, lambda _p, _a, _o, line: f"{name} in it, line {line:,}")  # noqa: B023 - called at once
    except (OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zlib.error, zipfile.BadZipFile):
        return


def _search_packed(path: Path, wanted: Sequence[Wanted], found: Sequence[Found]) -> None:
    """Look through what Whoosh has packed: whole pages, also deleted ones and those of killed runs.

    What it has pickled is taken apart and never run.
    """
    for part in _unpack_all(path.read_bytes()):
        low = part.lower()
        for number, each in enumerate(wanted):
            if each.is_in(low):
                for spot in _describe_stored(part, each):
                    found[number].add(spot)


def _unpack_all(data: bytes) -> Iterator[bytes]:
    view, at = memoryview(data), 0
    while start := _ZLIB_STARTS.search(data, at):
        at = start.start() + 1
        unpacker = zlib.decompressobj()
        try:
            part = unpacker.decompress(view[start.start() :], _UNPACKED)
        except zlib.error:
            continue
        if unpacker.eof and part:
            at = len(data) - len(unpacker.unused_data)
            yield part


def _describe_stored(part: bytes, wanted: Wanted) -> list[str]:
    """Say which fields of which stored page hold it; a part that is no stored page has neither."""
    try:
        texts = [str(value) for _, value, _ in pickletools.genops(part) if isinstance(value, str)]
    except (ValueError, UnicodeError):
        texts = []
    if not texts or texts[0] != "page":
        return ["packed part"]
    page = texts[1] if len(texts) > 1 else ""
    fields = (
        name for name, text in zip(_FIELDS, texts[1:], strict=False) if wanted.is_in(text.encode().lower())
    )
    return [f"{name} of page {clean_text(page)}" for name in fields] or [f"page {clean_text(page)}"]

"""Every byte that a garden owns is searched: a folder and words go in, the places where they stand come out.

Beside the bytes of all files it reads what is packed: rows of the database, Whoosh's stored pages, terms and
whatever else in its files zlib can unpack. Words are of small letters, which no spelling in JSON, HTML, URLs
or addresses changes, so that looking for them in small-lettered bytes finds every spelling.
"""

from __future__ import annotations

import hashlib
import sqlite3
import warnings
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

OWN: Final = ("content_cache", "public")
_DATABASE: Final = Path("content_cache", "events.sqlite3")
_INDEX: Final = Path("content_cache", "search")


def find_words(folder: Path, words: Iterable[str]) -> dict[str, set[str]]:
    """Return, for each word that stands anywhere in a garden, the places where it does.

    A place is a file by its path; a row, a stored page or a term is one behind its file's.
    """
    found: dict[str, set[str]] = {}
    sought = [(word, word.encode()) for word in words]
    for place, content in _read_all(folder):
        low = content.lower()
        for word, encoded in sought:
            if encoded in low:
                found.setdefault(word, set()).add(place)
    return found


def _read_all(folder: Path) -> Iterator[tuple[str, bytes]]:
    for name in OWN:
        # What a build prepares beside its output is the garden's, too.
        for root in (folder / name, *folder.glob(f".{name}.*")):
            for path in sorted(root.rglob("*")):
                place = path.relative_to(folder).as_posix()
                yield place, place.encode()
                if path.is_file():
                    content = path.read_bytes()
                    yield place, content
                    # A file that was copied under another name is still the same file.
                    yield place, hashlib.sha256(content).hexdigest().encode()
    yield from _read_rows(folder / _DATABASE)
    yield from _read_index(folder / _INDEX)


def _read_rows(path: Path) -> Iterator[tuple[str, bytes]]:
    """Long texts are parted between pages of the file, so that its bytes alone do not tell."""
    if not path.is_file():
        return
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        for table in tables:
            for row in database.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - the names are its own
                yield f"{_DATABASE.as_posix()} {table}", "\n".join(map(str, row)).encode("utf-8", "replace")


def _read_index(folder: Path) -> Iterator[tuple[str, bytes]]:
    if not folder.is_dir():
        return
    for path in sorted(folder.glob("*.seg")):
        for part in _unpack(path.read_bytes()):
            yield f"{_INDEX.as_posix()} packed", part
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from whoosh import index  # noqa: PLC0415 - Python complains about its code of 2016

        with closing(index.open_dir(folder)) as opened, opened.reader() as reader:
            for field, term in reader.all_terms():
                yield f"{_INDEX.as_posix()} term", f"{field} ".encode() + term
            for leaf, _ in reader.leaf_readers():
                # Those that are only marked as deleted are numbered, too.
                for number in range(leaf.doc_count_all()):
                    yield f"{_INDEX.as_posix()} stored", repr(leaf.stored_fields(number)).encode()


def _unpack(data: bytes) -> Iterator[bytes]:
    """Yield whatever zlib can unpack, wherever in the file it begins."""
    at = data.find(b"x")
    while at >= 0:
        unpacker = zlib.decompressobj()
        try:
            part = unpacker.decompress(data[at:])
        except zlib.error:
            part = b""
        if part:
            yield part
        at = data.find(b"x", at + 1)

"""Pages go into a local search index, queries come out as hits.

What changed or vanished is erased from the index's files at once: no erased word outlives the run. What the
seal does not vouch for is not trusted. How words are stored and found is up to `search_whoosh`, which alone
knows Whoosh.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from garden.errors import SearchIndexError
from garden.pages.address import Address
from garden.site.search_excerpt import cut_excerpt
from garden.site.search_query import QueryPart, parse_query
from garden.site.search_seal import break_seal, is_whole, read_seal, sweep, write_seal
from garden.site.search_whoosh import KnownPages, NamedWords, ShownPage, WhooshIndex, find_pages, take_lock
from garden.site.search_words import split_words

_LOCK_SECONDS: Final = 30.0
"""How long a run waits for another one."""


@dataclass(frozen=True, slots=True)
class SearchRecord:
    """A page as the index takes it in."""

    address: Address
    title: str
    room: str
    """Name of the room; empty for notes."""
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    text: str
    """All words as plain text."""
    tended: int | None
    """Milliseconds since 1970, UTC."""
    kind: str
    fingerprint: str
    """Equal fingerprint, equal record."""


@dataclass(frozen=True, slots=True)
class IndexChange:
    """How many pages a run added, wrote anew and took out."""

    added: int
    updated: int
    removed: int


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A page that answers a query."""

    address: Address
    title: str
    room: str
    kind: str
    excerpt: str
    """Plain text around the best place, on one line."""
    marks: tuple[tuple[int, int], ...]
    """Start and end in `excerpt` of each word that was asked for."""
    tended: int | None
    score: float


def update_index(folder: Path, records: Iterable[SearchRecord]) -> IndexChange:
    """Bring the index in `folder` in line with `records`: all pages of the garden, each once.

    A page whose fingerprint is indexed already is not touched; where nothing changed nothing is written. An
    index that is damaged or of another format is built anew.

    Raises `SearchIndexError` where it cannot be written.
    """
    with _explain_writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        run = _Run(folder, *_open_or_create(folder))
        try:
            return run.follow(records)
        except BaseException:
            run.cancel()
            raise


def search_index(
    folder: Path, query: str, *, room: str | None = None, author: str | None = None, limit: int = 20
) -> list[SearchHit]:
    """Return the best pages for a query, best first.

    A query is words that a page must have, `"words in a row"`, `begin*`, `-without` and `this OR that`; any
    text is a query. Where no page has all words, pages with some of them are returned. `room` and `author`
    are names or words of names.

    Raises `SearchIndexError` where there is no index or it cannot be read.
    """
    if read_seal(folder) is None:
        message = f"There is no search index in {folder}"
        raise SearchIndexError(message, hint="Run `garden build`, which makes it.")
    wanted = parse_query(query)
    if limit < 1 or not any(not part.without for part in wanted):
        return []
    try:
        found = find_pages(folder, wanted, _split_names(room, author), limit)
        hits = [_make_hit(page, score, wanted) for page, score in found]
    except Exception as error:
        message = f"The search index in {folder} is damaged: {error}"
        hint = f"Run `garden build`; if that does not help, remove {folder} and run it again."
        raise SearchIndexError(message, hint=hint) from error
    return sorted(hits, key=lambda hit: (-hit.score, hit.address))


def _split_names(room: str | None, author: str | None) -> list[NamedWords]:
    given = (("room", room), ("author", author))
    return [(field, tuple(split_words(name))) for field, name in given if name]


def _make_hit(page: ShownPage, score: float, wanted: Iterable[QueryPart]) -> SearchHit:
    address, title, room, kind, text, tended = page
    excerpt, marks = cut_excerpt(text, [part for part in wanted if not part.without])
    return SearchHit(Address(address), title, room, kind, excerpt, marks, tended, score)


class _Run:
    """One run over the index: new documents go in, then what is outdated is erased."""

    def __init__(self, folder: Path, index: WhooshIndex, known: KnownPages) -> None:
        self._folder = folder
        self._index = index
        self._known = known

    def follow(self, records: Iterable[SearchRecord]) -> IndexChange:
        """Take in what is new or changed, erase what is not among the records."""
        seen: set[str] = set()
        outdated: list[int] = []
        added = updated = 0
        for record in records:
            if record.address in seen:
                continue
            seen.add(record.address)
            indexed = self._known.pop(record.address, [])
            current = next((number for mark, number in indexed if mark == record.fingerprint), None)
            outdated += (number for _, number in indexed if number != current)
            if current is None:
                self._add(record)
                added, updated = added + (not indexed), updated + bool(indexed)
        outdated += (number for indexed in self._known.values() for _, number in indexed)
        # A run that was killed may have left deletions that are marked only.
        if outdated or self._index.is_changing() or self._index.has_deletions():
            self._erase(outdated)
        return IndexChange(added=added, updated=updated, removed=len(self._known))

    def cancel(self) -> None:
        """Leave the index as it was after the last commit."""
        self._index.cancel()
        sweep(self._folder, read_seal(self._folder) or {})

    def _add(self, record: SearchRecord) -> None:
        with _explain_writing(self._folder):
            if self._index.add(_index_record(record)):
                self._index.close_segment()
                write_seal(self._folder)

    def _erase(self, outdated: Iterable[int]) -> None:
        """Delete documents and write anew the segments that held them, a few at a time."""
        with _explain_writing(self._folder):
            self._index.delete(outdated)
            self._index.rewrite_touched()
            write_seal(self._folder)
            while self._index.has_deletions():
                self._index.rewrite_touched()
                write_seal(self._folder)


def _index_record(record: SearchRecord) -> dict[str, object]:
    # A word that no name holds stands between names, so that no row of words runs from one into the next.
    authors = [word for author in record.authors for word in (*split_words(author), "\0")]
    shown = (record.address, record.title, record.room, record.kind, record.text, record.tended)
    return {
        "address": record.address.encode(),
        "fingerprint": record.fingerprint.encode(),
        "title": split_words(record.title),
        "room": split_words(record.room),
        "author": authors,
        "tag": [word for tag in record.tags for word in split_words(tag)],
        "text": split_words(record.text),
        "page": shown,
    }


def _open_or_create(folder: Path) -> tuple[WhooshIndex, KnownPages]:
    """Open the index that the seal vouches for, and remove what killed runs left beside it."""
    seal = read_seal(folder)
    if seal is not None and is_whole(folder, seal):
        sweep(folder, seal)
        try:
            index = WhooshIndex.open(folder)
            return index, index.read_known()
        except Exception:  # noqa: BLE001, S110 - whatever is wrong with it, a new one is right
            pass
    with _explain_writing(folder):
        break_seal(folder)
        sweep(folder, {})
        index = WhooshIndex.create(folder)
        write_seal(folder)
    return index, {}


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with _explain_writing(folder):
        release = take_lock(folder, _LOCK_SECONDS)
    if release is None:
        message = f"Another process is writing the search index in {folder}"
        raise SearchIndexError(message, hint="Wait until the other `garden build` is done.")
    try:
        yield
    finally:
        release()


@contextmanager
def _explain_writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"The search index in {folder} cannot be written: {error.strerror or error}"
        hint = "Free some space or mend the folder's permissions, then run `garden build` again."
        raise SearchIndexError(message, hint=hint) from error

"""Pages go into a local Whoosh index, queries come out as hits; the only module that knows Whoosh.

The index lies in segments of about `SEGMENT_PAGES` pages. What changed or vanished is deleted, and
the segments that held it are written anew at once: no erased word outlives the run. Other segments stay as
they are. A seal beside them names every file with its digest; it is written last, and what differs from it is
not trusted.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby, islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from garden.errors import SearchIndexError
from garden.pages.address import Address

SEGMENT_PAGES: Final = 500
"""Pages in one segment: what has to be written anew when one of them changes."""

EXCERPT_LENGTH: Final = 200
"""Characters of a hit's excerpt, about."""

_FORMAT: Final = 1
"""Raised when words are cut or stored in another way: an index of another format is built anew."""

_SEAL: Final = "seal.json"
_LOCK: Final = "lock"
_LOCK_SECONDS: Final = 30.0
_MANY_SMALL: Final = 8
"""Small segments that are left beside each other before they are merged."""

_FIELDS: Final = (("title", 3.0), ("tag", 2.0), ("text", 1.0))
"""Where words are looked for, and what a word there weighs."""


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
    if _read_seal(folder) is None:
        message = f"There is no search index in {folder}"
        raise SearchIndexError(message, hint="Run `garden build`, which makes it.")
    wanted = _parse_query(query)
    if limit < 1 or not any(not part.without for part in wanted):
        return []
    try:
        with _open(folder).searcher() as searcher:
            found = _find(searcher, wanted, _name_filter(room, author), limit)
            hits = [_make_hit(each.fields()["page"], each.score, wanted) for each in found]
    except Exception as error:
        message = f"The search index in {folder} is damaged: {error}"
        hint = f"Run `garden build`; if that does not help, remove {folder} and run it again."
        raise SearchIndexError(message, hint=hint) from error
    return sorted(hits, key=lambda hit: (-hit.score, hit.address))


# Words: what is indexed and what is asked for go the same way.

_SINGLE: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
"""Scripts that write no spaces between words, or glue endings to them: Thai, Chinese, Japanese, Korean.

Each character is a word there, and what is asked for is a row of such words.
"""

_ACCENTS: Final = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]")
"""Marks that people leave out when they type: accents, Hebrew points, Arabic vowels."""

_LONGEST_WORD: Final = 64


def split_words(text: str) -> list[str]:
    """Cut text of any language into words as the index knows them: small letters, no accents."""
    normal = unicodedata.normalize("NFKC", text)
    return [_fold(found[0]) for found in _word_pattern().finditer(normal)]


@lru_cache(maxsize=65_536)
def _fold(word: str) -> str:
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", word.casefold()))
    return unicodedata.normalize("NFKC", bare)[:_LONGEST_WORD]


@cache
def _word_pattern() -> re.Pattern[str]:
    """Make the pattern of a word; Python's own letters lack the vowels that Indic scripts write as marks."""
    marks = [code for code in range(0x300, sys.maxunicode >> 3) if unicodedata.category(chr(code))[0] == "M"]
    runs = groupby(enumerate(marks), key=lambda place: place[1] - place[0])
    inside = "".join(f"{chr(run[0][1])}-{chr(run[-1][1])}" for run in (list(group) for _, group in runs))
    return re.compile(f"[{_SINGLE}]|(?:[^\\W_{_SINGLE}])(?:[^\\W_{_SINGLE}]|(?![{_SINGLE}])[{inside}])*")


# Queries.


@dataclass(frozen=True, slots=True)
class _Part:
    """What a page has to have, or must not have: one of several rows of words."""

    rows: tuple[tuple[str, ...], ...]
    begins: bool = False
    """The only word of a row may go on."""
    without: bool = False

    def matches(self, word: str) -> bool:
        """Tell whether a word of a page is one of those asked for."""
        if self.begins and word.startswith(self.rows[0][0]):
            return True
        return any(word in row for row in self.rows)


_QUERY_LENGTH: Final = 1000
_QUERY_PART: Final = re.compile(r'(?P<without>-?)(?:"(?P<row>[^"]*)"?|(?P<word>[^\s"]+))')


def _parse_query(query: str) -> tuple[_Part, ...]:
    parts: list[_Part] = []
    either = False
    for found in _QUERY_PART.finditer(query[:_QUERY_LENGTH]):
        if found["word"] == "OR" and parts and not found["without"]:
            either = True
            continue
        words = tuple(split_words(found["row"] or found["word"] or ""))
        if not words:
            continue
        begins = len(words) == 1 and (found["word"] or "").endswith("*")
        part = _Part((words,), begins=begins, without=bool(found["without"]))
        if either and not (part.without or part.begins or parts[-1].without or parts[-1].begins):
            part = _Part((*parts.pop().rows, words))
        either = False
        parts.append(part)
    return tuple(parts)


def _find(searcher: Any, wanted: Sequence[_Part], names: Any, limit: int) -> Any:  # noqa: ANN401 - no types
    query = _load().query
    having = [_match(part) for part in wanted if not part.without]
    lacking = [_match(part) for part in wanted if part.without]
    mask = query.Or(lacking) if lacking else None
    found = searcher.search(query.And(having), filter=names, mask=mask, limit=limit)
    return found or searcher.search(query.Or(having), filter=names, mask=mask, limit=limit)


def _match(part: _Part) -> Any:  # noqa: ANN401 - no types
    query = _load().query
    if part.begins:
        return query.Or([query.Prefix(name, part.rows[0][0]) for name, _ in _FIELDS])
    return query.Or([_row(name, row) for name, _ in _FIELDS for row in part.rows])


def _row(field: str, words: tuple[str, ...]) -> Any:  # noqa: ANN401 - no types
    query = _load().query
    return query.Term(field, words[0]) if len(words) == 1 else query.Phrase(field, list(words))


def _name_filter(room: str | None, author: str | None) -> Any:  # noqa: ANN401 - no types
    """Restrict to names that have the given words in a row; a name without any word is nobody's."""
    given = [
        (field, tuple(split_words(name))) for field, name in (("room", room), ("author", author)) if name
    ]
    query = _load().query
    rows = [_row(field, words) if words else query.NullQuery for field, words in given]
    return query.And(rows) if rows else None


def _make_hit(
    page: tuple[str, str, str, str, str, int | None], score: float, wanted: Sequence[_Part]
) -> SearchHit:
    address, title, room, kind, text, tended = page
    excerpt, marks = _cut_excerpt(text, [part for part in wanted if not part.without])
    return SearchHit(Address(address), title, room, kind, excerpt, marks, tended, score)


def _cut_excerpt(text: str, wanted: Sequence[_Part]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Cut out the place with the most different words that were asked for, and mark them."""
    places = list(islice(_find_places(text, wanted), 500))
    best = max(places, key=lambda place: (_count_near(places, place), -place[0]), default=(0, 0, ""))
    start = max(0, best[0] - EXCERPT_LENGTH // 4)
    end = min(len(text), max(start + EXCERPT_LENGTH, best[1]))
    start = text.find(" ", start, best[0]) + 1 if start and " " in text[start : best[0]] else start
    end = text.rfind(" ", best[1], end) if end < len(text) and " " in text[best[1] : end] else end
    lead, tail = "…" if start else "", "…" if end < len(text) else ""
    marks = tuple(
        (left - start + len(lead), right - start + len(lead))
        for left, right, _ in places
        if start <= left < right <= end
    )
    return lead + re.sub(r"\s", " ", text[start:end]) + tail, marks


def _find_places(text: str, wanted: Sequence[_Part]) -> Iterator[tuple[int, int, str]]:
    for found in _word_pattern().finditer(text):
        word = _fold(found[0])
        if any(part.matches(word) for part in wanted):
            yield found.start(), found.end(), word


def _count_near(places: Sequence[tuple[int, int, str]], place: tuple[int, int, str]) -> int:
    reach = place[0] + EXCERPT_LENGTH * 3 // 4
    return len({word for start, _, word in places if place[0] <= start < reach})


# The index on disk.

_Known = dict[str, list[tuple[str, int]]]
"""Fingerprint and number of each document of an address; more than one after a run that was killed."""

_Seal = dict[str, tuple[int, int, str]]
"""Size, time of change (ns) and SHA-256 of each file."""


class _Run:
    """One run over the index: new documents go in, then what is outdated is erased."""

    def __init__(self, folder: Path, index: Any, known: _Known) -> None:  # noqa: ANN401 - no types
        self._folder = folder
        self._index = index
        self._known = known
        self._writer: Any = None

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
        if outdated or self._writer is not None or self._has_deletions():
            self._erase(outdated)
        return IndexChange(added=added, updated=updated, removed=len(self._known))

    def cancel(self) -> None:
        """Leave the index as it was after the last commit."""
        if self._writer is not None and not self._writer.is_closed:
            self._writer.cancel()
        _sweep(self._folder, _read_seal(self._folder) or {})

    def _add(self, record: SearchRecord) -> None:
        with _explain_writing(self._folder):
            self._begin().add_document(**_index_record(record))
            if self._writer.doc_count() >= SEGMENT_PAGES:
                self._commit(_load().writing.NO_MERGE)

    def _erase(self, outdated: Iterable[int]) -> None:
        """Delete documents and write anew the segments that held them, a few at a time."""
        with _explain_writing(self._folder):
            writer = self._begin()
            for number in outdated:
                writer.delete_document(number)
            self._commit(_rewrite_touched)
            while self._has_deletions():
                self._begin()
                self._commit(_rewrite_touched)

    def _begin(self) -> Any:  # noqa: ANN401 - no types
        if self._writer is None:
            self._writer = self._index.writer(_lk=False)  # the whole run holds the lock already
        return self._writer

    def _commit(self, policy: Callable[..., object]) -> None:
        self._writer.commit(mergetype=policy)
        self._writer = None
        _write_seal(self._folder)

    def _has_deletions(self) -> bool:
        with self._index.reader() as reader:
            return bool(reader.has_deletions())


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


def _rewrite_touched(writer: Any, segments: Sequence[Any]) -> list[Any]:  # noqa: ANN401 - no types
    """Merge policy of Whoosh: segments with deletions go into the new one, without the deleted documents.

    So do small segments once there are many. Stops when the new segment is full; the caller comes again.
    """
    small = [segment for segment in segments if segment.doc_count() < SEGMENT_PAGES // _MANY_SMALL]
    due = [segment for segment in segments if segment.has_deletions()]
    due += [segment for segment in small if len(small) > _MANY_SMALL and segment not in due]
    kept = [segment for segment in segments if segment not in due]
    for segment in due:
        fits = writer.doc_count() == 0 or writer.doc_count() + segment.doc_count() <= SEGMENT_PAGES
        if segment.doc_count() and not fits:
            kept.append(segment)
        elif segment.doc_count():
            reader = _load().reading.SegmentReader(writer.storage, writer.schema, segment)
            writer.add_reader(reader)
            reader.close()
    return kept


def _open_or_create(folder: Path) -> tuple[Any, _Known]:
    """Open the index that the seal vouches for, and remove what killed runs left beside it."""
    seal = _read_seal(folder)
    if seal is not None and _is_whole(folder, seal):
        _sweep(folder, seal)
        try:
            index = _open(folder)
            return index, _read_known(index)
        except Exception:  # noqa: BLE001, S110 - whatever is wrong with it, a new one is right
            pass
    with _explain_writing(folder):
        (folder / _SEAL).unlink(missing_ok=True)
        _sweep(folder, {})
        whoosh = _load()
        index = whoosh.index.FileIndex.create(whoosh.filestore.FileStorage(str(folder)), _make_schema())
        _write_seal(folder)
    return index, {}


def _open(folder: Path) -> Any:  # noqa: ANN401 - no types
    whoosh = _load()
    return whoosh.index.FileIndex(whoosh.filestore.FileStorage(str(folder)), schema=_make_schema())


def _make_schema() -> Any:  # noqa: ANN401 - no types
    """Describe a document. Words come in ready-made lists, so the analyzer is never asked."""
    whoosh = _load()
    fields, analyzer = whoosh.fields, whoosh.analysis.SpaceSeparatedTokenizer()
    words = {name: fields.TEXT(analyzer=analyzer, field_boost=weight) for name, weight in _FIELDS}
    return fields.Schema(
        address=fields.COLUMN(whoosh.columns.VarBytesColumn()),
        fingerprint=fields.COLUMN(whoosh.columns.VarBytesColumn()),
        room=fields.TEXT(analyzer=analyzer),
        author=fields.TEXT(analyzer=analyzer),
        page=fields.STORED,
        **words,
    )


def _read_known(index: Any) -> _Known:  # noqa: ANN401 - no types
    known: _Known = {}
    with index.reader() as reader:
        for leaf, offset in reader.leaf_readers():
            if not leaf.doc_count_all():
                continue
            addresses, fingerprints = leaf.column_reader("address"), leaf.column_reader("fingerprint")
            for number in range(leaf.doc_count_all()):
                if not leaf.is_deleted(number):
                    indexed = known.setdefault(addresses[number].decode(), [])
                    indexed.append((fingerprints[number].decode(), offset + number))
    return known


def _read_seal(folder: Path) -> _Seal | None:
    """Return what the seal says, or None where there is none that this version wrote."""
    try:
        seal = json.loads((folder / _SEAL).read_bytes())
        files = {
            str(name): (int(size), int(changed), str(digest)) for name, size, changed, digest in seal["files"]
        }
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return files if seal.get("format") == _FORMAT else None


def _write_seal(folder: Path) -> None:
    former = _read_seal(folder) or {}
    files = [[path.name, *_describe(path, former.get(path.name))] for path in sorted(_list_files(folder))]
    beside = folder / f"{_SEAL}.new"
    beside.write_text(json.dumps({"format": _FORMAT, "files": files}, indent=1), encoding="utf-8")
    os.replace(beside, folder / _SEAL)  # noqa: PTH105 - says what it does to an existing file


def _describe(path: Path, former: tuple[int, int, str] | None) -> tuple[int, int, str]:
    state = path.stat()
    if former is not None and former[:2] == (state.st_size, state.st_mtime_ns):
        return former
    with path.open("rb") as file:
        return state.st_size, state.st_mtime_ns, hashlib.file_digest(file, "sha256").hexdigest()


def _is_whole(folder: Path, seal: _Seal) -> bool:
    """Compare files with the seal; contents are read only where size or time cannot tell."""
    try:
        return all(_describe(folder / name, state)[::2] == state[::2] for name, state in seal.items())
    except OSError:
        return False


def _sweep(folder: Path, seal: _Seal) -> None:
    """Remove what Whoosh left there and the seal does not name: it may hold words that are to be gone."""
    for path in _list_files(folder):
        if path.is_dir():
            for inside in path.iterdir():
                inside.unlink()
            path.rmdir()
        elif path.name not in seal:
            path.unlink()


def _list_files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.startswith(("MAIN", "_MAIN"))]


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    whoosh = _load()
    lock = whoosh.filestore.FileStorage(str(folder)).lock(_LOCK)
    with _explain_writing(folder):
        free = whoosh.filelock.try_for(lock.acquire, timeout=_LOCK_SECONDS)
    if not free:
        message = f"Another process is writing the search index in {folder}"
        raise SearchIndexError(message, hint="Wait until the other `garden build` is done.")
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _explain_writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"The search index in {folder} cannot be written: {error.strerror or error}"
        hint = "Free some space or mend the folder's permissions, then run `garden build` again."
        raise SearchIndexError(message, hint=hint) from error


@cache
def _load() -> SimpleNamespace:
    """Import Whoosh when it is needed: it is slow, and Python complains about its code of 2016."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from whoosh import analysis, columns, fields, index, query, reading, writing  # noqa: PLC0415
        from whoosh.codec import whoosh3  # noqa: F401, PLC0415 - Whoosh imports it later, outside this filter
        from whoosh.filedb import filestore  # noqa: PLC0415
        from whoosh.util import filelock  # noqa: PLC0415
    return SimpleNamespace(
        analysis=analysis,
        columns=columns,
        fields=fields,
        filelock=filelock,
        filestore=filestore,
        index=index,
        query=query,
        reading=reading,
        writing=writing,
    )

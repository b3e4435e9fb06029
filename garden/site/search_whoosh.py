"""Documents go into a Whoosh index and come out for a query; the only module that knows Whoosh.

The index lies in segments of about `SEGMENT_PAGES` pages. What is outdated is deleted, and the segments that
held it are written anew; other segments stay as they are. Nothing of Whoosh, which has no types, leaves this
module.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from garden.site.search_query import QueryPart

SEGMENT_PAGES: Final = 500
"""Pages in one segment: what has to be written anew when one of them changes."""

_LOCK: Final = "lock"
_MANY_SMALL: Final = 8
"""Small segments that are left beside each other before they are merged."""

_FIELDS: Final = (("title", 3.0), ("tag", 2.0), ("text", 1.0))
"""Where words are looked for, and what a word there weighs."""

KnownPages = dict[str, list[tuple[str, int]]]
"""Fingerprint and number of each document of an address; more than one after a run that was killed."""

ShownPage = tuple[str, str, str, str, str, int | None]
"""What a hit shows, as it is stored: address, title, room, kind, text, tended."""

NamedWords = tuple[str, tuple[str, ...]]
"""A field of names, `room` or `author`, and the words that have to stand there in a row."""


class WhooshIndex:
    """An index that is open for one run: new documents go in, then what is outdated is erased.

    The caller holds the lock, and seals the folder after `close_segment` and `rewrite_touched`.
    """

    def __init__(self, index: Any) -> None:  # noqa: ANN401 - no types
        self._index = index
        self._writer: Any = None

    @classmethod
    def create(cls, folder: Path) -> WhooshIndex:
        """Make an empty index."""
        return cls(_load().index.FileIndex.create(_open_storage(folder), _make_schema()))

    @classmethod
    def open(cls, folder: Path) -> WhooshIndex:
        """Open the index that is there; raises whatever Whoosh makes of a damaged one."""
        return cls(_open(folder))

    def read_known(self) -> KnownPages:
        """Return what is indexed already."""
        known: KnownPages = {}
        with self._index.reader() as reader:
            for leaf, offset in reader.leaf_readers():
                if not leaf.doc_count_all():
                    continue
                addresses, fingerprints = leaf.column_reader("address"), leaf.column_reader("fingerprint")
                for number in range(leaf.doc_count_all()):
                    if not leaf.is_deleted(number):
                        indexed = known.setdefault(addresses[number].decode(), [])
                        indexed.append((fingerprints[number].decode(), offset + number))
        return known

    def add(self, document: Mapping[str, object]) -> bool:
        """Take in a document, by field; return whether the segment is full now."""
        self._begin().add_document(**document)
        return bool(self._writer.doc_count() >= SEGMENT_PAGES)

    def close_segment(self) -> None:
        """Write down what was added, beside the segments that are there."""
        self._commit(_load().writing.NO_MERGE)

    def delete(self, numbers: Iterable[int]) -> None:
        """Mark documents as deleted; their words go with `rewrite_touched`."""
        writer = self._begin()
        for number in numbers:
            writer.delete_document(number)

    def rewrite_touched(self) -> None:
        """Write down what was added, and anew some of the segments with deletions.

        Where `has_deletions` after that, more of them are left.
        """
        self._begin()
        self._commit(_merge_touched)

    def is_changing(self) -> bool:
        """Tell whether something was added that is not written down yet."""
        return self._writer is not None

    def has_deletions(self) -> bool:
        """Tell whether documents are deleted that are still in the files."""
        with self._index.reader() as reader:
            return bool(reader.has_deletions())

    def cancel(self) -> None:
        """Forget what is not written down yet."""
        if self._writer is not None and not self._writer.is_closed:
            self._writer.cancel()

    def _begin(self) -> Any:  # noqa: ANN401 - no types
        if self._writer is None:
            self._writer = self._index.writer(_lk=False)  # the whole run holds the lock already
        return self._writer

    def _commit(self, policy: Callable[..., object]) -> None:
        self._writer.commit(mergetype=policy)
        self._writer = None


def take_lock(folder: Path, seconds: float) -> Callable[[], None] | None:
    """Return what releases the index's lock; None where another process kept it for so many seconds."""
    lock = _open_storage(folder).lock(_LOCK)
    release: Callable[[], None] = lock.release
    return release if _load().filelock.try_for(lock.acquire, timeout=seconds) else None


def find_pages(
    folder: Path, wanted: Sequence[QueryPart], names: Sequence[NamedWords], limit: int
) -> list[tuple[ShownPage, float]]:
    """Return the best pages for a query, each with its score; where none has all parts, those with some.

    Raises whatever Whoosh makes of a damaged index.
    """
    query = _load().query
    having = [_match(part) for part in wanted if not part.without]
    lacking = [_match(part) for part in wanted if part.without]
    mask = query.Or(lacking) if lacking else None
    named = _match_names(names)
    with _open(folder).searcher() as searcher:
        found = searcher.search(query.And(having), filter=named, mask=mask, limit=limit)
        found = found or searcher.search(query.Or(having), filter=named, mask=mask, limit=limit)
        return [(each.fields()["page"], each.score) for each in found]


def _match(part: QueryPart) -> Any:  # noqa: ANN401 - no types
    query = _load().query
    if part.begins:
        return query.Or([query.Prefix(name, part.rows[0][0]) for name, _ in _FIELDS])
    return query.Or([_row(name, row) for name, _ in _FIELDS for row in part.rows])


def _match_names(names: Sequence[NamedWords]) -> Any:  # noqa: ANN401 - no types
    """Restrict to names that have the given words in a row; a name without any word is nobody's."""
    query = _load().query
    rows = [_row(field, words) if words else query.NullQuery for field, words in names]
    return query.And(rows) if rows else None


def _row(field: str, words: tuple[str, ...]) -> Any:  # noqa: ANN401 - no types
    query = _load().query
    return query.Term(field, words[0]) if len(words) == 1 else query.Phrase(field, list(words))


def _merge_touched(writer: Any, segments: Sequence[Any]) -> list[Any]:  # noqa: ANN401 - no types
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


def _open(folder: Path) -> Any:  # noqa: ANN401 - no types
    return _load().index.FileIndex(_open_storage(folder), schema=_make_schema())


def _open_storage(folder: Path) -> Any:  # noqa: ANN401 - no types
    return _load().filestore.FileStorage(str(folder))


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

"""Entries become Atom (RFC 4287, RFC 6721) and RSS 2.0 feeds; the only module that knows feedgen.

Everything that a feed says is handed in: no clock is read, so equal input gives equal bytes. Text is cleaned
on its way in, since one control character would make the whole feed unreadable.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from garden.archive.event import clean_text

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_GENERATOR: Final = "garden"
_TOMBSTONES: Final = "http://purl.org/atompub/tombstones/1.0"


@dataclass(frozen=True, slots=True)
class Feed:
    """What stands at the head of a feed."""

    id: str
    """A URI that never changes: `tag:` (RFC 4151) or `matrix:`."""
    title: str
    subtitle: str
    """May be empty."""
    home_url: str
    """Full URL of the page that the feed is about."""
    self_url_atom: str
    self_url_rss: str
    language: str
    """Language tag (BCP 47)."""
    updated_ms: int
    """Time of the newest change among the entries, milliseconds since 1970, UTC."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One page in a feed."""

    id: str
    """A URI that never changes, whatever becomes of title and address."""
    title: str
    url: str
    """Full URL of the page."""
    html: str
    """Safe HTML; every URL in it is a full one."""
    summary: str
    """Plain text; may be empty."""
    authors: tuple[str, ...]
    published_ms: int
    updated_ms: int
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeletedEntry:
    """An entry that the feed once carried and that is no more (RFC 6721): its readers shall drop it."""

    id: str
    deleted_ms: int
    """Milliseconds since 1970, UTC; not before the entry was last updated, else readers keep it."""


def render_atom(feed: Feed, entries: Iterable[FeedEntry], deleted: Iterable[DeletedEntry] = ()) -> bytes:
    """Return an Atom feed (RFC 4287) with the entries and the tombstones (RFC 6721) in the order given."""
    generator = _begin(feed, feed.self_url_atom, "application/atom+xml")
    _add_tombstones(generator, deleted)
    for entry in entries:
        made = _add_entry(generator, entry)
        made.author([{"name": name} for name in _names(entry.authors)])
        made.published(_moment(entry.published_ms))
        made.updated(_moment(entry.updated_ms))
    content: bytes = generator.atom_str(pretty=True)
    return content


def render_rss(feed: Feed, entries: Iterable[FeedEntry]) -> bytes:
    """Return an RSS 2.0 feed with the entries in the order given, their HTML in `content:encoded`.

    Authors stand in `dc:creator`, since RSS wants a mail address in `author`.
    """
    generator = _begin(feed, feed.self_url_rss, "application/rss+xml")
    generator.load_extension("dc", atom=False, rss=True)
    for entry in entries:
        made = _add_entry(generator, entry)
        made.pubDate(_moment(entry.published_ms))
        if names := _names(entry.authors):
            made.dc.dc_creator(names)
    content: bytes = generator.rss_str(pretty=True)
    return content


def _begin(feed: Feed, self_url: str, media_type: str) -> Any:  # noqa: ANN401 - feedgen has no types
    """Start a feed; without an explicit time feedgen would write that of the build."""
    from feedgen.feed import FeedGenerator  # noqa: PLC0415 - it loads lxml, which other commands do not need

    generator = FeedGenerator()
    generator.id(_line(feed.id))
    generator.title(_line(feed.title) or feed.home_url)
    generator.subtitle(_line(feed.subtitle) or _line(feed.title) or feed.home_url)
    # Atom needs an author on the feed as soon as one entry has none (RFC 4287, section 4.1.1).
    generator.author({"name": _line(feed.title) or feed.home_url})
    generator.link(href=_line(self_url), rel="self", type=media_type)
    # The last link is the one that RSS takes for the channel's.
    generator.link(href=_line(feed.home_url), rel="alternate", type="text/html")
    generator.language(feed.language)
    generator.updated(_moment(feed.updated_ms))
    generator.lastBuildDate(_moment(feed.updated_ms))
    generator.generator(_GENERATOR)
    return generator


def _add_tombstones(generator: Any, deleted: Iterable[DeletedEntry]) -> None:  # noqa: ANN401 - feedgen has no types
    """Write `at:deleted-entry` into the feed; one without deletions does not name the namespace."""
    from feedgen.ext.base import BaseExtension  # noqa: PLC0415 - as in _begin

    graves = list(deleted)

    class Tombstones(BaseExtension):  # type: ignore[misc]  # feedgen has no types
        def extend_ns(self) -> dict[str, str]:
            return {"at": _TOMBSTONES}

        def extend_atom(self, element: Any) -> Any:  # noqa: ANN401 - as above
            for grave in graves:
                attributes = {"ref": _line(grave.id), "when": _moment(grave.deleted_ms).isoformat()}
                element.append(element.makeelement(f"{{{_TOMBSTONES}}}deleted-entry", attributes))
            return element

    if graves:
        generator.register_extension("tombstones", Tombstones, rss=False)


def _add_entry(generator: Any, entry: FeedEntry) -> Any:  # noqa: ANN401 - feedgen has no types
    made = generator.add_entry(order="append")
    made.id(_line(entry.id))
    made.title(_line(entry.title) or entry.url)
    # feedgen 1.0 loses rel and type of an entry's links; without rel a link is an alternate one.
    made.link(href=_line(entry.url))
    if summary := _line(entry.summary):
        made.summary(summary)
    made.content(clean_text(entry.html), type="html")
    made.category([{"term": tag, "label": tag} for tag in _names(entry.tags)])
    return made


def _names(names: Iterable[str]) -> list[str]:
    return [line for line in map(_line, names) if line]


def _line(text: str) -> str:
    return " ".join(clean_text(text).split())


def _moment(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)

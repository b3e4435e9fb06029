"""The garden's full URLs become sitemap.xml and robots.txt, for search engines (sitemaps.org, RFC 9309)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from xml.sax.saxutils import escape

MAX_URLS: Final = 50_000
"""URLs in one file (sitemaps.org, "Sitemap index files")."""

MAX_BYTES: Final = 50 * 1024 * 1024
"""Size of one file (ibidem)."""

SITEMAP_FILE: Final = "sitemap.xml"
ROBOTS_FILE: Final = "robots.txt"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_MARGIN: Final = 1024
"""Room for the declaration and the root element."""


def render_sitemap(entries: Iterable[tuple[str, int | None]], base_url: str) -> list[tuple[str, bytes]]:
    """Return the files that list every page: name below the output folder, and content.

    `entries` are full, percent-encoded URLs with the time of the last change in milliseconds since 1970, or
    None. What is too much for one file goes to `sitemap-1.xml` and so on, and `sitemap.xml` becomes their
    index, for which `base_url` is needed (it ends in a slash).
    """
    parts = list(_split(_render_entry("url", url, tended) for url, tended in entries))
    if len(parts) <= 1:
        return [(SITEMAP_FILE, _render_root("urlset", parts[0] if parts else ()))]
    names = [f"sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
    index = _render_root("sitemapindex", [_render_entry("sitemap", base_url + name, None) for name in names])
    files = zip(names, (_render_root("urlset", part) for part in parts), strict=True)
    return [(SITEMAP_FILE, index), *files]


def render_robots(base_url: str) -> bytes:
    """Return robots.txt: everything may be read, and the sitemap is there.

    Rooms that ask search engines to stay away are no exception: a crawler has to read a page to see the
    `noindex` in it, and one that may not read it lists its address all the same.

    Crawlers look for it at the root of a host only (RFC 9309, section 2.3); below a path it does no harm.
    """
    return f"User-agent: *\nAllow: /\n\nSitemap: {base_url}{SITEMAP_FILE}\n".encode()


def _split(rows: Iterable[bytes]) -> Iterator[list[bytes]]:
    part: list[bytes] = []
    size = _MARGIN
    for row in rows:
        if part and (len(part) == MAX_URLS or size + len(row) > MAX_BYTES):
            yield part
            part, size = [], _MARGIN
        part.append(row)
        size += len(row)
    if part:
        yield part


def _render_entry(element: str, url: str, changed: int | None) -> bytes:
    lastmod = f"<lastmod>{_format_moment(changed)}</lastmod>" if changed is not None else ""
    return f"<{element}><loc>{escape(url)}</loc>{lastmod}</{element}>\n".encode()


def _render_root(element: str, rows: Iterable[bytes]) -> bytes:
    opening = f'<?xml version="1.0" encoding="UTF-8"?>\n<{element} xmlns="{_NAMESPACE}">\n'
    return b"".join((opening.encode(), *rows, f"</{element}>\n".encode()))


def _format_moment(milliseconds: int) -> str:
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

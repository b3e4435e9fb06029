"""Sitemaps follow sitemaps.org: at most 50,000 URLs and 50 MiB in a file, an index above that."""

from __future__ import annotations

import urllib.robotparser

from lxml import etree

from garden.site import sitemap
from garden.site.sitemap import MAX_BYTES, MAX_URLS, render_robots, render_sitemap

BASE = "https://fen.example/garden/"
SPACE = f"{{{'http://www.sitemaps.org/schemas/sitemap/0.9'}}}"


def read(content: bytes) -> tuple[str, list[tuple[str, str | None]]]:
    root = etree.fromstring(content)
    rows = [(str(row.findtext(f"{SPACE}loc")), row.findtext(f"{SPACE}lastmod")) for row in root]
    return str(root.tag), rows


def test_each_page_is_listed_with_the_day_it_was_last_tended() -> None:
    entries = [(BASE, 1_741_000_000_123), (f"{BASE}a/?b=1&c=<d>", None)]
    ((name, content),) = render_sitemap(entries, BASE)
    assert name == "sitemap.xml"
    assert read(content) == (
        f"{SPACE}urlset",
        [(BASE, "2025-03-03T11:06:40Z"), (f"{BASE}a/?b=1&c=<d>", None)],
    )


def test_an_empty_garden_has_an_empty_sitemap() -> None:
    assert read(render_sitemap([], BASE)[0][1]) == (f"{SPACE}urlset", [])


def test_fifty_thousand_pages_fit_into_one_file_and_one_more_makes_an_index() -> None:
    entries = [(f"{BASE}{number}/", 0) for number in range(MAX_URLS + 1)]
    assert [name for name, _ in render_sitemap(entries[:-1], BASE)] == ["sitemap.xml"]
    files = dict(render_sitemap(entries, BASE))
    assert list(files) == ["sitemap.xml", "sitemap-1.xml", "sitemap-2.xml"]
    assert read(files["sitemap.xml"]) == (
        f"{SPACE}sitemapindex",
        [(f"{BASE}sitemap-1.xml", None), (f"{BASE}sitemap-2.xml", None)],
    )
    listed = [read(files[name])[1] for name in ("sitemap-1.xml", "sitemap-2.xml")]
    assert [len(rows) for rows in listed] == [MAX_URLS, 1]
    assert [url for rows in listed for url, _ in rows] == [url for url, _ in entries]


def test_long_urls_make_an_index_before_a_file_outgrows_its_size() -> None:
    entries = [(f"{BASE}{number}/{'x' * 2000}/", None) for number in range(26_000)]
    files = render_sitemap(entries, BASE)
    assert len(files) == 3
    assert all(len(content) <= MAX_BYTES for _, content in files)


def test_equal_pages_make_equal_bytes() -> None:
    assert render_sitemap([(BASE, 5)], BASE) == render_sitemap(iter([(BASE, 5)]), BASE)


def test_robots_may_read_everything_and_learn_of_the_sitemap() -> None:
    parser = urllib.robotparser.RobotFileParser()
    parser.parse(render_robots(BASE).decode().splitlines())
    assert parser.can_fetch("any", f"{BASE}seeds/")
    assert parser.site_maps() == [BASE + sitemap.SITEMAP_FILE]

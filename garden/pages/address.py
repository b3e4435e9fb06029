"""Every slug, address and relative URL is made here.

An `Address` is where something stands in the garden: folders and a last slash, relative to the garden's
root, in plain Unicode (`seeds/how-do-we-store-beans-3fk2a9xy/`; the empty address is the home page).
What goes into an `href` is percent-encoded by the functions that make URLs and by nobody else.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
import unicodedata
from base64 import b32encode
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, NewType
from urllib.parse import quote, unquote, urlsplit

from garden.archive.event import EventId, RoomId, UserId

Address = NewType("Address", str)
Anchor = NewType("Anchor", str)
"""The `id` of a message on its page: `m-` and ten letters."""

HOME: Final = Address("")
MAP: Final = Address("map/")
NEIGHBOURS: Final = Address("neighbours/")
DOMAINS: Final = Address("links/")
TAGS: Final = Address("tag/")
YEARS: Final = Address("years/")
PEOPLE: Final = Address("people/")

NO_NAME: Final = "room"
"""Folder of a room whose name holds no word."""

_NO_TITLE: Final = "conversation"
_SLUG_BYTES: Final = 60
_ID_LETTERS: Final = 8
_ANCHOR_LETTERS: Final = 10
_PART: Final = re.compile(r"-part-\d+$")
_NO_WORD: Final = re.compile(r"[\W_]+")
_DEVICES: Final = frozenset(
    {"con", "prn", "aux", "nul"}
    | {f"{device}{number}" for device in ("com", "lpt") for number in range(1, 10)}
)
"""Names that some file systems refuse."""
_RESERVED: Final = _DEVICES | {
    *("notes", "tag", "static", "media", "map", "neighbours", "privacy", "feeds", "search", "index", "404"),
    *("links", "years", "people"),
}
"""Names that no room's folder can have: others are the first folders that the garden itself uses."""


def slugify(text: str, fallback: str) -> str:
    """Make words for an address: letters and digits of any script, lower case, at most 60 bytes.

    The result holds no dot and no slash, so it can name a file anywhere; it is cut at a word where there is
    one.
    """
    words = _join_words(text).strip("-")
    if len(words.encode()) > _SLUG_BYTES:
        cut = words.encode()[: _SLUG_BYTES + 1].decode("utf-8", "ignore")[:-1]
        words = cut.rsplit("-", 1)[0] if "-" in cut else cut
    return words.strip("-") or fallback


def slug_words(text: str) -> frozenset[str]:
    """Return the words of a text as they would stand in an address."""
    return frozenset(_join_words(text).split("-"))


def address_words(address: Address) -> frozenset[str]:
    """Return the words that stand before the id of a conversation's address."""
    last = address.rstrip("/").rsplit("/", 1)[-1]
    return frozenset(last.split("-")[:-1]) - {_NO_TITLE}


def page_id(root: EventId) -> str:
    """Return the eight letters that end a conversation's address; they depend on its root event alone."""
    return _letters(root, _ID_LETTERS)


def message_anchor(event_id: EventId) -> Anchor:
    """Return a message's anchor, which depends on its event alone."""
    return Anchor(f"m-{_letters(event_id, _ANCHOR_LETTERS)}")


def assign_room_addresses(
    wished: Iterable[tuple[RoomId, str]], given: Mapping[str, str]
) -> dict[RoomId, Address]:
    """Give each room its folder, named for `wished` (alias or name); a room keeps what it was once given.

    `given` maps room identifiers to folders from earlier builds. Where two rooms wish for one name,
    the later one gets letters of its identifier behind it.
    """
    rooms = list(wished)
    addresses = {
        room_id: Address(given[room_id])
        for room_id, _ in rooms
        # A folder of an earlier build may be one that the garden itself uses by now.
        if given.get(room_id, "").rstrip("/") not in _RESERVED | {""}
    }
    # The folder of a room that is not planted now waits for its return.
    taken = {*given.values(), *addresses.values()}
    for room_id, name in rooms:
        if room_id in addresses:
            continue
        slug = slugify(name, NO_NAME)
        if slug in _RESERVED or f"{slug}/" in taken:
            slug = f"{slug}-{_letters(room_id, _ID_LETTERS)}"
        addresses[room_id] = Address(f"{slug}/")
        taken.add(addresses[room_id])
    return addresses


def conversation_address(room: Address, title: str, root: EventId) -> Address:
    """Words that may follow the title, then the id that never changes."""
    return Address(f"{room}{slugify(title, _NO_TITLE)}-{page_id(root)}/")


def conversation_part_address(page: Address, number: int) -> Address:
    """Return the address of one part of a very long conversation, counted from 1."""
    return page if number == 1 else Address(f"{page.removesuffix('/')}-part-{number}/")


def day_address(room: Address, day: date) -> Address:
    """Return the address of what was said in a room on one day."""
    return Address(f"{room}{day.isoformat()}/")


def room_part_address(room: Address, number: int) -> Address:
    """Return the address of one part of a room's index, or of another long list, counted from 1."""
    return room if number == 1 else Address(f"{room}part-{number}/")


def year_address(year: int, month: int | None = None) -> Address:
    """Return the address of what was planted in a year, or in one of its months, counted from 1."""
    return Address(f"{YEARS}{year:04}/" + (f"{month:02}/" if month is not None else ""))


def note_address(path: str) -> Address:
    """Return a note's address for its path below `notes/`, without the ending."""
    parts = [slugify(part, "note") for part in path.split("/")]
    return Address(f"notes/{'/'.join(parts)}/")


def name_tag(words: str) -> str:
    """Return a tag in the one form that its address has; empty where nothing of it can stand there."""
    return slugify(words, "")


def tag_address(tag: str) -> Address:
    """Return the address of a tag's page."""
    slug = slugify(tag, "tag")
    return Address(f"tag/{slug}-tag/" if slug in _DEVICES else f"tag/{slug}/")


def domain_address(host: str) -> Address:
    """Return the address of the page about another site, of which `host` is the name in small letters."""
    # Some file systems refuse a device's name even before a dot.
    name = f"site-{host}" if host.partition(".")[0] in _DEVICES else host
    return Address(f"{DOMAINS}{name}/")


def person_address(user: UserId) -> Address:
    """Return the address of somebody's page, for ever: an account keeps its localpart, not its name."""
    localpart = user.removeprefix("@").partition(":")[0]
    return Address(f"{PEOPLE}{slugify(localpart, 'member')}-{_letters(user, _ID_LETTERS)}/")


def document_path(address: Address) -> str:
    """Return the file that answers to an address, relative to the output folder."""
    return f"{address}index.html"


def markdown_path(address: Address) -> str:
    """Return a page's Markdown file, relative to the pages folder."""
    return f"{address.rstrip('/')}.md"


def markdown_address(path: str) -> Address:
    """Return the address of the page in a Markdown file: the reverse of `markdown_path`."""
    return Address(f"{path.removesuffix('.md')}/")


def root_prefix(address: Address) -> str:
    """Return the relative URL of the garden's root as seen from an address: `../../`, or `./` at home."""
    return "../" * address.count("/") or "./"


def relative_url(start: Address, target: str, anchor: str | None = None) -> str:
    """Return the URL of an address or file as it is written on the page at `start`."""
    fragment = f"#{anchor}" if anchor else ""
    if start == target and anchor:
        return fragment
    shared = _shared_folders(start, target)
    climb = "../" * (start.count("/") - shared)
    rest = "/".join(target.split("/")[shared:])
    return (climb + quote(rest) or "./") + fragment


def relative_markdown(start: Address, target: Address, anchor: Anchor | None) -> str:
    """Return the link from one page's Markdown file to another's, as an editor follows it."""
    fragment = f"#{anchor}" if anchor else ""
    if start == target:
        return fragment or "#"
    here = posixpath.dirname(markdown_path(start)) or "."
    return quote(posixpath.relpath(markdown_path(target), here)) + fragment


def follow_markdown(start: Address, link: str) -> tuple[Address, str]:
    """Return address and fragment of a relative Markdown link: the reverse of `relative_markdown`."""
    path, _, fragment = link.partition("#")
    if not path:
        return start, fragment
    here = posixpath.dirname(markdown_path(start))
    return markdown_address(posixpath.normpath(posixpath.join(here, unquote(path)))), fragment


def follow_note_link(start: Address, link: str) -> Address:
    """Return the note that a relative link between files in `notes/` leads to, seen from the note at `start`.

    `link` names a file, `../tools/Pruning knife.md`; its folders and name are slugged as the note's own are.
    """
    path = unquote(link.partition("#")[0]).removesuffix(".md")
    parts = (part if part in {"", ".", ".."} else slugify(part, "note") for part in path.split("/"))
    here = posixpath.dirname(markdown_path(start))
    return Address(f"{posixpath.normpath(posixpath.join(here, *parts))}/")


def absolute_url(base_url: str, target: str, anchor: str | None = None) -> str:
    """Return the full URL of an address or file; `base_url` ends in a slash."""
    return base_url + quote(target) + (f"#{anchor}" if anchor else "")


def local_target(base_url: str, url: str) -> tuple[Address, str] | None:
    """Return address and fragment where a full URL points into this garden, else None."""
    try:
        base, parts = urlsplit(base_url), urlsplit(url)
    except ValueError:
        return None
    if (parts.netloc.lower(), parts.scheme in {"http", "https"}) != (base.netloc.lower(), True):
        return None
    path, base_path = unquote(parts.path), unquote(base.path)
    if not path.startswith(base_path):
        return None
    address = path.removeprefix(base_path).removesuffix("index.html")
    return Address(address if not address or address.endswith("/") else f"{address}/"), parts.fragment


def id_in_address(address: Address) -> str | None:
    """Return the page id that ends an address, whatever words stand before it and whichever part it is of."""
    last = _PART.sub("", address.rstrip("/").rsplit("/", 1)[-1])
    tail = last.rsplit("-", 1)[-1]
    return tail if len(tail) == _ID_LETTERS and tail != last else None


def _shared_folders(start: str, target: str) -> int:
    here, there = start.split("/")[:-1], target.split("/")[:-1]
    shared = 0
    while shared < min(len(here), len(there)) and here[shared] == there[shared]:
        shared += 1
    return shared


def _join_words(text: str) -> str:
    """Fold a text and part its words by hyphens."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _NO_WORD.sub("-", unicodedata.normalize("NFC", folded))


def _letters(identifier: str, count: int) -> str:
    """Derive letters and digits that read well in an address from an identifier (SHA-256, base 32)."""
    digest = hashlib.sha256(identifier.encode("utf-8", "replace")).digest()
    return b32encode(digest).decode().lower()[:count]

"""Links out, backlinks in: the one step that sees all pages, as cards.

Cards and a directory of where everything stands come in; for each page its links out that lead to another
page and the links of others that lead to it go out. The text of a page is rewritten with what was found.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from garden.archive.event import EventId
from garden.pages import wikilink
from garden.pages.address import (
    HOME,
    Address,
    Anchor,
    follow_note_link,
    id_in_address,
    local_target,
    message_anchor,
    relative_markdown,
)
from garden.pages.page import (
    Answered,
    Backlink,
    LinkOut,
    Markdown,
    Page,
    PageCard,
    PageLinks,
    PageMessage,
    Target,
)
from garden.pages.plain import excerpt, plain_text
from garden.pages.quote import HERE, SENTENCE_LENGTH, quote_sentence
from garden.pages.rewrite import Place, find_targets, replace_targets

_ABSOLUTE: Final = re.compile(r"/|[a-zA-Z][a-zA-Z0-9+.-]*:")
_ANSWER: Final = "reply:"
"""Stands in front of an event's identifier for an answer across pages; no such scheme is ever written."""
_QUOTED: Final = 20
"""Links of one message whose sentences are looked for, each through all of it; others quote its beginning."""


@dataclass(frozen=True, slots=True)
class Directory:
    """Where everything in this garden stands."""

    base_url: str
    events: Mapping[EventId, Address]
    """Every published message and the page that holds it."""
    rooms: Mapping[str, Address]
    """Room identifiers and aliases."""
    ids: Mapping[str, Address]
    """Page ids (the letters that end an address)."""
    titles: Mapping[str, Address]
    """What wikilinks call pages and rooms, as `wikilink.name_key` spells it."""
    pages: Mapping[Address, str]
    """Titles of all pages, names of all rooms' pages, and tags."""


def find_links_out(messages: Iterable[PageMessage], base_url: str) -> tuple[LinkOut, ...]:
    """Return the links in a page's messages, and their answers, that may lead to a page of this garden."""
    return tuple(
        LinkOut(target, message.anchor, sentence, message.author, message.sent_at)
        for message in messages
        for target, sentence in _find_links(message, base_url)
    )


def _find_links(message: PageMessage, base_url: str) -> Iterator[tuple[str, str]]:
    """Yield each target of a message with the words that lead there."""
    if message.reply_to is not None and not message.reply_to.is_here:
        yield _ANSWER + message.reply_to.event_id, _first_words(message, base_url)
    found = dict.fromkeys(find_targets(message.text))
    for number, target in enumerate(each for each in found if may_be_local(each, base_url)):
        is_quoted = number < _QUOTED
        yield target, quote_sentence(message.text, target) if is_quoted else _first_words(message, base_url)


@lru_cache(maxsize=1)
def _first_words(message: PageMessage, base_url: str) -> str:
    """A list of links asks for the same words again and again."""
    return excerpt(plain_text(hide_permalinks(message.text, base_url)), SENTENCE_LENGTH)


def may_be_local(target: str, base_url: str) -> bool:
    """Say whether a link may lead to a page of this garden."""
    return (
        target.startswith("[[")
        or matrix_identifiers(target) is not None
        or local_target(base_url, target) is not None
    )


def link_pages(cards: Iterable[PageCard], directory: Directory) -> dict[Address, PageLinks]:
    """Find out, for every page that has any, its links out and its backlinks, oldest link first."""
    targets: dict[Address, dict[str, Target]] = defaultdict(dict)
    missing: dict[Address, list[str]] = defaultdict(list)
    backlinks: dict[Address, dict[tuple[Address, Anchor | None, Anchor | None], Backlink]]
    backlinks = defaultdict(dict)
    for card in cards:
        for link_out in card.links_out:
            target = locate(link_out.target, directory, card.address)
            if target is not None:
                targets[card.address][link_out.target] = target
                if target.address != card.address:
                    key = (card.address, link_out.anchor, target.anchor)
                    backlinks[target.address].setdefault(key, _backlink(card, link_out, target))
            elif link_out.target.startswith("[["):
                missing[card.address].append(wikilink.name_of(link_out.target[2:-2]))
            elif is_note_file(link_out.target) or link_out.embeds or link_out.target in card.grew_from:
                missing[card.address].append(link_out.target)
    return {
        address: PageLinks(
            tuple(targets[address].items()),
            tuple(sorted(backlinks[address].values(), key=_by_time)),
            tuple(missing[address]),
        )
        for address in {*targets, *backlinks, *missing}
    }


def locate(target: str, directory: Directory, start: Address = HOME) -> Target | None:
    """Find where a wikilink, own URL, matrix.to URL or `matrix:` URI leads in this garden, or None.

    From the note at `start`, a relative link to another note's file leads there too.
    """
    if target.startswith("[["):
        return _locate_name(wikilink.name_of(target[2:-2]), directory)
    if target.startswith(_ANSWER):
        return _locate_event(EventId(target.removeprefix(_ANSWER)), directory)
    identifiers = matrix_identifiers(target)
    if identifiers is not None:
        return _locate_matrix(identifiers, directory)
    if is_note_file(target):
        return _target(follow_note_link(start, target), None, directory)
    return _locate_url(target, directory)


def link_page(page: Page, links: PageLinks) -> Page:
    """Rewrite a page's links, and where its answers lead, into relative links between Markdown files."""
    found = dict(links.targets)
    if not found:
        return page

    def rewrite(message: PageMessage) -> PageMessage:
        text = replace_targets(message.text, lambda target: place_link(page.address, found.get(target)))
        return replace(message, text=text, reply_to=_link_answer(message.reply_to, page.address, found))

    return replace(page, messages=tuple(map(rewrite, page.messages)))


def _link_answer(answered: Answered | None, start: Address, found: Mapping[str, Target]) -> Answered | None:
    """Say on which page the answered message stands, where that is another one of this garden."""
    target = found.get(_ANSWER + answered.event_id) if answered is not None else None
    if answered is None or answered.is_here or target is None:
        return answered
    return replace(answered, page=relative_markdown(start, target.address, None))


def hide_permalinks(markdown: Markdown, base_url: str = "") -> Markdown:
    """Put an ellipsis where a permalink without words stands: to a reader it says nothing.

    With `base_url` the garden's own addresses are permalinks too, whose titles are not known before pages
    are linked.
    """

    def hide(target: str) -> Place | None:
        is_permalink = may_be_local(target, base_url) if base_url else matrix_identifiers(target) is not None
        return Place(target, "…") if is_permalink else None

    return replace_targets(markdown, hide)


def is_note_file(target: str) -> bool:
    """Say whether this is a relative link to a Markdown file; in messages, links name a scheme."""
    return target.partition("#")[0].endswith(".md") and not _ABSOLUTE.match(target)


def matrix_identifiers(target: str) -> tuple[str, str | None] | None:
    """Return room and event of a matrix.to URL or `matrix:` URI (appendices, "URIs")."""
    if target.startswith("https://matrix.to/#/"):
        parts = [unquote(part) for part in target[20:].partition("?")[0].split("/")]
        room, event = parts[0], "/".join(parts[1:])
        return (room, event or None) if room[:1] in {"!", "#"} else None
    if target.startswith("matrix:"):
        parts = [unquote(part) for part in target[7:].partition("?")[0].split("/")]
        sigil = {"roomid": "!", "r": "#"}.get(parts[0])
        match parts[1:]:
            case [room] if sigil:
                return sigil + room, None
            case [room, "e", event, *_] if sigil:
                return sigil + room, f"${event}"
    return None


def _locate_name(name: str, directory: Directory) -> Target | None:
    room = directory.rooms.get(name)
    if room is not None:
        return _target(room, None, directory)
    found = (directory.titles.get(key) for key in wikilink.name_keys(name))
    return next((target for each in found if (target := _target(each, None, directory))), None)


def _locate_matrix(identifiers: tuple[str, str | None], directory: Directory) -> Target | None:
    room, event = identifiers
    if event is None:
        return _target(directory.rooms.get(room), None, directory)
    return _locate_event(EventId(event), directory)


def _locate_event(event_id: EventId, directory: Directory) -> Target | None:
    return _target(directory.events.get(event_id), message_anchor(event_id), directory)


def _locate_url(target: str, directory: Directory) -> Target | None:
    """An outdated address of this garden still leads to its page, by the id that ends it."""
    found = local_target(directory.base_url, target)
    if found is None:
        return None
    address, fragment = found
    anchor = Anchor(fragment) if fragment.startswith("m-") else None
    known = address if address in directory.pages else directory.ids.get(id_in_address(address) or "")
    return _target(known, anchor, directory)


def _target(address: Address | None, anchor: Anchor | None, directory: Directory) -> Target | None:
    if address is None or address not in directory.pages:
        return None
    return Target(address, directory.pages[address], anchor)


def _backlink(card: PageCard, link_out: LinkOut, target: Target) -> Backlink:
    return Backlink(
        address=card.address,
        title=card.title,
        source_anchor=link_out.anchor,
        target_anchor=target.anchor,
        sentence=link_out.sentence.replace(HERE, f"‘{target.title}’"),
        author=link_out.author,
        sent_at=link_out.sent_at,
        embeds=link_out.embeds,
    )


def _by_time(backlink: Backlink) -> tuple[int, str, str]:
    return backlink.sent_at or 0, backlink.address, backlink.source_anchor or ""


def place_link(start: Address, target: Target | None) -> Place | None:
    """Return what a link on the page at `start` becomes, as one between Markdown files."""
    if target is None:
        return None
    return Place(relative_markdown(start, target.address, target.anchor), target.title)

"""Attention: what a build would know of the pages comes in, what wants to be looked after goes out.

Nothing of it depends on when it is asked: the archive's own last day is today.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from garden.conversations.tending import Stage
from garden.pages.address import HOME, Address, Anchor, absolute_url, id_in_address, local_target
from garden.pages.link import Directory, locate, matrix_identifiers
from garden.pages.page import PageCard, PageLinks
from garden.pages.paths import Growth

_DAY_MS: Final = 24 * 60 * 60 * 1000

GROWING_MESSAGES: Final = 12
GROWING_DAYS: Final = 21
"""So many messages in so many days are fast growth."""
STALE_DAYS: Final = 365
"""An evergreen page that nobody has tended for so long, and that others link to, may lead them astray."""
_SHORTEST_TITLE: Final = 4
"""Bytes of letters and digits in UTF-8: three letters, or one and a bit where a sign is a word."""

_LINK: Final = re.compile(r"<?(?:[a-z][a-z0-9+.-]*://|www\.|matrix:)\S*", re.IGNORECASE)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d/")
_NOTES: Final = "notes/"


class Kind(StrEnum):
    """Why a page wants attention; the value is the word for the command line."""

    UNTITLED = "untitled"
    """It has no title that says anything."""
    UNANSWERED = "unanswered"
    """It asks something, and no message is marked as the answer."""
    DEAD_LINK = "dead-link"
    """It links to a page that is not there, in this garden or, where they were asked, on another site."""
    WIKILINK = "wikilink"
    """It names a page that is not there."""
    GROWING = "growing"
    STALE = "stale"
    """It is evergreen, others link to it, and nobody has tended it, or said that it is, for long."""


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing to look after."""

    kind: Kind
    title: str
    address: Address
    url: str
    """The full address of the page, or of the message on it."""
    target: str = ""
    """Of a dead link what it leads to, of a wikilink the name."""
    why: str = ""
    """Of a page on another site, why it is not there: `404 Not Found`."""
    number: int = 0
    """Of a growing page the messages, of a stale one the pages that link to it."""
    at: int | None = None
    """When it was last tended, milliseconds since 1970."""
    suggestions: tuple[str, ...] = ()
    """Titles that may be meant."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of a garden, as a build would know it."""

    base_url: str
    cards: Sequence[PageCard]
    links: Mapping[Address, PageLinks]
    growth: Mapping[Address, Growth]
    directory: Directory
    untitled: str
    """What a conversation is called that has no words."""
    latest: Mapping[Address, Sequence[int]]
    """When the last messages of each conversation were sent, oldest first; at least as many as count."""
    looked_after: Mapping[Address, int] = field(default_factory=dict)
    """When somebody last said something about a conversation to the garden, milliseconds since 1970."""
    gone: Mapping[str, str] = field(default_factory=dict)
    """By its URL, why a page of another site is not there."""
    suggest: Callable[[str], Sequence[str]] = lambda _: ()
    """Which titles are like a name."""


def find_attention(survey: Survey, kinds: frozenset[Kind] = frozenset(Kind)) -> list[Attention]:
    """Return what wants to be looked after, kind by kind, what was tended last first."""
    found = [each for kind in Kind if kind in kinds for each in _FINDERS[kind](survey)]
    order = list(Kind)
    return sorted(
        found, key=lambda each: (order.index(each.kind), -(each.at or 0), each.address, each.target)
    )


def _find_untitled(survey: Survey) -> Iterator[Attention]:
    for card in survey.cards:
        if card.is_conversation and _says_nothing(card.title, survey.untitled):
            yield _attend(Kind.UNTITLED, card, survey)


def _says_nothing(title: str, untitled: str) -> bool:
    """Whether a title is none, a few letters, or a link and hardly anything else."""
    rest = " ".join(_LINK.sub(" ", title).split())
    letters = "".join(letter for letter in rest if letter.isalnum())
    return title == untitled or len(letters.encode()) < _SHORTEST_TITLE


def _find_unanswered(survey: Survey) -> Iterator[Attention]:
    for card in survey.cards:
        if card.is_question and not card.is_answered:
            yield _attend(Kind.UNANSWERED, card, survey)


def _find_dead_links(survey: Survey) -> Iterator[Attention]:
    for card in survey.cards:
        for link in card.links_out:
            if _is_dead(link.target, survey.directory, card.address):
                yield replace(_attend(Kind.DEAD_LINK, card, survey, link.anchor), target=link.target)
        for shared in card.web_links:
            if (why := survey.gone.get(shared.url)) is not None:
                found = _attend(Kind.DEAD_LINK, card, survey, shared.anchor)
                yield replace(found, target=shared.url, why=why)


def _is_dead(target: str, directory: Directory, start: Address) -> bool:
    """Whether a link leads to what should be here; other files of the garden are not looked for."""
    if locate(target, directory, start) is not None:
        return False
    identifiers = matrix_identifiers(target)
    if identifiers is not None:
        return identifiers[1] is not None and identifiers[0] in directory.rooms
    found = local_target(directory.base_url, target)
    address = found[0] if found is not None else HOME
    folder, _, rest = address.partition("/")
    if f"{folder}/" == _NOTES:
        return bool(rest)
    is_page = id_in_address(address) is not None or _DAY.fullmatch(rest) is not None
    return is_page and f"{folder}/" in directory.rooms.values()


def _find_wikilinks(survey: Survey) -> Iterator[Attention]:
    for card in survey.cards:
        for name in survey.links.get(card.address, PageLinks()).missing:
            found = _attend(Kind.WIKILINK, card, survey)
            yield replace(found, target=name, suggestions=tuple(survey.suggest(name)))


def _find_growing(survey: Survey) -> Iterator[Attention]:
    since = _last_day(survey) - GROWING_DAYS * _DAY_MS
    for card in survey.cards:
        times = survey.latest.get(card.address, ())
        number = sum(moment > since for moment in times)
        if card.is_conversation and number >= GROWING_MESSAGES:
            yield replace(_attend(Kind.GROWING, card, survey), number=number)


def _find_stale(survey: Survey) -> Iterator[Attention]:
    before = _last_day(survey) - STALE_DAYS * _DAY_MS
    for card in survey.cards:
        growth = survey.growth[card.address]
        tended = max(card.tended or before, survey.looked_after.get(card.address, 0))
        if growth.stage is Stage.EVERGREEN and growth.links_in and tended < before:
            yield replace(_attend(Kind.STALE, card, survey), number=growth.links_in)


def _last_day(survey: Survey) -> int:
    """Return when something was said last."""
    return max((times[-1] for times in survey.latest.values() if times), default=0)


_FINDERS: Final[Mapping[Kind, Callable[[Survey], Iterator[Attention]]]] = {
    Kind.UNTITLED: _find_untitled,
    Kind.UNANSWERED: _find_unanswered,
    Kind.DEAD_LINK: _find_dead_links,
    Kind.WIKILINK: _find_wikilinks,
    Kind.GROWING: _find_growing,
    Kind.STALE: _find_stale,
}


def _attend(kind: Kind, card: PageCard, survey: Survey, anchor: Anchor | None = None) -> Attention:
    return Attention(
        kind=kind,
        title=card.title,
        address=card.address,
        url=absolute_url(survey.base_url, card.address, anchor),
        at=card.tended,
    )

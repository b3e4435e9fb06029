"""Nobody: how pages speak of people who are not to be named.

A page whose names are covered comes in; what else would lead to a name in one step is taken out of it, and a
word stands where a name would.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from garden.archive.event import NOBODY, RoomId
from garden.conversations.conversation import Naming
from garden.conversations.room import Room
from garden.language import msgid
from garden.pages.link import matrix_identifiers
from garden.pages.page import Markdown, Page, PageMessage
from garden.pages.rewrite import Place, replace_targets
from garden.site.place import RoomPlace, permalink

SOMEBODY: Final = msgid("Somebody")
"""Stands where the name of an author would."""

_COVERED: Final = "…"
"""What a covered name is."""


def show_name(name: str) -> str:
    """Return a name as readers see it; empty where nobody is to be named."""
    return "" if name == _COVERED else name


def is_named(message: PageMessage) -> bool:
    """Say whether a message is somebody's whom readers can tell from others."""
    return message.sender != NOBODY


def count_people(page: Page) -> int:
    """Count the people who speak on a page; 0 where they are not told from one another."""
    return len({message.sender for message in page.speaking} - {NOBODY})


def can_be_followed(message: PageMessage, place: RoomPlace) -> bool:
    """Say whether a link may lead to the message in Matrix, where its sender's name stands."""
    return place.naming is Naming.FULL and is_named(message)


def hide_events(page: Page, place: RoomPlace) -> Page:
    """Let permalinks to events lead to their room only, where people are not named as they name themselves.

    Anchors and addresses stay: they follow from an event's identifier by a hash, and whoever has the room's
    history to compare them with finds a message sooner by its words.
    """
    if place.naming is Naming.FULL:
        return page
    return replace(page, messages=tuple(map(_hide_events, page.messages)))


def _hide_events(message: PageMessage) -> PageMessage:
    return replace(
        message,
        text=replace_targets(message.text, _lead_to_room),
        history=tuple(
            replace(version, text=replace_targets(version.text, _lead_to_room)) for version in message.history
        ),
    )


def _lead_to_room(target: Markdown) -> Place | None:
    identifiers = matrix_identifiers(target)
    if identifiers is None or identifiers[1] is None:
        return None
    url = permalink(Room(RoomId(identifiers[0]), identifiers[0]))
    return Place(url, url)

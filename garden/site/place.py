"""Where things stand, since when, and how people are named there, as a template is told.

Links become URLs and moments become words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlsplit

from garden.archive.event import RoomId, UserId
from garden.conversations.conversation import Naming
from garden.conversations.room import Room
from garden.conversations.tending import Stage
from garden.pages.address import Address, Anchor, follow_markdown, relative_url
from garden.pages.moment import format_time
from garden.pages.page import Markdown, PageCard
from garden.pages.rewrite import Place, replace_targets
from garden.site.view import TimeView


@dataclass(frozen=True, slots=True)
class Opened:
    """Why a room stands here: anyone may read it, unless one of the two below is true."""

    by: str = ""
    """Display name of who let everybody read it; empty where that is not known or nobody is to be named."""
    at: int | None = None
    """When that was, milliseconds since 1970, UTC; None where that is not known."""
    vouched: bool = False
    """An import that the garden's admin declares public."""
    closed: bool = False
    """Not everybody may read it now; what stands here was said while they could."""


@dataclass(frozen=True, slots=True)
class RoomPlace:
    """A room and the folder its pages stand in."""

    room: Room
    address: Address
    older: tuple[RoomId, ...] = ()
    """The rooms that it replaced by upgrades, oldest first."""
    index: bool = True
    """Whether search engines may list its pages."""
    opened: Opened = field(default_factory=Opened)
    naming: Naming = Naming.FULL
    """How people are named on its pages."""

    @property
    def identifiers(self) -> tuple[RoomId, ...]:
        """The room and all that it replaced, oldest first."""
        return (*self.older, self.room.room_id)


RoomNames = Mapping[RoomId, str]


def name_rooms(places: Iterable[RoomPlace]) -> RoomNames:
    """Return the name of each room by its identifier."""
    return {place.room.room_id: place.room.name for place in places}


def name_room(names: RoomNames, card: PageCard) -> str:
    """Return the name of a page's room; empty for notes."""
    return names.get(card.room_id, "") if card.room_id is not None else ""


def find_unlisted(places: Iterable[RoomPlace]) -> frozenset[RoomId]:
    """Return the rooms that are kept from search engines."""
    return frozenset(place.room.room_id for place in places if not place.index)


def present_time(milliseconds: int) -> TimeView:
    """Show a moment, UTC."""
    return TimeView(format_time(milliseconds))


def permalink(room: Room, event_id: str | None = None, room_id: RoomId | None = None) -> str:
    """Return the matrix.to URL of a room or of an event in it (appendix "matrix.to navigation").

    `room_id` is where the event was sent, where that is not the room as it is now. The `#` of an alias is
    percent-encoded, since a fragment cannot hold one (RFC 3986, section 3.5).
    """
    identifier = room.alias if room.alias and event_id is None else room_id or room.room_id
    parts = [quote(part, safe="!$:") for part in (identifier, event_id) if part]
    via = f"?via={quote(room.via)}" if room.via and not identifier.startswith("#") else ""
    return f"https://matrix.to/#/{'/'.join(parts)}{via}"


Divided = Mapping[Anchor, Address]
"""Where the messages of conversations stand that are divided into parts; those of others are not in it."""

WHOLE: Final[Divided] = {}
"""Nothing is divided."""

Stages = Mapping[Address, Stage]
"""How far each page has grown; days and rooms are not in it."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of all the pages around one."""

    divided: Divided = field(default_factory=dict)
    stages: Stages = field(default_factory=dict)
    people: Mapping[UserId, Address] = field(default_factory=dict)
    """The pages of people who have one."""


NOTHING_AROUND: Final = Surroundings()


def message_url(start: Address, page: Address, anchor: Anchor | None, divided: Divided = WHOLE) -> str:
    """Return the URL of a page, or of a message on it, as it is written at `start`."""
    return relative_url(start, divided.get(anchor, page) if anchor is not None else page, anchor)


def site_links(address: Address, text: Markdown, divided: Divided = WHOLE) -> Markdown:
    """Turn links between Markdown files into links between the site's pages."""

    def find(target: str) -> Place | None:
        path, _, fragment = target.partition("#")
        if not target.startswith("#m-") and (not path.endswith(".md") or urlsplit(target).scheme):
            return None
        page, _ = follow_markdown(address, target)
        return Place(message_url(address, page, Anchor(fragment) if fragment else None, divided), target)

    return replace_targets(text, find)

"""People: conversations come in, what each person began, answered and took part in goes out.

Only for gardens that ask for it, and only from rooms in which people are named in full and which search
engines may list. Who came over a bridge has agreed to less than that, and has no page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from garden.archive.event import NOBODY, UserId
from garden.conversations.conversation import ConversationKind, Naming
from garden.pages.address import Address, Anchor, person_address
from garden.pages.page import Page, PageMessage

Spot = tuple[Address, Anchor]
"""A page and a message on it."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has spoken in a conversation; each page stands in one of the three lists."""

    user: UserId
    name: str
    """The name of their last message."""
    address: Address
    planted: tuple[Spot, ...]
    """Conversations that they began."""
    answered: tuple[Spot, ...]
    """Others in which their message is the accepted answer; it is the spot."""
    joined: tuple[Spot, ...]
    """Others in which they have spoken; the first time is the spot."""


@dataclass(slots=True)
class _Tracks:
    """What is known of somebody so far."""

    name: str = ""
    named_at: int = -1
    planted: list[Spot] = field(default_factory=list)
    answered: list[Spot] = field(default_factory=list)
    joined: list[Spot] = field(default_factory=list)


class Register:
    """Gathers who has spoken where, in the first pass over all pages."""

    def __init__(self) -> None:
        self._tracks: dict[UserId, _Tracks] = {}

    def take(self, page: Page, naming: Naming, *, index: bool) -> None:
        """Take in a conversation of a room that names people so, and may be listed or not."""
        if page.kind is ConversationKind.DAY or naming is not Naming.FULL or not index or not page.speaking:
            return
        planter = page.speaking[0].sender
        first: dict[UserId, PageMessage] = {}
        for message in page.speaking:
            if message.sender != NOBODY and not message.network:
                first.setdefault(message.sender, message)
                self._note_name(message)
        answer = next((each for each in page.speaking if each.anchor == page.answer), None)
        for user, message in first.items():
            tracks = self._tracks[user]
            if user == planter:
                tracks.planted.append((page.address, message.anchor))
            elif answer is not None and answer.sender == user:
                tracks.answered.append((page.address, answer.anchor))
            else:
                tracks.joined.append((page.address, message.anchor))

    def list_people(self) -> Iterator[Person]:
        """Yield everybody, in the order of their names."""
        order = sorted(self._tracks.items(), key=lambda each: (each[1].name.casefold(), each[0]))
        for user, tracks in order:
            yield Person(
                user,
                tracks.name,
                person_address(user),
                tuple(tracks.planted),
                tuple(tracks.answered),
                tuple(tracks.joined),
            )

    def _note_name(self, message: PageMessage) -> None:
        tracks = self._tracks.setdefault(message.sender, _Tracks())
        if message.sent_at >= tracks.named_at:
            tracks.name, tracks.named_at = message.author, message.sent_at

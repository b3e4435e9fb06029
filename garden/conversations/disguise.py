"""Disguise: a room's events come in with people's names, they go out with names that the garden has made up.

It stands between the gate and the resolving, which compares senders and so needs to tell them apart; where
nobody is to be named at all, what tells them apart is taken from the messages afterwards.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from garden.archive.cover import UNNAMED, Cover, cover_event, find_people
from garden.archive.event import NOBODY, Event, EventId, RoomId, UserId, get_text
from garden.archive.known_name import find_names, name_beginning, name_forms
from garden.conversations.conversation import Message, Naming, Poll, Reaction, Removal, Version
from garden.conversations.pseudonym import make_pseudonym

_SHORTEST_LOCALPART: Final = 3
"""Letters of a localpart that is taken for a name in messages that mention its owner."""
_MADE_UP: Final = re.compile(r"(@?)member-[a-z2-7]{12}:garden\.invalid")


class Disguise:
    """How the people of a room are named on its pages.

    `digest` is keyed and gives the same hexadecimal digits for the same text, as `make_pseudonym` needs.
    """

    def __init__(self, naming: Naming, digest: Callable[[str], str]) -> None:
        self._naming = naming
        self._digest = digest

    def events(
        self, events: Sequence[Event], state: Sequence[Event]
    ) -> tuple[Sequence[Event], Sequence[Event]]:
        """Cover everybody in a room's events and its state; the same objects where names are shown in full.

        Who is no member by the state gets a membership there, as somebody who has left, so that they have a
        name too.
        """
        if self._naming is Naming.FULL:
            return events, state
        everybody = _Everybody((*state, *events), self._cover)
        strangers = everybody.introduce({event.state_key for event in state if event.type == "m.room.member"})
        return (
            tuple(map(everybody.cover, events)),
            (*map(everybody.cover, state), *(strangers if state or events else ())),
        )

    def messages(self, messages: Iterable[Message]) -> list[Message]:
        """Take out of messages what still tells people apart, where they are hidden."""
        return [_hide(message) if self._naming is Naming.HIDDEN else message for message in messages]

    def words(self, text: str) -> str:
        """Take out of words such as a title what tells people apart, where they are hidden."""
        return _strip(text) if self._naming is Naming.HIDDEN else text

    def _cover(self, user: UserId) -> Cover:
        made_up = make_pseudonym(user, self._digest)
        return Cover(made_up.user_id, UNNAMED) if self._naming is Naming.HIDDEN else made_up


class _Everybody:
    """Everybody whom some events name: all of them are covered (`Covers`)."""

    def __init__(self, events: Sequence[Event], make: Callable[[UserId], Cover]) -> None:
        self._room_id = events[0].room_id if events else RoomId("")
        self._covers: dict[UserId, Cover] = {}
        self._bearers: dict[str, set[UserId]] = defaultdict(set)
        self._beginnings: set[str] = set()
        likely: set[UserId] = set()
        sure: set[UserId] = set()
        for event in events:
            for user, is_sure in find_people(event):
                (sure if is_sure else likely).add(user)
            for user, name in _names(event):
                self._note(user, name)
        people = sure | {user for user in likely if user.lower() not in sure}
        for user in sorted(people - {NOBODY}):
            self._covers[user] = make(user)
            localpart = user[1:].partition(":")[0]
            if len(localpart) >= _SHORTEST_LOCALPART:
                self._note(user, localpart)

    def of(self, user: UserId) -> Cover | None:
        """Return what stands instead of somebody."""
        return self._covers.get(user)

    def bears(self, user: UserId, words: str) -> bool:
        """Whether words, folded, are a name that somebody bears or has borne here."""
        return user in self._bearers.get(words, ())

    def cover(self, event: Event) -> Event:
        """Return an event in which nobody is named."""
        return cover_event(event, self, self._find_addressed(event), self._beginnings)

    def introduce(self, known: set[str | None]) -> Iterator[Event]:
        """Yield memberships of those who have none."""
        for user, cover in self._covers.items():
            if user not in known and " " not in user:
                yield Event(
                    room_id=self._room_id,
                    event_id=EventId(f"$introduces-{cover.user_id}"),
                    sender=cover.user_id,
                    type="m.room.member",
                    sent_at=0,
                    content={"membership": "leave", "displayname": cover.name},
                    state_key=cover.user_id,
                )

    def _note(self, user: UserId, name: str) -> None:
        forms = name_forms(name)
        for form in forms:
            self._bearers[form].add(user)
        self._beginnings |= {name_beginning(each) for each in (name, *forms)}

    def _find_addressed(self, event: Event) -> set[UserId]:
        """Return whom a message surely names without an identifier.

        `Ada: yes` and `@Ada` speak to somebody, and a name of two words is hardly anything else.
        """
        body = get_text(event.content, "body") or ""
        found: set[UserId] = set()
        for start, end, name in find_names(body, self._bearers.__contains__, beginnings=self._beginnings):
            speaks = not body[:start].strip("@ ") and body[end : end + 1] in {":", ","}
            if " " in name or speaks or body[:start].endswith("@"):
                found |= self._bearers.get(name, set())
        return found


def _names(event: Event) -> Iterator[tuple[UserId, str]]:
    """Yield who is called how by a membership."""
    name = get_text(event.content, "displayname") if event.type == "m.room.member" else None
    if name and event.state_key:
        yield UserId(event.state_key), name


def _hide(message: Message) -> Message:
    """Take out of a message who has said it, and who has done anything with it."""
    location, attachment, change, poll = message.location, message.attachment, message.change, message.poll
    return replace(
        message,
        sender=NOBODY,
        sender_name=UNNAMED,
        body=_strip(message.body),
        formatted_body=_strip(message.formatted_body) if message.formatted_body is not None else None,
        avatar=None,
        network="",
        attachment=replace(attachment, name=_strip(attachment.name)) if attachment is not None else None,
        location=replace(location, description=_strip(location.description))
        if location is not None
        else None,
        poll=_hide_in_poll(poll) if poll is not None else None,
        change=replace(change, value=_strip(change.value)) if change is not None else None,
        type_name=_strip(message.type_name),
        versions=tuple(map(_hide_in_version, message.versions)),
        removal=Removal(NOBODY, UNNAMED, message.removal.at) if message.removal is not None else None,
        reactions=tuple(map(_hide_in_reaction, message.reactions)),
        names=((NOBODY, UNNAMED),) if message.names else (),
    )


def _hide_in_poll(poll: Poll) -> Poll:
    return replace(poll, answers=tuple(replace(each, text=_strip(each.text)) for each in poll.answers))


def _hide_in_version(version: Version) -> Version:
    html = version.formatted_body
    return replace(
        version, body=_strip(version.body), formatted_body=_strip(html) if html is not None else None
    )


def _hide_in_reaction(reaction: Reaction) -> Reaction:
    count = len(reaction.senders)
    return replace(reaction, key=_strip(reaction.key), senders=(NOBODY,) * count, names=(UNNAMED,) * count)


def _strip(text: str) -> str:
    """Replace identifiers that the garden has made up: they are left in links only."""
    if ":garden.invalid" not in text:
        return text
    return _MADE_UP.sub(lambda found: NOBODY if found[1] else NOBODY.removeprefix("@"), text)

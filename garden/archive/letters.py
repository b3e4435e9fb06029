"""Letters: private messages to the garden's account come in, wishes and answers to them go out.

What has been read stands in a small text that the archive keeps between two syncs. An admin may have lent the
garden an account of their own: so it explains itself only where it was invited as the garden's, and answers
elsewhere only who speaks to the garden.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from garden.archive.account import Account, ForbiddenError
from garden.archive.event import Event, JsonObject, RoomId, UserId, get_text
from garden.archive.letter_box import (
    LETTER_TYPES,
    Invitation,
    KnownRoom,
    Memory,
    PrivateRoom,
    list_invitations,
    list_rooms,
    make_filter,
    read_letters_of,
    read_memory,
    write_memory,
)
from garden.archive.wish import Wish, read_command, read_wish
from garden.errors import HomeserverError

MOST_ROOMS: Final = 50
"""Rooms with news that one sync reads, and invitations that it accepts; the others have their turn later."""

MOST_JOINED: Final = 500
"""An account that is in more rooms which the garden does not publish is somebody's own."""

_PAGES: Final = 10
"""Pages of a hundred messages that are read back where much was written since the last sync."""

_MOST_FAILURES: Final = 3
"""Invitations that cannot be accepted before the others wait for the next sync: each may take a while."""

_REPLY: Final = ("m.relates_to", "m.in_reply_to", "event_id")

_PRIVATE: Final = 2
"""Members of a private conversation."""


@dataclass(frozen=True, slots=True)
class Replies:
    """What the account answers, in plain text."""

    opted_out: str
    opted_in: str
    explain: str
    """What one can say to the account; the answer to everything else."""
    encrypted: str
    """That it cannot read encrypted messages, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Letters:
    """What came by post."""

    wishes: tuple[Wish, ...] = ()
    remembered: str | None = None
    """What the next reading has to know: to be kept together with the wishes."""
    notes: tuple[str, ...] = ()
    """What went wrong, for a person; none of it stops a sync."""


async def read_letters(
    account: Account, published: frozenset[RoomId], remembered: str | None, replies: Replies | None
) -> Letters:
    """Read what people wrote to the account, and answer.

    `published` are the garden's rooms, which the archive reads; `remembered` is what the last reading
    returned. Without `replies` the account accepts, answers and leaves nothing. What a room held when it was
    seen for the first time is read and not answered, unless the account has just been invited there. A guest
    gets no letters. Raises nothing: what goes wrong is noted, and the next reading begins where this one did.
    """
    post = _Post(account, published, read_memory(remembered), replies)
    try:
        if (await account.whoami()).is_guest:
            return Letters(remembered=remembered)
        await post.read()
    except HomeserverError as error:
        post.note("Private messages could not be read", error)
    return Letters(tuple(post.wishes), write_memory(post.memory), tuple(post.notes))


class _Post:
    """One reading of all letters; what it has done by then is right, wherever it ends."""

    def __init__(
        self,
        account: Account,
        published: frozenset[RoomId],
        memory: Memory,
        replies: Replies | None,
    ) -> None:
        self._account = account
        self._published = published
        self._replies = replies
        self._me = UserId("")
        self._is_mute = False
        self._over = set[RoomId]()
        self.memory = memory
        self.wishes: list[Wish] = []
        self.notes: list[str] = []

    def note(self, what: str, error: HomeserverError) -> None:
        self.notes.append(f"{what}: {error}")

    async def read(self) -> None:
        self._me = (await self._account.whoami()).user_id
        joined = [room for room in await self._account.list_joined() if room not in self._published]
        if len(joined) > MOST_JOINED:
            self.notes.append(
                f"Private messages to {self._me} are not read: it is in {len(joined)} rooms that the garden"
                " does not publish, as a person's own account is. Give the garden one for itself."
            )
            return
        box = await self._read_box()
        entered = set[RoomId]()
        if self._replies is not None:
            entered = await self._accept(list_invitations(box, self._me))
        if entered:
            box = await self._read_box()
        rooms = [room for room in list_rooms(box) if room.room_id not in self._published]
        # Of a room that was just entered the homeserver may not tell yet.
        self._forget_all_but({room.room_id for room in rooms} | entered)
        self._over = {room.room_id for room in rooms if _is_over(room, self.memory.rooms.get(room.room_id))}
        news = sorted(filter(self._has_news, rooms), key=_latest, reverse=True)
        for room in news[:MOST_ROOMS]:
            await self._read_room(room)
        for room in rooms:
            if self._replies is not None and room.room_id in self._over and not self._has_news(room):
                await self._leave(room.room_id)

    async def _read_box(self) -> JsonObject:
        self.memory.turn += 1
        return await self._account.read_box(make_filter(self._published), self.memory.turn)

    async def _accept(self, invitations: Iterable[Invitation]) -> set[RoomId]:
        """Go where somebody wants to speak to the garden alone; return these rooms."""
        wanted = (
            each
            for each in invitations
            if (each.is_direct or each.may_be_private) and each.room_id not in self._published
        )
        entered, failures = set[RoomId](), 0
        for invitation in islice(wanted, MOST_ROOMS):
            try:
                await self._account.join(invitation.room_id)
            except HomeserverError as error:
                self.note("An invitation could not be accepted", error)
                failures += 1
                if failures == _MOST_FAILURES:
                    break
                continue
            self.memory.rooms[invitation.room_id] = KnownRoom(is_own=True, is_direct=invitation.is_direct)
            entered.add(invitation.room_id)
        return entered

    def _forget_all_but(self, present: Container[RoomId]) -> None:
        known = self.memory.rooms.items()
        self.memory.rooms = {room_id: room for room_id, room in known if room_id in present}

    def _has_news(self, room: PrivateRoom) -> bool:
        known = self.memory.rooms.get(room.room_id)
        return known is None or known.seen != room.last

    async def _read_room(self, room: PrivateRoom) -> None:
        known = self.memory.rooms.get(room.room_id)
        try:
            events = list(room.events) if known is None else await self._find_new(room, known)
        except HomeserverError as error:
            self.note(f"Private messages in {room.room_id} could not be read", error)
            return
        letters = [event for event in events if event.sender != self._me]
        self.wishes += filter(None, map(read_wish, letters))
        if known is None or self._replies is None:
            self.memory.rooms[room.room_id] = replace(known or KnownRoom(), seen=room.last)
            return
        answered = {get_text(event.content, *_REPLY) for event in events if event.sender == self._me}
        answers, known = choose_answers(letters, known, self._replies)
        if await self._answer(room, [each for each in answers if each[0].event_id not in answered]):
            self.memory.rooms[room.room_id] = replace(known, seen=room.last)

    async def _find_new(self, room: PrivateRoom, known: KnownRoom) -> list[Event]:
        """Return what was written since the last reading, oldest first."""
        events, token = list(room.events), room.token
        for _ in range(_PAGES):
            if token is None or any(event.event_id == known.seen for event in events):
                break
            batch = await self._account.read_back(room.room_id, token, types=LETTER_TYPES)
            events = [*reversed(list(read_letters_of(batch.events, room.room_id))), *events]
            token = batch.next_token
        places = [place for place, event in enumerate(events, 1) if event.event_id == known.seen]
        return events[max(places, default=0) :]

    async def _answer(self, room: PrivateRoom, answers: Iterable[tuple[Event, str]]) -> bool:
        """Say whether all is said that can be; what is left is for the next reading."""
        if room.room_id in self._over:
            return True
        for event, text in answers:
            if self._is_mute:
                return False
            try:
                await self._account.send(room.room_id, _write_answer(event, text), after=event.event_id)
            except ForbiddenError as error:
                self.note("A private message could not be answered", error)
            except HomeserverError as error:
                self.note("A private message could not be answered yet", error)
                self._is_mute = True
                return False
        return True

    async def _leave(self, room_id: RoomId) -> None:
        try:
            await self._account.leave(room_id)
        except HomeserverError as error:
            self.note("A private room could not be left", error)
        else:
            self.memory.rooms.pop(room_id, None)


def choose_answers(
    letters: Sequence[Event], known: KnownRoom, replies: Replies
) -> tuple[list[tuple[Event, str]], KnownRoom]:
    """Return what to answer to which message, and what is known of the room once that is said.

    Of somebody's commands only the last is answered, so that nobody makes the account talk without end. Words
    that are none are answered once, and only in a room that the account was invited to as the garden's.
    """
    commands = {event.sender: event for event in letters if read_command(event) is not None}
    answers = [(event, _answer_command(event, replies)) for event in commands.values()]
    told = known.told or bool(commands)
    words = [event for event in letters if _is_text(event)]
    if words and known.is_own and not told:
        answers.append((words[-1], replies.explain))
        told = True
    secret = [event for event in letters if event.type == "m.room.encrypted"]
    warned = known.warned
    if secret and known.is_own and not warned:
        answers.append((secret[-1], replies.encrypted))
        warned = True
    return answers, replace(known, told=told, warned=warned)


def _answer_command(event: Event, replies: Replies) -> str:
    wish = read_wish(event)
    if wish is None:
        return replies.explain
    return replies.opted_out if wish.out else replies.opted_in


def _is_text(event: Event) -> bool:
    """Whether a person may have written it; what other programs write stays unanswered."""
    return event.type == "m.room.message" and get_text(event.content, "msgtype") == "m.text"


def _write_answer(event: Event, text: str) -> dict[str, object]:
    """Write a notice, which programs do not answer, as a reply that calls nobody."""
    return {
        "msgtype": "m.notice",
        "body": text,
        "m.relates_to": {"m.in_reply_to": {"event_id": event.event_id}},
        "m.mentions": {},
    }


def _is_over(room: PrivateRoom, known: KnownRoom | None) -> bool:
    """Whether a room that the account was invited to is no private conversation any more."""
    if known is None or not known.is_own or room.joined is None:
        return False
    people = room.joined + room.invited
    return people == 1 or (people > _PRIVATE and not known.is_direct)


def _latest(room: PrivateRoom) -> int:
    return room.events[-1].sent_at if room.events else 0

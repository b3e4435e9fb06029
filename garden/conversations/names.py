"""What people are called: membership events come in, in the server's order; at every point names go out.

A name is what its owner chose, made harmless, and told apart from everybody else's in the room. Who is not to
be named is called `…` by everybody, and by nothing else.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from garden.archive.cover import UNNAMED
from garden.archive.event import NOBODY, Event, MxcUri, UserId, clean_text, get_mxc, get_text
from garden.conversations.bridge import Bridges
from garden.conversations.label import clean_label, fold_label

LONGEST_NAME: Final = 100
"""Characters of a display name that are kept; longer ones are pranks."""

_LIKE_USER_ID: Final = re.compile(r"@[^\s:]+:\S")
_USER_ID: Final = re.compile(r"@[^\s:]{0,250}:[^\s]{1,250}")
_PRESENT: Final = frozenset({"join", "invite"})


def localpart(user_id: UserId) -> str:
    """Return the part of a user's identifier between `@` and the server's name; never empty."""
    return user_id.removeprefix("@").split(":", 1)[0] or user_id


def clean_name(text: str | None) -> str:
    """Return a display name as one harmless line; empty where nothing of it is seen."""
    return clean_label(text or "", LONGEST_NAME)


def read_user_id(content: object, *path: str) -> UserId | None:
    """Return the user identifier at a path of keys, or None (appendices, "User Identifiers")."""
    return parse_user_id(get_text(content, *path) or "")


def parse_user_id(text: str) -> UserId | None:
    """Return a text as a user identifier where it is one: a state key may be anything at all."""
    return UserId(text) if _USER_ID.fullmatch(text) and clean_text(text) == text else None


def _spell(user: UserId) -> str:
    """Write an identifier for people; invisible letters in it are spelt out, or it would pass for another."""
    return user if clean_label(user, len(user)) == user else quote(user, safe="@:")


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody as the last membership event describes them."""

    name: str
    """The display name, else the localpart; not yet told apart from others."""
    avatar: MxcUri | None = None
    present: bool = False
    """Whether they are joined or invited."""


class Roster:
    """The members of a room after the events that were noted so far.

    `events` are all that will be noted: somebody whose membership is among them is not in the room before
    it; `state` knows the others. `bridges` say whose name carries the name of another network.
    """

    def __init__(self, events: Iterable[Event], state: Iterable[Event], bridges: Bridges) -> None:
        self._bridges = bridges
        self._members: dict[UserId, Member] = {}
        self._holders: dict[str, set[UserId]] = defaultdict(set)
        self._short_holders: dict[str, set[UserId]] = defaultdict(set)
        told = {event.state_key for event in events if event.type == "m.room.member"}
        for event in state:
            self.note(event, is_told_later=event.state_key in told)

    def note(self, event: Event, *, is_told_later: bool = False) -> None:
        """Take in one event: only memberships change anything."""
        user = parse_user_id(event.state_key or "")
        if event.type != "m.room.member" or user is None:
            return
        before = self._members.get(user)
        after = _read_member(event, user, before)
        if is_told_later:
            after = Member(after.name, after.avatar)
        if before is not None and before.present:
            self._count(user, before, holds=False)
        if after.present:
            self._count(user, after, holds=True)
        self._members[user] = after

    def knows(self, user: UserId) -> bool:
        """Whether somebody is or was a member, as everybody is taken to be who is not to be named."""
        return user in self._members or user == NOBODY

    def base_name(self, user: UserId) -> str:
        """Return what somebody calls themselves, else the localpart; others may be called the same."""
        if user == NOBODY:
            return UNNAMED
        member = self._members.get(user)
        return member.name if member is not None else localpart_label(user)

    def name(self, user: UserId) -> str:
        """Return what to call somebody so that nobody else is meant.

        Where two members share a name it is followed by the identifier (client-server API, "Calculating the
        display name for a user"). The ending that a bridge gives to names goes where that makes no
        confusion.
        """
        name = self.base_name(user)
        short = self._bridges.shorten_name(user, name)
        if short != name and not self._is_taken(short, user, short=True):
            return short
        return self.tell_apart(name, user)

    def tell_apart(self, name: str, user: UserId) -> str:
        """Return a name for somebody, with the identifier where it could be taken for another member's."""
        if name == UNNAMED:
            return name
        is_doubtful = self._is_taken(name, user) or _LIKE_USER_ID.search(name)
        return f"{name} ({_spell(user)})" if is_doubtful else name

    def profile_name(self, name: str, user: UserId, *, is_bridge: bool) -> str:
        """Return the name that one message gives to its sender (MSC4144, "Preventing impersonation").

        A bridge's word counts: the network that is shown with the name says that it is not a member's.
        """
        if is_bridge and not _LIKE_USER_ID.search(name):
            return self._bridges.shorten_name(user, name)
        return self.tell_apart(name, user) if name else ""

    def avatar(self, user: UserId) -> MxcUri | None:
        """Return somebody's picture."""
        member = self._members.get(user) if user != NOBODY else None
        return member.avatar if member is not None else None

    def _count(self, user: UserId, member: Member, *, holds: bool) -> None:
        _hold(self._holders[fold_label(member.name)], user, holds=holds)
        short = self._bridges.shorten_name(user, member.name)
        if short != member.name:
            _hold(self._short_holders[fold_label(short)], user, holds=holds)

    def _is_taken(self, name: str, user: UserId, *, short: bool = False) -> bool:
        key = fold_label(name)
        if _others(self._holders.get(key), user):
            return True
        return short and _others(self._short_holders.get(key), user)


def localpart_label(user: UserId) -> str:
    """Return somebody's localpart as a harmless line; never empty."""
    return clean_name(localpart(user)) or clean_name(user) or "@"


def _read_member(event: Event, user: UserId, before: Member | None) -> Member:
    """Who leaves keeps the last name, since leaving tells none."""
    membership = get_text(event.content, "membership") or ""
    name = clean_name(get_text(event.content, "displayname"))
    avatar = get_mxc(event.content, "avatar_url")
    present = membership in _PRESENT
    if not present and before is not None:
        return Member(name or before.name, avatar or before.avatar)
    return Member(name or localpart_label(user), avatar, present)


def _hold(holders: set[UserId], user: UserId, *, holds: bool) -> None:
    if holds:
        holders.add(user)
    else:
        holders.discard(user)


def _others(holders: set[UserId] | None, user: UserId) -> bool:
    return holders is not None and len(holders) > (user in holders)

"""The veil between what is told and what is kept: an event comes in, what wishes leave of it goes out.

Every event passes here before it reaches a row, and every row once more when a wish is new. So of somebody
who is gone neither identifier nor name nor words are ever written, whatever came first.
"""

from __future__ import annotations

import json
from typing import Final

from garden.archive.cover import Cover, cover_event, cover_source
from garden.archive.entry import REDACTION, Entry
from garden.archive.event import NOBODY, JsonObject, RoomId, UserId, get_text, revive_event
from garden.archive.hollow import find_users, hollow_source
from garden.archive.known_name import fold_name
from garden.archive.redaction import prune_source
from garden.archive.wish import read_removal, read_wish
from garden.archive.wishes import Kind, WishShelf

COVERED: Final = "covered"
"""As `veil`: the row stands as it was told, but for somebody who is covered in it. A hollow row has there the
digest of the wish that made it so."""
LIFTED: Final = "lifted"
"""As `veil`: covered by a wish that may have been taken back; whoever told the event may tell it again."""

_SPOKEN: Final = frozenset({"m.room.message", "m.reaction", REDACTION})
"""Types of events with which somebody can speak to the garden."""

_COVER: Final = Cover(NOBODY, "…")


class Veil:
    """The wishes as one transaction sees them, for one room; it remembers what it was asked.

    A wish that was taken back still counts in a room until everything that it changed there may come back
    (`honour_wishes`): half of it would show the words of a message without the edit that replaced them.
    With `hears` it hears what those who are gone say to the garden, since nobody can later: what a homeserver
    tells is heard, what a file tells is not.
    """

    def __init__(self, wishes: WishShelf, room_id: RoomId, *, hears: bool = False) -> None:
        self._wishes = wishes
        self._hears = hears
        self._room_id = room_id
        self._lifted = wishes.list_lifted_in(room_id)
        self._is_needed = bool(self._lifted) or wishes.exist()
        self._known: dict[tuple[Kind, str], str | None] = {}
        self._noted: set[str] = set()
        self._names: dict[str, set[str]] = {}
        self._new_names: set[UserId] = set()

    def drape(self, entry: Entry) -> Entry:
        """Return what wishes leave of an event; the same where they leave all of it."""
        if not self._is_needed:
            return entry
        source = entry.source
        forgotten = self._find_forgotten(entry)
        if forgotten is not None:
            return self._hollow(entry, forgotten)
        self._note_name(source)
        about = self._find_in(get_text(source, "state_key"))
        if about is not None:
            return self._hollow(entry, about)
        sender = self._find("user", entry.sender)
        if sender is not None:
            self._hear(entry)
            if source.get("state_key") is None:
                return self._hollow(entry, sender)
            self._note(sender)
            source = {**source, "sender": NOBODY}
        covered = cover_source(source, self)
        return entry if covered is entry.source else entry.become(dict(covered), veil=COVERED)

    def cover(self, source: JsonObject) -> JsonObject:
        """Cover everybody who is gone in a part of an event; the same object where nobody is."""
        return cover_source(source, self) if self._is_needed else source

    def drape_again(self, entry: Entry, user: UserId) -> Entry:
        """Cover a name that somebody gone turns out to bear, in a row in which somebody is covered.

        Nobody says there any more who was meant; it is read as if it had been this one.
        """
        event = revive_event(entry.source, self._room_id)
        content = cover_event(event, self, [user]).content
        return entry if content is event.content else entry.become({**entry.source, "content": dict(content)})

    def hides(self, event_id: str | None, told: object) -> bool:
        """Whether what is no event is not to be kept: it was forgotten, or names somebody gone."""
        if not self._is_needed:
            return False
        found = self._find("event", event_id) if event_id is not None else None
        found = found or self._find_in(_spell(told))
        if found is not None:
            self._note(found)
        return found is not None

    def is_forgotten(self, event_id: str) -> bool:
        """Whether an event was forgotten."""
        return self._find("event", event_id) is not None

    def take_new_names(self) -> set[UserId]:
        """Return who of the gone has turned out to bear a new name since this was last asked."""
        found, self._new_names = self._new_names, set()
        return found

    # What `cover_source` asks

    def of(self, user: UserId) -> Cover | None:
        """Return what stands instead of somebody who is gone."""
        digest = self._find("user", user)
        if digest is None:
            return None
        self._note(digest)
        return _COVER

    def bears(self, user: UserId, words: str) -> bool:
        """Whether words are a name of somebody who is gone."""
        gone = self._find("user", user)
        if gone is None:
            return False
        if gone not in self._names:
            self._names[gone] = self._wishes.list_names(gone)
        names = self._names[gone]
        return bool(names) and self._wishes.digest_name(gone, fold_name(words)) in names

    def _find_forgotten(self, entry: Entry) -> str | None:
        """Find the wish that an event goes with: it is forgotten, or tells about one that is.

        What was said in a thread behind a forgotten event stays its own sender's.
        """
        own = self._find("event", entry.event_id)
        if own is None and entry.relates_to is not None and entry.rel_type != "m.thread":
            return self._find("event", entry.relates_to)
        return own

    def _hollow(self, entry: Entry, wish: str) -> Entry:
        self._note(wish)
        if entry.rel_type == REDACTION:
            # A row that a crawl mends and nobody drops: what was redacted has to stay gone.
            return entry.become(hollow_source(entry.source), veil=COVERED)
        if entry.source.get("state_key") == "":
            # The order of such events says what could be read when, so that has to stay.
            pruned = prune_source(entry.source) | {"sender": NOBODY}
            return entry.become(dict(cover_source(pruned, self)), veil=COVERED)
        return entry.become(hollow_source(entry.source), veil=wish)

    def _note_name(self, source: JsonObject) -> None:
        named = self._wishes.note_member(source)
        if named is not None:
            self._names.clear()
            self._new_names.add(named)

    def _hear(self, entry: Entry) -> None:
        """Hear whether somebody gone opts in again, in words or by removing what they opted out with."""
        if not self._hears or entry.source["type"] not in _SPOKEN:
            return
        event = revive_event(entry.source, self._room_id)
        wish, removal = read_wish(event), read_removal(event)
        if wish is not None:
            self._wishes.note(wish.user, out=wish.out, at=wish.at, sign=wish.event_id)
        if removal is not None:
            self._wishes.take_back(removal.user, removal.event_id, at=removal.at)

    def _find_in(self, text: str | None) -> str | None:
        """Find the wish of somebody gone whom a text names."""
        if not text:
            return None
        return next((found for user in find_users(text) if (found := self._find("user", user))), None)

    def _find(self, kind: Kind, text: str) -> str | None:
        key = (kind, text)
        if key not in self._known:
            self._known[key] = self._look_up(kind, text) if self._is_needed else None
        return self._known[key]

    def _look_up(self, kind: Kind, text: str) -> str | None:
        found = self._wishes.find(kind, text)
        if found is None and self._lifted and (digest := self._wishes.digest(kind, text)) in self._lifted:
            return digest
        return found

    def _note(self, digest: str) -> None:
        if digest not in self._noted:
            self._noted.add(digest)
            self._wishes.note_veil(self._room_id, digest)


def _spell(told: object) -> str:
    """Spell anything so that identifiers in it can be found; nothing is kept of what cannot be spelled."""
    try:
        return told if isinstance(told, str) else json.dumps(told, ensure_ascii=False, default=str)
    except (RecursionError, TypeError, ValueError):
        return ""

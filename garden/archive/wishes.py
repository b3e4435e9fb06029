"""Wishes: who is gone, which events and rooms are forgotten goes in as keyed digests, answers come out.

Nobody can read from the archive who or what was forgotten; whoever comes again is known again. A wish is in
force while anybody says so: the garden's own list, somebody who forgot them by hand, or they themselves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, Literal

from garden.archive.database import Database
from garden.archive.event import EventId, JsonObject, RoomId, UserId, get_text
from garden.archive.key import GardenKey
from garden.archive.known_name import name_forms
from garden.archive.memory import Memory

Kind = Literal["user", "event", "room"]
KINDS: Final[tuple[Kind, ...]] = ("user", "event", "room")

_NAME: Final = "name"
"""Kind of what is no wish: a name that somebody gone bears or has borne; its `source` is their digest."""

_IN_FORCE: Final = "wish = 'out' AND kind != 'name'"


class WishShelf:
    """The rows of `wishes`, and of `veils`, which say in which rooms they have changed something."""

    def __init__(self, database: Database, key: GardenKey) -> None:
        self._database = database
        self._key = key
        self._memory = Memory(database)
        self._digest = lru_cache(maxsize=50_000)(key.digest)

    # What people ask for

    def forget(self, kind: Kind, text: str, *, at: int) -> None:
        """Forget a user, an event or a room, whatever others wish; `at` is in milliseconds since 1970."""
        self._write(kind, self.digest(kind, text), "out", "forget", at)

    def recall(self, kind: Kind, text: str) -> bool:
        """Take a forgetting back; False where there was none."""
        with self._database.transaction():
            was_there = self._database.run(
                "DELETE FROM wishes WHERE kind = ? AND digest = ? AND source = 'forget'",
                kind,
                self.digest(kind, text),
            )
            self._memory.unsettle()
        return bool(was_there)

    def note(
        self,
        user: UserId,
        *,
        out: bool,
        at: int,
        source: Literal["member", "list"] = "member",
        sign: EventId | None = None,
    ) -> None:
        """Note that somebody opts out, or in again; of several wishes the latest counts.

        `at` is in milliseconds since 1970; of two at the same time, the one to be left out counts. `sign` is
        the event with which they said so, where removing that takes the wish back.
        """
        digest = self.digest("user", user)
        row = self._database.row(
            "SELECT at, wish FROM wishes WHERE kind = 'user' AND digest = ? AND source = ?", digest, source
        )
        if row is None or (at, out) > (row[0], row[1] == "out"):
            uttered = self.digest("event", sign) if sign is not None else None
            self._write("user", digest, "out" if out else "in", source, at, uttered)

    def take_back(self, user: UserId, event_id: EventId, *, at: int) -> None:
        """Note that somebody removed an event: it may be the sign with which they opted out.

        Whatever times say, a sign came before it was removed.
        """
        if not self.exist():
            return
        digest = self.digest("user", user)
        row = self._database.row(
            "SELECT at FROM wishes WHERE kind = 'user' AND digest = ? AND source = 'member' AND uttered = ?",
            digest,
            self.digest("event", event_id),
        )
        if row is not None:
            self._write("user", digest, "in", "member", max(at, row[0] + 1))

    def set_listed(self, users: Iterable[UserId]) -> None:
        """Take over the garden's own list of people who are to be left out, instead of the former one."""
        listed = {self.digest("user", user) for user in users}
        rows = self._database.rows("SELECT digest FROM wishes WHERE kind = 'user' AND source = 'list'")
        if listed == {row[0] for row in rows}:
            return
        with self._database.transaction():
            self._database.run("DELETE FROM wishes WHERE kind = 'user' AND source = 'list'")
            for digest in sorted(listed):
                self._write("user", digest, "out", "list", 0)
            self._memory.unsettle()

    # What is asked here

    def is_gone(self, user: UserId) -> bool:
        """Whether somebody is to be left out."""
        return self.find("user", user) is not None

    def is_forgotten_event(self, event_id: EventId) -> bool:
        """Whether an event was forgotten."""
        return self.find("event", event_id) is not None

    def is_forgotten_room(self, room_id: RoomId) -> bool:
        """Whether a room was forgotten."""
        return self.find("room", room_id) is not None

    def count(self) -> dict[str, int]:
        """Count the users who are gone, the events and the rooms that are forgotten."""
        rows: dict[str, int] = dict(
            self._database.rows(
                f"SELECT kind, COUNT(DISTINCT digest) FROM wishes WHERE {_IN_FORCE} GROUP BY kind"  # noqa: S608 - a constant
            )
        )
        return {kind: rows.get(kind, 0) for kind in KINDS}

    def exist(self) -> bool:
        """Whether any wish is in force; where none is, no digest is ever needed."""
        return self._database.row(f"SELECT 1 FROM wishes WHERE {_IN_FORCE} LIMIT 1") is not None  # noqa: S608 - a constant

    def find(self, kind: Kind, text: str) -> str | None:
        """Return the digest of a user, an event or a room where a wish is in force; None where none is."""
        if not self.exist():
            return None
        digest = self.digest(kind, text)
        found = self._database.row(
            "SELECT 1 FROM wishes WHERE kind = ? AND digest = ? AND wish = 'out'", kind, digest
        )
        return digest if found else None

    def digest(self, kind: str, text: str) -> str:
        """Return a keyed digest; raises `ArchiveError` where the key is lost or another."""
        return self._digest(kind, text)

    def fingerprint(self) -> str:
        """Return what is equal for equal wishes in force; empty where there are none."""
        rows = self._database.rows(
            f"SELECT DISTINCT kind, digest FROM wishes WHERE {_IN_FORCE} ORDER BY kind, digest"  # noqa: S608 - a constant
        )
        return hashlib.sha256(repr(rows).encode()).hexdigest() if rows else ""

    # Names

    def note_member(self, source: JsonObject) -> UserId | None:
        """Note the name that a membership gives to somebody gone, so that it is known in others' words.

        Returns who bears it; None where it says nothing about somebody gone that was not known.
        """
        if source.get("type") != "m.room.member":
            return None
        user, name = get_text(source, "state_key"), get_text(source, "content", "displayname")
        gone = self.find("user", user) if user and name else None
        if not user or not name or gone is None:
            return None
        new = {self.digest_name(gone, form) for form in name_forms(name)} - self.list_names(gone)
        for digest in sorted(new):
            self._write(_NAME, digest, "out", gone, 0)
        return UserId(user) if new else None

    def list_names(self, user_digest: str) -> set[str]:
        """Return the digests of the names that somebody gone bears or has borne."""
        rows = self._database.rows(
            "SELECT digest FROM wishes WHERE kind = 'name' AND source = ?", user_digest
        )
        return {row[0] for row in rows}

    def digest_name(self, user_digest: str, folded: str) -> str:
        """Return the digest of a name that somebody gone bears, in its folded form."""
        return self.digest(_NAME, f"{user_digest}\0{folded}")

    def drop_stale_names(self) -> None:
        """Drop the names of those who are not gone any more."""
        self._database.run(
            "DELETE FROM wishes WHERE kind = 'name' AND source NOT IN"
            " (SELECT digest FROM wishes WHERE kind = 'user' AND wish = 'out')"
        )

    # Where they have changed something

    def note_veil(self, room_id: RoomId, digest: str) -> None:
        """Note that a wish has changed something in a room."""
        self._database.run("INSERT OR IGNORE INTO veils (room_id, digest) VALUES (?, ?)", room_id, digest)

    def list_veiled_rooms(self, digest: str) -> list[RoomId]:
        """Return the rooms in which a wish has changed something."""
        rows = self._database.rows("SELECT room_id FROM veils WHERE digest = ? ORDER BY room_id", digest)
        return [RoomId(row[0]) for row in rows]

    def list_lifted(self) -> list[tuple[RoomId, str]]:
        """Return where wishes have changed something that are in force no more, with their digests."""
        rows = self._database.rows(
            "SELECT room_id, digest FROM veils WHERE digest NOT IN"
            " (SELECT digest FROM wishes WHERE wish = 'out' AND kind != 'name') ORDER BY room_id, digest"
        )
        return [(RoomId(room_id), digest) for room_id, digest in rows]

    def list_lifted_in(self, room_id: RoomId) -> frozenset[str]:
        """Return the digests of the wishes that are in force no more and have changed something in a room."""
        return frozenset(digest for room, digest in self.list_lifted() if room == room_id)

    def drop_veil(self, room_id: RoomId, digest: str) -> None:
        """Note that what a wish had changed in a room is being brought back."""
        self._database.run("DELETE FROM veils WHERE room_id = ? AND digest = ?", room_id, digest)

    def _write(
        self, kind: str, digest: str, wish: str, source: str, at: int, uttered: str | None = None
    ) -> None:
        with self._database.transaction():
            self._key.note_use()
            self._database.run(
                "INSERT OR REPLACE INTO wishes (kind, digest, wish, source, at, uttered)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                kind,
                digest,
                wish,
                source,
                at,
                uttered,
            )
            self._memory.unsettle()

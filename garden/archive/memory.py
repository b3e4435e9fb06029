"""What an archive remembers beside rooms and events: small texts go in under a name, and come out again.

Among them is whether the archive is settled: whether everything in it is as wishes, settings and rooms ask.
Whatever changes events, state or wishes takes that back in its own transaction.
"""

from __future__ import annotations

from typing import Final

from garden.archive.database import Database

_SETTLED: Final = "settled"


class Memory:
    """The rows of `memory`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def recall(self, name: str) -> str | None:
        """Return what is remembered under a name, or None."""
        row = self._database.row("SELECT value FROM memory WHERE name = ?", name)
        return str(row[0]) if row else None

    def remember(self, name: str, text: str) -> None:
        """Remember a text under a name, instead of what was there."""
        self._database.run("INSERT OR REPLACE INTO memory (name, value) VALUES (?, ?)", name, text)

    def is_settled(self, fingerprint: str) -> bool:
        """Whether nothing has changed since the archive was settled under these settings."""
        return self.recall(_SETTLED) == fingerprint

    def note_settled(self, fingerprint: str) -> None:
        """Note that the archive is settled under these settings."""
        self.remember(_SETTLED, fingerprint)

    def unsettle(self) -> None:
        """Note that something has changed."""
        self._database.run("DELETE FROM memory WHERE name = ?", _SETTLED)

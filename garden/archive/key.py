"""The garden's key: a kind and a text go in, a digest comes out that nobody can reverse who lacks the key.

The key is what `GARDEN_KEY` says, or else a file in `content_cache/`, which is made the first time that
somebody needs a digest. A garden that never needs one has no such file. The archive keeps a check value of
the key, since another key would forget every wish in silence.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Final

from garden.archive.memory import Memory
from garden.durable import replace_file
from garden.errors import ArchiveError

KEY_FILE: Final = "key"

_BYTES: Final = 32
_CHECK: Final = "key"
"""Kind of the digest that is the check value, and the name under which the archive remembers it."""


class GardenKey:
    """The key of one garden; whoever asks it meets `ArchiveError` where the key is lost or another."""

    def __init__(self, cache: Path, given: str, memory: Memory) -> None:
        self._path = cache / KEY_FILE
        self._given = given.strip()
        self._memory = memory
        self._loaded: bytes | None = None

    def digest(self, kind: str, text: str) -> str:
        """Return the keyed digest of a text as 64 hexadecimal digits (HMAC-SHA256, RFC 2104).

        Equal texts of two kinds have different digests.
        """
        if self._loaded is None:
            self._loaded = self._load()
        return _digest(self._loaded, kind, text)

    def note_use(self) -> None:
        """Write the check value down, in the transaction that writes what only this key can read."""
        check = self.digest(_CHECK, "")
        if self._memory.recall(_CHECK) is None:
            self._memory.remember(_CHECK, check)

    def _load(self) -> bytes:
        known = self._memory.recall(_CHECK)
        text = self._given or _read(self._path)
        if text is None:
            if known is not None:
                raise self._complain(f"{self._path} is gone")
            text = secrets.token_hex(_BYTES)
            _write(self._path, text)
        key = text.encode("utf-8", "surrogatepass")
        check = _digest(key, _CHECK, "")
        if known is None:
            self._memory.remember(_CHECK, check)
        elif not hmac.compare_digest(known, check):
            place = "GARDEN_KEY" if self._given else self._path
            raise self._complain(f"{place} holds another key than the one that was used before")
        return key

    def _complain(self, problem: str) -> ArchiveError:
        return ArchiveError(
            f"{problem}: without the garden's key nobody knows who has opted out or was forgotten",
            hint=f"Put the former key back, into GARDEN_KEY or into {self._path}. Where it is lost, move"
            " content_cache/events.sqlite3 away, run garden sync, and forget again whoever was forgotten.",
        )


def _digest(key: bytes, kind: str, text: str) -> str:
    message = f"{kind}\0{text}".encode("utf-8", "surrogatepass")
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def _read(path: Path) -> str | None:
    try:
        text = path.read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ArchiveError(
            f"{path} cannot be read: {error}", hint="Make it readable for you, or set GARDEN_KEY."
        ) from error
    if not text:
        raise ArchiveError(
            f"{path} holds no key",
            hint="Put the former key back; where the garden never had one, remove the file.",
        )
    return text


def _write(path: Path, text: str) -> None:
    """Make the key last before anything is written that only it can read."""
    try:
        replace_file(path, f"{text}\n".encode(), is_private=True)
    except OSError as error:
        raise ArchiveError(
            f"{path} cannot be written: {error.strerror}",
            hint="Make content_cache writable for you, or set GARDEN_KEY.",
        ) from error

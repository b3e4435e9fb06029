"""Two gardens of the same rooms, one read by an account that joined nothing, one by an account that joined.

What the joined one is told beyond the other must reach neither its site nor its archive.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.homeserver.client import Account
from tests.integration.tended import Tended
from tests.smallholding import lay_out, read_site, settings

_PAST: Final = re.compile(
    rb"<at:deleted-entry[^>]*/>|<(updated|lastBuildDate)>[^<]*</(?:updated|lastBuildDate)>"
)
"""What a feed tells of the garden's own past: what it once carried, and when it noticed a change."""


@dataclass(frozen=True, slots=True)
class Twins:
    """The two gardens."""

    unjoined: Tended
    joined: Tended
    accounts: tuple[str, str]
    """Their user ids, which each site may name as the one to write to."""

    def sync(self, *options: str) -> None:
        """Bring both archives up to date."""
        for garden in (self.unjoined, self.joined):
            garden.sync(*options)

    def grow(self, *options: str) -> None:
        """Bring archives and sites up to date; rooms that are closed are skipped."""
        self.sync(*options)
        for garden in (self.unjoined, self.joined):
            said = garden.run("build", "--quiet")
            assert said.code == 0, said

    def check(self, private: str) -> None:
        """Fail unless the sites are the same but for the account, and neither garden holds private words."""
        assert find_changes(self.unjoined, self.joined, self.accounts) == []
        assert not self.unjoined.has_anywhere(private)
        assert not self.joined.has_anywhere(private)


def plant_twins(
    folder: Path, base_url: str, rooms: Sequence[str], unjoined: Account, joined: Account
) -> Twins:
    """Make both gardens, which hold nothing yet."""
    for name in ("unjoined", "joined"):
        lay_out(folder / name, settings(rooms=rooms, homeserver=base_url))
    return Twins(
        Tended(folder / "unjoined", unjoined.token),
        Tended(folder / "joined", joined.token),
        (unjoined.user_id, joined.user_id),
    )


def find_changes(garden: Tended, other: Tended, accounts: Sequence[str] = ()) -> list[str]:
    """Return the files that differ between two sites, whichever of these accounts they name.

    What their feeds tell of when each garden heard of something is not compared.
    """
    here, there = (_read(each, accounts) for each in (garden, other))
    return sorted(path for path in here.keys() | there.keys() if here.get(path) != there.get(path))


def _read(garden: Tended, accounts: Sequence[str]) -> dict[str, bytes]:
    site = read_site(garden.out)
    # It holds a digest of each of the others, which are compared themselves.
    site.pop(".garden.json")
    for path in site:
        if path.endswith((".atom", ".rss")):
            lines = _PAST.sub(b"", site[path]).splitlines()
            site[path] = b"\n".join(line for line in lines if line.strip())
    for account in accounts:
        site = {path: content.replace(account.encode(), b"@account") for path, content in site.items()}
    return site

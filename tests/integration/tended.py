"""A garden of a real homeserver in the hands of a test: settings and a token go in, commands run on it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from garden.archive.event import RoomId
from garden.archive.store import ArchiveStore
from tests.archive.material import bytes_of
from tests.homeserver.homeserver import Homeserver
from tests.smallholding import lay_out, read_site, settings
from tests.terminal import Said, run


@dataclass(frozen=True, slots=True)
class Tended:
    """A garden's folder, and the token with which its commands run; without one they are a guest's."""

    folder: Path
    token: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """What its commands find in their environment."""
        return {"GARDEN_ACCESS_TOKEN": self.token}

    @property
    def out(self) -> Path:
        """The built site."""
        return self.folder / "public"

    def run(self, *arguments: str) -> Said:
        """Run one command."""
        return run(*arguments, folder=self.folder, more=self.environment)

    def sync(self, *options: str) -> dict[str, dict[str, Any]]:
        """Bring the archive up to date and return what was told of each room, by its id or its entry."""
        said = self.run("sync", "--json", *options)
        assert said.code == 0, said
        return {room["room_id"] or room["asked"]: room for room in json.loads(said.out)}

    def grow(self) -> None:
        """Sync and build, and have both succeed."""
        for command in ("sync", "build"):
            said = self.run(command, "--quiet")
            assert (said.code, said.out) == (0, ""), said

    def holds(self, words: str) -> list[str]:
        """Return the files of cache and site in which these words occur, packed or not."""
        return [
            path
            for place in ("content_cache", "public")
            for path, content in read_site(self.folder / place).items()
            if words.encode() in content or words in path
        ]

    def has_anywhere(self, words: str) -> bool:
        """Whether a byte sequence stands in any file of the folder at all."""
        return words.encode() in bytes_of(self.folder)

    def messages(self, room: str) -> dict[str, str]:
        """Return the archived wording of each message of a room by event id.

        Without those that were erased, and without edits: one of a message that is closed goes with it where
        the account is told of both, and leads to nothing where it is told of the edit only.
        """
        with ArchiveStore.open_existing(self.folder) as store:
            contents = {event.event_id: event.content for event in store.events(RoomId(room))}
        return {
            event_id: str(content["body"])
            for event_id, content in contents.items()
            if "body" in content and "m.new_content" not in content
        }

    def text(self, words: str = "") -> str:
        """Return all pages of the site with these words, one after the other."""
        pages = (path.read_text("utf-8") for path in sorted(self.out.rglob("*.html")))
        return "\n".join(page for page in pages if words in page)


def tend(
    folder: Path,
    homeserver: Homeserver,
    *rooms: str,
    spaces: Sequence[str] = (),
    token: str | None = None,
    base_url: str = "",
) -> Tended:
    """Make a garden of these rooms, read by an account that joined nothing unless another token is given."""
    lay_out(folder, settings(rooms=rooms, spaces=spaces, homeserver=base_url or homeserver.base_url))
    return Tended(folder, homeserver.seeded.reader.token if token is None else token)

"""A garden on whose words something is going to be done: a planting comes in, commands run on it.

The commands are garden's own; the homeserver that they ask is `tests.archive.fake_source`, so that a test can
let it forget, lie and close its doors between two questions.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pytest

from garden.archive.account import Identity
from garden.archive.event import JsonObject, MediaForm, MxcUri, RoomId, UserId
from garden.archive.store import CACHE_FOLDER, ArchiveStore
from garden.config import read_config
from garden.forget import forget
from garden.gather import GardenSync, sync_garden
from tests.archive.fake_source import FakeRoom, FakeSource
from tests.archive.material import Json, redacted
from tests.deletion.planting import BED, MEADOW, Planted, Planting
from tests.deletion.search import find_words
from tests.smallholding import NOW_MS, build, lay_out, read_site, settings

ACCOUNT: Final = "@gardener:fen.example"


class _Account:
    """The garden's account, to which nobody writes."""

    async def whoami(self) -> Identity:
        return Identity(UserId(ACCOUNT), is_guest=True)


@dataclass
class Homeserver(FakeSource):
    """The homeserver that a sync opens a connection to."""

    account: _Account = field(default_factory=_Account)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return


@dataclass
class Plot:
    """A garden's folder, what was planted in its rooms, and the homeserver that has these."""

    folder: Path
    planting: Planting
    source: Homeserver
    more: str = ""
    """Further lines of `site.toml`."""
    state: list[JsonObject] | None = None
    """The state of the room where its history does not tell it."""

    @classmethod
    def lay(
        cls, folder: Path, planting: Planting, *, more: str = "", rooms: Sequence[RoomId] = (BED, MEADOW)
    ) -> Self:
        """Lay a garden out; nothing is fetched yet."""
        homeserver = Homeserver({room_id: FakeRoom() for room_id in planting.rooms}, page=100)
        plot = cls(folder, planting, homeserver, more)
        plot.settle_on(*rooms)
        return plot

    def copy_to(self, folder: Path) -> Plot:
        """Return the same garden in another folder, with a homeserver of its own."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Plot(folder, *copy.deepcopy((self.planting, self.source)), more=self.more)

    # What a person does at the garden

    def settle_on(self, *rooms: str, spaces: Sequence[str] = (), consent: str = "") -> None:
        """Write `site.toml`."""
        more = f"[consent]\n{consent}\n{self.more}"
        lay_out(self.folder, settings(rooms=rooms, spaces=spaces, more=more))

    def sync(self, *, full: bool = False) -> GardenSync:
        """Do `garden sync`."""
        for room_id, room in self.source.rooms.items():
            timeline = self.timeline(room_id)
            room.timeline = [*timeline]
            room.state = self.state if self.state is not None else _current_state(timeline)
        self.source.files = self.planting.files
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("garden.archive.matrix.MatrixSource", lambda *_: self.source)
            return sync_garden(
                self.folder,
                read_config(self.folder / "site.toml"),
                "token",
                full=full,
                report=lambda *_: None,
            )

    def build(self) -> None:
        """Do `garden build`."""
        build(self.folder, now_ms=NOW_MS)

    def grow(self, *, full: bool = False) -> None:
        """Sync and build."""
        self.sync(full=full)
        self.build()

    def forget(self, asked: str) -> None:
        """Do `garden forget`."""
        forget(self.folder, read_config(self.folder / "site.toml"), asked, now_ms=NOW_MS)

    # What happens in the room

    def timeline(self, room_id: RoomId = BED) -> list[Json]:
        """Return a room's events as the server has them, to be changed."""
        return self.planting.rooms[room_id]

    def own_events(self, *kinds: str) -> list[Json]:
        """Return what Wren has sent, without her memberships; of these types, where some are given."""
        return [
            each
            for each in self.timeline()
            if each["sender"] == self.planting.wren
            and each["type"] != "m.room.member"
            and (not kinds or each["type"] in kinds)
        ]

    def redact(
        self,
        targets: Iterable[Json],
        sender: str,
        *,
        empties: bool = True,
        tells: bool = True,
        reason: str = "",
    ) -> None:
        """Redact events; the server may be late to empty them, and may have lost the redactions."""
        for target in targets:
            name = f"redaction-of-{str(target['event_id'])[1:]}"
            self.planting.tell(
                name, "m.room.redaction", {"redacts": target["event_id"], "reason": reason}, sender
            )
            because = self.timeline()[-1]
            if not tells:
                self.timeline().pop()
            if empties:
                self.change(target, partial(_redact, because))

    def keep_state(self) -> None:
        """Let the room's state stay as it is, whatever becomes of its history."""
        self.state = _current_state(self.timeline())

    def change(self, target: Json, change: Callable[[Json], Json]) -> None:
        """Let the server tell an event differently from now on."""
        timeline = self.timeline()
        place = next(number for number, each in enumerate(timeline) if each["event_id"] == target["event_id"])
        timeline[place] = change(timeline[place])

    # What can be found

    def find(self, words: Iterable[Planted]) -> dict[str, set[str]]:
        """Return where words stand, by the places in which they were planted."""
        by_word = {each.word: each.place for each in words}
        return {by_word[word]: places for word, places in find_words(self.folder, by_word).items()}

    def note_files(self) -> None:
        """Note the digests of all files as words: they go with the addresses under which they were sent."""
        planted = {each.word: each for each in self.planting.planted}
        shown = self.planting.shown_files
        with ArchiveStore.open_existing(self.folder) as store:
            for uri in self.planting.files:
                address = planted[uri.rpartition("/")[2]]
                for form in MediaForm:
                    record = store.files.find(MxcUri(uri), form)
                    digests = (record.digest, record.thumb_digest) if record is not None else ()
                    self.planting.planted += [
                        Planted(f"{address.place} ({form})", digest, address.scope, is_shown=uri in shown)
                        for digest in digests
                        if digest
                    ]

    def snapshot(self) -> dict[str, bytes]:
        """Return what a further sync and build must not change: pages and site."""
        return {**read_site(self.folder / "public"), **read_site(self.folder / CACHE_FOLDER / "pages")}


def _redact(because: Json, event: Json) -> Json:
    return redacted(event, because)


def _current_state(timeline: Iterable[Json]) -> list[JsonObject]:
    """Return the last event of each type and key."""
    state: dict[tuple[str, str], JsonObject] = {
        (str(event["type"]), str(event["state_key"])): event
        for event in timeline
        if event.get("state_key") is not None
    }
    return list(state.values())

"""One room of a garden beside the model of what it may hold: steps come in, both go on, differences come out.

What the garden does is what its commands do, with a fake homeserver instead of a real one. What the model is
told is what that homeserver has told at the last sync: nobody can know more.
"""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from garden.admission import ACCOUNT, make_rules
from garden.archive.event import UserId
from garden.archive.import_files import import_events
from garden.archive.store import ArchiveStore
from garden.archive.sync import SyncLimits, Wanted, sync_rooms
from garden.bed import grow_pages, judge_bed, lay_beds, open_bed
from garden.config import SiteConfig, duration_ms, read_config
from garden.consent import honour_list, settle_archive
from garden.forget import forget, recall
from tests.archive.material import bytes_of
from tests.consent.histories import History
from tests.consent.model import OPEN, Allowed, Deed, Garden, Wish, allow, hear
from tests.consent.world import DAY, GARDENER, PEOPLE, ROOM, SPOKEN, World
from tests.smallholding import build, json_lines, lay_out, settings

_WORDS: Final = re.compile(r"w\d{4}w")


@dataclass
class Plot:
    """A garden of one room, what it was told, and what the admin asks."""

    folder: Path
    world: World
    shows_history: bool = False
    grows_site: bool = False
    """Whether it is the whole site that is compared, or its pages before they are rendered."""
    consent: dict[str, object] = field(default_factory=dict)
    is_listed: bool = True
    is_closed: bool = False
    listed_out: set[str] = field(default_factory=set)
    forgotten: dict[str, str] = field(default_factory=dict)
    """Who and what was forgotten by hand, with its kind."""
    told: list[Deed] = field(default_factory=list)
    came: dict[str, int] = field(default_factory=dict)
    wishes: set[Wish] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    """Words that the archive has let go, and that a homeserver would have to tell again."""
    unmoored: set[str] = field(default_factory=set)
    """Messages of which it has let go everything: what belongs to them belongs to nothing."""
    returned: dict[str, int] = field(default_factory=dict)
    """When words came back that had been let go: they wait anew."""
    synced_at: int | None = None

    def __post_init__(self) -> None:
        self._save()

    # Steps

    def set_delay(self, delay: str) -> None:
        self._set("delay", delay)

    def set_closed(self, what: str) -> None:
        self._set("when_closed", what)

    def set_publish(self, what: str) -> None:
        self._set("publish", what)

    def set_notice(self, needed: bool) -> None:  # noqa: FBT001 - as drawn
        self._set("require_notice", needed)

    def set_names(self, names: str) -> None:
        self._set("names", names)

    def set_out(self, who: int, out: bool) -> None:  # noqa: FBT001 - as drawn
        (self.listed_out.add if out else self.listed_out.discard)(PEOPLE[who])
        self._set("opt_out", sorted(self.listed_out))

    def list_room(self, listed: bool) -> None:  # noqa: FBT001 - as drawn
        self.is_listed = listed
        self._save()

    def letter(self, who: int, out: bool) -> None:  # noqa: FBT001 - as drawn
        """Write to the garden's account."""
        self.wishes.add(Wish(self.world.now, PEOPLE[who], out))
        with ArchiveStore.open(self.folder) as store:
            store.wishes.note(UserId(PEOPLE[who]), out=out, at=self.world.now)

    def forget(self, kind: str, who: int, target: int) -> None:
        if not self._database.is_file():
            return
        asked = {"user": PEOPLE[who], "room": str(ROOM)}.get(kind)
        if asked is None:
            said = [deed for deed in reversed(self.world.deeds) if deed.does in {"say", "edit", "react"}]
            if not said:
                return
            asked = said[target % len(said)].id
        self.forgotten[asked] = kind
        forget(self.folder, self.config, asked, now_ms=self.world.now)
        if asked == ROOM:
            self._let_go()
        self._note_losses()
        self._check_disk(self._database)

    def undo(self, target: int) -> None:
        if self.forgotten:
            asked = sorted(self.forgotten)[target % len(self.forgotten)]
            del self.forgotten[asked]
            recall(self.folder, self.config, asked)
            self._note_losses()

    # Bringing it up to date

    def sync(self, *, crawls: bool) -> None:
        """Read what is new, as `garden sync` does, or import it, as `garden import` does."""
        self.world.arrive()
        self.world.now += 1000
        if self.world.is_file:
            self._import()
        else:
            self._sync(crawls=crawls or self.world.needs_crawl)
        self._note_losses()
        self._check_disk(self._database)

    def build(self) -> None:
        """Grow the pages and compare what stands on them with what the model allows."""
        if not self._database.is_file():
            return
        shown = self._grow_site() if self.grows_site else self._grow_pages()
        self._note_losses()
        allowed = self._allow()
        found = set(_WORDS.findall(shown))
        assert found <= self._words(allowed.shown), "the site shows what it may not"
        assert self._words(self._owed(allowed)) <= found, "the site lacks what it may show"
        hidden = allowed.gone if allowed.names == "full" else {*PEOPLE, GARDENER}
        assert self._find_names(shown, hidden) == [], "the site names whom it may not"
        self._check_disk(self.folder / "content_cache")

    def _sync(self, *, crawls: bool) -> None:
        consent = self.config.consent
        limits = SyncLimits(7 * DAY, 1000, keep_closed=consent.when_closed == "keep")
        wanted = Wanted((ROOM,) if self.is_listed else ())
        source, now = self.world.tell(), self.world.now
        with ArchiveStore.open(self.folder) as store:
            honour_list(self.config, store)
            asyncio.run(sync_rooms(wanted, source, store, now_ms=now, limits=limits, full=crawls))
            store.remember(ACCOUNT, GARDENER)
            self._note_sync(crawls=crawls)
            settle_archive(self.config, store)

    def _note_sync(self, *, crawls: bool) -> None:
        """Note what the homeserver has told."""
        is_asked = self.is_listed and ROOM not in self.forgotten
        self.is_closed = is_asked and self.world.visibility != OPEN
        if is_asked and not self.is_closed:
            gone = self._allow().gone
            self.told = self.world.arrived()
            self._note_arrivals()
            self.wishes |= hear(self.told, self._garden(), is_member=self.world.account_joined)
            if crawls:
                self.world.needs_crawl = False
                self.returned |= dict.fromkeys(self.lost, self.world.now)
                self.lost.clear()
                self.unmoored.clear()
            # Who comes back with this sync was left out while it read.
            self.lost |= {deed.id for deed in self.told if deed.by in gone}
        elif not is_asked or not self._garden().keeps_closed:
            self._let_go()

    def _note_arrivals(self) -> None:
        now = self.world.now
        earliest = min(self.synced_at, now) if self.synced_at is not None else 0
        for deed in self.told:
            self.came.setdefault(deed.id, max(earliest, min(deed.at, now)))
        self.synced_at = now

    def _let_go(self) -> None:
        """Note that the archive has nothing of the room any more."""
        self.told, self.synced_at = [], None
        self.came.clear()
        self.lost.clear()
        self.unmoored.clear()

    def _import(self) -> None:
        told = self.world.arrived()
        known = {deed.id for deed in self.told}
        fresh = [self.world.show(deed) for deed in told if deed.id not in known]
        with ArchiveStore.open(self.folder) as store:
            honour_list(self.config, store)
            if fresh and ROOM not in self.forgotten:
                import_events(store, io.BytesIO(json_lines(fresh)), "a test")
                self.told = told
                self.wishes |= hear(self.told, self._garden(), is_member=True)
            settle_archive(self.config, store)

    def _grow_pages(self) -> str:
        config, grown = self.config, []
        with ArchiveStore.open_existing(self.folder) as store:
            settle_archive(config, store)
            rules = make_rules(config, store, self.world.now)
            for bed in lay_beds(config, store, {}):
                judgement = judge_bed(bed, store, rules)
                if judgement.room is None:
                    grown.append(repr(open_bed(bed, judgement, store, config)))
                grown += map(repr, grow_pages(bed, judgement, store, config))
        return "\n".join(grown)

    def _grow_site(self) -> str:
        build(self.folder, now_ms=self.world.now)
        places = (self.folder / place for place in ("public", "content_cache/pages", "content_cache/search"))
        return "\n".join(bytes_of(place).decode(errors="replace") for place in places)

    # What the model says

    def _allow(self) -> Allowed:
        return allow(self.told, self._garden(), ROOM)

    def _garden(self) -> Garden:
        consent = self.config.consent
        return Garden(
            now=self.world.now,
            is_listed=self.is_listed,
            is_closed=self.is_closed,
            is_vouched=self.world.is_file,
            delay=duration_ms(consent.delay),
            keeps_closed=consent.when_closed == "keep",
            is_curated=consent.publish == "curated",
            needs_notice=consent.require_notice,
            names=consent.names,
            shows_history=self.shows_history,
            account="" if self.world.is_file else GARDENER,
            out=frozenset(
                self.listed_out | {each for each, kind in self.forgotten.items() if kind == "user"}
            ),
            wishes=frozenset(self.wishes),
            forgotten=frozenset(each for each, kind in self.forgotten.items() if kind != "user"),
            lost=frozenset(self.lost),
            came={} if self.world.is_file else self.came,
        )

    def _note_losses(self) -> None:
        """Note what the archive has let go: only a homeserver can bring it back."""
        allowed = self._allow()
        self.lost |= {deed.id for deed in self.told if deed.does in SPOKEN} - allowed.kept
        self.unmoored |= {deed.id for deed in self.told if deed.does == "say"} - allowed.standing

    def _owed(self, allowed: Allowed) -> set[str]:
        """Return what has to stand on the site: what may, but for what has to be told again first."""
        delay = self._garden().delay
        waiting = {each for each, at in self.returned.items() if at + delay > self.world.now and delay}
        missing = (self.lost | waiting) & allowed.kept
        preference = any(deed.does == "preference" for deed in self.told)
        if missing and (self._garden().is_curated or self._garden().needs_notice or preference):
            return set()
        off = missing | self.unmoored
        hanging = {deed.id for deed in self.told if deed.to in off and deed.does in {"react", "edit"}}
        return set(allowed.shown) - missing - hanging - allowed.doubtful

    def _words(self, ids: Iterable[str]) -> set[str]:
        wanted = set(ids)
        return {deed.words for deed in self.told if deed.id in wanted and deed.words}

    def _find_names(self, text: str, people: Iterable[str]) -> list[str]:
        spelled = {name for person in people for name in (person, *self.world.former_names[person])}
        return sorted(name for name in spelled if name in text)

    def _check_disk(self, place: Path) -> None:
        """Compare what lies on disk with what the model allows there."""
        if self.is_listed or self.synced_at is None:
            held = _read(place)
            allowed = self._allow()
            found = set(_WORDS.findall(held))
            assert found <= self._words(allowed.kept), "the disk holds what it may not"
            assert self._find_names(held, allowed.gone) == [], "the disk names whom it may not"

    @property
    def config(self) -> SiteConfig:
        """What `site.toml` says."""
        return read_config(self.folder / "site.toml")

    @property
    def _database(self) -> Path:
        return self.folder / "content_cache/events.sqlite3"

    def _set(self, key: str, value: object) -> None:
        self.consent[key] = value
        self._save()

    def _save(self) -> None:
        listed = [ROOM] if self.is_listed else []
        consent = "".join(f"{key} = {json.dumps(value)}\n" for key, value in self.consent.items())
        more = f"\n[pages]\nhistory = {json.dumps(self.shows_history)}\n\n[consent]\n{consent}"
        is_file = self.world.is_file
        text = settings(rooms=[] if is_file else listed, vouched=listed if is_file else [], more=more)
        lay_out(self.folder, text)


def _read(place: Path) -> str:
    """Return what a folder holds, or a database with the files beside it."""
    files = place.parent.glob(f"{place.name}*") if place.suffix else place.rglob("*")
    return "\n".join(path.read_bytes().decode(errors="replace") for path in sorted(files) if path.is_file())


def live(history: History, folder: Path, *, grows_site: bool) -> None:
    """Let a history happen in a folder, and compare after every portion of it."""
    world = World(
        visibility=history.visibility,
        account_joined=history.account_joined,
        server_sweeps=history.server_sweeps,
        is_file=history.is_file,
    )
    plot = Plot(folder, world, shows_history=history.shows_history, grows_site=grows_site)
    for portion in history.portions:
        for name, numbers in portion.steps:
            getattr(plot if hasattr(plot, name) else world, name)(*numbers)
        plot.sync(crawls=portion.crawls)
        plot.build()

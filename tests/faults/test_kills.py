"""Killed at a hundred random moments, sync and build lose nothing, leave nothing, and go on as if not."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from garden.site.search import search_index
from tests.archive.material import Json, message, reply
from tests.faults.account import differences, read_account
from tests.faults.kills import Moments, Nursery, Started, nursery
from tests.faults.plot import Plot, write_settings
from tests.faults.proxy import Asked, Proxy, Wire, between
from tests.smallholding import DAY, bean_talk, plant, read_site

SYNCS: Final = 40
BUILDS: Final = 54
PARALLEL_BUILDS: Final = 6

MANY: Final = 135
"""Days, and so pages: enough for a build to start processes."""


@pytest.fixture(scope="module")
def commands() -> Iterator[Nursery]:
    with nursery() as running:
        yield running


@pytest.mark.synapse
@pytest.mark.xdist_group("synapse")
def test_syncs_that_are_killed_leave_what_one_leaves_that_is_not(
    commands: Nursery, plot: Plot, tmp_path: Path
) -> None:
    async def in_small_pages(proxy: Proxy, asked: Asked) -> Wire:
        reply = await proxy.fetch(asked, target=asked.target.replace("limit=1000", "limit=5"))
        await asyncio.sleep(0.004)
        return reply.wire()

    with between(plot.homeserver.base_url) as proxy:
        proxy.meddle = in_small_pages

        def start(folder: Path) -> Started:
            write_settings(folder, plot, proxy.base_url)
            token = {"GARDEN_ACCESS_TOKEN": plot.token}
            return commands.start("sync", "--quiet", folder=folder, more=token)

        duration = start(tmp_path / "undisturbed").finish()
        wanted = read_account(tmp_path / "undisturbed")
        moments, killed = Moments(random.Random(4), duration), 0
        for attempt in range(4 * SYNCS):
            folder = tmp_path / str(attempt // 3)
            came_in_time = start(folder).kill_after(moments.choose())
            moments.note(came_in_time=came_in_time)
            killed += came_in_time
            if attempt % 3 == 2 or killed == SYNCS:
                start(folder).finish()
                assert differences(read_account(folder), wanted) == [], attempt
            if killed == SYNCS:
                break
    assert killed == SYNCS


@pytest.mark.xdist_group("faults")
@pytest.mark.parametrize(("jobs", "kills"), [("1", BUILDS), ("2", PARALLEL_BUILDS)])
def test_builds_that_are_killed_leave_a_whole_site_at_every_moment(
    jobs: str, kills: int, commands: Nursery, tmp_path: Path
) -> None:
    garden = Garden(commands, plant(tmp_path / "fen", talk(jobs)), jobs)
    wanted = [garden.grow(number % 2) for number in range(4)][2:]
    whole = [site["public"] for site in wanted]
    moments, killed = Moments(random.Random(5), garden.duration), 0
    for attempt in range(4 * kills):
        garden.change(attempt % 2)
        started = garden.start()
        came_in_time = started.kill_after(moments.choose())
        started.wait_until_alone()
        moments.note(came_in_time=came_in_time)
        killed += came_in_time
        found = read_site(garden.folder / "public")
        assert min((differing(found, site) for site in whole), key=len) == [], attempt
        if attempt % 3 == 2 or killed == kills:
            grown = garden.grow(attempt % 2)
            for part, files in wanted[attempt % 2].items():
                assert differing(grown[part], files) == [], (attempt, part)
            assert leftovers(garden.folder) == []
        if killed == kills:
            break
    assert killed == kills


class Garden:
    """A garden that goes to and fro between two sets of settings and notes, by which every page differs."""

    def __init__(self, commands: Nursery, folder: Path, jobs: str) -> None:
        self.folder = folder
        self.duration = 0.0
        self._commands = commands
        self._jobs = jobs
        self._settings = (folder / "site.toml").read_text()

    def change(self, number: int) -> None:
        """Take the one or the other."""
        text = self._settings.replace('title = "Fen"', f'title = "Fen {number}"')
        (self.folder / "site.toml").write_text(text)
        (self.folder / "notes" / "jars.md").write_text(f"Jar number {number}.\n")

    def start(self) -> Started:
        return self._commands.start("build", "--quiet", "--jobs", self._jobs, folder=self.folder)

    def grow(self, number: int) -> dict[str, dict[str, bytes]]:
        """Change, build, and return all that a build makes: site, pages, addresses, and what is found."""
        self.change(number)
        self.duration = self.start().finish()
        cache = self.folder / "content_cache"
        hits = search_index(cache / "search", f'"jar number {number}" OR frost')
        return {
            "public": read_site(self.folder / "public"),
            "pages": read_site(cache / "pages"),
            "addresses": {"": (cache / "addresses.json").read_bytes()},
            "hits": {hit.address: hit.excerpt.encode() for hit in hits},
        }


def talk(jobs: str) -> list[Json]:
    """Return what is said in the garden: for several processes also something on each of many days."""
    days = MANY if jobs != "1" else 3
    more = [message(f"day-{number}", f"Day {number}.", at=(5 + number) * DAY) for number in range(days)]
    return [*bean_talk(), *more, reply("late", "frost", "Late frost.", at=3 * DAY)]


def differing(found: dict[str, bytes], wanted: dict[str, bytes]) -> list[str]:
    """Return the names of what is not the same, or not there, or too much."""
    return [name for name in sorted({*found, *wanted}) if found.get(name) != wanted.get(name)]


def leftovers(folder: Path) -> list[Path]:
    """Return what a build needs for itself only and should have taken away."""
    return [path for path in folder.rglob("*") if path.name.endswith((".next", ".old", ".new", ".part"))]

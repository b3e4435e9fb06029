"""Whatever goes wrong on the way to the homeserver, nothing is lost in silence, and in the end nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from garden.archive.event import RoomId
from garden.archive.source import RoomClosedError
from garden.archive.sync import SyncResult
from garden.errors import GardenError
from tests.archive.material import bytes_of
from tests.faults.account import differences, event_ids, read_account
from tests.faults.plan import Plan
from tests.faults.plot import CALM, HASTY, LIMITS, Plot
from tests.faults.proxy import Asked, Proxy, Reply, Wire, between
from tests.homeserver.story import SECRET

pytestmark = [pytest.mark.synapse, pytest.mark.xdist_group("synapse")]

PLANS = int(os.environ.get("GARDEN_FAULT_PLANS") or "25")
"""How many ways of going wrong are tried, half of them with lies; GARDEN_FAULT_PLANS=1000 tries more."""

ROUNDS = 8
"""After so many syncs all is well."""


@pytest.fixture(scope="module")
def undisturbed(plot: Plot, proxy: Proxy, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Return what a sync leaves that nothing disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    proxy.meddle = None
    plot.sync(folder, proxy.base_url)
    account = read_account(folder)
    assert all(len(event_ids(account, room)) > 2 * 7 for room in plot.open_rooms[:1])
    assert len(account["files"]) == len(plot.files)  # type: ignore[arg-type]  # by path
    return account


@pytest.fixture(scope="module")
def proxy(plot: Plot) -> Iterator[Proxy]:
    with between(plot.homeserver.base_url) as running:
        yield running


def is_whole(result: SyncResult, plot: Plot) -> bool:
    """Whether a sync says that nothing is missing; that the closed room is closed is as it should be."""
    problems = {room.room_id: room.problem for room in result.rooms}
    is_closed = isinstance(problems.pop(RoomId(plot.closed_room)), RoomClosedError)
    return is_closed and not any(problems.values()) and not any(room.media_problems for room in result.rooms)


def check_told(result: SyncResult, folder: Path, plot: Plot, undisturbed: dict[str, object]) -> None:
    """Check that a room of which nothing is said to be missing lacks nothing."""
    account = read_account(folder)
    for room in result.rooms:
        if room.problem is None and not room.media_problems:
            name = str(room.room_id)
            assert differences({"": account[name]}, {"": undisturbed[name]}) == []
        for problem in filter(None, [room.problem]):
            assert str(problem)
            assert problem.hint
    assert {room.room_id for room in result.rooms} == set(plot.rooms)


def disturb(
    plan: Plan, proxy: Proxy, plot: Plot, folder: Path, undisturbed: dict[str, object]
) -> list[SyncResult | GardenError]:
    """Sync until a sync says that all is there, with fewer faults from time to time; return what was told."""
    told: list[SyncResult | GardenError] = []
    proxy.meddle = plan.meddle
    first_share = plan.share
    for number in range(ROUNDS + 1):
        plan.share = first_share * (1 - number / ROUNDS)
        try:
            result = plot.sync(folder, proxy.base_url, patience=HASTY if number < ROUNDS else CALM)
        except GardenError as error:
            told.append(error)
        else:
            told.append(result)
            if not plan.has_lies:
                check_told(result, folder, plot, undisturbed)
        failure = told[-1]
        if isinstance(failure, GardenError):
            assert failure.hint
            assert plot.token not in str(failure) + failure.hint
        if (folder / "content_cache").exists():
            assert SECRET.encode() not in bytes_of(folder)
        if isinstance(told[-1], SyncResult) and is_whole(told[-1], plot):
            break
    return told


@pytest.mark.parametrize("seed", range(0, PLANS, 2))
def test_after_faults_that_show_the_archive_is_as_if_there_had_been_none(
    seed: int, proxy: Proxy, plot: Plot, undisturbed: dict[str, object], tmp_path: Path
) -> None:
    plan = Plan(seed, share=0.1 + seed % 7 / 10, names=plot.names)
    told = disturb(plan, proxy, plot, tmp_path, undisturbed)
    assert isinstance(told[-1], SyncResult), (told[-1], plan.met)
    assert is_whole(told[-1], plot), plan.met
    assert differences(read_account(tmp_path), undisturbed) == [], plan.met


@pytest.mark.parametrize("seed", range(1, PLANS, 2))
def test_after_lies_a_full_sync_sets_everything_right(
    seed: int, proxy: Proxy, plot: Plot, undisturbed: dict[str, object], tmp_path: Path
) -> None:
    plan = Plan(seed, share=0.1 + seed % 7 / 10, has_lies=True, names=plot.names)
    disturb(plan, proxy, plot, tmp_path, undisturbed)
    account = read_account(tmp_path)
    for room in plot.open_rooms:
        ids = event_ids(account, room)
        assert len(set(ids)) == len(ids)
    assert set(account["files"].items()) <= set(undisturbed["files"].items())  # type: ignore[attr-defined]
    plan.share = 0
    assert is_whole(plot.sync(tmp_path, proxy.base_url, full=True), plot), plan.met
    assert differences(read_account(tmp_path), undisturbed) == [], plan.met


@pytest.mark.parametrize("how", [(403, "M_FORBIDDEN"), (404, "M_NOT_FOUND")])
def test_a_room_that_is_closed_for_a_while_loses_its_words_and_gets_all_of_them_back(
    how: tuple[int, str], proxy: Proxy, plot: Plot, undisturbed: dict[str, object], tmp_path: Path
) -> None:
    proxy.meddle = None
    plot.sync(tmp_path, proxy.base_url)
    assert b"Jar 8" in bytes_of(tmp_path)

    async def close(running: Proxy, asked: Asked) -> Wire:
        if asked.room == plot.open_rooms[0]:
            return Reply(how[0], json.dumps({"errcode": how[1], "error": "no"}).encode()).wire()
        return (await running.fetch(asked)).wire()

    proxy.meddle = close
    told = {room.room_id: room.problem for room in plot.sync(tmp_path, proxy.base_url).rooms}
    assert told[RoomId(plot.open_rooms[0])] is not None
    assert told[RoomId(plot.open_rooms[1])] is None
    assert b"Jar 8" not in bytes_of(tmp_path)
    proxy.meddle = None
    assert is_whole(plot.sync(tmp_path, proxy.base_url), plot)
    assert differences(read_account(tmp_path), undisturbed) == []


def test_a_server_that_refuses_every_token_is_told_and_not_asked_for_ever(
    proxy: Proxy, plot: Plot, undisturbed: dict[str, object], tmp_path: Path
) -> None:
    async def refuse(running: Proxy, asked: Asked) -> Wire:
        if asked.path.endswith("/messages") and "from" in asked.query:
            return Reply(400, b'{"errcode": "M_INVALID_PARAM", "error": "no"}').wire()
        return (await running.fetch(asked)).wire()

    proxy.meddle = refuse
    (told,) = plot.sync(tmp_path, proxy.base_url, rooms=plot.open_rooms[:1]).rooms
    assert "refuses again and again" in str(told.problem)
    proxy.meddle = None
    assert is_whole(plot.sync(tmp_path, proxy.base_url), plot)
    assert differences(read_account(tmp_path), undisturbed) == []


@pytest.mark.parametrize("how", ["same", "empty"])
def test_a_server_that_leads_in_a_circle_is_told_and_not_followed_for_ever(
    how: str, proxy: Proxy, plot: Plot, undisturbed: dict[str, object], tmp_path: Path
) -> None:
    first: list[Reply] = []

    async def circle(running: Proxy, asked: Asked) -> Wire:
        if not asked.path.endswith("/messages") or "from" not in asked.query:
            return (await running.fetch(asked)).wire()
        first.append(await running.fetch(asked))
        token = asked.query["from"] if how == "same" else f"t{len(first)}"
        body = json.loads(first[0].body) | {"end": token}
        return Reply(200, json.dumps(body).encode()).wire()

    proxy.meddle = circle
    (told,) = plot.sync(tmp_path, proxy.base_url, rooms=plot.open_rooms[:1]).rooms
    assert "the same pages again and again" in str(told.problem)
    proxy.meddle = None
    assert is_whole(plot.sync(tmp_path, proxy.base_url, full=True), plot)
    assert differences(read_account(tmp_path), undisturbed) == []


def test_a_clock_that_jumps_a_year_ahead_and_back_loses_nothing_and_stalls_no_crawl(
    proxy: Proxy, plot: Plot, undisturbed: dict[str, object], tmp_path: Path
) -> None:
    proxy.meddle = None
    year = 365 * 86_400_000
    now = 1_800_000_000_000
    for moment in (now, now + year, now):
        assert is_whole(plot.sync(tmp_path, proxy.base_url, now=moment), plot)
        assert differences(read_account(tmp_path), undisturbed) == []
    proxy.asked.clear()
    plot.sync(tmp_path, proxy.base_url, now=now + LIMITS.recrawl_ms)
    assert [asked for asked in proxy.asked if asked.path.endswith("/messages")] != []


def test_a_crawl_from_a_wrong_future_is_made_again_when_the_clock_is_right(
    proxy: Proxy, plot: Plot, tmp_path: Path
) -> None:
    proxy.meddle = None
    now = 1_800_000_000_000
    plot.sync(tmp_path, proxy.base_url, now=now + 365 * 86_400_000)
    proxy.asked.clear()
    plot.sync(tmp_path, proxy.base_url, now=now)
    assert [asked for asked in proxy.asked if asked.path.endswith("/messages")] != []
    proxy.asked.clear()
    plot.sync(tmp_path, proxy.base_url, now=now + 1)
    assert [asked for asked in proxy.asked if asked.path.endswith("/messages")] == []

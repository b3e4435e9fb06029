"""The whole way over a real homeserver: rooms become linked pages with their pictures, stopped or not."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from aiohttp import web

from tests.archive.hostile_server import Handler, HostileServer
from tests.archive.test_sync import contents
from tests.homeserver.homeserver import Homeserver
from tests.integration.tended import tend
from tests.loopback import forward, server
from tests.smallholding import page_of, read_site
from tests.terminal import press_ctrl_c, running

pytestmark = [pytest.mark.synapse, pytest.mark.xdist_group("synapse")]


def test_the_demos_rooms_become_the_pages_that_the_demo_has_offline(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    garden = tend(tmp_path, homeserver, spaces=["#fen:fen.example"])
    told = garden.sync()
    assert all(room["problem"] is None and not room["media_problems"] for room in told.values())
    assert garden.run("build", "--strict").code == 0
    site = read_site(garden.out)
    pictures = {path for path in site if path.startswith("media/")}
    shown = garden.text()
    assert pictures
    assert [path for path in pictures if path not in shown] == []
    assert b"mxc://" not in b"".join(content for path, content in site.items() if path.endswith(".html"))
    assert homeserver.base_url not in shown
    assert len(list(garden.out.glob("*/*/index.html"))) > 60


def test_links_between_rooms_become_backlinks_and_tell_of_both_sides(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    here, there = homeserver.create_room(), homeserver.create_room()
    garden = tend(tmp_path, homeserver, here, there)
    root = homeserver.send_message(here, "ada", "Where does the water go in spring?")
    for number in range(2):
        relation = {"m.relates_to": {"rel_type": "m.thread", "event_id": root}}
        homeserver.send_message(here, "ben", {"msgtype": "m.text", "body": f"Down, {number}.", **relation})
    homeserver.send_message(there, "cleo", "Fog over the lower meadow.")
    homeserver.send_message(there, "cleo", f"We know that: https://matrix.to/#/{here}/{root}?via=fen.example")
    garden.grow()
    target, source = page_of(garden.out, "Down, 0."), page_of(garden.out, "Fog over")
    assert f"../../{source}/" in (garden.out / target / "index.html").read_text()
    assert f"../../{target}/" in (garden.out / source / "index.html").read_text()
    assert "We know that" in (garden.out / target / "index.html").read_text()


def test_hostile_and_malformed_rooms_are_published_next_to_the_others(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    rooms = homeserver.seeded.rooms
    names = ("hostile", "malformed", "relations", "clocks", "ancient", "bridged", "circle-a", "circle-b")
    garden = tend(tmp_path, homeserver, *(rooms[name] for name in names), rooms["meadow"])
    assert all(room["problem"] is None for room in garden.sync().values())
    assert garden.run("build", "--strict").code == 0
    shown = garden.text()
    for words in (
        "The first wording counts again.",
        "An answer to what is gone.",
        "Sane again.",
        "As they did.",
    ):
        assert words in shown
    assert "A sound message after the broken ones." in shown
    assert "A decent message after the others." in shown


@pytest.mark.parametrize("requests", [1, 6, 12])
def test_ctrl_c_during_a_sync_says_one_sentence_and_the_next_sync_goes_on(
    requests: int, homeserver: Homeserver, tmp_path: Path
) -> None:
    rooms = [homeserver.seeded.rooms[name] for name in ("seeds", "relations")]
    undisturbed = tend(tmp_path / "undisturbed", homeserver, *rooms)
    undisturbed.sync()
    with server() as proxy:
        forward(proxy, homeserver.base_url)
        stall_after(proxy, requests)
        garden = tend(tmp_path / "stopped", homeserver, *rooms, base_url=proxy.base_url)
        with running("sync", folder=garden.folder, more=garden.environment) as process:
            wait_until(lambda: len(proxy.asked) > requests)
            said = press_ctrl_c(process)
        assert said.code == 1
        assert "Traceback" not in said.err
        assert said.err.splitlines()[-1].startswith("Stopped. ")
        forward(proxy, homeserver.base_url)
        garden.sync()
    assert contents(garden.folder)["events"] == contents(undisturbed.folder)["events"]


def stall_after(proxy: HostileServer, requests: int) -> None:
    """Let the proxy answer so many requests and keep everybody waiting then."""
    hand_on: Handler = proxy.answers[""][0]

    async def stall(request: web.Request) -> web.StreamResponse:
        if len(proxy.asked) > requests:
            await asyncio.sleep(60)
        return await hand_on(request)

    proxy.answer("", stall)


def wait_until(is_so: object) -> None:
    deadline = time.monotonic() + 30
    while not (callable(is_so) and is_so()):
        assert time.monotonic() < deadline
        time.sleep(0.01)

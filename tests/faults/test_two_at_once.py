"""Two commands at once on one garden, as two processes: the second says who is at work, or waits."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest
from aiohttp import web

from tests.archive.hostile_server import says
from tests.archive.material import ROOM
from tests.loopback import one_room, server
from tests.smallholding import bean_talk, bring, lay_out, settings, site_text
from tests.terminal import TOKEN, check_told, run, running, wait_for_line

pytestmark = pytest.mark.xdist_group("faults")

COMMANDS = [("build",), ("sync",), ("import", "matrix", "lines.jsonl"), ("forget", ROOM)]


async def never(_request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(600)
    return web.Response()


def wait_until(is_so: object) -> None:
    deadline = time.monotonic() + 30
    while not (callable(is_so) and is_so()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_while_a_sync_is_at_work_the_others_say_so_and_change_nothing(tmp_path: Path) -> None:
    with server() as homeserver:
        one_room(homeserver, ROOM, bean_talk())
        homeserver.answer("/messages", never)
        lay_out(tmp_path, settings(rooms=[ROOM], homeserver=homeserver.base_url))
        (tmp_path / "lines.jsonl").write_text("{}")
        with running("sync", folder=tmp_path, more={"GARDEN_ACCESS_TOKEN": TOKEN}) as first:
            wait_until(lambda: homeserver.count("/messages"))
            for command in COMMANDS:
                said = run(*command, folder=tmp_path, more={"GARDEN_ACCESS_TOKEN": TOKEN})
                check_told(said, 1, "Another garden command", "sync", str(first.pid), "content_cache")
            os.killpg(first.pid, signal.SIGKILL)
        assert not (tmp_path / "public").exists()
        homeserver.answer("/messages", says({"chunk": list(reversed(bean_talk()))}))
        assert run("sync", folder=tmp_path, more={"GARDEN_ACCESS_TOKEN": TOKEN}).code == 0
        assert run("build", folder=tmp_path).code == 0
        assert "Dry it first" in site_text(tmp_path)


def test_a_garden_that_is_served_waits_for_a_sync_to_end(tmp_path: Path) -> None:
    with server() as homeserver:
        one_room(homeserver, ROOM, bean_talk())
        homeserver.answer("/messages", never)
        lay_out(tmp_path, settings(rooms=[ROOM], vouched=[ROOM], homeserver=homeserver.base_url))
        bring(tmp_path, bean_talk())
        note = tmp_path / "notes" / "jars.md"
        with running("serve", "--port", "0", folder=tmp_path) as serving:
            wait_for_line(serving.stdout, "Serving ")
            wait_until(lambda: note.write_text("Before.") and "Before." in site_text(tmp_path))
            with running("sync", folder=tmp_path, more={"GARDEN_ACCESS_TOKEN": TOKEN}) as syncing:
                wait_until(lambda: homeserver.count("/messages"))
                note.write_text("Meanwhile.")
                time.sleep(1.5)
                assert "Meanwhile." not in site_text(tmp_path)
                os.killpg(syncing.pid, signal.SIGKILL)
            wait_until(lambda: "Meanwhile." in site_text(tmp_path))
            assert serving.poll() is None

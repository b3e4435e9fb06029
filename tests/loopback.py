"""Servers on loopback: a built site, and a homeserver that answers well, badly, or for another.

The homeserver is for commands that run as processes: the one of `tests.archive.hostile_server` in a thread of
its own. `one_room` lets it hold a room; `forward` makes it a proxy that notes every request on its way to a
real homeserver.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import unquote

from aiohttp import ClientSession, web

from garden.site.serve import HOST, Changes, open_server
from tests.archive.hostile_server import Handler, HostileServer, refuses, says, serve
from tests.archive.material import event

USER = "@gardener:fen.example"


@contextmanager
def serve_folder(folder: Path, base_path: str = "/", changes: Changes | None = None) -> Iterator[str]:
    """Serve a built site as `garden serve` does until the block ends; yields its URL, which ends in `/`."""
    serving = open_server(folder, base_path, 0, changes)
    thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://{HOST}:{serving.server_port}{base_path}"
    finally:
        serving.shutdown()
        thread.join()
        serving.server_close()


@contextmanager
def server() -> Iterator[HostileServer]:
    """Run one until the block ends; what it answers can be changed meanwhile."""
    ready: queue.SimpleQueue[tuple[HostileServer, Callable[[], object]]] = queue.SimpleQueue()

    async def run() -> None:
        is_over = asyncio.Event()
        end = partial(asyncio.get_running_loop().call_soon_threadsafe, is_over.set)
        async with serve() as running:
            ready.put((running, end))
            await is_over.wait()

    # Its end also ends the answers that nobody waits for any more.
    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    running, end = ready.get(timeout=20)
    try:
        yield running
    finally:
        end()
        thread.join(20)


def one_room(
    running: HostileServer,
    room: str,
    events: Sequence[object],
    *,
    visibility: str = "world_readable",
) -> None:
    """Let the server hold a room; events are oldest first. It has no stream, as most servers have none.

    The room was opened, and called Bean room, before the first of them.
    """
    opened = event("opened", "m.room.history_visibility", {"history_visibility": visibility}, state_key="")
    named = event("named", "m.room.name", {"name": "Bean room"}, state_key="")
    running.answer("/account/whoami", says({"user_id": USER}))
    running.answer("/joined_rooms", says({"joined_rooms": []}))
    running.answer("/sync", says({"next_batch": "s1"}))
    running.answer(f"{room}/initialSync", refuses(404, "M_UNRECOGNIZED"))
    running.answer(f"{room}/state", says([opened, named]))
    running.answer(f"{room}/state/m.room.history_visibility/", says({"history_visibility": visibility}))
    running.answer(f"{room}/messages", says({"chunk": list(reversed(events)), "start": "t1"}))


def forward(running: HostileServer, base_url: str) -> None:
    """Let the server hand every request on and the answer back; it keeps note of what was asked."""

    async def hand_on(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {
            name: request.headers[name]
            for name in ("Authorization", "Content-Type")
            if name in request.headers
        }
        async with (
            ClientSession(auto_decompress=False) as session,
            session.request(
                request.method, base_url + request.raw_path, data=body, headers=headers
            ) as answer,
        ):
            kept = {name: answer.headers[name] for name in ("Content-Type",) if name in answer.headers}
            return web.Response(status=answer.status, body=await answer.read(), headers=kept)

    running.answer("", hand_on)
    # It would name the homeserver itself, and nothing would come this way.
    running.answer("/.well-known/matrix/client", says({}, status=404))


def asked_paths(running: HostileServer) -> list[str]:
    """Return the paths that were asked for, unquoted, without the prefix of the client-server API."""
    return [unquote(request.path).partition("/v3")[2] or request.path for request in running.asked]


def busy(times: int, then: Handler) -> list[Handler]:
    """Answer 429 so many times, asking for a tenth of a second each, and then as it should be."""
    return [*[refuses(429, "M_LIMIT_EXCEEDED", retry_after_ms=100)] * times, then]

"""A real HTTP server on loopback that answers what it is told to, well or badly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class HostileServer:
    """What it answers by path (the last matching end wins), and what it was asked."""

    base_url: str = ""
    answers: dict[str, list[Handler]] = field(default_factory=dict)
    asked: list[web.Request] = field(default_factory=list)

    def answer(self, end: str, *handlers: Handler) -> None:
        """Answer paths that end so: each handler once, the last for ever."""
        self.answers[end] = list(handlers)

    def count(self, end: str) -> int:
        return sum(request.path.endswith(end) for request in self.asked)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        for end, handlers in reversed(self.answers.items()):
            if request.path.endswith(end):
                return await (handlers.pop(0) if len(handlers) > 1 else handlers[0])(request)
        return web.json_response({"errcode": "M_UNRECOGNIZED", "error": "?"}, status=404)


@asynccontextmanager
async def serve() -> AsyncIterator[HostileServer]:
    """Run one on a free port; it says that it is a homeserver."""
    server = HostileServer()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        server.answer("/versions", says({"versions": ["v1.11"]}))
        yield server
    finally:
        await runner.cleanup()


def says(value: object, *, status: int = 200, headers: dict[str, str] | None = None) -> Handler:
    return text(json.dumps(value), status=status, headers=headers, kind="application/json")


def text(
    body: str, *, status: int = 200, headers: dict[str, str] | None = None, kind: str = "application/json"
) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=body, status=status, headers=headers, content_type=kind)

    return answer


def html(status: int = 200) -> Handler:
    return text("<html><body>Bad gateway</body></html>", status=status, kind="text/html")


def refuses(status: int, errcode: str, **more: object) -> Handler:
    return says({"errcode": errcode, "error": "no", **more}, status=status)


async def breaks_off(request: web.Request) -> web.StreamResponse:
    """Promise a thousand bytes and hang up after ten."""
    response = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"chunk": ')
    if request.transport is not None:
        request.transport.close()
    return response


async def sleeps(_request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()

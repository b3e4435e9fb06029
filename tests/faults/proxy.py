"""A proxy on loopback between a real homeserver and a garden: requests come in, what faults leave goes out.

It speaks HTTP/1.1 byte by byte, so that an answer can also be none: cut in the middle, without an end, or no
HTTP. What it does to an answer is up to `Proxy.meddle`, which a test sets; see `tests.faults.plan`.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial
from urllib.parse import parse_qs, unquote, urlsplit

from aiohttp import ClientSession


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of the garden."""

    method: str
    target: str
    """Path and query as they came."""
    headers: Mapping[str, str]
    """By names in small letters."""
    head: bytes
    """The request as it came, without its body."""
    body: bytes = b""

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def room(self) -> str:
        """The room that is asked about, or an empty text."""
        parts = self.path.split("/")
        return parts[parts.index("rooms") + 1] if "rooms" in parts else self.query.get("room_id", "")


class End(Enum):
    """What becomes of the connection behind an answer."""

    KEEP = auto()
    CLOSE = auto()
    FLOOD = auto()
    """The last of the bytes again and again, until the garden hangs up."""
    HANG = auto()
    """Nothing more, and no end."""


@dataclass(frozen=True, slots=True)
class Wire:
    """What is sent, byte by byte, and how that ends."""

    data: bytes
    end: End = End.CLOSE
    pause: float = 0.0
    """Seconds before it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer."""

    status: int
    body: bytes
    kind: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()

    def wire(self, *, pause: float = 0.0) -> Wire:
        return Wire(self.head(len(self.body)) + self.body, End.KEEP, pause)

    def head(self, length: int | None) -> bytes:
        """Status line and headers; without a length the body comes in chunks."""
        size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
        lines = [f"HTTP/1.1 {self.status} Told", f"Content-Type: {self.kind}", size]
        lines += [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join((*lines, "", "")).encode()


@dataclass
class Proxy:
    """One running proxy: where it listens, what it was asked, and what it does."""

    upstream: str
    base_url: str = ""
    meddle: Callable[[Proxy, Asked], Awaitable[Wire]] | None = None
    """What makes an answer; without it those of the homeserver pass as they are."""
    asked: list[Asked] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)
    """What went wrong in the proxy itself; a test fails on it when the proxy ends."""
    _session: ClientSession | None = None

    async def fetch(self, asked: Asked, *, target: str | None = None) -> Reply:
        """Ask the homeserver, in the garden's name, perhaps for another target than it asked for."""
        assert self._session is not None
        names = ("authorization", "content-type")
        headers = {name: asked.headers[name] for name in names if name in asked.headers}
        address = self.upstream + (target or asked.target)
        async with self._session.request(
            asked.method, address, headers=headers, data=asked.body or None, allow_redirects=False
        ) as answer:
            kind = answer.headers.get("Content-Type", "application/json")
            return Reply(answer.status, await answer.read(), kind)

    async def run(self, ready: Callable[[], None], is_over: asyncio.Event) -> None:
        """Listen until it is over."""
        async with ClientSession() as self._session:
            server = await asyncio.start_server(self._converse, "127.0.0.1", 0, limit=1 << 20)
            self.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            ready()
            await is_over.wait()
            server.close()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (asked := await _read_request(reader)) is not None:
                self.asked.append(asked)
                if not await _send(writer, await self._answer(asked)):
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        except BaseException as error:  # noqa: BLE001 - a thread of its own: the test hears of it at the end
            self.failures.append(error)
        finally:
            writer.close()

    async def _answer(self, asked: Asked) -> Wire:
        # It would name the homeserver itself, and nothing would come this way.
        if asked.path.startswith("/.well-known/"):
            return Reply(404, b"{}").wire()
        if self.meddle is None:
            return (await self.fetch(asked)).wire()
        return await self.meddle(self, asked)


@contextmanager
def between(upstream: str) -> Iterator[Proxy]:
    """Run a proxy to a homeserver until the block ends; what it does can be changed meanwhile."""
    proxy = Proxy(upstream)
    ready: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()

    async def run() -> None:
        is_over = asyncio.Event()
        end = partial(asyncio.get_running_loop().call_soon_threadsafe, is_over.set)
        await proxy.run(lambda: ready.put(end), is_over)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    end = ready.get(timeout=20)
    try:
        yield proxy
    finally:
        end()
        thread.join(20)
    assert not proxy.failures, proxy.failures


async def _read_request(reader: asyncio.StreamReader) -> Asked | None:
    with suppress(asyncio.IncompleteReadError):
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        pairs = (line.partition(":") for line in lines if line)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        return Asked(method, target, headers, head, body)
    return None


async def _send(writer: asyncio.StreamWriter, wire: Wire) -> bool:
    """Send what is to be sent; whether the connection stays."""
    await asyncio.sleep(wire.pause)
    writer.write(wire.data)
    await writer.drain()
    while wire.end is End.FLOOD:
        writer.write(b"4000\r\n" + b" " * 0x4000 + b"\r\n")
        await writer.drain()
    if wire.end is End.HANG:
        await asyncio.sleep(60)
    return wire.end is End.KEEP

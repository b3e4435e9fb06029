"""Two homeservers that speak with each other over TLS, all on loopback, and the line between them.

Each goes by a name that no system knows: it calls the other through a proxy, which alone can tell where that
name is, so whoever holds the proxy can cut the line and mend it. The certificates are made for the occasion,
by an authority of their own, and are checked like any others.
"""

from __future__ import annotations

import asyncio
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from .client import Account, Client, RefusedError, quote_id, room_path
from .community import JsonObject
from .seed import send_event
from .synapse import SERVER_NAME, Peering, Synapse, find_synapse_python

NEIGHBOUR: Final = "marsh.example"
"""Name of the second homeserver; the first is called as always."""

_SECONDS: Final = 30

# Runs in Synapse's environment, which has a library for it.
_CERTIFY: Final = """
import datetime, pathlib, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

folder, *names = sys.argv[1:]
now, day = datetime.datetime.now(datetime.timezone.utc), datetime.timedelta(days=1)

def call(name):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])

def certify(name, authority, extension):
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = x509.CertificateBuilder(
        issuer_name=call("authority"), subject_name=call(name), public_key=key.public_key(),
        serial_number=x509.random_serial_number(), not_valid_before=now - day, not_valid_after=now + day,
    ).add_extension(extension, critical=False).sign(authority or key, hashes.SHA256())
    path = pathlib.Path(folder, name)
    path.with_name(f"{name}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    path.with_name(f"{name}.key").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return key

authority = certify("authority", None, x509.BasicConstraints(ca=True, path_length=None))
for name in names:
    certify(name, authority, x509.SubjectAlternativeName([x509.DNSName(name)]))
"""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two homeservers, with an account that joins every room and one that joins none.

    Senders are localparts (`ada`); they are registered and join a room when they first speak in it.
    """

    server: Synapse
    member: Account
    reader: Account
    _here: set[tuple[str, str]] = field(default_factory=set)

    @property
    def client(self) -> Client:
        """The bare client-server API."""
        return Client(self.server.base_url)

    def user(self, sender: str) -> str:
        """Return somebody's whole user id."""
        return f"@{sender}:{self.server.name}"

    def send(
        self,
        room: str,
        sender: str,
        event_type: str,
        content: JsonObject,
        *,
        state_key: str | None = None,
        ts: int | None = None,
    ) -> str:
        """Send any event, at any time in milliseconds since 1970, and return its id."""
        if (room, sender) not in self._here:
            self._let_in(room, sender)
        return send_event(
            self.client, room, self.user(sender), event_type, content, state_key=state_key, ts=ts
        )

    def say(
        self, room: str, sender: str, body: str, *, more: JsonObject | None = None, ts: int | None = None
    ) -> str:
        """Send a message; `more` is laid over its content."""
        content = {"msgtype": "m.text", "body": body, **(more or {})}
        return self.send(room, sender, "m.room.message", content, ts=ts)

    def set_visibility(self, room: str, visibility: str) -> str:
        """Set `m.room.history_visibility`, as the room's creator may."""
        content = {"history_visibility": visibility}
        return self.send(room, "member", "m.room.history_visibility", content, state_key="")

    def knows(self, room: str, event_id: str) -> bool:
        """Whether the event is here by now."""
        try:
            self.client.call("GET", room_path(room, "event", event_id), token=self.member.token)
        except RefusedError:
            return False
        return True

    def _let_in(self, room: str, sender: str) -> None:
        try:
            self.client.register(sender)
        except RefusedError as refused:
            if refused.errcode != "M_USER_IN_USE":
                raise
        self.client.call_as(self.user(sender), "POST", room_path(room, "join"), {})
        self._here.add((room, sender))


class Line:
    """The proxy between the homeservers: each name leads to a port, as long as it is not cut."""

    def __init__(self) -> None:
        self.leads_to: dict[str, int] = {}
        self.port = 0
        self._is_cut = False
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.get_running_loop()

    def cut(self) -> None:
        """End all connections, and let nobody make another."""
        asyncio.run_coroutine_threadsafe(self._drop(), self._loop).result(_SECONDS)

    def mend(self) -> None:
        """Let connections be made again."""
        self._is_cut = False

    async def _drop(self) -> None:
        self._is_cut = True
        for writer in self._open:
            writer.transport.abort()

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one `CONNECT` (RFC 9110, section 9.3.6) and carry what goes to and fro."""
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            name = request.split()[1].decode().removesuffix(":443")
            if not self._is_cut:
                there = await asyncio.open_connection("127.0.0.1", self.leads_to[name])
                writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
                self._open |= {writer, there[1]}
                await asyncio.gather(_carry(reader, there[1]), _carry(there[0], writer))
                self._open -= {writer, there[1]}
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@dataclass(frozen=True, slots=True)
class Federation:
    """Two homeservers, `fen` and `marsh`, and what happens between them."""

    fen: Side
    marsh: Side
    line: Line

    def create_room(self, visibility: str = "world_readable", *words: str) -> str:
        """Make a room on the fen in which the members of both sides may do everything, and let both in.

        `words` are said by ada of the fen before anybody of the marsh is there.
        """
        shown = {"history_visibility": visibility}
        body = {
            "preset": "public_chat",
            "initial_state": [{"type": "m.room.history_visibility", "state_key": "", "content": shown}],
            "power_level_content_override": {"users": {self.marsh.member.user_id: 100}},
        }
        path, token = "/_matrix/client/v3/createRoom", self.fen.member.token
        room: str = self.fen.client.call("POST", path, body, token=token)["room_id"]
        for each in words:
            self.fen.say(room, "ada", each)
        path, token = f"/_matrix/client/v3/join/{quote_id(room)}", self.marsh.member.token
        self.marsh.client.call("POST", path, {}, token=token, query={"server_name": self.fen.server.name})
        # Most of the room's state comes after the join; who asks for all of it waits for that.
        self.marsh.client.call("GET", room_path(room, "joined_members"), token=token)
        return room

    def mend(self, room: str) -> str:
        """Mend the line and return once both sides are in touch again, with the word that brought it about.

        A homeserver that has given up calls again when it has something to say, or is called itself.
        """
        self.line.mend()
        word = self.fen.say(room, "ada", "The line is back.")
        wait_until(partial(self.marsh.knows, room, word))
        return word

    def meet(self, room: str, *event_ids: str) -> None:
        """Wait until both sides know these events."""
        for side in (self.fen, self.marsh):
            for event_id in event_ids:
                wait_until(partial(side.knows, room, event_id))


@contextmanager
def federate(folder: Path) -> Iterator[Federation]:
    """Start two homeservers that hold nothing yet; both are gone when the block ends, however that is."""
    names = (SERVER_NAME, NEIGHBOUR)
    python = find_synapse_python()
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([python, "-c", _CERTIFY, folder, *names], check=True, timeout=_SECONDS)
    with ExitStack() as stack:
        line = stack.enter_context(lay_line())
        servers = [
            Synapse(folder / name, python, name=name, peering=_peering(folder, name, names, line))
            for name in names
        ]
        for server in servers:
            stack.callback(server.stop)
        with ThreadPoolExecutor() as pool:
            fen, marsh = pool.map(_start, servers)
        line.leads_to |= {server.name: server.peer_port for server in servers}
        yield Federation(fen, marsh, line)


@contextmanager
def lay_line() -> Iterator[Line]:
    """Run a proxy in a thread of its own until the block ends."""
    ready: queue.SimpleQueue[tuple[Line, Callable[[], object]]] = queue.SimpleQueue()

    async def run() -> None:
        line, is_over = Line(), asyncio.Event()
        server = await asyncio.start_server(line.connect, "127.0.0.1", 0)
        line.port = server.sockets[0].getsockname()[1]
        loop = asyncio.get_running_loop()
        ready.put((line, lambda: loop.call_soon_threadsafe(is_over.set)))
        await is_over.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    line, end = ready.get(timeout=_SECONDS)
    try:
        yield line
    finally:
        line.cut()
        end()
        thread.join(_SECONDS)


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so; fails where it takes too long."""
    deadline = time.monotonic() + _SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError("the homeservers do not come together")
        time.sleep(0.02)


def _peering(folder: Path, name: str, names: tuple[str, ...], line: Line) -> Peering:
    return Peering(
        names=[other for other in names if other != name],
        way_out=f"http://127.0.0.1:{line.port}",
        certificate=folder / f"{name}.crt",
        key=folder / f"{name}.key",
        authority=folder / "authority.crt",
    )


def _start(server: Synapse) -> Side:
    server.start()
    client = Client(server.base_url)
    return Side(server, client.register_account("member"), client.register_account("reader"))


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hand on what comes in until one end hangs up, then hang up at the other."""
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()

"""One request at a time to a homeserver: path and query go out, an `Answer` comes back or an error.

matrix-nio carries the bytes; of it only `AsyncClient.send` is used, because that gives the server's own
status and body. What goes wrong on the way is tried again, a bounded number of times and never for ever. The
access token travels in a header only, so that it stands in no address, no message and no log.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from garden.archive.answer import Answer, parse_json
from garden.archive.event import get_number
from garden.errors import LoginError, UnreachableError

if TYPE_CHECKING:
    from aiohttp import ClientResponse
    from nio import AsyncClient

CLIENT_V1: Final = "/_matrix/client/v1"
CLIENT_V3: Final = "/_matrix/client/v3"

_CHUNK_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a homeserver is waited for."""

    tries: int = 5
    """How often one request is made at most."""
    timeout: float = 60.0
    """Seconds until one answer has to be read to its end."""
    first_wait: float = 0.5
    """Seconds before the second try; each further wait is twice as long."""
    longest_wait: float = 60.0
    """Seconds that a server can make us wait before one try."""
    max_bytes: int = 256 * 1024 * 1024
    """Size of the largest answer that is read: a thousand events of the largest size, four times over."""


@dataclass(frozen=True, slots=True)
class Request:
    """One call of the client-server API."""

    method: str
    path: tuple[str, ...]
    """The path's parts after the prefix, not yet quoted."""
    query: Mapping[str, str | int | None] | None = None
    """Parameters; those that are None are left out."""
    body: Mapping[str, object] | None = None
    prefix: str = CLIENT_V3
    max_bytes: int | None = None
    """Give up on a larger answer; the answer then has a status of 413."""

    @property
    def target(self) -> str:
        """Path and query as they go over the wire."""
        given = {key: value for key, value in (self.query or {}).items() if value is not None}
        path = "/".join((self.prefix, *(quote(part, safe="") for part in self.path)))
        return f"{path}?{urlencode(given)}" if given else path


class Transport:
    """Connections to one homeserver. Close it when done."""

    def __init__(self, base_url: str, token: str | None = None, *, patience: Patience | None = None) -> None:
        # nio takes 0.3 s to import, and most commands never speak to a homeserver.
        from nio import AsyncClient  # noqa: PLC0415

        self.base_url = base_url.rstrip("/")
        self.patience = patience or Patience()
        self.token = token
        self._client: AsyncClient = AsyncClient(self.base_url)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def call(self, request: Request) -> Answer:
        """Make a request, again where that may help, and return what was answered in the end.

        Raises `UnreachableError` where no answer comes, or only ones that blame the server; `LoginError`
        where the server does not take the token. Other refusals are the caller's to read.
        """
        answer = await self._insist(request)
        if answer.status == HTTPStatus.UNAUTHORIZED and self.token is not None:
            raise LoginError(
                f"{self.base_url} does not take the access token ({answer.errcode or 'status 401'})",
                hint="It may have expired: run garden login, or set GARDEN_ACCESS_TOKEN to a new one.",
            )
        if _is_servers_fault(answer.status):
            raise answer.complain(f"with an error, {self.patience.tries} times")
        return answer

    async def _insist(self, request: Request) -> Answer:
        for attempt in range(self.patience.tries):
            is_last = attempt == self.patience.tries - 1
            try:
                answer = await self._try(request)
            except (OSError, TimeoutError, _connection_errors()) as error:
                if is_last:
                    raise self._explain(request, error) from error
                asked_to_wait = None
            else:
                if is_last or not _is_servers_fault(answer.status):
                    return answer
                asked_to_wait = _read_wait(answer)
            await asyncio.sleep(self._choose_wait(attempt, asked_to_wait))
        raise AssertionError("at least one try is made")

    async def _try(self, request: Request) -> Answer:
        from aiohttp import ClientTimeout  # noqa: PLC0415 - comes with nio, as late as nio

        headers = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        response: ClientResponse = await self._client.send(
            request.method,
            request.target,
            None if request.body is None else json.dumps(request.body),
            headers,
            timeout=ClientTimeout(total=self.patience.timeout, sock_connect=min(15.0, self.patience.timeout)),
        )
        async with response:
            return await self._read(response, request)

    async def _read(self, response: ClientResponse, request: Request) -> Answer:
        body, status = bytearray(), response.status
        # A limit is about what was asked for; a refusal has to be read to be understood.
        limit = self.patience.max_bytes
        if request.max_bytes is not None and status == HTTPStatus.OK:
            limit = request.max_bytes
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            body += chunk
            if len(body) > limit:
                status, body = HTTPStatus.REQUEST_ENTITY_TOO_LARGE.value, bytearray()
                response.close()
                break
        return Answer(self._name(request), status, dict(response.headers), bytes(body))

    def _choose_wait(self, attempt: int, asked: float | None) -> float:
        own = self.patience.first_wait * float(2**attempt)
        return min(self.patience.longest_wait, max(own, asked or 0.0))

    def _name(self, request: Request) -> str:
        return f"{request.method} {self.base_url}{request.target}"

    def _explain(self, request: Request, error: Exception) -> UnreachableError:
        reason = (
            "no answer in time" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
        )
        return UnreachableError(
            f"{self._name(request)} failed {self.patience.tries} times: {reason}",
            hint="Check [matrix] homeserver in site.toml and your network, then run the command again.",
        )


def _connection_errors() -> type[Exception]:
    """Refused and broken connections, and bodies that end too early, as aiohttp names them."""
    from aiohttp import ClientError  # noqa: PLC0415 - comes with nio, as late as nio

    return ClientError


def _is_servers_fault(status: int) -> bool:
    """Whether the same request may succeed later: the server is overwhelmed, broken or not there."""
    return status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _read_wait(answer: Answer) -> float | None:
    """Return how many seconds the server wants to be left alone, from whichever place says so.

    `Retry-After` in seconds (RFC 9110, 10.2.3) and the older `retry_after_ms` (client-server API, "Rate
    limiting"); the longer of the two counts.
    """
    header = answer.headers.get("Retry-After", "")
    waits = [float(header)] if header.isascii() and header.isdigit() else []
    try:
        milliseconds = get_number(parse_json(answer.body), "retry_after_ms")
    except ValueError:
        milliseconds = None
    if milliseconds is not None:
        waits.append(milliseconds / 1000)
    return max(waits, default=None)

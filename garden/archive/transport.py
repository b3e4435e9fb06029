"""One request at a time to a homeserver: path and query go out, an `Answer` comes back or an error.

matrix-nio carries the bytes; of it only `AsyncClient.send` is used, because that gives the server's own
status and body. What goes wrong on the way is tried again, a bounded number of times and never for ever, so
whatever is asked for has to do no harm when it is done twice. The access token travels in a header only, so
that it stands in no address, no message and no log; and where a server echoes it, it is taken out again.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import count
from typing import TYPE_CHECKING, Final, NoReturn
from urllib.parse import quote, urlencode

from garden.archive.answer import Answer
from garden.archive.event import clean_text
from garden.archive.patience import Patience, Standing, is_servers_fault, read_wait
from garden.errors import LoginError, UnreachableError

if TYPE_CHECKING:
    from aiohttp import ClientResponse
    from nio import AsyncClient

__all__ = ["CLIENT_V1", "CLIENT_V3", "Patience", "Query", "Request", "Transport"]

CLIENT_V1: Final = "/_matrix/client/v1"
CLIENT_V3: Final = "/_matrix/client/v3"

Query = Mapping[str, str | int | None]
"""Parameters of a call; those that are None are left out."""

_CHUNK_BYTES: Final = 64 * 1024

_MAX_REFUSAL: Final = 1024 * 1024
"""Bytes of an answer that is a refusal: enough to be understood."""

_TOKEN: Final = re.compile(r"[!-~]+")
"""What can stand in a header; a token of RFC 6750, 2.1 is made of fewer characters."""

_LEAST_SECRET: Final = 16
"""Characters of the shortest token that is looked for in answers: a shorter one would be found in words."""

_LONGEST_REASON: Final = 200
"""Characters of what a library says about a failure; it may quote a server."""


@dataclass(frozen=True, slots=True)
class Request:
    """One call of the client-server API."""

    method: str
    path: tuple[str, ...]
    """The path's parts after the prefix, not yet quoted."""
    query: Query | None = None
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
        self._standing = Standing.UNKNOWN

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
        return answer

    async def _insist(self, request: Request) -> Answer:
        """Make a request until it is answered or patience ends; then raises `UnreachableError`."""
        clock = asyncio.get_running_loop().time
        last_start = clock() + self.patience.deadline
        for tried in count(1):
            outcome: Answer | Exception
            try:
                outcome = await self._try(request)
            except _failures() as error:
                outcome, asked_to_wait = error, None
            else:
                if not is_servers_fault(outcome.status):
                    self._standing = Standing.THERE
                    return outcome
                asked_to_wait = read_wait(outcome)
            wait = self.patience.choose_wait(tried, asked_to_wait)
            if tried >= self._count_tries(outcome) or clock() + wait > last_start:
                self._give_up(request, outcome, tried)
            await asyncio.sleep(wait)
        raise AssertionError("the tries are counted")

    def _count_tries(self, outcome: Answer | Exception) -> int:
        return self.patience.count_tries(
            self._standing, is_limit=_is_limit(outcome), is_absence=isinstance(outcome, _absences())
        )

    def _give_up(self, request: Request, outcome: Answer | Exception, tried: int) -> NoReturn:
        times = "once" if tried == 1 else f"{tried} times"
        if isinstance(outcome, Exception):
            self._standing = Standing.GONE
            raise self._explain(request, outcome, times) from outcome
        if _is_limit(outcome):
            raise _explain_limit(outcome, times)
        self._standing = Standing.GONE
        raise outcome.complain(f"with an error, {times}")

    async def _try(self, request: Request) -> Answer:
        from aiohttp import ClientTimeout  # noqa: PLC0415 - comes with nio, as late as nio

        headers = {} if self.token is None else {"Authorization": f"Bearer {_need_sane(self.token)}"}
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        response: ClientResponse = await self._client.send(
            request.method,
            request.target,
            None if request.body is None else json.dumps(request.body),
            headers,
            timeout=ClientTimeout(
                total=self.patience.timeout,
                sock_connect=min(self.patience.connect_timeout, self.patience.timeout),
            ),
        )
        async with response:
            return await self._read(response, request)

    async def _read(self, response: ClientResponse, request: Request) -> Answer:
        body, status = bytearray(), response.status
        # A limit is about what was asked for; a refusal has to be read to be understood.
        if status == HTTPStatus.OK:
            limit = request.max_bytes if request.max_bytes is not None else self.patience.max_bytes
        else:
            limit = min(_MAX_REFUSAL, self.patience.max_bytes)
        # Some proxies write all names small, and a mapping does not look past that.
        headers = {name.title(): self._without_token(value) for name, value in response.headers.items()}
        too_large = Answer(
            self._name(request), HTTPStatus.REQUEST_ENTITY_TOO_LARGE.value, headers, b"", limit
        )
        if (response.content_length or 0) > limit:
            response.close()
            return too_large
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            body += chunk
            if len(body) > limit:
                response.close()
                return too_large
        if (secret := self._secret()) is not None:
            body = body.replace(secret.encode(), b"...")
        return Answer(self._name(request), status, headers, bytes(body))

    def _without_token(self, text: str) -> str:
        secret = self._secret()
        return text if secret is None else text.replace(secret, "...")

    def _secret(self) -> str | None:
        """Return what is taken out of all that a server says, so that it is neither told nor archived."""
        return self.token if self.token is not None and len(self.token) >= _LEAST_SECRET else None

    def _name(self, request: Request) -> str:
        """Name a request for people, to whom a filter is noise."""
        query = {key: value for key, value in (request.query or {}).items() if key != "filter"}
        return f"{request.method} {self.base_url}{replace(request, query=query).target}"

    def _explain(self, request: Request, error: Exception, times: str) -> UnreachableError:
        said = self._without_token(str(error)).strip().splitlines() or [type(error).__name__]
        reason = "no answer in time" if isinstance(error, TimeoutError) else said[0][:_LONGEST_REASON]
        return UnreachableError(
            f"{self._name(request)} failed {times}: {clean_text(reason)}",
            hint="Check [matrix] homeserver in site.toml and your network, then run the command again.",
        )


def _need_sane(token: str) -> str:
    if not _TOKEN.fullmatch(token):
        raise LoginError(
            "The access token holds a character that no access token has, perhaps a space or a line break.",
            hint="Set GARDEN_ACCESS_TOKEN to the token alone, or run garden login.",
        )
    return token


def _explain_limit(answer: Answer, times: str) -> UnreachableError:
    wait = read_wait(answer)
    wish = f", and wants to be left alone for {wait:.0f} seconds" if wait is not None and wait >= 1 else ""
    return UnreachableError(
        f"{answer.asked} was refused {times}: the homeserver is asked too often (status 429){wish}",
        hint="Wait some minutes, then run the command again; the admin of the homeserver that site.toml"
        " names can lift an account's limits.",
    )


def _is_limit(outcome: Answer | Exception) -> bool:
    return isinstance(outcome, Answer) and outcome.status == HTTPStatus.TOO_MANY_REQUESTS


def _failures() -> tuple[type[Exception], ...]:
    """Refused and broken connections, names that no machine can have, bodies that end too early or never."""
    from aiohttp import ClientError  # noqa: PLC0415 - comes with nio, as late as nio

    return (OSError, TimeoutError, UnicodeError, ClientError)


def _absences() -> tuple[type[Exception], ...]:
    """How it shows that nobody took the call: no such name, refused, no secure connection, or silence."""
    from aiohttp import ClientConnectorError, ConnectionTimeoutError  # noqa: PLC0415 - as above

    return (ClientConnectorError, ConnectionTimeoutError, UnicodeError)

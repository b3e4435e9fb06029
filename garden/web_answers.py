"""Web answers: URLs of other sites come in; which of them lead nowhere any more, and why, goes out.

Strangers wrote the URLs, so that they may point anywhere: only hosts with a name and a public address are
asked, each for one page at a time, redirects are not followed, and of a page only the status is looked at. It
is asked for with HEAD, and with GET where a server finds nothing that way (RFC 9110, sections 9.3 and 15).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from garden.report import Report

if TYPE_CHECKING:
    from aiohttp import ClientSession, ClientTimeout
    from aiohttp.abc import AbstractResolver

Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""From the name of a host to its IP addresses. Raises `OSError`."""

TIMEOUT: Final = 20.0
"""Seconds until an answer has to be there."""

_HOSTS_AT_ONCE: Final = 16
_SILENCES: Final = 2
"""How often a host may leave a question open before it is asked no more."""
_NO_SUCH_HOST: Final = "no such host"
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_ASK_OTHERWISE: Final = frozenset(
    {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED}
)
_UNKNOWN_NAME: Final = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})


@dataclass(frozen=True, slots=True)
class WebAnswers:
    """What other sites say about pages to which the garden links."""

    gone: Mapping[str, str] = field(default_factory=dict)
    """By its URL, why a page is not there: `404 Not Found`, `no such host`."""
    asked: int = 0
    unclear: int = 0
    """How many may be there or not: the server is silent, busy, or does not want to say."""


async def resolve_public(host: str) -> Sequence[str]:
    """Return the public addresses of a host; raises `OSError` where it has none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    addresses = [str(address[0]).partition("%")[0] for *_, address in found]
    public = [each for each in addresses if ip_address(each).is_global]
    if not public:
        raise PermissionError(f"{host} has no public address")
    return public


def ask_web(
    urls: Collection[str],
    base_url: str,
    report: Report,
    *,
    resolve: Resolve = resolve_public,
    timeout: float = TIMEOUT,
) -> WebAnswers:
    """Ask for each URL; `base_url` tells the servers for which site.

    Where no server at all has answered, this machine is taken to be offline, and nothing is gone.
    """
    if not urls:
        return WebAnswers()
    from aiohttp import ClientTimeout  # noqa: PLC0415 - slow

    said = asyncio.run(_ask_all(urls, base_url, report, resolve, ClientTimeout(total=timeout)))
    statuses = {url: answer for url, answer in said.items() if isinstance(answer, int)}
    if not statuses:
        return WebAnswers(asked=len(said), unclear=len(said))
    gone = {url: _tell_status(status) for url, status in statuses.items() if status in _GONE}
    gone |= {url: answer for url, answer in said.items() if isinstance(answer, str)}
    unclear = sum(answer is None for answer in said.values())
    unclear += sum(status >= HTTPStatus.BAD_REQUEST and status not in _GONE for status in statuses.values())
    return WebAnswers(gone, len(said), unclear)


_Answer = int | str | None
"""A status; or why there can be none; or None where there was none."""


async def _ask_all(
    urls: Collection[str], base_url: str, report: Report, resolve: Resolve, limits: ClientTimeout
) -> dict[str, _Answer]:
    from aiohttp import ClientSession, DummyCookieJar, TCPConnector  # noqa: PLC0415 - as above

    said: dict[str, _Answer] = {}
    turn = asyncio.Semaphore(_HOSTS_AT_ONCE)

    async def ask_host(pages: Sequence[str], session: ClientSession) -> None:
        silences = 0
        async with turn:
            for url in pages:
                said[url] = await _ask(url, session) if silences < _SILENCES else None
                silences = silences + 1 if said[url] is None else 0
                report("Asking other sites", len(said), len(urls))

    async with ClientSession(
        connector=TCPConnector(resolver=_make_resolver(resolve)),
        timeout=limits,
        cookie_jar=DummyCookieJar(),
        headers={"User-Agent": f"garden (looks for dead links of {base_url})"},
    ) as session:
        await asyncio.gather(*(ask_host(pages, session) for pages in _by_host(urls).values()))
    return {url: said[url] for url in urls}


def _by_host(urls: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for url in urls:
        found.setdefault(urlsplit(url).netloc, []).append(url)
    return found


async def _ask(url: str, session: ClientSession) -> _Answer:
    from aiohttp import ClientConnectorDNSError, ClientError  # noqa: PLC0415 - as above

    try:
        if _is_number(url):
            return None
        status = await _ask_with("HEAD", url, session)
        return await _ask_with("GET", url, session) if status in _ASK_OTHERWISE else status
    except ClientConnectorDNSError as error:
        return _NO_SUCH_HOST if error.errno in _UNKNOWN_NAME else None
    except (ClientError, TimeoutError, OSError, ValueError):
        return None


async def _ask_with(method: str, url: str, session: ClientSession) -> int:
    async with session.request(method, url, allow_redirects=False) as response:
        response.close()  # whatever else it would send
        return response.status


def _is_number(url: str) -> bool:
    """Whether the host is an IP address, for which no name is looked up."""
    try:
        ip_address(urlsplit(url).hostname or "")
    except ValueError:
        return False
    return True


def _tell_status(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"


def _make_resolver(resolve: Resolve) -> AbstractResolver:
    from aiohttp.abc import AbstractResolver, ResolveResult  # noqa: PLC0415 - as above

    class Resolver(AbstractResolver):
        async def resolve(
            self,
            host: str,
            port: int = 0,
            family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 - both are fine
        ) -> list[ResolveResult]:
            return [
                {
                    "hostname": host,
                    "host": address,
                    "port": port,
                    "family": socket.AF_INET6 if ":" in address else socket.AF_INET,
                    "proto": 0,
                    "flags": socket.AI_NUMERICHOST,
                }
                for address in await resolve(host)
            ]

        async def close(self) -> None:
            pass

    return Resolver()

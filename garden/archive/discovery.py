"""Finds a homeserver: the address or server name that a person wrote goes in, a `Transport` comes out.

Whatever answers there has to say that it is a homeserver before anything else, such as a password, is sent.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from garden.archive.event import get_text
from garden.archive.transport import Patience, Request, Transport
from garden.errors import UnreachableError


async def open_transport(homeserver: str, *, patience: Patience | None = None) -> Transport:
    """Find the homeserver behind an address or a server name and make sure that it is one.

    Follows `.well-known/matrix/client` (client-server API, "Server discovery") where there is one, never from
    https to http. Raises `UnreachableError`.
    """
    url = homeserver if "://" in homeserver else f"https://{homeserver}"
    base_url = await _discover(url, patience)
    transport = Transport(base_url, patience=patience)
    try:
        await _need_homeserver(transport)
    except BaseException:
        await transport.close()
        raise
    return transport


async def _need_homeserver(transport: Transport) -> None:
    answer = await transport.call(Request("GET", ("versions",), prefix="/_matrix/client"))
    if not answer.is_ok:
        raise answer.complain("by no Matrix homeserver")
    answer.read_list("versions")


async def _discover(url: str, patience: Patience | None) -> str:
    # Most servers have no such file, and some have nothing at all there: that is found out quickly.
    brief = replace(patience or Patience(), tries=2)
    asking = Transport(url, patience=replace(brief, timeout=min(brief.timeout, 15.0)))
    try:
        answer = await asking.call(Request("GET", ("matrix", "client"), prefix="/.well-known"))
        told = get_text(answer.read_object(), "m.homeserver", "base_url") if answer.is_ok else None
    except UnreachableError:
        told = None
    finally:
        await asking.close()
    parts = urlsplit(told or "")
    allowed = ("https",) if url.startswith("https:") else ("http", "https")
    return told if told and parts.scheme in allowed and parts.netloc else url

"""A server that is gone, busy, endless or curious costs little time, little memory and no token."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest

from garden.archive.answer import Answer
from garden.archive.transport import Patience, Request, Transport
from garden.errors import GardenError, LoginError, UnreachableError
from tests.faults.proxy import Asked, End, Proxy, Reply, Wire, between

pytestmark = pytest.mark.xdist_group("faults")

TOKEN = "syt_Z2FyZGVuZXI_secretsecretsecret_1A2b3C"
NOBODY = "http://127.0.0.1:9"
ASK = Request("GET", ("rooms", "!room:fen.example", "messages"))
FINE = Reply(200, b'{"chunk": []}')
QUICK = Patience(tries=3, timeout=5.0, first_wait=0.01, longest_wait=1.5, max_bytes=200_000)

Meddle = Callable[[Proxy, Asked], Awaitable[Wire]]


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    with between(NOBODY) as running:
        yield running


def tells(*wires: Wire | Reply) -> Meddle:
    """Give each of the answers once, the last for ever."""
    left = list(wires)

    async def meddle(_proxy: Proxy, _asked: Asked) -> Wire:
        wire = left.pop(0) if len(left) > 1 else left[0]
        return wire.wire() if isinstance(wire, Reply) else wire

    return meddle


def ask(
    base_url: str, *requests: Request, token: str | None = TOKEN, patience: Patience | None = QUICK
) -> list[Answer | GardenError]:
    """Make requests over one transport, one after the other, and return what became of each."""

    async def run() -> list[Answer | GardenError]:
        transport = Transport(base_url, token, patience=patience)
        told: list[Answer | GardenError] = []
        try:
            for request in requests:
                try:
                    told.append(await transport.call(request))
                except GardenError as error:
                    told.append(error)
        finally:
            await transport.close()
        return told

    return asyncio.run(run())


def test_where_nobody_is_a_command_finds_out_within_two_seconds() -> None:
    began = time.monotonic()
    (told,) = ask(NOBODY, ASK, patience=None)
    assert isinstance(told, UnreachableError)
    assert "2 times" in str(told)
    assert time.monotonic() - began < 2


def test_a_server_that_has_answered_is_waited_for_longer_and_one_that_is_gone_asked_once(
    proxy: Proxy,
) -> None:
    proxy.asked.clear()
    broken = Reply(502, b"")
    proxy.meddle = tells(FINE, *[broken] * 3, broken, FINE, broken, FINE)
    told = ask(proxy.base_url, *[ASK] * 5)
    assert [isinstance(each, Answer) for each in told] == [True, False, False, True, True]
    assert "3 times" in str(told[1])
    assert "once" in str(told[2])
    assert len(proxy.asked) == 1 + 3 + 1 + 1 + 2


def test_no_request_is_made_again_when_its_time_is_over(proxy: Proxy) -> None:
    proxy.asked.clear()
    proxy.meddle = tells(Reply(502, b""))
    began = time.monotonic()
    (told,) = ask(proxy.base_url, ASK, patience=Patience(tries=99, first_wait=0.05, deadline=0.5))
    assert isinstance(told, UnreachableError)
    assert time.monotonic() - began < 3
    assert 1 < len(proxy.asked) < 10


@pytest.mark.parametrize(
    "headers",
    [
        (("Retry-After", "1"),),
        (("retry-after", "1"),),
        (("Date", "Sat, 21 Nov 2026 12:00:00 GMT"), ("Retry-After", "Sat, 21 Nov 2026 12:00:01 GMT")),
    ],
)
def test_how_long_a_busy_server_wants_to_be_left_alone_is_understood_however_it_says_it(
    headers: tuple[tuple[str, str], ...], proxy: Proxy
) -> None:
    proxy.meddle = tells(Reply(429, b"busy", headers=headers), FINE)
    began = time.monotonic()
    assert isinstance(ask(proxy.base_url, ASK)[0], Answer)
    assert 1 <= time.monotonic() - began < 4


def test_a_server_that_stays_busy_is_waited_for_up_to_a_limit_and_its_wish_told(proxy: Proxy) -> None:
    proxy.meddle = tells(Reply(429, b'{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 3600000}'))
    began = time.monotonic()
    (told,) = ask(proxy.base_url, ASK, patience=Patience(tries=3, first_wait=0.01, longest_wait=0.2))
    assert time.monotonic() - began < 3
    assert isinstance(told, UnreachableError)
    assert "3 times" in str(told)
    assert "3600 seconds" in str(told)
    assert "run the command again" in told.hint


@pytest.mark.parametrize("status", [200, 403, 500])
def test_an_answer_without_end_is_cut(status: int, proxy: Proxy) -> None:
    proxy.meddle = tells(Wire(Reply(status, b"").head(None), End.FLOOD))
    began = time.monotonic()
    (told,) = ask(proxy.base_url, ASK)
    assert time.monotonic() - began < 3
    if isinstance(told, Answer):
        assert (told.status, told.body, told.limit) == (413, b"", QUICK.max_bytes)
        told = told.complain("oddly")
    assert "more than 200000 bytes" in str(told)


def test_an_answer_that_says_itself_too_long_is_not_read(proxy: Proxy) -> None:
    proxy.meddle = tells(Wire(FINE.head(10**12), End.HANG))
    began = time.monotonic()
    (told,) = ask(proxy.base_url, ASK)
    assert isinstance(told, Answer)
    assert told.limit == QUICK.max_bytes
    assert time.monotonic() - began < 3


def test_a_small_answer_that_unpacks_to_a_huge_one_is_cut(proxy: Proxy) -> None:
    packed = gzip.compress(b'{"chunk": [' + b" " * 50_000_000 + b"]}", 1)
    proxy.meddle = tells(Reply(200, packed, headers=(("Content-Encoding", "gzip"),)))
    (told,) = ask(proxy.base_url, Request("GET", ("x",), max_bytes=5_000_000), patience=Patience(tries=2))
    assert isinstance(told, Answer)
    assert told.limit == 5_000_000


def test_what_a_server_says_of_the_token_is_neither_told_nor_kept(proxy: Proxy) -> None:
    echo = f"Authorization: Bearer {TOKEN}"
    for wire in (
        Wire(f"HTTP/1.1 {echo}\r\n\r\n".encode()),
        Wire(f"{echo}\r\n\r\n".encode()),
        Wire(f"HTTP/1.1 200 OK\r\nContent-Length: {echo}\r\n\r\n".encode()),
        Reply(500, echo.encode(), "text/html"),
        Reply(502, b"", f"text/{TOKEN}"),
        Reply(429, json.dumps({"errcode": TOKEN}).encode()),
        Reply(401, json.dumps({"errcode": TOKEN}).encode()),
    ):
        proxy.meddle = tells(wire)
        (told,) = ask(proxy.base_url, ASK)
        assert isinstance(told, GardenError)
        assert TOKEN not in str(told) + told.hint + repr(told)
    proxy.meddle = tells(Reply(200, json.dumps({"chunk": [{"body": echo}]}).encode()))
    (told,) = ask(proxy.base_url, ASK)
    assert isinstance(told, Answer)
    assert json.loads(told.body) == {"chunk": [{"body": "Authorization: Bearer ..."}]}


def test_a_token_as_short_as_a_word_takes_no_word_away(proxy: Proxy) -> None:
    proxy.meddle = tells(Reply(200, b'{"chunk": ["a token of words"]}'))
    (told,) = ask(proxy.base_url, ASK, token="token")
    assert isinstance(told, Answer)
    assert told.body == b'{"chunk": ["a token of words"]}'


@pytest.mark.parametrize("token", ["two\nlines of it", "with spaces", "tökèn", "nul\0", ""])
def test_what_can_be_no_token_is_told_and_not_shown(token: str, proxy: Proxy) -> None:
    proxy.meddle = tells(FINE)
    (told,) = ask(proxy.base_url, ASK, token=token)
    assert isinstance(told, LoginError)
    assert "character" in str(told)
    assert not token or token not in str(told) + told.hint


def test_who_leads_elsewhere_does_not_lead_the_token_there(proxy: Proxy) -> None:
    with between(NOBODY) as stranger:
        stranger.meddle = tells(FINE)
        proxy.meddle = tells(Reply(302, b"", headers=(("Location", f"{stranger.base_url}/x"),)))
        assert isinstance(ask(proxy.base_url, ASK)[0], Answer)
        assert [asked.headers.get("authorization") for asked in stranger.asked] == [None]


@pytest.mark.parametrize("where", ["/loop", "ftp://fen.example/", "http://", "http://[::1", "\x7f"])
def test_who_leads_nowhere_is_told(where: str, proxy: Proxy) -> None:
    proxy.meddle = tells(Reply(302, b"", headers=(("Location", where),)))
    (told,) = ask(proxy.base_url, ASK)
    assert isinstance(told, UnreachableError) or (isinstance(told, Answer) and not told.is_ok)


@pytest.mark.parametrize("base_url", ["http://fen..example", "http://" + "a" * 70 + ".example", "http://x:0"])
def test_an_address_that_leads_nowhere_is_told(base_url: str) -> None:
    (told,) = ask(base_url, ASK)
    assert isinstance(told, UnreachableError)
    assert base_url in str(told)

"""What the account does on a homeserver: once, however often it is tried, and with words where it may not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web

from garden.archive.account import Account, ForbiddenError, Identity
from garden.archive.event import JsonObject, RoomId, UserId
from garden.archive.matrix import MatrixSource
from garden.archive.source import Batch
from garden.archive.transport import Patience, Transport
from garden.errors import GardenError, LoginError, UnreachableError
from tests.archive.hostile_server import Handler, HostileServer, breaks_off, html, refuses, says, serve, text
from tests.archive.material import ADA, ROOM, message

TOKEN = "syt_very_secret_token"
QUICK = Patience(tries=3, timeout=2.0, first_wait=0.01, longest_wait=0.1, max_bytes=100_000)
HELLO = {"msgtype": "m.notice", "body": "Hello"}

Query = dict[str, list[str]]
T = TypeVar("T")
Use = Callable[[Account, HostileServer], Awaitable[T]]


def do(use: Use[T], *answers: tuple[str, Handler | list[Handler]]) -> T:
    """Let an account do something on a server that has these answers."""

    async def run() -> T:
        async with serve() as server:
            for end, handlers in answers:
                server.answer(end, *(handlers if isinstance(handlers, list) else [handlers]))
            transport = Transport(server.base_url, TOKEN, patience=QUICK)
            try:
                return await use(Account(transport), server)
            finally:
                await transport.close()

    return asyncio.run(run())


async def send(account: Account, _server: HostileServer) -> object:
    return await account.send(ROOM, HELLO, after="$last")


async def join(account: Account, _server: HostileServer) -> object:
    return await account.join("#room:fen.example")


async def leave(account: Account, _server: HostileServer) -> None:
    await account.leave(ROOM)


async def pin(account: Account, _server: HostileServer) -> None:
    await account.pin(ROOM, {"pinned": ["$a"]})


async def read_back(account: Account, _server: HostileServer) -> object:
    return await account.read_back(ROOM, types=["m.room.message"])


async def read_box(account: Account, _server: HostileServer) -> object:
    return await account.read_box({"room": {}}, 1007)


async def whoami(account: Account, _server: HostileServer) -> object:
    return await account.whoami()


def records(bodies: list[object], value: object) -> Handler:
    """Answer with a value, and keep what was sent."""

    async def answer(request: web.Request) -> web.StreamResponse:
        bodies.append((request.method, request.path.partition("/v3/")[2], await request.json()))
        return web.json_response(value)

    return answer


def test_who_it_is_is_asked_once() -> None:
    async def use(account: Account, server: HostileServer) -> object:
        return await account.whoami(), await account.whoami(), server.count("/whoami")

    told = says({"user_id": ADA, "is_guest": True})
    identity = Identity(UserId(ADA), is_guest=True)
    assert do(use, ("/account/whoami", told)) == (identity, identity, 1)
    assert do(whoami, ("/whoami", says({"user_id": ADA}))) == Identity(UserId(ADA))
    assert do(whoami, ("/whoami", says({"user_id": ADA, "is_guest": "yes"}))) == Identity(UserId(ADA))


@pytest.mark.parametrize("answer", [says({}), says({"user_id": 7}), html(), refuses(404, "M_UNRECOGNIZED")])
def test_an_account_without_a_name_is_an_error(answer: Handler) -> None:
    with pytest.raises(UnreachableError):
        do(whoami, ("/whoami", answer))


def test_a_source_offers_the_account_that_reads() -> None:
    async def run() -> object:
        async with serve() as server:
            server.answer("/whoami", says({"user_id": ADA}))
            async with MatrixSource(server.base_url, TOKEN, patience=QUICK) as source:
                return await source.whoami(), await source.account.whoami(), server.count("/whoami")

    assert asyncio.run(run()) == (ADA, Identity(UserId(ADA)), 1)


def test_a_message_that_is_tried_again_has_the_same_transaction_id_and_another_one_has_not() -> None:
    async def use(account: Account, server: HostileServer) -> list[str]:
        await account.send(ROOM, HELLO, after="$last")
        await account.send(ROOM, HELLO, after="$other")
        await account.send(ROOM, {**HELLO, "body": "Bye"}, after="$last")
        await account.send(RoomId("!other"), HELLO, after="$last")
        return [request.path.rpartition("/")[2] for request in server.asked]

    ids = do(use, ("", [breaks_off, refuses(429, "M_LIMIT_EXCEEDED"), says({"event_id": "$new"})]))
    assert ids[0] == ids[1] == ids[2]
    assert len(set(ids)) == 4


def test_what_goes_out_is_what_the_specification_asks_for() -> None:
    bodies: list[object] = []
    assert do(send, ("", records(bodies, {"event_id": "$new"}))) == "$new"
    assert do(join, ("", records(bodies, {"room_id": ROOM}))) == ROOM
    do(leave, ("", records(bodies, {})))
    do(pin, ("", records(bodies, {"event_id": "$pins"})))
    (first, *others) = bodies
    assert isinstance(first, tuple)
    assert first[0] == "PUT"
    assert first[1].startswith(f"rooms/{ROOM}/send/m.room.message/garden-")
    assert first[2] == HELLO
    assert others == [
        ("POST", "join/#room:fen.example", {}),
        ("POST", f"rooms/{ROOM}/leave", {}),
        ("PUT", f"rooms/{ROOM}/state/m.room.pinned_events/", {"pinned": ["$a"]}),
    ]


@pytest.mark.parametrize("use", [send, join, leave, pin, read_back])
def test_a_refusal_says_what_to_do(use: Use[object]) -> None:
    with pytest.raises(ForbiddenError, match="M_FORBIDDEN") as caught:
        do(use, ("", refuses(403, "M_FORBIDDEN")))
    assert caught.value.hint
    assert TOKEN not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize("use", [send, join, leave, pin, read_back, read_box, whoami])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (html(403), UnreachableError),
        (html(502), UnreachableError),
        (breaks_off, UnreachableError),
        (refuses(500, "M_UNKNOWN"), UnreachableError),
        (refuses(429, "M_LIMIT_EXCEEDED", retry_after_ms=1), UnreachableError),
        (refuses(401, "M_UNKNOWN_TOKEN"), LoginError),
        (text("[", status=400), UnreachableError),
    ],
)
def test_whatever_is_answered_is_an_error_with_a_hint(
    use: Use[object], answer: Handler, error: type[GardenError]
) -> None:
    with pytest.raises(error) as caught:
        do(use, ("", answer))
    assert caught.value.hint
    assert TOKEN not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize("value", [{}, {"event_id": ""}, {"event_id": 7}])
def test_a_message_without_an_id_was_not_sent(value: object) -> None:
    with pytest.raises(UnreachableError, match="event id"):
        do(send, ("", says(value)))


def test_who_speaks_too_often_is_told_to_wait() -> None:
    async def use(account: Account, server: HostileServer) -> tuple[str, int]:
        with pytest.raises(UnreachableError, match="too often") as caught:
            await account.send(ROOM, HELLO, after="")
        return caught.value.hint, len(server.asked)

    hint, asked = do(use, ("", refuses(429, "M_LIMIT_EXCEEDED", retry_after_ms=5)))
    assert "Wait" in hint
    assert asked == 3


def test_joined_rooms_are_those_that_are_rooms() -> None:
    async def use(account: Account, _server: HostileServer) -> object:
        return await account.list_joined()

    assert do(use, ("/joined_rooms", says({"joined_rooms": [ROOM, 7, None, "!b"]}))) == [ROOM, "!b"]
    with pytest.raises(UnreachableError):
        do(use, ("/joined_rooms", says({})))


def test_older_messages_are_asked_for_by_type_and_sender_and_a_token_that_stays_is_an_end() -> None:
    async def use(account: Account, server: HostileServer) -> tuple[Batch, Batch, list[Query]]:
        batch = await account.read_back(ROOM, "t1", types=["m.room.message"], senders=[UserId(ADA)])
        again = await account.read_back(ROOM, "t2", types=["m.room.message"])
        return batch, again, [parse_qs(urlsplit(str(asked.url)).query) for asked in server.asked]

    chunk = [message("a", "one")]
    batch, again, queries = do(use, ("/messages", says({"chunk": chunk, "end": "t2"})))
    assert (batch.events, batch.next_token, again.next_token) == (tuple(chunk), "t2", None)
    assert queries[0]["from"] == ["t1"]
    assert json.loads(queries[0]["filter"][0]) == {"types": ["m.room.message"], "senders": [ADA]}
    assert json.loads(queries[1]["filter"][0]) == {"types": ["m.room.message"]}


def test_letters_are_read_without_a_receipt_and_without_being_seen() -> None:
    async def use(account: Account, server: HostileServer) -> tuple[JsonObject, Query]:
        return await account.read_box({"room": {}}, 1007), parse_qs(urlsplit(str(server.asked[-1].url)).query)

    box, query = do(use, ("/sync", says({"next_batch": "s1"})))
    assert box == {"next_batch": "s1"}
    assert query == {"timeout": ["7"], "set_presence": ["offline"], "filter": ['{"room": {}}']}
    assert "since" not in query, "the homeserver would throw away what it keeps for the device"


def test_what_is_asked_for_is_named_without_its_filter() -> None:
    with pytest.raises(UnreachableError) as caught:
        do(read_box, ("/sync", html(404)))
    assert "/sync" in str(caught.value)
    assert "filter" not in str(caught.value)

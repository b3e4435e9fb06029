"""Whatever a homeserver answers, there is an event, or an error that says what happened and what to do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from garden.archive.event import EventId, MxcUri, RoomId
from garden.archive.matrix import MatrixSource, login_with_password
from garden.archive.source import LargeMediaError, MissingMediaError, RoomClosedError, StaleTokenError
from garden.archive.transport import Patience
from garden.errors import GardenError, LoginError, RoomAccessError, UnreachableError
from tests.archive.hostile_server import (
    Handler,
    HostileServer,
    breaks_off,
    html,
    refuses,
    says,
    serve,
    sleeps,
    text,
)
from tests.archive.material import ROOM, message

TOKEN = "syt_very_secret_token"
QUICK = Patience(tries=3, timeout=2.0, first_wait=0.01, longest_wait=0.3, max_bytes=100_000)
URI = MxcUri("mxc://fen.example/bean")

Use = Callable[[MatrixSource, HostileServer], Awaitable[object]]


def ask(use: Use, *answers: tuple[str, Handler | list[Handler]], token: str | None = TOKEN) -> object:
    """Let a source ask a server that has these answers, and return what it makes of them."""

    async def run() -> object:
        async with serve() as server:
            for end, handlers in answers:
                server.answer(end, *(handlers if isinstance(handlers, list) else [handlers]))
            async with MatrixSource(server.base_url, token, patience=QUICK) as source:
                return await use(source, server)

    return asyncio.run(run())


async def history(source: MatrixSource, _server: HostileServer) -> object:
    return await source.read_history(ROOM, None)


@pytest.mark.parametrize(
    "answer",
    [
        html(),
        html(502),
        html(403),
        breaks_off,
        sleeps,
        text("{"),
        text("[1, 2]"),
        text("[" * 50_000),
        says({"chunk": "no list"}),
        says({"chunk": {}}),
        says({}),
        refuses(500, "M_UNKNOWN"),
        refuses(429, "M_LIMIT_EXCEEDED", retry_after_ms=1),
        refuses(400, "M_BAD_JSON"),
        says({"chunk": ["x" * 200_000]}),
    ],
)
def test_an_answer_that_is_not_matrix_names_address_and_status(answer: Handler) -> None:
    began = time.monotonic()
    with pytest.raises(UnreachableError) as caught:
        ask(history, ("/messages", answer))
    assert "/messages" in str(caught.value)
    assert "http://127.0.0.1" in str(caught.value)
    assert TOKEN not in str(caught.value) + caught.value.hint
    assert "site.toml" in caught.value.hint
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "bad",
    [
        "NaN",
        "1e999",
        "[" * 30_000 + "]" * 30_000,
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        "9" * 10_000,
        '"\\ud800"',
        "null",
        '{"event_id": "$x", "content": NaN}',
    ],
)
def test_one_bad_event_does_not_cost_the_others(bad: str) -> None:
    batch = ask(
        history, ("/messages", text(f'{{"chunk": [{{"fine": 1}}, {bad}, {{"fine": 2}}], "end": "t1"}}'))
    )
    assert len(batch.events) == 3  # type: ignore[attr-defined]
    assert [batch.events[0], batch.events[2]] == [{"fine": 1}, {"fine": 2}]  # type: ignore[attr-defined]
    assert batch.next_token == "t1"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("limited", "waited"),
    [
        (refuses(429, "M_LIMIT_EXCEEDED", retry_after_ms=150), 0.15),
        (says({"errcode": "M_LIMIT_EXCEEDED"}, status=429, headers={"Retry-After": "1"}), 0.3),
        (refuses(429, "M_LIMIT_EXCEEDED", retry_after_ms="soon"), 0.01),
        (refuses(429, "M_LIMIT_EXCEEDED", retry_after_ms=-5), 0.01),
        (says({}, status=429, headers={"Retry-After": "Wed, 21 Oct 2099 07:28:00 GMT"}), 0.01),
    ],
)
def test_a_rate_limit_is_waited_for_as_long_as_the_server_says_and_not_longer(
    limited: Handler, waited: float
) -> None:
    began = time.monotonic()
    ask(history, ("/messages", [limited, says({"chunk": []})]))
    assert waited <= time.monotonic() - began < 5


def test_a_broken_connection_is_tried_again() -> None:
    async def use(source: MatrixSource, server: HostileServer) -> object:
        await source.read_history(ROOM, None)
        return server.count("/messages")

    assert ask(use, ("/messages", [breaks_off, html(502), says({"chunk": []})])) == 3


def test_a_worn_out_token_says_so_without_showing_it() -> None:
    with pytest.raises(LoginError) as caught:
        ask(history, ("/messages", refuses(401, "M_UNKNOWN_TOKEN")))
    assert "garden login" in caught.value.hint
    assert TOKEN not in str(caught.value) + caught.value.hint


def test_the_token_travels_in_a_header_only() -> None:
    async def use(source: MatrixSource, server: HostileServer) -> list[tuple[str, str | None]]:
        await source.read_history(ROOM, None)
        return [(str(asked.url), asked.headers.get("Authorization")) for asked in server.asked]

    calls = ask(use, ("/messages", says({"chunk": []})))
    assert isinstance(calls, list)
    assert all(TOKEN not in url for url, _ in calls)
    assert calls[-1][1] == f"Bearer {TOKEN}"
    assert [header for url, header in calls if "well-known" in url] == [None]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refuses(403, "M_FORBIDDEN"), RoomClosedError),
        (refuses(404, "M_NOT_FOUND"), RoomAccessError),
        (refuses(404, "M_UNRECOGNIZED"), RoomAccessError),
        (refuses(403, "M_CONSENT_NOT_GIVEN"), RoomAccessError),
        (html(403), UnreachableError),
        (html(404), UnreachableError),
    ],
)
def test_only_a_clear_refusal_means_that_a_room_is_closed(answer: Handler, error: type[GardenError]) -> None:
    with pytest.raises(error) as caught:
        ask(history, ("/messages", answer))
    assert type(caught.value) is error


def test_a_room_that_says_nothing_of_its_history_is_not_public() -> None:
    async def use(source: MatrixSource, _server: HostileServer) -> object:
        return await source.read_visibility(ROOM)

    path = "/state/m.room.history_visibility/"
    assert ask(use, (path, refuses(404, "M_NOT_FOUND"))) == "shared"
    assert ask(use, (path, says({"history_visibility": 7}))) == "shared"
    assert ask(use, (path, says({"history_visibility": "world_readable"}))) == "world_readable"
    with pytest.raises(RoomClosedError):
        ask(use, (path, refuses(403, "M_FORBIDDEN")))


def test_a_token_that_the_server_forgot_is_told_apart() -> None:
    async def read_stream(source: MatrixSource, _server: HostileServer) -> object:
        return await source.read_stream(ROOM, "s1")

    async def read_history(source: MatrixSource, _server: HostileServer) -> object:
        return await source.read_history(ROOM, "t1")

    with pytest.raises(StaleTokenError):
        ask(read_stream, ("/events", refuses(400, "M_UNKNOWN")))
    with pytest.raises(StaleTokenError):
        ask(read_stream)
    with pytest.raises(StaleTokenError):
        ask(read_history, ("/messages", refuses(400, "M_INVALID_PARAM")))


def test_the_stream_is_cleared_of_what_passes_and_of_other_rooms() -> None:
    async def use(source: MatrixSource, _server: HostileServer) -> object:
        return await source.read_stream(ROOM, "s1")

    chunk = [
        {"type": "m.typing", "content": {}},
        {"type": "m.receipt", "room_id": ROOM},
        message("other", "elsewhere") | {"room_id": "!other:fen.example"},
        "no object",
        message("a", "one"),
    ]
    batch = ask(use, ("/events", says({"chunk": chunk, "end": "s2"})))
    assert batch.events == ("no object", message("a", "one"))  # type: ignore[attr-defined]


def test_a_server_without_peeking_has_no_stream() -> None:
    async def use(source: MatrixSource, _server: HostileServer) -> object:
        return await source.start_stream(ROOM)

    assert ask(use) is None
    assert ask(use, ("/initialSync", refuses(405, "M_UNRECOGNIZED"))) is None
    assert ask(use, ("/initialSync", says({"messages": {"end": "s7"}}))) == "s7"


def test_an_alias_that_names_nothing_says_what_to_do() -> None:
    async def use(source: MatrixSource, _server: HostileServer) -> object:
        return await source.resolve_alias("#nothing:fen.example")

    with pytest.raises(RoomAccessError, match=r"#nothing:fen\.example") as caught:
        ask(use, ("/directory/room/#nothing:fen.example", refuses(404, "M_NOT_FOUND")))
    assert "alias" in caught.value.hint


def room(room_id: str, *children: str, is_space: bool = False) -> dict[str, object]:
    return {
        "room_id": room_id,
        "room_type": "m.space" if is_space else None,
        "children_state": [child(name) for name in children],
    }


def child(name: str, **content: object) -> dict[str, object]:
    return {"type": "m.space.child", "state_key": name, "content": content or {"via": ["fen.example"]}}


def test_a_space_is_read_page_by_page_and_rings_of_spaces_end() -> None:
    async def use(source: MatrixSource, _server: HostileServer) -> object:
        return [found.room_id for found in await source.list_space_rooms(ROOM)]

    first = {
        "rooms": [room(ROOM, "!a:x", "!s:x", "!hidden:x", is_space=True), room("!a:x")],
        "next_batch": "2",
    }
    second = {
        "rooms": [room("!s:x", ROOM, "!b:x", is_space=True), room("!b:x"), "no room"],
        "next_batch": "2",
    }
    assert ask(use, ("/hierarchy", [says(first), says(second)])) == ["!a:x", "!hidden:x", "!b:x"]


def test_an_older_server_has_its_spaces_walked() -> None:
    async def use(source: MatrixSource, _server: HostileServer) -> object:
        return [found.room_id for found in await source.list_space_rooms(ROOM)]

    assert ask(
        use,
        (f"{ROOM}/state", says([child("!a:x"), child("!s:x"), child("!gone:x", via=None), child(str(ROOM))])),
        ("!s:x/state", says([child(str(ROOM)), child("!b:x"), child("!a:x")])),
        ("!s:x/state/m.room.create/", says({"type": "m.space"})),
    ) == ["!a:x", "!b:x"]


def test_files_come_over_the_authenticated_way_first_and_the_old_one_then() -> None:
    async def use(source: MatrixSource, server: HostileServer) -> object:
        data = await source.download(URI, 1000)
        return data, [asked.path for asked in server.asked if "download" in asked.path]

    new, old = "/client/v1/media/download/fen.example/bean", "/media/v3/download/fen.example/bean"
    assert ask(use, (new, text("pixels"))) == (b"pixels", ["/_matrix" + new])
    assert ask(use, (old, text("pixels"))) == (b"pixels", ["/_matrix" + new, "/_matrix" + old])


@pytest.mark.parametrize(
    ("uri", "answer"),
    [
        (URI, refuses(404, "M_NOT_FOUND")),
        (URI, refuses(403, "M_FORBIDDEN")),
        (URI, text("x" * 2000)),
        (MxcUri("mxc://fen.example/../../etc/passwd"), text("root")),
        (MxcUri("https://fen.example/bean"), text("x")),
    ],
)
def test_a_file_that_is_not_given_out_is_missing(uri: MxcUri, answer: Handler) -> None:
    async def use(source: MatrixSource, _server: HostileServer) -> object:
        return await source.download(uri, 1000)

    with pytest.raises(MissingMediaError):
        ask(use, ("/bean", answer), ("passwd", answer))


def test_a_proxys_error_page_is_no_picture() -> None:
    async def use(source: MatrixSource, _server: HostileServer) -> object:
        return await source.download(URI, 1000)

    with pytest.raises(UnreachableError):
        ask(use, ("/bean", html(502)))


def test_whether_a_file_is_still_there_needs_its_beginning_only() -> None:
    async def use(source: MatrixSource, _server: HostileServer) -> object:
        return await source.has_media(URI)

    assert ask(use, ("/bean", text("x" * 100_000))) is True
    assert ask(use, ("/bean", refuses(404, "M_NOT_FOUND"))) is False


def test_too_large_is_told_apart_from_missing() -> None:
    async def use(source: MatrixSource, _server: HostileServer) -> object:
        return await source.download(URI, 10)

    with pytest.raises(LargeMediaError, match="10 bytes"):
        ask(use, ("/bean", text("x" * 100_000)))


def test_one_event_or_nothing() -> None:
    async def use(source: MatrixSource, _server: HostileServer) -> object:
        return await source.fetch_event(ROOM, EventId("$a"))

    assert ask(use, ("/event/$a", says({"event_id": "$a"}))) == {"event_id": "$a"}
    assert ask(use, ("/event/$a", refuses(404, "M_NOT_FOUND"))) is None


def state_at(visibility: object) -> dict[str, object]:
    shown = {"history_visibility": visibility}
    return {
        "state": [
            {"type": "m.room.history_visibility", "state_key": "else", "content": {}},
            {"type": "m.room.history_visibility", "state_key": "", "content": shown},
        ]
    }


def test_whether_a_room_was_open_when_something_was_sent() -> None:
    async def use(source: MatrixSource, _server: HostileServer) -> object:
        return await source.was_open(ROOM, EventId("$a"))

    path = "/context/$a"
    assert ask(use, (path, says(state_at("world_readable")))) is True
    assert ask(use, (path, says(state_at("shared")))) is False
    assert ask(use, (path, says(state_at(7)))) is False
    assert ask(use, (path, says({"state": []}))) is False
    assert ask(use, (path, refuses(404, "M_NOT_FOUND"))) is False
    assert ask(use, (path, refuses(403, "M_FORBIDDEN"))) is False
    for answer in (html(404), says({})):
        with pytest.raises(UnreachableError):
            ask(use, (path, answer))


def test_where_the_account_has_left_the_homeserver_is_asked_to_forget_that() -> None:
    async def use(source: MatrixSource, server: HostileServer) -> object:
        return await source.forget_left(ROOM), server.count("/forget")

    me = "@garden:fen.example"
    whoami, state = ("/whoami", says({"user_id": me})), f"/state/m.room.member/{me}"
    for membership, told in (
        ("leave", (True, 1)),
        ("ban", (True, 1)),
        ("join", (False, 0)),
        ("invite", (False, 0)),
    ):
        assert ask(use, whoami, (state, says({"membership": membership})), ("/forget", says({}))) == told
    for refusal in (refuses(403, "M_FORBIDDEN"), refuses(404, "M_NOT_FOUND")):
        assert ask(use, whoami, (state, refusal), ("/forget", says({}))) == (False, 0)
    left = (state, says({"membership": "leave"}))
    assert ask(use, whoami, left, ("/forget", refuses(400, "M_UNKNOWN"))) == (False, 1)


def test_which_rooms_the_account_is_in_is_asked_once_and_a_guest_is_in_none() -> None:
    async def use(source: MatrixSource, server: HostileServer) -> object:
        """Several rooms ask at once."""
        joined = await asyncio.gather(*(source.is_joined(RoomId(room)) for room in (ROOM, "!other:x")))
        reader, _ = await asyncio.gather(source.find_reader(), source.find_reader())
        return reader, joined, server.count("/joined_rooms"), server.count("/whoami")

    joined = ("/joined_rooms", says({"joined_rooms": [ROOM]}))
    assert ask(use, ("/whoami", says({"user_id": "@a:x"})), joined) == ("@a:x", [True, False], 1, 1)
    guest = ("/whoami", says({"user_id": "@a:x", "is_guest": True}))
    assert ask(use, guest, joined) == (None, [True, False], 1, 1)


def test_without_a_token_it_is_a_guest_where_guests_are_admitted() -> None:
    async def use(source: MatrixSource, server: HostileServer) -> object:
        await source.read_history(ROOM, None)
        return server.asked[-1].headers["Authorization"]

    guest = says({"access_token": "guest_token", "user_id": "@1:fen.example"})
    assert (
        ask(use, ("/register", guest), ("/messages", says({"chunk": []})), token=None) == "Bearer guest_token"
    )
    for refusal in (refuses(403, "M_GUEST_ACCESS_FORBIDDEN"), refuses(404, "M_UNRECOGNIZED")):
        with pytest.raises(LoginError) as caught:
            ask(use, ("/register", refusal), token=None)
        assert "garden login" in caught.value.hint


def test_a_server_name_leads_to_where_well_known_points() -> None:
    async def run() -> tuple[int, int]:
        async with serve() as front, serve() as back:
            front.answer("/client", says({"m.homeserver": {"base_url": back.base_url + "/"}}))
            back.answer("/messages", says({"chunk": []}))
            async with MatrixSource(front.base_url, TOKEN, patience=QUICK) as source:
                await source.read_history(ROOM, None)
            return front.count("/messages"), back.count("/messages")

    assert asyncio.run(run()) == (0, 1)


@pytest.mark.parametrize(
    "answer", [html(), says({"m.homeserver": "no"}), says({"m.homeserver": {"base_url": "ftp://x"}})]
)
def test_a_well_known_that_points_nowhere_is_passed_by(answer: Handler) -> None:
    assert ask(history, ("/client", answer), ("/messages", says({"chunk": []}))) is not None


@pytest.mark.parametrize("answer", [html(), says({}), says({"versions": "all"}), refuses(404, "M_NOT_FOUND")])
def test_what_is_no_homeserver_is_found_out_at_once(answer: Handler) -> None:
    with pytest.raises(UnreachableError, match="versions"):
        ask(history, ("/versions", answer))


def test_nobody_there_is_an_error_with_a_hint() -> None:
    async def run() -> None:
        async with MatrixSource("http://127.0.0.1:9", TOKEN, patience=QUICK):
            pass

    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1:9") as caught:
        asyncio.run(run())
    assert "site.toml" in caught.value.hint


def test_a_password_becomes_a_token_or_a_clear_refusal() -> None:
    asked: list[object] = []

    async def login(request: web.Request) -> web.StreamResponse:
        asked.append(await request.json())
        return web.json_response({"access_token": "new_token", "user_id": "@ada:fen.example"})

    async def run(*answers: Handler) -> str:
        async with serve() as server:
            server.answer("/login", *answers)
            return await login_with_password(server.base_url, "ada", "pass word", patience=QUICK)

    assert asyncio.run(run(login)) == "new_token"
    assert asked[0]["identifier"] == {"type": "m.id.user", "user": "ada"}  # type: ignore[index]
    with pytest.raises(LoginError) as caught:
        asyncio.run(run(refuses(403, "M_FORBIDDEN")))
    assert "pass word" not in str(caught.value) + caught.value.hint


def test_whose_token_it_is() -> None:
    async def use(source: MatrixSource, _server: HostileServer) -> object:
        return await source.whoami()

    assert ask(use, ("/whoami", says({"user_id": "@ada:fen.example"}))) == "@ada:fen.example"
    with pytest.raises(LoginError):
        ask(use, ("/whoami", refuses(401, "M_UNKNOWN_TOKEN")))

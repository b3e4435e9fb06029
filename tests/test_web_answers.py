"""Other sites are asked with care: what is gone is told, what is unclear or private is not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from aiohttp import web

from garden.web_answers import WebAnswers, ask_web, resolve_public
from tests.archive.hostile_server import Handler, HostileServer, html, sleeps, text
from tests.loopback import server

GARDEN = "https://fen.example/garden/"


async def resolve(host: str) -> Sequence[str]:
    """Every host is this machine, but for those in a domain that has none."""
    if host.endswith(".nowhere.example"):
        raise OSError(-2, "Name or service not known")
    return ["127.0.0.1"]


def ask(running: HostileServer, *paths: str, timeout: float = 5) -> WebAnswers:
    port = running.base_url.rpartition(":")[2]
    urls = [path if "://" in path else f"http://marsh.example:{port}/{path}" for path in paths]
    return ask_web(urls, GARDEN, lambda *_: None, resolve=resolve, timeout=timeout)


def with_head(status: int, answer: Handler) -> Handler:
    """Answer HEAD with a status alone, and anything else as another does."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status) if request.method == "HEAD" else await answer(request)

    return handle


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (html(), None),
        (html(404), "404 Not Found"),
        (html(410), "410 Gone"),
        (with_head(404, html()), None),
        (with_head(405, html()), None),
        (with_head(405, html(404)), "404 Not Found"),
        (text("", status=301, headers={"Location": "http://127.0.0.1:1/"}), None),
    ],
)
def test_a_page_is_gone_where_its_server_says_so(answer: Handler, said: str | None) -> None:
    with server() as running:
        running.answer("/beans", answer)
        found = ask(running, "beans")
    assert list(found.gone.values()) == ([said] if said else [])
    assert (found.asked, found.unclear) == (1, 0)


@pytest.mark.parametrize("answer", [html(403), html(429), html(503), sleeps])
def test_a_server_that_does_not_want_to_say_is_believed_nothing(answer: Handler) -> None:
    with server() as running:
        running.answer("/beans", answer)
        running.answer("/there", html())
        found = ask(running, "beans", "there", timeout=0.5)
    assert found.gone == {}
    assert (found.asked, found.unclear) == (2, 1)


def test_a_server_that_nobody_has_started_may_be_started_again() -> None:
    with server() as running:
        running.answer("/there", html())
        found = ask(running, "http://heath.example:1/beans", "there")
    assert found == WebAnswers({}, 2, 1)


def test_a_host_that_is_silent_twice_is_left_alone() -> None:
    with server() as running:
        running.answer("", sleeps)
        found = ask(running, *(f"page-{number}" for number in range(50)), timeout=0.2)
        assert [request.path for request in running.asked] == ["/page-0", "/page-1"]
    assert found == WebAnswers({}, 50, 50)


def test_a_host_that_is_not_there_counts_where_another_one_is() -> None:
    with server() as running:
        running.answer("/there", html())
        alone = ask(running, "http://lost.nowhere.example/beans")
        beside = ask(running, "http://lost.nowhere.example/beans", "there")
    assert alone == WebAnswers({}, 1, 1)
    assert beside == WebAnswers({"http://lost.nowhere.example/beans": "no such host"}, 2, 0)


def test_a_server_learns_for_which_garden_it_is_asked_and_is_asked_for_one_page_at_a_time() -> None:
    with server() as running:
        running.answer("", html())
        found = ask(running, *(f"page-{number}" for number in range(9)))
        asked = running.asked
    assert found == WebAnswers({}, 9, 0)
    assert [request.path for request in asked] == [f"/page-{number}" for number in range(9)]
    assert {request.method for request in asked} == {"HEAD"}
    assert all(GARDEN in request.headers["User-Agent"] for request in asked)
    assert not any("Cookie" in request.headers or "Authorization" in request.headers for request in asked)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}/beans", "http://[::1]:{port}/beans", "http://2130706433:{port}/beans"]
)
def test_numbers_in_place_of_names_are_not_asked(url: str) -> None:
    with server() as running:
        port = running.base_url.rpartition(":")[2]
        found = ask(running, url.format(port=port))
        assert running.asked == []
    assert found == WebAnswers({}, 1, 1)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1"])
def test_what_is_private_has_no_public_address(host: str) -> None:
    with pytest.raises(OSError, match=r"no public address|Name or service|Address family"):
        asyncio.run(resolve_public(host))


def test_what_is_public_has() -> None:
    assert asyncio.run(resolve_public("198.41.0.4")) == ["198.41.0.4"]


def test_who_links_nowhere_asks_nobody() -> None:
    assert ask_web([], GARDEN, lambda *_: None) == WebAnswers()

"""The local server shows one folder to this machine's browsers and nothing else to anybody."""

from __future__ import annotations

import gzip
import http.client
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from garden.errors import OutputError
from garden.site.headers import CONTENT_SECURITY_POLICY, RESPONSE_HEADERS, render_headers_file
from garden.site.serve import Changes, open_server
from tests.loopback import serve_folder

POLICY = CONTENT_SECURITY_POLICY.replace("'", "&#39;")
HEAD = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>t</title>'
PAGE = f"<!doctype html><html><head>{HEAD}</head><body>home</body></html>"
LONG = "Dry it first, then a jar. " * 100


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass(frozen=True)
class Served:
    port: int

    def ask(self, path: str, host: str | None = None, method: str = "GET", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.putrequest(method, path, skip_host=True)
            connection.putheader("Host", host if host is not None else f"127.0.0.1:{self.port}")
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def ask_raw(self, request: bytes) -> bytes:
        """Send bytes as they are, since clients tidy up what an attacker would not."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b""))


@contextmanager
def serving(folder: Path, base_path: str = "/", changes: Changes | None = None) -> Iterator[Served]:
    with serve_folder(folder, base_path, changes) as url:
        yield Served(urlsplit(url).port or 0)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    out = tmp_path / "public"
    files = {
        "index.html": PAGE,
        "404.html": PAGE.replace("home", "nothing here"),
        "seeds/index.html": "seeds",
        "größe/index.html": "ü",
        "feed.atom": "<feed/>",
        "feed.rss": "<rss/>",
        "sitemap.xml": "<urlset/>",
        "static/css/all.css": "a{}",
        "static/fonts/face.woff2": "font",
        "static/mark.svg": "<svg/>",
        "media/ab/cd.webp": "picture",
        ".garden.json": "{}",
        ".git/config": "secret",
        "_headers": "/*",
        "robots.txt": "User-agent: *",
        "long/index.html": LONG,
        "media/ab/long.webp": LONG,
    }
    for path, text in files.items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_text(text, encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (tmp_path / "public-too").mkdir()
    (tmp_path / "public-too/secret.txt").write_text("secret", encoding="utf-8")
    return out


# Pages


def test_a_folder_is_answered_by_its_page(site: Path) -> None:
    with serving(site) as served:
        assert served.ask("/").body == PAGE.encode()
        assert served.ask("/seeds/").body == b"seeds"
        assert served.ask("/gr%C3%B6%C3%9Fe/?x=1").body == "ü".encode()


@pytest.mark.parametrize(
    ("base_path", "asked", "place"),
    [
        ("/garden/", "/", "/garden/"),
        ("/garden/", "/garden", "/garden/"),
        ("/garden/", "/garden/seeds", "/garden/seeds/"),
        ("/", "/seeds?x=1", "/seeds/"),
        ("/", "/gr%C3%B6%C3%9Fe", "/gr%C3%B6%C3%9Fe/"),
        ("/gr%C3%BCn/", "/", "/gr%C3%BCn/"),
    ],
)
def test_what_lacks_its_slash_or_base_path_is_sent_on(
    site: Path, base_path: str, asked: str, place: str
) -> None:
    with serving(site, base_path) as served:
        answer = served.ask(asked)
        assert (answer.status, answer.headers["Location"]) == (HTTPStatus.FOUND, place)
        assert served.ask(place).status == HTTPStatus.OK


def test_below_a_base_path_nothing_stands_outside_it(site: Path) -> None:
    with serving(site, "/garden/") as served:
        assert served.ask("/garden/seeds/").body == b"seeds"
        assert served.ask("/seeds/").status == HTTPStatus.NOT_FOUND
        assert served.ask("/gardenseeds/").status == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    "path", ["/nothing", "/nothing/", "/seeds/nothing", "/seeds/index.html/", "/media/", "/x.webp"]
)
def test_an_unknown_address_is_answered_by_the_page_for_it(site: Path, path: str) -> None:
    with serving(site) as served:
        answer = served.ask(path)
    assert answer.status == HTTPStatus.NOT_FOUND
    assert b"nothing here" in answer.body
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


def test_without_a_page_for_it_an_unknown_address_is_not_found_all_the_same(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        assert served.ask("/x").status == HTTPStatus.NOT_FOUND


def test_head_answers_as_get_without_the_body(site: Path) -> None:
    with serving(site, changes=Changes()) as served:
        answer = served.ask("/", method="HEAD")
        assert (answer.status, answer.body) == (HTTPStatus.OK, b"")
        assert int(answer.headers["Content-Length"]) > len(PAGE)
        assert served.ask("/.garden/changes", method="HEAD").status == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_nothing_can_be_sent(site: Path, method: str) -> None:
    with serving(site) as served:
        assert served.ask("/", method=method).status == HTTPStatus.NOT_IMPLEMENTED


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/feed.atom", "application/atom+xml; charset=utf-8"),
        ("/feed.rss", "application/rss+xml; charset=utf-8"),
        ("/sitemap.xml", "application/xml; charset=utf-8"),
        ("/static/css/all.css", "text/css; charset=utf-8"),
        ("/static/fonts/face.woff2", "font/woff2"),
        ("/static/mark.svg", "image/svg+xml; charset=utf-8"),
        ("/robots.txt", "text/plain; charset=utf-8"),
        ("/media/ab/cd.webp", "image/webp"),
    ],
)
def test_every_file_says_what_it_is_on_every_machine(site: Path, path: str, media_type: str) -> None:
    with serving(site) as served:
        assert served.ask(path).headers["Content-Type"] == media_type


EVERY_ANSWER = [
    *[("GET", path, HTTPStatus.OK) for path in ("/", "/static/css/all.css")],
    ("HEAD", "/", HTTPStatus.OK),
    ("GET", "/nothing", HTTPStatus.NOT_FOUND),
    ("GET", "/seeds", HTTPStatus.FOUND),
    *[(method, "/", HTTPStatus.NOT_IMPLEMENTED) for method in ("POST", "PUT", "PATCH", "CONNECT", "<b>")],
    ("GET", "/" + "x" * 70000, HTTPStatus.REQUEST_URI_TOO_LONG),
]


@pytest.mark.parametrize(("method", "path", "status"), EVERY_ANSWER)
def test_every_answer_says_what_a_browser_may_do_and_nothing_of_the_server(
    site: Path, method: str, path: str, status: HTTPStatus
) -> None:
    with serving(site) as served:
        answer = served.ask(path, method=method)
    assert answer.status == status
    assert {name: answer.headers[name] for name, _ in RESPONSE_HEADERS} == dict(RESPONSE_HEADERS)
    assert answer.headers["Server"].strip() == "garden"
    assert b"<b>" not in answer.body


def test_a_file_is_asked_for_anew_each_time(site: Path) -> None:
    with serving(site) as served:
        assert served.ask("/").headers["Cache-Control"] == "no-cache"


def test_other_hosts_are_told_to_send_the_same_headers(site: Path) -> None:
    rules = render_headers_file("/").decode().splitlines()[1:]
    told = dict(rule.strip().split(": ", 1) for rule in rules)
    with serving(site) as served:
        headers = served.ask("/").headers
    assert {name: headers[name] for name in told} == told


def test_the_stream_of_changes_says_what_a_browser_may_do(site: Path) -> None:
    with serving(site, changes=Changes()) as served:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
        connection.request("GET", "/.garden/changes")
        headers = connection.getresponse().headers
        connection.close()
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("line", [b"GET / HTTP/9.9", b"GET / FTP/1.0", b"GET / HTTP/1.1 x", b"\xff\xfe"])
def test_what_is_no_request_is_refused_without_repeating_it(site: Path, line: bytes) -> None:
    with serving(site) as served:
        answer = served.ask_raw(line + b"<script>\r\nHost: localhost\r\n\r\n")
        assert served.ask("/").status == HTTPStatus.OK
    assert b"script" not in answer
    assert b"home" not in answer


def test_the_body_of_what_is_refused_is_no_second_request(site: Path) -> None:
    hidden = b"GET /seeds/ HTTP/1.1\r\nHost: localhost\r\n\r\n"
    head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(hidden)}\r\n\r\n".encode()
    with serving(site) as served:
        answer = served.ask_raw(head + hidden)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"seeds" not in answer


# Parts of files


@pytest.mark.parametrize(
    ("asked", "part", "there"),
    [
        ("bytes=0-2", b"pic", "bytes 0-2/7"),
        ("bytes=3-", b"ture", "bytes 3-6/7"),
        ("bytes=-2", b"re", "bytes 5-6/7"),
    ],
)
def test_a_player_gets_the_part_it_asks_for(site: Path, asked: str, part: bytes, there: str) -> None:
    with serving(site) as served:
        answer = served.ask("/media/ab/cd.webp", Range=asked)
    assert (answer.status, answer.body) == (HTTPStatus.PARTIAL_CONTENT, part)
    assert (answer.headers["Content-Range"], answer.headers["Content-Length"]) == (there, str(len(part)))
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_part_behind_the_end_is_not_there(site: Path) -> None:
    with serving(site) as served:
        answer = served.ask("/media/ab/cd.webp", Range="bytes=7-")
    assert (answer.status, answer.body) == (HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, b"")
    assert answer.headers["Content-Range"] == "bytes */7"


@pytest.mark.parametrize(
    ("path", "method", "headers"),
    [
        ("/media/ab/cd.webp", "GET", {}),
        ("/media/ab/cd.webp", "GET", {"Range": "bytes=0-1,3-4"}),
        ("/media/ab/cd.webp", "GET", {"Range": "bytes=0-1", "If-Range": '"x"'}),
        ("/media/ab/cd.webp", "HEAD", {"Range": "bytes=0-1"}),
        ("/seeds/", "GET", {"Range": "bytes=0-1"}),
    ],
)
def test_else_a_file_is_answered_whole(site: Path, path: str, method: str, headers: dict[str, str]) -> None:
    with serving(site) as served:
        answer = served.ask(path, None, method, **headers)
    assert answer.status == HTTPStatus.OK
    assert int(answer.headers["Content-Length"]) == len("seeds" if path == "/seeds/" else "picture")
    assert answer.headers["Accept-Ranges"] == "bytes"


# Packed


@pytest.mark.parametrize(
    "offered", ["gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8", "GZIP ; q=1", "identity,gzip;q=0.001"]
)
def test_text_travels_packed_to_who_can_unpack_it(site: Path, offered: str) -> None:
    with serving(site) as served:
        packed = served.ask("/long/", **{"Accept-Encoding": offered})
        head = served.ask("/long/", method="HEAD", **{"Accept-Encoding": offered})
    assert gzip.decompress(packed.body) == LONG.encode()
    assert len(packed.body) < len(LONG) / 2
    for answer in (packed, head):
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Content-Length"] == str(len(packed.body))
        assert answer.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("offered", ["", "br", "gzip;q=0", "gzip; q=0.000", "x-gzip", "gzip2"])
def test_text_travels_as_it_is_to_who_cannot(site: Path, offered: str) -> None:
    with serving(site) as served:
        answer = served.ask("/long/", **{"Accept-Encoding": offered})
    assert answer.body == LONG.encode()
    assert answer.headers["Content-Encoding"] is None
    assert answer.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", ["/", "/media/ab/long.webp"])
def test_what_gains_nothing_is_not_packed(site: Path, path: str) -> None:
    with serving(site) as served:
        assert served.ask(path, **{"Accept-Encoding": "gzip"}).headers["Content-Encoding"] is None


# What must not be had


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/%2e%2e%2fsecret.txt",
        "/seeds/../../secret.txt",
        "/seeds/%2e%2e/%2e%2e/secret.txt",
        "/..%5csecret.txt",
        "/%252e%252e/secret.txt",
        "/../public-too/secret.txt",
        "//secret.txt",
        "/%2fetc%2fpasswd",
        "//etc/passwd",
        "/seeds/%00/../../secret.txt",
        "/secret.txt%00.html",
        "/.garden.json",
        "/%2egarden.json",
        "/.git/config",
        "/seeds/../.git/config",
        "/..%255csecret.txt",
        "/%25%32%65%25%32%65/secret.txt",
        "/..\\secret.txt",
        "/%2e%2e%5c%2e%2e%5csecret.txt",
        "/C:/secret.txt",
        "/linked.txt",
        "/linked/secret.txt",
        "/linked-page/",
        "/linked-page/index.html",
        "/hidden.txt",
        "/fifo",
        "/_headers/../../secret.txt",
        "http://evil.example/",
        "//evil.example/x",
        "/loop",
        "/" + "x" * 5000,
        "/" + "x/" * 3000,
        "http://[broken/",
        "/%ff%fe",
        "/%ed%a0%80",
    ],
)
def test_nothing_outside_the_folder_and_nothing_hidden_is_served(site: Path, path: str) -> None:
    (site / "linked.txt").symlink_to(site.parent / "secret.txt")
    (site / "linked").symlink_to(site.parent)
    (site / "loop").symlink_to("loop")
    (site / "linked-page").mkdir()
    (site / "linked-page/index.html").symlink_to(site.parent / "secret.txt")
    (site / "hidden.txt").symlink_to(".git/config")
    os.mkfifo(site / "fifo")
    with serving(site) as served:
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        answer = served.ask_raw(head)
        assert served.ask("/").status == HTTPStatus.OK
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"secret" not in answer
    assert b"root:" not in answer


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:80",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "",
        "192.0.2.1",
        "[::2]",
        "localhost@evil.example",
        "localhost, evil.example",
        "evil.example:127.0.0.1",
        "0.0.0.1",
        "127.1",
    ],
)
def test_a_foreign_host_name_is_refused(site: Path, host: str) -> None:
    """Else any page on the web could read this machine's garden by naming 127.0.0.1 in its own DNS."""
    with serving(site, changes=Changes()) as served:
        for path in ("/", "/.garden/changes", "/.garden/reload.js"):
            answer = served.ask(path, host=host)
            assert answer.status == HTTPStatus.FORBIDDEN
            assert b"home" not in answer.body


def test_a_request_that_names_two_hosts_or_none_is_refused(site: Path) -> None:
    with serving(site) as served:
        for hosts in (b"", b"Host: localhost\r\nHost: evil.example\r\n"):
            answer = served.ask_raw(b"GET / HTTP/1.1\r\n" + hosts + b"Connection: close\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 403 ")
            assert b"home" not in answer


def test_a_full_address_of_this_machine_is_answered(site: Path) -> None:
    head = b"GET http://localhost/seeds/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with serving(site) as served:
        assert served.ask_raw(head).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "host",
    ["LocalHost:8000", "localhost", "localhost:8000", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8000"],
)
def test_this_machines_names_are_answered(site: Path, host: str) -> None:
    with serving(site) as served:
        assert served.ask("/", host=host).status == HTTPStatus.OK


def test_only_this_machine_can_connect(site: Path) -> None:
    server = open_server(site, "/", 0, None)
    with server:
        assert server.server_address[0] == "127.0.0.1"


def test_a_taken_port_is_told(site: Path) -> None:
    with serving(site) as served, pytest.raises(OutputError, match=str(served.port)) as caught:
        open_server(site, "/", served.port, None)
    assert "--port" in caught.value.hint


@pytest.mark.parametrize("port", [-1, 70000])
def test_an_impossible_port_is_told(site: Path, port: int) -> None:
    with pytest.raises(OutputError):
        open_server(site, "/", port, None)


def test_a_browser_that_hangs_up_is_no_error(site: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (site / "big.html").write_text("x" * 5_000_000, encoding="utf-8")
    with serving(site) as served:
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", served.port)) as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                connection.sendall(b"GET /big.html HTTP/1.1\r\nHost: localhost\r\n\r\n")
                connection.recv(10)
        assert served.ask("/seeds/").body == b"seeds"
    assert capfd.readouterr().err == ""


# Live reload


def test_a_page_waits_for_changes_and_hears_of_them(site: Path) -> None:
    changes = Changes()
    with serving(site, changes=changes) as served:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
        connection.request("GET", "/.garden/changes")
        response = connection.getresponse()
        assert response.headers["Content-Type"] == "text/event-stream"
        for _ in range(2):
            changes.announce()
            assert response.readline() == b"data: changed\n"
            assert response.readline() == b"\n"
        connection.close()


def test_a_server_with_waiting_pages_ends_at_once(site: Path, within: Callable[[float], None]) -> None:
    with serving(site, changes=Changes()) as served:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
        connection.request("GET", "/.garden/changes")
        connection.getresponse()
    within(5)
    connection.close()


@pytest.fixture
def within() -> Callable[[float], None]:
    """Fails where more time went by since the test began."""
    import time  # noqa: PLC0415 - nobody else here looks at a clock

    began = time.monotonic()

    def check(seconds: float) -> None:
        assert time.monotonic() - began < seconds

    return check


def test_the_script_is_in_the_answer_and_not_on_disk(site: Path) -> None:
    with serving(site, changes=Changes()) as served:
        answer = served.ask("/")
        assert b'<script src="/.garden/reload.js" defer></script></head>' in answer.body
        assert "script-src 'self'; connect-src 'self'" in answer.headers["Content-Security-Policy"]
        assert b"EventSource" in served.ask("/.garden/reload.js").body
        assert b"<script" in served.ask("/nothing").body
        assert b"<script" not in served.ask("/feed.atom").body
    assert b"/.garden/" not in b"".join(path.read_bytes() for path in site.rglob("*") if path.is_file())


def test_without_live_reload_the_answer_is_the_file(site: Path) -> None:
    with serving(site) as served:
        assert served.ask("/").body == (site / "index.html").read_bytes()
        assert served.ask("/.garden/reload.js").status == HTTPStatus.NOT_FOUND
        assert served.ask("/.garden/changes").status == HTTPStatus.NOT_FOUND


def test_a_folder_that_is_swapped_is_served_anew(site: Path) -> None:
    with serving(site) as served:
        site.rename(site.with_name("old"))
        assert served.ask("/").status == HTTPStatus.NOT_FOUND
        site.mkdir()
        (site / "index.html").write_text("new", encoding="utf-8")
        assert served.ask("/").body == b"new"

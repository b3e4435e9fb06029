"""Serve a built site on this machine, and tell open pages when it has been built anew.

The files on disk hold nothing of this: the reload script goes into pages on their way to the browser only.
The server listens on the loopback address, answers for loopback host names only, never leaves the output
folder and takes nothing but questions. Parts of files are answered, so that players can seek in recordings;
text travels packed, as from a real host, so that what a page weighs here is what it weighs there.
"""

from __future__ import annotations

import gzip
import os
import re
import sys
import threading
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from garden.errors import OutputError
from garden.site.byte_range import read_range
from garden.site.headers import RESPONSE_HEADERS

HOST: Final = "127.0.0.1"

_CHANGES: Final = "/.garden/changes"
_SCRIPT: Final = "/.garden/reload.js"
_RELOAD: Final = f"""new EventSource("{_CHANGES}").onmessage = () => location.reload();\n""".encode()
_HEARTBEAT_SECONDS: Final = 15.0
_NO_PATH: Final = "\0"
_WORTH_PACKING: Final = 1024
"""Bytes; less than a packet gains nothing."""
_TAKES_GZIP: Final = re.compile(r"(?i)(?:^|,)\s*gzip\s*(?:;\s*q=(?:1(?:\.0*)?|0?\.\d*[1-9]\d*))?\s*(?:,|$)")
"""RFC 9110, section 12.5.3; a weight of 0 is a refusal."""
_LOCAL_NAMES: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})


class Changes:
    """How often the site has been built anew; pages wait for the next time."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = threading.Condition()

    def announce(self) -> None:
        """Wake every waiting page."""
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def wait_beyond(self, count: int, seconds: float) -> int:
        """Wait until the count is above `count`, or so long; return the count."""
        with self._changed:
            self._changed.wait_for(lambda: self._count > count, seconds)
            return self._count

    @property
    def count(self) -> int:
        """The number of announcements so far."""
        return self._count


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that goes elsewhere hangs up in the middle of an answer; that is no error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # handed through


def open_server(folder: Path, base_path: str, port: int, changes: Changes | None) -> ThreadingHTTPServer:
    """Make a server for `folder` below `base_path`; port 0 takes a free one.

    `base_path` starts and ends in a slash and is percent-encoded, as in a URL. With `changes`, pages
    reload when it announces something. Raises `OutputError` where the port is taken.
    """
    handler = partial(_Handler, directory=str(folder), base_path=base_path, changes=changes)
    try:
        return _Server((HOST, port), handler)
    except (OSError, OverflowError) as error:
        raise OutputError(
            f"Nothing can be served on {HOST}:{port}: {error}.", hint="Choose another port with --port."
        ) from error


class _Handler(SimpleHTTPRequestHandler):
    """Answers for one folder; what it says about itself is nothing."""

    server_version = "garden"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    # What the machine's own tables say of these differs from machine to machine.
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".aac": "audio/aac",
        ".atom": "application/atom+xml",
        ".avif": "image/avif",
        ".bin": "application/octet-stream",
        ".flac": "audio/flac",
        ".m4a": "audio/mp4",
        ".mp3": "audio/mpeg",
        ".mp4": "video/mp4",
        ".ogg": "audio/ogg",
        ".pdf": "application/pdf",
        ".rss": "application/rss+xml",
        ".svg": "image/svg+xml",
        ".txt": "text/plain; charset=utf-8",
        ".wav": "audio/wav",
        ".webm": "video/webm",
        ".webp": "image/webp",
        ".woff2": "font/woff2",
        ".xml": "application/xml",
        ".zip": "application/zip",
    }

    def __init__(self, *args: object, base_path: str, changes: Changes | None, directory: str) -> None:
        self._base_path = unquote(base_path)
        self._changes = changes
        super().__init__(*args, directory=directory)  # type: ignore[arg-type]  # http.server hands them through

    def do_GET(self) -> None:
        if not self._asks_locally():
            self._answer(HTTPStatus.FORBIDDEN, b"This garden is served to this machine only.\n", "text/plain")
        elif self._changes is not None and self.path == _CHANGES and self.command == "GET":
            self._stream_changes(self._changes)
        elif self._changes is not None and self.path == _SCRIPT:
            self._answer(HTTPStatus.OK, _RELOAD, "text/javascript")
        else:
            self._answer_file()

    def do_HEAD(self) -> None:
        self.do_GET()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Refuse what http.server refuses by itself without repeating what was asked, and hang up."""
        status = HTTPStatus(code)
        self.close_connection = True
        self._answer(status, f"{status.phrase}.\n".encode(), "text/plain", ("Connection", "close"))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in http.server
        """Say nothing: what is worth saying is said by the command."""

    def _asks_locally(self) -> bool:
        """A page elsewhere that names our address in its DNS must not read us."""
        hosts = self.headers.get_all("Host", [])
        return len(hosts) == 1 and _is_local(hosts[0])

    def _answer_file(self) -> None:
        path = self._asked_path()
        if path in {"/", self._base_path.rstrip("/")} and path != self._base_path:
            self._redirect(self._base_path)
            return
        file = self._find_file(path)
        if file is not None and file.is_dir():
            if not path.endswith("/"):
                self._redirect(f"{path}/")
                return
            file = self._find_file(f"{path}index.html")
        found = self._read_file(file) if file is not None and file.is_file() else None
        if found is None:
            self._send_missing()
        else:
            status, content, more = found
            self._answer(status, content, self.guess_type(str(file)), more)

    def _read_file(self, file: Path) -> tuple[HTTPStatus, bytes, tuple[str, str]] | None:
        """Return what is asked for of a file; None where it is gone by now, or unreadable."""
        try:
            size = file.stat().st_size
            part = read_range(self._asked_range(file), size)
            if part is None:
                return HTTPStatus.OK, file.read_bytes(), ("Accept-Ranges", "bytes")
            if not part:
                return HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, b"", ("Content-Range", f"bytes */{size}")
            with file.open("rb") as opened:
                opened.seek(part.start)
                content = opened.read(len(part))
        except OSError:
            return None
        there = f"bytes {part.start}-{part.start + len(content) - 1}/{size}"
        return HTTPStatus.PARTIAL_CONTENT, content, ("Content-Range", there)

    def _asked_range(self, file: Path) -> str | None:
        """Pages are answered whole, for the reload script; without validators no `If-Range` can hold.

        RFC 9110, sections 13.1.5 and 14.2: only GET knows parts.
        """
        whole = self.command != "GET" or "If-Range" in self.headers or file.suffix == ".html"
        return None if whole else self.headers.get("Range")

    def _send_missing(self) -> None:
        missing = Path(self.directory) / "404.html"
        self._answer(HTTPStatus.NOT_FOUND, missing.read_bytes() if missing.is_file() else b"", "text/html")

    def _asked_path(self) -> str:
        try:
            asked = urlsplit(self.path)
            return unquote(asked.path) if not asked.netloc or _is_local(asked.netloc) else _NO_PATH
        except ValueError:
            return _NO_PATH

    def _find_file(self, path: str) -> Path | None:
        """Return what lies at a path of the site; never a hidden file, nor one outside the folder."""
        if not path.startswith(self._base_path) or "\0" in path:
            return None
        root = Path(os.path.realpath(self.directory))
        file = Path(os.path.realpath(root / path.removeprefix(self._base_path)))
        if not file.is_relative_to(root) or any(
            part.startswith(".") for part in file.relative_to(root).parts
        ):
            return None
        # Unlike Path.exists, this takes a name that is too long for a file as one of no file.
        exists = os.path.isdir(file) if path.endswith("/") else os.path.exists(file)  # noqa: PTH110, PTH112
        return file if exists else None

    def _redirect(self, place: str) -> None:
        self.send_response(HTTPStatus.FOUND)
        self.send_header("Location", quote(place))
        self.send_header("Content-Length", "0")
        self._send_own_headers()
        self.end_headers()

    def _answer(self, status: HTTPStatus, content: bytes, media_type: str, *more: tuple[str, str]) -> None:
        if media_type == "text/html" and self._changes is not None:
            content = _make_live(content)
        text = media_type.startswith("text/") or media_type.endswith(("xml", "javascript"))
        if text and status is not HTTPStatus.PARTIAL_CONTENT:
            more += (("Vary", "Accept-Encoding"),)
            if self._takes_packed(content):
                content = gzip.compress(content, mtime=0)
                more += (("Content-Encoding", "gzip"),)
        self.send_response(status)
        is_plain = text and "charset" not in media_type
        self.send_header("Content-Type", f"{media_type}; charset=utf-8" if is_plain else media_type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-cache")
        for name, value in more:
            self.send_header(name, value)
        self._send_own_headers()
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _takes_packed(self, content: bytes) -> bool:
        # What is refused before its headers are read is answered by a few words.
        if len(content) < _WORTH_PACKING:
            return False
        return _TAKES_GZIP.search(",".join(self.headers.get_all("Accept-Encoding", []))) is not None

    def _send_own_headers(self) -> None:
        """Every answer says what `_headers` tells other hosts to say; the reload script is of this origin."""
        for name, value in RESPONSE_HEADERS:
            self.send_header(name, value)

    def _stream_changes(self, changes: Changes) -> None:
        """Send a server-sent event for each new build (HTML standard, "Server-sent events")."""
        # Before the answer begins: a change between the two would never be told.
        seen = changes.count
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self._send_own_headers()
        self.end_headers()
        try:
            while True:
                count = changes.wait_beyond(seen, _HEARTBEAT_SECONDS)
                self.wfile.write(b"data: changed\n\n" if count > seen else b": still here\n\n")
                self.wfile.flush()
                seen = count
        except OSError:
            self.close_connection = True


def _is_local(host: str) -> bool:
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return name.lower() in _LOCAL_NAMES


def _make_live(page: bytes) -> bytes:
    """Let this answer, and no file on disk, run the reload script."""
    return page.replace(b"</head>", f'<script src="{_SCRIPT}" defer></script></head>'.encode(), 1)

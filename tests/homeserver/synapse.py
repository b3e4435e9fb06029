"""Synapse as a child process: a folder and an environment go in, a homeserver on loopback comes out.

Synapse lives in an environment of its own and is spoken to over HTTP only. Everything it keeps is in one
folder, so that a stopped server can be copied and the copy be started on another port with the same rooms and
tokens.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
import time
import urllib.request
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final, Self

SERVER_NAME: Final = "fen.example"
AS_TOKEN: Final = "as-token-of-the-test-homeserver"
SHARED_SECRET: Final = "registration-secret-of-the-test-homeserver"

_START_SECONDS: Final = 60
_STOP_SECONDS: Final = 15
_ATTEMPTS: Final = 3
_NO_LIMIT: Final = {"per_second": 1e6, "burst_count": 1_000_000}

# The child watches its standard input, which only we hold: when we are gone, however brutally, it goes too.
# Its database need not survive a power cut, so it does not wait for the disk: seeding is a third faster.
_CHILD: Final = """
import os, signal, sqlite3, threading
def leave_with_parent():
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
threading.Thread(target=leave_with_parent, daemon=True).start()
connect = sqlite3.connect
def connect_fast(*args, **kwargs):
    connection = connect(*args, **kwargs)
    connection.execute("PRAGMA synchronous = OFF")
    return connection
sqlite3.connect = connect_fast
from synapse.app.homeserver import main
main()
"""


class SynapseError(Exception):
    """The test homeserver cannot be started; the message says what to do."""


def find_synapse_python() -> Path:
    """Return the interpreter of the environment that holds Synapse.

    That is `.cache/synapse` at the repository's root, or what `GARDEN_SYNAPSE_ENV` names.
    Raises `SynapseError` where there is none.
    """
    default = Path(__file__).parents[2] / ".cache" / "synapse"
    environment = Path(os.environ.get("GARDEN_SYNAPSE_ENV") or default)
    python = environment / "bin" / "python"
    if not any(environment.glob("lib/python3*/site-packages/synapse/__init__.py")) or not python.exists():
        message = f"No matrix-synapse in {environment}: run `make setup` (or set GARDEN_SYNAPSE_ENV)."
        raise SynapseError(message)
    return python.absolute()


@dataclass(frozen=True, slots=True)
class Peering:
    """What a homeserver needs in order to speak with others, over TLS only."""

    names: Sequence[str]
    """The other servers; it speaks with none but these."""
    way_out: str
    """Address of the proxy through which it reaches them: no name has to be known to the system."""
    certificate: Path
    """What it shows to those that call it, with the names that it goes by."""
    key: Path
    authority: Path
    """Whose signature a certificate of the others needs."""


class Synapse:
    """One homeserver: its data folder, and its process while it runs.

    A context manager: entering starts it, leaving stops it. It speaks with no other homeserver unless it is
    told with which.
    """

    def __init__(
        self,
        folder: Path,
        python: Path | None = None,
        *,
        name: str = SERVER_NAME,
        peering: Peering | None = None,
    ) -> None:
        self.folder = folder.absolute()
        self.name = name
        self._python = python or find_synapse_python()
        self._peering = peering
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._peer_port = 0

    @property
    def base_url(self) -> str:
        """Address of the client-server API, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def peer_port(self) -> int:
        """Where it listens to other homeservers, with TLS; 0 where it does not."""
        return self._peer_port

    @property
    def pid(self) -> int | None:
        """Process id while it runs, else None."""
        return self._process.pid if self._process else None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server on a free port and wait until it is healthy.

        Another program can take the port between our look and Synapse's bind: then the next port is tried.
        Raises `SynapseError` with the end of the log.
        """
        if self._process:
            return
        for _ in range(_ATTEMPTS):
            self._port = _free_port()
            self._write_config()
            self._process = self._spawn()
            if self._wait_until_healthy():
                return
            self.stop()
            if "CannotListenError" not in self._log_end():
                break
        message = f"Synapse did not start in {self.folder}:\n{self._log_end()}"
        raise SynapseError(message)

    def stop(self) -> None:
        """Stop the server: ask first, kill after 15 seconds. Does nothing where it is not running."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin:
            process.stdin.close()

    def wait(self) -> None:
        """Wait until the server ends by itself, which it should not."""
        if self._process:
            self._process.wait()

    def analyze(self) -> None:
        """Let SQLite count its tables; without statistics reading history is 25 times slower."""
        self._need_stopped()
        with closing(sqlite3.connect(self.folder / "homeserver.db")) as database:
            database.execute("ANALYZE")
            database.commit()

    def snapshot(self, target: Path) -> None:
        """Copy everything the stopped server keeps to a folder that does not exist yet."""
        self._need_stopped()
        shutil.copytree(self.folder, target, ignore=shutil.ignore_patterns("*.log", "*.yaml", "*.pid"))

    def restore(self, source: Path) -> None:
        """Replace everything the stopped server keeps by a snapshot."""
        self._need_stopped()
        if self.folder.exists():
            shutil.rmtree(self.folder)
        shutil.copytree(source, self.folder)

    def _need_stopped(self) -> None:
        if self._process:
            message = "Stop the homeserver first: its files are in use."
            raise SynapseError(message)

    def _write_config(self) -> None:
        """Write what Synapse reads, at each start, since folder and port may be new; JSON is YAML too."""
        self.folder.mkdir(parents=True, exist_ok=True)
        key = self.folder / "signing.key"
        if not key.exists():
            seed = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
            key.write_text(f"ed25519 a_fen {seed}\n")
        settings = _homeserver_config(self.folder, self._port, self.name)
        if self._peering:
            self._peer_port = _free_port()
            settings |= _peering_config(self._peering, self._port, self._peer_port)
        for name, value in (
            ("homeserver.yaml", settings),
            ("appservice.yaml", _appservice_config(self.name)),
            ("log.yaml", _log_config(self.folder)),
        ):
            (self.folder / name).write_text(json.dumps(value, indent=2) + "\n")

    def _spawn(self) -> subprocess.Popen[bytes]:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        with (self.folder / "process.log").open("wb") as log:
            return subprocess.Popen(
                [self._python, "-c", _CHILD, "--config-path", self.folder / "homeserver.yaml"],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait_until_healthy(self) -> bool:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                return False
            if _is_healthy(self.base_url):
                return True
            time.sleep(0.05)
        return False

    def _log_end(self) -> str:
        logs = (self.folder / "process.log", self.folder / "homeserver.log")
        return "\n".join(log.read_text("utf-8", "replace")[-3000:] for log in logs if log.exists())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_healthy(base_url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{base_url}/health", timeout=2) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except OSError:
        return False


def _homeserver_config(folder: Path, port: int, name: str) -> dict[str, object]:
    return {
        "server_name": name,
        "public_baseurl": f"http://127.0.0.1:{port}/",
        "listeners": [_listener(port, "client")],
        "pid_file": str(folder / "homeserver.pid"),
        "log_config": str(folder / "log.yaml"),
        "signing_key_path": str(folder / "signing.key"),
        "media_store_path": str(folder / "media"),
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "app_service_config_files": [str(folder / "appservice.yaml")],
        "macaroon_secret_key": "macaroon-secret-of-the-test-homeserver",
        "form_secret": "form-secret-of-the-test-homeserver",
        "registration_shared_secret": SHARED_SECRET,
        "enable_registration": True,
        "enable_registration_without_verification": True,
        "allow_guest_access": True,
        "allow_public_rooms_without_auth": True,
        "room_list_publication_rules": [{"action": "allow"}],
        "federation_domain_whitelist": [],
        "trusted_key_servers": [],
        "suppress_key_server_warning": True,
        "report_stats": False,
        "send_federation": False,
        "push": {"enabled": False},
        "presence": {"enabled": False},
        "bcrypt_rounds": 4,
        **_unlimited_rates(),
    }


def _peering_config(peering: Peering, port: int, peer_port: int) -> dict[str, object]:
    """Return what differs for a homeserver that speaks with others: it tries again at once, and often.

    It names port 443 of its own name as the place to call it (server-server API, "Server discovery"), so
    nobody has to look for a record of it; the proxy knows where that is.
    """
    return {
        "listeners": [_listener(port, "client"), _listener(peer_port, "client", "federation", tls=True)],
        "tls_certificate_path": str(peering.certificate),
        "tls_private_key_path": str(peering.key),
        "federation_custom_ca_list": [str(peering.authority)],
        "https_proxy": peering.way_out,
        "no_proxy_hosts": [],
        "serve_server_wellknown": True,
        "federation_domain_whitelist": [*peering.names],
        "send_federation": True,
        "federation": {
            "destination_min_retry_interval": 1,
            "destination_max_retry_interval": 1,
            "max_short_retries": 0,
            "max_long_retries": 0,
        },
    }


def _listener(port: int, *names: str, tls: bool = False) -> dict[str, object]:
    resources = [{"names": [*names]}]
    return {
        "port": port,
        "type": "http",
        "tls": tls,
        "bind_addresses": ["127.0.0.1"],
        "resources": resources,
    }


def _unlimited_rates() -> dict[str, object]:
    whole = (
        "rc_message rc_registration rc_registration_token_validity rc_admin_redaction rc_joins_per_room "
        "rc_3pid_validation rc_third_party_invite rc_media_create rc_delayed_event_mgmt rc_room_creation "
        "rc_reports rc_user_directory rc_profile"
    )
    return {
        **dict.fromkeys(whole.split(), _NO_LIMIT),
        "rc_login": dict.fromkeys(("address", "account", "failed_attempts"), _NO_LIMIT),
        "rc_joins": dict.fromkeys(("local", "remote"), _NO_LIMIT),
        "rc_invites": dict.fromkeys(("per_room", "per_user", "per_issuer"), _NO_LIMIT),
        "rc_presence": {"per_user": _NO_LIMIT},
    }


def _appservice_config(name: str) -> dict[str, object]:
    """Describe an application service that may speak as any local user, at any time, and is sent nothing."""
    users = {"exclusive": False, "regex": f"@.*:{name}"}
    return {
        "id": "seed",
        "url": None,
        "as_token": AS_TOKEN,
        "hs_token": "hs-token-of-the-test-homeserver",
        "sender_localpart": "seed",
        "rate_limited": False,
        "namespaces": {"users": [users], "rooms": [], "aliases": []},
    }


def _log_config(folder: Path) -> dict[str, object]:
    file = {"class": "logging.FileHandler", "filename": str(folder / "homeserver.log"), "formatter": "line"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "handlers": {"file": file},
        "root": {"level": "WARNING", "handlers": ["file"]},
    }

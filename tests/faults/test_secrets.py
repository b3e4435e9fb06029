"""Whatever goes wrong, token, password and key stand in no output, no other file and no other process."""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest

from garden.archive.credentials import TOKEN_FILE
from tests.archive.material import message
from tests.faults.plot import Plot, write_settings
from tests.faults.proxy import Asked, Proxy, Reply, Wire, between
from tests.smallholding import DAY, bean_talk, plant, read_site
from tests.terminal import Said, run, running

KEY = "a-key-of-the-garden-that-nobody-may-see"
PASSWORD = "a password that nobody may see"
LOUD = {"PYTHONASYNCIODEBUG": "1", "PYTHONDEVMODE": "1", "PYTHONWARNINGS": "always"}
"""Python tells all that it can tell."""

Meddle = Callable[[Proxy, Asked], Awaitable[Wire]]

synapse = pytest.mark.synapse
in_group = pytest.mark.xdist_group("synapse")


@pytest.fixture(scope="module")
def proxy(plot: Plot) -> Iterator[Proxy]:
    with between(plot.homeserver.base_url) as open_proxy:
        yield open_proxy


def spellings(secret: str) -> set[bytes]:
    """Return how a secret could be written down."""
    data = secret.encode()
    return {
        data,
        quote(secret, safe="").encode(),
        json.dumps(secret)[1:-1].encode(),
        data.hex().encode(),
        base64.b64encode(data).rstrip(b"=")[:-1],
    }


def check_hidden(secrets: tuple[str, ...], folder: Path, *said: Said) -> None:
    """Check that the secrets stand in nothing that was said and in no file but the token's own."""
    places = {f"output {number}": (each.out + each.err).encode() for number, each in enumerate(said)}
    files = {path: content for path, content in read_site(folder).items() if path != TOKEN_FILE}
    for place, content in {**places, **files}.items():
        for secret in secrets:
            found = [spelling for spelling in spellings(secret) if spelling in content + place.encode()]
            assert found == [], place


async def echo(_proxy: Proxy, asked: Asked) -> Wire:
    """Be what a proxy is that shows whoever looks after it what it was asked."""
    return Reply(500, b"<pre>" + asked.head + asked.body + b"</pre>", "text/html").wire()


async def echo_as_headers(_proxy: Proxy, asked: Asked) -> Wire:
    return Wire(b"HTTP/1.1 500 " + asked.head + b"\r\n")


async def echo_as_code(_proxy: Proxy, asked: Asked) -> Wire:
    code = asked.headers.get("authorization", "") or asked.body.decode()
    return Reply(403, json.dumps({"errcode": code, "error": code}).encode()).wire()


async def echo_in_events(proxy: Proxy, asked: Asked) -> Wire:
    reply = await proxy.fetch(asked)
    if not asked.path.endswith(("/messages", "/state")):
        return reply.wire()
    token = asked.headers["authorization"].removeprefix("Bearer ").encode()
    return Reply(200, reply.body.replace(b"Jar 7", b"Jar " + token).replace(b"Frost", token)).wire()


async def log_out(proxy: Proxy, asked: Asked) -> Wire:
    if "authorization" not in asked.headers:
        return (await proxy.fetch(asked)).wire()
    code = asked.headers["authorization"]
    return Reply(401, json.dumps({"errcode": "M_UNKNOWN_TOKEN", "error": code}).encode()).wire()


@synapse
@in_group
@pytest.mark.parametrize("meddle", [echo_in_events, echo_as_code, log_out])
def test_a_sync_keeps_the_token_to_itself_whatever_it_is_answered(
    meddle: Meddle, proxy: Proxy, plot: Plot, tmp_path: Path
) -> None:
    proxy.meddle = meddle
    folder = write_settings(tmp_path, plot, proxy.base_url)
    secrets = {"GARDEN_ACCESS_TOKEN": plot.token, "GARDEN_KEY": KEY}
    said = [run("sync", "--json", folder=folder, more=secrets | LOUD)]
    if meddle is echo_in_events:
        said += [run("build", folder=folder, more=secrets), run("status", folder=folder, more=secrets)]
        assert [each.code for each in said] == [0] * 3
        assert any(b"Jar ..." in content for content in read_site(folder / "public").values())
    assert not any("Traceback" in each.err for each in said)
    check_hidden((plot.token, KEY), folder, *said)


@synapse
@in_group
def test_a_homeserver_that_shows_requests_gives_nothing_away(
    proxy: Proxy, plot: Plot, tmp_path: Path
) -> None:
    async def meddle(passing: Proxy, asked: Asked) -> Wire:
        if asked.path.endswith("/versions"):
            return (await passing.fetch(asked)).wire()
        return await (echo_as_headers if len(passing.asked) % 2 else echo)(passing, asked)

    proxy.meddle = meddle
    ways: tuple[tuple[tuple[str, ...], dict[str, str], str], ...] = (
        (("sync",), {"GARDEN_ACCESS_TOKEN": plot.token}, ""),
        (("login", "--token"), {}, plot.token),
        (("login", "--user", "ada"), {}, PASSWORD),
    )

    def go(way: tuple[tuple[str, ...], dict[str, str], str]) -> Said:
        arguments, more, given = way
        folder = write_settings(tmp_path / arguments[-1], plot, proxy.base_url)
        said = run(*arguments, folder=folder, given=f"{given}\n".encode(), more=more | LOUD)
        assert "Traceback" not in said.err
        return said

    # Each of them tries again for some seconds.
    with ThreadPoolExecutor() as pool:
        check_hidden((plot.token, PASSWORD), tmp_path, *pool.map(go, ways))


@synapse
@in_group
def test_a_token_on_disk_stands_in_its_own_file_only(proxy: Proxy, plot: Plot, tmp_path: Path) -> None:
    proxy.meddle = None
    folder = write_settings(tmp_path, plot, proxy.base_url)
    said = [run("login", "--token", folder=folder, given=f"{plot.token}\n".encode())]
    said += [run(command, folder=folder) for command in ("sync", "build")]
    assert [each.code for each in said] == [0] * 3
    assert plot.token in (folder / TOKEN_FILE).read_text()
    check_hidden((plot.token,), folder, *said)


@synapse
@in_group
def test_an_error_that_nobody_expected_shows_no_secret(proxy: Proxy, plot: Plot, tmp_path: Path) -> None:
    proxy.meddle = None
    folder = write_settings(tmp_path / "fen", plot, proxy.base_url)
    (tmp_path / "sitecustomize.py").write_text(
        "import garden.archive.answer\n"
        "def fail(data):\n"
        "    raise RuntimeError('nobody expected this')\n"
        "garden.archive.answer.parse_json = fail\n"
    )
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    secrets = {"GARDEN_ACCESS_TOKEN": plot.token, "GARDEN_KEY": KEY, "PYTHONPATH": path}
    said = run("sync", folder=folder, more=secrets | LOUD)
    assert "nobody expected this" in said.err
    check_hidden((plot.token, KEY), folder, said)


@pytest.mark.xdist_group("faults")
def test_no_process_that_renders_inherits_a_secret_and_no_command_line_shows_one(tmp_path: Path) -> None:
    days = [message(f"day-{number}", f"Day {number}.", at=(5 + number) * DAY) for number in range(150)]
    folder = plant(tmp_path, [*bean_talk(), *days])
    secrets = {"GARDEN_ACCESS_TOKEN": "syt_a_token_of_the_tests", "GARDEN_KEY": KEY}
    seen: dict[int, tuple[bytes, bytes]] = {}
    with running("build", "--quiet", "--jobs", "2", folder=folder, more=secrets) as process:
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            for pid in descendants(process.pid):
                seen[pid] = look_at(pid) or seen.get(pid, (b"", b""))
            time.sleep(0.005)
        assert process.wait(60) == 0
    assert len([command for command, _ in seen.values() if b"spawn_main" in command]) == 2
    for secret in secrets.values():
        assert [command for command, _ in seen.values() if secret.encode() in command] == []
        assert [command for command, variables in seen.values() if secret.encode() in variables] == []


def descendants(pid: int) -> list[int]:
    """Return the processes of a command that it started itself."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != pid:
            try:
                group = int((entry / "stat").read_text().rpartition(")")[2].split()[2])
            except (OSError, IndexError, ValueError):
                continue
            found += [int(entry.name)] if group == pid else []
    return found


def look_at(pid: int) -> tuple[bytes, bytes] | None:
    """Return command line and environment of a process that has become what it is; None where it is gone."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        variables = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return None
    return (command, variables) if command else None

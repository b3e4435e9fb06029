"""`garden serve`: a real process on loopback that follows its sources and ends cleanly."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from garden.lock import hold_garden
from tests.archive.material import message
from tests.smallholding import bean_talk, bring, plant
from tests.terminal import Said, check_told, press_ctrl_c, run, running, wait_for_line, wait_until_gone

NOTE = "---\ntitle: Jars\n---\nA jar wants a label.\n"
SECONDS = 20


@dataclass
class Serving:
    """A garden that is served, and the reload events that its pages would get."""

    folder: Path
    process: subprocess.Popen[str]
    url: str
    events: queue.Queue[bytes]

    def get(self, path: str = "") -> str:
        with urllib.request.urlopen(self.url + path, timeout=SECONDS) as answer:
            text: str = answer.read().decode()
            return text

    def wait_for_reload(self) -> None:
        assert self.events.get(timeout=SECONDS) == b"data: changed\n"

    def hear_error(self, words: str) -> str:
        return wait_for_line(self.process.stderr, words)


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    plant(tmp_path, bean_talk())
    (tmp_path / "notes" / "jars.md").write_text(NOTE)
    with running("serve", "--port", "0", folder=tmp_path) as process:
        url = wait_for_line(process.stdout, "Serving ").split()[1]
        events: queue.Queue[bytes] = queue.Queue()
        with urllib.request.urlopen(url.replace("/garden/", "/.garden/changes"), timeout=60) as stream:
            listener = threading.Thread(target=listen, args=(stream, events))
            listener.start()
            yield Serving(tmp_path, process, url, events)
            if process.poll() is None:
                press_ctrl_c(process)
            listener.join(SECONDS)


def listen(stream: Iterator[bytes], events: queue.Queue[bytes]) -> None:
    with contextlib.suppress(OSError):  # the server has gone
        for line in stream:
            if line.startswith(b"data:"):
                events.put(line)


def test_pages_are_served_below_the_path_of_the_base_url(serving: Serving) -> None:
    assert serving.url.startswith("http://127.0.0.1:")
    assert serving.url.endswith("/garden/")
    assert "Jars" in serving.get("notes/jars/")
    with pytest.raises(urllib.error.HTTPError) as missing:
        serving.get("nothing-here/")
    missing.value.close()
    assert missing.value.code == 404


def test_a_changed_note_is_built_and_open_pages_are_told(serving: Serving) -> None:
    (serving.folder / "notes" / "jars.md").write_text(NOTE.replace("label", "paper label"))
    serving.wait_for_reload()
    assert "A jar wants a paper label." in serving.get("notes/jars/")
    (serving.folder / "notes" / "lids.md").write_text("---\ntitle: Lids\n---\nTight.\n")
    serving.wait_for_reload()
    assert "Lids" in serving.get("notes/lids/")


def test_new_events_in_the_archive_are_built_when_the_other_command_is_done(serving: Serving) -> None:
    with hold_garden(serving.folder / "content_cache"):
        bring(serving.folder, [message("later", "Said while it was served.", at=500_000_000)])
        time.sleep(1)
        assert serving.events.empty()
    serving.wait_for_reload()
    assert "Said while it was served." in "".join(
        path.read_text() for path in (serving.folder / "public").rglob("index.html")
    )


def test_a_mistake_is_told_the_last_site_stays_and_mending_it_is_enough(serving: Serving) -> None:
    settings = (serving.folder / "site.toml").read_text()
    (serving.folder / "site.toml").write_text(settings.replace("title", "titel"))
    told = serving.hear_error("titel")
    assert "site.toml:2" in told
    assert serving.process.poll() is None
    assert "Jars" in serving.get("notes/jars/")
    (serving.folder / "site.toml").write_text(settings.replace('"Fen"', '"Marsh"'))
    serving.wait_for_reload()
    assert "Marsh" in serving.get()


def test_nothing_of_live_reload_is_in_the_built_files(serving: Serving) -> None:
    assert ".garden/reload.js" in serving.get()
    on_disk = b"".join(path.read_bytes() for path in (serving.folder / "public").rglob("*.html"))
    assert b"/.garden/" not in on_disk


def test_it_rests_while_nothing_changes(serving: Serving) -> None:
    run("status", folder=serving.folder)
    run("search", "bean", folder=serving.folder)
    time.sleep(1.5)
    assert serving.events.empty()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_it_ends_with_0_and_leaves_no_process(ending: signal.Signals, serving: Serving) -> None:
    os.killpg(serving.process.pid, ending)
    out, err = serving.process.communicate(timeout=SECONDS)
    assert serving.process.returncode == 0
    assert "Traceback" not in out + err
    wait_until_gone(serving.process)
    with pytest.raises(urllib.error.URLError):
        serving.get()


def test_ctrl_c_before_the_first_build_is_done_ends_as_cleanly(tmp_path: Path) -> None:
    plant(tmp_path, bean_talk())
    with running("serve", "--port", "0", folder=tmp_path) as process:
        wait_for_line(process.stderr, "Reading rooms")
        said = press_ctrl_c(process)
    assert said.code == 0
    assert "Traceback" not in said.err


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    plant(tmp_path, bean_talk())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said: Said = run("serve", "--port", str(port), folder=tmp_path)
    check_told(said, 1, str(port), "--port")


def test_a_garden_that_cannot_be_built_is_not_served(tmp_path: Path) -> None:
    plant(tmp_path, bean_talk())
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "mine.txt").write_text("mine")
    check_told(run("serve", "--port", "0", folder=tmp_path), 1, "garden did not write")

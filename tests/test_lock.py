"""One command at a time works on a garden, and no lock outlives its command."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from garden.errors import ArchiveError
from garden.lock import LOCK_FILE, find_holder, hold_garden

HOLDER = """
import sys, time
from pathlib import Path
from garden.lock import hold_garden
with hold_garden(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_command_is_refused_and_a_later_one_is_not(tmp_path: Path) -> None:
    with (
        hold_garden(tmp_path / "content_cache"),
        pytest.raises(ArchiveError, match="Another garden command"),
        hold_garden(tmp_path / "content_cache"),
    ):
        pass
    with hold_garden(tmp_path / "content_cache"):
        pass


def test_who_waits_gets_its_turn_when_the_other_is_done(tmp_path: Path) -> None:
    order: list[str] = []

    def wait() -> None:
        with hold_garden(tmp_path, wait=True):
            order.append("second")

    with hold_garden(tmp_path):
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join(0.1)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def test_the_lock_of_a_killed_command_is_gone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(ArchiveError), hold_garden(tmp_path):
            pass
        holder.kill()
    with hold_garden(tmp_path):
        pass


def test_a_failing_command_gives_the_lock_back(tmp_path: Path) -> None:
    with pytest.raises(KeyError), hold_garden(tmp_path):
        raise KeyError
    with hold_garden(tmp_path):
        pass


def test_a_place_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(ArchiveError, match=r"file.* cannot be written"),
        hold_garden(tmp_path / "file" / "cache"),
    ):
        pass


def test_the_message_says_which_command_holds_the_garden(tmp_path: Path) -> None:
    told = rf"Another garden command \(build, process {os.getpid()}, since \d{{4}}-\d\d-\d\d \d\d:\d\d\) is"
    with (
        hold_garden(tmp_path, command="build"),
        pytest.raises(ArchiveError, match=told),
        hold_garden(tmp_path, command="sync"),
    ):
        pass


def test_who_looks_at_the_lock_stops_nobody(tmp_path: Path) -> None:
    with hold_garden(tmp_path, command="sync"):
        holder = find_holder(tmp_path)
        assert holder is not None
        assert (holder.process, holder.command) == (os.getpid(), "sync")
    with (tmp_path / LOCK_FILE).open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        release = threading.Timer(0.05, lambda: fcntl.flock(file, fcntl.LOCK_UN))
        release.start()
        with hold_garden(tmp_path):
            pass
        release.join()


def test_nobody_holds_a_garden_whose_command_is_over_or_killed_or_never_ran(tmp_path: Path) -> None:
    assert find_holder(tmp_path) is None
    with hold_garden(tmp_path, command="build"):
        pass
    assert find_holder(tmp_path) is None
    (tmp_path / LOCK_FILE).write_text('{"process": 1, "command": "build"}')
    assert find_holder(tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[" * 5_000, b'{"process": "x", "command": 5}'])
def test_a_lock_without_a_word_about_its_holder_is_a_lock(content: bytes, tmp_path: Path) -> None:
    with hold_garden(tmp_path):
        (tmp_path / LOCK_FILE).write_bytes(content)
        with pytest.raises(ArchiveError, match=r"Another garden command \(since "), hold_garden(tmp_path):
            pass


def test_the_name_of_a_command_steers_no_terminal(tmp_path: Path) -> None:
    with hold_garden(tmp_path):
        (tmp_path / LOCK_FILE).write_text(json.dumps({"command": "\x1b[2Jbuild"}))
        holder = find_holder(tmp_path)
        assert holder is not None
        assert holder.command == "[2Jbuild"

"""One command at a time works on a garden, and no lock outlives its command."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from garden.errors import ArchiveError
from garden.lock import hold_garden

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

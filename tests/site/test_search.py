"""The index follows the pages, forgets what is erased, and survives damage, rivals and sudden death."""

from __future__ import annotations

import gc
import os
import random
import signal
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from garden.errors import SearchIndexError
from garden.site import search, search_whoosh
from garden.site.search import IndexChange, SearchRecord, search_index, update_index
from tests.site.search_pages import PAGES, found, record

SECRET = "xylophonesecret"


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


def bytes_within(content: bytes) -> Iterator[bytes]:
    """What a file says, and what any compressed run in it says."""
    yield content
    start = content.find(b"\x78")
    while start >= 0:
        with suppress(zlib.error):
            yield zlib.decompressobj().decompress(content[start:])
        start = content.find(b"\x78", start + 1)


def mentions(folder: Path, word: str) -> list[str]:
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file() and any(word.encode() in part for part in bytes_within(path.read_bytes()))
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    update_index(tmp_path / "search", PAGES)
    return tmp_path / "search"


def test_where_nothing_changed_nothing_is_written(folder: Path) -> None:
    before = state(folder)
    assert update_index(folder, PAGES) == IndexChange(added=0, updated=0, removed=0)
    assert state(folder) == before


def test_restored_files_with_new_times_are_trusted_by_their_digest(folder: Path) -> None:
    for path in folder.iterdir():
        os.utime(path, ns=(1, 1))
    assert update_index(folder, PAGES) == IndexChange(added=0, updated=0, removed=0)


def test_only_what_changed_is_taken_in(folder: Path) -> None:
    pages = [*PAGES[1:-1], record("street", "Neue Beete"), record("figs", "Figs on the wall")]
    assert update_index(folder, pages) == IndexChange(added=1, updated=1, removed=1)
    assert found(folder, "bean") == found(folder, "garten") == []
    assert found(folder, "beete") == ["street"]
    assert found(folder, "figs") == ["figs"]
    assert update_index(folder, pages) == IndexChange(added=0, updated=0, removed=0)


def test_a_page_that_is_handed_in_twice_is_indexed_once(tmp_path: Path) -> None:
    assert update_index(tmp_path, [PAGES[0], PAGES[0]]).added == 1
    assert found(tmp_path, "bean") == ["beans"]


@pytest.mark.parametrize("kept", [0, 1, 5], ids=["alone", "with another", "among others"])
def test_no_erased_word_stays_in_any_file(tmp_path: Path, kept: int) -> None:
    secret = record("secret", f"so {SECRET} it was", f"About {SECRET}")
    update_index(tmp_path, [*PAGES[:kept], secret])
    assert mentions(tmp_path, SECRET), "the test can see words in the files"
    update_index(tmp_path, PAGES[:kept])
    assert mentions(tmp_path, SECRET) == []
    update_index(tmp_path, [*PAGES[:kept], secret])
    update_index(tmp_path, [*PAGES[:kept], record("secret", "removed")])
    assert mentions(tmp_path, SECRET) == []


def test_only_the_segment_that_held_a_page_is_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_whoosh, "SEGMENT_PAGES", 10)
    pages = [record(f"p{number}", f"page {number} {SECRET if number == 15 else ''}") for number in range(30)]
    update_index(tmp_path, pages)
    before = {name for name in state(tmp_path) if name.endswith(".seg")}
    assert len(before) == 3
    pages[15] = record("p15", "page 15")
    assert update_index(tmp_path, pages) == IndexChange(added=0, updated=1, removed=0)
    assert len(before & set(state(tmp_path))) == 2
    assert mentions(tmp_path, SECRET) == []
    assert len(search_index(tmp_path, "page", limit=100)) == 30


def test_many_runs_leave_few_segments_and_all_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_whoosh, "SEGMENT_PAGES", 40)
    dice, pages = random.Random(5), {}
    for step in range(60):
        name = f"p{dice.randrange(50)}"
        pages[name] = record(name, f"page step{step}")
        if step % 7 == 0:
            pages.pop(dice.choice(list(pages)))
        update_index(tmp_path, pages.values())
    assert sum(name.endswith(".seg") for name in state(tmp_path)) <= 12
    assert {hit.address for hit in search_index(tmp_path, "page", limit=99)} == {
        page.address for page in pages.values()
    }


def damage_segment(folder: Path) -> None:
    path = next(folder.glob("*.seg"))
    path.write_bytes(path.read_bytes()[:-20])


def flip_bytes(folder: Path) -> None:
    path = next(folder.glob("*.seg"))
    content = path.read_bytes()
    path.write_bytes(content[:50] + bytes(byte ^ 255 for byte in content[50:]))


def empty_contents(folder: Path) -> None:
    next(folder.glob("*.toc")).write_bytes(b"")


def remove_segment(folder: Path) -> None:
    next(folder.glob("*.seg")).unlink()


def spoil_seal(folder: Path) -> None:
    (folder / "seal.json").write_text("[1, 2", encoding="utf-8")


def age_seal(folder: Path) -> None:
    path = folder / "seal.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"format": 1', '"format": 0'), encoding="utf-8")


@pytest.mark.parametrize(
    "damage", [damage_segment, flip_bytes, empty_contents, remove_segment, spoil_seal, age_seal]
)
def test_a_damaged_index_is_built_anew(folder: Path, damage: object) -> None:
    assert callable(damage)
    damage(folder)
    assert update_index(folder, PAGES) == IndexChange(added=len(PAGES), updated=0, removed=0)
    assert found(folder, "保存") == ["japan"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("damage", [damage_segment, flip_bytes, empty_contents, remove_segment])
def test_searching_a_damaged_index_is_an_error_that_says_what_to_do(folder: Path, damage: object) -> None:
    assert callable(damage)
    damage(folder)
    with pytest.raises(SearchIndexError, match="damaged") as caught:
        search_index(folder, "bean")
    assert "garden build" in caught.value.hint
    del caught
    gc.collect()  # Whoosh leaves a file open when it meets damage; the warning belongs to this test


def test_searching_without_an_index_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SearchIndexError, match="no search index") as caught:
        search_index(tmp_path / "search", "bean")
    assert "garden build" in caught.value.hint


def test_an_index_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "search").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(SearchIndexError, match="cannot be written"):
        update_index(tmp_path / "search", PAGES)


def test_a_second_writer_waits_and_then_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_LOCK_SECONDS", 0.2)

    def records() -> Iterator[SearchRecord]:
        with pytest.raises(SearchIndexError, match="Another process"):
            update_index(folder, PAGES)
        yield from PAGES

    assert update_index(folder, records()) == IndexChange(added=0, updated=0, removed=0)


def test_a_run_that_fails_half_way_leaves_the_index_as_it_was(folder: Path) -> None:
    before = state(folder)

    def records() -> Iterator[SearchRecord]:
        yield record("new", SECRET)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        update_index(folder, records())
    assert state(folder) == before
    assert mentions(folder, SECRET) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from garden.site import search, search_whoosh
search_whoosh.SEGMENT_PAGES = 5
left = int(sys.argv[2])
def trace(event, _arguments):
    global left
    if event in {"open", "os.rename", "os.remove"}:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
search_whoosh._load()
sys.addaudithook(trace)
def record(number):
    address, text = f"seeds/p{number}/", f"new {number}"
    return search.SearchRecord(address, "A page", "", (), (), text, None, "thread", f"killed {number}")
search.update_index(Path(sys.argv[1]), map(record, range(12)))
"""


@pytest.mark.parametrize("moment", [3, 9, 15, 21, 27, 33, 39, 45, 51, 57])
def test_a_killed_run_is_mended_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    monkeypatch.setattr(search_whoosh, "SEGMENT_PAGES", 5)
    update_index(tmp_path, [record(f"p{number}", f"old {SECRET} {number}") for number in range(14)])
    command = [sys.executable, "-P", "-c", KILLED, str(tmp_path), str(moment)]
    assert subprocess.run(command, check=False, timeout=60).returncode == -signal.SIGKILL
    update_index(tmp_path, [record(f"p{number}", f"new {number}") for number in range(12)])
    assert len(search_index(tmp_path, "new", limit=99)) == 12
    assert mentions(tmp_path, SECRET) == []
    assert {path.name for path in tmp_path.iterdir() if path.suffix not in {".seg", ".toc"}} == {
        "lock",
        "seal.json",
    }


def test_whoosh_is_imported_only_when_it_is_needed() -> None:
    code = "import sys, garden.site.search; sys.exit('whoosh' in sys.modules)"
    assert subprocess.run([sys.executable, "-P", "-c", code], check=False).returncode == 0

"""The demo as it is built: every file by its digest, some as a whole, and what each build may change.

`tests/golden/files.txt` names every file of the site and of `content_cache/pages` with its SHA-256;
`tests/golden/whole/` holds a file of each kind, so that a change can be read. Where a change is meant,

    GARDEN_GOLDEN=write .cache/venv/bin/pytest tests/test_golden.py tests/test_stories.py

writes all of it anew; read `git diff tests/golden` before you commit it. The search index is not in it:
its bytes are Whoosh's.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from garden.archive.event import EventId
from garden.archive.store import ArchiveStore
from garden.archive.transcript import event_id, permalink, room_id
from garden.config import read_config
from garden.demo.plant import plant_demo
from garden.pages.address import page_id
from garden.pipeline import BuildResult, build_garden
from garden.resources import demo_folder
from garden.site.store import MANIFEST
from tests.smallholding import NOW_MS, bring

# One worker builds the demo once for all of them.
pytestmark = pytest.mark.xdist_group("golden")

GOLDEN: Final = Path(__file__).parent / "golden"
LIST: Final = GOLDEN / "files.txt"
WHOLE: Final = GOLDEN / "whole"
REWRITE: Final = "GARDEN_GOLDEN=write .cache/venv/bin/pytest tests/test_golden.py"

WORTH_PROCESSES: Final = 128
"""Pages from which on rendering takes several processes."""


def thread_page(alias: str, label: str, files: Mapping[str, bytes]) -> str:
    """Return the file of the conversation that begins with a labelled message of the demo."""
    letters = page_id(EventId(event_id(alias, label)))
    (found,) = [path for path in files if path.startswith(f"site/{alias}/") and f"-{letters}/" in path]
    return found


def whole_files(files: Mapping[str, bytes]) -> list[str]:
    """One file of each kind that a garden has."""
    thread = thread_page("seeds", "bean-winter", files)
    return [
        "site/index.html",
        thread,
        f"pages{thread.removeprefix('site').removesuffix('/index.html')}.md",
        "site/seeds/2024-11-02/index.html",
        "site/seeds/index.html",
        "site/notes/house-rules/index.html",
        "site/tag/beans/index.html",
        "site/neighbours/index.html",
        "site/404.html",
        "site/feed.atom",
        "site/robots.txt",
        "site/_headers",
    ]


def build(folder: Path, out: str = "public", *, jobs: int = 1) -> BuildResult:
    config = read_config(folder / "site.toml")
    return build_garden(folder, config, folder / out, now_ms=NOW_MS, jobs=jobs, report=lambda *_: None)


def read_folder(folder: Path, prefix: str) -> dict[str, bytes]:
    return {
        f"{prefix}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


def read_built(folder: Path, out: str = "public") -> dict[str, bytes]:
    """Every file of the site and every page, by path."""
    return read_folder(folder / out, "site") | read_folder(folder / "content_cache" / "pages", "pages")


def footprint(folder: Path) -> dict[str, tuple[int, int]]:
    """When each file was written, and which file on the disk it is."""
    return {
        str(path): (path.stat().st_mtime_ns, path.stat().st_ino)
        for part in ("public", "content_cache/pages")
        for path in sorted((folder / part).rglob("*"))
    }


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, planted and built; tests copy it before they change it."""
    folder = tmp_path_factory.mktemp("golden") / "demo"
    plant_demo(demo_folder(), folder)
    build(folder)
    return folder


@pytest.fixture
def own_demo(demo: Path, tmp_path: Path) -> Path:
    shutil.copytree(demo, tmp_path / "demo")
    return tmp_path / "demo"


def list_files(files: Mapping[str, bytes]) -> str:
    return "".join(f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files))


def write_golden(files: Mapping[str, bytes]) -> None:
    shutil.rmtree(WHOLE, ignore_errors=True)
    for path in whole_files(files):
        (WHOLE / path).parent.mkdir(parents=True, exist_ok=True)
        (WHOLE / path).write_bytes(files[path])
    LIST.write_text(list_files(files), "utf-8")


def diff(name: str, golden: str, built: str) -> str:
    lines = difflib.unified_diff(
        golden.splitlines(), built.splitlines(), f"golden {name}", f"built {name}", n=1
    )
    return "\n".join(lines)


def test_the_demo_is_built_as_it_was(demo: Path) -> None:
    built = read_built(demo)
    if os.environ.get("GARDEN_GOLDEN") == "write":
        write_golden(built)
    golden = LIST.read_text("utf-8")
    if list_files(built) == golden:
        return
    whole = [path.relative_to(WHOLE).as_posix() for path in sorted(WHOLE.rglob("*")) if path.is_file()]
    changes = [diff(path, (WHOLE / path).read_text("utf-8"), built.get(path, b"").decode()) for path in whole]
    told = "\n\n".join(filter(None, [diff("files.txt", golden, list_files(built)), *changes]))
    pytest.fail(
        f"The demo is built otherwise than it was:\n\n{told}\n\nIf that is meant: {REWRITE}", pytrace=False
    )


def test_the_whole_files_are_those_of_the_list() -> None:
    listed = {
        path: digest for digest, _, path in (line.partition("  ") for line in LIST.read_text().splitlines())
    }
    whole = {path.relative_to(WHOLE).as_posix(): path for path in WHOLE.rglob("*") if path.is_file()}
    assert {path: hashlib.sha256(file.read_bytes()).hexdigest() for path, file in whole.items()} == {
        path: listed[path] for path in whole
    }


def test_a_build_from_nothing_but_the_archive_makes_the_same_bytes(own_demo: Path) -> None:
    before = read_built(own_demo)
    shutil.rmtree(own_demo / "public")
    for path in (own_demo / "content_cache").iterdir():
        if path.is_dir() and path.name != "media":
            shutil.rmtree(path)
        elif path.is_file() and not path.name.startswith("events.sqlite3"):
            path.unlink()
    build(own_demo)
    assert read_built(own_demo) == before


def test_several_processes_make_the_same_bytes_as_one(own_demo: Path) -> None:
    before = read_built(own_demo)
    assert sum(path.endswith(".html") for path in before) > WORTH_PROCESSES
    build(own_demo, "four", jobs=4)
    assert read_built(own_demo, "four") == before


def test_a_garden_planted_elsewhere_has_the_same_bytes(demo: Path, tmp_path: Path) -> None:
    plant_demo(demo_folder(), tmp_path / "another" / "place")
    build(tmp_path / "another" / "place")
    assert read_built(tmp_path / "another" / "place") == read_built(demo)


def test_a_second_build_touches_no_file(own_demo: Path) -> None:
    build(own_demo)
    before = footprint(own_demo)
    change = build(own_demo).change
    assert (change.written, change.removed) == ((), ())
    assert footprint(own_demo) == before


def say(folder: Path, alias: str, root: str, words: str) -> None:
    """Add one message to a thread of the demo, after everything else."""
    with ArchiveStore.open_existing(folder) as store:
        latest = max(event.sent_at for event in store.events(room_id(alias)))
    relation = {"rel_type": "m.thread", "event_id": event_id(alias, root)}
    event = {
        "type": "m.room.message",
        "room_id": room_id(alias),
        "event_id": event_id(alias, words),
        "sender": "@ada:fen.example",
        "origin_server_ts": latest + 60_000,
        "content": {"msgtype": "m.text", "body": words, "m.relates_to": relation},
    }
    bring(folder, [event])


def changed(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> set[str]:
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


def of_a_message(alias: str, page: str) -> set[str]:
    """What one more message in a conversation changes, on the site and among the pages."""
    return {
        page,
        f"pages{page.removeprefix('site').removesuffix('/index.html')}.md",
        f"site/{alias}/index.html",
        f"site/{alias}/feed.atom",
        f"site/{alias}/feed.rss",
        "site/index.html",
        "site/feed.atom",
        "site/feed.rss",
        "site/sitemap.xml",
    }


_MOST_KIN = 2


def find_kin(page: str, made: Mapping[str, bytes], after: Mapping[str, bytes]) -> set[str]:
    """Find the few pages that say, or said, that they are about the same: new words may change that."""
    folder = page.split("/")[-2].encode()
    kin = {path for path in changed(made, after) if folder in made.get(path, b"") + after.get(path, b"")}
    return {path for path in kin if path.startswith("site/") and path.count("/") == page.count("/")}


def test_one_more_message_changes_its_page_and_the_lists_that_name_it(own_demo: Path) -> None:
    before, marks = read_built(own_demo), footprint(own_demo)
    say(own_demo, "seeds", "bean-winter", "April: all two kilos came up.")
    change = build(own_demo).change
    after = read_built(own_demo)
    page = thread_page("seeds", "bean-winter", before)
    kin = find_kin(page, before, after)
    assert len(kin - {page}) <= _MOST_KIN
    expected = of_a_message("seeds", page) | kin
    assert changed(before, after) == expected
    assert {f"site/{path}" for path in change.written} == {
        path for path in expected if path.startswith("site/")
    }
    untouched = {
        str(own_demo / path.replace("site/", "public/", 1).replace("pages/", "content_cache/pages/", 1))
        for path in before.keys() - expected
    }
    kept = footprint(own_demo)
    assert {path for path in untouched if kept[path] != marks[path]} == set()


def test_a_message_that_links_changes_the_page_it_links_to_as_well(own_demo: Path) -> None:
    before = read_built(own_demo)
    link = permalink("seeds", "label-jars")
    say(own_demo, "seeds", "bean-winter", f"April: see what stands on the labels, {link}")
    build(own_demo)
    linked = thread_page("seeds", "label-jars", before)
    page = thread_page("seeds", "bean-winter", before)
    after = read_built(own_demo)
    kin = find_kin(page, before, after)
    assert len(kin - {page, linked}) <= _MOST_KIN
    assert changed(before, after) == of_a_message("seeds", page) | {linked} | kin

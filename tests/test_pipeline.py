"""The whole way in one build: equal content makes equal bytes, and a change no more than it has to."""

from __future__ import annotations

import contextlib
import shutil
import time
from pathlib import Path
from typing import Final

import pytest

from garden.config import read_config
from garden.errors import OutputError
from garden.pipeline import build_garden
from tests.archive.material import Json, edit, event, message, redaction, reply
from tests.smallholding import NOW_MS, bean_talk, bring, build, page_of, plant, read_site
from tests.terminal import press_ctrl_c, run, running, wait_for_line, wait_until_gone

OTHER: Final = "!other:fen.example"
INDEXES: Final = {"index.html", "feed.atom", "feed.rss", "sitemap.xml"}


def two_rooms() -> list[Json]:
    """The bean room with a second conversation, and a room where somebody links to the first."""
    here = [
        *bean_talk(),
        message("peas", "And peas?", at=5),
        reply("peas-2", "peas", "Peas too."),
        reply("peas-3", "peas-2", "Good."),
    ]
    link = "https://matrix.to/#/!room:fen.example/$root"
    there = [
        event("o-name", "m.room.name", {"name": "Other room"}, state_key=""),
        message("o-1", f"Somebody asked this before: {link}"),
        reply("o-2", "o-1", "So they did."),
        reply("o-3", "o-2", "Well found."),
        message("o-day", "Fog.", at=9_000_000_000),
    ]
    return here + [{**each, "room_id": OTHER} for each in there]


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    plant(tmp_path, two_rooms())
    settings = (tmp_path / "site.toml").read_text().replace('fen.example"]\n', f'fen.example", "{OTHER}"]\n')
    (tmp_path / "site.toml").write_text(settings)
    (tmp_path / "notes" / "jars.md").write_text(
        "---\ntitle: Jars\n---\nSee [[How do we store bean seed over winter?]]\n"
    )
    build(tmp_path)
    return tmp_path


def page(folder: Path, words: str) -> str:
    return page_of(folder / "public", words) + "/index.html"


def test_a_second_build_writes_nothing(garden: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in garden.rglob("*")}
    result = build(garden)
    after = {path: path.stat().st_mtime_ns for path in garden.rglob("*")}
    assert (result.change.written, result.change.removed) == ((), ())
    assert {
        path for path in after if before.get(path) != after[path] and "events.sqlite3" not in path.name
    } <= {
        garden,  # the staging folder came and went
        garden / "content_cache",
        garden / "content_cache/.lock",  # says who holds it
    }


def test_one_new_message_writes_its_page_its_rooms_indexes_home_and_nothing_else(garden: Path) -> None:
    bring(garden, [reply("peas-4", "peas-3", "Peas want a dry jar as well.", at=3 * 86_400_000)])
    result = build(garden)
    room = page(garden, "Peas too.").split("/")[0]
    assert set(result.change.written) == {
        page(garden, "Peas want a dry jar as well."),
        *INDEXES,
        *(f"{room}/{name}" for name in INDEXES - {"sitemap.xml"}),
    }
    assert result.change.removed == ()


def test_a_new_title_writes_the_pages_that_quote_it_too(garden: Path) -> None:
    new = edit("new-title", "o-1", "A better title: https://matrix.to/#/!room:fen.example/$root")
    bring(garden, [{**new, "room_id": OTHER}])
    written = set(build(garden).change.written)
    linked = page(garden, "How do we store bean seed over winter?</h1>")
    assert linked in written
    assert page(garden, "Peas too.") not in written
    assert "notes/jars/index.html" not in written


def test_a_link_between_rooms_and_from_a_note_comes_back_with_its_sentence(garden: Path) -> None:
    linked = (garden / "public" / page(garden, "How do we store bean seed over winter?</h1>")).read_text()
    backlinks = linked[linked.index("Somebody asked this before") - 2000 :]
    assert "Somebody asked this before" in backlinks
    assert "notes/jars/" in linked


def test_after_a_redaction_the_words_are_nowhere_in_the_site_nor_in_anything_made_on_the_way(
    garden: Path,
) -> None:
    bring(garden, [redaction("gone", "cold", sender="@cleo:fen.example")])
    build(garden)
    for folder in ("public", "content_cache"):
        kept = [path for path, content in read_site(garden / folder).items() if b"cold and dark" in content]
        assert kept == []


def test_a_page_keeps_its_address_when_its_title_and_its_rooms_name_change(garden: Path) -> None:
    before = page(garden, "Dry it first")
    bring(
        garden,
        [
            event("renamed", "m.room.name", {"name": "Seed room"}, state_key="", at=99),
            event("alias", "m.room.canonical_alias", {"alias": "#seeds:fen.example"}, state_key="", at=99),
        ],
    )
    build(garden)
    assert page(garden, "Dry it first") == before
    assert "Seed room" in (garden / "public" / before).read_text()


def test_what_is_made_on_the_way_can_be_thrown_away(garden: Path) -> None:
    before = read_site(garden / "public")
    for derived in ("public", "content_cache/pages", "content_cache/search", "content_cache/addresses.json"):
        path = garden / derived
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    build(garden)
    assert read_site(garden / "public") == before


def test_clock_language_hash_seed_and_place_leave_no_trace(
    garden: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "another name"
    shutil.copytree(garden, elsewhere, ignore=shutil.ignore_patterns("public", "pages", "search"))
    strange = {"TZ": "Pacific/Auckland", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "7", "LANG": "de_DE.UTF-8"}
    assert run("build", "--quiet", folder=elsewhere, more=strange).code == 0
    assert read_site(elsewhere / "public") == read_site(garden / "public")
    assert read_site(elsewhere / "content_cache" / "pages") == read_site(garden / "content_cache" / "pages")


def test_a_room_taken_out_of_the_settings_leaves_the_site_and_returns_as_it_was(garden: Path) -> None:
    before, settings = read_site(garden / "public"), (garden / "site.toml").read_text()
    (garden / "site.toml").write_text(settings.replace(f', "{OTHER}"', ""))
    result = build(garden)
    assert any(path.startswith("other-room/") for path in result.change.removed)
    assert not [
        path for path, content in read_site(garden / "public").items() if b"Somebody asked" in content
    ]
    (garden / "site.toml").write_text(settings)
    build(garden)
    assert read_site(garden / "public") == before


def test_a_failing_build_leaves_the_last_good_site(garden: Path) -> None:
    before = read_site(garden / "public")
    bring(garden, [message("later", "Never published.", at=77)])
    config = read_config(garden / "site.toml")

    def fail(step: str, _done: int, _total: int) -> None:
        if step == "Writing pages":
            raise OutputError("it went wrong", hint="try again")

    with pytest.raises(OutputError):
        build_garden(garden, config, garden / "public", now_ms=NOW_MS, jobs=1, report=fail)
    assert read_site(garden / "public") == before
    assert not (garden / ".public.next").exists()
    build(garden)
    assert page(garden, "Never published.")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pipeline")
    run("demo", "fen", "--no-serve", "--jobs", "1", "--quiet", folder=folder)
    return folder / "fen"


def test_one_process_and_several_make_the_same_bytes(demo: Path) -> None:
    assert run("build", "--jobs", "3", "--out", "several", "--quiet", folder=demo).code == 0
    assert read_site(demo / "several") == read_site(demo / "public")


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("moment", ["Reading rooms", "Writing pages"])
def test_ctrl_c_during_a_build_says_one_sentence_and_the_next_build_goes_on(
    jobs: int, moment: str, demo: Path
) -> None:
    shutil.rmtree(demo / "content_cache" / "pages", ignore_errors=True)
    out = f"{jobs}-{moment[:7]}"
    with running("build", "--jobs", str(jobs), "--out", out, folder=demo) as process:
        wait_for_line(process.stderr, moment)
        said = press_ctrl_c(process)
    check_stopped(said.code, said.err)
    assert not (demo / out).exists()
    assert not (demo / f".{out}.next").exists()
    assert run("build", "--jobs", str(jobs), "--out", out, "--quiet", folder=demo).code == 0
    assert read_site(demo / out) == read_site(demo / "public")


@pytest.mark.parametrize("age", [0.0, 0.3])
def test_the_processes_that_render_end_without_a_word_of_theirs(age: float, demo: Path) -> None:
    for attempt in range(10):
        with running("build", "--jobs", "2", "--out", f"stopped-{age}-{attempt}", folder=demo) as process:
            wait_for_workers(process.pid)
            time.sleep(age / (attempt + 1))
            said = press_ctrl_c(process)
        wait_until_gone(process)
        # A build that had ended before the key was pressed says nothing about stopping.
        if said.code != 0:
            break
    check_stopped(said.code, said.err)


def wait_for_workers(parent: int) -> None:
    """Wait until the build has started a process that renders."""
    deadline = time.monotonic() + 30
    children = Path(f"/proc/{parent}/task/{parent}/children")
    while time.monotonic() < deadline:
        for child in children.read_text().split():
            with contextlib.suppress(FileNotFoundError):
                if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                    return
        time.sleep(0.01)
    raise AssertionError("no process that renders was started")


def check_stopped(code: int, told: str) -> None:
    assert code == 1
    assert "Traceback" not in told
    assert told.splitlines()[-1].startswith("Stopped. ")

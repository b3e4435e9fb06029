"""When the power fails, what was replaced stands there as before or as after, and never empty."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from garden.archive.clean_file import CleanFile
from garden.archive.credentials import TOKEN_FILE, Credentials, save_credentials
from garden.archive.database import Database
from garden.archive.event import MediaForm, MxcUri, UserId
from garden.archive.picture import clean_picture
from garden.archive.store import ArchiveStore
from garden.config import read_config
from garden.durable import find_draft, replace_file
from garden.pipeline import build_garden
from tests.archive.material import ROOM, message, picture
from tests.archive.recorded import photograph
from tests.faults.power import Ledger, watch_disk
from tests.smallholding import bean_talk, bring, plant

pytestmark = pytest.mark.xdist_group("faults")

NOW = 1_800_000_000_000
URI = MxcUri("mxc://fen.example/bean")


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Ledger:
    return watch_disk(monkeypatch)


def build(folder: Path) -> None:
    config = read_config(folder / "site.toml")
    build_garden(folder, config, folder / "public", jobs=1, now_ms=NOW, report=lambda *_: None)


def test_a_new_site_and_the_addresses_outlive_a_power_cut(ledger: Ledger, tmp_path: Path) -> None:
    folder = plant(tmp_path, bean_talk())
    for _ in range(2):
        build(folder)
        ledger.check_durable(folder / "public")
        ledger.check_durable(folder / "content_cache" / "addresses.json")
        place = max(number for number, step in enumerate(ledger.steps) if step.path == folder / "public")
        durable = {step.state[0] for step in ledger.steps[:place] if step.kind == "fsync"}
        files = [path for path in (folder / "public").rglob("*") if path.is_file()]
        written = [path for path in files if path.stat().st_ino not in durable]
        assert written == []
        (folder / "site.toml").write_text((folder / "site.toml").read_text().replace("Fen", "Moor"))
        bring(folder, [message("more", "A word on another day.", at=900_000_000)])


def test_a_file_is_durable_before_its_row_is_written(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[int] = []
    run = Database.run

    def note(self: Database, sql: str, *values: object) -> int:
        if "INTO media (" in sql:
            rows.append(len(ledger.steps))
        return run(self, sql, *values)

    monkeypatch.setattr(Database, "run", note)
    with ArchiveStore.open(tmp_path) as store:
        store.append(ROOM, [picture("p", URI)], end="newest")
        record = store.files.save(URI, clean_picture(photograph()))
        paths = [store.files.path(record), store.files.thumb_path(record)]
        other = store.files.save(URI, CleanFile(b"plain", "text/plain"), form=MediaForm.FILE)
        paths.append(store.files.path(other))
    for path in paths:
        ledger.check_durable(path)
    folders = [path.parent for path in (*paths, paths[0].parent, paths[0].parent.parent)]
    for place, folder in zip((rows[0], rows[0], rows[1], rows[0], rows[0]), folders, strict=True):
        assert folder in {step.path for step in ledger.steps[:place]}, folder


def test_a_token_outlives_a_power_cut_and_nobody_else_reads_it(ledger: Ledger, tmp_path: Path) -> None:
    save_credentials(tmp_path, Credentials("https://fen.example", UserId("@a:fen.example"), "syt_secret"))
    ledger.check_durable(tmp_path / TOKEN_FILE)
    assert (tmp_path / TOKEN_FILE).stat().st_mode & 0o777 == 0o600


def test_the_gardens_key_outlives_a_power_cut_and_nobody_else_reads_it(
    ledger: Ledger, tmp_path: Path
) -> None:
    with ArchiveStore.open(tmp_path) as store:
        store.digest("user", "@ada:fen.example")
    ledger.check_durable(tmp_path / "content_cache" / "key")
    assert (tmp_path / "content_cache" / "key").stat().st_mode & 0o777 == 0o600


def test_pages_that_a_power_cut_emptied_are_written_again(tmp_path: Path) -> None:
    folder = plant(tmp_path, bean_talk())
    build(folder)
    pages = {path: path.read_bytes() for path in (folder / "content_cache/pages").rglob("*.md")}
    for path in pages:
        path.write_bytes(b"")
    build(folder)
    assert {path: path.read_bytes() for path in pages} == pages


def test_no_name_in_the_cache_or_beside_the_site_is_given_but_as_is_known_here(
    ledger: Ledger, tmp_path: Path
) -> None:
    folder = plant(tmp_path, bean_talk())
    build(folder)
    cache = folder / "content_cache"
    # What can be made again is compared by each build, and need not wait for the disk.
    derived = (cache / "pages", cache / "search")
    for step in ledger.moves:
        if not any(step.path.is_relative_to(place) for place in derived):
            ledger.check_durable(step.path)


def test_a_draft_that_a_killed_run_left_is_neither_kept_nor_written_into(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"former")
    find_draft(path).write_bytes(b"half of a secret")
    find_draft(path).chmod(0o666)
    replace_file(path, b"whole", is_private=True)
    assert path.read_bytes() == b"whole"
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["file"]  # noqa: PTH208 - names


def test_a_file_that_cannot_be_replaced_stays_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    path.mkdir()
    (path / "inside").write_bytes(b"")
    with pytest.raises(OSError, match="directory"):
        replace_file(path, b"whole")
    assert os.listdir(tmp_path) == ["folder"]  # noqa: PTH208 - names

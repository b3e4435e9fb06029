"""Which changes on disk make `garden serve` build again; `tests/test_cli_serve.py` sees it do so."""

from __future__ import annotations

from pathlib import Path

import pytest

from garden.live import source_filter


@pytest.mark.parametrize(
    "name",
    [
        "site.toml",
        "notes/jars.md",
        "notes/deep/er.md",
        "themes/moor/theme.toml",
        "content_cache/events.sqlite3",
    ],
)
def test_what_a_build_reads_counts(name: str, tmp_path: Path) -> None:
    assert source_filter(tmp_path, tmp_path / "public")(None, str(tmp_path / name))


@pytest.mark.parametrize(
    "name",
    [
        "public/index.html",
        ".public.next/index.html",
        "content_cache/pages/room/page.md",
        "content_cache/search/index.toc",
        "content_cache/events.sqlite3-wal",
        "content_cache/.lock",
        ".garden-token",
        "notes/.jars.md.swp",
        "notes/jars.md~",
        "notes/jars.swp",
    ],
)
def test_what_it_writes_and_what_editors_leave_lying_does_not(name: str, tmp_path: Path) -> None:
    assert not source_filter(tmp_path, tmp_path / "public")(None, str(tmp_path / name))


def test_a_theme_outside_the_garden_counts_and_an_output_elsewhere_does_not(tmp_path: Path) -> None:
    is_source = source_filter(tmp_path / "fen", tmp_path / "site")
    assert is_source(None, str(tmp_path / "themes" / "commons" / "page.html"))
    assert not is_source(None, str(tmp_path / "site" / "index.html"))
    assert not is_source(None, str(tmp_path / ".site.next" / "index.html"))


def test_the_garden_may_be_named_by_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    is_source = source_filter(Path(), Path("public"))
    assert is_source(None, str(tmp_path / "notes" / "jars.md"))
    assert not is_source(None, str(tmp_path / "public" / "index.html"))

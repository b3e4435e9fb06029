"""Pages are rendered only where something changed, and by however many processes to the same bytes."""

from __future__ import annotations

import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from garden.errors import ThemeError
from garden.pages.address import Address
from garden.resources import find_theme
from garden.site import templates
from garden.site.indexes import present_not_found
from garden.site.render import Renderer
from garden.site.store import MANIFEST, SiteChange, open_site
from garden.site.templates import Theme, load_theme
from tests.site.growing import SEEDS, frame

PAGES = 300


@pytest.fixture
def theme(tmp_path: Path) -> Theme:
    """Seven small templates, since nothing here is about what they say."""
    folder = tmp_path / "theme"
    commons, *below = find_theme(tmp_path, "commons")
    shutil.copytree(commons, folder)
    for template in (folder / "templates").glob("*.html"):
        template.write_text(
            "<title>{{ view.frame.canonical }}</title>{{ view.frame.canonical | markdown }}", "utf-8"
        )
    return load_theme((folder, *below))


def build(out: Path, theme: Theme, jobs: int, pages: int = PAGES) -> SiteChange:
    with open_site(out) as site, Renderer(theme, site, jobs) as renderer:
        for number in range(pages):
            address = Address(f"p{number}/")
            renderer.add(f"{address}index.html", present_not_found(frame(address), [SEEDS]))
        renderer.flush()
        return site.finish()


def _tell_process(_number: int) -> int:
    time.sleep(0.2)  # so that each of two processes gets one of two calls
    return os.getpid()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_one_process_and_two_make_the_same_bytes(tmp_path: Path, theme: Theme) -> None:
    alone, together = tmp_path / "alone", tmp_path / "together"

    assert build(alone, theme, jobs=1) == build(together, theme, jobs=2)
    assert len(contents(alone)) == PAGES + 1
    assert contents(alone) == contents(together)


def test_what_is_up_to_date_is_not_rendered(
    tmp_path: Path, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same key even a template that is gone is not missed."""
    build(tmp_path / "out", theme, jobs=1, pages=3)
    templates._environment.cache_clear()  # noqa: SLF001 - else the compiled template would do
    (theme.layers[0] / "templates/not_found.html").unlink()

    assert build(tmp_path / "out", theme, jobs=1, pages=3) == SiteChange((), (), 3)
    monkeypatch.undo()
    with pytest.raises(ThemeError):
        build(tmp_path / "out", theme, jobs=1, pages=4)


def test_more_pages_than_wait_at_once_all_arrive(tmp_path: Path, theme: Theme) -> None:
    change = build(tmp_path / "out", theme, jobs=1, pages=1500)

    assert len(change.written) == 1500


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_mistake_in_a_template_is_told_whichever_process_meets_it(
    tmp_path: Path, theme: Theme, jobs: int
) -> None:
    build(tmp_path / "out", theme, jobs=1, pages=1)
    before = contents(tmp_path / "out")
    (theme.layers[0] / "templates/not_found.html").write_text("{{ view.nothing }}", encoding="utf-8")

    with pytest.raises(ThemeError, match=r"not_found\.html"):
        build(tmp_path / "out", load_theme(theme.layers), jobs)

    assert contents(tmp_path / "out") == before


def test_when_a_process_is_killed_its_pages_are_rendered_here(tmp_path: Path, theme: Theme) -> None:
    with open_site(tmp_path / "out") as site, Renderer(theme, site, 2) as renderer:
        pool = renderer._processes()  # noqa: SLF001 - whose processes nobody else knows
        both = set(pool.map(_tell_process, range(2)))
        os.kill(both.pop(), signal.SIGKILL)
        for number in range(PAGES):
            address = Address(f"p{number}/")
            renderer.add(f"{address}index.html", present_not_found(frame(address), [SEEDS]))
        renderer.flush()
        site.finish()

    assert len(contents(tmp_path / "out")) == PAGES + 1
    assert (tmp_path / "out" / MANIFEST).is_file()

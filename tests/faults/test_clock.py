"""A build at another time, with another clock, makes the same site and the same pages."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from garden.config import read_config
from garden.pipeline import build_garden
from tests.smallholding import DAY, bean_talk, plant, read_site

pytestmark = pytest.mark.xdist_group("faults")

NOW = 1_800_000_000_000


@pytest.mark.parametrize("later", [-365 * DAY, 365 * DAY])
def test_what_a_build_makes_does_not_depend_on_when_it_is_made(later: int, tmp_path: Path) -> None:
    made = []
    for name, now in (("now", NOW), ("then", NOW + later)):
        folder = plant(tmp_path / name, bean_talk())
        (folder / "notes" / "jars.md").write_text("Jars.")
        for path in folder.rglob("*"):
            os.utime(path, (now / 1000, now / 1000))
        config = read_config(folder / "site.toml")
        for moment in (now, now + DAY):
            out = folder / "public"
            result = build_garden(folder, config, out, jobs=1, now_ms=moment, report=lambda *_: None)
        assert not result.change.written
        made.append((read_site(out), read_site(folder / "content_cache" / "pages")))
    assert made[0] == made[1]

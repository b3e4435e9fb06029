"""A hit shows the place of a page that answers best."""

from __future__ import annotations

from pathlib import Path

from garden.site.search import search_index, update_index
from garden.site.search_excerpt import EXCERPT_LENGTH
from tests.site.search_pages import record


def test_a_hit_shows_the_best_place_and_marks_the_words(tmp_path: Path) -> None:
    text = f"Bean. {'Something else entirely. ' * 40}\nThe bean\tseed rests in a jar. {'More of it. ' * 40}"
    update_index(tmp_path, [record("long", text)])
    (hit,) = search_index(tmp_path, "bean seed")
    assert (hit.title, hit.room, hit.kind, hit.tended) == (
        "A page",
        "Seeds & Soil",
        "thread",
        1_741_000_000_123,
    )
    assert [hit.excerpt[start:end] for start, end in hit.marks] == ["bean", "seed"]
    assert "The bean seed rests in a jar." in hit.excerpt
    assert hit.excerpt.startswith("…")
    assert hit.excerpt.endswith("…")
    assert len(hit.excerpt) <= EXCERPT_LENGTH + 2

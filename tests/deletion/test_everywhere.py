"""Whatever the place and whatever the way: after the next sync and build a removed word stands nowhere.

And what nobody removed stands where it stood.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from garden.care.audit import audit_garden
from tests.deletion.dice import Dice
from tests.deletion.planting import BED, MEADOW, NAMED, NEVER, Planted, Scope
from tests.deletion.plot import Plot
from tests.deletion.story import plant_everywhere
from tests.deletion.ways import WAYS, Way

_HISTORY = "[pages]\nhistory = true\nshow_membership = true\n"


def lay(folder: Path, seed: str, *, history: bool = False) -> Plot:
    """Lay out a garden with a word in every place."""
    return Plot.lay(folder, plant_everywhere(Dice(seed), history=history), more=_HISTORY if history else "")


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Plot:
    """A garden in which every word stands where it was planted."""
    return grow(lay(tmp_path_factory.mktemp("grown"), "everywhere"))


@pytest.fixture(scope="module")
def telling(tmp_path_factory: pytest.TempPathFactory) -> Plot:
    """The same with all that a garden can be made to show: earlier wordings, and who came and went."""
    return grow(lay(tmp_path_factory.mktemp("telling"), "telling", history=True))


def grow(plot: Plot) -> Plot:
    plot.grow()
    plot.note_files()
    return plot


def check_planted(plot: Plot) -> None:
    """Check that each word stands where it was planted: a search that finds nothing proves nothing."""
    found = plot.find(plot.planting.planted)
    for each in plot.planting.planted:
        places = found.get(each.place, set())
        assert bool(places) is each.is_kept, (each, sorted(places))
        assert not each.is_shown or any(place.startswith("public/") for place in places), (each, places)


def check_gone(plot: Plot, words: Iterable[Planted]) -> None:
    """Check that words stand nowhere."""
    found = plot.find(words)
    assert not found, "\n".join(f"{place}: {', '.join(sorted(places))}" for place, places in found.items())


def check_way(plot: Plot, way: Way) -> None:
    """Go a way, and check that what it removes is gone and stays away, and that all else stays."""
    if way.prepare is not None:
        way.prepare(plot)
    planted = plot.planting.planted
    removed = [each for each in planted if way.takes in each.scope and not way.is_out_of_reach(each.place)]
    steady = [each for each in planted if each.is_kept and each.scope in {Scope.ROOM & ~way.takes, NEVER}]
    way.go(plot)
    check_gone(plot, removed)
    assert [each.place for each in steady if each.place not in plot.find(steady)] == []
    before = plot.snapshot()
    plot.grow(full=True)
    check_gone(plot, removed)
    after = plot.snapshot()
    assert {path for path in before | after if before.get(path) != after.get(path)} == set()


def test_every_word_stands_where_it_was_planted(grown: Plot, telling: Plot) -> None:
    check_planted(grown)
    check_planted(telling)


def test_words_stand_in_every_kind_of_file(grown: Plot) -> None:
    """A kind of file that holds no word at all would be searched for nothing."""
    places = {place for places in grown.find(grown.planting.planted).values() for place in places}
    kinds = {
        *("events.sqlite3", "events.sqlite3 events", "events.sqlite3 state", "events.sqlite3 malformed"),
        *("events.sqlite3 media", "events.sqlite3 media_uses", "addresses.json", "search term"),
        *("search stored", "search packed", ".garden.json", "sitemap.xml", "feed.atom", "feed.rss"),
        *("404.html", "index.html", ".md", ".png", ".webp", ".mp4", ".ogg", ".pdf"),
    }
    assert {kind for kind in kinds if not any(place.endswith(kind) for place in places)} == set()


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_what_is_removed_stands_nowhere_and_stays_away(grown: Plot, tmp_path: Path, way: Way) -> None:
    check_way(grown.copy_to(tmp_path), way)


@pytest.mark.parametrize("name", ["redacted without the edits", "garden forget USER", "closed"])
def test_earlier_wordings_and_comings_and_goings_are_removed_with_the_rest(
    telling: Plot, tmp_path: Path, name: str
) -> None:
    check_way(telling.copy_to(tmp_path), WAYS[name])


def test_of_who_is_on_the_list_from_the_beginning_nothing_is_ever_kept(tmp_path: Path) -> None:
    plot = lay(tmp_path, "beginning")
    plot.settle_on(BED, MEADOW, consent=f'opt_out = ["{plot.planting.wren}"]')
    plot.grow()
    check_gone(plot, [each for each in plot.planting.planted if Scope.PERSON in each.scope])
    assert len(plot.find(each for each in plot.planting.planted if each.scope == NEVER)) > 3


@pytest.mark.parametrize("name", ["garden forget USER", "garden forget ROOM"])
def test_an_audit_finds_what_stands_there_and_nothing_else(grown: Plot, tmp_path: Path, name: str) -> None:
    """`garden audit` reads the same bytes in ways of its own: the two have to agree."""
    plot, way = grown.copy_to(tmp_path), WAYS[name]
    words = {each.word: each for each in plot.planting.planted if way.takes in each.scope and each.is_kept}
    named = [*words, plot.planting.wren] if NAMED & way.takes else [*words]
    found = {
        place.text for place in audit_garden(tmp_path, tmp_path / "public", named).places if place.is_own
    }
    assert found == set(named)
    way.go(plot)
    assert audit_garden(tmp_path, tmp_path / "public", words).is_clean

"""The corpus in Chromium, with JavaScript on: nothing runs, asks, opens or leaves its message."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser

from garden.pages.page import Page
from tests.hostile.case import Case
from tests.hostile.grown import HostileGarden
from tests.hostile.scripts import MARKUP
from tests.hostile.story import RoomOfNames, RoomOfWords
from tests.hostile.trap import Trap, trapping

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("hostile")]

LANDMARKS: Final = [1, 1, 1, 1, 1, 0, 0, 0]
"""What stands once on every page (`main`, `footer`, `h1`, `body`, `title`), and what on none."""
DESKTOP: Final = 1200
PHONE: Final = 360


def origin_of(url: str) -> str:
    return "{0.scheme}://{0.netloc}".format(urlsplit(url))


def pages_of_words(garden: HostileGarden) -> list[Page]:
    """The pages on which texts stand in every place of a message."""
    rooms = {room.room_id for room in garden.rooms if isinstance(room, RoomOfWords)}
    return [page for page in garden.pages if page.room_id in rooms]


def pages_of_names(garden: HostileGarden, cases: Collection[Case]) -> list[Page]:
    """The pages that are named by some texts, in rooms that are named by them too."""
    rooms = {room.room_id for room in garden.rooms if isinstance(room, RoomOfNames) and room.case in cases}
    roots = {room.event_id("root") for room in garden.rooms if room.room_id in rooms}
    return [page for page in garden.pages if page.root_id in roots]


def check(page: Page, found: Mapping[str, Any]) -> list[str]:
    """Compare what a browser shows with what the page's file holds."""
    problems = [f"left its message: {each}" for each in found["escaped"]]
    if found["wide"]:
        problems.append(f"wider than the window: {found['wide']}")
    if found["landmarks"] != LANDMARKS:
        problems.append(f"landmarks: {found['landmarks']}")
    expected = {str(message.anchor) for message in page.messages}
    anchors = [anchor for anchor, _, _ in found["shown"]] + found["lines"]
    if sorted(anchors) != sorted(expected):
        problems.append(
            f"hidden: {sorted(expected - set(anchors))}, forged: {sorted(set(anchors) - expected)}"
        )
    authors = {str(message.anchor): message.author for message in page.messages}
    for anchor, is_in_place, author in found["shown"]:
        if not is_in_place:
            problems.append(f"{anchor} stands inside something else")
        if author and author.split() != authors.get(anchor, "").split():
            problems.append(f"{anchor} is shown as {author!r}'s")
    return problems


def test_the_trap_catches_what_it_is_for(chromium: Browser, served_hostile: str) -> None:
    with trapping(chromium, origin_of(served_hostile), bypass_csp=True) as trap:
        trap.visit(served_hostile)
        trap.page.set_content(
            "<main><script>1</script><b onmouseover='alert(1)'>x</b><img src=https://tracker.example/></main>"
        )
        trap.page.hover("b")
        trap.page.evaluate("() => { open('https://tracker.example/') }")
        trap.page.wait_for_timeout(200)
        caught = "\n".join(trap.caught)
    for words in ("ran a script", "said '1'", "asked https://tracker.example/", "opened "):
        assert words in caught


def problems_of(trap: Trap, url: str, pages: Iterable[Page]) -> list[str]:
    problems: list[str] = []
    for page in pages:
        found = trap.visit(url + quote(page.address))
        problems += [f"{page.address}: {each}" for each in [*trap.caught, *check(page, found)]]
    return problems


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_nothing_runs_asks_or_leaves_its_message(
    chromium: Browser, hostile: HostileGarden, served_hostile: str, width: int
) -> None:
    """On the wide screen the page's policy is switched off; on the narrow one it has nothing to refuse.

    What is laid out on both is the same, so that a third of the pages is enough for the second.
    """
    pages = pages_of_words(hostile)[:: 1 if width == DESKTOP else 3]
    with trapping(chromium, origin_of(served_hostile), bypass_csp=width == DESKTOP, width=width) as trap:
        assert problems_of(trap, served_hostile, pages) == []


def test_nothing_runs_where_a_text_is_the_name_of_everything(
    chromium: Browser, hostile: HostileGarden, served_hostile: str
) -> None:
    with trapping(chromium, origin_of(served_hostile), bypass_csp=True, width=PHONE) as trap:
        assert problems_of(trap, served_hostile, pages_of_names(hostile, MARKUP)) == []


@pytest.mark.parametrize("bypass_csp", [True, False])
def test_names_of_rooms_do_nothing_in_a_list_of_all(
    chromium: Browser, served_hostile: str, *, bypass_csp: bool
) -> None:
    with trapping(chromium, origin_of(served_hostile), bypass_csp=bypass_csp, width=PHONE) as trap:
        found = trap.visit(served_hostile)
    assert trap.caught == []
    assert found["landmarks"] == LANDMARKS
    assert found["wide"] == []

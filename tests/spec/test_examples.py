"""Each type that the Matrix specification names can be imported and becomes what the reference says."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from docs.spec_events import FATES, Becomes, Fate
from garden.archive.event import EventId, RoomId
from garden.archive.import_files import ImportResult
from garden.pages.address import message_anchor
from tests.archive.material import ROOM, Json, event, message, reply
from tests.smallholding import bring, build, lay_out, read_site, settings
from tests.spec.examples import ROOM_EVENTS, STRAYS

HIDDEN = "hiddenwords"
"""What stands in every example where nobody may read it."""

CLOSING = "m.room.encryption"
"""The example after which a room would be shown no more."""


@dataclass(frozen=True)
class Grown:
    """A garden of one room that all examples were sent to."""

    imported: ImportResult
    pages: dict[str, str]
    """Built pages by path, as HTML."""

    def find(self, name: str) -> str | None:
        """Return what the element says that carries an example's anchor; None where none does."""
        anchor = message_anchor(event_id(name))
        for page in self.pages.values():
            found = re.search(rf'<(article|li)\b[^>]* id="{anchor}".*?</\1>', page, re.DOTALL)
            if found is not None:
                return words_of(found[0])
        return None


def words_of(markup: str) -> str:
    """Return what a reader sees of HTML: words and what stands for pictures, in one line."""
    shown = re.sub(r'<(?:img|audio|video)\b[^>]*\b(?:alt|aria-label)="([^"]*)"[^>]*>', r" \1 ", markup)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", shown)).split())


def event_id(name: str) -> EventId:
    """An identifier that says which example it is of."""
    return EventId("$" + re.sub(r"[^a-z]+", "-", name.lower()))


def tell(name: str, *, at: int) -> Json:
    """One example as a homeserver tells it."""
    example = ROOM_EVENTS[name]
    told = event("", example.type, example.content, sender=example.sender, at=at, unsigned={"age": 1234})
    key = {} if example.state_key is None else {"state_key": example.state_key}
    return told | {"event_id": event_id(name)} | key


def timeline() -> list[Json]:
    """All examples as one room's events, with the few messages that they are about."""
    events = [
        event("hello", "m.room.message", {"msgtype": "m.text", "body": "Hello, all of you"}, at=1),
        message("regretted", f"I wish I had not said {HIDDEN}", at=2),
        reply("why", "regretted", "Why would you say that?", at=3),
    ]
    for number, name in enumerate(ROOM_EVENTS, 4):
        if name != CLOSING:
            events.append(tell(name, at=number * 1000))
            # Somebody speaks in between, so that quiet lines do not fold.
            events.append(message(f"between-{number}", "And then?", at=number * 1000 + 1))
    return events


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Grown:
    folder = lay_out(tmp_path_factory.mktemp("types"), settings(vouched=[ROOM]))
    imported = bring(folder, [*timeline(), *STRAYS.values()])
    build(folder)
    pages = {
        path: data.decode() for path, data in read_site(folder / "public").items() if path.endswith(".html")
    }
    return Grown(imported, pages)


def fates(*becomes: Becomes) -> list[Fate]:
    return [fate for fate in FATES if fate.becomes in becomes]


def named(fate: Fate) -> str:
    return fate.name


def test_every_type_has_its_example_and_its_row() -> None:
    assert sorted([*ROOM_EVENTS, *STRAYS]) == sorted(fate.name for fate in FATES)
    assert {fate.name for fate in fates(Becomes.REFUSED)} == set(STRAYS)


@pytest.mark.parametrize("fate", fates(Becomes.SHOWN, Becomes.QUIET, Becomes.FALLBACK), ids=named)
def test_it_reads(fate: Fate, grown: Grown) -> None:
    shown = grown.find(fate.name)
    assert shown is not None
    assert ROOM_EVENTS[fate.name].proof in shown
    if fate.becomes is Becomes.FALLBACK:
        example = ROOM_EVENTS[fate.name]
        assert str(example.content.get("msgtype") or example.type) in shown


@pytest.mark.parametrize("fate", fates(Becomes.QUIET), ids=named)
def test_a_change_of_the_room_is_one_line(fate: Fate, grown: Grown) -> None:
    shown = grown.find(fate.name)
    assert shown is not None
    assert len(shown) < 100


@pytest.mark.parametrize("fate", fates(Becomes.LEFT_OUT, Becomes.CHANGES), ids=named)
def test_it_is_no_message_of_its_own(fate: Fate, grown: Grown) -> None:
    assert grown.find(fate.name) is None


@pytest.mark.parametrize("fate", fates(Becomes.CHANGES), ids=named)
def test_it_changes_what_others_say(fate: Fate, grown: Grown) -> None:
    proof = ROOM_EVENTS[fate.name].proof
    assert any(proof in path or proof in words_of(page) for path, page in grown.pages.items())


@pytest.mark.parametrize("fate", fates(Becomes.REFUSED), ids=named)
def test_it_is_refused_with_a_reason(fate: Fate, tmp_path: Path) -> None:
    stray = STRAYS[fate.name]
    folder = lay_out(tmp_path, settings(vouched=[ROOM]))
    imported = bring(folder, [message("hello", "Hello"), stray, stray | {"room_id": ROOM}])
    assert [each.reason for each in imported.malformed] == [
        "a test, line 2: it says of no room that it belongs to it",
        "a test, line 3: event_id is missing or no text",
    ]


@pytest.mark.parametrize("fate", fates(Becomes.CLOSES), ids=named)
def test_it_closes_the_room(fate: Fate, tmp_path: Path) -> None:
    folder = lay_out(tmp_path, settings(vouched=[ROOM]))
    bring(folder, [message("hello", HIDDEN), tell(fate.name, at=1)])
    build(folder)
    assert not any(HIDDEN.encode() in data for data in read_site(folder / "public").values())


def test_whatever_is_refused_is_reported(grown: Grown) -> None:
    assert len(grown.imported.malformed) == len(STRAYS)
    assert [room.room_id for room in grown.imported.rooms] == [RoomId(ROOM)]


def test_nothing_that_is_not_to_be_read_is_on_any_page(grown: Grown) -> None:
    assert [path for path, page in grown.pages.items() if HIDDEN in page] == []

"""Files bring the same events as a homeserver, once, and what is no event is kept with its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from garden.archive.import_files import import_events, read_import
from garden.archive.store import ArchiveStore
from garden.errors import ImportFileError
from tests.archive.material import MO, ROOM, Json, event, message, redacted, redaction

NAME = event("name", "m.room.name", {"name": "Seeds"}, state_key="")
STORY = [NAME, message("a", "one", at=1), message("b", "two", at=2)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArchiveStore]:
    with ArchiveStore.open(tmp_path) as store:
        yield store


def lines(events: list[Json]) -> list[bytes]:
    return [json.dumps(event).encode() + b"\n" for event in events]


def export(events: list[Json], *, indent: int | None = 2) -> list[bytes]:
    """What Element's “Export chat” writes."""
    head = {
        "room_name": "Seeds",
        "room_creator": "Ada",
        "topic": "",
        "export_date": "2026",
        "exported_by": "Ada",
    }
    return json.dumps(head | {"messages": events}, indent=indent).encode().splitlines(keepends=True)


def ids(store: ArchiveStore) -> list[str]:
    return [event.event_id for event in store.events(ROOM)]


@pytest.mark.parametrize(
    "file",
    [
        lines(STORY),
        [b"\xef\xbb\xbf" + lines(STORY)[0], b"\n", *lines(STORY)[1:]],
        export(STORY),
        export(STORY, indent=None),
        json.dumps(STORY, indent=1).encode().splitlines(keepends=True),
    ],
)
def test_both_shapes_bring_the_same_events_and_bring_them_once(
    store: ArchiveStore, file: list[bytes]
) -> None:
    result = import_events(store, file, "chat.json")
    assert [(room.room_id, room.new_events, room.known_events) for room in result.rooms] == [(ROOM, 3, 0)]
    assert ids(store) == ["$name", "$a", "$b"]
    assert [event.type for event in store.state(ROOM)] == ["m.room.name"]
    record = store.room(ROOM)
    assert record is not None
    assert (record.origin, record.visibility) == ("import", None)
    again = import_events(store, file, "chat.json")
    assert [(room.new_events, room.known_events) for room in again.rooms] == [(0, 3)]


def test_a_bad_line_is_kept_with_its_place_and_reported_once(store: ArchiveStore) -> None:
    file = [*lines(STORY[:2]), b"{half\n", b'{"type": "m.room.message"}\n', b"\xff\xfe\n", *lines(STORY[2:])]
    result = import_events(store, file, "chat.jsonl")
    assert [bad.reason for bad in result.malformed] == [
        "chat.jsonl, line 3: it is no JSON",
        "chat.jsonl, line 4: it says of no room that it belongs to it",
        "chat.jsonl, line 5: it is no JSON",
    ]
    assert ids(store) == ["$name", "$a", "$b"]
    assert import_events(store, file, "chat.jsonl").malformed == ()


def test_a_bad_message_of_an_export_is_kept_with_its_place(store: ArchiveStore) -> None:
    result = import_events(store, export([*STORY, message("c", "x") | {"sender": 7}]), "export.json")
    assert [bad.reason for bad in result.malformed] == [
        "export.json, message 4: sender is missing or no text"
    ]


@pytest.mark.parametrize(
    "file", [[], [b"\n"], [b"hello\n"], [b"{}\n"], [b"[]"], [b'{"messages": []}'], [b"\x00" * 99]]
)
def test_a_file_without_an_event_is_an_error(store: ArchiveStore, file: list[bytes]) -> None:
    with pytest.raises(ImportFileError, match=r"chat\.json") as caught:
        import_events(store, file, "chat.json")
    assert "Export chat" in caught.value.hint


def test_an_export_with_pictures_is_a_zip_and_says_so(store: ArchiveStore) -> None:
    with pytest.raises(ImportFileError, match=r"chat\.zip.*ZIP") as caught:
        import_events(store, [b"PK\x03\x04rest"], "chat.zip")
    assert "export.json" in caught.value.hint


def test_json_lines_stream() -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield lines([message(f"e{taken}", "word")])[0]

    assert [item.place for _, item in zip(range(3), read_import(endless()), strict=False)] == [
        "line 1",
        "line 2",
        "line 3",
    ]
    assert taken < 6


def test_in_a_file_every_redaction_counts(store: ArchiveStore) -> None:
    import_events(store, lines([*STORY, redaction("r", "a", sender=MO)]), "chat.jsonl")
    assert [event.content.get("body") for event in store.events(ROOM)] == [None, None, "two", None]


def test_a_newer_export_takes_words_away_and_an_older_one_brings_none_back(store: ArchiveStore) -> None:
    import_events(store, export(STORY), "old.json")
    gone = redacted(STORY[1], redaction("r", "a", sender=MO))
    import_events(store, export([STORY[0], gone, STORY[2]]), "new.json")
    import_events(store, export(STORY), "old.json")
    assert [event.content.get("body") for event in store.events(ROOM)] == [None, None, "two"]


def test_what_only_the_file_has_stands_where_the_file_has_it(store: ArchiveStore) -> None:
    a, b, c, d, e, f = (message(name, name) for name in "abcdef")
    store.append(ROOM, [b, d, e], end="newest")
    import_events(store, lines([a, b, c, d, f]), "chat.jsonl")
    assert ids(store) == ["$a", "$b", "$c", "$d", "$f", "$e"]
    assert store.file_only_ids(ROOM) == {"$a", "$c", "$f"}
    record = store.room(ROOM)
    assert record is not None
    assert record.origin == "homeserver"


@given(
    kept=st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8),
    told=st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=12),
)
def test_no_event_is_lost_in_whatever_order_files_tell_them(
    tmp_path_factory: pytest.TempPathFactory, kept: list[str], told: list[str]
) -> None:
    with ArchiveStore.open(tmp_path_factory.mktemp("garden")) as store:
        store.append(ROOM, [message(name, name) for name in kept], end="newest")
        import_events(store, lines([message(name, name) for name in told]), "chat.jsonl")
        found = ids(store)
        assert sorted(found) == sorted({f"${name}" for name in kept + told})
        assert [event_id for event_id in found if event_id[1:] in kept] == [f"${name}" for name in kept]

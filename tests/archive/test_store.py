"""The store keeps the server's order whatever the batches, and an erased word is in no byte of any file."""

from __future__ import annotations

import itertools
import json
import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from garden.archive.event import EventId, MediaForm, MxcUri
from garden.archive.picture import Picture
from garden.archive.store import ArchiveStore, Cursor, RoomRecord
from garden.errors import ArchiveError
from tests.archive.material import (
    BEN,
    MO,
    ROOM,
    Json,
    bytes_of,
    edit,
    event,
    message,
    picture,
    redacted,
    redaction,
    reply,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArchiveStore]:
    with ArchiveStore.open(tmp_path) as store:
        yield store


def ids(store: ArchiveStore) -> list[str]:
    return [event.event_id for event in store.events(ROOM)]


def bodies(store: ArchiveStore) -> dict[str, object]:
    return {event.event_id: event.content.get("body") for event in store.events(ROOM)}


def test_history_comes_backwards_and_news_forwards_and_both_stream_out_in_order(store: ArchiveStore) -> None:
    a, b, c, d = (message(name, name) for name in "abcd")
    store.append(ROOM, [c, b], end="oldest", cursor=Cursor("s1", "t1"))
    store.append(ROOM, [a], end="oldest", cursor=Cursor("s1", None, history_done=True))
    store.append(ROOM, [c, d], end="newest", cursor=Cursor("s2", None, history_done=True))
    assert ids(store) == ["$a", "$b", "$c", "$d"]
    record = store.room(ROOM)
    assert record is not None
    assert (record.stream_token, record.history_token, record.history_done) == ("s2", None, True)


@given(cuts=st.lists(st.integers(0, 30), max_size=6))
@settings(max_examples=30, deadline=None)
def test_positions_do_not_depend_on_where_the_batches_were_cut(cuts: list[int]) -> None:
    history = [message(f"e{number}", "word") for number in range(30)]
    edges = [0, *sorted(cuts), 30]
    with tempfile.TemporaryDirectory() as folder:
        with ArchiveStore.open(Path(folder)) as store:
            for start, stop in itertools.pairwise(edges):
                store.append(ROOM, history[start:stop], end="oldest")
        with sqlite3.connect(Path(folder) / "content_cache/events.sqlite3") as connection:
            rows = connection.execute("SELECT event_id, position FROM events").fetchall()
        connection.close()
    assert dict(rows) == {f"$e{number}": -1 - number for number in range(30)}


def test_ten_times_the_history_takes_ten_times_as_long_and_not_a_hundred(store: ArchiveStore) -> None:
    """Every event answers the one before it, so that each could be looked at again for each."""
    history = [message("e0", "word"), *(reply(f"e{n}", f"e{n - 1}", "word") for n in range(1, 11_000))][::-1]

    def keep(start: int, stop: int) -> float:
        began = time.process_time()
        for first in range(start, stop, 500):
            store.append(ROOM, history[first : first + 500], end="oldest")
        return time.process_time() - began

    short = keep(0, 1000)
    assert keep(1000, 11_000) < 40 * short


def test_a_batch_that_comes_twice_changes_nothing(store: ArchiveStore) -> None:
    batch = [message("a", "one"), message("b", "two"), {"event_id": "$c", "type": 7}]
    first = store.append(ROOM, batch, end="newest")
    assert (first.new, len(first.malformed)) == (("$a", "$b"), 1)
    again = store.append(ROOM, batch, end="newest")
    assert (again.new, again.changed, again.malformed) == ((), (), ())
    assert [kept.event_id for kept in store.malformed(ROOM)] == ["$c"]


def test_what_unsigned_says_is_not_kept(store: ArchiveStore, tmp_path: Path) -> None:
    bundled = {"m.relations": {"m.thread": {"latest_event": {"content": {"body": "eavesdropped"}}}}}
    store.append(ROOM, [message("a", "one") | {"unsigned": bundled}], end="newest")
    assert b"eavesdropped" not in bytes_of(tmp_path)


def test_a_quotation_in_front_of_a_reply_is_never_archived(store: ArchiveStore, tmp_path: Path) -> None:
    quoting = reply("b", "a", "> <@ada:fen.example> hushed words\n> more\n\nyes")
    html = {"formatted_body": "<mx-reply><blockquote>hushed words</blockquote></mx-reply>yes"}
    store.append(ROOM, [quoting | {"content": {**_content(quoting), **html}}], end="newest")
    assert bodies(store) == {"$b": "yes"}
    assert b"hushed" not in bytes_of(tmp_path)


def test_lone_surrogates_survive(store: ArchiveStore) -> None:
    store.append(ROOM, [message("a", "half \ud83d emoji")], end="newest")
    assert bodies(store) == {"$a": "half \ud83d emoji"}


STORY = (
    message("a", "erasedword one"),
    edit("a1", "a", "erasedword two", at=1),
    edit("a2", "a1", "erasedword three", at=2),
    reply("b", "a", "> erasedword one\n\nI agree", at=3),
    edit("b1", "b", "> erasedword one\n\nI agree still", sender=BEN, at=4),
    redaction("r", "a", at=5),
    message("kept", "a word that stays", at=6),
)
"""A message with an edit, an edit of that, an answer that quotes it by hand, and its end."""


@given(
    order=st.permutations(STORY), ends=st.lists(st.sampled_from(["newest", "oldest"]), min_size=7, max_size=7)
)
@settings(max_examples=60, deadline=None)
def test_after_a_redaction_the_words_are_in_no_byte_whatever_came_first(
    order: Sequence[Json], ends: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder, ArchiveStore.open(Path(folder)) as store:
        for source, end in zip(order, ends, strict=True):
            store.append(ROOM, [source], end="newest" if end == "newest" else "oldest")
        assert bodies(store) == {
            "$a": None,
            "$a1": None,
            "$a2": None,
            "$b": "I agree",
            "$b1": ["* > erasedword one", "I agree still"][1],
            "$r": None,
            "$kept": "a word that stays",
        }
        store.vacuum_traces()
        assert b"erasedword" not in bytes_of(Path(folder))


def test_many_erasures_leave_no_byte_behind(tmp_path: Path) -> None:
    chance = random.Random(7)
    with ArchiveStore.open(tmp_path) as store:
        batch = [message(f"e{n}", f"word{n}x " * chance.randint(1, 400)) for n in range(600)]
        chance.shuffle(batch)
        for start in range(0, 600, 50):
            store.append(ROOM, batch[start : start + 50], end=chance.choice(["newest", "oldest"]))
        gone = chance.sample(range(600), 300)
        store.append(ROOM, [redaction(f"r{n}", f"e{n}") for n in gone], end="newest")
        store.vacuum_traces()
        kept = bytes_of(tmp_path)
        assert [n for n in gone if f"word{n}x".encode() in kept] == []
        assert [n for n in set(range(600)) - set(gone) if f"word{n}x".encode() not in kept] == []


def test_a_redaction_by_somebody_else_waits_for_the_server(store: ArchiveStore, tmp_path: Path) -> None:
    target = message("a", "erasedword")
    because = redaction("r", "a", sender=MO, reason="spam")
    store.append(ROOM, [target, because], end="newest")
    assert store.open_redactions(ROOM) == ("$a",)
    assert bodies(store)["$a"] == "erasedword"
    store.settle_redaction(ROOM, EventId("$a"), redacted(target, because))
    assert store.open_redactions(ROOM) == ()
    store.vacuum_traces()
    assert b"erasedword" not in bytes_of(tmp_path)


def test_a_redaction_that_the_server_did_not_accept_changes_nothing(store: ArchiveStore) -> None:
    target = message("a", "one")
    store.append(ROOM, [target, redaction("r", "a", sender=BEN)], end="newest")
    store.settle_redaction(ROOM, EventId("$a"), target)
    assert store.open_redactions(ROOM) == ()
    assert bodies(store)["$a"] == "one"


def test_what_the_server_hides_is_gone_and_so_are_its_edits(store: ArchiveStore) -> None:
    store.append(ROOM, [edit("a1", "a", "erasedword"), redaction("r", "a", sender=MO)], end="newest")
    assert store.open_redactions(ROOM) == ("$a",)
    store.settle_redaction(ROOM, EventId("$a"), None)
    assert store.open_redactions(ROOM) == ()
    assert bodies(store)["$a1"] is None


def test_in_files_every_redaction_counts(store: ArchiveStore) -> None:
    story = [redaction("r", "a", sender=MO), edit("a1", "a", "two"), message("a", "one")]
    store.append(ROOM, story, end="newest", origin="import")
    assert bodies(store) == {"$r": None, "$a1": None, "$a": None}


def test_a_file_cannot_bring_words_back_nor_put_others_in_their_place(store: ArchiveStore) -> None:
    store.append(
        ROOM, [redacted(message("a", "one"), redaction("r", "a")), message("b", "two")], end="newest"
    )
    store.append(ROOM, [message("a", "one"), message("b", "forged")], end="newest", origin="import")
    assert bodies(store) == {"$a": None, "$b": "two"}
    record = store.room(ROOM)
    assert record is not None
    assert record.origin == "homeserver"


def test_the_reason_of_a_redaction_goes_when_the_redaction_is_redacted(
    store: ArchiveStore, tmp_path: Path
) -> None:
    because = redaction("r", "a", reason="unkindword")
    store.append(ROOM, [redacted(message("a", "one"), because), because], end="newest")
    store.append(ROOM, [redaction("r2", "r", at=1)], end="newest")
    store.vacuum_traces()
    assert b"unkindword" not in bytes_of(tmp_path)


def test_a_redacted_state_event_loses_its_words_in_the_state_too(store: ArchiveStore, tmp_path: Path) -> None:
    topic = event("t", "m.room.topic", {"topic": "erasedword"}, state_key="")
    store.append(ROOM, [topic], end="newest")
    store.replace_state(ROOM, [topic])
    store.append(ROOM, [redaction("r", "t")], end="newest")
    store.vacuum_traces()
    assert [dict(event.content) for event in store.state(ROOM)] == [{}]
    assert b"erasedword" not in bytes_of(tmp_path)
    store.replace_state(ROOM, [topic])
    assert [dict(event.content) for event in store.state(ROOM)] == [{}]


def test_an_erased_room_has_no_words_and_can_be_read_again(store: ArchiveStore, tmp_path: Path) -> None:
    store.save_room(RoomRecord(ROOM, visibility="closed"))
    store.append(ROOM, [message("a", "erasedword"), picture("p", "mxc://fen.example/one")], end="newest")
    store.keep_malformed(ROOM, {"body": "erasedword"}, "no id")
    store.files.save(MxcUri("mxc://fen.example/one"), Picture(b"erasedword", "image/png", 1, 1))
    store.erase_room(ROOM)
    store.files.remove_unused()
    store.vacuum_traces()
    assert b"erasedword" not in bytes_of(tmp_path)
    assert store.room(ROOM) == RoomRecord(ROOM, visibility="closed")
    assert store.append(ROOM, [message("a", "back")], end="newest").new == ("$a",)


def test_a_picture_goes_with_the_last_event_that_shows_it(store: ArchiveStore) -> None:
    uri = MxcUri("mxc://fen.example/one")
    store.append(ROOM, [picture("p", uri), picture("q", uri)], end="newest")
    assert store.files.list_missing(ROOM) == [(uri, MediaForm.PICTURE, "$p")]
    record = store.files.save(uri, Picture(b"pixels", "image/png", 3, 2))
    assert store.files.list_missing(ROOM) == []
    assert store.files.find(uri) == record
    store.append(ROOM, [redaction("r1", "p")], end="newest")
    store.files.remove_unused()
    assert store.files.path(record).read_bytes() == b"pixels"
    store.append(ROOM, [redaction("r2", "q")], end="newest")
    store.files.remove_unused()
    assert not store.files.path(record).exists()
    assert store.files.find(uri) is None


def test_a_crawl_takes_over_the_servers_order_and_erases_what_it_lost(store: ArchiveStore) -> None:
    a, b, c, late = (message(name, name) for name in ("a", "b", "c", "late"))
    store.append(ROOM, [a, b, c, late], end="newest")
    store.append(ROOM, [message("filed", "from a file")], end="newest", origin="import")
    store.crawls.start(ROOM)
    store.crawls.append(ROOM, [c, late], token="t1")
    assert ids(store) == ["$a", "$b", "$c", "$late", "$filed"]
    store.crawls.append(ROOM, [message("a", "other words"), message("older", "older")], token=None)
    assert store.crawls.finish(ROOM, crawled_at=5) == ("$b",)
    assert bodies(store) == {
        "$older": "older",
        "$a": "other words",
        "$b": None,
        "$late": "late",
        "$filed": "from a file",
        "$c": "c",
    }
    assert ids(store) == ["$older", "$a", "$b", "$late", "$filed", "$c"]


def test_a_look_at_the_end_sees_what_is_unknown_and_what_stands_elsewhere(store: ArchiveStore) -> None:
    a, b, c = (message(name, name) for name in "abc")
    store.append(ROOM, [a, b, c], end="newest")
    no_event: Json = {"event_id": "$x", "content": "words"}
    assert store.crawls.knows(ROOM, [c, message("b", "other words"), no_event, a])
    assert not store.crawls.knows(ROOM, [c, message("d", "new"), b])
    assert not store.crawls.knows(ROOM, [b, c])


def test_the_end_of_a_room_takes_the_servers_order_and_keeps_its_own_words(store: ArchiveStore) -> None:
    a, b, c, late, late2 = (message(name, name) for name in ("a", "b", "c", "late", "late2"))
    store.append(ROOM, [a, b, c, late], end="newest")
    store.erase(ROOM, [EventId("$c")])
    end = [c, late2, late, b]
    assert store.crawls.append_end(ROOM, end, token="s2").new == ("$late2",)
    assert bodies(store) == {"$a": "a", "$b": "b", "$late": "late", "$late2": "late2", "$c": None}
    assert ids(store) == ["$a", "$b", "$late", "$late2", "$c"]
    record = store.room(ROOM)
    assert record is not None
    assert (record.stream_token, record.history_done) == ("s2", True)
    again = store.crawls.append_end(ROOM, end, token="s3")
    assert (again.new, again.changed) == ((), ())


def test_what_a_file_had_told_is_the_servers_once_the_end_of_a_room_holds_it(store: ArchiveStore) -> None:
    a, b = message("a", "one"), message("b", "two")
    store.append(ROOM, [a], end="newest")
    store.append_file(ROOM, [a, b])
    assert not store.crawls.knows(ROOM, [b, a])
    store.crawls.append_end(ROOM, [b, a], token=None)
    assert store.file_only_ids(ROOM) == set()
    assert store.crawls.knows(ROOM, [b, a])


def test_erased_state_loses_its_words_and_goes_on_ruling(store: ArchiveStore) -> None:
    states: dict[str, Json] = {
        "m.room.history_visibility": {"history_visibility": "shared"},
        "m.room.member": {"membership": "ban", "org.matrix.msc4293.redact_events": True},
        "m.room.tombstone": {"replacement_room": "!new:fen.example"},
        "m.room.encryption": {"algorithm": "m.megolm.v1.aes-sha2"},
        "m.room.topic": {},
    }
    words: Json = {"reason": "words", "body": "words", "topic": "words"}
    store.append(
        ROOM,
        [event(f"e{n}", each, {**states[each], **words}, state_key="") for n, each in enumerate(states)],
        end="newest",
    )
    store.erase(ROOM, [event.event_id for event in store.events(ROOM)])
    assert {event.type: dict(event.content) for event in store.events(ROOM)} == states


def test_a_crawl_leaves_what_the_server_still_says_of_the_room(store: ArchiveStore) -> None:
    name, old = (event(key, "m.room.name", {"name": key}, state_key="") for key in ("name", "old"))
    store.append(ROOM, [old, name, message("a", "one")], end="newest")
    store.replace_state(ROOM, [name])
    store.crawls.start(ROOM)
    store.crawls.append(ROOM, [message("a", "one")], token=None)
    store.crawls.finish(ROOM, crawled_at=5)
    assert [event.content.get("name") for event in store.state(ROOM)] == ["name"]
    assert ids(store) == ["$a"]


@pytest.mark.parametrize(
    ("sent", "last", "arrived"),
    [
        (50, None, 50),
        (50, 60, 60),
        (70, 60, 70),
        (900, 60, 100),
        (900, None, 100),
        (50, 900, 100),
    ],
)
def test_when_an_event_arrived_can_be_forged_neither_back_nor_ahead(
    store: ArchiveStore, sent: int, last: int | None, arrived: int
) -> None:
    """The last line is a clock that was ahead at the last sync."""
    store.save_room(RoomRecord(ROOM, synced_at=last))
    source = message("a", "one") | {"origin_server_ts": sent}
    store.append(ROOM, [source], end="newest", now_ms=100)
    store.append(ROOM, [source], end="newest", now_ms=10_000)
    assert [event.arrived_at for event in store.events(ROOM)] == [arrived]


def test_what_a_crawl_finds_arrived_since_the_last_sync(store: ArchiveStore) -> None:
    store.save_room(RoomRecord(ROOM, synced_at=60))
    store.crawls.start(ROOM)
    store.crawls.append(ROOM, [message("a", "one") | {"origin_server_ts": 5}], token=None, now_ms=100)
    assert [event.arrived_at for event in store.events(ROOM)] == [60]


def test_what_a_file_told_arrives_when_the_server_tells_it(store: ArchiveStore) -> None:
    source = message("a", "one") | {"origin_server_ts": 50}
    store.append_file(ROOM, [source])
    assert [event.arrived_at for event in store.events(ROOM)] == [None]
    store.append(ROOM, [source], end="newest", now_ms=100)
    assert [event.arrived_at for event in store.events(ROOM)] == [50]


def test_whatever_changes_the_archive_unsettles_it_and_nothing_else_does(store: ArchiveStore) -> None:
    topic = event("t", "m.room.topic", {"topic": "beans"}, state_key="")
    changes: list[Callable[[], object]] = [
        lambda: store.append(ROOM, [message("a", "one")], end="newest"),
        lambda: store.append(ROOM, [edit("a1", "a", "two")], end="newest"),
        lambda: store.append_file(ROOM, [message("b", "two")]),
        lambda: store.apply_state(ROOM, [topic]),
        lambda: store.replace_state(ROOM, []),
        lambda: store.erase_wordings(ROOM, [EventId("$a")]),
        lambda: store.erase(ROOM, [EventId("$b")]),
        lambda: store.erase_room(ROOM),
    ]
    for change in changes:
        store.note_settled("print")
        change()
        assert not store.is_settled("print")
    store.append(ROOM, [message("a", "one")], end="newest")
    store.note_settled("print")
    store.append(ROOM, [message("a", "one")], end="newest")
    store.apply_state(ROOM, [])
    store.remember("account", "@garden:fen.example")
    assert store.is_settled("print")


def test_small_texts_are_remembered(store: ArchiveStore) -> None:
    assert store.recall("account") is None
    store.remember("account", "@garden:fen.example")
    store.remember("account", "@other:fen.example")
    assert store.recall("account") == "@other:fen.example"


def test_what_is_erased_lasts_through_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is made to last after it was cut, and then its folder."""
    lasting: list[int] = []
    real = os.fsync

    def sync(place: int) -> None:
        lasting.append(os.fstat(place).st_ino)
        real(place)

    with ArchiveStore.open(tmp_path) as store:
        store.append(ROOM, [message("a", "erasedword")], end="newest")
        store.erase_room(ROOM)
        log = tmp_path / "content_cache/events.sqlite3-wal"
        assert b"erasedword" in log.read_bytes()
        monkeypatch.setattr(os, "fsync", sync)
        store.vacuum_traces()
        assert log.read_bytes() == b""
        assert lasting == [log.stat().st_ino, log.parent.stat().st_ino]


def test_selections_keep_the_spaces_order(store: ArchiveStore) -> None:
    rooms = [RoomRecord(ROOM).room_id, type(ROOM)("!b:x"), type(ROOM)("!a:x")]
    store.select("#space:x", rooms)
    store.select("#space:x", rooms[1:])
    assert store.selected("#space:x") == ("!b:x", "!a:x")
    assert store.selected("#other:x") == ()


def test_there_is_no_archive_before_the_first_sync(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError) as caught:
        ArchiveStore.open_existing(tmp_path)
    assert "garden sync" in caught.value.hint


def test_an_archive_of_a_newer_garden_is_refused(tmp_path: Path) -> None:
    ArchiveStore.open(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "content_cache/events.sqlite3")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(ArchiveError, match="newer garden"):
        ArchiveStore.open(tmp_path)


def test_a_damaged_archive_says_so(tmp_path: Path) -> None:
    (tmp_path / "content_cache").mkdir()
    (tmp_path / "content_cache/events.sqlite3").write_bytes(b"no database at all " * 100)
    with pytest.raises(ArchiveError) as caught:
        ArchiveStore.open(tmp_path)
    assert "garden doctor --repair" in caught.value.hint


def test_a_full_disk_says_so_and_loses_nothing(tmp_path: Path) -> None:
    with ArchiveStore.open(tmp_path) as store:
        store.append(ROOM, [message("a", "one")], end="newest")
        store._database.row("PRAGMA max_page_count = 30")  # noqa: SLF001 - a small disk for this connection
        with pytest.raises(ArchiveError) as caught:
            store.append(ROOM, [message("b", "two"), message("c", "x" * 150_000)], end="newest")
        assert "disk space" in caught.value.hint
        assert ids(store) == ["$a"]


def test_two_writers_at_once_say_so(tmp_path: Path) -> None:
    with ArchiveStore.open(tmp_path) as store:
        store._database.row("PRAGMA busy_timeout = 10")  # noqa: SLF001 - so that the test does not wait
        other = sqlite3.connect(tmp_path / "content_cache/events.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ArchiveError) as caught:
            store.append(ROOM, [message("a", "one")], end="newest")
        other.close()
        assert "other garden command" in caught.value.hint


def _content(source: Json) -> Json:
    content = json.loads(json.dumps(source["content"]))
    return dict(content)

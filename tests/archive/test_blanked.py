"""Words that an edit has replaced leave the archive and stay away, until the edit itself is taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from garden.archive.event import EventId, JsonObject, MediaForm, MxcUri
from garden.archive.store import ArchiveStore
from garden.archive.sync import SyncLimits, Wanted, sync_rooms
from tests.archive.fake_source import FakeRoom, FakeSource, KilledError
from tests.archive.material import BEN, MO, ROOM, Json, bytes_of, edit, event, message, redacted, redaction

A, A1, A2, B1 = (EventId(f"${name}") for name in ("a", "a1", "a2", "b1"))
URI = MxcUri("mxc://fen.example/bean")
ANSWER: Json = {"m.in_reply_to": {"event_id": "$root"}}
FIRST = event("a", "m.room.message", {"msgtype": "m.text", "body": "erasedword one", "m.relates_to": ANSWER})
SECOND = edit("a1", "a", "erasedword two", at=1)
THIRD = edit("a2", "a", "the last wording", at=2)
STORY = (FIRST, SECOND, THIRD)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArchiveStore]:
    with ArchiveStore.open(tmp_path) as store:
        yield store


def contents(store: ArchiveStore) -> dict[str, JsonObject]:
    return {each.event_id: each.content for each in store.events(ROOM)}


def words(store: ArchiveStore) -> dict[str, object]:
    return {event_id: content.get("body") for event_id, content in contents(store).items()}


def blank(store: ArchiveStore) -> None:
    store.append(ROOM, STORY, end="newest")
    store.erase_wordings(ROOM, [A, A1])


def test_replaced_words_are_in_no_byte_and_what_they_belong_to_stays(
    store: ArchiveStore, tmp_path: Path
) -> None:
    blank(store)
    store.vacuum_traces()
    assert b"erasedword" not in bytes_of(tmp_path)
    assert contents(store)["$a"] == {"msgtype": "m.text", "body": "", "m.relates_to": ANSWER}
    assert contents(store)["$a1"]["m.relates_to"] == {"rel_type": "m.replace", "event_id": "$a"}
    assert words(store)["$a2"] == "* the last wording"
    assert store.blanked(ROOM) == {A, A1}


def test_the_server_may_tell_them_again_and_they_stay_away(store: ArchiveStore) -> None:
    blank(store)
    assert store.append(ROOM, STORY, end="newest").changed == ()
    store.crawls.start(ROOM)
    assert store.crawls.append(ROOM, STORY[::-1], token=None).changed == ()
    assert store.crawls.finish(ROOM, crawled_at=7) == ()
    assert words(store)["$a"] == ""
    record = store.room(ROOM)
    assert record is not None
    assert record.crawled_at == 7


def test_blanking_twice_changes_nothing_and_what_is_unknown_or_gone_is_left_alone(
    store: ArchiveStore,
) -> None:
    blank(store)
    store.append(ROOM, [message("b", "one", sender=BEN), redaction("r", "b", sender=BEN)], end="newest")
    store.vacuum_traces()
    before = contents(store)
    store.erase_wordings(ROOM, [A, A1, EventId("$b"), EventId("$unknown")])
    assert contents(store) == before
    assert store.blanked(ROOM) == {A, A1}


def picture_with_caption() -> Json:
    content: Json = {
        "msgtype": "m.image",
        "body": "erasedword of a caption",
        "filename": "bean.png",
        "url": URI,
        "info": {"size": 3},
    }
    return event("a", "m.room.message", content)


@pytest.mark.parametrize("stays", [True, False])
def test_a_file_stays_where_the_last_wording_still_shows_it(
    store: ArchiveStore, tmp_path: Path, *, stays: bool
) -> None:
    store.append(ROOM, [picture_with_caption(), THIRD], end="newest")
    store.erase_wordings(ROOM, [A], keep_file={A} if stays else ())
    store.vacuum_traces()
    assert b"erasedword" not in bytes_of(tmp_path)
    file = {"filename": "bean.png", "url": URI, "info": {"size": 3}} if stays else {}
    assert contents(store)["$a"] == {"msgtype": "m.image", "body": "", **file}
    assert store.files.list_missing(ROOM) == ([(URI, MediaForm.PICTURE, "$a")] if stays else [])


def test_a_poll_loses_its_words_and_stays_a_poll(store: ArchiveStore, tmp_path: Path) -> None:
    poll: Json = {
        "m.poll": {
            "kind": "m.disclosed",
            "max_selections": 1,
            "question": {"m.text": [{"body": "erasedword?", "mimetype": "text/plain"}]},
            "answers": [{"m.id": "1", "m.text": [{"body": "erasedword"}]}],
        },
        "m.text": [{"body": "erasedword?"}],
    }
    store.append(ROOM, [event("a", "m.poll.start", poll)], end="newest")
    store.erase_wordings(ROOM, [A])
    store.vacuum_traces()
    assert b"erasedword" not in bytes_of(tmp_path)
    assert contents(store)["$a"] == {
        "body": "",
        "m.poll": {
            "kind": "m.disclosed",
            "max_selections": 1,
            "question": {"m.text": [{"body": "…", "mimetype": "text/plain"}]},
            "answers": [{"m.id": "1", "m.text": [{"body": "…"}]}],
        },
    }


def test_for_whom_a_bridge_spoke_stays(store: ArchiveStore) -> None:
    profile: Json = {"id": "x", "displayname": "Ada"}
    content: Json = {"msgtype": "m.text", "body": "one", "com.beeper.per_message_profile": profile}
    store.append(ROOM, [event("a", "m.room.message", content)], end="newest")
    store.erase_wordings(ROOM, [A])
    assert contents(store)["$a"]["com.beeper.per_message_profile"] == profile


@pytest.mark.parametrize("how", ["sender", "ruled", "hidden", "purged", "forgotten"])
def test_once_the_edit_is_taken_back_the_words_may_come_back(store: ArchiveStore, how: str) -> None:
    blank(store)
    store.crawls.start(ROOM)
    store.crawls.finish(ROOM, crawled_at=7)
    store.append(ROOM, STORY, end="newest")
    store.erase_wordings(ROOM, [A, A1])
    if how == "sender":
        store.append(ROOM, [redaction("r", "a2")], end="newest")
    elif how == "purged":
        store.crawls.start(ROOM)
        store.crawls.append(ROOM, [SECOND, FIRST], token=None)
        store.crawls.finish(ROOM, crawled_at=7)
    elif how == "forgotten":
        store.wishes.forget("event", A2, at=1)
        store.honour_wishes()
    else:
        because = redaction("r", "a2", sender=MO)
        store.append(ROOM, [because], end="newest")
        assert store.blanked(ROOM) == {A, A1}
        store.settle_redaction(ROOM, A2, redacted(THIRD, because) if how == "ruled" else None)
    assert store.blanked(ROOM) == set()
    record = store.room(ROOM)
    assert record is not None
    assert record.crawled_at == 0
    store.append(ROOM, [FIRST, SECOND], end="newest")
    assert words(store)["$a"] == "erasedword one"
    assert words(store)["$a1"] == "* erasedword two"


def test_an_edit_that_never_counted_brings_nothing_back(store: ArchiveStore) -> None:
    """Of another message, by somebody else, or refused by the gate: the last would go on for ever."""
    blank(store)
    store.append(ROOM, [edit("b1", "b", "other"), redaction("r", "b1")], end="newest")
    store.append(ROOM, [edit("m", "a", "not mine", sender=BEN)], end="newest")
    store.append(ROOM, [redaction("r2", "m", sender=BEN)], end="newest")
    store.append(ROOM, [edit("late", "a", "refused", at=9)], end="newest")
    store.erase(ROOM, [EventId("$late")])
    assert store.blanked(ROOM) == {A, A1}


def test_in_an_imported_room_a_file_brings_back_what_may_come_back_and_nothing_else(
    store: ArchiveStore,
) -> None:
    store.append_file(ROOM, STORY)
    store.erase_wordings(ROOM, [A, A1])
    store.append_file(ROOM, STORY)
    assert words(store)["$a"] == ""
    store.append_file(ROOM, [redaction("r", "a2")])
    store.append_file(ROOM, [FIRST, SECOND])
    assert (words(store)["$a"], words(store)["$a2"]) == ("erasedword one", None)
    store.append_file(ROOM, [message("a", "forged")])
    assert words(store)["$a"] == "erasedword one"
    record = store.room(ROOM)
    assert record is not None
    assert record.crawled_at is None


def sync(folder: Path, source: FakeSource, now: int) -> None:
    limits = SyncLimits(recrawl_ms=10**9, max_media_bytes=1000)
    with ArchiveStore.open(folder) as store:
        asyncio.run(sync_rooms(Wanted((ROOM,)), source, store, now_ms=now, limits=limits))


def withhold(folder: Path) -> None:
    with ArchiveStore.open(folder) as store:
        store.erase_wordings(ROOM, [A, A1])


def synced_words(folder: Path) -> dict[str, object]:
    with ArchiveStore.open(folder) as store:
        return words(store)


@pytest.mark.parametrize("by", ["sender", "moderator", "nobody"])
def test_the_sync_that_learns_that_an_edit_is_gone_brings_the_words_back(tmp_path: Path, by: str) -> None:
    many = [message(f"e{number}", "word") for number in range(20)]
    room = FakeRoom([*many, *STORY])
    source = FakeSource({ROOM: room})
    sync(tmp_path, source, 1)
    withhold(tmp_path)
    sync(tmp_path, source, 2)
    assert synced_words(tmp_path)["$a"] == ""
    because = redaction("r", "a2", sender=MO if by == "moderator" else str(THIRD["sender"]))
    if by == "nobody":
        # The server emptied it and says nothing: only a crawl tells, and that one brings the words back.
        room.timeline[-1] = {**THIRD, "content": {}}
        with ArchiveStore.open(tmp_path) as store:
            store.make_crawl_due(ROOM)
    else:
        room.timeline[-1] = redacted(THIRD, because)
        room.timeline.append(because)
    sync(tmp_path, source, 3)
    assert synced_words(tmp_path)["$a"] == "erasedword one"
    assert synced_words(tmp_path)["$a1"] == "* erasedword two"
    source.calls.clear()
    sync(tmp_path, source, 4)
    assert "read_history" not in source.calls


def test_where_a_crawl_has_passed_the_message_already_another_one_follows(tmp_path: Path) -> None:
    """The server has the edit before the message, so that the crawl is past the message when it learns."""
    room = FakeRoom(list(STORY), history=[THIRD, SECOND, FIRST])
    source = FakeSource({ROOM: room}, page=1)
    sync(tmp_path, source, 1)
    withhold(tmp_path)
    room.history = [{**THIRD, "content": {}}, SECOND, FIRST]
    with ArchiveStore.open(tmp_path) as store:
        store.make_crawl_due(ROOM)
    sync(tmp_path, source, 2)
    assert synced_words(tmp_path)["$a"] == "erasedword one"


def test_a_crawl_that_was_under_way_does_not_count_for_what_became_due_meanwhile(tmp_path: Path) -> None:
    source = FakeSource({ROOM: FakeRoom(list(STORY))}, page=1)
    sync(tmp_path, source, 1)
    withhold(tmp_path)
    with ArchiveStore.open(tmp_path) as store:
        store.crawls.start(ROOM)
        store.crawls.append(ROOM, [SECOND, FIRST], token="t1")
        store.append(ROOM, [redaction("r", "a2")], end="newest")
    sync(tmp_path, source, 2)
    assert synced_words(tmp_path)["$a"] == "erasedword one"


def test_killed_at_any_question_the_words_come_back_all_the_same(tmp_path: Path) -> None:
    because = redaction("r", "a2", sender=MO)
    for moment in range(40):
        folder = tmp_path / str(moment)
        room = FakeRoom([message("e", "word"), *STORY])
        source = FakeSource({ROOM: room})
        sync(folder, source, 1)
        withhold(folder)
        room.timeline[-1:] = [redacted(THIRD, because), because]
        source.calls.clear()
        source.dies_at = moment
        try:
            sync(folder, source, 2)
        except (KilledError, BaseExceptionGroup):
            source.dies_at = None
            sync(folder, source, 3)
        else:
            break
        assert synced_words(folder)["$a"] == "erasedword one", moment
    else:
        pytest.fail("the sync asked more than forty questions")

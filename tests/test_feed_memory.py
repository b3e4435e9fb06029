"""What a feed has carried is remembered until its readers have been told what became of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from garden.errors import ArchiveError
from garden.feed_memory import (
    FEEDS_FILE,
    MOST_CARRIED,
    MOST_TOMBSTONES,
    TOMBSTONE_MS,
    Carried,
    FeedPast,
    read_feed_memory,
    remember_feed,
    write_feed_memory,
)

NOW = 1_741_003_200_000
OLD = NOW - 1000
LATEST = 253_402_300_799_999


def carry(*names: str, updated: int = OLD, shape: str = "s") -> dict[str, Carried]:
    return {name: Carried(shape, updated) for name in names}


def test_a_first_build_remembers_what_it_carries_and_tells_of_no_deletion() -> None:
    past = remember_feed(FeedPast(), carry("a", "b"), {"a", "b", "c"}, NOW)

    assert past == FeedPast(carry("a", "b"), {})


def test_what_is_gone_is_told_with_the_time_when_that_was_noticed() -> None:
    past = remember_feed(FeedPast(carry("a", "b")), carry("b"), {"b"}, NOW)

    assert past == FeedPast(carry("b"), {"a": NOW})
    assert remember_feed(past, carry("b"), {"b"}, NOW + 5) == past


def test_what_was_only_pushed_out_is_not_gone_until_its_page_is() -> None:
    past = remember_feed(FeedPast(carry("a")), carry("b"), {"a", "b"}, NOW)

    assert (list(past.carried), past.deleted) == (["b", "a"], {})
    assert remember_feed(past, carry("b"), {"b"}, NOW).deleted == {"a": NOW}


def test_what_comes_back_was_not_deleted() -> None:
    past = FeedPast(carry("b"), {"a": OLD})

    assert remember_feed(past, carry("a", "b"), {"a", "b"}, NOW).deleted == {}
    assert remember_feed(past, carry("b"), {"a", "b"}, NOW).deleted == {}


def test_a_tombstone_stands_for_ninety_days() -> None:
    past = FeedPast({}, {"a": NOW})

    assert remember_feed(past, {}, set(), NOW + TOMBSTONE_MS - 1).deleted == {"a": NOW}
    assert remember_feed(past, {}, set(), NOW + TOMBSTONE_MS).deleted == {}


def test_no_more_is_remembered_than_there_is_room_for_the_newest_first() -> None:
    names = [str(number) for number in range(MOST_CARRIED + 9)]
    gone = {f"x{number}": NOW - number for number in range(MOST_TOMBSTONES + 9)}
    past = remember_feed(FeedPast({}, gone), carry(*names), set(names), NOW)

    assert list(past.carried) == names[:MOST_CARRIED]
    assert list(past.deleted) == [f"x{number}" for number in range(MOST_TOMBSTONES)]


def test_a_tombstone_is_never_older_than_the_entry_that_readers_hold() -> None:
    """RFC 6721, section 3: an entry that was updated later than that stays."""
    past = remember_feed(FeedPast(carry("a", updated=NOW + 99)), {}, set(), NOW)

    assert past.deleted == {"a": NOW + 99}


@pytest.mark.parametrize(
    ("before", "now", "updated"),
    [
        (("s", OLD), ("s", OLD), OLD),
        (("s", OLD), ("t", OLD), NOW),
        (("s", OLD), ("t", OLD - 5), NOW),
        (("s", OLD), ("t", OLD + 5), OLD + 5),
        (("s", OLD), ("s", OLD - 5), OLD),
        (("s", NOW + 9), ("t", NOW + 9), NOW + 10),
        (("s", LATEST), ("t", LATEST), LATEST),
    ],
)
def test_an_entry_out_of_which_something_went_is_dated_anew(
    before: tuple[str, int], now: tuple[str, int], updated: int
) -> None:
    past = remember_feed(FeedPast({"a": Carried(*before)}), {"a": Carried(*now)}, {"a"}, NOW)

    assert past.carried["a"] == Carried(now[0], updated)
    assert remember_feed(past, {"a": Carried(*now)}, {"a"}, NOW + 5) == past


# On disk


def test_the_memory_is_read_as_it_was_written_in_its_order(tmp_path: Path) -> None:
    memory = {"feed:b": FeedPast(carry("z", "a"), {"y": 2, "x": 1}), "feed:a": FeedPast()}
    write_feed_memory(tmp_path, memory)

    assert read_feed_memory(tmp_path) == memory
    assert list(read_feed_memory(tmp_path)["feed:b"].carried) == ["z", "a"]


def test_a_new_garden_has_no_memory(tmp_path: Path) -> None:
    assert read_feed_memory(tmp_path) == {}


def test_what_has_not_changed_is_not_written_and_no_draft_is_left(tmp_path: Path) -> None:
    write_feed_memory(tmp_path, {"feed:a": FeedPast(carry("a"))})
    before = (tmp_path / FEEDS_FILE).stat()
    (tmp_path / f".{FEEDS_FILE}.next").write_text("half a", encoding="utf-8")
    write_feed_memory(tmp_path, {"feed:a": FeedPast(carry("a"))})

    after = (tmp_path / FEEDS_FILE).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert [path.name for path in tmp_path.iterdir()] == [FEEDS_FILE]


@pytest.mark.parametrize(
    "content",
    [
        *(
            b"",
            b"{",
            b"[]",
            b"{}",
            b"\xff",
            b'{"feeds": []}',
            b'{"feeds": {"a": 1}}',
            b'{"feeds": {"a": {}}}',
        ),
        b'{"feeds": {"a": {"carried": {"x": 1}, "deleted": {}}}}',
        b'{"feeds": {"a": {"carried": {"x": ["s"]}, "deleted": {}}}}',
        b'{"feeds": {"a": {"carried": {}, "deleted": {"x": "soon"}}}}',
    ],
)
def test_a_damaged_memory_is_told_and_can_be_removed(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FEEDS_FILE).write_bytes(content)

    with pytest.raises(ArchiveError, match=r"feeds\.json cannot be read") as caught:
        read_feed_memory(tmp_path)
    assert "Remove it" in caught.value.hint


def test_a_memory_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"feeds\.json cannot be written"):
        write_feed_memory(tmp_path / "nowhere", {})

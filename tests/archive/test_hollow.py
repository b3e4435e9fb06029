"""Of who is gone and of what was forgotten no byte stays, whatever came first; who returns is read again."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from garden.archive import honour
from garden.archive.event import NOBODY, EventId, JsonObject, MediaForm, MxcUri, RoomId, UserId
from garden.archive.key import KEY_FILE
from garden.archive.picture import Picture
from garden.archive.store import ArchiveStore
from garden.archive.sync import SyncLimits, Wanted, sync_rooms
from garden.archive.vocabulary import OPT_OUT_REACTION
from garden.errors import ArchiveError
from tests.archive.fake_source import FakeRoom, FakeSource
from tests.archive.material import (
    BEN,
    MO,
    ROOM,
    Json,
    edit,
    event,
    message,
    picture,
    redacted,
    redaction,
    reply,
)

ADA = UserId("@wibqu-ada:zorlfen.example")
"""Nobody's name and nobody's server, so that every byte of it stands for itself."""
NAME, OLD_NAME = "Qindrella Vost", "Mumblewick"
PLANTED = ("wibqu-ada", "zorlfen", "Qindrella", "Mumblewick", "erasedword", "adapicture")
THREAD = {"rel_type": "m.thread", "event_id": "$a"}
OTHER = RoomId("!other:fen.example")


def member(name: str, user: str, displayname: str, *, sender: str = "", **more: object) -> Json:
    content: Json = {"membership": "join", "displayname": displayname, **more}
    return event(name, "m.room.member", content, sender=sender or user, state_key=user)


def pill(user: str, name: str) -> str:
    return f'<a href="https://matrix.to/#/{user.replace("@", "%40").replace(":", "%3A")}">{name}</a>'


def mention(name: str, words: str, formatted: str = "") -> Json:
    content: Json = {"msgtype": "m.text", "body": words, "m.mentions": {"user_ids": [ADA]}}
    if formatted:
        content |= {"format": "org.matrix.custom.html", "formatted_body": formatted}
    return event(name, "m.room.message", content, sender=BEN)


JOIN = member("join", ADA, OLD_NAME, avatar_url="mxc://zorlfen.example/adapicture")
RENAME = member("rename", ADA, NAME)
KICK = event(
    "kick", "m.room.member", {"membership": "leave", "reason": f"{NAME} erasedword"}, sender=MO, state_key=ADA
)
LEVELS = event("levels", "m.room.power_levels", {"users": {ADA: 50, MO: 100}}, sender=ADA, state_key="")
STORY: tuple[Json, ...] = (
    event(
        "open",
        "m.room.history_visibility",
        {"history_visibility": "world_readable"},
        sender=ADA,
        state_key="",
    ),
    JOIN,
    RENAME,
    LEVELS,
    KICK,
    event("call", "org.matrix.msc3401.call.member", {"x": ADA}, sender=ADA, state_key=f"_{ADA}_DEVICE"),
    message("said", "erasedword one", sender=ADA),
    edit("edited", "said", "erasedword two", sender=ADA),
    picture("shown", "mxc://zorlfen.example/adapicture", sender=ADA),
    reply("answer", "said", "> erasedword one\n\nI agree"),
    reply("thanked", "said", f"> <{ADA}> erasedword one\n\nthanks"),
    mention("old", f"{OLD_NAME}: look"),
    mention("new", f"hello {NAME}", f"hello {pill(ADA, NAME)}"),
    message("linked", f"see https://matrix.to/#/%40wibqu-ada%3Azorlfen.example and {ADA}.", sender=BEN),
    redaction("took", "plain", sender=ADA, reason="erasedword"),
    message("plain", "nobody is named", sender=BEN),
    redaction("ruled", "said", sender=MO, reason="spam"),
)
"""Everything that somebody can say, and others about them."""


def words(folder: Path) -> bytes:
    """Every byte of the archive but the key's."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != KEY_FILE)
    return b"\0".join(path.read_bytes() for path in files)


def found(folder: Path, planted: Sequence[str] = PLANTED) -> list[str]:
    kept = words(folder).lower()
    return [word for word in planted if word.lower().encode() in kept]


def bodies(store: ArchiveStore, room_id: RoomId = ROOM) -> dict[str, object]:
    return {each.event_id: each.content.get("body") for each in store.events(room_id)}


def sender(store: ArchiveStore, event_id: str) -> str:
    return next(each.sender for each in store.events(ROOM) if each.event_id == event_id)


def clean(store: ArchiveStore) -> None:
    store.honour_wishes()
    store.files.remove_unused()
    store.vacuum_traces()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArchiveStore]:
    with ArchiveStore.open(tmp_path) as store:
        yield store


@given(
    order=st.permutations(STORY),
    wish_at=st.integers(0, len(STORY)),
    ends=st.lists(st.sampled_from(["newest", "oldest"]), min_size=len(STORY), max_size=len(STORY)),
    origin=st.sampled_from(["homeserver", "import"]),
)
@settings(max_examples=40, deadline=None)
def test_of_who_is_gone_no_byte_stays_whatever_came_first(
    order: Sequence[Json], wish_at: int, ends: list[str], origin: str
) -> None:
    with tempfile.TemporaryDirectory() as folder, ArchiveStore.open(Path(folder)) as store:
        for number, (source, end) in enumerate(zip(order, ends, strict=True)):
            if number == wish_at:
                store.wishes.forget("user", ADA, at=1)
            store.append(
                ROOM,
                [source],
                end="newest" if end == "newest" else "oldest",
                origin="import" if origin == "import" else "homeserver",
            )
            store.apply_state(ROOM, [source] if "state_key" in source else [])
        if wish_at == len(order):
            store.wishes.forget("user", ADA, at=1)
        clean(store)
        assert found(Path(folder)) == []
        kept = bodies(store)
        assert kept.keys() == {source["event_id"] for source in STORY}
        assert (kept["$answer"], kept["$thanked"], kept["$said"]) == ("I agree", "thanks", None)
        assert {each.type for each in store.state(ROOM)} >= {
            "m.room.history_visibility",
            "m.room.power_levels",
        }
        assert [each.state_key for each in store.state(ROOM)] == ["", ""]


def test_before_the_wish_everything_stands_there(store: ArchiveStore, tmp_path: Path) -> None:
    """What the tests above look for can be found."""
    store.append(ROOM, STORY[:-1], end="newest")
    assert found(tmp_path) == list(PLANTED)


@pytest.mark.parametrize("first", [True, False])
def test_a_hollow_event_says_that_it_was_there_and_when(store: ArchiveStore, *, first: bool) -> None:
    if first:
        store.wishes.forget("user", ADA, at=1)
    store.append(ROOM, STORY[:-1], end="newest")
    if not first:
        store.wishes.forget("user", ADA, at=1)
        store.honour_wishes()
    kept = {each.event_id: each for each in store.events(ROOM)}
    assert [(each.sender, each.type, each.content, each.state_key) for each in (kept[EventId("$said")],)] == [
        (NOBODY, "m.room.message", {}, None)
    ]
    assert {
        (kept[EventId(name)].type, kept[EventId(name)].state_key) for name in ("$join", "$kick", "$call")
    } == {("m.dummy", None)}
    assert kept[EventId("$open")].content == {"history_visibility": "world_readable"}
    assert (kept[EventId("$open")].sender, kept[EventId("$open")].state_key) == (NOBODY, "")
    assert kept[EventId("$levels")].content == {"users": {MO: 100}}


def test_what_a_hollow_redaction_took_away_stays_away(store: ArchiveStore) -> None:
    store.wishes.forget("user", ADA, at=1)
    store.append(ROOM, [redaction("took", "plain", sender=ADA)], end="newest", origin="import")
    store.append(ROOM, [message("plain", "one", sender=BEN)], end="newest", origin="import")
    assert bodies(store) == {"$took": None, "$plain": None}


def test_what_others_said_keeps_its_words_and_loses_the_names(store: ArchiveStore) -> None:
    store.wishes.forget("user", ADA, at=1)
    store.append(ROOM, STORY, end="newest")
    kept = bodies(store)
    assert kept["$old"] == "…: look"
    assert kept["$new"] == "hello …"
    assert "wibqu" not in str(kept["$linked"])
    assert str(kept["$linked"]).startswith("see https://matrix.to/#/")
    assert kept["$plain"] == "nobody is named"


def test_a_name_that_turns_up_later_is_covered_where_it_stood(store: ArchiveStore, tmp_path: Path) -> None:
    store.wishes.forget("user", ADA, at=1)
    elsewhere = mention("there", f"{OLD_NAME}: look") | {"room_id": OTHER}
    store.append(OTHER, [elsewhere], end="newest")
    store.append(ROOM, [mention("old", f"{OLD_NAME}: look"), RENAME], end="oldest")
    assert bodies(store)["$old"] == f"{OLD_NAME}: look"
    store.append(ROOM, [JOIN], end="oldest")
    assert bodies(store)["$old"] == "…: look"
    assert bodies(store, OTHER)["$there"] == "…: look"
    store.vacuum_traces()
    assert found(tmp_path) == []


def test_names_of_one_room_are_covered_in_all_rooms(store: ArchiveStore, tmp_path: Path) -> None:
    store.append(OTHER, [mention("there", f"{OLD_NAME}: look") | {"room_id": OTHER}], end="newest")
    store.append(ROOM, [JOIN], end="newest")
    store.wishes.forget("user", ADA, at=1)
    clean(store)
    assert bodies(store, OTHER) == {"$there": "…: look"}
    assert found(tmp_path) == []


def test_the_server_may_tell_it_again_and_again(store: ArchiveStore) -> None:
    store.wishes.forget("user", ADA, at=1)
    store.append(ROOM, STORY, end="newest")
    again = store.append(ROOM, STORY, end="newest")
    assert (again.new, again.changed) == ((), ())
    store.crawls.start(ROOM)
    assert store.crawls.append(ROOM, STORY[::-1], token=None).changed == ()
    assert store.crawls.finish(ROOM, crawled_at=1) == ()


def test_pictures_go_with_who_showed_them(store: ArchiveStore) -> None:
    uri = MxcUri("mxc://zorlfen.example/adapicture")
    store.append(ROOM, STORY, end="newest")
    record = store.files.save(uri, Picture(b"erasedword", "image/png", 1, 1))
    store.files.save(uri, Picture(b"erasedword", "image/png", 1, 1), form=MediaForm.SMALL)
    store.wishes.forget("user", ADA, at=1)
    clean(store)
    assert not store.files.path(record).exists()
    assert store.files.find(uri) is None
    assert store.files.find(uri, MediaForm.SMALL) is None
    assert store.files.list_missing(ROOM) == []


@pytest.mark.parametrize("first", [True, False])
def test_what_is_no_event_goes_where_it_names_somebody_gone(
    store: ArchiveStore, tmp_path: Path, *, first: bool
) -> None:
    broken: list[JsonObject] = [
        {"event_id": "$x1", "type": 7, "sender": ADA, "content": {"body": "erasedword"}},
        {
            "event_id": "$x2",
            "type": 7,
            "content": {"x": "https://matrix.to/#/%40wibqu-ada%3Azorlfen.example?via=x"},
        },
        {"event_id": "$x3", "type": 7, "content": [f"ask {ADA}.Then wait"]},
        {"event_id": "$x4", "type": 7, "content": "stays"},
    ]
    if first:
        store.wishes.forget("user", ADA, at=1)
    store.append(ROOM, broken, end="newest")
    store.keep_malformed(RoomId(""), f"no JSON by {ADA}", "it is no JSON")
    if not first:
        store.wishes.forget("user", ADA, at=1)
    clean(store)
    assert [kept.event_id for kept in store.malformed(ROOM)] == ["$x4"]
    assert store.malformed(RoomId("")) == []
    assert found(tmp_path) == []


@pytest.mark.parametrize("first", [True, False])
def test_of_a_forgotten_event_no_word_stays_nor_of_what_tells_about_it(
    store: ArchiveStore, tmp_path: Path, *, first: bool
) -> None:
    story = [
        edit("e", "a", "erasedword again", sender=BEN),
        event(
            "react",
            "m.reaction",
            {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$a", "key": "erasedword"}},
        ),
        redaction("r", "a", sender=MO, reason="erasedword"),
        reply("b", "a", "> erasedword\n\nyes"),
        message("a", "erasedword", sender=BEN),
        event("t", "m.room.message", {"body": "in its thread", "m.relates_to": THREAD}),
        event("topic", "m.room.topic", {"topic": "erasedword"}, sender=BEN, state_key=""),
    ]
    if first:
        store.wishes.forget("event", "$a", at=1)
        store.wishes.forget("event", "$topic", at=1)
    for source in story:
        store.append(ROOM, [source], end="oldest")
        store.apply_state(ROOM, [source])
    if not first:
        store.wishes.forget("event", "$a", at=1)
        store.wishes.forget("event", "$topic", at=1)
    clean(store)
    assert found(tmp_path) == []
    assert bodies(store)["$b"] == "yes"
    assert bodies(store)["$t"] == "in its thread"
    assert (sender(store, "$a"), sender(store, "$e"), sender(store, "$b")) == (NOBODY, NOBODY, BEN)


def test_a_forgotten_visibility_still_says_what_could_be_read_when(store: ArchiveStore) -> None:
    shut = event(
        "shut", "m.room.history_visibility", {"history_visibility": "shared"}, sender=BEN, state_key=""
    )
    store.append(ROOM, [shut], end="newest")
    store.wishes.forget("event", "$shut", at=1)
    store.honour_wishes()
    (kept,) = store.events(ROOM)
    assert (kept.sender, kept.type, kept.state_key) == (NOBODY, "m.room.history_visibility", "")
    assert kept.content == {"history_visibility": "shared"}


def test_of_a_forgotten_room_nothing_stays_not_even_that_it_was_there(
    store: ArchiveStore, tmp_path: Path
) -> None:
    alias = "#erasedword:fen.example"
    topic = event("topic", "m.room.topic", {"topic": "erasedword"}, state_key="")
    store.select(alias, [ROOM])
    store.select(f"upgrade of {ROOM}", [OTHER])
    store.select("#space:fen.example", [OTHER, ROOM])
    store.append(
        ROOM, [topic, picture("p", "mxc://zorlfen.example/adapicture"), {"event_id": "$x"}], end="newest"
    )
    store.replace_state(ROOM, [topic])
    store.append(OTHER, [message("o", "stays") | {"room_id": OTHER}], end="newest")
    store.wishes.forget("room", ROOM, at=1)
    clean(store)
    assert found(tmp_path, [*PLANTED, ROOM]) == []
    assert store.room(ROOM) is None
    assert store.selected("#space:fen.example") == (OTHER,)
    assert bodies(store, OTHER) == {"$o": "stays"}
    store.select(alias, [ROOM])
    assert store.selected(alias) == ()
    with pytest.raises(ArchiveError) as caught:
        store.append(ROOM, [topic], end="newest")
    assert "garden forget --undo" in caught.value.hint
    assert store.wishes.recall("room", ROOM)
    assert store.append(ROOM, [topic], end="newest").new == ("$topic",)


def sync(folder: Path, source: FakeSource, now: int, rooms: tuple[RoomId, ...] = (ROOM,)) -> None:
    limits = SyncLimits(recrawl_ms=10**9, max_media_bytes=1000)
    with ArchiveStore.open(folder) as store:
        asyncio.run(sync_rooms(Wanted(rooms), source, store, now_ms=now, limits=limits))


def rows(folder: Path, room_id: RoomId = ROOM) -> list[str]:
    with ArchiveStore.open_existing(folder) as store:
        told = [*store.events(room_id), *store.state(room_id)]
    return [
        repr((each.event_id, each.sender, each.type, each.state_key, dict(each.content))) for each in told
    ]


@pytest.mark.parametrize("how", ["forget", "list", "member"])
def test_who_comes_back_is_read_again_by_the_next_sync(tmp_path: Path, how: str) -> None:
    room = FakeRoom(list(STORY[:-1]), state=[STORY[0], RENAME, LEVELS])
    quiet = message("quiet", "x") | {"room_id": OTHER}
    source = FakeSource({ROOM: room, OTHER: FakeRoom([quiet])})
    rooms = (ROOM, OTHER)
    sync(tmp_path, source, 1, rooms)
    before = rows(tmp_path)

    def wish(*, out: bool) -> None:
        with ArchiveStore.open(tmp_path) as store:
            if how == "list":
                store.wishes.set_listed([ADA] if out else [])
            elif how == "member":
                store.wishes.note(ADA, out=out, at=5 + (not out))
            elif out:
                store.wishes.forget("user", ADA, at=1)
            else:
                store.wishes.recall("user", ADA)
            clean(store)

    wish(out=True)
    sync(tmp_path, source, 2, rooms)
    assert found(tmp_path) == []
    wish(out=False)
    source.calls.clear()
    sync(tmp_path, source, 3, rooms)
    assert sorted(rows(tmp_path)) == sorted(before)
    crawled = source.calls.count("read_history")
    assert crawled == -(-len(room.timeline) // source.page)
    with ArchiveStore.open(tmp_path) as store:
        store.honour_wishes()
    source.calls.clear()
    sync(tmp_path, source, 4, rooms)
    assert "read_history" not in source.calls


def test_what_a_file_told_of_who_comes_back_is_read_from_the_file_again(store: ArchiveStore) -> None:
    story = STORY[:-3]
    store.append_file(ROOM, story)
    before = bodies(store)
    store.wishes.forget("user", ADA, at=1)
    store.honour_wishes()
    store.append_file(ROOM, story)
    assert bodies(store)["$said"] is None
    store.wishes.recall("user", ADA)
    store.honour_wishes()
    store.append_file(ROOM, story)
    kept = bodies(store)
    quoting = {"$answer", "$thanked"}
    assert {name: kept[name] for name in kept if name not in quoting} == {
        name: before[name] for name in before if name not in quoting
    }
    assert list(kept) == list(before)


def test_one_who_comes_back_brings_no_other_back(store: ArchiveStore, tmp_path: Path) -> None:
    both = message("both", f"{ADA} and {BEN}", sender=MO)
    store.append(ROOM, [both, message("b", "benword", sender=BEN)], end="newest")
    store.wishes.forget("user", ADA, at=1)
    store.wishes.forget("user", BEN, at=1)
    clean(store)
    store.wishes.recall("user", BEN)
    clean(store)
    store.append(ROOM, [both, message("b", "benword", sender=BEN)], end="newest")
    store.vacuum_traces()
    assert found(tmp_path) == []
    assert found(tmp_path, [BEN, "benword"]) == [BEN, "benword"]


def test_killed_in_the_middle_it_ends_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = [RoomId(f"!r{number}:fen.example") for number in range(4)]

    def grow(folder: Path) -> None:
        with ArchiveStore.open(folder) as store:
            for room_id in rooms:
                store.append(room_id, [source | {"room_id": room_id} for source in STORY[5:]], end="newest")
            store.append(rooms[3], [JOIN | {"room_id": rooms[3]}], end="newest")
            store.wishes.forget("user", ADA, at=1)

    def die_after(times: int) -> Callable[..., None]:
        real, left = honour._honour_room, [times]  # noqa: SLF001 - where a kill can come in between

        def step(*arguments: object) -> None:
            real(*arguments)  # type: ignore[arg-type]
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt

        return step

    wanted: list[list[str]] = []
    for moment in range(5):
        folder = tmp_path / str(moment)
        grow(folder)
        if moment:
            with monkeypatch.context() as context:
                context.setattr(honour, "_honour_room", die_after(moment))
                with ArchiveStore.open(folder) as store, pytest.raises(KeyboardInterrupt):
                    store.honour_wishes()
        with ArchiveStore.open(folder) as store:
            clean(store)
        assert found(folder) == []
        ended = [rows(folder, room_id) for room_id in rooms]
        wanted = wanted or ended
        assert ended == wanted


def test_traces_are_counted_before_and_none_after(store: ArchiveStore) -> None:
    store.append(ROOM, STORY, end="newest")
    assert store.count_traces("user", ADA) > 10
    assert store.count_traces("event", "$said") == 1
    assert store.count_traces("room", ROOM) > 10
    assert store.count_traces("user", "@nobody-here:fen.example") == 0
    store.wishes.forget("event", "$said", at=1)
    store.wishes.forget("user", ADA, at=1)
    store.honour_wishes()
    assert store.count_traces("user", ADA) == 0
    assert store.count_traces("event", "$said") == 0
    store.wishes.forget("room", ROOM, at=1)
    store.honour_wishes()
    assert store.count_traces("room", ROOM) == 0


def test_an_identifier_of_letters_that_json_escapes_is_found(store: ArchiveStore, tmp_path: Path) -> None:
    user = UserId("@wibqü-ädä:zorlfen.example")
    story = [message("a", "erasedword", sender=user), message("b", f"{user}: hello", sender=BEN)]
    store.append(ROOM, [*story, {"event_id": "$x", "content": f"by {user}"}], end="newest")
    assert store.count_traces("user", user) == 2 + 1
    store.wishes.forget("user", user, at=1)
    clean(store)
    kept = words(tmp_path)
    assert json.dumps(user)[1:-1].encode() not in kept
    assert user.encode() not in kept
    assert found(tmp_path) == []


def say(name: str, words: str, at: int) -> Json:
    return message(name, words, sender=ADA, at=at)


NO_ENTRY: Json = {
    "m.relates_to": {"rel_type": "m.annotation", "event_id": "$notice", "key": OPT_OUT_REACTION}
}


def test_who_is_gone_is_heard_when_they_opt_in_again(store: ArchiveStore) -> None:
    """Nobody could read it afterwards: what they say is hollow as soon as it is here."""
    at = 1_700_000_000_000
    store.wishes.note(ADA, out=True, at=at + 5)
    store.append(ROOM, [say("early", "!garden opt-in", 4)], end="newest")
    assert store.wishes.is_gone(ADA)
    store.append_file(ROOM, [say("forged", "!garden opt-in", 7)])
    assert store.wishes.is_gone(ADA)
    store.append(ROOM, [say("in", "!garden opt-in", 8)], end="newest")
    assert not store.wishes.is_gone(ADA)
    store.append(ROOM, [say("in", "!garden opt-in", 8)], end="newest")
    store.wishes.note(ADA, out=True, at=at + 9)
    store.append(ROOM, [say("in", "!garden opt-in", 8)], end="newest")
    assert store.wishes.is_gone(ADA)
    store.wishes.forget("user", ADA, at=at)
    store.append(ROOM, [say("in2", "!garden opt-in", 10)], end="newest")
    assert store.wishes.is_gone(ADA)


@pytest.mark.parametrize("told", ["redaction", "reaction"])
def test_who_removes_the_reaction_with_which_they_left_is_back(store: ArchiveStore, told: str) -> None:
    sign = event("sign", "m.reaction", NO_ENTRY, sender=ADA)
    store.wishes.note(ADA, out=True, at=1_700_000_000_000, sign=EventId("$sign"))
    store.append(ROOM, [sign, message("other", "x", sender=ADA)], end="newest")
    store.append(ROOM, [redaction("r0", "other", sender=ADA, at=1)], end="newest")
    assert store.wishes.is_gone(ADA)
    because = redaction("r", "sign", sender=ADA, at=2)
    store.append(ROOM, [because if told == "redaction" else redacted(sign, because)], end="newest")
    assert not store.wishes.is_gone(ADA)


def test_names_are_known_as_people_write_them(store: ArchiveStore) -> None:
    store.append(ROOM, [member("join", ADA, "🌱 Mumblewick (they/them)")], end="newest")
    store.wishes.forget("user", ADA, at=1)
    store.honour_wishes()
    store.append(ROOM, [mention("b", "thanks mumblewick!")], end="newest")
    assert bodies(store)["$b"] == "thanks …!"

"""A room that was upgraded reads as one room: its pages, addresses, links, feeds, search and pins."""

from __future__ import annotations

import json
from pathlib import Path

import feedparser
import pytest

from garden.archive.event import RoomId
from garden.archive.store import ArchiveStore
from garden.config import read_config
from garden.conversations.visibility import Refusal
from garden.pipeline import BuildResult
from garden.status import describe_garden
from tests.archive.material import Json, event, message, redaction, reply
from tests.archive.test_room_upgrade import A, B, C, create, tombstone
from tests.smallholding import DAY, NOW_MS, bring, build, lay_out, page_of, read_site, settings, site_text


def sent(room: RoomId, *events: Json) -> list[Json]:
    return [{**each, "room_id": room} for each in events]


def set_state(name: str, kind: str, /, **content: object) -> Json:
    return event(name, f"m.room.{kind}", dict(content), state_key="")


def old_hall(newer: RoomId | None = B) -> list[Json]:
    """A hall with a conversation, a day, a topic and an alias, which moved on."""
    return sent(
        A,
        create(A, None),
        set_state("a-name", "name", name="Village hall"),
        set_state("a-topic", "topic", topic="Keys and chairs"),
        set_state("a-alias", "canonical_alias", alias="#old-hall:fen.example"),
        message("key", "Who has the key of the village hall?"),
        reply("key-2", "key", "I have it."),
        reply("key-3", "key-2", "Then leave it under the pot."),
        message("fog", "Fog over the hall.", at=DAY),
        *([tombstone(A, newer)] if newer else []),
    )


def hall(older: RoomId | None = A, newer: RoomId | None = None) -> list[Json]:
    """The room where it goes on; an answer there belongs to the conversation that began in the old one."""
    return sent(
        B,
        create(B, older),
        set_state("b-name", "name", name="New hall"),
        reply("key-4", "key-3", "It is not there, says the new hall.", at=2 * DAY),
        message("chairs", "Where do the chairs go?", at=2 * DAY),
        reply("chairs-2", "chairs", "Behind the stage.", at=2 * DAY),
        reply("chairs-3", "chairs-2", "They do not fit.", at=2 * DAY),
        message("rain", "Rain on the new roof.", at=2 * DAY),
        *([tombstone(B, newer)] if newer else []),
    )


def plant(folder: Path, *events: Json, rooms: tuple[str, ...] = (A, B)) -> BuildResult:
    lay_out(folder, settings(vouched=rooms))
    bring(folder, events)
    return build(folder)


def folders(folder: Path) -> set[str]:
    """The rooms' folders in the built site."""
    return {path.parent.name for path in (folder / "public").glob("*/feed.atom")}


def index(folder: Path, room: str = "old-hall") -> str:
    return (folder / "public" / room / "index.html").read_text()


def test_both_rooms_stand_in_one_folder_under_the_newest_name(tmp_path: Path) -> None:
    result = plant(tmp_path, *old_hall(), *hall())
    assert [room.name for room in result.rooms] == ["New hall"]
    assert folders(tmp_path) == {"old-hall"}
    room = index(tmp_path)
    for words in ("New hall", "Keys and chairs", "Who has the key", "Where do the chairs go?"):
        assert words in room
    assert "Village hall" not in (tmp_path / "public/index.html").read_text()


def test_a_conversation_that_crosses_the_upgrade_is_one_page_that_knows_where_each_message_was_sent(
    tmp_path: Path,
) -> None:
    plant(tmp_path, *old_hall(), *hall())
    page = page_of(tmp_path / "public", "says the new hall.")
    written = (tmp_path / f"content_cache/pages/{page}.md").read_text()
    messages = [line for line in written.splitlines() if ".message" in line]
    assert [f'room="{A}"' in line for line in messages] == [True, True, True, False]
    assert f'room: "{B}"' in written


def test_links_to_any_of_the_rooms_lead_to_the_one(tmp_path: Path) -> None:
    links = [f"https://matrix.to/#/{target}" for target in (A, B, "%23old-hall:fen.example", f"{A}/$fog")]
    lines = [message(f"l{number}", f"See {link} there", at=9 * DAY) for number, link in enumerate(links)]
    plant(tmp_path, *old_hall(), *hall(), *sent(B, *lines))
    day = (tmp_path / "content_cache/pages/old-hall/2023-11-23.md").read_text()
    assert "matrix.to" not in day
    assert day.count("](<../old-hall.md>)") == 3


def test_pages_and_events_are_counted_for_the_one_room(tmp_path: Path) -> None:
    plant(tmp_path, *old_hall(), *hall())
    status = describe_garden(tmp_path, read_config(tmp_path / "site.toml"), now_ms=NOW_MS)
    (room,) = status.rooms
    assert (room.room_id, room.name, room.events) == (B, "New hall", 16)
    assert room.pages == len(list((tmp_path / "content_cache/pages").rglob("*.md")))
    assert (status.left_out, status.unknown) == ((), ())


@pytest.mark.parametrize("named", [(A,), (B,)])
def test_one_of_the_rooms_in_the_settings_brings_both(tmp_path: Path, named: tuple[str, ...]) -> None:
    opened = event(
        "open", "m.room.history_visibility", {"history_visibility": "world_readable"}, state_key=""
    )
    lay_out(tmp_path, settings(rooms=named))
    first = [old_hall()[0], *sent(A, opened), *old_hall()[1:]]
    bring(tmp_path, [*first, *sent(B, opened | {"event_id": "$open-b"}), *hall()])
    build(tmp_path)
    assert folders(tmp_path) == {"old-hall"}
    assert "Where do the chairs go?" in index(tmp_path)
    assert "Who has the key" in index(tmp_path)


def test_three_rooms_are_one_too(tmp_path: Path) -> None:
    last = sent(C, create(C, B), message("now", "Here we are now.", at=3 * DAY))
    result = plant(tmp_path, *hall(newer=C), *last, *old_hall(), rooms=(C, A, B))
    assert [room.name for room in result.rooms] == ["New hall"]
    assert folders(tmp_path) == {"old-hall"}
    text = site_text(tmp_path)
    for words in ("Who has the key", "Where do the chairs go?", "Here we are now."):
        assert words in text


@pytest.mark.parametrize(
    ("before", "after"), [(old_hall(None), hall()), (old_hall(), hall(None)), (old_hall(C), hall())]
)
def test_rooms_that_disagree_stay_two(tmp_path: Path, before: list[Json], after: list[Json]) -> None:
    result = plant(tmp_path, *before, *after)
    assert [room.name for room in result.rooms] == ["Village hall", "New hall"]
    assert folders(tmp_path) == {"old-hall", "new-hall"}
    assert "Where do the chairs go?" not in index(tmp_path)


def test_a_forged_predecessor_gets_no_words_into_a_room_nor_its_address(tmp_path: Path) -> None:
    plant(tmp_path, *old_hall(None), rooms=(A,))
    before = read_site(tmp_path / "public")
    bring(tmp_path, hall())
    build(tmp_path)
    assert read_site(tmp_path / "public") == before


def test_a_part_that_may_not_be_read_leaves_and_the_others_stay(tmp_path: Path) -> None:
    plant(tmp_path, *old_hall(), *hall())
    lay_out(tmp_path, settings(vouched=[B]))
    result = build(tmp_path)
    assert result.rooms[0].judgement.room is None
    assert result.rooms[0].judgement.count_refusals() == {Refusal.ROOM_UNKNOWN: 4}
    assert folders(tmp_path) == {"old-hall"}
    assert "Where do the chairs go?" in index(tmp_path)
    assert "leave it under the pot" not in site_text(tmp_path)


def test_a_part_that_was_closed_leaves_and_the_others_keep_name_and_addresses(tmp_path: Path) -> None:
    plant(tmp_path, *old_hall(), *hall())
    chairs = page_of(tmp_path / "public", "Behind the stage.")
    with ArchiveStore.open(tmp_path) as store:
        store.select(f"upgrade of {A}", (B,))
        store.select(f"predecessor of {B}", (A,))
        store.erase_room(A)
    build(tmp_path)
    assert folders(tmp_path) == {"old-hall"}
    assert page_of(tmp_path / "public", "Behind the stage.") == chairs
    assert "leave it under the pot" not in site_text(tmp_path)


def test_what_was_redacted_before_the_upgrade_is_nowhere(tmp_path: Path) -> None:
    plant(tmp_path, *old_hall(), *hall(), *sent(A, redaction("gone", "key-3", sender="@ben:fen.example")))
    for folder in ("public", "content_cache"):
        kept = [path for path, content in read_site(tmp_path / folder).items() if b"under the pot" in content]
        assert kept == []


# Addresses


def upgrade_later(folder: Path) -> None:
    """Build both rooms apart, as before the tombstone was known; then let it come."""
    plant(folder, *old_hall(None), *hall())
    assert folders(folder) == {"old-hall", "new-hall"}
    bring(folder, sent(A, tombstone(A, B)))
    build(folder)


def test_former_addresses_of_the_new_room_lead_on(tmp_path: Path) -> None:
    plant(tmp_path, *old_hall(None), *hall())
    public = tmp_path / "public"
    former = [path.parent.relative_to(public) for path in public.glob("new-hall/**/index.html")]
    assert len(former) == 3
    bring(tmp_path, sent(A, tombstone(A, B)))
    build(tmp_path)
    for path in former:
        moved = (public / path / "index.html").read_text()
        target = f"old-hall/{'/'.join(path.parts[1:])}/".replace("//", "/")
        assert f'<link rel="canonical" href="https://fen.example/garden/{target}">' in moved, path
        assert (public / target / "index.html").is_file()


def test_an_upgrade_that_comes_later_ends_as_if_it_had_always_been_known(tmp_path: Path) -> None:
    upgrade_later(tmp_path / "later")
    plant(tmp_path / "at-once", *old_hall(), *hall())
    later, at_once = (read_site(tmp_path / name / "public") for name in ("later", "at-once"))
    manifest = ".garden.json"
    assert {path: later[path] for path in at_once if path != manifest} | {
        manifest: at_once[manifest]
    } == at_once
    assert {path.split("/")[0] for path in set(later) - set(at_once)} == {"new-hall"}
    assert build(tmp_path / "later").change.written == ()
    assert read_site(tmp_path / "later/public") == later


def test_feeds_and_entries_keep_their_names_and_the_former_feed_its_readers(tmp_path: Path) -> None:
    plant(tmp_path, *old_hall(None), *hall())
    public = tmp_path / "public"

    def entries(path: str) -> dict[str, str]:
        return {entry.title: entry.id for entry in feedparser.parse((public / path).read_bytes()).entries}

    before = entries("old-hall/feed.atom") | entries("new-hall/feed.atom")
    bring(tmp_path, sent(A, tombstone(A, B)))
    build(tmp_path)
    assert entries("old-hall/feed.atom") == before
    assert entries("new-hall/feed.atom") == before
    assert len(before) == 2


def test_rooms_that_part_again_do_not_share_a_folder(tmp_path: Path) -> None:
    plant(tmp_path, *old_hall(), *hall())
    bring(tmp_path, sent(A, tombstone(A, C) | {"event_id": "$tombstone-2"}))
    build(tmp_path)
    assert folders(tmp_path) == {"old-hall", "new-hall"}
    assert "Who has the key" in index(tmp_path)
    assert "Where do the chairs go?" in index(tmp_path, "new-hall")


def test_the_folder_of_a_room_that_was_known_alone_stays_when_its_past_comes(tmp_path: Path) -> None:
    plant(tmp_path, *hall(), rooms=(B,))
    before = page_of(tmp_path / "public", "Behind the stage.")
    plant(tmp_path, *old_hall())
    assert folders(tmp_path) == {"new-hall"}
    assert page_of(tmp_path / "public", "Behind the stage.") == before


# Pins


def pin(room: RoomId, *names: object) -> list[Json]:
    return sent(room, set_state(f"pins-{room}", "pinned_events", pinned=list(names)))


def pinned(folder: Path) -> list[str]:
    section = index(folder).partition('<h2 id="pinned">')[2].partition("</section>")[0]
    return [part.partition("</a>")[0].rpartition(">")[2] for part in section.split("<li ")[1:]]


def test_pins_lead_the_rooms_page_and_lead_to_their_messages(tmp_path: Path) -> None:
    plant(tmp_path, *old_hall(), *hall(), *pin(B, "$fog", "$chairs"))
    assert pinned(tmp_path) == ["Where do the chairs go?", "Fog over the hall."]
    html = index(tmp_path)
    assert html.index('id="pinned"') < html.index('id="conversations"')
    target = html.partition('<section class="pins"')[2].partition('href="')[2].partition('"')[0]
    path, _, anchor = target.partition("#")
    assert f'id="{anchor}"' in (tmp_path / "public/old-hall" / path / "index.html").read_text()


def test_forged_unknown_removed_and_foreign_pins_are_left_out(tmp_path: Path) -> None:
    elsewhere = sent(C, message("foreign", "Words of another room."))
    pins = pin(B, "$nowhere", 7, "../x", None, "$foreign", "$key-3", "$a-name", "$key-2", '"><script>')
    gone = sent(A, redaction("gone", "key-3", sender="@ben:fen.example"))
    plant(tmp_path, *old_hall(), *hall(), *pins, *elsewhere, *gone, rooms=(A, B, C))
    assert pinned(tmp_path) == ["I have it."]


def test_pins_of_the_old_room_stay_until_the_new_one_has_its_own(tmp_path: Path) -> None:
    plant(tmp_path, *old_hall(), *hall(), *pin(A, "$key"))
    assert pinned(tmp_path) == ["Who has the key of the village hall?"]
    bring(tmp_path, pin(B))
    build(tmp_path)
    assert pinned(tmp_path) == []
    assert "Pinned" not in index(tmp_path)


def test_the_address_book_knows_every_part(tmp_path: Path) -> None:
    upgrade_later(tmp_path)
    book = json.loads((tmp_path / "content_cache/addresses.json").read_text())
    assert book["rooms"] == {A: "old-hall/", B: "old-hall/"}
    assert book["moved"] == {"new-hall/": B}

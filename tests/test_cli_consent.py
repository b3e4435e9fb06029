"""`garden consent` and `garden forget`: what they say, in words and as JSON, and where they cannot help."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from garden.archive.vocabulary import NOTICE, PREFERENCE
from tests.archive.material import ROOM, Json, bytes_of, event, message
from tests.smallholding import BASE_URL, bean_talk, bring, build, lay_out, page_of, plant, settings, site_text
from tests.terminal import Said, check_told, run

ALIASES = event(
    "alias",
    "m.room.canonical_alias",
    {"alias": "#beans:fen.example", "alt_aliases": ["#seeds:fen.example", 7]},
    state_key="",
)
CLEO = "@cleo:fen.example"
COLD = "keep the jar cold"


def planted(folder: Path, *more: Json, settings: str = "") -> Path:
    """Return the garden of a room with aliases, three messages of a conversation, and one to the garden."""
    return plant(folder, [*bean_talk(), ALIASES, message("hello", "!garden hello"), *more], more=settings)


def consent(folder: Path, *options: str) -> Said:
    said = run("consent", *options, folder=folder)
    assert (said.code, said.err) == (0, ""), said
    return said


def explain(folder: Path, asked: str) -> Json:
    value: Json = json.loads(consent(folder, "--explain", asked, "--json").out)
    return value


def forget(folder: Path, *arguments: str) -> list[str]:
    said = run("forget", *arguments, folder=folder)
    assert (said.code, said.err) == (0, ""), said
    return said.lines


# garden consent


def test_each_room_is_told_with_every_rule_and_what_it_kept_back(tmp_path: Path) -> None:
    assert consent(planted(tmp_path)).lines == [
        "Bean room: published",
        f"  Asked for in site.toml by {ROOM}",
        f"  {ROOM}: 4 events published",
        "    yes  the room is not encrypted",
        "    yes  the room is world_readable now (vouched for in site.toml)",
        "    yes  the room lets gardens in (m.room.robots)",
        "    yes  the room lets itself be published (dev.matrixgarden.room)",
        "    -    a notice in the room tells its members that it is published (not asked for)",
        "    1 event kept back: a command to the garden",
        "  Names: full; search engines: welcome",
    ]


def test_a_room_that_stays_out_is_told_with_its_reasons(tmp_path: Path) -> None:
    preference = {"publish": False, "index": False, "names": "hidden"}
    wishes = event("wishes", PREFERENCE, preference, state_key="")
    lines = consent(planted(tmp_path, wishes, settings="\n[consent]\nrequire_notice = true\n")).lines
    assert lines[0] == "Bean room: not published"
    objection = "the room asks not to be published (dev.matrixgarden.room)"
    missing = "no notice in the room tells its members that it is published"
    assert [line.strip() for line in lines if line.strip().startswith("NO")] == [
        f"NO   the room lets itself be published (dev.matrixgarden.room): {objection}",
        f"NO   a notice in the room tells its members that it is published: {missing}",
    ]
    assert f"    5 events kept back: {objection}" in lines
    assert lines[-1] == "  Names: hidden; search engines: kept out"


def test_who_opened_a_room_and_which_notice_counts_is_told(tmp_path: Path) -> None:
    create = event("create", "m.room.create", {"room_version": "10"}, state_key="")
    opened = event("o", "m.room.history_visibility", {"history_visibility": "world_readable"}, state_key="")
    lay_out(tmp_path, settings(rooms=[ROOM]))
    sign: Json = {NOTICE: {"base_url": BASE_URL}}
    notice = event("notice", "m.room.message", {"msgtype": "m.text", "body": "We are published."} | sign)
    bring(tmp_path, [create, message("before", "Among ourselves."), opened, notice, *bean_talk()])
    said = consent(tmp_path)
    assert "  Readable for everybody since 2023-11-14T22:13:20Z, by @ada:fen.example" in said.lines
    assert "    1 event kept back: sent while the room was not world_readable" in said.lines
    (room,) = json.loads(consent(tmp_path, "--json").out)["rooms"]
    assert (room["opened_by"], room["opened_at"]) == ("@ada:fen.example", "2023-11-14T22:13:20Z")
    assert (room["published"], room["notice"], room["asked"]) == (True, "$notice", [ROOM])
    forget(tmp_path, "@ada:fen.example")
    said = consent(tmp_path)
    assert "nobody:" not in said.out
    assert "  Readable for everybody since 2023-11-14T22:13:20Z, by somebody who has opted out" in said.lines
    assert json.loads(consent(tmp_path, "--json").out)["rooms"][0]["opened_by"] is None


def test_json_says_the_same_to_a_program(tmp_path: Path) -> None:
    told = json.loads(consent(planted(tmp_path), "--json").out)
    assert told["wishes"] == {"user": 0, "event": 0, "room": 0}
    (room,) = told["rooms"]
    (part,) = room.pop("parts")
    assert room == {
        "name": "Bean room",
        "asked": [ROOM],
        "published": True,
        "names": "full",
        "index": True,
        "opened_by": None,
        "opened_at": None,
        "notice": None,
    }
    assert (part["room_id"], part["published"], part["refused"]) == (ROOM, 4, {"event_command": 1})
    assert [rule["rule"] for rule in part["rules"]] == [
        *("room_plain", "room_open", "room_robots", "room_preference", "room_notice")
    ]
    assert part["rules"][1] == {"rule": "room_open", "holds": True, "detail": "vouched for in site.toml"}


def test_one_message_is_explained_with_every_rule(tmp_path: Path) -> None:
    planted(tmp_path)
    lines = consent(tmp_path, "--explain", "$hello").lines
    assert lines[0] == (
        "$hello, m.room.message, 2023-11-14T22:13:20Z: not published: a command to the garden"
    )
    assert [line.strip() for line in lines if line.strip().startswith("NO")] == [
        "NO   it speaks to readers, not to the garden: a command to the garden"
    ]
    published = consent(tmp_path, "--explain", "$root").lines
    assert published[0] == "$root, m.room.message, 2023-11-14T22:13:20Z: published"
    assert len(published) == len(lines) == 15
    asked = [line for line in published if line.startswith("  yes")]
    unasked = [line for line in published if line.startswith("  -  ") and line.endswith("(not asked for)")]
    assert len(asked) + len(unasked) == 14
    assert [line for line in asked if "homeserver" in line or "delay" in line or "planted" in line] == []


def test_a_message_is_explained_by_its_id_its_link_and_its_addresses(tmp_path: Path) -> None:
    planted(tmp_path)
    build(tmp_path)
    page = page_of(tmp_path / "public", COLD)
    anchor = site_text(tmp_path).partition(f'id="m-{page[-8:]}')[2][:2]
    for asked in (
        "$root",
        f"https://matrix.to/#/{ROOM}/$root?via=fen.example",
        f"{BASE_URL}{page}/",
        f"{BASE_URL}{page}/#m-{page[-8:]}{anchor}",
    ):
        assert explain(tmp_path, asked)["event_id"] == "$root", asked
    assert explain(tmp_path, "$root") == explain(tmp_path, "$root") | {
        "room_id": ROOM,
        "type": "m.room.message",
        "sent_at": "2023-11-14T22:13:20Z",
        "published": True,
        "refusal": None,
        "removed": False,
        "holds_place": False,
        "edit_of": None,
    }


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("nonsense", "names nobody and nothing"),
        ("$unknown", "is no message of a room of this garden"),
        ("@ada:fen.example", "is no message of a room of this garden"),
        (ROOM, "is no message of a room of this garden"),
        ("#nowhere:fen.example", "No archived room is called #nowhere:fen.example"),
        (BASE_URL, "No archived message stands at"),
        (f"{BASE_URL}beans/2023-11-16/", "No archived message stands at"),
        (f"{BASE_URL}beans/#m-aaaaaaaaaa", "No archived message stands at"),
        ("https://elsewhere.example/beans/", "names nobody and nothing"),
    ],
)
def test_what_is_no_message_of_the_garden_cannot_be_explained(tmp_path: Path, asked: str, words: str) -> None:
    check_told(run("consent", "--explain", asked, folder=planted(tmp_path)), 2, words)


@pytest.mark.parametrize("command", [("consent",), ("consent", "--explain", "$root"), ("forget", "$root")])
def test_where_nothing_is_archived_nothing_can_be_told(tmp_path: Path, command: tuple[str, ...]) -> None:
    lay_out(tmp_path, settings())
    check_told(run(*command, folder=tmp_path), 1, "nothing has been archived yet", "garden sync")


# garden forget


def test_a_person_is_forgotten_without_being_named(tmp_path: Path) -> None:
    planted(tmp_path)
    assert forget(tmp_path, CLEO) == [
        "This person is forgotten: 1 row of the archive emptied, a keyed digest kept.",
        "Run garden build: the site follows then.",
    ]
    build(tmp_path)
    assert COLD not in site_text(tmp_path)
    held = bytes_of(tmp_path / "content_cache")
    assert [words for words in (CLEO, "cleo", COLD) if words.encode() in held] == []
    lines = consent(tmp_path).lines
    assert "    1 event kept back: its sender has opted out" in lines
    assert lines[-1] == "Left out by wish: 1 user, 0 events, 0 rooms"
    assert forget(tmp_path, f"https://matrix.to/#/{CLEO}", "--undo")[0] == (
        "This person is not forgotten any more. Run garden sync to fetch what the homeserver still tells."
    )
    bring(tmp_path, bean_talk())
    build(tmp_path)
    assert COLD in site_text(tmp_path)


def test_a_message_is_forgotten_by_its_address_and_an_import_does_not_bring_it_back(tmp_path: Path) -> None:
    planted(tmp_path)
    build(tmp_path)
    page = page_of(tmp_path / "public", COLD)
    assert forget(tmp_path, f"{BASE_URL}{page}/")[0] == (
        "This message is forgotten: 1 row of the archive emptied, a keyed digest kept."
    )
    bring(tmp_path, bean_talk())
    build(tmp_path)
    assert COLD in site_text(tmp_path)
    for place in ("content_cache", "public"):
        assert b"bean seed over winter" not in bytes_of(tmp_path / place), place
    assert explain(tmp_path, "$root")["refusal"] == "event_opted_out"


def test_a_room_is_forgotten_by_any_of_its_names(tmp_path: Path) -> None:
    planted(tmp_path)
    assert forget(tmp_path, "#seeds:fen.example")[0] == (
        "This room is forgotten: 10 rows of the archive emptied, a keyed digest kept."
    )
    assert consent(tmp_path).lines == [
        "No room is archived yet; run garden sync.",
        "Left out by wish: 0 users, 0 events, 1 room",
    ]
    held = bytes_of(tmp_path / "content_cache")
    assert [words for words in (ROOM, "Bean room", COLD) if words.encode() in held] == []
    assert forget(tmp_path, ROOM, "--undo")[0].startswith("This room is not forgotten any more.")
    bring(tmp_path, bean_talk())
    assert consent(tmp_path).lines[0] == "Bean room: published"


def test_what_was_never_there_is_kept_out_from_now_on(tmp_path: Path) -> None:
    planted(tmp_path)
    assert forget(tmp_path, "@dan:fen.example", "--quiet") == []
    assert forget(tmp_path, "$later")[0] == (
        "This message was not in the archive; a keyed digest keeps it out from now on."
    )
    bring(
        tmp_path,
        [message("later", "Said later."), message("dans", "Said by Dan.", sender="@dan:fen.example")],
    )
    assert b"Said " not in bytes_of(tmp_path / "content_cache")


@pytest.mark.parametrize("asked", [CLEO, "$root", ROOM, "#beans:fen.example"])
def test_what_was_not_forgotten_cannot_be_remembered(tmp_path: Path, asked: str) -> None:
    said = run("forget", asked, "--undo", folder=planted(tmp_path))
    check_told(said, 2, f"{asked} was not forgotten", "ids are exact")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("Cleo", "names nobody and nothing"),
        ("#nowhere:fen.example", "No archived room is called"),
        (f"{BASE_URL}privacy/", "No archived message stands at"),
    ],
)
def test_what_means_nothing_cannot_be_forgotten(tmp_path: Path, asked: str, words: str) -> None:
    check_told(run("forget", asked, folder=planted(tmp_path)), 2, words)
    assert json.loads(consent(tmp_path, "--json").out)["wishes"] == {"user": 0, "event": 0, "room": 0}

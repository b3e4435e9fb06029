"""`garden status`: sentences for people, JSON for programs, and an exit code for CI."""

from __future__ import annotations

import json
from pathlib import Path

from tests.archive.material import ROOM, event, message
from tests.smallholding import bean_talk, bring, lay_out, plant, settings
from tests.terminal import check_told, run

OTHER = "!other:fen.example"


def test_a_garden_in_order_is_told_in_few_lines(tmp_path: Path) -> None:
    plant(tmp_path, bean_talk())
    said = run("status", "--strict", folder=tmp_path)
    assert (said.code, said.err) == (0, "")
    assert said.lines == [f"Bean room ({ROOM})", "  5 events, 2 pages, imported", "1 room, 0 notes"]


def test_what_is_refused_has_its_reason_and_fails_only_where_strict(tmp_path: Path) -> None:
    lay_out(tmp_path, settings(rooms=[ROOM, "#gone:fen.example"]))
    closed = event("c", "m.room.history_visibility", {"history_visibility": "shared"}, state_key="")
    others = [{**each, "room_id": OTHER} for each in bean_talk()]
    bring(tmp_path, [*bean_talk(), closed, message("x", "x") | {"content": []}, *others])
    plain, strict = run("status", folder=tmp_path), run("status", "--strict", folder=tmp_path)
    assert (plain.code, strict.code) == (0, 1)
    assert plain.lines == [
        f"Bean room ({ROOM})",
        "  6 events, 0 pages, imported",
        "  Not published: the room is not world_readable now",
        "  1 event left out: not readable",
        "1 room, 0 notes",
        "#gone:fen.example: nothing archived yet; run garden sync",
        f"{OTHER}: archived, but named nowhere under [matrix]",
    ]


def test_json_says_the_same_to_a_program(tmp_path: Path) -> None:
    lay_out(tmp_path, settings(rooms=[ROOM]))
    opened = event("o", "m.room.history_visibility", {"history_visibility": "world_readable"}, state_key="")
    bring(tmp_path, [message("secret", "Not for all."), opened, *bean_talk()])
    said = run("status", "--json", folder=tmp_path)
    told = json.loads(said.out)
    assert (said.code, said.err) == (0, "")
    assert told["rooms"] == [
        {
            "room_id": ROOM,
            "name": "Bean room",
            "events": 7,
            "pages": 2,
            "synced_at": None,
            "malformed": 0,
            "refused": {"event_before_open": 1},
            "room_refused": None,
            "problem": None,
        }
    ]
    assert (told["notes"], told["unknown"], told["left_out"], told["problems"]) == (0, [], [], [])


def test_a_garden_that_was_never_synced_says_what_to_do(tmp_path: Path) -> None:
    lay_out(tmp_path, settings())
    check_told(run("status", folder=tmp_path), 1, "nothing has been archived yet", "garden sync")

"""`garden import matrix`: files of events come in once, and are published where somebody vouches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.archive.material import ROOM, Json, edit, event, message, redaction
from tests.smallholding import bean_talk, json_lines, lay_out, plant, read_site, settings
from tests.terminal import check_told, run

VOUCHED = settings(vouched=[ROOM])


def element_export(events: list[Json]) -> bytes:
    """What Element's "Export chat" writes as JSON: a header, then the events as the client knows them."""
    return json.dumps(
        {
            "room_name": "Bean room",
            "room_creator": "@ada:fen.example",
            "topic": "",
            "export_date": "11/21/2026",
            "exported_by": "Exported by @ada:fen.example",
            "messages": [{**each, "unsigned": {"age": 5}, "user_id": each["sender"]} for each in events],
        },
        indent=4,
    ).encode()


def test_an_export_of_element_becomes_pages(tmp_path: Path) -> None:
    lay_out(tmp_path, VOUCHED)
    (tmp_path / "export.json").write_bytes(element_export(bean_talk()))
    said = run("import", "matrix", "export.json", folder=tmp_path)
    assert (said.code, said.lines) == (0, [f"{ROOM}: 5 new events, 0 known already"])
    assert run("build", "--strict", folder=tmp_path).code == 0
    assert "Dry it first" in " ".join(map(str, read_site(tmp_path / "public").values()))


def test_lines_of_events_on_standard_input_are_the_same(tmp_path: Path) -> None:
    for name in ("export", "lines"):
        lay_out(tmp_path / name, VOUCHED)
    (tmp_path / "export" / "export.json").write_bytes(element_export(bean_talk()))
    run("import", "matrix", "export.json", folder=tmp_path / "export")
    said = run("import", "matrix", "-", folder=tmp_path / "lines", given=json_lines(bean_talk()))
    assert (said.code, said.lines) == (0, [f"{ROOM}: 5 new events, 0 known already"])
    for name in ("export", "lines"):
        run("build", folder=tmp_path / name)
    assert read_site(tmp_path / "export" / "public") == read_site(tmp_path / "lines" / "public")


def test_a_second_time_nothing_is_new_and_the_site_stays(tmp_path: Path) -> None:
    lay_out(tmp_path, VOUCHED)
    lines = json_lines(bean_talk())
    run("import", "matrix", "-", folder=tmp_path, given=lines)
    run("build", folder=tmp_path)
    again = run("import", "matrix", "-", folder=tmp_path, given=lines)
    assert again.lines == [f"{ROOM}: 0 new events, 5 known already"]
    assert "Nothing changed" in run("build", folder=tmp_path).out


def test_several_files_are_taken_in_their_order_and_a_later_one_edits_and_removes(tmp_path: Path) -> None:
    lay_out(tmp_path, VOUCHED)
    (tmp_path / "first.jsonl").write_bytes(json_lines(bean_talk()))
    later = [edit("fix", "frost", "Second frost."), redaction("gone", "cold", sender="@cleo:fen.example")]
    (tmp_path / "later.jsonl").write_bytes(json_lines(later))
    said = run("import", "matrix", "first.jsonl", "later.jsonl", folder=tmp_path)
    run("build", folder=tmp_path)
    site = " ".join(map(str, read_site(tmp_path / "public").values()))
    assert said.lines == [f"{ROOM}: {count} new events, 0 known already" for count in (5, 2)]
    assert "Second frost." in site
    assert "First frost" not in site
    assert "cold and dark" not in site


def test_a_room_that_nobody_vouches_for_is_refused_with_the_way_out(tmp_path: Path) -> None:
    lay_out(tmp_path, settings(rooms=[ROOM]))
    run("import", "matrix", "-", folder=tmp_path, given=json_lines(bean_talk()))
    built = run("build", folder=tmp_path)
    assert built.code == 0
    assert (
        "Bean room: the room's visibility is not known; sync it, or vouch for it in site.toml" in built.lines
    )
    assert "0 conversation pages" in built.out
    assert run("build", "--strict", folder=tmp_path).code == 1


def test_an_export_that_carries_the_rooms_visibility_needs_no_voucher(tmp_path: Path) -> None:
    lay_out(tmp_path, settings(rooms=[ROOM]))
    opened = event(
        "open", "m.room.history_visibility", {"history_visibility": "world_readable"}, state_key=""
    )
    before = message("before", "Said while the door was shut.")
    lines = json_lines([before, opened, *bean_talk()])
    run("import", "matrix", "-", folder=tmp_path, given=lines)
    built = run("build", folder=tmp_path)
    site = " ".join(map(str, read_site(tmp_path / "public").values()))
    assert "Bean room: 1 event kept back, sent while the room was not world_readable" in built.lines
    assert "Dry it first" in site
    assert "door was shut" not in site


def test_what_is_no_event_is_said_once_kept_and_stops_nothing(tmp_path: Path) -> None:
    lay_out(tmp_path, VOUCHED)
    broken: list[object] = [{"type": 5, "room_id": ROOM}, *bean_talk(), "no event"]
    first = run("import", "matrix", "--strict", "-", folder=tmp_path, given=json_lines(broken))
    second = run("import", "matrix", "--strict", "-", folder=tmp_path, given=json_lines(broken))
    assert (first.code, second.code) == (1, 0)
    assert len([line for line in first.lines if "standard input, line" in line]) == 2
    assert f"{ROOM}: 5 new events, 0 known already" in first.lines
    assert second.lines == [f"{ROOM}: 0 new events, 5 known already"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no Matrix event"),
        (b"hello", "no Matrix event"),
        (b"[1, 2]", "no Matrix event"),
        (b'{"messages": []}', "no Matrix event"),
        (b"PK\x03\x04zip", "ZIP"),
        (b"\xff\xfe\x00", "no Matrix event"),
        (b"[" * 100_000, "no Matrix event"),
    ],
)
def test_a_file_without_events_is_an_error_that_names_it(content: bytes, words: str, tmp_path: Path) -> None:
    plant(tmp_path, bean_talk())
    (tmp_path / "export.json").write_bytes(content)
    check_told(run("import", "matrix", "export.json", folder=tmp_path), 1, "export.json", words)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    plant(tmp_path, bean_talk())
    check_told(run("import", "matrix", "nope.json", folder=tmp_path), 1, "nope.json", "No such file")
    check_told(run("import", "matrix", "notes", folder=tmp_path), 1, "notes", "Is a directory")

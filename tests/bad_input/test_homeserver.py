"""A homeserver that refuses, breaks off or is none costs a room at most, and says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.archive.hostile_server import HostileServer, breaks_off, html, refuses, says, text
from tests.archive.material import ROOM
from tests.loopback import busy, server
from tests.smallholding import bean_talk, lay_out, settings, site_text
from tests.terminal import check_told, run, sync


@pytest.mark.parametrize(
    ("entry", "answers", "words"),
    [
        ("#nobody:fen.example", {"#nobody:fen.example": refuses(404, "M_NOT_FOUND")}, "knows no room"),
        (ROOM, {"m.room.history_visibility/": says({"history_visibility": "shared"})}, "“shared” only"),
        (ROOM, {"m.room.history_visibility/": refuses(404, "M_NOT_FOUND")}, "“shared” only"),
        (ROOM, {"m.room.history_visibility/": refuses(403, "M_FORBIDDEN")}, "M_FORBIDDEN"),
        (ROOM, {"/messages": refuses(403, "M_FORBIDDEN")}, "M_FORBIDDEN"),
        (ROOM, {"/messages": html(200)}, "not Matrix"),
        (ROOM, {"/messages": says({"chunk": "none"})}, "/messages"),
        (ROOM, {"/messages": says([])}, "/messages"),
        (ROOM, {"/state": text("[" * 200_000)}, "/state"),
    ],
    ids=["unknown", "shared", "unsaid", "forbidden", "closed", "html", "no-list", "no-object", "deep"],
)
def test_a_room_that_cannot_be_read_is_skipped_with_the_reason_and_strict_fails(
    entry: str, answers: dict[str, object], words: str, homeserver: HostileServer, tmp_path: Path
) -> None:
    lay_out(tmp_path, settings(rooms=[entry], homeserver=homeserver.base_url))
    for end, answer in answers.items():
        homeserver.answer(end, answer)  # type: ignore[arg-type]  # they are handlers
    plain, strict = sync(tmp_path), sync(tmp_path, "--strict")
    assert (plain.code, strict.code) == (0, 1)
    assert plain.lines[0].startswith("Skipped ")
    assert words in plain.lines[0]
    assert plain.lines[1].startswith("  → ")
    assert "Traceback" not in plain.err + strict.err


def test_a_garden_of_rooms_that_cannot_be_read_is_still_built_and_its_status_says_why(
    homeserver: HostileServer, garden: Path
) -> None:
    homeserver.answer("m.room.history_visibility/", refuses(403, "M_FORBIDDEN"))
    sync(garden)
    assert run("build", "--quiet", folder=garden).code == 0
    status = run("status", "--strict", folder=garden)
    assert status.code == 1
    assert "The last sync could not read it: " in status.out


def test_an_expired_token_ends_the_sync_and_what_was_archived_stays(
    homeserver: HostileServer, garden: Path
) -> None:
    assert sync(garden).lines == ["Bean room: 5 new events"]
    homeserver.answer("m.room.history_visibility/", refuses(401, "M_UNKNOWN_TOKEN"))
    said = sync(garden)
    check_told(said, 1, "does not take the access token", "garden login")
    assert "syt_" not in said.err + said.out
    assert run("build", "--strict", folder=garden).code == 0
    assert "Dry it first" in site_text(garden)


def test_a_server_that_admits_no_guests_asks_for_a_login(homeserver: HostileServer, garden: Path) -> None:
    homeserver.answer("/register", refuses(403, "M_FORBIDDEN"))
    check_told(run("sync", folder=garden), 1, "admits no guests", "garden login", "GARDEN_ACCESS_TOKEN")


def test_what_is_no_homeserver_is_told_at_once(homeserver: HostileServer, garden: Path) -> None:
    homeserver.answer("/versions", html(200))
    check_told(sync(garden), 1, homeserver.base_url, "/versions")


def test_a_homeserver_that_is_down_is_told_after_a_few_tries(tmp_path: Path) -> None:
    with server() as gone:
        address = gone.base_url
    lay_out(tmp_path, settings(rooms=[ROOM], homeserver=address))
    check_told(sync(tmp_path), 1, address, "2 times", "[matrix] homeserver")


def test_a_busy_server_and_a_broken_answer_are_tried_again(homeserver: HostileServer, garden: Path) -> None:
    homeserver.answer("/messages", *busy(2, says({"chunk": list(reversed(bean_talk()))})))
    homeserver.answer(
        "m.room.history_visibility/", breaks_off, says({"history_visibility": "world_readable"})
    )
    assert sync(garden, "--strict").lines == ["Bean room: 5 new events"]
    assert homeserver.count("/messages") >= 3


def test_a_room_that_breaks_off_in_the_middle_goes_on_where_it_stopped(
    homeserver: HostileServer, garden: Path
) -> None:
    newest, oldest = list(reversed(bean_talk()))[:2], list(reversed(bean_talk()))[2:]
    homeserver.answer("/messages", says({"chunk": newest, "end": "t2"}), html(200))
    assert "Skipped" in sync(garden).out
    homeserver.answer("/messages", says({"chunk": oldest}), says({"chunk": list(reversed(bean_talk()))}))
    assert sync(garden, "--strict").code == 0
    run("build", folder=garden)
    assert "Dry it first" in site_text(garden)
    assert "First frost" in site_text(garden)

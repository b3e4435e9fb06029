"""One bad event stops no room: it is kept, told once and counted; what good ones say is published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from garden.archive.event import RoomId
from garden.archive.store import ArchiveStore
from tests.archive.hostile_server import HostileServer, refuses, says, text
from tests.archive.material import ADA, ROOM, Json, edit, event, message, redaction, reply
from tests.loopback import one_room, server
from tests.smallholding import bean_talk, lay_out, settings
from tests.terminal import Said, run, sync


def deep(levels: int) -> object:
    value: object = "bottom"
    for _ in range(levels):
        value = [value]
    return value


def say(name: str, words: str, more: Json) -> Json:
    """A text message with more in its content."""
    return message(name, words) | {"content": {"msgtype": "m.text", "body": words, **more}}


def thread(name: str, root: str, words: str) -> Json:
    return say(name, words, {"m.relates_to": {"rel_type": "m.thread", "event_id": f"${root}"}})


NOT_EVENTS: list[object] = [
    None,
    5,
    "text",
    [],
    {},
    {"type": "m.room.message"},
    message("no-sender", "x") | {"sender": None},
    message("sender-number", "x") | {"sender": 7},
    message("type-list", "x") | {"type": ["m.room.message"]},
    message("content-text", "x") | {"content": "words"},
    message("content-none", "x") | {"content": None},
    message("time-text", "x") | {"origin_server_ts": "now"},
    message("id-number", "x") | {"event_id": 5},
    message("time-huge", "Sent at the end of time.", at=10**18),
    message("time-minus", "Sent before time.", at=-(10**15)),
    message("a-megabyte", "large " * 175_000),
    say("too-deep", "Nested for ever.", {"org.example": deep(150)}),
]

REACTION: Json = {"rel_type": "m.annotation", "event_id": "$edited", "key": "x" * 9_999}

HOSTILE: list[Json] = [
    message("body-number", "x") | {"content": {"msgtype": "m.text", "body": 5}},
    message("body-missing", "x") | {"content": {"msgtype": "m.text"}},
    message("body-large", "large " * 40_000),
    message("surrogate", "Half of a pair: \ud83c, and words after it."),
    message("html-number", "x", format="org.matrix.custom.html", formatted_body=5),
    message("html-deep", "x", format="org.matrix.custom.html", formatted_body="<b>" * 3_000 + "deep"),
    message("markdown", "---\ntitle: forged\n---\n# forged\n[x](javascript:alert(1))"),
    say("deep", "Nested content.", {"org.example": deep(50)}),
    say("relates-list", "x", {"m.relates_to": []}),
    say("relates-number", "x", {"m.relates_to": {"rel_type": "m.thread", "event_id": 5}}),
    reply("self", "self", "A reply to itself."),
    reply("round-1", "round-2", "A reply to its own reply."),
    reply("round-2", "round-1", "The reply's reply."),
    thread("in-itself", "in-itself", "A thread whose root it is itself."),
    thread("in-thread", "in-itself", "A thread within that."),
    thread("of-unknown", "never-seen", "In a thread whose root nobody has."),
    message("taken-root", "The root will go."),
    thread("of-redacted", "taken-root", "In a thread whose root is gone."),
    redaction("gone", "taken-root"),
    message("edited", "The first wording."),
    edit("edit-1", "edited", "The second wording."),
    edit("edit-2", "edit-1", "An edit of an edit."),
    edit("edit-self", "edit-self", "An edit of itself."),
    edit("edit-other", "edited", "Forged wording.", sender="@mallory:fen.example"),
    event("reaction", "m.reaction", {"m.relates_to": REACTION}),
    event("name-number", "m.room.name", {"name": 5}, state_key=""),
    event("member", "m.room.member", {"displayname": ["x"], "membership": "join"}, state_key=ADA),
    event("power", "m.room.power_levels", {"users": "none"}, state_key=""),
    message("image", "x.png")
    | {"content": {"msgtype": "m.image", "body": "x.png", "url": "mxc://../../etc"}},
]

STAYS = (
    "A reply to itself.",
    "A reply to its own reply.",
    "A thread within that.",
    "In a thread whose root nobody has.",
    "In a thread whose root is gone.",
    "The second wording.",
    "words after it",
    "Nested content.",
    "Dry it first",
)
GOES = ("Forged wording.", "An edit of an edit.", "The root will go.", 'href="javascript')


@pytest.fixture(scope="module")
def battered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Said, Said]:
    """A garden after two syncs of a room full of bad events, and what the syncs said."""
    folder = tmp_path_factory.mktemp("battered")
    mixed: list[object] = [*bean_talk(), *NOT_EVENTS, *HOSTILE, message("after", "And life goes on.")]
    chunk = json.dumps(list(reversed(mixed)))
    # Numbers that JSON does not have, which some servers and proxies write all the same.
    nan = json.dumps(message("nan", "x") | {"origin_server_ts": float("nan")})
    with server() as homeserver:
        one_room(homeserver, ROOM, [])
        homeserver.answer("/messages", text(f'{{"chunk": [{nan}, {chunk[1:-1]}]}}'))
        lay_out(folder, settings(rooms=[ROOM], homeserver=homeserver.base_url))
        return folder, sync(folder, "--strict"), sync(folder, "--strict")


def test_bad_events_stop_no_room_and_are_told_once(battered: tuple[Path, Said, Said]) -> None:
    _, first, second = battered
    assert (first.code, second.code) == (0, 0)
    told = [line for line in first.lines if "Left out, kept in the archive" in line]
    assert len(told) == len(NOT_EVENTS) + 1
    assert [line for line in second.lines if "Left out" in line] == []
    assert second.lines[0] == "Bean room: 0 new events"


def test_bad_events_are_kept_and_counted(battered: tuple[Path, Said, Said]) -> None:
    folder, _, _ = battered
    [room] = json.loads(run("status", "--json", folder=folder).out)["rooms"]
    assert room["malformed"] == len(NOT_EVENTS) + 1
    with ArchiveStore.open_existing(folder) as store:
        kept = {bad.event_id for bad in store.malformed(RoomId(ROOM))}
    assert {"$no-sender", "$type-list", "$content-text", "$time-text", "$nan"} <= kept


def test_what_good_events_say_beside_bad_ones_is_published(battered: tuple[Path, Said, Said]) -> None:
    folder, _, _ = battered
    built = run("build", "--strict", folder=folder)
    assert built.code == 0, built
    shown = "\n".join(path.read_text() for path in (folder / "public").rglob("*.html"))
    assert [words for words in (*STAYS, "And life goes on.") if words not in shown] == []
    assert [words for words in GOES if words in shown] == []
    assert run("build", folder=folder).lines[-1].startswith("Nothing changed")


def test_what_is_published_of_them_can_be_searched(battered: tuple[Path, Said, Said]) -> None:
    folder, _, _ = battered
    run("build", "--quiet", folder=folder)
    for words in ("nested content", "half of a pair", "large"):
        said = run("search", words, folder=folder)
        assert (said.code, said.err) == (0, "")
        assert json.loads(said.out)


def test_many_bad_events_do_not_fill_the_screen(homeserver: HostileServer, garden: Path) -> None:
    bad = [message(f"bad-{number}", "x") | {"sender": number} for number in range(500)]
    one_room(homeserver, ROOM, [*bean_talk(), *bad])
    said = sync(garden)
    assert "  Left out, kept in the archive: $bad-499: sender is missing or no text" in said.lines
    assert said.lines[-1] == "  … and 480 more"
    assert len(said.lines) < 25


def test_no_name_and_no_error_code_steers_the_terminal(homeserver: HostileServer, garden: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\x9b31m"
    named = event("evil-name", "m.room.name", {"name": f"{evil}Beans"}, state_key="")
    shown = message("image", "x") | {"content": {"msgtype": "m.image", "body": "x", "url": f"mxc://{evil}/x"}}
    bad = message(f"bad{evil}", "x") | {"sender": 5}
    one_room(homeserver, ROOM, [*bean_talk(), shown, bad])
    homeserver.answer(f"{ROOM}/state", says([named]))
    good, status, built = sync(garden), run("status", folder=garden), run("build", folder=garden)
    homeserver.answer("m.room.history_visibility/", refuses(403, f"M_{evil}"))
    skipped = sync(garden)
    homeserver.answer("m.room.history_visibility/", refuses(401, f"M_{evil}"))
    for said in (good, status, built, skipped, sync(garden), run("status", folder=garden)):
        assert [letter for letter in "\x1b\x07\x9b" if letter in said.out + said.err] == []
        assert "Beans" in said.out or "M_" in said.out + said.err

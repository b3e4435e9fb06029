"""`garden notice`: one notice in a room of the garden, pinned where that may be, or a reason why not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from garden.archive.vocabulary import NOTICE
from tests.archive.hostile_server import Handler, HostileServer, html, refuses, says
from tests.archive.material import ADA, BEN, ROOM, Json, event
from tests.loopback import USER, server
from tests.smallholding import BASE_URL, lay_out, settings
from tests.terminal import TOKEN, Said, check_told, run

ALIAS = "#bean:fen.example"
MEMBER = event("me", "m.room.member", {"membership": "join"}, state_key=USER)
CREATE = event("create", "m.room.create", {"room_version": "11"}, state_key="")
OPEN = event("open", "m.room.history_visibility", {"history_visibility": "world_readable"}, state_key="")


def powers(**users: int) -> Json:
    """Return power levels; pinning needs 50."""
    levels: Json = {"users": {f"@{name}:fen.example": level for name, level in users.items()}}
    return event("levels", "m.room.power_levels", {"state_default": 50, **levels}, state_key="")


def pinned(*ids: object) -> Json:
    content: Json = {"pinned": list(ids), "kept": 1}
    return event("pins", "m.room.pinned_events", content, state_key="")


def notice(name: str = "there", *, sender: str = USER, base_url: str = BASE_URL) -> Json:
    content: Json = {"msgtype": "m.notice", "body": "…", NOTICE: {"base_url": base_url}}
    return event(name, "m.room.message", content, sender=sender)


@dataclass
class Hall:
    """A homeserver with one room, and what was done there."""

    running: HostileServer
    done: list[tuple[str, object]] = field(default_factory=list)

    @property
    def calls(self) -> list[str]:
        """What was done, without what was written."""
        return [call.partition("/garden-")[0] for call, _ in self.done]

    @property
    def written(self) -> list[object]:
        return [body for _, body in self.done]

    def records(self, value: object) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            if request.method == "GET":
                return web.json_response({"errcode": "M_NOT_FOUND"}, status=404)
            path = request.path.partition("/v3/")[2].removeprefix(f"rooms/{ROOM}/")
            self.done.append((f"{request.method} {path}", await request.json()))
            return web.json_response(value)

        return answer

    def furnish(self, state: Sequence[object], own: Sequence[object] = ()) -> None:
        """Let the room have this state, and these messages of the account, the latest first."""
        answer = self.running.answer
        # The last answer that fits wins: whatever is not a question is written down.
        self.running.answers = {"": [self.records({"event_id": "$new"})], **self.running.answers}
        answer("/whoami", says({"user_id": USER}))
        answer(f"/directory/room/{ALIAS}", says({"room_id": ROOM}))
        answer(f"{ROOM}/state", says(list(state)))
        answer(f"{ROOM}/messages", says({"chunk": list(own)}))
        answer(f"/join/{ALIAS}", self.records({"room_id": ROOM}))
        answer("/.well-known/matrix/client", says({}, status=404))


@contextmanager
def hall(folder: Path, *state: object, own: Sequence[object] = ()) -> Iterator[Hall]:
    """Run a homeserver with a room that has this state, and a garden of that room."""
    with server() as running:
        built = Hall(running)
        built.furnish([CREATE, OPEN, *state], own)
        lay_out(folder, settings(rooms=[ALIAS], homeserver=running.base_url))
        yield built


def post(folder: Path, *options: str, room: str = ALIAS, token: str = TOKEN) -> Said:
    return run("notice", room, *options, folder=folder, more={"GARDEN_ACCESS_TOKEN": token})


def test_a_notice_is_posted_and_pinned_beside_the_others(tmp_path: Path) -> None:
    with hall(tmp_path, MEMBER, powers(gardener=50), pinned("$rules", 7, "$more")) as room:
        said = post(tmp_path)
    assert (said.code, said.out, said.err) == (
        0,
        f"Posted a notice in {ALIAS}, and pinned it: $new\n",
        "",
    )
    assert room.calls == ["PUT send/m.room.message", "PUT state/m.room.pinned_events/"]
    message, pins = room.written
    assert isinstance(message, dict)
    assert message[NOTICE] == {"base_url": BASE_URL}
    assert f"private message to {USER}" in message["body"]
    assert pins == {"pinned": ["$rules", "$more", "$new"], "kept": 1}


def test_without_the_right_to_pin_it_says_who_has_it(tmp_path: Path) -> None:
    with hall(tmp_path, MEMBER, powers(gardener=49, ada=50, ben=100)) as room:
        said = post(tmp_path)
    assert said.lines == [
        f"Posted a notice in {ALIAS}: $new",
        f"  It is not pinned: the account has no right to pin there. Who can: {BEN}, {ADA}.",
    ]
    assert room.calls == ["PUT send/m.room.message"]


def test_what_the_homeserver_does_not_let_it_pin_is_not_pinned(tmp_path: Path) -> None:
    with hall(tmp_path, MEMBER, powers(gardener=50)) as room:
        room.running.answer("/state/m.room.pinned_events/", refuses(403, "M_FORBIDDEN"))
        said = post(tmp_path)
    assert said.code == 0
    assert "It is not pinned" in said.out


def test_a_second_run_says_that_there_is_one_and_does_nothing(tmp_path: Path) -> None:
    later = event("later", "m.room.message", {"msgtype": "m.text", "body": "Hello"}, sender=USER)
    with hall(tmp_path, MEMBER, powers(gardener=50), pinned("$there"), own=[later, notice()]) as room:
        said = post(tmp_path)
        assert said.code == 0
        assert said.lines[0] == f"{ALIAS} has a notice already, pinned: $there. Nothing was posted"
        assert "--again" in said.lines[1]
        assert room.done == []
        assert post(tmp_path, "--again").code == 0
        assert room.written[1] == {"pinned": ["$there", "$new"], "kept": 1}


def test_a_retry_is_the_same_transaction_and_a_second_notice_is_another(tmp_path: Path) -> None:
    with hall(tmp_path, MEMBER) as room:
        post(tmp_path)
        post(tmp_path)
        room.running.answer(f"{ROOM}/messages", says({"chunk": [notice("new")]}))
        post(tmp_path, "--again")
    first, again, second = [call for call, _ in room.done if "send" in call]
    assert first == again != second


def test_a_notice_that_a_moderator_pinned_is_one(tmp_path: Path) -> None:
    with hall(tmp_path, MEMBER, powers(gardener=50, ada=50), pinned("$gone", "$ben", "$there")) as room:
        answer = room.running.answer
        answer("/event/$gone", refuses(404, "M_NOT_FOUND"))
        answer("/event/$ben", says(notice("ben", sender=BEN)))
        answer("/event/$there", says(notice(sender=ADA)))
        assert "pinned: $there" in post(tmp_path).out
        answer("/event/$there", says(notice(sender=ADA, base_url="https://other.example/")))
        assert "Posted a notice" in post(tmp_path).out


@pytest.mark.parametrize(
    "other",
    [
        notice(base_url="https://former.example/"),
        event("there", "m.room.message", {}, sender=USER),
        event("there", "m.room.message", {NOTICE: BASE_URL}, sender=USER),
        "no event",
    ],
)
def test_a_notice_that_was_removed_or_is_of_another_address_is_none(tmp_path: Path, other: object) -> None:
    with hall(tmp_path, MEMBER, own=[other]) as room:
        assert "Posted a notice" in post(tmp_path).out
    assert len(room.done) == 2


def test_it_joins_only_where_it_is_told_to(tmp_path: Path) -> None:
    with hall(tmp_path, powers(gardener=50)) as room:
        check_told(post(tmp_path), 1, f"{USER} is not in {ALIAS}", "--join")
        assert room.done == []
        said = post(tmp_path, "--join")
    assert said.lines == [f"Joined {ALIAS} and posted a notice there, and pinned it: $new"]
    assert room.calls[0] == f"POST join/{ALIAS}"


def test_a_room_that_does_not_let_it_in_says_what_to_do(tmp_path: Path) -> None:
    with hall(tmp_path) as room:
        room.running.answer(f"/join/{ALIAS}", refuses(403, "M_FORBIDDEN"))
        check_told(post(tmp_path, "--join"), 1, "does not let the account in", "invite")
    assert room.done == []


def test_who_may_not_speak_is_told_before_anything_is_done(tmp_path: Path) -> None:
    quiet = event("levels", "m.room.power_levels", {"events_default": 10}, state_key="")
    with hall(tmp_path, quiet) as room:
        check_told(post(tmp_path, "--join"), 1, f"{USER} may not speak in {ALIAS}", "power levels")
    assert room.done == []


def test_the_notice_can_be_read_before_it_is_posted(tmp_path: Path) -> None:
    with hall(tmp_path) as room:
        said = post(tmp_path, "--dry-run")
    assert said.code == 0
    assert said.lines[0].startswith("Hello! Anyone may read this room")
    assert said.lines[-1] == f"More about privacy: {BASE_URL}privacy/"
    assert room.done == []


def test_nobody_who_could_speak_is_told_to_log_in(tmp_path: Path) -> None:
    with hall(tmp_path) as room:
        check_told(post(tmp_path, token=""), 1, "Nobody is logged in", "garden login")
        room.running.answer("/whoami", says({"user_id": USER, "is_guest": True}))
        check_told(post(tmp_path), 1, "is a guest", "garden login")
        room.running.answer("/whoami", refuses(401, "M_UNKNOWN_TOKEN"))
        said = post(tmp_path)
    check_told(said, 1, "does not take the access token", "garden login")
    assert TOKEN not in said.err
    assert room.done == []


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("#baen:fen.example", f"Did you mean '{ALIAS}'?"),
        ("bean", f"Did you mean '{ALIAS}'?"),
        ("weather", f"Rooms there: {ALIAS}"),
        ("#weather:fen.example", "Rooms there"),
        ("!other:fen.example", "Rooms there"),
    ],
)
def test_a_room_that_is_none_of_the_gardens_is_not_told_anything(
    tmp_path: Path, asked: str, words: str
) -> None:
    with hall(tmp_path) as room:
        room.running.answer("/directory/room/#weather:fen.example", says({"room_id": "!weather"}))
        room.running.answer("/directory/room/#baen:fen.example", refuses(404, "M_NOT_FOUND"))
        check_told(post(tmp_path, room=asked), 2, f"names no room '{asked}'", words)
    assert room.done == []


def test_a_room_is_known_by_its_id_and_through_its_space(tmp_path: Path) -> None:
    with hall(tmp_path, MEMBER) as room:
        assert post(tmp_path, room=ROOM).lines[0] == f"Posted a notice in {ROOM}, and pinned it: $new"
        listed = {"rooms": [{"room_id": "!space"}, {"room_id": ROOM}]}
        room.running.answer("/rooms/!space/hierarchy", says(listed))
        text = settings(rooms=["#gone:fen.example"], spaces=["!space"], homeserver=room.running.base_url)
        room.running.answer("/directory/room/#gone:fen.example", refuses(404, "M_NOT_FOUND"))
        lay_out(tmp_path, text)
        assert "Posted a notice" in post(tmp_path, room=ALIAS).out
        check_told(post(tmp_path, room="#gone:fen.example"), 1, "knows no room #gone:fen.example")


@pytest.mark.parametrize("content", [{"history_visibility": "shared"}, {}])
def test_a_room_that_is_not_published_is_not_told_that_it_is(tmp_path: Path, content: Json) -> None:
    with hall(tmp_path) as room:
        room.furnish([CREATE, event("open", "m.room.history_visibility", content, state_key=""), MEMBER])
        check_told(post(tmp_path), 1, f"does not publish {ALIAS}", "(shared)", "world_readable")
    assert room.done == []


def test_an_encrypted_room_is_not_told_that_it_is_published(tmp_path: Path) -> None:
    encrypted = event("e", "m.room.encryption", {}, state_key="")
    with hall(tmp_path, MEMBER, encrypted) as room:
        check_told(post(tmp_path), 1, "it is encrypted")
    assert room.done == []


@pytest.mark.parametrize(
    ("end", "answer", "words"),
    [
        (f"{ROOM}/state", refuses(403, "M_FORBIDDEN"), "cannot be read"),
        (f"{ROOM}/state", html(403), "not Matrix JSON"),
        (f"{ROOM}/messages", refuses(403, "M_FORBIDDEN"), "cannot be read"),
        ("", refuses(403, "M_FORBIDDEN"), "may not speak"),
    ],
)
def test_what_goes_wrong_is_told_with_what_to_do(
    tmp_path: Path, end: str, answer: Handler, words: str
) -> None:
    with hall(tmp_path, MEMBER) as room:
        if end:
            room.running.answer(end, answer)
        else:
            room.running.answers[""] = [answer]
        said = post(tmp_path)
    check_told(said, 1, words)
    assert TOKEN not in said.err
    assert room.done == []


def test_quiet_says_nothing_and_no_homeserver_is_an_error(tmp_path: Path) -> None:
    with hall(tmp_path, MEMBER):
        assert post(tmp_path, "--quiet").out == ""
    lay_out(tmp_path, settings(rooms=[ALIAS], homeserver=""))
    check_told(post(tmp_path), 2, "which homeserver", "[matrix]")

"""Private messages to the account: read once, answered once, and nobody's peace disturbed."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from garden.archive import letters as letters_module
from garden.archive.account import Account
from garden.archive.event import RoomId
from garden.archive.letters import Letters, Replies, read_letters
from garden.archive.transport import Patience, Transport
from tests.archive.hostile_server import Handler, HostileServer, html, refuses, says, serve, text
from tests.archive.material import ADA, BEN, Json, edit, event, message

ME = "@gardener:fen.example"
ROOM = "!private:fen.example"
OTHER = "!other:fen.example"
REPLIES = Replies("You are out.", "You are in.", "I am a garden.", "I cannot read this.")
QUICK = Patience(tries=2, timeout=5.0, first_wait=0.01, longest_wait=0.02)


def bare(source: Json) -> Json:
    """Return an event as it stands among those of its room, which need not say where it is."""
    return {key: value for key, value in source.items() if key != "room_id"}


def private(
    *events: Json, joined: int | None = 2, invited: int = 0, limited: bool = False, before: str = "t1"
) -> Json:
    """Return what a homeserver says of a joined room."""
    summary = {} if joined is None else {"m.joined_member_count": joined, "m.invited_member_count": invited}
    timeline = {"events": list(map(bare, events)), "limited": limited, "prev_batch": before}
    return {"timeline": timeline, "summary": summary}


def invitation(*, direct: bool = True, rule: str = "invite", alias: str = "", kind: str = "") -> Json:
    """Return what a homeserver says of an invitation."""
    state: list[object] = [
        event("me", "m.room.member", {"membership": "invite", "is_direct": direct}, state_key=ME),
        event("rules", "m.room.join_rules", {"join_rule": rule}, state_key=""),
        event("create", "m.room.create", {"type": kind} if kind else {}, state_key=""),
        "no event",
    ]
    if alias:
        state.append(event("alias", "m.room.canonical_alias", {"alias": alias}, state_key=""))
    return {"invite_state": {"events": state}}


def secret(name: str, *, sender: str = ADA) -> Json:
    return event(name, "m.room.encrypted", {"algorithm": "m.megolm.v1.aes-sha2"}, sender=sender)


def answered(name: str) -> Json:
    """Return the account's answer to a message."""
    relation = {"m.in_reply_to": {"event_id": f"${name}"}}
    content: Json = {"msgtype": "m.notice", "body": "You are out.", "m.relates_to": relation}
    return event(f"to-{name}", "m.room.message", content, sender=ME)


@dataclass
class Office:
    """A homeserver's post: rooms and invitations, and what the account did about them."""

    rooms: dict[str, Json] = field(default_factory=dict)
    invitations: dict[str, Json] = field(default_factory=dict)
    behind: dict[str, Json] = field(default_factory=dict)
    """What a room turns out to be once the account has come in."""
    elsewhere: tuple[str, ...] = ()
    """Further rooms that the account is in."""
    answers: dict[str, Handler] = field(default_factory=dict)
    """What is answered to paths that end so, instead of what would be right."""
    done: list[tuple[str, str, object]] = field(default_factory=list)
    """What the account did: `join`, `leave` or `send`, in which room, and what it sent to which event."""
    syncs: list[str] = field(default_factory=list)
    """What was asked of the letter box."""

    @property
    def said(self) -> list[tuple[str, str, str]]:
        """Room, answered event and words of each message that the account sent."""
        return [
            (room, content["m.relates_to"]["m.in_reply_to"]["event_id"], content["body"])  # type: ignore[index]
            for what, room, content in self.done
            if what == "send"
        ]

    def read(
        self,
        remembered: str | None = "{}",
        *,
        replies: Replies | None = REPLIES,
        published: frozenset[RoomId] = frozenset(),
        guest: bool = False,
    ) -> Letters:
        """Let the account read its letters."""

        async def run() -> Letters:
            async with serve() as server:
                self._set_up(server, guest=guest)
                transport = Transport(server.base_url, "token", patience=QUICK)
                try:
                    return await read_letters(Account(transport), published, remembered, replies)
                finally:
                    await transport.close()

        return asyncio.run(run())

    def _set_up(self, server: HostileServer, *, guest: bool) -> None:
        server.answer("", self._act)
        server.answer("/whoami", says({"user_id": ME, "is_guest": guest}))
        server.answer("/joined_rooms", says({"joined_rooms": [*self.rooms, *self.elsewhere]}))
        server.answer("/sync", self._sync)
        for end, handler in self.answers.items():
            server.answer(end, handler)

    async def _sync(self, request: web.Request) -> web.StreamResponse:
        self.syncs.append(request.query_string)
        return web.json_response({"rooms": {"join": self.rooms, "invite": self.invitations}})

    async def _act(self, request: web.Request) -> web.StreamResponse:
        parts = request.path.partition("/v3/")[2].split("/")
        if parts[0] == "join":
            room = parts[1]
            self.done.append(("join", room, None))
            del self.invitations[room]
            self.rooms[room] = self.behind.get(room, private())
            return web.json_response({"room_id": room})
        if parts[2] == "send":
            self.done.append(("send", parts[1], await request.json()))
            return web.json_response({"event_id": f"$sent{len(self.done)}"})
        assert parts[2] == "leave", request.path
        self.done.append(("leave", parts[1], None))
        del self.rooms[parts[1]]
        return web.json_response({})


def own(seen: str = "", **more: bool) -> str:
    """Return what is remembered of a room to which the account was invited."""
    return json.dumps({"rooms": {ROOM: {"seen": seen and f"${seen}", "own": True, "direct": True, **more}}})


def wishes(letters: Letters) -> list[tuple[str, bool]]:
    return [(wish.user, wish.out) for wish in letters.wishes]


def test_an_invitation_is_accepted_and_what_was_written_before_is_answered() -> None:
    office = Office(invitations={ROOM: invitation()}, behind={ROOM: private(message("a", "!garden opt-out"))})
    letters = office.read(None)
    assert wishes(letters) == [(ADA, True)]
    assert office.done[0] == ("join", ROOM, None)
    assert office.said == [(ROOM, "$a", "You are out.")]
    assert letters.notes == ()
    again = office.read(letters.remembered)
    assert (again.wishes, again.notes, len(office.done)) == ((), (), 2)


def test_an_answer_is_a_notice_that_replies_and_calls_nobody() -> None:
    office = Office({ROOM: private(message("a", "!garden opt-in"))})
    office.read(own())
    assert office.done == [
        (
            "send",
            ROOM,
            {
                "msgtype": "m.notice",
                "body": "You are in.",
                "m.relates_to": {"m.in_reply_to": {"event_id": "$a"}},
                "m.mentions": {},
            },
        )
    ]


@pytest.mark.parametrize(
    ("invited", "is_accepted"),
    [
        (invitation(direct=True, rule="public", alias="#a:fen.example"), True),
        (invitation(direct=False), True),
        (invitation(direct=False, rule="public"), False),
        (invitation(direct=False, rule="knock"), False),
        (invitation(direct=False, alias="#a:fen.example"), False),
        (invitation(direct=False, kind="m.space"), False),
        ({"invite_state": {"events": "none"}}, True),
        ({}, True),
    ],
)
def test_only_what_may_be_a_private_conversation_is_accepted(invited: Json, is_accepted: bool) -> None:  # noqa: FBT001
    office = Office(invitations={ROOM: invited})
    office.read()
    assert (ROOM in office.rooms) is is_accepted


def test_a_room_that_turns_out_to_be_a_crowd_is_left_without_a_word() -> None:
    crowd = private(
        message("a", "Welcome!"), message("b", "!garden opt-out", sender=BEN), joined=2, invited=1
    )
    office = Office(invitations={ROOM: invitation(direct=False)}, behind={ROOM: crowd})
    letters = office.read()
    assert [what for what, _, _ in office.done] == ["join", "leave"]
    assert wishes(letters) == [(BEN, True)]
    direct = Office(invitations={ROOM: invitation()}, behind={ROOM: crowd})
    direct.read()
    assert [what for what, _, _ in direct.done] == ["join", "send"], "whoever invited called it private"


def test_a_conversation_that_the_other_one_left_is_left() -> None:
    office = Office({ROOM: private(message("a", "!garden opt-out"), joined=1)})
    letters = office.read(own())
    assert wishes(letters) == [(ADA, True)]
    assert office.done == [("leave", ROOM, None)]
    assert ROOM not in (letters.remembered or "")


@pytest.mark.parametrize("counted", [private(joined=None), private(joined=1, invited=1), private(joined=2)])
def test_a_conversation_in_which_somebody_may_be_is_not_left(counted: Json) -> None:
    office = Office({ROOM: counted})
    office.read(own())
    assert office.done == []


def test_other_words_are_answered_once_and_other_programs_never() -> None:
    office = Office({ROOM: private(message("a", "Hello?"), message("b", "Anybody?"))})
    letters = office.read(own())
    assert office.said == [(ROOM, "$b", "I am a garden.")]
    office.rooms[ROOM] = private(message("c", "Hm."), message("d", "Beep", msgtype="m.notice"))
    again = office.read(letters.remembered)
    assert len(office.done) == 1
    office.rooms[ROOM] = private(message("e", "!garden help"))
    office.read(again.remembered)
    assert office.said[1:] == [(ROOM, "$e", "I am a garden.")], "who asks is answered each time"


@pytest.mark.parametrize(
    "silent",
    [
        message("a", "Beep", msgtype="m.notice"),
        message("a", "waves", msgtype="m.emote"),
        message("a", "!garden opt-out", msgtype="m.notice"),
        event("a", "m.room.message", {"msgtype": "m.image", "body": "hello", "url": "mxc://a/b"}),
        event("a", "m.room.message", {}),
        event("a", "example.event", {"msgtype": "m.text", "body": "!garden opt-out"}),
        message("a", "!garden opt-out", sender=ME),
        message("a", "!garden opt-out") | {"sender": 7},
        message("a", "!garden opt-out") | {"state_key": ""},
    ],
)
def test_nobody_is_answered_who_did_not_speak(silent: Json) -> None:
    office = Office({ROOM: private(silent)})
    letters = office.read(own())
    assert (letters.wishes, letters.notes, office.done) == ((), (), [])


def test_only_the_last_of_somebodys_commands_is_answered_and_all_are_kept() -> None:
    said = [
        message("a", "!garden opt-out"),
        message("b", "!garden opt-in"),
        message("c", "Thank you"),
        message("d", "!garden opt-out", sender=BEN),
        edit("e", "b", "!garden opt-out"),
    ]
    office = Office({ROOM: private(*said)})
    letters = office.read(own())
    assert wishes(letters) == [(ADA, True), (ADA, False), (BEN, True)]
    assert office.said == [(ROOM, "$b", "You are in."), (ROOM, "$d", "You are out.")]


def test_who_writes_encrypted_is_told_once_what_to_do() -> None:
    office = Office({ROOM: private(secret("a"), secret("b"), secret("mine", sender=ME))})
    letters = office.read(own())
    assert office.said == [(ROOM, "$b", "I cannot read this.")]
    office.rooms[ROOM] = private(secret("c"))
    office.read(letters.remembered)
    assert len(office.done) == 1


def test_an_account_that_somebody_lent_speaks_only_where_it_is_spoken_to() -> None:
    words = [message("a", "Shall we meet?"), secret("b"), message("c", "!garden opt-out")]
    office = Office({ROOM: private(*words, joined=40)})
    first = office.read(None)
    assert wishes(first) == [(ADA, True)]
    assert office.done == [], "what was there before is no news"
    office.rooms[ROOM] = private(*words, message("d", "At eight?"), secret("e"))
    second = office.read(first.remembered)
    assert office.done == []
    office.rooms[ROOM] = private(*words, message("f", "!garden opt-in"))
    office.read(second.remembered)
    assert office.said == [(ROOM, "$f", "You are in.")]
    alone = Office({ROOM: private(joined=1)})
    alone.read(second.remembered)
    assert alone.done == [], "a room in which it was before is not left"


def test_the_rooms_of_the_garden_are_the_archives() -> None:
    office = Office({ROOM: private(message("a", "!garden opt-out"))}, {OTHER: invitation()})
    letters = office.read(own(), published=frozenset({RoomId(ROOM), RoomId(OTHER)}))
    assert (letters.wishes, office.done) == ((), [])


def test_without_answers_it_reads_and_does_nothing() -> None:
    office = Office({ROOM: private(message("a", "!garden opt-out"), joined=1)}, {OTHER: invitation()})
    letters = office.read(own(), replies=None)
    assert (wishes(letters), office.done) == ([(ADA, True)], [])


def test_a_guest_gets_no_letters() -> None:
    office = Office({ROOM: private(message("a", "!garden opt-out"))})
    assert office.read("kept as it was", guest=True) == Letters(remembered="kept as it was")
    assert office.syncs == []


def test_many_messages_are_read_back_to_the_last_one_that_was_read() -> None:
    pages = iter(
        [
            [message("c", "!garden opt-in"), message("b", "!garden opt-out")],
            [message("a", "Hello"), message("old", "!garden opt-out")],
        ]
    )

    async def page(request: web.Request) -> web.StreamResponse:
        chunk = list(map(bare, next(pages)))
        return web.json_response({"chunk": chunk, "end": f"{request.query['from']}'"})

    office = Office({ROOM: private(message("d", "Thanks"), limited=True)}, answers={f"{ROOM}/messages": page})
    letters = office.read(own("old", told=True))
    assert wishes(letters) == [(ADA, True), (ADA, False)]
    assert next(pages, None) is None


def test_a_room_without_end_is_read_back_so_far_and_no_further() -> None:
    asked: list[str] = []

    async def page(request: web.Request) -> web.StreamResponse:
        asked.append(request.query["from"])
        chunk = [bare(message(f"n{len(asked)}", "!garden opt-out"))]
        return web.json_response({"chunk": chunk, "end": f"t{len(asked)}"})

    office = Office(
        {ROOM: private(message("d", "Hello"), limited=True, before="t0")}, answers={f"{ROOM}/messages": page}
    )
    letters = office.read(own("never"))
    assert len(letters.wishes) == 10
    assert asked == [f"t{number}" for number in range(10)]


def test_what_was_answered_already_is_not_answered_again_when_memory_was_lost_on_the_way() -> None:
    office = Office({ROOM: private(message("a", "!garden opt-out"), answered("a"))})
    letters = office.read(own())
    assert (wishes(letters), office.done) == ([(ADA, True)], [])
    assert office.read(letters.remembered).wishes == ()


def test_an_answer_that_could_not_be_sent_waits_and_the_wish_does_not() -> None:
    office = Office(
        {ROOM: private(message("a", "!garden opt-out")), OTHER: private(message("b", "!garden opt-out"))},
        answers={"": refuses(500, "M_UNKNOWN")},
    )
    both = json.dumps({"rooms": {ROOM: {"own": True}, OTHER: {"own": True}}})
    failed = office.read(both)
    assert len(failed.wishes) == 2
    assert len(failed.notes) == 1
    assert "not be answered yet" in failed.notes[0]
    office.answers.clear()
    mended = office.read(failed.remembered)
    assert (len(mended.wishes), len(office.said), mended.notes) == (2, 2, ())


def test_where_the_account_may_not_speak_it_says_so_once() -> None:
    office = Office(
        {ROOM: private(message("a", "!garden opt-out"))}, answers={"": refuses(403, "M_FORBIDDEN")}
    )
    letters = office.read(own())
    assert wishes(letters) == [(ADA, True)]
    assert len(letters.notes) == 1
    assert office.read(letters.remembered).notes == ()


def test_a_conversation_that_cannot_be_left_is_noted_and_tried_again() -> None:
    office = Office({ROOM: private(joined=1)}, answers={"/leave": refuses(403, "M_FORBIDDEN")})
    letters = office.read(own())
    assert len(letters.notes) == 1
    office.answers.clear()
    assert office.read(letters.remembered).notes == ()
    assert office.done == [("leave", ROOM, None)]


@pytest.mark.parametrize(
    ("end", "answer"),
    [
        ("/whoami", html(502)),
        ("/whoami", refuses(401, "M_UNKNOWN_TOKEN")),
        ("/joined_rooms", refuses(429, "M_LIMIT_EXCEEDED", retry_after_ms=1)),
        ("/joined_rooms", says({"joined_rooms": {}})),
        ("/sync", refuses(404, "M_UNRECOGNIZED")),
        ("/sync", html()),
        ("/sync", text("[")),
    ],
)
def test_whatever_is_answered_is_a_note_and_what_was_known_stays(end: str, answer: Handler) -> None:
    office = Office({ROOM: private(message("a", "!garden opt-out"))}, answers={end: answer})
    letters = office.read(own("old"))
    assert len(letters.notes) == 1
    assert letters.notes[0].startswith("Private messages could not be read: ")
    office.answers.clear()
    assert wishes(office.read(letters.remembered)) == [(ADA, True)]


@pytest.mark.parametrize(
    "box", [{}, {"rooms": []}, {"rooms": {"join": {ROOM: 7}}}, {"rooms": {"join": {ROOM: {"timeline": 1}}}}]
)
def test_a_box_of_another_shape_holds_no_letters(box: Json) -> None:
    letters = Office(answers={"/sync": says(box)}).read()
    assert (letters.wishes, letters.notes) == ((), ())


def test_a_conversation_that_cannot_be_read_back_is_noted_and_the_others_are_read() -> None:
    office = Office(
        {
            ROOM: private(message("a", "!garden opt-out"), limited=True),
            OTHER: private(message("b", "!garden opt-out")),
        },
        answers={"/messages": refuses(403, "M_FORBIDDEN")},
    )
    letters = office.read(json.dumps({"rooms": {ROOM: {"seen": "$old"}, OTHER: {"seen": "$old"}}}))
    assert len(letters.wishes) == 1
    assert ROOM in letters.notes[0]
    office.answers.clear()
    office.rooms[ROOM] = private(message("old", "Hello"), message("a", "!garden opt-out"))
    assert len(office.read(letters.remembered).wishes) == 1


def test_an_invitation_that_cannot_be_accepted_does_not_keep_the_others_waiting() -> None:
    dead = {f"!dead{number}:gone.example": invitation() for number in range(9)}
    office = Office(
        {OTHER: private(message("b", "!garden opt-out"))},
        dead,
        answers={"gone.example": refuses(404, "M_UNKNOWN")},
    )
    letters = office.read(json.dumps({"rooms": {OTHER: {"seen": "$old"}}}))
    assert len(letters.wishes) == 1
    assert len(letters.notes) == 3


def test_somebodys_own_account_is_left_alone() -> None:
    office = Office(
        {ROOM: private(message("a", "!garden opt-out"))},
        elsewhere=tuple(f"!{number}" for number in range(letters_module.MOST_JOINED)),
    )
    letters = office.read()
    assert (letters.wishes, office.done, office.syncs) == ((), [], [])
    assert "501 rooms" in letters.notes[0]


def test_rooms_with_news_have_their_turn_and_the_others_the_next_time() -> None:
    count = letters_module.MOST_ROOMS + 10
    office = Office(
        {
            f"!{number}": private(message(f"m{number}", "!garden opt-out", at=number))
            for number in range(count)
        }
    )
    known = json.dumps({"rooms": {room: {"seen": "$old"} for room in office.rooms}})
    first = office.read(known)
    second = office.read(first.remembered)
    third = office.read(second.remembered)
    assert [len(each.wishes) for each in (first, second, third)] == [count - 10, 10, 0]
    assert first.wishes[0].at == 1_700_000_000_000 + count - 1, "the latest first"


def test_a_conversation_that_could_not_be_read_is_not_left_yet() -> None:
    gone = private(message("a", "!garden opt-out"), joined=1, limited=True)
    office = Office({ROOM: gone}, answers={"/messages": refuses(403, "M_FORBIDDEN")})
    letters = office.read(own("old"))
    assert (letters.wishes, office.done) == ((), [])
    office.answers["/messages"] = says({"chunk": []})
    assert wishes(office.read(letters.remembered)) == [(ADA, True)]
    assert office.done == [("leave", ROOM, None)]


@pytest.mark.parametrize("kept", ["", "{", "[]", "7", '{"rooms": 7}', '{"rooms": {"!a": 7}}', "\ud800"])
def test_whatever_stands_in_memory_is_read(kept: str) -> None:
    office = Office({ROOM: private(message("a", "!garden opt-out"))})
    assert len(office.read(kept).wishes) == 1


def test_no_question_is_asked_twice_for_a_homeserver_may_repeat_its_answer() -> None:
    office = Office(invitations={ROOM: invitation()})
    letters = office.read(None)
    office.read(letters.remembered)
    assert len(set(office.syncs)) == len(office.syncs) == 3


def test_what_is_remembered_can_be_kept_in_a_database() -> None:
    room = private(message("a", "Hello"))
    letters = Office({ROOM: room, OTHER: private()}).read(None)
    assert letters.remembered is not None
    assert json.loads(letters.remembered) == {"turn": 1, "rooms": {OTHER: {}, ROOM: {"seen": "$a"}}}

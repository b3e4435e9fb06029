"""What a homeserver can hold that a garden must survive.

Rooms that may not be published, events that are broken, relations that lead nowhere, people who try:
`hard_rooms()` says it as `SeedRoom`s, found in `Seeded` by the names written here: `seeded.rooms["closed"]`,
`seeded.event_id("edit-by-another")`. Words that no reader may ever meet contain `story.SECRET`. Synapse
accepts everything here; what only a hostile server could send is the matter of the tests that read files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from .client import Client
from .community import JsonObject, Seeded, SeedFile, SeedRoom
from .hostile import HOSTILE_EVENTS, HOSTILE_FILES, HOSTILE_NAMES, MALFORMED_EVENTS
from .relations import relation_events
from .story import SECRET, in_order, member, new_wording, react, relate, reply, say, state
from .synapse import SERVER_NAME, Synapse

HARD_SPACE: Final = "quagmire"
"""Name of the space that holds the hard cases, so that the demo's space stays as it is shown to people."""

HARD_NAMES: Final[Mapping[str, str]] = HOSTILE_NAMES
"""Display names by user id."""

HARD_FILES: Final[Mapping[str, SeedFile]] = HOSTILE_FILES
"""Files by invented `mxc://` URL."""


def hard_rooms() -> list[SeedRoom]:
    """Return every hard case as rooms to seed; `finish_hard_cases` does what no event can do."""
    return [
        *_spaces(),
        *_shut_rooms(),
        *_moved_rooms(),
        _changing_room(),
        _room("relations", "Relations", relation_events()),
        *_strange_rooms(),
    ]


def finish_hard_cases(server: Synapse, seeded: Seeded) -> None:
    """Purge the message that `orphan-reaction` points to: nothing says any more that it was there."""
    room, event = seeded.rooms["purged"], seeded.event_id("orphan-reaction")
    Client(server.base_url).purge(room, event, token=seeded.admin.token)


def _room(name: str, title: str, events: Sequence[JsonObject], **rest: Any) -> SeedRoom:  # noqa: ANN401 - any field of SeedRoom
    return SeedRoom(name, title, events=in_order(events), **{"parent": HARD_SPACE, **rest})


def _spaces() -> list[SeedRoom]:
    """Give a space in a space that lists its parent, a child taken out, and one that nobody here knows."""
    children = [
        state("admin", "m.space.child", f"!{HARD_SPACE}:{SERVER_NAME}", {"via": [SERVER_NAME]}),
        state("admin", "m.space.child", "!nobody-knows:elsewhere.example", {"via": ["elsewhere.example"]}),
        state("admin", "m.space.child", f"!outcast:{SERVER_NAME}", {"via": [SERVER_NAME]}),
        state("admin", "m.space.child", f"!outcast:{SERVER_NAME}", {}),
    ]
    return [
        _room(HARD_SPACE, "Quagmire", [], is_space=True, parent=None),
        _room("undergrowth", "Undergrowth", children, is_space=True),
        _room(
            "meadow", "Meadow", [say("meadow-hello", "ada", "Found two spaces deep.")], parent="undergrowth"
        ),
        _room("outcast", "Outcast", [say("outcast-hello", "ada", "Taken out of its space.")], parent=None),
    ]


def _shut_rooms() -> list[SeedRoom]:
    secret = {
        "session_id": "s1",
        "sender_key": "k1",
        "device_id": "D1",
        "ciphertext": "AwgAEnACgAkLmt6qF84IK",
    }
    encryption = state("admin", "m.room.encryption", "", {"algorithm": "m.megolm.v1.aes-sha2"})
    return [
        _room(
            "closed",
            "Closed",
            [
                say("closed-1", "ada", f"Only members read the {SECRET}."),
                say("closed-2", "ben", f"Yes, {SECRET}."),
            ],
            history_visibility="shared",
        ),
        _room(
            "encrypted",
            "Encrypted",
            [
                say("encrypted-before", "ada", f"Said in clear before the {SECRET}."),
                {**encryption, "event_id": "$encryption"},
                {
                    **say("encrypted-1", "ada", ""),
                    "type": "m.room.encrypted",
                    "content": {"algorithm": "m.megolm.v1.aes-sha2", **secret},
                },
                say("encrypted-clear", "ben", f"A client that forgot to encrypt the {SECRET}."),
            ],
        ),
        _room(
            "vague",
            "Vague",
            [
                say("vague-1", "ada", "Said while the world could read."),
                state("admin", "m.room.history_visibility", "", {"history_visibility": "everyone"}),
                say("vague-2", "ada", f"Said under a visibility that nobody has specified: {SECRET}."),
                state("admin", "m.room.history_visibility", "", {"history_visibility": ["world_readable"]}),
                say("vague-3", "ada", f"Said under one that is no text: {SECRET}."),
                state("admin", "m.room.history_visibility", "", {"history_visibility": "world_readable"}),
                say("vague-4", "ada", "And clearly said again."),
            ],
        ),
        _room(
            "invite-only",
            "Invite only",
            [say("invite-1", "ada", f"Invited people only: {SECRET}.")],
            history_visibility="shared",
            invite_only=True,
        ),
        _room(
            "invite-readable",
            "By invitation, read by all",
            [say("invite-readable-1", "ada", "You may read this, you may not write here.")],
            invite_only=True,
        ),
    ]


def _moved_rooms() -> list[SeedRoom]:
    """Give a room that was upgraded and pins words of both, and two whose tombstones point at each other."""

    def tombstone(target: str) -> JsonObject:
        words = {"body": "This room has moved.", "replacement_room": f"!{target}:{SERVER_NAME}"}
        return state("admin", "m.room.tombstone", "", words)

    there = f"https://matrix.to/#/!old-hall:{SERVER_NAME}/$old-hall-1?via={SERVER_NAME}"
    return [
        _room(
            "old-hall",
            "Village hall",
            [
                say("old-hall-1", "ada", "Who has the key of the village hall?"),
                say("old-hall-2", "ben", "I have it.", reply("old-hall-1")),
            ],
            version="10",
        ),
        _room(
            "hall",
            "Village hall",
            [
                say("hall-1", "ada", f"We asked this before we moved: {there}"),
                say("hall-2", "ben", "And I still have it.", reply("old-hall-2")),
                state(
                    "admin",
                    "m.room.pinned_events",
                    "",
                    {"pinned": ["$hall-1", "$nobody-sent", "$old-hall-1"]},
                ),
            ],
            replaces="old-hall",
        ),
        _room("circle-a", "Circle A", [say("circle-a-1", "ada", "Go to B."), tombstone("circle-b")]),
        _room("circle-b", "Circle B", [say("circle-b-1", "ada", "Go to A."), tombstone("circle-a")]),
    ]


def _changing_room() -> SeedRoom:
    """Give a room that was closed, open, closed and open again, with something crossing each border."""

    def visibility(event_id: str, value: str) -> JsonObject:
        return {
            **state("admin", "m.room.history_visibility", "", {"history_visibility": value}),
            "event_id": f"${event_id}",
        }

    return _room(
        "weather",
        "Weather",
        [
            say("closed-period-1", "ada", f"Nobody may read this {SECRET}."),
            visibility("opened-1", "world_readable"),
            say("open-period-1", "ada", "The first open days."),
            say("open-period-1-thread", "ben", "With an open answer.", relate("m.thread", "open-period-1")),
            say("open-reply-to-closed", "ben", "An open reply to closed words.", reply("closed-period-1")),
            visibility("closed-2", "shared"),
            say("closed-period-2", "ada", f"Closed again: {SECRET}."),
            say(
                "closed-thread-reply",
                "ben",
                f"A closed answer: {SECRET}.",
                relate("m.thread", "open-period-1"),
            ),
            say(
                "closed-edit",
                "ada",
                f"* {SECRET}",
                {"m.new_content": {"msgtype": "m.text", "body": f"Edited while closed: {SECRET}."}}
                | relate("m.replace", "open-period-1"),
            ),
            visibility("opened-2", "world_readable"),
            say("open-period-2", "ada", "Open once more."),
            say("edit-of-closed", "ada", "* Now open.", new_wording("Now open.", "closed-period-1")),
        ],
        history_visibility="shared",
    )


def _strange_rooms() -> list[SeedRoom]:
    newest, oldest = 4_102_444_800_000, 1
    return [
        _room("malformed", "Malformed", MALFORMED_EVENTS),
        _room("hostile", '<b>Hostile</b> & "quoted" ](javascript:alert(1))', HOSTILE_EVENTS),
        _room(
            "purged",
            "Purged",
            [
                say("purged-message", "ada", f"Purged from history: {SECRET}."),
                react("orphan-reaction", "ben", "purged-message", "🌱"),
                say("after-the-purge", "ada", "What comes after a purge stays."),
            ],
        ),
        _room(
            "clocks",
            "Clocks",
            [
                say("clock-now", "ada", "Sent at a sane time."),
                {**say("clock-2100", "mallory", "Sent in the year 2100."), "origin_server_ts": newest},
                {**say("clock-1970", "mallory", "Sent in 1970."), "origin_server_ts": oldest},
                say("clock-after", "ada", "Sane again."),
            ],
        ),
        _room(
            "ancient",
            "Ancient",
            [
                say("ancient-1", "ada", "Event ids here name their server."),
                say("ancient-float", "ada", "Numbers here may be broken.", {"pi": 3.14, "big": 2**70}),
                say("ancient-reply", "ben", "As they did.", reply("ancient-1")),
            ],
            version="1",
        ),
        _room(
            "bridged",
            "Bridged",
            [
                state("admin", "m.bridge", "fi.mau.discord://discord/1/2", {"protocol": {"id": "discord"}}),
                member("discord_1001", "wren (she/her)"),
                say("bridged-1", "discord_1001", "Said on the other side."),
                say(
                    "bridged-webhook",
                    "discord_1001",
                    "Said by a webhook with a name of its own.",
                    {"com.beeper.per_message_profile": {"id": "7", "displayname": "Rain gauge"}},
                ),
            ],
        ),
    ]

"""Whatever JSON a stranger puts into any type of event, a room is read to its end and its types hold."""

from __future__ import annotations

import time
from dataclasses import fields, is_dataclass
from typing import get_args, get_origin, get_type_hints

from hypothesis import given, settings
from hypothesis import strategies as st

from garden.archive.event import Event, MalformedEventError, read_event
from garden.conversations.conversation import Message
from garden.conversations.resolve import resolve_messages
from garden.conversations.room import describe_room
from garden.conversations.thread import thread_conversations
from tests.conversations.material import ADA, BEN, NOON, ROOM, member, said

KINDS = (
    *("m.room.message", "m.room.encrypted", "m.sticker", "m.reaction", "m.room.redaction", "org.unheard.of"),
    *("m.poll.start", "m.poll.response", "m.poll.end", "m.call.invite", "m.room.member", "m.room.name"),
    *("org.matrix.msc3381.poll.start", "org.matrix.msc3381.poll.response", "org.matrix.msc3381.poll.end"),
    *("m.room.create", "m.room.tombstone", "m.room.topic", "m.room.avatar", "m.room.pinned_events"),
    *("m.room.power_levels", "m.bridge", "uk.half-shot.bridge", "m.widget", "im.vector.modular.widgets"),
    *("m.room.canonical_alias", "m.room.history_visibility"),
)
KEYS = st.sampled_from(
    [
        *(
            "body",
            "msgtype",
            "format",
            "formatted_body",
            "url",
            "filename",
            "info",
            "m.relates_to",
            "rel_type",
        ),
        *(
            "event_id",
            "m.in_reply_to",
            "is_falling_back",
            "m.new_content",
            "key",
            "displayname",
            "membership",
        ),
        *("mimetype", "size", "duration", "thumbnail_url", "waveform", "m.audio", "m.voice", "geo_uri"),
        *(
            "org.matrix.msc1767.audio",
            "org.matrix.msc1767.text",
            "m.text",
            "m.location",
            "uri",
            "description",
        ),
        *("m.poll", "org.matrix.msc3381.poll.start", "question", "answers", "m.id", "id", "max_selections"),
        *("kind", "m.selections", "org.matrix.msc3381.poll.response", "users", "redact", "users_default"),
        *("creator", "room_version", "additional_creators", "predecessor", "room_id", "replacement_room"),
        *("pinned", "name", "topic", "m.topic", "type", "protocol", "network", "bridgebot", "avatar_url"),
        *("m.mentions", "user_ids", "room", "shortcode", "com.beeper.per_message_profile", "has_fallback"),
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 10**14)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(
        [
            *(
                "$a",
                "$b",
                "m.thread",
                "m.replace",
                "m.annotation",
                "m.reference",
                "m.image",
                "m.location",
                ADA,
            ),
            *("mxc://a/b", "geo:1,2", "join", "ban", "leave", "discord", "org.matrix.custom.html", "12"),
            *("\u202e", "\ud800", "@x:y (Discord)", "https://matrix.to/#/@ada:fen.example"),
        ]
    ),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(KEYS, children, max_size=5),
    max_leaves=16,
)
CONTENTS = st.dictionaries(KEYS, VALUES, max_size=6)
STATE_KEYS = st.sampled_from([None, None, "", ADA, BEN, "@x", "\u202e"])
SENDERS = st.sampled_from([ADA, BEN, "@discord_12:fen.example", "@_irc_x:y", "@"])


def check_type(value: object, hint: object) -> None:
    """Hold a value against what the class says about it, down to the members of tuples."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple:
        assert type(value) is tuple
        members = [arguments[0]] * len(value) if arguments[1:] == (...,) else list(arguments)
        for each, its_hint in zip(value, members, strict=True):
            check_type(each, its_hint)
    elif arguments:  # a union: whatever fits
        if value is not None:
            check_type(value, next(each for each in arguments if each is not type(None)))
    elif isinstance(hint, type) and is_dataclass(hint):
        assert isinstance(value, hint)
        hints = get_type_hints(hint)
        for each in fields(hint):
            check_type(getattr(value, each.name), hints[each.name])
    else:
        plain = getattr(hint, "__supertype__", hint)
        assert isinstance(plain, type)
        assert isinstance(value, plain)
        assert plain is not int or type(value) is int
        if isinstance(value, str):
            assert value.encode().decode() == value


def read(number: int, kind: str, sender: str, content: object, state_key: str | None) -> Event | None:
    source = {
        "type": kind,
        "event_id": f"${'abcdefgh'[number]}",
        "sender": sender,
        "origin_server_ts": NOON + number,
        "content": content,
        **({} if state_key is None else {"state_key": state_key}),
        **({"unsigned": {"redacted_because": content}} if number == 3 else {}),
    }
    try:
        return read_event(source, ROOM)
    except MalformedEventError:
        return None


@given(
    strange=st.lists(st.tuples(st.sampled_from(KINDS), SENDERS, CONTENTS, STATE_KEYS), max_size=6),
    membership=st.booleans(),
)
@settings(max_examples=400, deadline=None)
def test_no_json_that_a_stranger_writes_stops_a_room(
    *, strange: list[tuple[str, str, dict[str, object], str | None]], membership: bool
) -> None:
    found = [read(number, *each) for number, each in enumerate(strange)]
    events = [each for each in found if each is not None]
    messages = resolve_messages([said("z", "still read"), *events], events, membership=membership)
    assert messages[0].body == "still read" or messages[0].edited_at is not None
    for message in messages:
        check_type(message, Message)
        assert message.sender_name
        assert "\n" not in message.sender_name + message.type_name + message.network
    thread_conversations(messages)
    describe_room(ROOM, events)


def test_a_large_room_is_read_fast() -> None:
    """Ten thousand events a second and more; a wide margin, for machines that are busy."""
    people = [f"@person{number}:fen.example" for number in range(1000)]
    events: list[Event] = []
    for number, person in enumerate(people):
        events.append(member(f"m{number}", person, f"Pérson {number % 700}"))
        events += [
            said(
                f"{number}-{each}",
                f"Some words to {people[each]} about beans",
                sender=person,
                format="org.matrix.custom.html",
                formatted_body="Some <b>words</b> about beans",
            )
            for each in range(19)
        ]
    start = time.process_time()
    messages = resolve_messages(events)
    assert len(messages) == 19_000
    assert time.process_time() - start < 5

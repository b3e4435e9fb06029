"""A transcript is a room written in a text editor, and the same one makes the same events for ever."""

from __future__ import annotations

import json

import pytest

from garden.archive.event import MxcUri, RoomId, read_event
from garden.archive.transcript import (
    Picture,
    TranscriptError,
    event_id,
    permalink,
    read_people,
    read_transcript,
    room_id,
)
from garden.demo.plant import ROOMS, read_demo
from garden.resources import demo_folder

PEOPLE = {"ada": "Ada Lindqvist", "ben": "Ben Okafor"}
PICTURES = {"jar.webp": Picture(MxcUri("mxc://fen.example/jar"), "image/webp", 640, 480, 1000)}
HEADER = "room: Seeds: and saving\nalias: seeds\ntopic: What we grow\n\n== 2025-03-03\n"

Json = dict[str, object]


def read(lines: str) -> list[Json]:
    """The events behind the state that opens the room."""
    events = list(read_transcript(HEADER + lines, PEOPLE, PICTURES))
    return [event for event in events if "state_key" not in event]


def content(lines: str) -> Json:
    (event,) = read(lines)
    found = event["content"]
    assert isinstance(found, dict)
    return found


def relation(lines: str) -> object:
    found = read(lines)[-1]["content"]
    assert isinstance(found, dict)
    return found.get("m.relates_to")


def test_a_room_opens_to_the_world_with_name_alias_topic_and_people() -> None:
    state = {
        (str(event["type"]), str(event["state_key"])): event["content"]
        for event in read_transcript(f"{HEADER}09:12 ada: Hello", PEOPLE)
        if "state_key" in event
    }
    assert state["m.room.history_visibility", ""] == {"history_visibility": "world_readable"}
    assert state["m.room.name", ""] == {"name": "Seeds: and saving"}
    assert state["m.room.canonical_alias", ""] == {"alias": "#seeds:fen.example"}
    assert state["m.room.topic", ""] == {"topic": "What we grow"}
    assert state["m.room.member", "@ben:fen.example"] == {"membership": "join", "displayname": "Ben Okafor"}


def test_a_line_is_a_message_with_time_sender_and_words() -> None:
    (event,) = read("09:12 ada: Hello")
    assert (event["sender"], event["type"], event["room_id"]) == (
        "@ada:fen.example",
        "m.room.message",
        room_id("seeds"),
    )
    assert event["origin_server_ts"] == 1_740_993_120_006  # 09:12 UTC, and the sixth line of the file
    assert event["content"] == {"msgtype": "m.text", "body": "Hello"}


def test_words_go_on_in_indented_lines_and_over_empty_ones() -> None:
    assert content("09:12 ada: One\n    two\n\n      three\n\n")["body"] == "One\ntwo\n\n  three"


@pytest.mark.parametrize(
    ("line", "html"),
    [
        ("plain words", None),
        ("**bold**", "<strong>bold</strong>"),
        ("one\n    two", "one<br />\ntwo"),
        ("one\n\n    two", "<p>one</p>\n<p>two</p>"),
        ("<b>not html</b>", "&lt;b&gt;not html&lt;/b&gt;"),
        ("~~old~~", "<s>old</s>"),
        ("`code`", "<code>code</code>"),
    ],
)
def test_markdown_is_sent_as_a_client_sends_it(line: str, html: str | None) -> None:
    found = content(f"09:12 ada: {line}")
    assert found.get("formatted_body") == html
    assert ("format" in found) == (html is not None)


def test_a_thread_message_carries_the_fallback_that_clients_add() -> None:
    root, first = event_id("seeds", "root"), event_id("seeds", "first")
    assert relation("09:12 ada @root [first]: In the thread") == {
        "rel_type": "m.thread",
        "event_id": root,
        "m.in_reply_to": {"event_id": root},
        "is_falling_back": True,
    }
    assert relation("09:12 ada @root [first]: One\n09:13 ben @root: Two") == {
        "rel_type": "m.thread",
        "event_id": root,
        "m.in_reply_to": {"event_id": first},
        "is_falling_back": True,
    }


def test_an_answer_inside_a_thread_is_no_fallback() -> None:
    found = relation("09:12 ada @root >first [second]: An answer")
    assert isinstance(found, dict)
    assert found["is_falling_back"] is False
    assert found["m.in_reply_to"] == {"event_id": event_id("seeds", "first")}


def test_an_answer_outside_threads_is_only_that() -> None:
    assert relation("09:12 ada >first: An answer") == {
        "m.in_reply_to": {"event_id": event_id("seeds", "first")}
    }


def test_edits_reactions_and_removals_point_at_what_they_are_about() -> None:
    target = event_id("seeds", "a")
    edit, reaction, removal = read(
        "09:12 ada edits a: Better\n09:13 ben reacts a ❤️\n09:14 ada removes a: too much"
    )
    assert edit["content"] == {
        "msgtype": "m.text",
        "body": "* Better",
        "m.new_content": {"msgtype": "m.text", "body": "Better"},
        "m.relates_to": {"rel_type": "m.replace", "event_id": target},
    }
    assert reaction["type"] == "m.reaction"
    assert reaction["content"] == {
        "m.relates_to": {"rel_type": "m.annotation", "event_id": target, "key": "❤️"}
    }
    assert removal["type"] == "m.room.redaction"
    assert removal["content"] == {"redacts": target, "reason": "too much"}


@pytest.mark.parametrize(("word", "kind"), [("notice", "m.notice"), ("me", "m.emote")])
def test_notices_and_emotes_say_so(word: str, kind: str) -> None:
    assert content(f"09:12 ada {word}: words")["msgtype"] == kind


def test_a_picture_has_its_measures_and_perhaps_a_caption() -> None:
    captioned = content("09:12 ada [p] image jar.webp: Four *labels*")
    assert (captioned["msgtype"], captioned["body"], captioned["url"]) == (
        "m.image",
        "Four *labels*",
        "mxc://fen.example/jar",
    )
    assert captioned["info"] == {"mimetype": "image/webp", "w": 640, "h": 480, "size": 1000}
    assert content("09:12 ada image jar.webp:")["body"] == "jar.webp"


def test_a_reference_becomes_a_permalink_into_this_room_or_another() -> None:
    body = content("09:12 ada: see [[a]] and [that]([[kitchen/soup]])")["body"]
    assert body == f"see {permalink('seeds', 'a')} and [that]({permalink('kitchen', 'soup')})"
    assert permalink("kitchen", "soup").startswith(f"https://matrix.to/#/{room_id('kitchen')}/$")


def test_a_room_is_opened_a_day_before_anybody_speaks_or_when_its_header_says() -> None:
    def opened(header: str) -> set[object]:
        events = read_transcript(f"{header}\n== 2025-03-03\n09:12 ada: Hello", PEOPLE)
        return {event["origin_server_ts"] for event in events if "state_key" in event}

    assert opened("room: R\nalias: r\n") == {1_740_906_720_005}  # 2 March, 09:12
    assert opened("room: R\nalias: r\nopened: 2025-01-01\n") == {1_735_689_600_000}


def test_a_room_may_follow_another() -> None:
    header = "room: R\nalias: r\nfollows: seeds/stone\n\n"
    create = next(event for event in read_transcript(header, PEOPLE) if event["type"] == "m.room.create")
    assert create["content"] == {
        "room_version": "11",
        "predecessor": {"room_id": room_id("seeds"), "event_id": event_id("seeds", "stone")},
    }


def test_any_event_can_be_sent_as_json() -> None:
    (event,) = read('09:12 ada [poll] sends m.poll.start: {"m.poll":\n    {"kind": "m.disclosed"}}')
    assert (event["type"], event["event_id"]) == ("m.poll.start", event_id("seeds", "poll"))
    assert event["content"] == {"m.poll": {"kind": "m.disclosed"}}
    assert "state_key" not in event


def test_an_event_sent_as_json_can_stand_in_a_thread_and_answer() -> None:
    found = relation('09:12 ada @root >first sends m.sticker: {"body": "A bean"}')
    assert isinstance(found, dict)
    assert (found["rel_type"], found["event_id"]) == ("m.thread", event_id("seeds", "root"))
    own = relation('09:12 ada >first sends m.sticker: {"m.relates_to": {"rel_type": "own"}}')
    assert own == {"rel_type": "own"}


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("sets m.room.topic", ""),
        ("sets m.room.member @ben", "@ben:fen.example"),
        ("sets m.room.member @eve:else.example", "@eve:else.example"),
        ("sets m.widget gauge", "gauge"),
        ("sets m.bridge irc://fen.example/%23seeds", "irc://fen.example/%23seeds"),
    ],
)
def test_any_state_can_be_set(line: str, key: str) -> None:
    *_, event = read_transcript(f'{HEADER}09:12 ada {line}: {{"a": 1}}', PEOPLE)
    assert (event["state_key"], event["content"]) == (key, {"a": 1})


def test_names_in_json_stand_for_identifiers() -> None:
    names = {
        "$a": event_id("seeds", "a"),
        "$kitchen/soup": event_id("kitchen", "soup"),
        "!kitchen": room_id("kitchen"),
        "@ben": "@ben:fen.example",
        "@eve": "@eve",
        "mxc:jar.webp": "mxc://fen.example/jar",
        "mxc:hum.ogg": "mxc://fen.example/hum",
        "see [[a]]": f"see {permalink('seeds', 'a')}",
        "@ben: $a": "@ben: $a",
    }
    line = json.dumps({"all": list(names), "in": {"@ben": [{"deep": "$a"}]}, "count": 1, "none": None})
    assert content(f"09:12 ada sends x: {line}") == {
        "all": list(names.values()),
        "in": {"@ben:fen.example": [{"deep": event_id("seeds", "a")}]},
        "count": 1,
        "none": None,
    }


def test_who_joins_by_a_line_can_speak_from_then_on() -> None:
    join = '09:12 irc_lotte sets m.room.member @irc_lotte: {"membership": "join", "displayname": "lotte"}'
    *_, joined, said = read_transcript(f"{HEADER}{join}\n09:13 irc_lotte: Hello", PEOPLE)
    assert joined["sender"] == joined["state_key"] == said["sender"] == "@irc_lotte:fen.example"


def test_what_is_about_a_message_can_be_named_as_well() -> None:
    reaction, removal, edit, gone = read(
        "09:12 ada reacts a 🌱 [sprout]\n09:13 ada removes sprout\n"
        "09:14 ada edits a [slip]: Words\n09:15 ada removes slip"
    )
    assert removal["content"] == {"redacts": reaction["event_id"]}
    assert gone["content"] == {"redacts": edit["event_id"]}


def test_the_same_transcript_makes_the_same_events() -> None:
    lines = "09:12 ada [a]: One\n09:13 ben: Two"
    assert read(lines) == read(lines)
    assert [event["event_id"] for event in read(lines)] == [
        event_id("seeds", "a"),
        event_id("seeds", "line-2"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{HEADER}9:12 ada: Hello", "line 6: neither a day nor a message: '9:12 ada: Hello'"),
        (f"{HEADER}09:12 ada Hello", "line 6: neither a day nor a message"),
        ("room: R\nalias: r\n\n09:12 ada: Before any day", "line 4: neither a day nor a message"),
        (f"{HEADER}25:00 ada: Late", "line 6: 2025-03-03 25:00 is no time"),
        (f"{HEADER}== 2025-02-30\n09:00 ada: No day", "line 7: 2025-02-30 09:00 is no time"),
        (f"{HEADER}09:12 eve: Who?", "line 6: eve is not known"),
        (f"{HEADER}09:12 ada image lost.webp:", "line 6: lost.webp is not known"),
        (f"{HEADER}09:12 eve sets m.room.member @ada: {{}}", "line 6: eve is not known"),
        (f"{HEADER}09:12 ada sends x: {{]", "line 6: Expecting property name"),
        (f"{HEADER}09:12 ada sends x: [1]", "line 6: an event's content is a JSON object, not '[1]'"),
        ("room: R\nalias: r\nopened: soon\n\n", "line 1: soon 00:00 is no time"),
        ("room: R\n\n== 2025-03-03", "line 1: the header has no `alias"),
        ("alias: r\n\n", "line 1: the header has no `room"),
        ("", "line 1: the header has no `room"),
    ],
)
def test_a_line_that_does_not_follow_the_form_is_named(text: str, said: str) -> None:
    with pytest.raises(TranscriptError) as caught:
        list(read_transcript(text, PEOPLE))
    assert str(caught.value).startswith(said)


def test_a_topic_may_be_missing_or_empty() -> None:
    for header in ("room: R\nalias: r\n\n", "room: R\nalias: r\ntopic:\n\n"):
        events = list(read_transcript(header, PEOPLE))
        assert {"topic": ""} in [event["content"] for event in events]


def test_people_are_one_a_line() -> None:
    assert read_people("ada: Ada Lindqvist\n\nhana: 花 Hana: Mori\n") == {
        "ada": "Ada Lindqvist",
        "hana": "花 Hana: Mori",
    }


def test_every_line_of_the_demo_is_an_event_that_an_archive_takes_and_no_two_are_one() -> None:
    events = list(read_demo(demo_folder()))
    rooms = {str(event["room_id"]) for event in events}
    assert len({event["event_id"] for event in events}) == len(events)
    assert {room_id(alias) for alias in ROOMS} <= rooms
    for event in events:
        assert read_event(event, RoomId(str(event["room_id"]))).event_id == event["event_id"]


def test_everything_that_the_demo_refers_to_is_there() -> None:
    events = list(read_demo(demo_folder()))
    known = {event["event_id"] for event in events}
    lost = []
    for event in events:
        found = event["content"]
        assert isinstance(found, dict)
        about = found.get("m.relates_to") or {}
        targets = [
            about.get("event_id"),
            (about.get("m.in_reply_to") or {}).get("event_id"),
            found.get("redacts"),
        ]
        lost += [target for target in targets if target is not None and target not in known]
    assert lost == []

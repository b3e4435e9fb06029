"""A transcript is a room written in a text editor, and the same one makes the same events for ever."""

from __future__ import annotations

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

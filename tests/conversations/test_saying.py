"""Each type of message reads as it was meant; a type that nobody knows says what it is called."""

from __future__ import annotations

from typing import Any

import pytest

from garden.archive.event import Event, MxcUri
from garden.conversations.conversation import Attachment, Message, MessageKind
from garden.conversations.resolve import resolve_messages
from tests.conversations.material import event, said, secret

URL: dict[str, Any] = {"url": "mxc://a/b"}
VOICE: dict[str, Any] = {"org.matrix.msc3245.voice": {}}


def only(*events: Event) -> Message:
    (message,) = resolve_messages(events)
    return message


def sent(msgtype: str, body: str = "words", /, **content: object) -> Message:
    more: dict[str, Any] = content
    return only(said("a", body, msgtype=msgtype, **more))


def carried(msgtype: str, body: str = "bean.png", /, **content: object) -> Attachment:
    attachment = sent(msgtype, body, **{**URL, **content}).attachment
    assert attachment is not None
    return attachment


@pytest.mark.parametrize(
    ("content", "kind", "type_name"),
    [
        ({"msgtype": "m.text"}, MessageKind.TEXT, ""),
        ({"msgtype": "m.notice"}, MessageKind.NOTICE, ""),
        ({"msgtype": "m.server_notice"}, MessageKind.NOTICE, ""),
        ({"msgtype": "m.emote"}, MessageKind.EMOTE, ""),
        ({"msgtype": "m.location", "geo_uri": "geo:somewhere"}, MessageKind.TEXT, ""),
        ({"msgtype": "m.image"}, MessageKind.IMAGE, ""),
        ({"msgtype": "m.file"}, MessageKind.FILE, ""),
        ({"msgtype": "m.audio", "m.voice": True}, MessageKind.AUDIO, ""),
        ({"msgtype": "m.audio", **VOICE}, MessageKind.VOICE, ""),
        ({"msgtype": "m.video"}, MessageKind.VIDEO, ""),
        ({"msgtype": "org.unheard.of"}, MessageKind.OTHER, "org.unheard.of"),
        ({"msgtype": "m.bad\u202e\n" + "x" * 500}, MessageKind.OTHER, "m.bad " + "x" * 74),
        ({"msgtype": ["m.text"]}, MessageKind.TEXT, ""),
        ({}, MessageKind.TEXT, ""),
    ],
)
def test_words_are_read_by_their_kind(content: dict[str, object], kind: MessageKind, type_name: str) -> None:
    message = only(event("a", "m.room.message", {"body": "words", **content}))
    assert (message.kind, message.body, message.type_name) == (kind, "words", type_name)
    assert message.attachment is None


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"msgtype": "m.image"}, MessageKind.IMAGE),
        ({"msgtype": "m.file"}, MessageKind.FILE),
        ({"msgtype": "m.audio"}, MessageKind.AUDIO),
        ({"msgtype": "m.audio", **VOICE}, MessageKind.VOICE),
        ({"msgtype": "m.video"}, MessageKind.VIDEO),
    ],
)
def test_what_carries_a_file_without_a_caption_says_nothing(
    content: dict[str, object], kind: MessageKind
) -> None:
    message = only(event("a", "m.room.message", {"body": "bean.bin", **content, **URL}))
    assert (message.kind, message.body, message.formatted_body) == (kind, "", None)
    assert message.attachment == Attachment(MxcUri("mxc://a/b"), "bean.bin")


def test_a_sticker_is_named_by_its_body() -> None:
    message = only(event("s", "m.sticker", {"body": "A leaf", **URL}))
    assert (message.kind, message.body, message.attachment) == (
        MessageKind.STICKER,
        "",
        Attachment(MxcUri("mxc://a/b"), "A leaf"),
    )


@pytest.mark.parametrize(
    ("body", "filename", "name", "caption"),
    [
        ("bean.png", None, "bean.png", ""),
        ("bean.png", "bean.png", "bean.png", ""),
        ("A bean", "bean.png", "bean.png", "A bean"),
        ("A bean", 7, "A bean", ""),
        ("A bean", "", "A bean", ""),
        ("", "bean.png", "bean.png", ""),
        ("x", "bean\n\u202egnp.exe", "bean gnp.exe", "x"),
        ("x" * 500, None, "x" * 150, ""),
    ],
)
def test_a_body_beside_a_file_name_is_a_caption(body: str, filename: object, name: str, caption: str) -> None:
    html = {"format": "org.matrix.custom.html", "formatted_body": f"<i>{body}</i>"}
    message = sent("m.image", body, filename=filename, **URL, **html)
    assert message.attachment is not None
    assert (message.attachment.name, message.body) == (name, caption)
    assert message.formatted_body == (f"<i>{body}</i>" if caption else None)


@pytest.mark.parametrize(
    "url",
    [
        *(
            None,
            7,
            "https://evil.example/x.png",
            "file:///etc/passwd",
            "",
            "MXC://a/b",
            "mxc://a",
            "mxc://a/",
        ),
        *(
            "mxc://a/b/c",
            "mxc://a/../b",
            "mxc:///b",
            "mxc://a/b?x",
            "mxc://a/b\n",
            "mxc://a b/c",
            "mxc://ä/b",
        ),
        "mxc://a/" + "b" * 300,
    ],
)
def test_what_no_homeserver_could_have_is_no_attachment_and_the_words_stay(url: object) -> None:
    message = sent("m.image", "x", url=url)
    assert (message.attachment, message.body) == (None, "x")


@pytest.mark.parametrize(
    ("info", "read"),
    [
        ({"size": 12345, "mimetype": "image/PNG", "duration": 1500}, ("image/png", 12345, 1500)),
        ({"size": 0, "duration": 0}, ("", 0, 0)),
        ({"size": -1, "duration": -1}, ("", None, None)),
        ({"size": 2**80, "duration": 2**80}, ("", None, None)),
        ({"size": 1.5, "duration": True}, ("", None, None)),
        ({"size": "12", "mimetype": 7}, ("", None, None)),
        ({"mimetype": "text/html; charset=x"}, ("", None, None)),
        ({"mimetype": 'a/b" onload="x'}, ("", None, None)),
        ([], ("", None, None)),
        ("x", ("", None, None)),
    ],
)
def test_declared_numbers_are_believed_within_bounds(info: object, read: tuple[object, ...]) -> None:
    attachment = carried("m.video", info=info)
    assert (attachment.mimetype, attachment.size, attachment.duration_ms) == read


def test_a_video_has_a_still_and_a_picture_has_none() -> None:
    info = {"thumbnail_url": "mxc://a/still"}
    assert carried("m.video", info=info).thumbnail == "mxc://a/still"
    assert carried("m.image", info=info).thumbnail is None
    assert carried("m.video", info={"thumbnail_url": "javascript:x"}).thumbnail is None


@pytest.mark.parametrize(
    ("audio", "waveform"),
    [
        ({"duration": 900, "waveform": [0, 512, 1024]}, (0, 512, 1024)),
        ({"duration": 900, "waveform": [-5, 4096]}, (0, 1024)),
        ({"duration": 900, "waveform": [1] * 5000}, (1,) * 1024),
        ({"duration": 900, "waveform": [1, "2"]}, ()),
        ({"duration": 900, "waveform": [True, 1.5]}, ()),
        ({"duration": 900, "waveform": {}}, ()),
        ({"duration": 900}, ()),
    ],
)
@pytest.mark.parametrize("key", ["org.matrix.msc1767.audio", "m.audio"])
def test_a_voice_message_has_length_and_loudness(
    key: str, audio: dict[str, object], waveform: tuple[int, ...]
) -> None:
    attachment = carried("m.audio", "Voice message", **VOICE, **{key: audio})
    assert (attachment.duration_ms, attachment.waveform) == (900, waveform)


@pytest.mark.parametrize(
    ("geo", "shown"),
    [
        ("geo:52.08,4.31", "geo:52.08,4.31"),
        ("geo:-52.08,-4.31,12;u=35", "geo:-52.08,-4.31;u=35"),
        ("GEO:52,4;crs=WGS84;U=3.5;x=y", "geo:52,4;u=3.5"),
        ("geo:90,180", "geo:90,180"),
        *(("geo:" + bad, None) for bad in ("91,0", "0,181", "1", "1,", "a,b", "1e3,1", "1,2;crs=moon", "")),
        ("geo:1,2>)<script>", None),
        ("geo:1,2;u=<script>", None),
        ("geo:\u0661,2", None),
        ("https://maps.example/?q=1,2", None),
        (7, None),
        (None, None),
    ],
)
def test_a_place_is_coordinates_on_earth(geo: object, shown: str | None) -> None:
    location = sent("m.location", "The old mill", geo_uri=geo).location
    assert (location.geo_uri if location else None) == shown


@pytest.mark.parametrize(
    ("body", "block", "description"),
    [
        ("The old mill", None, "The old mill"),
        ("Location geo:1,2 as of today", None, ""),
        ("Location geo:1,2", {"uri": "geo:1,2", "description": "The\nold mill\u202e"}, "The old mill"),
        ("The old mill", {"uri": "geo:1,2"}, "The old mill"),
        ("The old mill", {"description": 7}, "The old mill"),
    ],
)
def test_a_place_may_be_described(body: str, block: object, description: str) -> None:
    message = sent("m.location", body, geo_uri="geo:1,2", **{"org.matrix.msc3488.location": block})
    assert message.location is not None
    assert (message.kind, message.body, message.location.description) == (
        MessageKind.LOCATION,
        description,
        description,
    )


def test_a_place_may_stand_in_the_extensible_event_only() -> None:
    block: dict[str, Any] = {"m.location": {"uri": "geo:1,2"}}
    location = sent("m.location", **block).location
    assert location is not None
    assert location.geo_uri == "geo:1,2"


@pytest.mark.parametrize(
    ("content", "body", "html"),
    [
        ({"body": "words"}, "words", None),
        ({"m.text": "words"}, "words", None),
        ({"org.matrix.msc1767.text": "words"}, "words", None),
        ({"m.text": [{"body": "words"}]}, "words", None),
        (
            {
                "m.text": [
                    {"mimetype": "text/html", "body": "<b>w</b>"},
                    {"mimetype": "text/plain", "body": "w"},
                ]
            },
            "w",
            "<b>w</b>",
        ),
        ({"org.matrix.msc1767.text": "w", "org.matrix.msc1767.html": "<b>w</b>"}, "w", "<b>w</b>"),
        ({"m.text": [7, [], {"body": 7}], "x": 1}, "", None),
        ({"m.text": 7}, "", None),
        ({"body": 7, "m.text": {"body": "x"}}, "", None),
        ({"x": 1}, "", None),
    ],
)
def test_a_type_nobody_knows_reads_as_its_fallback(
    content: dict[str, object], body: str, html: object
) -> None:
    message = only(event("u", "org.unheard.of", content))
    assert (message.kind, message.type_name, message.body, message.formatted_body) == (
        MessageKind.OTHER,
        "org.unheard.of",
        body,
        html,
    )


@pytest.mark.parametrize("kind", ["m.call.invite", "m.call.hangup", "m.call.reject"])
def test_a_call_is_one_line_that_names_its_type(kind: str) -> None:
    message = only(event("c", kind, {"call_id": "1", "offer": {"sdp": "private"}, "body": "x"}))
    assert (message.kind, message.type_name, message.body) == (MessageKind.CALL, kind, "")


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("m.call.candidates", {"body": "x"}),
        ("m.call.negotiate", {}),
        ("org.matrix.msc3401.call.member", {}),
        ("m.key.verification.start", {"body": "x"}),
        ("m.room.message", {"msgtype": "m.key.verification.request", "body": "x"}),
        ("m.room.redaction", {"redacts": "$a", "reason": "spam", "body": "x"}),
        ("m.room.name", {"name": "sent as a message"}),
        ("m.poll.response", {"body": "x"}),
        ("org.matrix.msc3381.poll.end", {"body": "x"}),
        ("m.reaction", {"body": "x"}),
        ("m.beacon", {"body": "x"}),
    ],
)
def test_bookkeeping_is_no_message(kind: str, content: dict[str, Any]) -> None:
    assert resolve_messages([event("x", kind, content)]) == []
    because = {"type": "m.room.redaction", "sender": "@mo:fen.example", "origin_server_ts": 1}
    if kind != "m.room.message":  # once it is empty, nobody can tell which kind it was
        assert resolve_messages([event("x", kind, {}, unsigned={"redacted_because": because})]) == []


def test_a_message_with_a_state_key_is_none() -> None:
    assert resolve_messages([event("s", "m.room.message", {"body": "state"}, state_key="")]) == []


def test_an_encrypted_message_says_only_that_it_is_one() -> None:
    message = only(secret("x"))
    assert (message.kind, message.body, message.type_name, message.reply_to) == (
        MessageKind.ENCRYPTED,
        "",
        "",
        None,
    )

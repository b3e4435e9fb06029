"""Every place in an event that a sender controls: a hostile text goes in, contents with it come out.

`story` makes rooms of them; `events` takes them for the well-formed half of what it draws.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Final

Json = dict[str, object]

SERVER: Final = "fen.example"
ADA: Final = f"@ada:{SERVER}"
BEN: Final = f"@ben:{SERVER}"
MALLORY: Final = f"@mallory:{SERVER}"
BEGIN: Final = 1_740_992_400_000
"""3 March 2025, 09:00 UTC."""
HTML: Final = "org.matrix.custom.html"


def _text(body: str, **more: object) -> Json:
    return {"msgtype": "m.text", "body": body, **more}


def _html(formatted: str) -> Json:
    return _text("plain words", format=HTML, formatted_body=formatted)


def _framed(opening: str, closing: str) -> Callable[[str], Json]:
    """Put the text, escaped, between these, as a client does with what somebody typed."""
    return lambda text: _html(f"{opening}{escape(text)}{closing}")


def _raw(opening: str, closing: str) -> Callable[[str], Json]:
    return lambda text: _html(f"{opening}{text}{closing}")


def _media(kind: str, **info: object) -> Callable[[str], Json]:
    def make(text: str) -> Json:
        return {
            "msgtype": kind,
            "body": text,
            "filename": text,
            "url": f"mxc://{SERVER}/absent",
            "info": {"mimetype": text, "size": 1_000, **info},
        }

    return make


MESSAGES: Final[Mapping[str, Callable[[str], Json]]] = {
    "body": _text,
    "body-in-words": lambda text: _text(f"before {text} after"),
    "body-below": lambda text: _text(f"before\n{text}\n\nafter"),
    "notice": lambda text: _text(text, msgtype="m.notice"),
    "emote": lambda text: _text(text, msgtype="m.emote"),
    "formatted": _html,
    "formatted-body-too": lambda text: _text(text, format=HTML, formatted_body=text),
    "format": lambda text: _text("words", format=text, formatted_body="<b>words</b>"),
    "words": _framed("<p>", "</p>"),
    "words-strong": _framed("a<strong>", "</strong>b"),
    "words-in-list": _framed("<ul><li>", "</li><li>x</li></ul>"),
    "words-in-quotation": _framed("<blockquote>", "</blockquote>"),
    "words-in-heading": _framed("<h1>", "</h1>"),
    "words-in-table": _framed("<table><tr><th>", "</th></tr><tr><td>x</td></tr></table>"),
    "words-in-caption": _framed("<table><caption>", "</caption><tr><td>x</td></tr></table>"),
    "words-in-code": _framed("<code>", "</code>"),
    "words-in-code-block": _framed("<pre><code>", "</code></pre>"),
    "words-in-link": _framed('<a href="https://good.example/">', "</a>"),
    "words-in-spoiler": _framed("<span data-mx-spoiler>", "</span>"),
    "words-in-summary": _framed("<details><summary>", "</summary>x</details>"),
    "words-in-details": _framed("<details><summary>x</summary>", "</details>"),
    "words-in-colour": _framed('<span data-mx-color="#ff0000" data-mx-bg-color="#000000"><u>', "</u></span>"),
    "spoiler-reason": _framed('<span data-mx-spoiler="', '">words</span>'),
    "colour": _framed('<span data-mx-color="', '">words</span>'),
    "colour-behind": _framed('<font color="#ff0000" data-mx-bg-color="', '">words</font>'),
    "maths": _framed('<span data-mx-maths="', '">words</span>'),
    "maths-block": _framed('<div data-mx-maths="', '"><code>words</code></div>'),
    "language": _framed('<pre><code class="language-', '">x = 1</code></pre>'),
    "language-raw": _raw("<pre><code class=language-", ">x = 1</code></pre>"),
    "link": _framed('<a href="', '">words</a>'),
    "link-single": _raw("<a href='", "'>words</a>"),
    "link-bare": _raw("<a href=", ">words</a>"),
    "link-title": _framed('<a href="https://good.example/" title="', '">words</a>'),
    "picture": _framed('<img alt="words" src="', '">'),
    "picture-words": _framed('<img src="mxc://fen.example/absent" alt="', '" title="y">'),
    "picture-size": _framed('<img src="mxc://fen.example/absent" alt="x" height="9" width="', '">'),
    "emote-shortcode": _framed('<img data-mx-emoticon src="mxc://fen.example/absent" alt="', '">'),
    "emote-title": _framed('<img data-mx-emoticon src="mxc://fen.example/absent" title="', '">'),
    "list-start": _framed('<ol start="', '"><li>words</li></ol>'),
    "pill": _framed('<a href="https://matrix.to/#/@mallory:fen.example">', "</a>"),
    "pill-target": _framed('<a href="https://matrix.to/#/', '">words</a>'),
    "attribute-name": _raw("<b ", "=x>words</b>"),
    "element-name": _raw("<", ">words"),
    "element-end": _raw("<b>words</", ">words"),
    "comment": _raw("words <!--", "--> words"),
    "reply-fallback": lambda text: _text(f"> <@ada:fen.example> {text}\n\nanswer"),
    "reply-fallback-html": _raw("<mx-reply><blockquote>", "</blockquote></mx-reply>answer"),
    "msgtype": lambda text: _text("words", msgtype=text),
    "file": _media("m.file"),
    "image": _media("m.image", w=9, h=9, **{"xyz.amorgan.blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj"}),
    "video": _media("m.video", w=9, h=9, duration=9_000, thumbnail_url=f"mxc://{SERVER}/absent"),
    "audio": _media("m.audio", duration=9_000),
    "voice": lambda text: (
        _media("m.audio", duration=9_000)(text)
        | {
            "org.matrix.msc3245.voice": {},
            "org.matrix.msc1767.audio": {"duration": 9_000, "waveform": [1, text, -5]},
        }
    ),
    "file-caption": lambda text: _media("m.image")("bean.png") | {"body": text},
    "file-caption-html": lambda text: (
        _media("m.image")("bean.png") | {"body": "x", "format": HTML, "formatted_body": text}
    ),
    "file-name": lambda text: _media("m.file")("caption") | {"filename": text},
    "file-info": lambda text: _media("m.image", w=text, h=text, duration=text, size=text)("bean.png"),
    "media-address": lambda text: _media("m.image")("bean.png") | {"url": text},
    "media-id": lambda text: _media("m.file")("bean.pdf") | {"url": f"mxc://{SERVER}/{text}"},
    "media-server": lambda text: _media("m.video")("bean.mp4") | {"url": f"mxc://{text}/x"},
    "media-encrypted": lambda text: (
        _media("m.image")("bean.png") | {"file": {"url": text, "key": {"k": text}}}
    ),
    "thumbnail": lambda text: _media("m.video", thumbnail_url=text, thumbnail_info={"mimetype": text})(
        "x.mp4"
    ),
    "geo": lambda text: _text("here", msgtype="m.location", geo_uri=text),
    "geo-words": lambda text: (
        _text(text, msgtype="m.location", geo_uri="geo:52.08,4.31;u=9")
        | {"org.matrix.msc3488.location": {"uri": "geo:1,1", "description": text}}
    ),
    "geo-behind": lambda text: _text("here", msgtype="m.location", geo_uri=f"geo:52.08,4.31{text}"),
    "profile": lambda text: (
        _text("words")
        | {"com.beeper.per_message_profile": {"id": text, "displayname": text, "avatar_url": text}}
    ),
    "profile-fallback": lambda text: _html(f"<strong data-mx-profile-fallback>{text}: </strong>words"),
    "mentions": lambda text: _text("words @room", **{"m.mentions": {"user_ids": [text], "room": text}}),
    "key-verification": lambda text: _text(text, msgtype="m.key.verification.request", to=text),
    "extra": lambda text: {**_text("words"), text: text, "m.relates_to": {"key": text}},
}
"""Contents of `m.room.message`, by the place that the text has in them."""

NAMING: Final = frozenset(
    name
    for name in MESSAGES
    if name.startswith(("body", "file", "image", "media", "msgtype", "thumbnail", "voice"))
) | {"formatted", "emote-shortcode", "language", "link", "picture", "profile"}
"""Those in which a text is a name or an address."""

STATE: Final[Mapping[str, Callable[[str], tuple[str, str, Json]]]] = {
    "name": lambda text: ("m.room.name", "", {"name": text}),
    "topic": lambda text: (
        "m.room.topic",
        "",
        {"topic": text, "m.topic": {"m.text": [{"mimetype": "text/html", "body": text}]}},
    ),
    "alias": lambda text: (
        "m.room.canonical_alias",
        "",
        {"alias": f"#{text}:{SERVER}", "alt_aliases": [text]},
    ),
    "avatar": lambda text: ("m.room.avatar", "", {"url": text, "info": {"mimetype": text}}),
    "pins": lambda text: ("m.room.pinned_events", "", {"pinned": [text, f"${text}"]}),
    "create": lambda text: ("m.room.create", "", {"room_version": text, "creator": text, "type": text}),
    "predecessor": lambda text: (
        "m.room.create",
        text,
        {"predecessor": {"room_id": f"!{text}", "event_id": text}},
    ),
    "tombstone": lambda text: ("m.room.tombstone", "", {"body": text, "replacement_room": f"!{text}"}),
    "widget": lambda text: (
        "im.vector.modular.widgets",
        text,
        {"name": text, "type": text, "url": text, "data": {"title": text}},
    ),
    "bridge": lambda text: (
        "m.bridge",
        text,
        {
            "bridgebot": text,
            "creator": text,
            "protocol": {"id": text, "displayname": text, "avatar_url": text, "external_url": text},
            "network": {"id": text, "displayname": text},
            "channel": {"id": text, "displayname": text, "external_url": text},
        },
    ),
    "bridge-old": lambda text: (
        "uk.half-shot.bridge",
        f"fi.mau.{text}://discord/1/2",
        {"bridgebot": MALLORY, "protocol": {"id": "discord", "displayname": text}},
    ),
    "member-key": lambda text: ("m.room.member", text, {"membership": "join", "displayname": text}),
    "ban": lambda text: (
        "m.room.member",
        f"@banned:{SERVER}",
        {"membership": "ban", "displayname": text, "reason": text},
    ),
    "kick": lambda text: ("m.room.member", f"@kicked:{SERVER}", {"membership": "leave", "reason": text}),
    "invite": lambda text: (
        "m.room.member",
        f"@invited:{SERVER}",
        {"membership": "invite", "displayname": text},
    ),
    "membership": lambda text: ("m.room.member", f"@odd:{SERVER}", {"membership": text, "displayname": text}),
    "type": lambda text: (text, "", {"body": text}),
    "key": lambda text: ("org.example.state", text, {"body": text, "name": text}),
    "emotes": lambda text: ("im.ponies.room_emotes", text, {"images": {text: {"url": text, "body": text}}}),
}
"""Type, state key and content of state events."""


def _poll(text: str, event_type: str) -> Json:
    """Return the start of a poll by its stable name or that of MSC3381."""
    if event_type == "m.poll.start":
        answers = [{"m.id": text, "m.text": [{"body": text}]}, {"m.id": "b", "m.text": [{"body": "second"}]}]
        return {
            "m.text": [{"body": text, "mimetype": text}],
            "m.poll": {
                "kind": text,
                "max_selections": 1,
                "question": {"m.text": [{"body": text}]},
                "answers": answers,
            },
        }
    old = [{"id": text, "org.matrix.msc1767.text": text}, {"id": "b", "org.matrix.msc1767.text": "second"}]
    question = {"org.matrix.msc1767.text": text, "body": text, "msgtype": "m.text"}
    return {
        "org.matrix.msc1767.text": text,
        "org.matrix.msc3381.poll.start": {
            "kind": "org.matrix.msc3381.poll.disclosed",
            "question": question,
            "answers": old,
        },
    }


EVENTS: Final[Mapping[str, Callable[[str], tuple[str, Json]]]] = {
    "sticker": lambda text: (
        "m.sticker",
        {"body": text, "url": f"mxc://{SERVER}/absent", "info": {"mimetype": text}},
    ),
    "poll": lambda text: ("m.poll.start", _poll(text, "m.poll.start")),
    "poll-old": lambda text: ("org.matrix.msc3381.poll.start", _poll(text, "org.matrix.msc3381.poll.start")),
    "type": lambda text: (text, {"body": text, "m.text": [{"body": text}]}),
    "type-words": lambda text: ("org.example.note", {"body": text, "m.text": [{"body": text}]}),
    "encrypted": lambda text: (
        "m.room.encrypted",
        {"algorithm": text, "ciphertext": text, "sender_key": text},
    ),
    "call": lambda text: (
        "m.call.invite",
        {"call_id": text, "version": text, "offer": {"sdp": text, "type": text}},
    ),
    "call-end": lambda text: ("m.call.hangup", {"call_id": text, "reason": text}),
    "call-member": lambda text: (
        "org.matrix.msc3401.call.member",
        {"application": text, "m.calls": [{"m.call_id": text}]},
    ),
    "beacon": lambda text: ("m.beacon", {"m.text": text, "m.location": {"uri": text, "description": text}}),
}
"""Type and content of events that are no `m.room.message`."""

"""Events that a homeserver accepts though they are broken, and events that mean harm.

Nothing here may stop a room, reach another origin, run in a browser, or pass for somebody else's words.
"""

from __future__ import annotations

from typing import Any, Final

from .community import SeedFile
from .story import member, relate, say
from .synapse import SERVER_NAME


def _nest(levels: int) -> object:
    value: object = "bottom"
    for _ in range(levels):
        value = [value]
    return value


def _raw(event_id: str, event_type: str, content: dict[str, object]) -> dict[str, Any]:
    return {**say(event_id, "mallory", ""), "type": event_type, "content": content}


def _html(event_id: str, formatted: str, body: str = "plain words") -> dict[str, Any]:
    return say(event_id, "mallory", body, {"format": "org.matrix.custom.html", "formatted_body": formatted})


def _image(event_id: str, url: object, **more: object) -> dict[str, Any]:
    return say(event_id, "mallory", "picture.png", {"msgtype": "m.image", "url": url, **more})


def _file(event_id: str, kind: str, url: str, info: dict[str, object]) -> dict[str, Any]:
    return say(event_id, "mallory", "file", {"msgtype": kind, "url": url, "info": info})


MALFORMED_EVENTS: Final = [
    say("before-malformed", "ada", "A sound message before the broken ones."),
    say("image-without-url", "mallory", "picture.png", {"msgtype": "m.image"}),
    _image("image-url-null", None),
    _image("image-url-number", 7),
    _image("image-url-http", "https://tracker.example/pixel.png"),
    _image("image-url-traversal", "mxc://fen.example/../../../etc/passwd"),
    _image("image-url-empty-parts", "mxc:///"),
    _image("image-info-text", f"mxc://{SERVER_NAME}/not-there", info="large"),
    _image("image-info-wrong", f"mxc://{SERVER_NAME}/not-there", info={"w": "wide", "h": -1, "size": True}),
    say("formatted-null", "mallory", "formatted_body is null", {"formatted_body": None}),
    say(
        "formatted-number",
        "mallory",
        "formatted is 7",
        {"format": "org.matrix.custom.html", "formatted_body": 7},
    ),
    say(
        "formatted-empty",
        "mallory",
        "formatted is ''",
        {"format": "org.matrix.custom.html", "formatted_body": ""},
    ),
    say("format-list", "mallory", "format is a list", {"format": [], "formatted_body": "<b>bold</b>"}),
    say("relates-list", "mallory", "m.relates_to is a list", {"m.relates_to": []}),
    say("relates-null", "mallory", "m.relates_to is null", {"m.relates_to": None}),
    say(
        "relates-number-id",
        "mallory",
        "its event_id is 5",
        {"m.relates_to": {"rel_type": "m.thread", "event_id": 5}},
    ),
    say("relates-no-id", "mallory", "it has no event_id", {"m.relates_to": {"rel_type": "m.replace"}}),
    say("reply-list", "mallory", "in_reply_to is a list", {"m.relates_to": {"m.in_reply_to": []}}),
    say(
        "new-content-text", "ada", "* ", {"m.new_content": "text", **relate("m.replace", "before-malformed")}
    ),
    say("new-content-missing", "ada", "* ", relate("m.replace", "before-malformed")),
    say("body-empty", "mallory", ""),
    say("body-spaces", "mallory", " \n\t "),
    say("body-invisible", "mallory", "\u200b\u2060\ufeff"),
    say("body-controls", "mallory", "bell \x07 escape \x1b[31m nul \x00 end"),
    say("body-60-kB", "mallory", "sixty thousand bytes " * 2_900),
    say("body-one-word", "mallory", "a" * 50_000),
    say("msgtype-unknown", "mallory", "A message of a kind of its own.", {"msgtype": "example.unheard-of"}),
    say("content-deep", "mallory", "content nested 120 levels deep", {"example.deep": _nest(120)}),
    say(
        "keys-strange",
        "mallory",
        "strange keys",
        {"": 1, "__proto__": {"x": 1}, "constructor": "x", "\u202e": 0},
    ),
    _raw("message-without-anything", "example.empty", {}),
    _raw("type-strange", "example/../..%2f<b>", {"body": "a strange type"}),
    _raw("reaction-without-key", "m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "event_id": 1}}),
    _raw("reaction-long-key", "m.reaction", relate("m.annotation", "before-malformed", key="long " * 80)),
    _raw("reaction-key-number", "m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "key": 5}}),
    _raw("poll-without-answers", "m.poll.start", {"m.poll": {"question": None, "answers": "none"}}),
    _raw("sticker-without-url", "m.sticker", {"body": "a sticker", "info": {}}),
    say("after-malformed", "ada", "A sound message after the broken ones."),
]

HOSTILE_NAMES: Final = {
    f"@mallory:{SERVER_NAME}": "<script>alert('name')</script>",
    f"@trudy:{SERVER_NAME}": "Ada Lindqvist\u202e\u200b",
}

HOSTILE_FILES: Final = {
    f"mxc://{SERVER_NAME}/script-svg": SeedFile(
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "image/svg+xml",
        "drawing.svg",
    ),
    f"mxc://{SERVER_NAME}/html-as-png": SeedFile(
        b"<html><script>alert(1)</script></html>", "image/png", "cat.png"
    ),
    f"mxc://{SERVER_NAME}/half-png": SeedFile(
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image/png", "half.png"
    ),
    f"mxc://{SERVER_NAME}/zip-as-mp4": SeedFile(b"PK\x03\x04" + bytes(100), "video/mp4", "film.mp4"),
    f"mxc://{SERVER_NAME}/png-as-mp3": SeedFile(
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "audio/mpeg", "song.mp3"
    ),
    f"mxc://{SERVER_NAME}/playlist": SeedFile(
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "video/mp4", "film.mp4"
    ),
    f"mxc://{SERVER_NAME}/page": SeedFile(
        b"<!DOCTYPE html><script>alert(1)</script>", "text/html", "page.html"
    ),
    f"mxc://{SERVER_NAME}/evil-name": SeedFile(b"plain text", "text/plain", "../../<b>\u202etxt.exe"),
}

_SCRIPTS: Final = (
    "<script>alert(1)</script>"
    "<scr<script>ipt>alert(2)</script>"
    "<img src=x onerror=alert(3)>"
    "<svg/onload=alert(4)>"
    "<iframe srcdoc='<script>alert(5)</script>'></iframe>"
    "<style>@import 'https://tracker.example/'</style>"
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(6)>"
    "<meta http-equiv=refresh content='0;url=https://tracker.example/'>"
    "<base href='https://tracker.example/'>"
    "<form action='https://tracker.example/'><input name=password></form>"
    "<object data='https://tracker.example/'></object>"
    "<b onclick='alert(7)' style='position:fixed;inset:0' class='admin' id='main'>words that stay</b>"
)

_LINKS: Final = "".join(
    f'<a href="{target}">link {number}</a> '
    for number, target in enumerate(
        (
            "javascript:alert(1)",
            "JaVaScRiPt&colon;alert(2)",
            "java\nscript:alert(3)",
            "data:text/html,<script>alert(4)</script>",
            "vbscript:msgbox(5)",
            "//tracker.example/6",
            "/etc/passwd",
            "file:///etc/passwd",
            "https://user:secret@tracker.example/8",
            "https://good.example/9?a=1&b=2",
        )
    )
)

_FORGED_MARKDOWN: Final = """---
title: Forged front matter
author: Ada Lindqvist
---
# Forged heading

::: message
**Ada Lindqvist** 2026-01-01 {#forged-anchor}
:::

<div class="message" id="forged">raw HTML</div>

[[seeds/bean-winter]] ![pixel](https://tracker.example/p.png) [x](javascript:alert(1))

```
an open fence that is never closed"""

HOSTILE_EVENTS: Final = [
    member("trudy", "Ada Lindqvist\u202e\u200b"),
    say("before-hostile", "ada", "A decent message before the others."),
    _html("html-scripts", _SCRIPTS),
    _html("html-links", _LINKS),
    _html(
        "html-pictures", '<img src="https://tracker.example/p.png"> <img src="mxc://fen.example/not-there">'
    ),
    _html("html-unclosed", "<b><i><a href='https://good.example/'><table><tr><td>never closed"),
    _html("html-closing", "</div></article></main></body></html>words after the end"),
    _html("html-deep", "<blockquote>" * 2_000 + "the bottom" + "</blockquote>" * 2_000),
    _html("html-wide", "<b>x</b>" * 4_000),
    _html("html-comment", "<!-- --><!--[if IE]><script>alert(1)</script><![endif]--><![CDATA[x]]>words"),
    _html("html-entities", "&lt;script&gt;alert(1)&lt;/script&gt; &#x3c;b&#x3e; &nbsp;&zwj;&#0;&#xD800;"),
    _html("html-table", "<table><tr><td>a | b</td><td>c\n\nd</td></tr></table>"),
    _html(
        "html-mx-reply",
        "<mx-reply><blockquote>words of another room</blockquote></mx-reply>The answer itself.",
    ),
    _html(
        "html-maths", '<span data-mx-maths="\\href{javascript:alert(1)}{x}\\mbox{&lt;script&gt;}">x</span>'
    ),
    _html("html-code", '<pre><code class="language-x&quot; onload=&quot;alert(1)">```\n~~~\n</code></pre>'),
    _html("html-mention", '<a href="https://matrix.to/#/@ada:fen.example">Ada Lindqvist</a> said: I agree.'),
    say("markdown-forged", "mallory", _FORGED_MARKDOWN),
    say("bidi", "mallory", "abc \u202e reversed \u2066 isolated, never closed"),
    say(
        "links-bare", "mallory", 'https://good.example/(a)_[b]?q=<x>&y="z" javascript:alert(1) matrix:r/fen:x'
    ),
    say("template", "mallory", "{{ 7*7 }} {% include '/etc/passwd' %} ${7*7} <%= 7*7 %>"),
    say("formula-feed", "mallory", "]]></content><entry> &bad; \ufffe \uffff"),
    say("impostor", "trudy", "I am Ada Lindqvist and I say: forged."),
    _image("file-svg", f"mxc://{SERVER_NAME}/script-svg", info={"mimetype": "image/svg+xml"}),
    _image(
        "file-html",
        f"mxc://{SERVER_NAME}/html-as-png",
        info={"mimetype": "image/png", "w": 10**9, "h": 10**9},
    ),
    _image("file-half", f"mxc://{SERVER_NAME}/half-png"),
    _file("file-zip", "m.video", f"mxc://{SERVER_NAME}/zip-as-mp4", {"mimetype": "video/mp4", "w": -1}),
    _file("file-png", "m.audio", f"mxc://{SERVER_NAME}/png-as-mp3", {"duration": 2**53 - 1}),
    _file("file-playlist", "m.video", f"mxc://{SERVER_NAME}/playlist", {"thumbnail_url": "data:text/html,x"}),
    _file("file-page", "m.file", f"mxc://{SERVER_NAME}/page", {"mimetype": "text/html", "size": 2**53 - 1}),
    _file("file-vast", "m.file", f"mxc://{SERVER_NAME}/not-there", {"size": 10**12}),
    _image("file-missing", f"mxc://{SERVER_NAME}/not-there"),
    _image("file-elsewhere", "mxc://elsewhere.example/abc"),
    say(
        "file-name",
        "mallory",
        "../../<b>\u202etxt.exe",
        {"msgtype": "m.file", "url": f"mxc://{SERVER_NAME}/evil-name", "filename": "../../../x"},
    ),
    say("after-hostile", "ada", "A decent message after the others."),
]

"""Threat 4: a message that is small to send and large to read.

Each is as long as an event may be (client-server API, "Size limits": 65,536 bytes), and made for one part of
the way that is slow, deep or wide.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from types import MappingProxyType
from typing import Final

SIZE: Final = 60_000
"""Bytes of a blow-up, so that the event around it fits."""


@dataclass(frozen=True, slots=True)
class BlowUp:
    """One message that wants time or memory."""

    name: str
    """Unique, words parted by hyphens."""
    says: str
    """What it is made for, as a sentence."""
    body: str
    html: str | None = None
    more: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    """What else stands in the event's content."""

    @property
    def content(self) -> dict[str, object]:
        """Content of an `m.room.message`."""
        formatted = {"format": "org.matrix.custom.html", "formatted_body": self.html} if self.html else {}
        return {"msgtype": "m.text", "body": self.body, **formatted, **self.more}


def _fill(piece: str, size: int = SIZE) -> str:
    return piece * max(1, size // _weigh(piece))


def _nest(opening: str, closing: str, inside: str = "bottom") -> str:
    levels = SIZE // _weigh(opening + closing)
    return opening * levels + inside + closing * levels


def _weigh(piece: str) -> int:
    """Return how many bytes of an event a piece takes."""
    return len(json.dumps(piece, ensure_ascii=False).encode()) - 2


def _fill_escaped(piece: str, size: int = SIZE) -> str:
    return escape(piece, quote=False) * max(1, size // _weigh(escape(piece, quote=False)))


def _in_attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;")


def _plain(name: str, says: str, piece: str, end: str = "") -> BlowUp:
    return BlowUp(f"plain-{name}", says, _fill(piece) + end)


def _html(name: str, says: str, html: str) -> BlowUp:
    return BlowUp(f"html-{name}", says, "words", html)


_NESTED: Final = {
    "lists": ("<ul><li>", "</li></ul>"),
    "lists-numbered": ("<ol><li>", "</li></ol>"),
    "quotations": ("<blockquote>", "</blockquote>"),
    "quotations-in-lists": ("<ul><li><blockquote>", "</blockquote></li></ul>"),
    "spans": ("<span>", "</span>"),
    "colours": ('<span data-mx-color="#ff0000">', "</span>"),
    "spoilers": ("<span data-mx-spoiler>", "</span>"),
    "fonts": ("<font color=red>", "</font>"),
    "divisions": ("<div>", "</div>"),
    "emphasis": ("<em>", "</em>"),
    "strong-and-emphasis": ("<b><i>", "</i></b>"),
    "underlines": ("<u>", "</u>"),
    "raised": ("<sup>", "</sup>"),
    "tables": ("<table><tr><td>", "</td></tr></table>"),
    "headings": ("<h1>", "</h1>"),
    "details": ("<details><summary>s</summary>", "</details>"),
    "links": ("<a href=https://a.example>", "</a>"),
    "unknown": ("<x-y>", "</x-y>"),
    "code": ("<pre><code>", "</code></pre>"),
    "replies": ("<mx-reply>", "</mx-reply>"),
    "captions": ("<table><caption>", "</caption></table>"),
}

_OPENED: Final = {
    "lists": "<ul><li>",
    "quotations": "<blockquote>",
    "quotations-in-lists": "<ol><li><blockquote>",
    "spans": "<span>",
    "fonts": "<font color=red>",
    "tables": "<table><tr><td>",
    "paragraphs-of-emphasis": "<p><b><i>",
    "paragraphs-of-fonts": "<p><font color=red>",
    "paragraphs-of-links": "<p><a href=https://a.example>",
    "paragraphs-of-code": "<p><code><b class=x>",
    "crossed": "<b><p></b><i><p></i>",
    "crossed-tables": "<table><b><tr><i><td><a href=https://a.example>",
    "details": "<details><summary>",
    "divisions": "<div>",
    "comments": "<!--",
    "angles": "<",
    "ends": "</b></i></p>",
    "entities": "&#",
    "maths": "<math><mtext><svg><desc>",
    "lists-and-paragraphs": "<li><p><ul>",
}

_WIDE: Final = {
    "emphasis": "<b>x</b>",
    "emphasis-in-words": "a<b>b</b><i>c</i>",
    "emphasis-before-marks": "<b>(</b>*",
    "breaks": "<br>",
    "paragraphs": "<p>x</p>",
    "items": "<li>x</li>",
    "pictures": "<img src=mxc://a.example/b alt=x>",
    "emotes": "<img data-mx-emoticon src=mxc://a.example/b alt=x>",
    "spoilers": "<span data-mx-spoiler>x</span>",
    "spoiler-reasons": '<span data-mx-spoiler="]{.x}">`</span>',
    "colours": "<span data-mx-color=#ff0000>x</span>",
    "code": "<code>`</code>",
    "code-blocks": "<pre><code class=language-python>x=1</code></pre>",
    "formulas": "<span data-mx-maths=x^2>x</span>",
    "formula-blocks": '<div data-mx-maths="\\frac{a}{b}">x</div>',
    "links": "<a href=https://a.example/>x</a>",
    "pills": "<a href=https://matrix.to/#/@a:b.example>x</a>",
    "rules": "<hr>",
    "headings": "<h1>x</h1>",
    "details": "<details><summary>x</summary>y</details>",
    "quotations": "<blockquote>x</blockquote>",
    "tables": "<table><tr><td>x</td></tr></table>",
    "entities": "&amp;",
    "brackets": "<u>[</u><u>](</u>",
}

_PLAIN: Final = {
    "word": "a",
    "word-wide": "\U00020000",
    "marks": "\u0301",
    "joiners": "\U0001f469\u200d",
    "emoji": "\N{SEEDLING}",
    "spaces": " ",
    "no-break-spaces": "\u00a0",
    "tabs": "\t",
    "lines": "\n",
    "lines-of-words": "x\n",
    "lines-of-spaces": " \n",
    "paragraphs": "x\n\n",
    "indented": "    x\n",
    "stars": "*",
    "emphasis": "**a ",
    "emphasis-half": "a**b*c_",
    "underscores": "_a ",
    "underscores-long": "_",
    "waves": "~~a~",
    "graves": "`",
    "graves-apart": "`` ` ",
    "brackets": "[",
    "brackets-closed": "]",
    "links": "[a](",
    "links-nested": "[a](<b",
    "links-whole": "[a](b)",
    "pictures": "![",
    "wikilinks": "[[a|",
    "wikilinks-whole": "[[a]]",
    "angles": "<",
    "tags": "<a ",
    "autolinks": "<https:",
    "ampersands": "&",
    "entities": "&amp;",
    "entities-numbers": "&#x",
    "backslashes": "\\",
    "braces": "{",
    "attributes": "[x]{.a ",
    "quotes": '"',
    "urls": "https://a.example/ ",
    "urls-without-spaces": "https://a.example/",
    "urls-half": "https://",
    "schemes": "mailto:a.",
    "parentheses": "https://a.example/((",
    "dots": "https://a.example/....",
    "quotations": "> ",
    "quotation-lines": "> x\n",
    "quotations-close": ">",
    "lists": "- ",
    "list-lines": "- x\n",
    "numbers": "1. ",
    "headings": "# ",
    "bars": "|",
    "table-lines": "|a|-\n",
    "colons": ":",
    "colon-lines": ":::\n",
    "rules": "---\n",
    "rooms": "@room ",
    "people": "@a:b.example ",
    "sentences": "x. ",
    "stops": ".",
    "definitions": "[a]: b\n",
    "footnotes": "[^1]",
    "digits": "1",
    "commas": ",:;",
    "permalinks": "https://matrix.to/#/!a:b.example/$c ",
    "turned": "\u202e",
}

_TABLES: Final = (
    _html("table-wide", "One row with very many cells.", f"<table><tr>{_fill('<td>x')}</table>"),
    _html("table-long", "Very many rows.", f"<table>{_fill('<tr><td>x')}</table>"),
    _html(
        "table-corner",
        "A wide head above many rows, which would fill up to millions of cells.",
        f"<table><tr>{_fill('<th>', SIZE // 2)}</tr>{_fill('<tr><td>', SIZE // 2)}</table>",
    ),
    _html(
        "table-two-wide",
        "Rows that are all wide.",
        f"<table>{('<tr>' + _fill('<td>|', SIZE // 20)) * 20}</table>",
    ),
    _html(
        "table-cells-of-lists", "Blocks inside cells.", f"<table><tr>{_fill('<td><ul><li>x</ul>')}</table>"
    ),
)

_FORMULAS: Final = {
    "groups": _nest("{", "}", "x"),
    "fractions": _nest("\\frac{1}{", "}", "x"),
    "roots": _nest("\\sqrt{", "}", "x"),
    "powers": _fill("x^{"),
    "powers-closed": _nest("x^{", "}", "y"),
    "primes": _fill("'", SIZE),
    "fences": _nest("\\left(", "\\right)", "x"),
    "fences-open": _fill("\\left("),
    "long": _fill("x+"),
    "numbers": _fill("9"),
    "texts": _fill("\\text{x}"),
    "matrix": "\\begin{matrix}" + _fill("a&b\\\\", SIZE // 2) + "\\end{matrix}",
    "matrices": _fill("\\begin{matrix}a&", SIZE // 5 * 4),
    "definitions": "".join(f"\\def\\{chr(97 + n)}{{\\{chr(98 + n)}\\{chr(98 + n)}}}" for n in range(24))
    + "\\a",
    "unknown": _fill("\\x"),
    "backslashes": _fill("\\"),
    "braces-open": _fill("{"),
    "limits": _fill("\\sum\\limits_"),
    "overs": _fill("{a\\over "),
    "arrows": _fill("\\overset{x}"),
}

_MATHS: Final = tuple(
    _html(f"formula-{name}", "One formula.", f'<span data-mx-maths="{_in_attribute(tex)}">x</span>')
    for name, tex in _FORMULAS.items()
)
_MATHS_SHORT: Final = tuple(
    _html(
        f"formulas-{name}",
        "The same in formulas of two thousand letters.",
        _fill(f'<div data-mx-maths="{_in_attribute(tex[:1990])}">x</div>'),
    )
    for name, tex in _FORMULAS.items()
)

_CODE: Final = tuple(
    _html(
        f"code-{language}-{number}",
        "Source that a highlighter reads again and again.",
        f'<pre><code class="language-{language}">{_fill_escaped(piece, SIZE - 200)}</code></pre>',
    )
    for language, pieces in {
        "python": ('"', "'''", "f'{", "(", "\\\n", "a.", "@", " \n"),
        "javascript": ("/", "`${", "(", "<a ", "a=>", "/*"),
        "html": ("<", "<a ", "<!--", "<script>", "&"),
        "c": ("/*", "#if 0\n", "(", "int a(", "\\\n"),
        "bash": ("$(", "`", "<<A\n", "${", "'"),
        "sql": ("'", "--", "(", "/*"),
        "yaml": ("- ", "a: ", " ", "? ", "|\n"),
        "json": ("[", '{"a":', '"', "\\"),
        "markdown": ("*", "[", "`", "> ", "#"),
        "perl": ("s/", "q{", "=a\n", "<<A;"),
        "ruby": ("%q(", "#{", "<<A\n", "/"),
        "rust": ("r#", "/*", "'a", "<"),
        "diff": ("+", "@@", "-"),
        "xml": ("<a ", "<![CDATA[", "<?"),
        "toml": ("[", "a=", '"""'),
        "css": ("a{", "/*", "@", "url("),
        "php": ("<?php ", "$", "/*"),
        "haskell": ("{-", "(", "'"),
        "tex": ("$", "\\", "{"),
    }.items()
    for number, piece in enumerate(pieces)
)

_STRUCTURES: Final = (
    BlowUp(
        "mentions",
        "Everybody is mentioned.",
        "words",
        more={"m.mentions": {"user_ids": [f"@{number}:b.example" for number in range(3_500)]}},
    ),
    BlowUp(
        "waveform",
        "A voice message with a very long waveform.",
        "voice",
        more={
            "msgtype": "m.audio",
            "url": "mxc://a.example/b",
            "org.matrix.msc3245.voice": {},
            "org.matrix.msc1767.audio": {"duration": 10**12, "waveform": [1024] * 10_000},
        },
    ),
    BlowUp(
        "numbers",
        "Numbers with thousands of digits.",
        "picture",
        more={
            "msgtype": "m.image",
            "url": "mxc://a.example/b",
            "info": {"w": 10**4_000, "h": 10**4_000, "size": 10**4_000, "duration": -(10**4_000)},
        },
    ),
    BlowUp(
        "file-name",
        "A file name of sixty kilobytes.",
        "a/" * (SIZE // 2),
        more={"msgtype": "m.file", "url": "mxc://a.example/b"},
    ),
    BlowUp(
        "geo-long",
        "A place with very many numbers.",
        "here",
        more={"msgtype": "m.location", "geo_uri": "geo:" + _fill("1,")},
    ),
    BlowUp("msgtype", "A very long type.", "words", more={"msgtype": _fill("a.")}),
    BlowUp(
        "colours",
        "A colour of sixty kilobytes.",
        "words",
        f'<span data-mx-color="{_fill("#")}" data-mx-bg-color="{"#" + "f" * 60}">x</span>',
    ),
    BlowUp(
        "language",
        "A language of sixty kilobytes.",
        "words",
        f'<pre><code class="language-{_fill("a")}">x</code></pre>',
    ),
    BlowUp(
        "address", "A link of sixty kilobytes.", "words", f'<a href="https://a.example/{_fill("(")}">x</a>'
    ),
    BlowUp("start", "A list that starts very late.", "words", f'<ol start="{_fill("9")}"><li>x</ol>'),
    BlowUp(
        "alternative",
        "A picture with very many words.",
        "words",
        f'<img alt="{_fill("*")}" title="{_fill("[", 100)}" src=mxc://a.example/b>',
    ),
    BlowUp(
        "shortcode",
        "An emote with a very long name.",
        "words",
        f'<img data-mx-emoticon alt=":{_fill("a_")}:" src=mxc://a.example/b>',
    ),
    BlowUp(
        "reason",
        "A spoiler with a very long reason.",
        "words",
        f'<span data-mx-spoiler="{_fill("]{")}">x</span>',
    ),
    BlowUp("hashtags-apart", "Six thousand tags.", " ".join(f"#tag{number:x}" for number in range(6_000))),
    BlowUp("hashtags-alike", "One tag again and again.", _fill("#tag ")),
    BlowUp(
        "links-apart",
        "Two thousand different links.",
        " ".join(f"https://a.example/{number}" for number in range(2_400)),
    ),
    _plain("links-here", "Very many links to one message.", "https://matrix.to/#/!room:fen.example/$said-0 "),
    _html(
        "pills-here",
        "Very many links to one message in HTML.",
        _fill("<a href='https://matrix.to/#/!room:fen.example/$said-0'>x</a> "),
    ),
    BlowUp("growing-graves", "Runs of which each is longer.", " ".join("`" * run for run in range(1, 340))),
    BlowUp("growing-stars", "Runs of which each is longer.", "a".join("*" * run for run in range(1, 340))),
    BlowUp(
        "growing-colons", "Fences of which each is longer.", "\n".join(":" * run for run in range(1, 340))
    ),
    BlowUp(
        "growing-quotations", "Lines of which each is deeper.", "\n".join(">" * run for run in range(1, 340))
    ),
    BlowUp(
        "growing-indents",
        "Items of which each is deeper.",
        "\n".join(" " * run + "- x" for run in range(1, 335)),
    ),
    BlowUp("fallback", "A reply's fallback and nothing else.", "> <@a:b.example> " + _fill("> x\n")),
)

BLOWUPS: Final = (
    *(_html(f"nested-{name}", "Elements inside each other.", _nest(*pair)) for name, pair in _NESTED.items()),
    *(
        _html(f"open-{name}", "Elements that are never closed.", _fill(piece) + "x")
        for name, piece in _OPENED.items()
    ),
    *(
        _html(f"wide-{name}", "Very many elements side by side.", _fill(piece))
        for name, piece in _WIDE.items()
    ),
    *(_plain(name, "One piece of text again and again.", piece) for name, piece in _PLAIN.items()),
    *(
        _plain(f"{name}-ended", "The same with a word behind it.", piece, "x")
        for name, piece in _PLAIN.items()
        if len(piece) <= 2
    ),
    *(
        _html(f"text-{name}", "The same as the words of HTML.", f"<p>{_fill_escaped(piece)}</p>")
        for name, piece in _PLAIN.items()
    ),
    *_TABLES,
    *_MATHS,
    *_MATHS_SHORT,
    *_CODE,
    *_STRUCTURES,
)

"""Threat 2: a message passes for page structure, for somebody else's words, or for the garden's own voice."""

from __future__ import annotations

from typing import Final

from tests.hostile.case import VICTIM, Case

_DIVISION: Final = (
    f'::: {{#{VICTIM} .message author="Ada Lindqvist" sender="@ada:fen.example"'
    ' at="2025-03-03T11:12:00.000Z" event="$x"}\nI owe Mallory money.\n:::'
)
_ARTICLE: Final = (
    f'<article class="message p-comment h-cite" id="{VICTIM}"><header class="by"><h3 class="p-author h-card">'
    "Ada Lindqvist</h3><time>3 March</time></header><p>I owe Mallory money.</p></article>"
)

_PAGES: Final = (
    Case(
        "front-matter", "The front matter of a page.", "---\ntitle: Mallory was here\nkind: day\n---\n\nwords"
    ),
    Case(
        "front-matter-end",
        "Its end, and a value with more keys.",
        'x"\n---\n\n# Mallory was here\n\n---\ntitle: "y',
    ),
    Case(
        "front-matter-yaml",
        "Tags and anchors of YAML.",
        "!!python/object/apply:os.system ['true'] &a *a <<: *a\n? x\n...",
    ),
    Case("container", "The end of its container, and another's.", f":::\n\n{_DIVISION}"),
    Case(
        "container-long",
        "The same with a longer fence.",
        f"::::::::::\n\n{_DIVISION.replace(':::', '::::::::')}",
    ),
    Case("container-indented", "The same, indented.", "   :::\n\n" + _DIVISION.replace("\n", "\n   ")),
    Case("container-in-code", "The same in a code block that is left open.", f"```\n:::\n\n{_DIVISION}"),
    Case(
        "container-quoted",
        "The same in a quotation and in a list.",
        "> :::\n> " + _DIVISION.replace("\n", "\n> ") + "\n\n- :::\n  " + _DIVISION.replace("\n", "\n  "),
    ),
    Case(
        "container-separators",
        "The same with other line ends.",
        f"x\u2028:::\u2028\x85:::\x0c:::\x0b:::\r:::\r\n{_DIVISION}".replace("\n", "\u2029"),
    ),
    Case(
        "container-attribute",
        "Attributes inside an attribute.",
        f'" #{VICTIM} .message author="Ada Lindqvist" x="}}\n:::',
    ),
    Case(
        "poll",
        "A poll and its results.",
        '::: {.poll voters="99" choices="1" ended="2025-03-04T00:00:00.000Z"}\n- **99**: Mallory '
        "for mayor\n- 0: Ada\n:::",
    ),
    Case(
        "reactions",
        "Reactions of other people.",
        "::: {.reactions}\n- \N{SEEDLING}: Ada Lindqvist, Ben Ode\n- ![:bean:](../media/ab/x.webp): "
        "Cleo\n:::",
    ),
    Case("reaction-line", "One more reaction in a list of them.", "x\n- \N{SEEDLING}: Ada Lindqvist"),
    Case("reaction-comma", "One more name in a list of them.", "x, Ada Lindqvist: \\, y\\: z\\"),
    Case(
        "version",
        "An earlier wording.",
        '::: {.version at="2025-03-03T11:12:00.000Z"}\nI owe Mallory money.\n:::',
    ),
    Case(
        "details",
        "A division of the dialect that is left open.",
        "::: {.details}\nSummary\n\nwords\n\n::: {.details .unnamed}",
    ),
    Case(
        "details-html", "Details that are never closed.", "<details><summary>open<details open><summary>more"
    ),
    Case(
        "spans",
        "Spans of the dialect.",
        '[x]{.spoiler reason="y"} [Ada]{.mention} [@room]{.mention} [x]{color="#ff0000" '
        'bg="#000000"} [x.png]{.missing what="image" why="too-large"} [x]{.underline}{.em}',
    ),
    Case("span-open", "A span that is left open, and the end of one.", "]{.spoiler} [x [y]{.spoiler [z]{"),
    Case(
        "span-nested",
        "Spans inside spans and links.",
        "[[[x]{.spoiler}]{.mention}](https://good.example/){.file size=1}",
    ),
    Case(
        "maths",
        "Maths of the dialect.",
        "`x`{.math} ``y``{.math onclick=1} $z$ $$w$$\n\n```math\n\\frac{a}{b}\n```",
    ),
    Case(
        "media",
        "Media of the dialect.",
        '![x](../media/ab/x.mp4){.video width=9 height=9 duration=9 poster="cd/x.webp"} '
        '![v](../media/ab/x.ogg){.voice duration=1 waveform="0a"}',
    ),
    Case(
        "wikilink",
        "Links between pages, and a picture of one.",
        "[[Home]] [[../../x|Ada Lindqvist]] ![[secret]] [[]] [[a|b|c]] [[x",
    ),
    Case(
        "permalink",
        "A link to the message that it attacks.",
        f"[Ada](#{VICTIM}) <#{VICTIM}> [b](../../#{VICTIM} 'x') https://fen.example/garden/#{VICTIM}",
    ),
    Case(
        "attributes",
        "Attributes behind everything.",
        f"# x {{#{VICTIM} .message}}\n\n[x](y){{#{VICTIM} onclick=alert(1)}} *x*{{.hidden}} "
        f"`x`{{.y}}\n{{.masthead}}",
    ),
)

_MARKDOWN: Final = (
    Case(
        "headings",
        "Headings of both kinds.",
        "# Ada Lindqvist\n\n## 3 March 2025\n\nAda\n===\n\n3 March\n---\n####### x",
    ),
    Case(
        "headings-html", "Headings in HTML.", "<h1>Ada Lindqvist</h1><h2>Discussion</h2><h6><h1>x</h1></h6>"
    ),
    Case("rule", "Rules, which look like the end of a message.", "***\n\n---\n\n___\n\n- - -\n\n<hr><hr/>"),
    Case(
        "reference",
        "A definition, so that words of others become links.",
        f"[Ada Lindqvist]: https://evil.example\n[words]: https://evil.example\n[still here]: {VICTIM}",
    ),
    Case(
        "footnote",
        "Footnotes, abbreviations and definitions.",
        "[^1]\n\n[^1]: Ada said so\n\n*[words]: forged\n\nTerm\n: Definition",
    ),
    Case("fence", "A code block that is left open.", "```\nwords"),
    Case("fence-waves", "One of the other kind, with a language.", "~~~~ html onclick\nwords"),
    Case("fence-long", "A fence that is longer than usual.", "`" * 60 + "\nwords"),
    Case("fence-mixed", "Fences that close each other.", "````\n```\n~~~\n`````\n``` x ``` y"),
    Case("code-span", "A code span that is left open.", "`` words ` ``` words"),
    Case("code-indented", "Indented code.", "    words\n\n\twords\n\n \t words"),
    Case("emphasis", "Emphasis that is left open.", "**words *more _and __more ~~and `more"),
    Case("emphasis-marks", "Marks and nothing else.", "*** ___ ~~~ ** __ ~~ * _ ~ *_*_*"),
    Case(
        "brackets", "Brackets that are left open.", "[words ![more [[and (more <and [x]( [y](< [z](<a b> 'c"
    ),
    Case("backslash", "A backslash at the end.", "words\\"),
    Case(
        "backslashes",
        "Backslashes before everything.",
        "\\* \\[x\\](y) \\\\[x](y) \\\n\\<b\\> \\&amp; \\{.x\\} \\`x\\` \\",
    ),
    Case(
        "list",
        "Lists of every kind, and one inside a quotation.",
        "- a\n+ b\n* c\n1. d\n2) e\n999999999. f\n- [x] done\n> - g\n>> h",
    ),
    Case(
        "quotation",
        "A quotation that goes on.",
        "> <@ada:fen.example> I owe Mallory money.\n> And more.\nlazy\n>>> deeper",
    ),
    Case(
        "table",
        "A table, and half of one.",
        "| a | b |\n| --- | --- |\n| c | d | e |\n\nx | y\n:-: | :--\n\n|a|\n|-|",
    ),
    Case(
        "autolinks",
        "Autolinks of every kind.",
        "<https://good.example/a b> <mailto:x@y.example> <x@y.example> www.good.example "
        'https://good.example/(a)_[b]?q=<x>&y="z"\'',
    ),
    Case(
        "hashtags",
        "Tags that are the garden's own names.",
        "#static #media #index #con #.. #tag/x #a\u200bb #\N{SEEDLING} ##double #-- #ada:fen.example",
    ),
    Case(
        "entities-of-markdown",
        "Entities, which Markdown reads too.",
        "&nbsp;&lt;b&gt;&#42;x&#42;&#0;&#x110000;&copy &NotAnEntity; &amp;amp; &colon;&colon;&colon;",
    ),
    Case(
        "placeholder",
        "What a program might put in for something else.",
        "\x00 \x1a \ufffd \ue000 \ufff9x\ufffa \U000f0000 {#} ▒▒▒",
    ),
    Case("empty", "Nothing at all.", ""),
    Case("spaces", "Space of every kind and nothing else.", " \t\n\u00a0\u2003\u3000\u200b\u2060\ufeff\n "),
)

_OTHERS: Final = (
    Case("article", "A message of somebody else in HTML.", _ARTICLE),
    Case("article-behind", "The same behind the end of its own.", f"</p></div></div></article>{_ARTICLE}"),
    Case("comment", "A comment that is never closed.", "words <!-- and the rest of the page"),
    Case(
        "comment-odd",
        "Comments that end oddly.",
        "<!--> <!---> <!-- --!> <!-- -- > --> <! x> </ x> <//> <? x ?> <%x%>",
    ),
    Case(
        "ring",
        "A webring's footer.",
        '<nav class="ring" aria-label="Webring Fens"><p class="ring-name">Fen stands in the webring '
        '<b>Evil</b></p><ul><li><a href="https://evil.example/">Next</a></li></ul></nav>',
    ),
    Case(
        "ring-markdown",
        "The same in Markdown.",
        "---\n\nFen stands in the webring **Evil**: [previous](https://evil.example/) | "
        "[next](https://evil.example/)",
    ),
    Case(
        "reply-fallback",
        "The words of somebody else in a fallback.",
        "<mx-reply><blockquote><a href='https://matrix.to/#/@ada:fen.example'>Ada Lindqvist</a><br>"
        "I owe Mallory money.</blockquote></mx-reply>Yes.",
    ),
    Case(
        "reply-fallback-open",
        "A fallback that is never closed.",
        "<mx-reply><blockquote>I owe Mallory money.</blockquote>Yes.",
    ),
    Case(
        "pill",
        "A pill with the name of somebody else.",
        '<a href="https://matrix.to/#/@ada:fen.example">Ben Ode</a> <a '
        'href="https://matrix.to/#/@mallory:fen.example">Ada Lindqvist</a>',
    ),
    Case("name", "The name of somebody else.", "Ada Lindqvist"),
    Case(
        "name-bidi",
        "The same with letters that turn the line round.",
        "\u202etsivqdniL adA\u202c \u2066x\u2067y\u2068z",
    ),
    Case(
        "name-invisible",
        "The same with letters that cannot be seen.",
        "Ada\u200b Lind\u2060qvist\u00ad\ufeff\u180e\u3164\U000e0041",
    ),
    Case("name-lookalike", "The same with letters of another script.", "\u0410d\u0430 Lindqvist"),
    Case("name-lines", "A name of several lines.", "Mallory\n\nAda Lindqvist\r\u2028said:\x0bx"),
    Case("removed", "The words that the garden has for what is gone.", "A message was removed, 3 March 2025"),
    Case("at-room", "A call for everybody.", "@room @everyone @here <b>@room</b>"),
    Case(
        "bidi-open",
        "Directions that are never closed.",
        "abc \u202e\u202d\u202b\u202a\u2066\u2067\u2068 words \u200f\u200e\u061c",
    ),
)

FORGERIES: Final = (*_PAGES, *_MARKDOWN, *_OTHERS)

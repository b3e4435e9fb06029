"""Markdown becomes HTML that cannot do anything: no script, no foreign request, no markup of its own."""

from __future__ import annotations

import time
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from garden.site.markdown import render_dialect, render_markdown
from tests.allowed_html import find_forbidden

PAGE = "https://fen.example/garden/seeds/beans-3fk2a9xy/"

SCHEMES = {"", "geo", "http", "https", "ftp", "mailto", "magnet", "matrix"}


def elements(markdown: str, base_url: str = "") -> list[Element]:
    """What a browser makes of a text."""
    fragment: Element = html5lib.parseFragment(
        render_markdown(markdown, base_url), namespaceHTMLElements=False
    )
    return [element for element in fragment.iter() if element is not fragment]


def urls(markdown: str, base_url: str = "") -> list[str]:
    """Every address that a text leads to or shows."""
    return [
        element.get(name, "")
        for element in elements(markdown, base_url)
        for name in ("href", "src")
        if name in element.attrib
    ]


def one(markdown: str) -> str:
    """What a paragraph of this text holds."""
    rendered = render_markdown(markdown)
    assert rendered.startswith("<p>")
    return rendered.removeprefix("<p>").removesuffix("</p>\n")


@pytest.mark.parametrize(
    ("markdown", "inside"),
    [
        (
            "*soft* **loud** ~~gone~~ `code`",
            "<em>soft</em> <strong>loud</strong> <s>gone</s> <code>code</code>",
        ),
        (
            "[how](https://marsh.example/a?b=1&c)",
            '<a href="https://marsh.example/a?b=1&amp;c" rel="nofollow ugc">how</a>',
        ),
        ("[there](../beans/#m-abc)", '<a href="../beans/#m-abc">there</a>'),
        (
            "<matrix:r/seeds:fen.example>",
            '<a href="matrix:r/seeds:fen.example">matrix:r/seeds:fen.example</a>',
        ),
        ("<mailto:ada@fen.example>", '<a href="mailto:ada@fen.example">mailto:ada@fen.example</a>'),
        ("[52.08, 4.31](<geo:52.08,4.31>)", '<a href="geo:52.08,4.31">52.08, 4.31</a>'),
        ("[seed](magnet:?xt=urn:btih:abc)", '<a href="magnet:?xt=urn:btih:abc">seed</a>'),
        ("line\\\nline", "line<br>\nline"),
        ("<b>bold</b>", "&lt;b&gt;bold&lt;/b&gt;"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ],
)
def test_inside_a_paragraph(markdown: str, inside: str) -> None:
    assert one(markdown) == inside


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "<java\tscript:alert(1)>",
        "&#106;avascript:alert(1)",
        "javascript&colon;alert(1)",
        "vbscript:x",
        "data:text/html,<script>alert(1)</script>",
        "data:image/png;base64,AAAA",
        "file:///etc/passwd",
        "blob:https://fen.example/x",
        "//evil.example/x",
        "http://[broken",
        "about:blank",
    ],
)
def test_a_link_that_could_do_harm_is_no_link(url: str) -> None:
    for markdown in (f"[x]({url})", f"<{url}>", f"[x]\n\n[x]: {url}", f"![x]({url})"):
        links = urls(markdown)
        assert [link for link in links if urlsplit(link).scheme not in SCHEMES] == []
        assert [link for link in links if "evil.example" in link] == []


def test_a_back_slash_is_no_way_to_another_host() -> None:
    assert one("[x](/\\evil.example)") == '<a href="/%5Cevil.example">x</a>'


# Pictures


def test_a_picture_of_the_garden_reserves_its_size_and_opens_on_its_own_address() -> None:
    assert one("![Bean jars](../../media/ab/cd.webp){width=800 height=600}") == (
        '<a class="picture" href="../../media/ab/cd.webp"><img src="../../media/ab/cd.webp" alt="Bean jars" '
        'width="800" height="600" loading="lazy" decoding="async"></a>'
    )


@pytest.mark.parametrize(
    "attributes",
    [
        "{onclick=alert(1)}",
        '{style="position:fixed"}',
        "{.sitename #content}",
        "{width=1e3}",
        "{width=100%}",
        "{height=-1}",
        "{height=٣}",
        "{width=0}",
        '{width="1 onload=x"}',
    ],
)
def test_a_picture_has_no_attribute_but_width_and_height_in_digits(attributes: str) -> None:
    picture = next(each for each in elements(f"![x](media/a.webp){attributes}") if each.tag == "img")
    assert picture.attrib == {"src": "media/a.webp", "alt": "x", "loading": "lazy", "decoding": "async"}


def test_attributes_behind_anything_else_are_text() -> None:
    assert one("*soft*{.sitename}") == "<em>soft</em>{.sitename}"


@pytest.mark.parametrize(
    ("markdown", "inside"),
    [
        (
            "![jar](https://marsh.example/jar.png)",
            '<a href="https://marsh.example/jar.png" rel="nofollow ugc">jar</a>',
        ),
        (
            "![](https://marsh.example/jar.png)",
            '<a href="https://marsh.example/jar.png" rel="nofollow ugc">https://marsh.example/jar.png</a>',
        ),
        ("![jar](../jar.webp)", '<a href="../jar.webp" rel="nofollow ugc">jar</a>'),
        (
            '![a "b" <c>](https://marsh.example/j)',
            '<a href="https://marsh.example/j" rel="nofollow ugc">a &quot;b&quot; &lt;c&gt;</a>',
        ),
    ],
)
def test_a_picture_from_elsewhere_is_a_link(markdown: str, inside: str) -> None:
    assert one(markdown) == inside


def test_a_picture_inside_a_link_opens_the_link() -> None:
    assert one("[![jar](media/a.webp)](https://marsh.example/)") == (
        '<a href="https://marsh.example/" rel="nofollow ugc">'
        '<img src="media/a.webp" alt="jar" loading="lazy" decoding="async"></a>'
    )
    assert one("[![jar](https://marsh.example/j.png)](https://marsh.example/)") == (
        '<a href="https://marsh.example/" rel="nofollow ugc">jar</a>'
    )


# Blocks


def test_a_text_with_a_first_level_heading_moves_down_as_a_whole() -> None:
    assert render_markdown("# A\n## B\n###### C\n") == "<h2>A</h2>\n<h3>B</h3>\n<h6>C</h6>\n"


def test_a_text_without_one_keeps_its_headings() -> None:
    assert render_markdown("## A\n### B\n") == "<h2>A</h2>\n<h3>B</h3>\n"


def test_a_table_scrolls_in_a_box_that_the_keyboard_reaches() -> None:
    rendered = render_markdown("> | bed | crop |\n> |---|--:|\n> | 5 | beans |\n")
    assert '<div class="scroll" tabindex="0">\n<table>' in rendered
    assert "</table>\n</div>\n</blockquote>" in rendered
    assert '<td class="to-right">beans</td>' in rendered


@pytest.mark.parametrize(
    ("markdown", "rendered"),
    [
        (
            "```python\na < b\n```",
            (
                '<pre tabindex="0"><code class="language-python">'
                '<span class="c-n">a</span> <span class="c-o">&lt;</span> <span class="c-n">b</span>\n'
                "</code></pre>\n"
            ),
        ),
        ("```c++ numbered\nx\n```", '<pre tabindex="0"><code class="language-c++">x\n</code></pre>\n'),
        ('```"><b>\nx\n```', '<pre tabindex="0"><code>x\n</code></pre>\n'),
        ("```\nx\n```", '<pre tabindex="0"><code>x\n</code></pre>\n'),
        ("    indented\n", '<pre tabindex="0"><code>indented\n</code></pre>\n'),
    ],
)
def test_code_names_its_language_and_is_reached_by_keyboard(markdown: str, rendered: str) -> None:
    assert render_markdown(markdown) == rendered


def test_in_feeds_every_relative_url_is_a_full_one() -> None:
    assert urls("[x](../salsify-2a9xy3fk/#m-a) ![y](../../media/a.webp) <matrix:r/x:y>", PAGE) == [
        "https://fen.example/garden/seeds/salsify-2a9xy3fk/#m-a",
        "https://fen.example/garden/media/a.webp",
        "https://fen.example/garden/media/a.webp",
        "matrix:r/x:y",
    ]


# Maths and code


def test_inline_maths_is_set_and_what_is_not_understood_shows_its_source() -> None:
    assert one("`x`{.math}") == '<math alttext="x"><mrow><mi>x</mi></mrow></math>'
    assert one(r"`\frac{1`{.math}") == r'<code class="tex">\frac{1</code>'


def test_a_long_formula_scrolls_in_a_box_that_the_keyboard_reaches() -> None:
    assert one(f"`{'x+' * 30}x`{{.math}}").startswith('<span class="formula" tabindex="0"><math alttext=')


def test_a_block_of_maths_stands_by_itself() -> None:
    assert render_markdown("```math\nx\n```") == (
        '<div class="scroll" tabindex="0">'
        '<math display="block" alttext="x"><mrow><mi>x</mi></mrow></math></div>\n'
    )
    assert render_markdown("```math\n\\nothing{<b>\n```") == (
        '<pre tabindex="0"><code class="tex">\\nothing{&lt;b&gt;\n</code></pre>\n'
    )


def test_in_feeds_maths_is_its_source_and_code_is_plain() -> None:
    assert render_markdown("`x^2`{.math}", PAGE) == '<p><code class="tex">x^2</code></p>\n'
    assert render_markdown("```python\nif x: pass\n```", PAGE) == (
        '<pre tabindex="0"><code class="language-python">if x: pass\n</code></pre>\n'
    )


def test_only_so_much_of_a_text_is_worked_on() -> None:
    formulas = elements(" ".join(["`" + "x" * 1000 + "`{.math}"] * 21))
    assert len([each for each in formulas if each.tag.endswith("}math")]) == 20
    assert len([each for each in formulas if each.get("class") == "tex"]) == 1
    blocks = elements("\n\n".join(["```python\n" + "x = 1\n" * 300 + "```"] * 3))
    assert [bool(list(each)) for each in blocks if each.tag == "code"] == [True, True, False]


# Whatever is written

PIECES = st.sampled_from(
    [
        *("<", ">", "&", '"', "'", "[", "](", ")", "![", "{", "}", "`", "*", "_", "|", "#", "\\"),
        *("\n", "\n\n", " ", "    ", "a", "//", "|--|--|", "\u202e", "\x00", "<?php", "]]>", "<!--", "-->"),
        *("<script>", "</p>", "<img src=x onerror=alert(1)>", "javascript:", "media/", "onclick=", "data:"),
        *("width=", "class=x", "https://evil.example/", "&lt;", "]{.spoiler}", ']{.spoiler reason="', '"}'),
        *("{.math}", "`x`{.math}", "```math\n", "\n```\n", "```python\n", "::: {.details}\n", "\n:::\n"),
        *("![a](../media/ab.webp)", "{.video poster=", "{.emote}", "{.voice waveform=", "{.file size=1}"),
        *(']{color="#ff0000"}', "]{.missing what=", "]{.mention}", "\\text{<b>}", "\\href{javascript:x}{y}"),
    ]
)
TEXTS = st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60)


@given(TEXTS)
@example("![a](media/x){width=1 onclick=y}")
@example("[a](<javascript:alert(1)>)")
@example("<svg/onload=alert(1)>")
@example("[a [b]{.spoiler} c](x)")
@example("[a [b](x) [c]{.spoiler}]{.spoiler}")
@example('[[a]{.spoiler reason="<b>"}](https://evil.example)')
@example("> - ::: {.details}\n>   a\n")
@example("`\\text{<script>}`{.math}")
def test_no_text_makes_markup_of_its_own(text: str) -> None:
    assert find_forbidden(render_markdown(text)) == []
    assert find_forbidden(render_markdown(text, PAGE), "https://fen.example/") == []
    assert not [each for each in elements(text) if "id" in each.attrib]
    assert not [each for each in elements(text) if each.tag == "img" and "media/" not in each.get("src", "")]


@given(TEXTS)
def test_what_is_written_ends_where_it_stands(text: str) -> None:
    """A text opens nothing that it does not close: what follows it stands beside it."""
    inside: Element = html5lib.parseFragment(
        f'<div id="text">{render_markdown(text)}</div><p id="next">', namespaceHTMLElements=False
    )
    assert [each.get("id") for each in inside] == ["text", "next"]


# Texts made to take long

MARKS = [
    *(
        "[",
        "]",
        "![",
        "[](",
        "[a](",
        "[a]{",
        "[a]{.sup}",
        "*",
        "*a ",
        "**a",
        "_a ",
        "~~a",
        "`",
        "``a",
        "<",
        "<a:",
    ),
    *("&", "&#", "\\", "\\\n", "> ", "- ", "- a\n", "1. a\n", "# a\n", "|", "|-|\n", "a|b\n-|-\n", "```\n"),
    *("a\n\n", "{", "![](a){", '![](a){b="', "[a]: b\n", "[a](<", "::: {.details}\n", ":::\n", "<!--", "*["),
    *(
        "`a`{.math}",
        "\u202e",
        "\x00",
        "a\u0301",
        "```c\n\n```\n",
        '[a]{.spoiler reason="',
        "[[a]{.sub}",
        "\t",
    ),
    *("a", "é", "<https://a.example> ", "&nbsp;", "_", "a_", "- - ", "> - "),
]
SIZE = 60_000
LONG = {repr(mark): (mark * SIZE)[:SIZE] for mark in MARKS} | {
    "brackets in brackets": "[" * 30_000 + "]" * 30_000,
    "spans in spans": "[" * 4000 + "a" + "]{.sup}" * 4000,
    "pictures in pictures": "![" * 2000 + "](a)" * 2000,
    "details in details": "\n".join(["::: {.details}"] * 3000),
    "shorter and shorter fences": "\n".join(f"{':' * (300 - level)} {{.details}}" for level in range(290)),
    "quotes in quotes": "\n".join(">" * level + " a" for level in range(1, 340)),
    "lists in lists": "\n".join("  " * level + "- a" for level in range(1, 240)),
    "a wide table": "|" + "a|" * 2400 + "\n|" + "-|" * 2400 + "\n" + "a\n" * 20_000,
    "a table as wide as may be": "|" + "a|" * 99 + "\n|" + "-|" * 99 + "\n" + "a\n" * 195,
    "empty lines of code": "\n\n".join(["```c\n" + "\n" * 3900 + "```"] * 15),
    "formulas": "\n\n".join(["```math\n" + "x_1^2" * 390 + "\n```"] * 30),
}


ORDINARY = "Plain words and *marks* with `code` and [links](https://a.example).\n\n"


@pytest.mark.parametrize("name", LONG)
def test_no_text_takes_much_longer_than_ordinary_text(name: str) -> None:
    # Beside one another: a busy machine makes both look slow, what is quadratic only the one.
    # The dearest takes nine times as long; what is quadratic over 60,000 characters takes hundreds of times.
    ordinary = (ORDINARY * SIZE)[:SIZE]
    assert any(_measure(LONG[name]) < 25 * _measure(ordinary) for _ in range(3))


def _measure(text: str) -> float:
    start = time.process_time()
    render_markdown(text)
    return time.process_time() - start


LINES = st.text(alphabet="aé1Ü中٣ ,.;:!?'()/%+=-_*\n\\<>&\"{#|\u00a0\u3000", max_size=14)
WRITTEN = st.lists(
    st.sampled_from(
        [
            *(
                "a",
                "b c",
                "é",
                "1",
                ". ",
                ", ",
                "\\-",
                "\\[",
                "\\*",
                "\\\n",
                "\n",
                "\n\n",
                "\\",
                "&nbsp;",
                "&",
                "_",
            ),
            *(
                "\\#",
                "\\1",
                "!",
                '"',
                ">",
                "#",
                "- ",
                "1. ",
                "1) ",
                "=",
                "|",
                ":",
                "\u00a0",
                "\u2028",
                "\x85",
                "\x1f",
            ),
            *("<https://a.example/b?c=1&d>", "<http://a.b:80/%41>", "<https://a.example>", "<https://A.b>"),
            *("<https://a.b/%4>", "<https://a.b/'(x)!*~;:@,$=+#é>", "&amp;", "&#65;", "&copy", "+", "~"),
            *("http://a.b", "\U0001f331", "\u0301", "\ufffd", "\ud800", "   ", "$", "^", "{", "}", "%", "\t"),
        ]
    ),
    max_size=12,
).map("".join)


@given(LINES | WRITTEN | TEXTS)
@settings(max_examples=500)
@example("a.")
@example("a ")
@example("a:b//c.example (d) 1) e!")
@example("a\\\nb\n\n\\# c")
@example("a\n\u00a0\nb")
def test_a_plain_line_reads_as_the_parser_would_read_it(text: str) -> None:
    assert render_markdown(text) == render_dialect(text)

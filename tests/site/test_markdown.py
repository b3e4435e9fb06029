"""Markdown becomes HTML that cannot do anything: no script, no foreign request, no markup of its own."""

from __future__ import annotations

from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from garden.site.markdown import _renderer, render_markdown

PAGE = "https://fen.example/garden/seeds/beans-3fk2a9xy/"

TAGS = {
    *("p", "a", "img", "h2", "h3", "h4", "h5", "h6", "pre", "code", "em", "strong", "s", "br", "hr"),
    *("blockquote", "ul", "ol", "li", "div", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {
    *("href", "rel", "title", "src", "alt", "width", "height", "loading", "decoding"),
    *("class", "tabindex", "start", "style"),
}
SCHEMES = {"", "http", "https", "ftp", "mailto", "magnet", "matrix"}


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
    assert '<td style="text-align:right">beans</td>' in rendered


@pytest.mark.parametrize(
    ("markdown", "rendered"),
    [
        (
            "```python\na < b\n```",
            '<pre tabindex="0"><code class="language-python">a &lt; b\n</code></pre>\n',
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


# Whatever is written

PIECES = st.sampled_from(
    [
        *("<", ">", "&", '"', "'", "[", "](", ")", "![", "{", "}", "`", "*", "_", "|", "#", "\\"),
        *("\n", "\n\n", " ", "    ", "a", "//", "|--|--|", "\u202e", "\x00", "<?php", "]]>", "<!--", "-->"),
        *("<script>", "</p>", "<img src=x onerror=alert(1)>", "javascript:", "media/", "onclick=", "data:"),
        *("width=", "class=x", "https://evil.example/", "&lt;"),
    ]
)
TEXTS = st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60)


@given(TEXTS)
@example("![a](media/x){width=1 onclick=y}")
@example("[a](<javascript:alert(1)>)")
@example("<svg/onload=alert(1)>")
def test_no_text_makes_markup_of_its_own(text: str) -> None:
    for element in elements(text):
        assert element.tag in TAGS
        assert set(element.attrib) <= ATTRIBUTES
        assert urlsplit(element.get("href", "")).scheme in SCHEMES
        assert element.get("style", "text-align:left") in {
            f"text-align:{side}" for side in ("left", "right", "center")
        }
        if element.tag == "img":
            assert "media/" in element.get("src", "")


LINES = st.text(alphabet="aé1Ü中٣ ,.;:!?'()/%+=-_*\n", max_size=12)


@given(LINES | TEXTS)
@example("a.")
@example("a ")
@example("a:b//c.example (d) 1) e!")
def test_a_plain_line_reads_as_the_parser_would_read_it(text: str) -> None:
    assert render_markdown(text) == _renderer().render(text, {"base_url": ""})

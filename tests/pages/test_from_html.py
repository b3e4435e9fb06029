"""Whatever somebody's HTML holds, its words arrive, its structure where Markdown has it, and no more."""

from __future__ import annotations

import html5lib
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from garden.pages.from_html import write_html
from garden.site.markdown import render_markdown
from tests.pages.reading import letters_of, read_markdown
from tests.pages.strategies import texts

PAGE_ELEMENTS = frozenset(
    {
        *("p", "br", "a", "em", "strong", "s", "u", "sup", "sub", "code", "span", "bdi", "label", "input"),
        *("pre", "ul", "ol", "li", "blockquote", "h4", "h5", "h6", "hr", "div", "details", "summary"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
)
"""What rendered messages may hold, formulas and media aside; a wide table scrolls in a `div`."""

PAGE_ATTRIBUTES = frozenset(
    {
        ("a", "href"),
        ("a", "rel"),
        ("ol", "start"),
        ("code", "class"),
        ("pre", "tabindex"),
        ("div", "class"),
        ("div", "tabindex"),
        ("span", "class"),
        ("label", "class"),
        ("input", "type"),
    }
)

INLINE = (
    "b",
    "strong",
    "i",
    "em",
    "del",
    "s",
    "strike",
    "u",
    "sup",
    "sub",
    "span",
    "code",
    "font",
    "unknown",
)
BLOCKS = (
    *(
        "p",
        "div",
        "h1",
        "h2",
        "h6",
        "blockquote",
        "ul",
        "ol",
        "li",
        "pre",
        "table",
        "tr",
        "td",
        "th",
        "caption",
    ),
    *("thead", "tbody", "details", "summary", "mx-reply", "script", "style", "form", "iframe", "svg", "math"),
)
TAGS = (
    *(f"<{name}>" for name in (*INLINE, *BLOCKS)),
    *(f"</{name}>" for name in (*INLINE, *BLOCKS)),
    *(
        "<br>",
        "<hr>",
        "<br/>",
        "<a href='https://a.example/'>",
        "</a>",
        "<a href='javascript:x()'>",
        "<a name=x>",
    ),
    *(
        '<pre><code class="language-c++">',
        "<code class='language-x'>",
        "<b class=x onclick='y()'>",
        "<ol start=7>",
    ),
    *(
        '<span data-mx-color="#f00">',
        '<p style="color:red" id=m-1>',
        "<img src=x onerror=y>",
        "<img alt='pic'>",
    ),
    *(
        "<!-- c -->",
        "<![CDATA[x]]>",
        "<?php x ?>",
        "<",
        "&lt;",
        "&amp;amp;",
        "&#58;",
        "&#10;",
        "&nbsp;",
        "\x00",
    ),
)

hostile_bodies = st.lists(st.one_of(st.sampled_from(TAGS), texts), max_size=14).map("".join)


def well_formed(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Elements that Markdown can say, nested as clients nest them."""
    joined = st.lists(children, min_size=1, max_size=3).map("".join)
    inline = st.sampled_from(["b", "i", "em", "strong", "del", "span", "u", "sup"])
    blocks = st.sampled_from(["p", "div", "blockquote", "h1", "h3", "details"])
    return st.one_of(
        st.builds("<{0}>{1}</{0}>".format, inline, joined),
        st.builds("<{0}>{1}</{0}>".format, blocks, joined),
        st.builds("<ul><li>{}</li><li>{}</li></ul>".format, joined, joined),
        st.builds(
            "<table><caption>{}</caption><tr><td>{}</td><th>{}</th></tr></table>".format,
            joined,
            joined,
            joined,
        ),
        st.builds("<a href='https://a.example/'>x{}</a>".format, joined),
    )


def escape_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


words = texts.map(escape_text)
code = texts.map(lambda text: f"<code>{escape_text(text)}</code>")
code_blocks = texts.map(lambda text: f"<pre><code>{escape_text(text)}</code></pre>")
friendly_bodies = st.recursive(st.one_of(words, words, code, code_blocks), well_formed, max_leaves=8)


def words_of(html: str) -> str:
    """What a browser shows of HTML, by a parser that is not ours."""
    tree = html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False)
    return letters_of("".join(tree.itertext()))


@given(friendly_bodies)
@settings(max_examples=600)
@example("<h1>C #</h1>")
@example("<h1>#</h1>")
@example("<table><tr><td><code>a|b \\| c</code></td><td>a|b</td></tr></table>")
@example("<table><caption>words</caption><tr><td>cell</td></tr></table>")
@example("<table><tr><td><table><tr><td>inner</td></tr></table></td></tr></table>")
@example("<table><tr><td><p>a</p><p>b</p></td></tr></table>")
@example("abc<span><b>(x)</b></span>def")
@example("<i><b>(x)</b></i>abc")
@example("e\u0301<b>(x)</b>")
@example("<b>\u00a0x</b>")
@example("wow!<a href='https://a.example/'>x</a>")
@example("a | b<br>:-:")
@example("__a__")
@example("<code>a</code><code>b</code>")
@example("<a href='https://a.example/'>x https://a.example/&amp;amp;</a>")
@example("<ul><li></li><li><ul><li></li><li>x</li></ul></li></ul>")
@example("<u><code>]: x</code></u>")
@example("a<br>\u00a0")
def test_no_word_is_lost_and_none_is_added(body: str) -> None:
    assert read_markdown(write_html(body)).letters == words_of(body)


@given(hostile_bodies)
@settings(max_examples=600)
def test_a_hostile_body_makes_no_element_and_no_attribute_outside_the_list(body: str) -> None:
    reading = read_markdown(write_html(body))
    assert set(reading.elements) <= PAGE_ELEMENTS
    assert {(element, name) for element, name, _ in reading.attributes} <= PAGE_ATTRIBUTES
    for _, name, value in reading.attributes:
        assert name != "href" or value.startswith(("http:", "https:", "ftp:", "matrix:", "mailto:"))
        assert name != "class" or value == "scroll" or value.startswith("language-")


@given(st.lists(st.sampled_from([tag for tag in TAGS if "=" not in tag and len(tag) > 6]), max_size=20))
@settings(max_examples=500)
def test_broken_nesting_loses_no_word(tags: list[str]) -> None:
    silent = (
        "<mx-reply",
        "<script",
        "<style",
        "<iframe",
        "<svg",
        "<math",
        "<!",
        "<?",
        "<form",
        "<caption",
        "<table",
    )
    body = "".join(f"{tag} word{number} " for number, tag in enumerate(tags) if not tag.startswith(silent))
    reading = read_markdown(write_html(body))
    wanted = [number for number, tag in enumerate(tags) if not tag.startswith(silent)]
    assert [number for number in wanted if f"word{number}" not in reading.text.split()] == []


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("one <b>two</b> <i>three</i>", "one **two** *three*"),
        ("<strong>a</strong>b<em>c</em>", "**a**b*c*"),
        ("<del>gone</del> <s>gone</s> <strike>gone</strike>", "~~gone~~ ~~gone~~ ~~gone~~"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("one<br>two", "one\\\ntwo"),
        ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>", "- a\n\n- b\n\n  - c"),
        ('<ol start="3"><li>a</li><li>b</li></ol>', "3. a\n4. b"),
        ("<blockquote>said</blockquote>answer", "> said\n\nanswer"),
        ("<h1>Beans</h1>", "#### Beans"),
        ("<h6>Beans</h6>", "###### Beans"),
        ('<pre><code class="language-python">a = 1\n</code></pre>', "```python\na = 1\n```"),
        ("<pre><code>``` x\n</code></pre>", "````\n``` x\n````"),
        ("<code>a`b</code>", "``a`b``"),
        ('<a href="https://a.example/?x=1&amp;y=2">here</a>', "[here](<https://a.example/?x=1&y=2>)"),
        ('<a href="https://a.example/">https://a.example/</a>', "<https://a.example/>"),
        (
            '<a href="https://matrix.to/#/#seeds:a.example">Seeds</a>',
            "[Seeds](<https://matrix.to/#/#seeds:a.example>)",
        ),
        ("a<hr>b", "a\n\n***\n\nb"),
        ("<table><tr><th>a</th></tr><tr><td>1</td></tr></table>", "| a |\n| --- |\n| 1 |"),
        ("<u>a</u><sup>2</sup><sub>i</sub>", "[a]{.underline}[2]{.sup}[i]{.sub}"),
        ("<b><i>both</i></b> <i><b>both</b></i>", "***both*** ***both***"),
        ("a<b>(x)</b>c", "a[(x)]{.strong}c"),
        ("a<i>(x)</i>c a<del>(x)</del>c", "a[(x)]{.em}c a[(x)]{.del}c"),
        ("<b>one<br>two</b>", "**one\\\ntwo**"),
        ("<b>a <b>b</b></b> <u><u>c</u></u>", "**a b** [c]{.underline}"),
        ('<pre><code class="x language-math">x^2</code></pre>', "```tex\nx^2\n```"),
        ("<code>a</code><code>b</code>", "`ab`"),
        ("<details><summary>More</summary>hidden</details>", "::: {.details}\nMore\n\nhidden\n:::"),
        ("<details>hidden</details>", "::: {.details .unnamed}\nhidden\n:::"),
        (
            "<details><summary><h3>More</h3></summary><pre>:::: x</pre></details>",
            "::::: {.details}\nMore\n\n```\n:::: x\n```\n:::::",
        ),
        (
            "<ul><li>a<details><summary>b</summary>c</details></li></ul>",
            "- a\n\n  ::: {.details}\n  b\n\n  c\n  :::",
        ),
        ("<details></details>", ""),
        ("<mx-reply><blockquote>quoted</blockquote></mx-reply>answer", "answer"),
        ("<p></p><b></b>  ", ""),
        ("Gr\u00fc\u00dfe 🌱 مرحبا", "Gr\u00fc\u00dfe 🌱 مرحبا"),
    ],
)
def test_structure_becomes_markdown(html: str, markdown: str) -> None:
    assert write_html(html) == markdown


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<style>p{}</style>",
        "<mx-reply>quoted</mx-reply>",
        "<img src='https://evil.example/x.gif'>",
        "<a href='javascript:alert(1)'></a>",
        "<!-- words -->",
    ],
)
def test_what_is_not_for_readers_leaves_nothing(html: str) -> None:
    assert write_html(html) == ""


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "/etc/passwd",
        "../../static/x",
        "//evil.example/",
        "#m-aaaaaaaaaa",
        "file:///etc/passwd",
    ],
)
def test_a_link_that_leads_nowhere_safe_is_only_its_words(url: str) -> None:
    assert write_html(f'<a href="{url}">words</a>') == "words"


def test_a_bar_in_an_attribute_ends_no_cell() -> None:
    body = (
        "<table><tr><td><span data-mx-spoiler='a|`b'>c|d</span> <code>`|</code></td><td>e</td></tr></table>"
    )
    html = render_markdown(write_html(body))
    assert html.count("<th>") == 2
    assert read_markdown(write_html(body)).letters == "c|d`|e"
    assert "a|`b" in html


def test_an_embed_of_a_bridge_reads_as_a_quotation() -> None:
    body = (
        '<p>look</p><blockquote class="discord-embed"><p class="discord-embed-title"><strong>Fen</strong></p>'
        '<p class="discord-embed-description">A wet place</p></blockquote>'
    )
    assert write_html(body) == "look\n\n> **Fen**\n>\n> A wet place"

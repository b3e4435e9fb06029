"""A tree holds what the cleaned HTML holds, and a body that is made to blow up does not."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from garden.pages.from_html import write_html
from garden.pages.html_tree import MAX_BOXES, MAX_LENGTH, Node, build_tree, clean_html, read_html
from garden.site.markdown import render_markdown
from tests.pages.reading import read_markdown
from tests.pages.strategies import texts

PIECES = (
    *(
        "<b>",
        "</b>",
        "<i>",
        "</i>",
        "<p>",
        "</p>",
        "<span data-mx-spoiler='a\"b'>",
        "</span>",
        "<br>",
        "<hr>",
    ),
    *("<img src='mxc://a/b' alt='<&amp;\">'>", "<a href='https://a.example/?a=1&amp;b=\">'>", "</a>", "<li>"),
    *(
        "<pre>",
        "<code class='language-x \"y'>",
        "</pre>",
        "&lt;b&gt;",
        "&amp;lt;",
        "&nbsp;",
        "&#0;",
        "<!-- -->",
    ),
    *("<font color=red>", "</font>", "<table>", "<td>", "<svg>", "<math>", "<title>", "<plaintext>", "<B/>"),
    *("<", ">", '"', "'", "=", "/>", "]]>", "\r\n"),
)
htmls = st.lists(st.one_of(st.sampled_from(PIECES), texts), max_size=14).map("".join)


class Events(HTMLParser):
    """What Python's own parser sees, as one text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag.removeprefix("x-"), {key: value or "" for key, value in attrs}))
        if tag in {"br", "hr", "img"}:
            self.seen.append("end")

    def handle_endtag(self, _tag: str) -> None:
        self.seen.append("end")

    def handle_data(self, data: str) -> None:
        self.seen.append(f"text {data}")


def events_of(node: Node | str) -> list[object]:
    """A tree as the same text."""
    if isinstance(node, str):
        return [f"text {node}"]
    below = [event for child in node.children for event in events_of(child)]
    return [(node.tag, dict(node.attributes)), *below, "end"]


@given(htmls)
@settings(max_examples=800)
@example("<p>&amp;amp; <b>x</b></p>")
def test_a_tree_holds_what_a_parser_sees_in_the_cleaned_html(html: str) -> None:
    cleaned = clean_html(html)
    parser = Events()
    parser.feed(cleaned)
    parser.close()
    assert events_of(build_tree(cleaned))[1:-1] == parser.seen


def test_each_node_knows_what_stands_below_it() -> None:
    tree = read_html("<b><i>a<p>b</p></i></b><u><span data-mx-spoiler>x</span></u>")
    assert tree is not None
    bold, underlined = tree.children
    assert isinstance(bold, Node)
    assert isinstance(underlined, Node)
    assert (bold.has_block, bold.is_block, bold.has_spoiler) == (True, True, False)
    assert (underlined.has_block, underlined.is_block, underlined.has_spoiler) == (False, False, True)


LONG = 60_000
"""Letters; a homeserver takes 65,536 bytes for a whole event."""

SECONDS = 3
"""Three times what one message may take on a machine that does nothing else."""

BYTES = 50_000_000


def repeat(*parts: str) -> Callable[[], str]:
    """Repeat the last part, after the others, to the length that a homeserver lets through."""
    *opening, unit = parts
    head = "".join(opening)
    return lambda: head + unit * ((LONG - len(head)) // len(unit))


BOMBS = {
    "deep divisions": repeat("<div>"),
    "deep quotations": repeat("<blockquote>"),
    "deep lists": repeat("<ul><li>"),
    "deep emphasis": repeat("<b><i>"),
    "deep tables": repeat("<table><tr><td>"),
    "deep links": repeat("<a href='https://a.example/'>"),
    "unclosed emphasis": repeat("<b>x"),
    "emphasis with words": repeat("<b>x</b> <i>y</i>"),
    "line breaks": repeat("x<br>"),
    "long and short rows": lambda: "<table><tr>" + "<td>" * 6000 + "<tr><td>x" * 4000,
    "formatting opened anew": lambda: "".join(f"<b id={n}>" for n in range(2000)) + "<p>x" * 8000,
    "formatting opened anew in code": lambda: (
        "".join(f"<code class=language-a{n}>" for n in range(1000)) + "<p>x" * 6000
    ),
    "formatting of every kind": lambda: (
        "".join(f"<{name}>" * 3 for name in ("b", "i", "u", "s", "em", "strong", "code")) + "<p>x" * 12_000
    ),
    "long lines in quotations": lambda: "<blockquote>" * 90 + "a<br>" * 8000,
    "bare brackets": repeat("<"),
    "stars": repeat("*_"),
    "backticks": repeat("<code>`</code>"),
    "open brackets": repeat("!["),
    "ampersands": repeat("&amp;lt;"),
    "one long word": repeat("a"),
    "items": lambda: "<ul>" * 8 + "<li>x" * 11_000,
    "rules": repeat("<hr>"),
    "deep spans": lambda: "<span>" * 4600 + "x" + "</span>" * 4600,
    "deep fonts": repeat("<font color='#ff0000'>x"),
    "deep spoilers": repeat("<span data-mx-spoiler>x"),
    "deep colours": repeat("<span data-mx-color='#ff0000'>x"),
    "deep details": repeat("<details><summary>x</summary>y"),
    "many details": repeat("<details><summary>x</summary>y</details>"),
    "many spoilers": repeat("<span data-mx-spoiler>x</span>"),
    "many formulas": repeat("<span data-mx-maths='x'></span>"),
    "many blocks of formulas": repeat("<div data-mx-maths='x'></div>"),
    "a long formula": lambda: "<span data-mx-maths='" + "{" * 29_000 + "}" * 29_000 + "'></span>",
    "many people": repeat("<a href='https://matrix.to/#/@a:b'>a</a>"),
    "many pictures": repeat("<img src='mxc://a/b' alt='x'>"),
    "short paragraphs in every format": lambda: (
        "<u><sup><sub><del><b><i><span data-mx-spoiler><font color='#ff0000'>" + "<p>x" * 14_000
    ),
    "a long reason in every cell": lambda: (
        f"<span data-mx-spoiler='{'r' * 150}'><table>" + "<tr><td>x" * 6000
    ),
    "a link opened anew": lambda: f"<p><a href='https://a.example/{'x' * 20_000}'>" + "<p>x" * 9000,
    "a link around paragraphs": lambda: f"<a href='https://a.example/{'x' * 2000}'>" + "<p>x" * 14_000,
    "unmatched ends": lambda: "<b>" * 8000 + "</i>" * 8000,
    "broken references": repeat("<p><u><code>]:</code></u></p>"),
    "line breaks in emphasis": lambda: "<b>" * 100 + "<br>" * 14_000 + "x",
    "urls": repeat("https://a.example/ "),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_body_made_to_blow_up_does_not(name: str) -> None:
    body = BOMBS[name]()
    start = time.process_time()
    html = render_markdown(write_html(body))
    assert time.process_time() - start < SECONDS
    assert len(html) < 40 * LONG


@pytest.mark.parametrize("name", ["rules", "long and short rows"])
def test_a_body_made_to_fill_memory_does_not(name: str) -> None:
    body = BOMBS[name]()
    render_markdown("# what is loaded once")
    tracemalloc.start()
    try:
        render_markdown(write_html(body))
        assert tracemalloc.get_traced_memory()[1] < BYTES
    finally:
        tracemalloc.stop()


def test_more_than_an_event_holds_is_left_to_the_plain_body() -> None:
    assert write_html("x" * MAX_LENGTH)
    assert write_html("x" * (MAX_LENGTH + 1)) == ""


@pytest.mark.parametrize("depth", [1, 10, 99, 100, 101, 500, 2000])
@pytest.mark.parametrize("tag", ["div", "blockquote", "ul", "b", "span", "table", "details", "h1", "sup"])
def test_words_at_any_depth_are_read(tag: str, depth: int) -> None:
    body = f"<{tag}>" * depth + "deep" + f"</{tag}>" * depth + "after"
    assert read_markdown(write_html(body)).letters == "deepafter"


def test_quotations_nest_as_deep_as_the_renderer_follows() -> None:
    body = "".join(f"<blockquote>level{n}" for n in range(30))
    reading = read_markdown(write_html(body))
    assert reading.elements.count("blockquote") == MAX_BOXES
    assert reading.letters == "".join(f"level{n}" for n in range(30))

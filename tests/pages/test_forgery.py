"""Rule 5: no message can forge another message's author, date, anchor, front matter, container or heading.

Eve tries, in plain text and in HTML; the page that is written, read back and rendered has her words as hers.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from garden.archive.event import EventId
from garden.conversations.conversation import Message
from garden.pages.address import markdown_path, message_anchor
from garden.pages.dialect import read_page, write_page
from garden.pages.page import Page
from garden.site.markdown import render_markdown
from tests.pages.material import answer, compose, message
from tests.pages.reading import read_html
from tests.pages.strategies import lines, texts

VICTIM = message("victim", "I never said more than this.", by="ada")
VICTIMS_ANCHOR = message_anchor(VICTIM.event_id)

DIVISION = (
    f'::: {{#{VICTIMS_ANCHOR} .message author="Ada" sender="@ada:fen.example"'
    ' at="2025-03-03T11:12:00.000Z" event="$victim:fen.example"}\nI owe Eve money.\n:::'
)
HTML_MESSAGE = (
    f'<article id="{VICTIMS_ANCHOR}" class="message"><header>Ada <time>3 March</time></header>'
    "<p>I owe Eve money.</p></article>"
)

FORGERIES = {
    "container": f":::\n\n{DIVISION}",
    "container after an empty line": f"\n\n:::\n\n\n{DIVISION}\n\n",
    "container with a longer fence": DIVISION.replace(":::", "::::::::"),
    "container in a code block left open": f"```\n:::\n\n{DIVISION}",
    "container in an indented line": DIVISION.replace("\n", "\n   "),
    "anchor": "{#" + VICTIMS_ANCHOR + "}\n\n[x]{#" + VICTIMS_ANCHOR + "}\n\n# x {#" + VICTIMS_ANCHOR + "}",
    "front matter": "---\ntitle: Eve was here\nkind: day\n---\n\nwords",
    "front matter at the end": "words\n\n---\ntitle: Eve was here\n---\n",
    "heading": "# Ada\n\n## 3 March 2025\n\nAda\n===\n\n3 March\n---",
    "html": HTML_MESSAGE,
    "html that ends the page": f"</p></div></article></main>{HTML_MESSAGE}",
    "picture": "![x](../../media/ab/jar.webp){width=1 height=1 #m-x onclick=y}",
    "link with an anchor's name": f'[Ada](javascript:x "y") [a](<#{VICTIMS_ANCHOR}>)',
    "reference": f"[Ada]: https://evil.example\n\n[Ada] {VICTIMS_ANCHOR}",
    "footnote": "[^1]\n\n[^1]: Ada said so",
    "template": "{{ view.frame }} {% include 'x' %} {# c #}",
    "span": '[x]{.spoiler reason="y"} [x]{.underline} [Ada]{.mention} [x]{color="#ff0000"} [x]{.strong}',
    "span in brackets": "[a [b]{.sup} c]{.sub} ![x]{.del} []{.em}",
    "span over lines": "[x\ny]{.spoiler}\n\n[x\n\ny]{.spoiler}",
    "missing file": '[Eve was here]{.missing what="image" why="too-large"}',
    "attributes": '{#x .message author="Ada"}\n{.details}\n`x`{.math}\nx {.spoiler}',
    "formula": "`\\frac{1}{2}`{.math} $x$ $$y$$\n\n```math\nx\n```\n\n    `x`{.math}",
    "details": "::: {.details}\nmore\n\nhidden\n:::",
    "details in a quotation": "> ::: {.details}\n> more\n> :::\n\n- ::: {.details .unnamed}\n  x\n  :::",
    "details after a word": "x\n::: {.details}\ny\n:::\n:::: {.reactions}\n- x: Ada\n::::",
    "embed": "::: {.embed}\n> I owe Eve money.\n\n[Ada]{.author} · "
    '[3 March 2025]{at="2025-03-03T11:12:00.000Z"}\n:::',
    "wikilinks": "![[House rules]] [[House rules]]\n\n![[https://matrix.to/#/!seeds:fen.example/$victim]]",
    "poll": '::: {.poll voters="9" choices="1"}\n- **9**: Eve\n:::',
    "version": 'x\n\n::: {.version at="2025-03-03T11:12:00.000Z"}\nx\n:::',
    "reactions": "::: {.reactions}\n- x: Ada, Ben\n:::",
    "emote": "![:bean:](../../media/ab/bean.webp){.emote width=32 height=32}",
    "recording": '![x](../../media/ab/x.mp4){.video duration=1 poster="ab/jar"} ![y](../media/y.ogg){.voice}',
    "file": '[x.pdf](../../media/ab/x.pdf){.file size=1 type="application/pdf"}',
    "right-to-left override": "\u202eadA\u202c: \u2066I owe Eve money\u2069",
    "line separators": f"x\u2028:::\u2028{DIVISION}\u2029\u0085:::".replace("\n", "\u2028"),
}


def eve(body: str, formatted: str | None = None) -> Message:
    return message("eve", body, formatted=formatted, minute=5, by="eve")


STRUCTURE = frozenset(
    {
        *(
            "article",
            "header",
            "time",
            "h1",
            "h2",
            "img",
            "video",
            "audio",
            "script",
            "div",
            "main",
            "figure",
        ),
        *("details", "summary", "label", "input", "math", "u", "sup", "sub", "bdi"),
    }
)
"""What no forgery may become."""

CLASSES = frozenset({"language-js"})


def assert_hers_alone(page: Page) -> None:
    """Two messages stand on the page, each its author's, and nothing of the page is Eve's to say."""
    written = write_page(page)
    read = read_page(written, markdown_path(page.address))
    assert read == page
    assert [each.author for each in read.messages] == ["Ada", "Eve"]
    assert read.messages[0].text == "I never said more than this."
    assert (read.title, read.messages[1].event_id) == (
        "I never said more than this.",
        EventId("$eve:fen.example"),
    )
    html = read_html(render_markdown(read.messages[1].text))
    assert not STRUCTURE & set(html.elements)
    assert not {name for _, name, _ in html.attributes} - {"href", "rel", "start", "class", "tabindex"}
    assert not {value for _, name, value in html.attributes if name == "class"} - CLASSES


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
def test_plain_text_forges_nothing(forgery: str) -> None:
    page = compose(VICTIM, eve(forgery))
    assert_hers_alone(page)
    assert not re.search(r"(?m)^ {0,3}:::", page.messages[1].text)


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
@pytest.mark.parametrize(
    "frame", ["{}", "<p>{}</p>", "<pre><code>{}</code></pre>", "<blockquote>{}</blockquote>"]
)
def test_html_forges_nothing(forgery: str, frame: str) -> None:
    escaped = forgery.replace("&", "&amp;").replace("<", "&lt;")
    for body in (escaped, escaped.replace("\n", "<br>"), forgery):
        assert_hers_alone(compose(VICTIM, eve("x", frame.format(body))))


@given(texts)
@settings(max_examples=400)
def test_no_text_whatever_forges_a_message(body: str) -> None:
    page = compose(VICTIM, eve(body, body))
    read = read_page(write_page(page), markdown_path(page.address))
    assert read == page
    assert len(read.messages) == 2


@given(lines)
@settings(max_examples=300)
def test_no_display_name_forges_anything(name: str) -> None:
    page = compose(VICTIM, replace(eve("words"), sender_name=name))
    read = read_page(write_page(page), markdown_path(page.address))
    assert [each.author for each in read.messages] == ["Ada", name]
    assert [each.anchor for each in read.messages] == [each.anchor for each in page.messages]


@given(st.lists(texts, min_size=1, max_size=3))
@settings(max_examples=200)
def test_headings_in_messages_stay_below_the_pages_own(bodies: list[str]) -> None:
    for body in bodies:
        page = compose(VICTIM, eve("x", f"<h1>{body}</h1>\n# {body}"))
        assert not {"h1", "h2", "h3"} & set(read_html(render_markdown(page.messages[1].text)).elements)


def test_an_answer_says_nothing_of_a_message_that_nobody_can_read() -> None:
    forged = answer("eve", message("absent", "x"), f"m-{'a' * 10}")
    answered = compose(VICTIM, forged).messages[1].reply_to
    assert answered is not None
    assert (answered.author, answered.excerpt, answered.page, answered.is_here) == ("", "", "", False)

"""Emphasis, spoilers, colours, formulas, people and pictures in somebody's HTML arrive as they were meant."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from garden.archive.event import MediaForm, MxcUri, UserId
from garden.pages.from_html import write_html
from garden.pages.media import MediaFile, MissingMedia
from garden.pages.wording import Wording
from garden.site.markdown import render_markdown
from tests.pages.reading import Letter, read_letters

FORMATTED = (
    *("b", "i", "em", "strong", "del", "s", "strike", "u", "sup", "sub", "span"),
    *("font color='#ff0000'", "span data-mx-spoiler", "span data-mx-spoiler='w*y]\"}`'"),
)
EDGES = (
    *("a", "b c", " d", "e ", "(x)", "*", "**", "_", "__", "~~", "~", "`", "\\", "!", "[", "]", "{", "}"),
    *("{.underline}", "1.", "#", ":::", "]:", ".", ",", "é", "花", "🌱", "\u00a0", "<br>", "'", '"', "&lt;"),
)
"""Letters at which CommonMark's marks, and ours, could be misread."""

edges = st.lists(st.sampled_from(EDGES), min_size=1, max_size=3).map("".join)
code_words = edges.filter(lambda text: "<br>" not in text and bool(text.strip()))
inline_bodies = st.recursive(
    st.one_of(edges, st.builds("<code>{}</code>".format, code_words)),
    lambda children: st.one_of(
        st.builds(
            lambda tag, inside: f"<{tag}>{''.join(inside)}</{tag.split()[0]}>",
            st.sampled_from(FORMATTED),
            st.lists(children, min_size=1, max_size=3),
        ),
        st.builds("<a href='https://a.example/'>x{}</a>".format, edges),
    ),
    max_leaves=10,
)
formatted_bodies = st.lists(
    st.one_of(
        inline_bodies,
        st.builds("<u><p>{}</p>{}</u>".format, inline_bodies, inline_bodies),
        st.builds("<b>{}<p>{}</p></b>{}".format, inline_bodies, inline_bodies, inline_bodies),
        st.builds("<ul><li>{}</li><li>{}</li></ul>".format, inline_bodies, inline_bodies),
        st.builds(
            "<span data-mx-spoiler>{}<blockquote>{}</blockquote></span>".format, inline_bodies, inline_bodies
        ),
    ),
    min_size=1,
    max_size=3,
).map("".join)


def without_code(letters: list[Letter]) -> list[Letter]:
    """Code beside code may be written as words: two code spans would be read as one."""
    return [(letter, formats - {"code"}) for letter, formats in letters]


@given(formatted_bodies)
@settings(max_examples=800)
@example("a<u><p>a</p><code>]:::</code></u>")
@example("<b><code>a</code><b><code>b</code></b></b>")
@example("<b><i>(x)</i></b>y")
@example("x<i>a<b>b</b>c</i>y")
@example("<del>~a</del>~")
@example("<i>\u00a0x</i>")
def test_every_letter_looks_as_it_was_meant(body: str) -> None:
    rendered = read_letters(render_markdown(write_html(body)))
    assert without_code(rendered) == without_code(read_letters(body))


ADA = UserId("@ada:fen.example")
BEAN = MxcUri("mxc://fen.example/bean")
JAR = MxcUri("mxc://fen.example/jar")
LOST = MxcUri("mxc://fen.example/lost")
MEDIA: Mapping[tuple[MxcUri, MediaForm], MediaFile | MissingMedia] = {
    (BEAN, MediaForm.SMALL): MediaFile("ab/bean.webp", 48, 96),
    (JAR, MediaForm.PICTURE): MediaFile("cd/jar 1.png", 16, 12, thumb="ef/a.webp", color="#a0b1c2"),
    (LOST, MediaForm.PICTURE): MissingMedia("too-large"),
}
WORDING = Wording(
    names={ADA: "Ada [L.]"},
    mentions_room=True,
    locate=lambda uri, form: MEDIA.get((uri, form)),
    up="../../",
)


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ('<a href="https://matrix.to/#/@ada:fen.example">Bob</a>', "[Ada \\[L.\\]]{.mention}"),
        ('<a href="https://matrix.to/#/%40ada%3Afen.example?via=x">@ada</a>', "[Ada \\[L.\\]]{.mention}"),
        ('<a href="matrix:u/ada:fen.example"><b>Ada</b></a>', "[Ada \\[L.\\]]{.mention}"),
        ('<a href="https://matrix.to/#/@ben:fen.example">Ben Ode</a>', "[Ben Ode]{.mention}"),
        ('<a href="https://matrix.to/#/@eve:fen.example">Ada</a>', "[@eve:fen.example]{.mention}"),
        ('<a href="https://matrix.to/#/@ad:fen.example">Ada</a>', "[@ad:fen.example]{.mention}"),
        ("hi! @ada:fen.example, @eve:fen.example", "hi! [Ada \\[L.\\]]{.mention}, @eve:fen.example"),
        ("@room: come!@room", "[@room]{.mention}: come\\![@room]{.mention}"),
        (
            '<a href="https://a.example/">@room @ada:fen.example</a>',
            "[@room @ada:fen.example](<https://a.example/>)",
        ),
    ],
)
def test_people_are_named_as_they_were_then_and_nobody_is_made_somebody_else(
    html: str, markdown: str
) -> None:
    assert write_html(html, WORDING) == markdown


def test_without_knowing_who_is_there_no_word_becomes_a_name() -> None:
    assert write_html("@room and @ada:fen.example") == "@room and @ada:fen.example"


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        (
            f'<img data-mx-emoticon height=32 src="{BEAN}" alt=":bean:" title=":x:">',
            "![:bean:](../../media/ab/bean.webp){.emote width=16 height=32}",
        ),
        (
            f'<img src="{JAR}" alt="[jar]">',
            '![\\[jar\\]](../../media/cd/jar%201.png){width=16 height=12 thumb="ef/a.webp" color="#a0b1c2"}',
        ),
        (f'<img src="{LOST}" alt="jar*">', '[jar\\*]{.missing what="image" why="too-large"}'),
        (f'<img src="{LOST}">', ""),
        (f'<img data-mx-emoticon src="{LOST}" alt=":bean:">', ":bean:"),
        ('<img src="mxc://fen.example/unknown" alt="words">', "words"),
        ('<img src="https://evil.example/x.gif" alt="words">', "words"),
        (f'<a href="{JAR}">words</a>', "words"),
    ],
)
def test_pictures_are_shown_from_the_gardens_own_media_or_not_at_all(html: str, markdown: str) -> None:
    assert write_html(html, WORDING) == markdown


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<span data-mx-spoiler>x <b>y</b></span>", "[x **y**]{.spoiler}"),
        (
            '<span data-mx-spoiler="who &quot;did&quot; it \\">x</span>',
            '[x]{.spoiler reason="who \\"did\\" it \\\\"}',
        ),
        ("<span data-mx-spoiler=a>x <span data-mx-spoiler=b>y</span></span>", '[x y]{.spoiler reason="a"}'),
        (
            '<a href="https://a.example/">x <span data-mx-spoiler="b">y</span></a>',
            '[[x y](<https://a.example/>)]{.spoiler reason="b"}',
        ),
        ("<code>x <span data-mx-spoiler>y</span></code>", "[`x y`]{.spoiler}"),
        ("<pre><code>x\n<span data-mx-spoiler>y</span></code></pre>", "[`x`\\\n`y`]{.spoiler}"),
        ("<span data-mx-spoiler><p>x</p><hr><h1>y</h1></span>", "[x]{.spoiler}\n\n***\n\n#### [y]{.spoiler}"),
        (
            "<span data-mx-spoiler><div data-mx-maths='x'></div><pre>a</pre></span>",
            "[`x`{.math}]{.spoiler}\n\n[`a`]{.spoiler}",
        ),
        (
            "<span data-mx-spoiler><table><tr><td>a</td></tr></table></span>",
            "| [a]{.spoiler} |\n| --- |",
        ),
    ],
)
def test_what_a_spoiler_hides_is_hidden_wherever_it_stands(html: str, markdown: str) -> None:
    assert write_html(html) == markdown


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ('<span data-mx-color="#FF0000">x</span>', '[x]{color="#ff0000"}'),
        ('<font data-mx-bg-color="#00ff00" color="#0000ff">x</font>', '[x]{color="#0000ff" bg="#00ff00"}'),
        ('<font color="red">x</font><span data-mx-color="#f00;}">y</span>', "xy"),
        (
            '<span data-mx-color="#ff0000"><p>a</p><font color="#00ff00"><p>b</p></font></span>',
            '[a]{color="#ff0000"}\n\n[b]{color="#00ff00"}',
        ),
        (
            '<span data-mx-spoiler="r" data-mx-color="#ff0000">x</span>',
            '[[x]{color="#ff0000"}]{.spoiler reason="r"}',
        ),
    ],
)
def test_colours_are_six_digits_or_none(html: str, markdown: str) -> None:
    assert write_html(html) == markdown


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ('<span data-mx-maths="x^2">x<sup>2</sup></span>', "`x^2`{.math}"),
        ('<span data-mx-maths="`">x</span>', "`` ` ``{.math}"),
        ('<div data-mx-maths="\\frac{1}{2}"><code>1/2</code></div>', "```math\n\\frac{1}{2}\n```"),
        ('<p>so <div data-mx-maths="x">y</div></p>', "so\n\n```math\nx\n```"),
        (
            '<table><tr><td><div data-mx-maths="|x|">y</div></td></tr></table>',
            "| `\\|x\\|`{.math} |\n| --- |",
        ),
        ('<span data-mx-maths=" ">words</span>', "words"),
    ],
)
def test_a_formula_is_its_source_and_not_its_fallback(html: str, markdown: str) -> None:
    assert write_html(html) == markdown

"""Words with attributes: each class and key of the closed set has its HTML, the rest is words."""

from __future__ import annotations

import pytest

from garden.site.markdown import render_markdown

PAGE = "https://fen.example/garden/seeds/beans-3fk2a9xy/"
SPOILER = (
    '<label class="spoiler"><input type="checkbox"><span class="why">{}</span> <span class="hidden-words">'
)


def one(markdown: str, base_url: str = "") -> str:
    """What a paragraph of this text holds."""
    return render_markdown(markdown, base_url).removeprefix("<p>").removesuffix("</p>\n")


@pytest.mark.parametrize(
    ("markdown", "inside"),
    [
        ("[a *b*]{.underline}", "<u>a <em>b</em></u>"),
        ("x[2]{.sup} y[1]{.sub}", "x<sup>2</sup> y<sub>1</sub>"),
        ("a[b]{.strong}c[d]{.em}e[f]{.del}g", "a<strong>b</strong>c<em>d</em>e<s>f</s>g"),
        ("[[a]{.em} b]{.strong}", "<strong><em>a</em> b</strong>"),
        ("[Ada]{.mention}", '<span class="mention"><bdi>Ada</bdi></span>'),
        ('[a]{color="#ff0000"}', '<span class="ink-red">a</span>'),
        ('[a]{color="#0000ff" bg="#ffffff"}', '<span class="ink-blue paper-grey">a</span>'),
        (
            "[[u]{.underline} v](https://a.example)",
            '<a href="https://a.example" rel="nofollow ugc"><u>u</u> v</a>',
        ),
        ("*a [b*]{.sup} c*", "<em>a <sup>b*</sup> c</em>"),
        ("[a `]{.sup}` b]{.sub}", "<sub>a <code>]{.sup}</code> b</sub>"),
    ],
)
def test_words_with_attributes(markdown: str, inside: str) -> None:
    assert one(markdown) == inside


@pytest.mark.parametrize(
    ("markdown", "inside"),
    [
        ("[a]{.sitename #content}", "a"),
        ('[a]{onclick="alert(1)" style="x"}', "a"),
        ('[a]{color="red"}', "a"),
        ('[a]{color="#FF0000"}', "a"),
        ("`a`{.b}", "<code>a</code>"),
    ],
)
def test_what_is_not_in_the_set_is_shown_as_its_words(markdown: str, inside: str) -> None:
    assert one(markdown) == inside


@pytest.mark.parametrize("text", ["[a]{x}", "[a] {.sup}", r"[a]\{.sup}", "a{.sup}", "(a){.sup}", "*a*{.sup}"])
def test_braces_that_belong_to_nothing_are_text(text: str) -> None:
    assert "<sup>" not in one(text)
    assert "{" in one(text)


# Spoilers


def test_a_spoiler_says_why_and_opens_without_a_script() -> None:
    assert one("[he *dies*]{.spoiler}") == SPOILER.format("Spoiler") + "he <em>dies</em></span></label>"
    assert one('[he]{.spoiler reason="<the> end"}') == (
        SPOILER.format("Spoiler: <bdi>&lt;the&gt; end</bdi>") + "he</span></label>"
    )


def test_a_spoiler_inside_a_spoiler_is_only_words() -> None:
    assert one("[a [b]{.spoiler} [c]{.spoiler .sup}]{.spoiler}") == (
        SPOILER.format("Spoiler") + "a b <sup>c</sup></span></label>"
    )


def test_a_link_inside_a_spoiler_is_hidden_as_a_whole() -> None:
    assert one("[[a](../b/)]{.spoiler}") == SPOILER.format("Spoiler") + '<a href="../b/">a</a></span></label>'


@pytest.mark.parametrize(
    "markdown", ["[x [dies]{.spoiler} y](https://a.example)", "::: {.details}\n[dies]{.spoiler}\n:::"]
)
def test_a_spoiler_inside_what_opens_by_itself_stays_shut(markdown: str) -> None:
    assert "[Spoiler]" in render_markdown(markdown)
    assert "dies" not in render_markdown(markdown)


def test_feeds_say_only_that_there_is_a_spoiler() -> None:
    assert one('a [he [x](y) dies]{.spoiler reason="end"} b [c]{.spoiler}', PAGE) == (
        "a [Spoiler: <bdi>end</bdi>] b [Spoiler]"
    )

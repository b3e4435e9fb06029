"""Plain text for titles, excerpts and the index says what a reader sees, without a mark."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from garden.pages.escape import code_block, code_span, escape_inline, write_plain
from garden.pages.plain import HIDDEN, excerpt, plain_text, sentences
from garden.pages.span import span
from tests.pages.reading import letters_of
from tests.pages.strategies import texts


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("**bold** and *soft*", "bold and soft"),
        ("#### Beans\n\nin jars", "Beans\nin jars"),
        ("- one\n- two", "one\ntwo"),
        ("> said\n>\n> twice", "said\ntwice"),
        ("3. three", "three"),
        ("one\\\ntwo", "one\ntwo"),
        ("[words](<https://a.example>)", "words"),
        ("<https://a.example>", "https://a.example"),
        ("see ![jar](../media/a/b.webp){width=1 height=2} there", "see there"),
        ("`a*b*c`", "a*b*c"),
        ("``` `x` ``` and more", "`x` and more"),
        ("```python\nx = **1**\n```", "x = **1**"),
        ("~~~\nopen", "open"),
        ("| a | b |\n| --- | --- |\n| 1 | 2 |", "a | b\n1 | 2"),
        ("[[House rules]] and [[Page|words]]", "House rules and words"),
        ("\\*not bold\\*", "*not bold*"),
        ("snake_case and 2 * 3", "snake_case and 2 3"),
        ("&nbsp;\u00a0poem", "poem"),
        ('it is [the *gardener*]{.spoiler reason="who, ]"} again', "it is ▒▒▒ again"),
        ("[[x `]` y](<https://a.example>)]{.spoiler}", "▒▒▒"),
        ('[a [b]{.sup}]{.underline} [c]{color="#ff0000"} [Ada]{.mention}', "a b c Ada"),
        ("so `x^2`{.math} is", "so x^2 is"),
        ("```math\n\\frac{1}{2}\n```", "\\frac{1}{2}"),
        ("hi ![:bean:](../media/a.webp){.emote width=32 height=32}!", "hi :bean:!"),
        ('![a](../media/a.webp){width=1 thumb="b/[c].webp"} x', "x"),
        ('![a.ogg](../media/a.ogg){.voice duration=1 waveform="0a"}', ""),
        ('[a.pdf](../media/a.pdf){.file size=1 type="application/pdf"}', "a.pdf"),
        ('[a.png]{.missing what="image" why="too-large"}', "a.png"),
        ("[52.08, 4.31](<geo:52.08,4.31>)", "52.08, 4.31"),
        ("::: {.details}\nMore\n\nhidden\n:::", "More\nhidden"),
        ("- a\n\n  :::: {.details .unnamed}\n  ::: {.details}\n  b\n  :::\n  ::::", "a\nb"),
        ("> ::: {.details}\n> a\n> :::", "a"),
        ("\\::: {.details}", "::: {.details}"),
        ("> ```\n> *a*\n> ```", "*a*"),
        ("[not a span] \\[x\\]{.y} [[a] ![b]", "[not a span] [x]{.y} [[a] ![b]"),
        ("]{.spoiler} ](x) `", "]{.spoiler} ](x) `"),
    ],
)
def test_marks_go_and_words_stay(markdown: str, text: str) -> None:
    assert plain_text(markdown) == text


@given(texts)
@settings(max_examples=300)
def test_code_is_quoted_as_it_stands(text: str) -> None:
    assert letters_of(plain_text(code_span(text))) == letters_of(text)
    assert letters_of(plain_text(code_block(text))) == letters_of(text)


@given(texts)
@settings(max_examples=300)
def test_what_a_spoiler_hides_is_in_no_plain_text(text: str) -> None:
    written = f"a {span(escape_inline(f'secret {text}'), ('spoiler',), {'reason': text})} b"
    assert plain_text(written.replace("\n", " ")) == f"a {HIDDEN} b"


@given(texts)
@settings(max_examples=300)
def test_sentences_lose_no_letter(body: str) -> None:
    text = plain_text(write_plain(body))
    assert letters_of("".join(sentences(text))) == letters_of(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Version 2.7.4 works.", ["Version 2.7.4 works."]),
        ('She said "no." Then left.', ['She said "no."', "Then left."]),
        ("豆は乾かす。瓶に入れる。", ["豆は乾かす。", "瓶に入れる。"]),
        ("كيف نخزن البذور؟ في الجرة.", ["كيف نخزن البذور؟", "في الجرة."]),
        ("line\nline", ["line", "line"]),
        ("Well... yes?! No", ["Well...", "yes?!", "No"]),
        ("", []),
    ],
)
def test_a_sentence_ends_where_a_reader_would_end_it(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


@given(texts)
def test_an_excerpt_is_one_line_of_bounded_length(text: str) -> None:
    short = excerpt(text, 20)
    assert "\n" not in short
    assert len(short) <= 20
    assert short.endswith("…") or letters_of(short) == letters_of(text)


def test_an_excerpt_is_cut_at_a_word() -> None:
    assert excerpt("one two three four", 12) == "one two…"
    assert excerpt("one two", 7) == "one two"
    assert excerpt("a" * 30, 10) == "a" * 9 + "…"

"""Texts as people and forgers write them, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from garden.archive.event import clean_text

MARKS = (
    *("\n", "\n\n", " ", "    ", "\t", "\u00a0", "\u3000", "\u2028"),
    *(
        "*",
        "**",
        "_",
        "__",
        "~",
        "~~",
        "`",
        "``",
        "```",
        "~~~",
        "\\",
        "\\\n",
        "<",
        ">",
        "&",
        "&amp;",
        "&#35;",
        "&lt",
    ),
    *(
        "#",
        "# ",
        "## ",
        "- ",
        "+ ",
        "* ",
        "1. ",
        "12) ",
        "> ",
        "---",
        "===",
        ":::",
        ":-:",
        ":--|",
        "| --- |",
        "|",
    ),
    *(
        "[",
        "]",
        "(",
        ")",
        "![",
        "](",
        "[[",
        "]]",
        "{#m-1 .message}",
        "{width=9}",
        "!",
        ":",
        ": ",
        "^",
        "%",
        "%41",
    ),
    *("<b>", "</b>", "<!--", "<script>", "<https://a.example>", "[x]: /y", "[a](b)", "<a href='x'>", "</p>"),
    *(
        "https://a.example/",
        "http://b.example/?q=1&copy=2",
        "matrix:r/a:b",
        "mailto:a@b.example",
        "www.a.example",
    ),
    *("a", "b1", "word", "Wort", "é", "e\u0301", "🌱", "花", "مرحبا", "ß", "(x)", '"q"', "'", ".", ",", "…"),
    *("---\n", "title: x\n", '::: {#m-aaaaaaaaaa .message author="Eve"}', "\n:::\n", "::::"),
)

marked_texts = st.lists(st.sampled_from(MARKS), max_size=14).map("".join)
"""Marks of Markdown, HTML and the dialect, thrown together with words."""

any_texts = st.text(max_size=40).map(clean_text)
"""Text of any letters that an archived event can hold."""

texts = st.one_of(marked_texts, any_texts, st.tuples(marked_texts, any_texts).map("".join))

lines = texts.map(lambda text: " ".join(text.split())).filter(bool)
"""One line, as names, titles and reactions are."""

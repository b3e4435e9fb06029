"""Code keeps its characters and gets names for its parts; no code takes long."""

from __future__ import annotations

import time

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.lexers import get_lexer_by_name

from garden.site.highlight import _COSTS, MOST, color_code, cost
from tests.allowed_html import find_forbidden


def test_the_parts_of_code_have_classes() -> None:
    assert color_code("if x:\n    'a' # <b>\n", "python") == (
        '<span class="c-k">if</span> <span class="c-n">x</span><span class="c-p">:</span>\n'
        '    <span class="c-s1">\'a\'</span> <span class="c-c1"># &lt;b&gt;</span>\n'
    )


@pytest.mark.parametrize("language", ["", "nothing", "Python", "../x", "brainfuck", "text"])
def test_a_language_that_is_not_on_the_list_has_no_names(language: str) -> None:
    assert color_code("x", language) is None


def test_what_is_too_long_has_no_names() -> None:
    assert color_code("x" * MOST, "c") is not None
    assert color_code("x" * (MOST + 1), "c") is None
    assert cost("x" * MOST, "csharp") > MOST


@pytest.mark.parametrize("language", _COSTS)
def test_every_language_of_the_list_is_known(language: str) -> None:
    assert color_code("x", language) is not None


@given(st.text(alphabet="ab01 \n\t\"'`<>&{}[]()/*#;:=-\\$é", max_size=60), st.sampled_from([*_COSTS]))
def test_any_code_keeps_its_characters_and_stays_text(code: str, language: str) -> None:
    html = color_code(code, language)
    if html is not None:
        assert find_forbidden(f"<pre>\n{html}</pre>") == []
        parsed = html5lib.parseFragment(f"<pre>\n{html}</pre>", namespaceHTMLElements=False)
        assert "".join(parsed.itertext()) == code


SLOW = [
    *("\n", "a\n", "a ", "/", '\\"', "`", "a.", "1.", "a::", "${", "<<EOF\n", "_", "λ", "s{", "&", "<!--"),
]


LEXERS = [*{(type(get_lexer_by_name(name)), cost("x", name)): name for name in _COSTS}.values()]
"""One name of each lexer: under another name it takes as long."""


@pytest.mark.parametrize("language", LEXERS)
def test_no_code_takes_longer_than_a_second(language: str) -> None:
    most = MOST // cost("x", language)
    for piece in SLOW:
        start = time.process_time()
        color_code((piece * most)[:most], language)
        assert time.process_time() - start < 1, piece

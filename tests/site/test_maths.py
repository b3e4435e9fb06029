"""Formulas become MathML in which nothing can act, or stay their source; no formula takes long."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from garden.site.maths import MAX_LENGTH, render_maths
from tests.allowed_html import find_forbidden


def inside(tex: str) -> str:
    """What stands in the outermost row of a formula."""
    html = render_maths(tex)
    assert html is not None
    return html.partition("><mrow>")[2].removesuffix("</mrow></math>")


@pytest.mark.parametrize(
    ("tex", "mathml"),
    [
        (r"\frac{a}{b}", "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>"),
        (r"x_1^2", "<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup>"),
        (r"\mathbb{R} \to \infty", "<mi>ℝ</mi><mo>→</mo><mo>∞</mo>"),
        (r"a < b", "<mi>a</mi><mo>&lt;</mo><mi>b</mi>"),
        (r"\sqrt[3]{x}", "<mroot><mrow><mi>x</mi></mrow><mn>3</mn></mroot>"),
        (r"\mathop{x}", "<mrow><mrow><mi>x</mi></mrow></mrow>"),
        (r"\boxed{x}", '<mrow class="boxed"><mrow><mi>x</mi></mrow></mrow>'),
        (
            r"\begin{cases}a\\b\end{cases}",
            (
                '<mrow><mo stretchy="true" fence="true" form="prefix">{</mo><mtable>'
                '<mtr><mtd class="to-left"><mi>a</mi></mtd></mtr>'
                '<mtr><mtd class="to-left"><mi>b</mi></mtd></mtr>'
                "</mtable></mrow>"
            ),
        ),
    ],
)
def test_a_formula_is_set(tex: str, mathml: str) -> None:
    assert inside(tex) == mathml


def test_a_formula_carries_its_source_for_those_who_hear_it() -> None:
    assert render_maths('a\n"<b>"', is_block=True) is not None
    assert str(render_maths('a\n"<b>"', is_block=True)).startswith(
        '<math display="block" alttext="a &quot;&lt;b&gt;&quot;">'
    )


@pytest.mark.parametrize(
    "tex",
    [
        r"\text{<script>alert(1)</script>}",
        r"\mbox{<img src=x onerror=alert(1)>}",
        r"\text{&lt;script&gt;&#60;script&#62;}",
        r"\href{javascript:alert(1)}{x}",
        r"\style{position:fixed}{x}",
        r"\class{sitename}{x}",
        r"\color{red}{x} \colorbox{red}{x} \textcolor{url(x)}{y}",
        r"\operatorname{a} \tag{<b>}",
        r"\verb|<script>|",
        r"\hspace{9999em}\rule{99em}{99em}\raise{99em}{x}\lower 9em{x}",
        r"\fbox{<svg onload=x>}",
    ],
)
def test_markup_in_a_formula_is_text_and_nothing_of_it_acts(tex: str) -> None:
    html = render_maths(tex)
    assert html is not None
    assert find_forbidden(html) == []
    markup = html.partition(">")[2]
    assert not [
        word for word in ("href", " style=", "sitename", "9em", "color=", "background") if word in markup
    ]


@pytest.mark.parametrize(
    "tex",
    [
        "",
        " ",
        r"\nothing",
        r"\frac{1}",
        r"\left(",
        "{" * 500,
        r"\sqrt{" * 60 + "x" + "}" * 60,
        "x" * (MAX_LENGTH + 1),
        r"\newcommand{\a}{xx}\a",
        r"\def\a{xx}\a",
        "x_1_2",
        r"\begin{matrix}" + r"a\\" * 640,
    ],
)
def test_what_is_not_understood_or_too_much_is_no_formula(tex: str) -> None:
    assert render_maths(tex) is None


BOMBS = [
    *(
        "{",
        "}",
        r"\frac ",
        r"\frac1",
        r"\sqrt",
        r"\sqrt{",
        "x^",
        "x_",
        "x_1^2",
        "'",
        "&",
        r"a\\",
        r"\begin{matrix}",
    ),
    *(
        r"\left(",
        r"\text{",
        r"\mbox{$x$}",
        r"\not",
        r"a\over ",
        r"a\choose ",
        r"\color{red}",
        "\\",
        "1.",
        "%",
        "#",
    ),
    *(
        r"\substack{",
        r"\hskip 1",
        r"\overset",
        r"\verb|",
        r"\limits_",
        r"\big(",
        r"\skew",
        r"\genfrac",
        "x",
        "\\ ",
    ),
    *(
        r"\def\a{",
        r"\newcommand{\a}{\a\a}",
        r"\end{matrix}",
        "[",
        "]",
        "$",
        r"\mathbb{R}",
        r"\operatorname{a ",
    ),
]


@pytest.mark.parametrize("piece", BOMBS)
def test_no_formula_takes_longer_than_a_moment(piece: str) -> None:
    start = time.process_time()
    render_maths((piece * MAX_LENGTH)[:MAX_LENGTH])
    render_maths((r"\begin{array}{cc}" + piece * MAX_LENGTH)[:MAX_LENGTH])
    assert time.process_time() - start < 0.5


PIECES = st.sampled_from(
    [
        *BOMBS,
        *(
            "<b>",
            "&lt;",
            "a",
            "}{",
            r"\href{javascript:x}",
            r"\style{x}",
            r"\class{x}",
            r"\kern",
            "9em",
            "-9em",
        ),
        *(
            r"\end{matrix}",
            "=",
            r"\alpha",
            r"\xrightarrow",
            r"\hspace{",
            r"\rule{1em}",
            r"\middle",
            r"\right)",
            "\x00",
        ),
    ]
)


@given(st.lists(PIECES, max_size=20).map("".join) | st.text(max_size=30))
@example(r"\tag{a}\tag{b}")
def test_any_formula_is_harmless(tex: str) -> None:
    assert find_forbidden(render_maths(tex) or "") == []

r"""Threat 5: formulas whose commands let markup or addresses through: `\mbox`, `\text`, `\href`."""

from __future__ import annotations

from typing import Final

from tests.hostile.case import TRAP, Case

FORMULAS: Final = (
    Case("tex-mbox", "Markup in a box of text.", r"\mbox{</mtext></math><script>alert(1)</script>}"),
    Case(
        "tex-text",
        "Markup in text.",
        r"\text{<img src=x onerror=alert(1)>} \textrm{</math>} \textbf{<b onclick=alert(1)>}",
    ),
    Case("tex-href", "A live address.", r"\href{javascript:alert(1)}{x} \url{javascript:alert(1)}"),
    Case("tex-href-data", "A page in an address.", r"\href{data:text/html,<script>alert(1)</script>}{y}"),
    Case(
        "tex-class",
        "Classes, names and styles.",
        r"\class{masthead}{x} \cssId{content}{y} \style{position:fixed;inset:0}{z} "
        r"\htmlClass{hidden}{w} \htmlData{onclick=alert(1)}{v}",
    ),
    Case(
        "tex-colour",
        "A colour with more in it.",
        rf"\color{{red;background:url({TRAP})}}{{x}} \colorbox{{\"onclick=alert(1)}}{{y}} "
        rf"\textcolor{{#f00\" x=\"}}{{z}}",
    ),
    Case(
        "tex-picture",
        "A picture from elsewhere.",
        rf"\includegraphics{{{TRAP}p.png}} \input{{/etc/passwd}} \write18{{true}}",
    ),
    Case(
        "tex-entities",
        "Markup in entities.",
        r"\text{&lt;script&gt;alert(1)&lt;/script&gt;} \unicode{x3c} \char`\<",
    ),
    Case(
        "tex-operator",
        "Markup as an operator's name.",
        r"\operatorname{<script>alert(1)</script>} \mathrm{<b>} \mathop{</mo>}",
    ),
    Case(
        "tex-space",
        "A space wider than the page.",
        r"\hspace{99999em}x\kern-9999em y \rule{9999em}{9999em} \raisebox{-999em}{z} \hskip 9999pt",
    ),
    Case(
        "tex-size",
        "Letters larger than the page.",
        r"\Huge{\Huge{\Huge x}} \scalebox{99}{y} \phantom{xxxxxxxx}",
    ),
    Case(
        "tex-define",
        "Commands that define commands.",
        r"\def\a{\b\b}\def\b{\c\c}\newcommand{\c}{x}\let\d\a \a",
    ),
    Case(
        "tex-open",
        "Braces and environments that are left open.",
        r"\frac{a}{ \begin{matrix} a & b \\ \left( \sqrt[",
    ),
    Case("tex-close", "Ends of what was never begun.", r"} \end{matrix} \right) ] & \\ \middle|"),
    Case(
        "tex-arguments",
        "Commands without what they need.",
        r"\frac \sqrt \overset \binom \hline \limits ^ _ ^^ __ \\",
    ),
    Case(
        "tex-attributes",
        "Attributes in the arguments of environments.",
        r"\begin{array}{c\" onclick=\"alert(1)} x \end{array} \genfrac\"'<>{0pt}{1}{a}{b}",
    ),
    Case("tex-marks", "What would end its mark in the dialect.", "`x`{.math} ``` x\n```\n~~~ $ $$ \\( \\)"),
)

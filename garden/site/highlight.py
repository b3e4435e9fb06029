"""Code becomes HTML in which its parts have classes: the only module that speaks Pygments.

Code and the name of its language come in; the same characters come out, escaped, with `<span class="c-…">`
around keywords, strings and the like. The style sheet knows the classes by Pygments' short names.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name

MOST: Final = 4000
"""Characters of code in one text whose parts are named: the time of many lexers grows with their square."""

_KNOWN: Final = (
    "asm awk bash c clojure cmake cpp css dart diff docker dockerfile elixir elm erlang fish fortran"
    " go graphql haskell html http ini java javascript js json julia kotlin latex lisp lua make"
    " makefile markdown matlab md nasm nginx nix ocaml php perl powershell prolog protobuf py python"
    " python3 r rb rs ruby rust scala scheme scss sh shell sql sqlite3 swift tex toml ts tsx"
    " typescript vim xml yaml yml zig zsh"
)
_COSTS: Final = {**dict.fromkeys(_KNOWN.split(), 1), "csharp": 4, "cs": 4}
"""Languages whose lexers were tried with hostile code, and for how many characters one of theirs counts."""


def cost(code: str, language: str) -> int:
    """Return how much of `MOST` it takes to colour this code; 0 where the language is not known."""
    return len(code) * _COSTS.get(language, 0)


def color_code(code: str, language: str) -> str | None:
    """Return code as HTML with classes; None where nothing can be said about it."""
    if not 0 < cost(code, language) <= MOST:
        return None
    try:
        return highlight(code, _lexer(language), _FORMATTER).removesuffix("\n") + "\n" * code.endswith("\n")
    except Exception:  # noqa: BLE001  # whatever stops a lexer, the code itself can still be shown
        return None


_FORMATTER: Final[HtmlFormatter[str]] = HtmlFormatter(nowrap=True, classprefix="c-")


@cache
def _lexer(language: str) -> Lexer:
    return get_lexer_by_name(language, stripnl=False, ensurenl=False)

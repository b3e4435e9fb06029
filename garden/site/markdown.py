"""Markdown becomes safe HTML: what a page says in the garden's dialect comes in, elements come out.

Raw HTML is off, so that the worst that text can do is look odd. Links get their scheme checked once more,
pictures come from the garden's own media folder only, and what is not in the dialect is shown as its words.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from functools import cache
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from garden.language import ENGLISH, Language, load_language
from garden.pages.page import Markdown
from garden.site import highlight, maths
from garden.site.divisions import add_divisions
from garden.site.media_html import Medium, show_medium
from garden.site.plain_lines import render_plain_lines
from garden.site.spans import add_spans, attributes_of

_SCHEMES: Final = frozenset({"", "geo", "http", "https", "ftp", "mailto", "magnet", "matrix"})
_LANGUAGE: Final = re.compile(r"[A-Za-z0-9_+#.-]{1,30}")
_MOST_BRACKETS: Final = 5000
_MOST_CELLS: Final = 20_000
"""More than anybody writes in one text: each takes time, whatever comes of it."""
_MOST_MATHS: Final = 10 * maths.MAX_LENGTH
"""Characters of formulas in one text that are set; the source of further ones is shown."""

_Environment = MutableMapping[str, Any]
"""What markdown-it hands from rule to rule: `base_url`, `language`, how much maths and code is left to do."""


def render_markdown(text: Markdown, base_url: str = "", language: Language | None = None) -> str:
    """Render Markdown in the garden's dialect as HTML.

    With `base_url`, the full URL of the page, the HTML is for feeds: relative links become absolute, and what
    needs a style sheet is said in words. What the garden says beside the text is in `language`, else in
    English. Any text can be rendered, within a second; nothing is raised.
    """
    quick = None if base_url else render_plain_lines(text)
    if quick is not None:
        return quick
    if text.count("[") > _MOST_BRACKETS or ("|" in text and _count_cells(text) > _MOST_CELLS):
        return f"<p>{escapeHtml(text).replace(chr(10), '<br>' + chr(10))}</p>\n"
    return render_dialect(text, base_url, language)


def render_dialect(text: Markdown, base_url: str = "", language: Language | None = None) -> str:
    """Render Markdown by the parser, however plain it is."""
    environment = {
        "base_url": base_url,
        "language": language or load_language(ENGLISH),
        "maths": _MOST_MATHS,
        "code": highlight.MOST,
    }
    return str(_renderer().render(text, environment))


def _count_cells(text: Markdown) -> int:
    """Return how many cells a text could have: the parser fills every row up to the length of the first."""
    lines = text.split("\n")
    return len(lines) * max(line.count("|") for line in lines)


@cache
def _renderer() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "xhtmlOut": False}).enable(["table", "strikethrough"])
    parser.validateLink = _is_safe  # type: ignore[method-assign]  # how markdown-it-py is told
    # A bare URL is shown as it was written: decoded, it could look like another one.
    parser.normalizeLinkText = _show_as_written  # type: ignore[method-assign,assignment]  # likewise
    add_divisions(parser)
    parser.core.ruler.push("lower_headings", _lower_headings)
    parser.core.ruler.push("wrap_tables", _wrap_tables)
    add_spans(parser)
    for name, rule in _RULES.items():
        parser.add_render_rule(name, rule)
    return parser


def _show_as_written(url: str) -> str:
    return url


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme.lower() in _SCHEMES and not (parts.netloc and not parts.scheme)


def _lower_headings(state: StateCore) -> None:
    """The page's title is its only first-level heading; text that has one too moves down as a whole."""
    headings = [token for token in state.tokens if token.type in {"heading_open", "heading_close"}]
    if any(token.tag == "h1" for token in headings):
        for token in headings:
            token.tag = f"h{min(int(token.tag[1:]) + 1, 6)}"


def _wrap_tables(state: StateCore) -> None:
    """A wide table scrolls in a box of its own, and a box that scrolls can be reached by keyboard.

    Where its cells lean is said by classes, since a page has no styles of its own.
    """
    wrapped: list[Token] = []
    for token in state.tokens:
        if token.type == "table_open":
            attributes: dict[str, str | int | float] = {"class": "scroll", "tabindex": "0"}
            wrapped.append(Token("scroll_open", "div", 1, attrs=attributes, block=True))
        elif token.type in {"th_open", "td_open"} and "style" in token.attrs:
            token.attrs = {"class": str(token.attrs["style"]).replace("text-align:", "to-")}
        wrapped.append(token)
        if token.type == "table_close":
            wrapped.append(Token("scroll_close", "div", -1, block=True))
    state.tokens = wrapped


def _open_link(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: _Environment
) -> str:
    token = tokens[index]
    url = str(token.attrs.get("href", ""))
    token.attrs["href"] = urljoin(env["base_url"], url)
    if urlsplit(url).scheme in {"http", "https", "ftp"}:
        token.attrs["rel"] = "nofollow ugc"
    return renderer.renderToken(tokens, index, options, env)


def _show_picture(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: _Environment
) -> str:
    token = tokens[index]
    words = renderer.renderInlineAsText(token.children or [], options, env)
    source, in_link = str(token.attrs.get("src", "")), bool(token.meta.get("in_link"))
    return show_medium(
        Medium(words, source, attributes_of(token), env["language"], env["base_url"], in_link=in_link)
    )


def _show_code_span(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, env: _Environment
) -> str:
    code = tokens[index].content
    if "math" not in attributes_of(tokens[index]).classes:
        return f"<code>{escapeHtml(code)}</code>"
    formula = _set_maths(code, env, is_block=False)
    if formula is None:
        return f'<code class="tex">{escapeHtml(code)}</code>'
    long = len(code) > _LONG_FORMULA
    return f'<span class="formula" tabindex="0">{formula}</span>' if long else formula


_LONG_FORMULA: Final = 50
"""Characters of TeX from which a formula may be wider than a phone and scrolls."""


def _show_code_block(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, env: _Environment
) -> str:
    token = tokens[index]
    code, language = token.content, token.info.strip().split(" ")[0]
    if language == "math":
        return _show_formula(code, env)
    name = f' class="language-{language}"' if _LANGUAGE.fullmatch(language) else ""
    return f'<pre tabindex="0"><code{name}>{_color(code, language.lower(), env)}</code></pre>\n'


def _show_formula(tex: str, env: _Environment) -> str:
    formula = _set_maths(tex, env, is_block=True)
    if formula is None:
        return f'<pre tabindex="0"><code class="tex">{escapeHtml(tex)}</code></pre>\n'
    return f'<div class="scroll" tabindex="0">{formula}</div>\n'


def _set_maths(tex: str, env: _Environment, *, is_block: bool) -> str | None:
    """Return a formula as MathML; None in feeds, which seldom show it, and where too much was set."""
    env["maths"] -= len(tex)
    return None if env["base_url"] or env["maths"] < 0 else maths.render_maths(tex, is_block=is_block)


def _color(code: str, language: str, env: _Environment) -> str:
    """Return code with its parts named; plain in feeds, and where too much was named already."""
    env["code"] -= highlight.cost(code, language)
    colored = None if env["base_url"] or env["code"] < 0 else highlight.color_code(code, language)
    return escapeHtml(code) if colored is None else colored


_RULES: Final = {
    "link_open": _open_link,
    "image": _show_picture,
    "code_inline": _show_code_span,
    "fence": _show_code_block,
    "code_block": _show_code_block,
}
"""What markdown-it renders by rules of the garden."""

"""Markdown becomes safe HTML: the only module that speaks markdown-it-py.

Raw HTML is off, so that the worst that text can do is look odd. Links get their scheme checked once more,
pictures come from the garden's own media folder only.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from functools import cache
from typing import Final
from urllib.parse import urljoin, urlsplit

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.attrs import attrs_plugin

from garden.pages.page import Markdown

_SCHEMES: Final = frozenset({"", "http", "https", "ftp", "mailto", "magnet", "matrix"})
_MEDIA: Final = re.compile(r"(?:\.\./)*media/")
_PLAIN: Final = re.compile(r"[^\W\d_](?:[^\W_]|[ ,.;:!?'()/%+=-])*(?<! )")
"""One line, as most messages are, in which no character means anything but itself: no parser is needed."""
_DIGITS: Final = re.compile(r"[1-9][0-9]{0,4}")
_LANGUAGE: Final = re.compile(r"[\w+#.-]{1,30}$")


def render_markdown(text: Markdown, base_url: str = "") -> str:
    """Render Markdown in the garden's dialect as HTML.

    With `base_url`, the full URL of the page, relative links become absolute, as feeds need them.
    """
    if _PLAIN.fullmatch(text):
        return f"<p>{text}</p>\n"
    return str(_renderer().render(text, {"base_url": base_url}))


@cache
def _renderer() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "xhtmlOut": False}).enable(["table", "strikethrough"])
    parser.use(attrs_plugin, after=("image",), allowed=("width", "height"))
    parser.validateLink = _is_safe  # type: ignore[method-assign]  # how markdown-it-py is told
    # A bare URL is shown as it was written: decoded, it could look like another one.
    parser.normalizeLinkText = _show_as_written  # type: ignore[method-assign,assignment]  # likewise
    parser.core.ruler.push("lower_headings", _lower_headings)
    parser.core.ruler.push("wrap_tables", _wrap_tables)
    parser.add_render_rule("link_open", _open_link)
    parser.add_render_rule("image", _show_picture)
    parser.add_render_rule("fence", _show_code)
    parser.add_render_rule("code_block", _show_code)
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
    """A wide table scrolls in a box of its own, and a box that scrolls can be reached by keyboard."""
    wrapped: list[Token] = []
    for token in state.tokens:
        if token.type == "table_open":
            attributes: dict[str, str | int | float] = {"class": "scroll", "tabindex": "0"}
            wrapped.append(Token("scroll_open", "div", 1, attrs=attributes, block=True))
        wrapped.append(token)
        if token.type == "table_close":
            wrapped.append(Token("scroll_close", "div", -1, block=True))
    state.tokens = wrapped


def _open_link(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: MutableMapping[str, str],
) -> str:
    token = tokens[index]
    url = str(token.attrs.get("href", ""))
    token.attrs["href"] = urljoin(env["base_url"], url)
    if urlsplit(url).scheme in {"http", "https", "ftp"}:
        token.attrs["rel"] = "nofollow ugc"
    return renderer.renderToken(tokens, index, options, env)


def _show_picture(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: MutableMapping[str, str],
) -> str:
    """A picture of the garden opens on its own address; one from elsewhere is a link, never a request."""
    token = tokens[index]
    inside_link = sum(each.nesting for each in tokens[:index] if each.type in {"link_open", "link_close"}) > 0
    words = escapeHtml(renderer.renderInlineAsText(token.children or [], options, env))
    source = str(token.attrs.get("src", ""))
    url = escapeHtml(urljoin(env["base_url"], source))
    if not _MEDIA.match(source):
        return words or url if inside_link else f'<a href="{url}" rel="nofollow ugc">{words or url}</a>'
    size = "".join(
        f' {name}="{token.attrs[name]}"'
        for name in ("width", "height")
        if _DIGITS.fullmatch(str(token.attrs.get(name, "")))
    )
    picture = f'<img src="{url}" alt="{words}"{size} loading="lazy" decoding="async">'
    return picture if inside_link else f'<a class="picture" href="{url}">{picture}</a>'


def _show_code(
    _renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    _options: OptionsDict,
    _env: MutableMapping[str, str],
) -> str:
    language = tokens[index].info.strip().split(" ")[0]
    name = f' class="language-{escapeHtml(language)}"' if _LANGUAGE.match(language) else ""
    return f'<pre tabindex="0"><code{name}>{escapeHtml(tokens[index].content)}</code></pre>\n'

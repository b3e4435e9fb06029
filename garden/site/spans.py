"""Spans: words with attributes, `[words]{.spoiler}`, and attributes behind pictures, code and links.

Markdown comes in and markdown-it's tokens come out, which the second half of this module gives their HTML.
Classes and keys are a closed set: what is not in it is shown as its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from garden.language import Language
from garden.site.attributes import Attributes, read_attributes
from garden.site.media_html import describe_file, download_name, frame_missing, is_file
from garden.site.palette import name_color

_FRAMES: Final = {
    "underline": ("<u>", "</u>"),
    "sup": ("<sup>", "</sup>"),
    "sub": ("<sub>", "</sub>"),
    "strong": ("<strong>", "</strong>"),
    "em": ("<em>", "</em>"),
    "del": ("<s>", "</s>"),
    "mention": ('<span class="mention"><bdi>', "</bdi></span>"),
    "author": ('<cite class="author"><bdi>', "</bdi></cite>"),
}
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_LAST: Final = -1
"""Where the cache of a text, which is filled by position, keeps the place of its last span."""


def add_spans(parser: MarkdownIt) -> None:
    """Teach a parser spans, and attributes behind pictures, code and links."""
    parser.inline.ruler.before("link", "span", _read_span)
    parser.inline.ruler.before("link", "attributes", _read_behind)
    parser.core.ruler.push("settle", _settle)


def attributes_of(token: Token) -> Attributes:
    """Return what a token's braces say."""
    found = token.meta.get("attributes")
    return found if isinstance(found, Attributes) else Attributes()


def _read_span(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # as called
    """Read `[words]{…}`. While a label is only measured, its brackets are counted and nothing is read."""
    if silent or state.src[state.pos] != "[":
        return False
    if _LAST not in state.cache:
        state.cache[_LAST] = state.src.rfind("]{")
    if state.pos > state.cache[_LAST]:
        return False
    end, maximum = state.md.helpers.parseLinkLabel(state, state.pos), state.posMax
    found = read_attributes(state.src, end + 1) if end >= 0 else None
    if found is None or found[1] > maximum:
        return False
    state.pos, state.posMax = state.pos + 1, end
    state.push("span_open", "span", 1).meta["attributes"] = found[0]
    state.md.inline.tokenize(state)
    state.push("span_close", "span", -1)
    state.pos, state.posMax = found[1], maximum
    return True


def _read_behind(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # as called
    """Read the braces behind a picture, code or a link, and give it what they say."""
    if state.src[state.pos] != "{" or state.pos == 0 or state.src[state.pos - 1] not in "])`":
        return False
    owner = None if silent else _owner(state)
    found = read_attributes(state.src, state.pos) if silent or owner else None
    if found is None or found[1] > state.posMax:
        return False
    if owner:
        owner.meta["attributes"] = found[0]
    state.pos = found[1]
    return True


def _owner(state: StateInline) -> Token | None:
    """Return what stands directly in front: a link has just closed, and no other stood inside it."""
    if state.pending or not state.tokens or state.tokens[-1].meta.get("attributes"):
        return None
    last = state.tokens[-1]
    if last.type == "link_close":
        return next(token for token in reversed(state.tokens) if token.type == "link_open")
    return last if last.type in {"image", "code_inline"} else None


@dataclass(frozen=True, slots=True)
class _Around:
    """What words stand in."""

    language: Language
    shut: bool
    """Whether spoilers stay shut: in feeds, which cannot hide words, and in summaries, which open."""
    in_link: bool = False
    in_spoiler: bool = False


def _settle(state: StateCore) -> None:
    """Give spans and files their HTML, now that it is known what stands around them."""
    for token in state.tokens:
        if token.children and any(child.meta or child.type == "link_open" for child in token.children):
            shut = bool(state.env["base_url"]) or "summary" in token.meta
            around = _Around(state.env["language"], shut)
            token.children = list(_settle_words(iter(token.children), around))


def _settle_words(tokens: Iterator[Token], around: _Around) -> Iterator[Token]:
    """Yield tokens as they will be rendered, until the span or link that they stand in closes."""
    for token in tokens:
        if token.type in {"span_close", "link_close"}:
            return
        if token.type == "span_open":
            yield from _settle_span(attributes_of(token), tokens, around)
        elif token.type == "link_open":
            yield from _settle_link(token, tokens, around)
        else:
            token.meta["in_link"] = around.in_link
            yield token


def _settle_span(attributes: Attributes, tokens: Iterator[Token], around: _Around) -> Iterator[Token]:
    is_spoiler = "spoiler" in attributes.classes
    within = replace(around, in_spoiler=around.in_spoiler or is_spoiler)
    words = list(_settle_words(tokens, within))
    if is_spoiler and (around.shut or around.in_link):
        yield _html(f"[{_announce(attributes, around.language)}]")
        return
    before, behind = _frame(attributes, around)
    yield from (_html(before), *words, _html(behind))


def _settle_link(link: Token, tokens: Iterator[Token], around: _Around) -> Iterator[Token]:
    words = list(_settle_words(tokens, replace(around, in_link=True)))
    yield link
    yield from words
    yield Token("link_close", "a", -1)
    attributes = attributes_of(link)
    if is_file(str(link.attrs["href"]), attributes):
        name = "".join(token.content for token in words if token.type == "text")
        link.attrs |= {"class": "file", "download": download_name(name)}
        yield _html(describe_file(name, attributes, around.language))


def _frame(attributes: Attributes, around: _Around) -> tuple[str, str]:
    """Return what stands before and behind the words of a span; a spoiler inside a spoiler is only words."""
    frames = [_FRAMES[name] for name in _FRAMES if name in attributes.classes]
    if _MOMENT.fullmatch(moment := attributes.keys.get("at", "")):
        frames.append((f'<time datetime="{moment}">', "</time>"))
    if style := _color_classes(attributes):
        frames.append((f'<span class="{style}">', "</span>"))
    if "missing" in attributes.classes:
        frames.append(frame_missing(attributes, around.language))
    if "spoiler" in attributes.classes and not around.in_spoiler:
        frames.insert(0, _hide(attributes, around.language))
    return "".join(before for before, _ in frames), "".join(behind for _, behind in reversed(frames))


def _hide(attributes: Attributes, language: Language) -> tuple[str, str]:
    """A box to tick, which needs no script; the words are not there for anybody before it is ticked."""
    why = f'<span class="why">{_announce(attributes, language)}</span>'
    return (
        f'<label class="spoiler"><input type="checkbox">{why} <span class="hidden-words">',
        "</span></label>",
    )


def _announce(attributes: Attributes, language: Language) -> str:
    reason = attributes.keys.get("reason", "")
    if not reason:
        return escape(language.gettext("Spoiler"))
    return escape(language.gettext("Spoiler: %(reason)s")) % {"reason": f"<bdi>{escape(reason)}</bdi>"}


def _color_classes(attributes: Attributes) -> str:
    named = (("ink", attributes.keys.get("color", "")), ("paper", attributes.keys.get("bg", "")))
    return " ".join(f"{kind}-{name}" for kind, color in named if (name := name_color(color)))


def _html(ready: str) -> Token:
    """A piece of HTML that is ours; Markdown never makes one of this type."""
    return Token("html_inline", "", 0, content=ready)

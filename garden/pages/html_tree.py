"""Untrusted Matrix HTML becomes a small tree that is safe to walk.

A `formatted_body` is cleaned with an allow-list (nh3) and read into `Node`s. What a hostile body could blow
up is bounded here: depth, lists and quotations inside one another, and formatting that an HTML parser opens
anew in every paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

import nh3

MAX_DEPTH: Final = 100
"""Deepest nesting that is kept (client-server API, "m.room.message msgtypes": at most 100 levels)."""

MAX_BOXES: Final = 8
"""Lists and quotations inside one another; markdown-it-py loses what stands below its twentieth level."""

HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_TABLES: Final = frozenset({"table", "thead", "tbody", "tr", "th", "td", "caption"})
_BOXES: Final = frozenset({"blockquote", "ul", "ol"})
BLOCK_TAGS: Final = HEADINGS | _TABLES | _BOXES | {"p", "div", "li", "pre", "hr", "details", "summary"}
_INLINE_TAGS: Final = frozenset(
    {"a", "b", "br", "code", "del", "em", "i", "img", "s", "span", "strong", "sub", "sup", "u"}
)
_ATTRIBUTES: Final = {"a": {"href"}, "ol": {"start"}, "pre": {"class"}, "img": {"alt", "title"}}
_SCHEMES: Final = {"https", "http", "ftp", "mailto", "magnet", "matrix"}
_OLD_NAMES: Final = re.compile(r"<(/?)strike(?=[\s>/])", re.IGNORECASE)
_CODE_CLASS: Final = re.compile(
    r"<pre>\s*<code\s+class=[\"']?(language-[\w+#.-]{1,30})[\"']?\s*>", re.IGNORECASE
)
_FORMATTING: Final = re.compile(
    r"<(b|big|code|em|font|i|nobr|s|small|strong|tt|u)(?=[\s/])[^>]*>", re.IGNORECASE
)
"""HTML's formatting elements with attributes. A parser opens unclosed ones anew in every paragraph, but of
those that are alike three at most (HTML, "The list of active formatting elements"): without attributes a
body cannot grow a thousandfold."""


@dataclass(slots=True)
class Node:
    """An element of the cleaned tree; text is a child that is a `str`."""

    tag: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)


def read_html(html: str) -> Node:
    """Clean an untrusted `formatted_body` and return it as one `div`."""
    cleaned = nh3.clean(
        _tame(html),
        tags=set(BLOCK_TAGS | _INLINE_TAGS),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        clean_content_tags={"script", "style", "mx-reply"},
        url_schemes=set(_SCHEMES),
        url_relative="deny",
        link_rel=None,
        strip_comments=True,
    )
    builder = _TreeBuilder()
    builder.feed(cleaned)
    builder.close()
    return builder.root


def find_elements(node: Node, tags: set[str]) -> list[Node]:
    """Return the children of a node that have one of these tags."""
    return [child for child in node.children if isinstance(child, Node) and child.tag in tags]


def text_of(node: Node) -> str:
    """Return all text below a node."""
    return "".join(iterate_texts([node]))


def iterate_texts(nodes: Sequence[Node | str]) -> Iterator[str]:
    """Yield all text below some nodes, line breaks and the words of pictures included, without recursion."""
    stack: list[Node | str] = [*reversed(nodes)]
    while stack:
        current = stack.pop()
        if isinstance(current, str):
            yield current
        elif current.tag == "br":
            yield "\n"
        elif current.tag == "img":
            yield alternative_of(current)
        else:
            stack.extend(reversed(current.children))


def alternative_of(picture: Node) -> str:
    """Return the words that stand for a picture."""
    return picture.attributes.get("alt") or picture.attributes.get("title") or ""


def _tame(html: str) -> str:
    """Rename what is old and take the attributes off formatting; a code block keeps its language."""
    html = _OLD_NAMES.sub(r"<\1del", html)
    return _FORMATTING.sub(r"<\1>", _CODE_CLASS.sub(r'<pre class="\1"><code>', html))


class _TreeBuilder(HTMLParser):
    """Build a tree from nh3's output, which is well-formed.

    Levels below `MAX_DEPTH` are flattened into it; boxes below `MAX_BOXES` give their words only.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("div")
        self._open = [self.root]
        self._too_deep = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        too_many = tag in _BOXES and sum(node.tag in _BOXES for node in self._open) >= MAX_BOXES
        node = Node("div" if too_many else tag, {key: value or "" for key, value in attrs})
        if tag in {"br", "hr", "img"}:
            self._open[-1].children.append(node)
        elif len(self._open) >= MAX_DEPTH:
            self._too_deep += 1
        else:
            self._open[-1].children.append(node)
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"br", "hr", "img"}:
            return
        if self._too_deep:
            self._too_deep -= 1
        elif len(self._open) > 1:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)

"""Untrusted Matrix HTML becomes a small tree that is safe to walk.

A `formatted_body` is cleaned with an allow-list (nh3) and read into `Node`s. What a hostile body could blow
up is bounded here: length, depth, boxes inside one another, and what an HTML parser opens anew in every
paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Final

import nh3

MAX_DEPTH: Final = 100
"""Deepest nesting that is kept (client-server API, "m.room.message msgtypes": at most 100 levels)."""

MAX_BOXES: Final = 8
"""Lists, quotations and details inside one another; markdown-it-py loses what stands below its twentieth
level."""

MAX_LENGTH: Final = 65_536
"""Characters of the longest HTML that is read: no event has room for more ("Size limits")."""

_MAX_LINKS_OPENED: Final = 1_000_000
"""Characters that a link's tag could become where a parser opens it anew behind every other tag."""

HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_TABLES: Final = frozenset({"table", "thead", "tbody", "tr", "th", "td", "caption"})
_BOXES: Final = frozenset({"blockquote", "ul", "ol", "details"})
BLOCK_TAGS: Final = HEADINGS | _TABLES | _BOXES | {"p", "div", "li", "pre", "hr", "summary"}
_RENAMED: Final = {
    **{name: f"x-{name}" for name in ("b", "code", "em", "i", "s", "strong", "u")},
    **dict.fromkeys(("font", "big", "small", "tt", "nobr"), "span"),
    "strike": "x-s",
}
"""HTML's formatting elements become unknown ones, which a parser does not open anew in every paragraph (HTML,
"The list of active formatting elements"): unclosed ones cannot grow a body a thousandfold."""
_INLINE_TAGS: Final = frozenset({"a", "br", "del", "img", "span", "sub", "sup", *_RENAMED.values()})
_EMPTY_TAGS: Final = frozenset({"br", "hr", "img"})
_COLORS: Final = {"data-mx-color", "data-mx-bg-color"}
_ATTRIBUTES: Final = {
    "a": {"href"},
    "div": {"data-mx-maths"},
    "img": {"alt", "title", "src", "data-mx-emoticon"},
    "ol": {"start"},
    "pre": {"class"},
    "span": {*_COLORS, "color", "data-mx-maths", "data-mx-spoiler"},
    "x-code": {"class"},
}
_SCHEMES: Final = {"https", "http", "ftp", "mailto", "magnet", "matrix", "mxc"}
_CLEANER: Final = nh3.Cleaner(
    tags=set(BLOCK_TAGS | _INLINE_TAGS),
    attributes=_ATTRIBUTES,
    clean_content_tags={"script", "style", "mx-reply"},
    url_schemes=_SCHEMES,
    url_relative="deny",
    link_rel=None,
    strip_comments=True,
)
_FORMATTING: Final = re.compile(rf"<(/?)({'|'.join(_RENAMED)})(?=[\s/>])", re.IGNORECASE)
_LINK: Final = re.compile(r"<a\s[^<>]*", re.IGNORECASE)
_TOKEN: Final = re.compile(r'<(?:/([a-z0-9-]+)|([a-z0-9-]+)((?: [a-z-]+="[^"]*")*))>|([^<]+)')
_ATTRIBUTE: Final = re.compile(r' ([a-z-]+)="([^"]*)"')


@dataclass(slots=True)
class Node:
    """An element of the cleaned tree; text is a child that is a `str`."""

    tag: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)
    has_block: bool = False
    """Whether a block stands anywhere below."""
    has_spoiler: bool = False
    """Whether a spoiler stands anywhere below."""

    @property
    def is_block(self) -> bool:
        """Whether it breaks the line of text that it stands in."""
        return self.has_block or self.tag in BLOCK_TAGS


def read_html(html: str) -> Node | None:
    """Clean an untrusted `formatted_body` and return it as one `div`; None where it is made to blow up."""
    if len(html) > MAX_LENGTH or _opens_links_anew(html):
        return None
    return build_tree(clean_html(html))


def clean_html(html: str) -> str:
    """Return HTML with the elements and attributes that the specification allows, well-formed.

    Formatting is renamed, `<b>` to `<x-b>`; attributes are in double quotation marks (client-server API,
    "m.room.message msgtypes").
    """
    return _CLEANER.clean(_FORMATTING.sub(lambda tag: f"<{tag[1]}{_RENAMED[tag[2].lower()]}", html))


def build_tree(cleaned: str) -> Node:
    """Build a tree from nh3's output, which is well-formed.

    Levels below `MAX_DEPTH` are flattened into it; boxes below `MAX_BOXES` give their words only.
    """
    root = Node("div")
    above = [root]
    too_deep = boxes = 0
    for end, tag, attributes, text in _TOKEN.findall(cleaned):
        if text:
            above[-1].children.append(unescape(text))
        elif end:
            if too_deep:
                too_deep -= 1
            elif len(above) > 1:
                boxes -= above.pop().tag in _BOXES
        else:
            node = Node(tag.removeprefix("x-"), _read_attributes(attributes))
            if node.tag in _BOXES and boxes >= MAX_BOXES:
                node.tag = "div"
            if tag in _EMPTY_TAGS:
                _note_below(above, node)
                above[-1].children.append(node)
            elif len(above) >= MAX_DEPTH:
                too_deep += 1
            else:
                _note_below(above, node)
                above[-1].children.append(node)
                above.append(node)
                boxes += node.tag in _BOXES
    return root


def _note_below(above: Sequence[Node], node: Node) -> None:
    """Tell the elements around what has come to stand below them, once each."""
    if node.tag in BLOCK_TAGS:
        for each in reversed(above):
            if each.has_block:
                break
            each.has_block = True
    if "data-mx-spoiler" in node.attributes:
        for each in reversed(above):
            if each.has_spoiler:
                break
            each.has_spoiler = True


def _read_attributes(text: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in _ATTRIBUTE.findall(text)} if text else {}


def _opens_links_anew(html: str) -> bool:
    """A link that is left open in a paragraph is opened anew in every one behind it."""
    longest = max(map(len, _LINK.findall(html)), default=0)
    return longest * html.count("<") > _MAX_LINKS_OPENED


def find_elements(node: Node, tags: set[str]) -> list[Node]:
    """Return the children of a node that have one of these tags."""
    return [child for child in node.children if isinstance(child, Node) and child.tag in tags]


def text_of(node: Node) -> str:
    """Return all text below a node."""
    return "".join(iterate_texts([node]))


def iterate_texts(nodes: Sequence[Node | str]) -> Iterator[str]:
    """Yield all text below some nodes, line breaks and the words of pictures included, without recursion.

    For a formula that is its source.
    """
    stack: list[Node | str] = [*reversed(nodes)]
    while stack:
        current = stack.pop()
        if isinstance(current, str):
            yield current
        elif current.tag == "br":
            yield "\n"
        elif current.tag == "img":
            yield alternative_of(current)
        elif source := current.attributes.get("data-mx-maths"):
            yield source
        else:
            stack.extend(reversed(current.children))


def alternative_of(picture: Node) -> str:
    """Return the words that stand for a picture."""
    return picture.attributes.get("alt") or picture.attributes.get("title") or ""

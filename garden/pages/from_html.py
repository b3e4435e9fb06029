"""Matrix HTML becomes garden Markdown.

An untrusted `formatted_body` is first cleaned with an allow-list (nh3), then walked as a tree into Markdown;
an element that Markdown cannot say gives its words only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

import nh3

from garden.pages.escape import code_block, code_span, escape, escape_line_starts, escape_with_urls, link
from garden.pages.page import Markdown

MAX_DEPTH: Final = 100
"""Deepest nesting that is kept (client-server API, "m.room.message msgtypes": at most 100 levels)."""

_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_TABLES: Final = frozenset({"table", "thead", "tbody", "tr", "th", "td", "caption"})
_BLOCK_TAGS: Final = (
    _HEADINGS | _TABLES | {"p", "div", "ul", "ol", "li", "blockquote", "pre", "hr", "details", "summary"}
)
_INLINE_TAGS: Final = frozenset(
    {"a", "b", "br", "code", "del", "em", "i", "img", "s", "span", "strong", "sub", "sup", "u"}
)
_ATTRIBUTES: Final = {"a": {"href"}, "ol": {"start"}, "code": {"class"}, "img": {"alt", "title"}}
_SCHEMES: Final = {"https", "http", "ftp", "mailto", "magnet", "matrix"}
_OLD_NAMES: Final = re.compile(r"<(/?)strike(?=[\s>/])", re.IGNORECASE)

_SPACE: Final = re.compile(r"[ \t\n\f]+")
_AUTOLINK: Final = re.compile(r"<([a-z]+:[^<>]*)>")


def write_html(formatted_body: str) -> Markdown:
    """Write an untrusted `formatted_body` as Markdown; empty where nothing readable is in it."""
    cleaned = nh3.clean(
        _OLD_NAMES.sub(r"<\1del", formatted_body),
        tags=set(_BLOCK_TAGS | _INLINE_TAGS),
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
    return _blocks(builder.root).strip("\n")


@dataclass(slots=True)
class _Node:
    """An element of the cleaned tree; text is a child that is a `str`."""

    tag: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: list[_Node | str] = field(default_factory=list)


class _TreeBuilder(HTMLParser):
    """Build a tree from nh3's output, which is well-formed; deeper levels are flattened into `MAX_DEPTH`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Node("div")
        self._open = [self.root]
        self._too_deep = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = _Node(tag, {key: value or "" for key, value in attrs})
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


def _is_block(child: _Node | str) -> bool:
    return isinstance(child, _Node) and (
        child.tag in _BLOCK_TAGS or any(_is_block(grandchild) for grandchild in child.children)
    )


def _blocks(node: _Node) -> Markdown:
    """Write the children of a block: runs of inline content are paragraphs, blocks write themselves."""
    blocks: list[str] = []
    run: list[_Node | str] = []
    for child in [*node.children, _Node("end")]:
        if isinstance(child, _Node) and (child.tag == "end" or _is_block(child)):
            blocks.append(_paragraph(run))
            run = []
            blocks.append(_BLOCK_WRITERS.get(child.tag, _blocks)(child))
        else:
            run.append(child)
    return "\n\n".join(block for block in blocks if block.strip())


def _paragraph(children: list[_Node | str]) -> Markdown:
    lines = [line.strip(" ") for line in _inline(children).split("\\\n")]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    # An empty line would end the paragraph, so that a forced one is written with a no-break space.
    return "\\\n".join(escape_line_starts(line) or "\N{NO-BREAK SPACE}" for line in lines)


def _heading(node: _Node) -> Markdown:
    """Headings inside a message come below the page's own three levels."""
    words = " ".join(_inline(node.children).replace("\\\n", " ").split())
    return f"{'#' * min(6, int(node.tag[1]) + 3)} {words}" if words else ""


def _quote(node: _Node) -> Markdown:
    return "\n".join(f"> {line}".rstrip() for line in _blocks(node).split("\n"))


_LONGEST_NUMBER: Final = 9
"""Digits of a list's start, one less (CommonMark 5.2 allows nine)."""


def _list(node: _Node) -> Markdown:
    start = node.attributes.get("start", "1")
    number = int(start) if start.isascii() and start.isdecimal() and len(start) < _LONGEST_NUMBER else 1
    items = []
    for child in node.children:
        if isinstance(child, str) and not child.strip():
            continue
        marker = "- " if node.tag == "ul" else f"{number}. "
        number += 1
        body = _blocks(child if isinstance(child, _Node) and child.tag == "li" else _Node("li", {}, [child]))
        lines = body.split("\n")
        indent = " " * len(marker)
        items.append("\n".join([marker + lines[0], *(indent + line if line else "" for line in lines[1:])]))
    separator = "\n\n" if any("\n\n" in item for item in items) else "\n"
    return separator.join(items)


def _code(node: _Node) -> Markdown:
    inner = node.children[0] if len(node.children) == 1 else None
    name = inner.attributes.get("class", "") if isinstance(inner, _Node) and inner.tag == "code" else ""
    language = re.match(r"language-([\w+#.-]{1,30})$", name)
    return code_block(_text(node), language[1] if language else "")


def _table(node: _Node) -> Markdown:
    """Write a table with its first row as the head, since Markdown tables cannot do without (GFM 4.10)."""
    rows = [
        [_cell(cell) for cell in row.children if isinstance(cell, _Node) and cell.tag in {"th", "td"}]
        for row in _descendants(node, "tr")
    ]
    rows = [row for row in rows if row]
    if not rows:
        return _blocks(_Node("div", {}, node.children))
    width = max(len(row) for row in rows)
    filled = [row + [""] * (width - len(row)) for row in rows]
    lines = ["| " + " | ".join(row) + " |" for row in filled]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def _cell(node: _Node) -> Markdown:
    return " ".join(_inline(node.children).replace("\\\n", " ").split())


def _summary(node: _Node) -> Markdown:
    words = _paragraph(node.children)
    return f"**{words}**" if words and "\n" not in words and "*" not in words else words


_BLOCK_WRITERS: Final[Mapping[str, Callable[[_Node], Markdown]]] = {
    **dict.fromkeys(_HEADINGS, _heading),
    "blockquote": _quote,
    "ul": _list,
    "ol": _list,
    "pre": _code,
    "hr": lambda _node: "---",
    "table": _table,
    "summary": _summary,
    "end": lambda _node: "",
}

_EMPHASIS: Final[Mapping[str, str]] = {"b": "**", "strong": "**", "i": "*", "em": "*", "del": "~~", "s": "~~"}


def _inline(children: list[_Node | str]) -> Markdown:
    """Write inline content on one line; a forced line break is a backslash at the line's end."""
    written = ""
    for index, child in enumerate(children):
        if isinstance(child, str):
            written += escape_with_urls(_SPACE.sub(" ", child))
        elif child.tag in _EMPHASIS:
            following = _text(_Node("span", {}, children[index + 1 : index + 2]))
            written += _emphasis(child, written[-1:], following[:1])
        elif child.tag == "br":
            written = written.rstrip(" ") + "\\\n"
        else:
            written += _inline_element(child)
    return written


def _inline_element(node: _Node) -> Markdown:
    if node.tag == "code":
        return code_span(_text(node))
    if node.tag == "a":
        words = _inline(node.children).replace("\\\n", " ").strip()
        url = node.attributes.get("href", "")
        return link(_AUTOLINK.sub(lambda found: escape(found[1]), words), url) if url else words
    if node.tag == "img":
        return escape(_SPACE.sub(" ", node.attributes.get("alt") or node.attributes.get("title") or ""))
    return _inline(node.children)


def _emphasis(node: _Node, before: str, after: str) -> Markdown:
    """Mark emphasis where CommonMark will see it (section 6.2, flanking runs), else leave the words alone."""
    inner = _inline(node.children)
    words = inner.strip(" ")
    mark = _EMPHASIS[node.tag]
    lead, tail = inner[: len(inner) - len(inner.lstrip(" "))], inner[len(inner.rstrip(" ")) :]
    if not words or "\n" in words or words[0] in "*~" or words[-1] in "*~\\" or before in {"*", "~", "\\"}:
        return inner
    opens = words[0].isalnum() or lead or not (before.isalnum())
    closes = words[-1].isalnum() or tail or not (after.isalnum())
    return f"{lead}{mark}{words}{mark}{tail}" if opens and closes else inner


def _text(node: _Node) -> str:
    """Return all text below a node, line breaks included, without recursion."""
    pieces: list[str] = []
    stack: list[_Node | str] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, str):
            pieces.append(current)
        elif current.tag == "br":
            pieces.append("\n")
        else:
            stack.extend(reversed(current.children))
    return "".join(pieces)


def _descendants(node: _Node, tag: str) -> list[_Node]:
    found: list[_Node] = []
    stack: list[_Node] = [node]
    while stack:
        current = stack.pop()
        if current.tag == tag:
            found.append(current)
        else:
            stack.extend(child for child in reversed(current.children) if isinstance(child, _Node))
    return found

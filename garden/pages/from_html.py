"""Matrix HTML becomes garden Markdown.

An untrusted `formatted_body` is first cleaned with an allow-list (nh3), then walked as a tree into Markdown;
an element that Markdown cannot say gives its words only. What a hostile body could blow up is bounded: depth,
the formatting that an HTML parser opens anew in every paragraph, and the cells of a table.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

import nh3

from garden.pages.escape import (
    code_block,
    code_span,
    escape,
    escape_inline,
    escape_line_starts,
    escape_with_urls,
    link,
)
from garden.pages.page import Markdown

MAX_DEPTH: Final = 100
"""Deepest nesting that is kept (client-server API, "m.room.message msgtypes": at most 100 levels)."""

MAX_BOXES: Final = 8
"""Lists and quotations inside one another; markdown-it-py loses what stands below its twentieth level."""

_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_TABLES: Final = frozenset({"table", "thead", "tbody", "tr", "th", "td", "caption"})
_BOXES: Final = frozenset({"blockquote", "ul", "ol"})
_BLOCK_TAGS: Final = _HEADINGS | _TABLES | _BOXES | {"p", "div", "li", "pre", "hr", "details", "summary"}
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

_CODE_SPAN: Final = re.compile(r"\\.|(?P<ticks>`+).+?(?<!`)(?P=ticks)(?!`)")
_AUTOLINK: Final = re.compile(_CODE_SPAN.pattern + r"|<(?P<url>[a-z]+:[^<>]*)>")
_CLOSING_HASHES: Final = re.compile(r"(?<!\S)(#+)$")
_SPACE: Final = re.compile(r"[ \t\n\f]+")


def write_html(formatted_body: str) -> Markdown:
    """Write an untrusted `formatted_body` as Markdown; empty where nothing readable is in it."""
    cleaned = nh3.clean(
        _tame(formatted_body),
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


def _tame(html: str) -> str:
    """Rename what is old and take the attributes off formatting; a code block keeps its language."""
    html = _OLD_NAMES.sub(r"<\1del", html)
    return _FORMATTING.sub(r"<\1>", _CODE_CLASS.sub(r'<pre class="\1"><code>', html))


@dataclass(slots=True)
class _Node:
    """An element of the cleaned tree; text is a child that is a `str`."""

    tag: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: list[_Node | str] = field(default_factory=list)


class _TreeBuilder(HTMLParser):
    """Build a tree from nh3's output, which is well-formed.

    Levels below `MAX_DEPTH` are flattened into it; boxes below `MAX_BOXES` give their words only.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Node("div")
        self._open = [self.root]
        self._too_deep = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        too_many = tag in _BOXES and sum(node.tag in _BOXES for node in self._open) >= MAX_BOXES
        node = _Node("div" if too_many else tag, {key: value or "" for key, value in attrs})
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
    words = _CLOSING_HASHES.sub(r"\\\1", _one_line(node))
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
        body = _blocks(child if isinstance(child, _Node) and child.tag == "li" else _Node("li", {}, [child]))
        if not body:
            continue
        marker = "- " if node.tag == "ul" else f"{number}. "
        number += 1
        lines = body.split("\n")
        indent = " " * len(marker)
        items.append("\n".join([marker + lines[0], *(indent + line if line else "" for line in lines[1:])]))
    separator = "\n\n" if any("\n\n" in item for item in items) else "\n"
    return separator.join(items)


def _code(node: _Node) -> Markdown:
    return code_block(_text(node), node.attributes.get("class", "").removeprefix("language-"))


def _table(node: _Node) -> Markdown:
    """Write a table with its first row as the head, since Markdown tables cannot do without (GFM 4.10).

    A caption stands above. Other rows keep their length: filled up, two long ones could make a million cells.
    """
    rows = [[_cell(cell) for cell in _elements(row, {"th", "td"})] for row in _rows(node)]
    rows = [row for row in rows if row]
    if not rows:
        return _blocks(_Node("div", {}, node.children))
    width = max(len(row) for row in rows)
    head = rows[0] + [""] * (width - len(rows[0]))
    lines = ["| " + " | ".join(row) + " |" for row in [head, *rows[1:]]]
    captions = (_paragraph(caption.children) for caption in _elements(node, {"caption"}))
    table = "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])
    return "\n\n".join([*filter(None, captions), table])


def _rows(table: _Node) -> Iterator[_Node]:
    """The table's own rows; a table inside a cell gives its words to that cell."""
    for child in _elements(table, {"tr", "thead", "tbody"}):
        if child.tag == "tr":
            yield child
        else:
            yield from _rows(child)


def _elements(node: _Node, tags: set[str]) -> list[_Node]:
    return [child for child in node.children if isinstance(child, _Node) and child.tag in tags]


def _cell(node: _Node) -> Markdown:
    """A bar ends a cell even inside code, where it is escaped all the same (GFM 4.10)."""
    return _CODE_SPAN.sub(
        lambda found: found[0].replace("|", r"\|") if found["ticks"] else found[0], _one_line(node)
    )


def _one_line(node: _Node) -> Markdown:
    return " ".join(_inline(node.children).replace("\\\n", " ").split())


def _summary(node: _Node) -> Markdown:
    words = _paragraph(node.children)
    return f"**{words}**" if words and not re.search(r"[*~`\\\n]|^\s|\s$", words) else words


_BLOCK_WRITERS: Final[Mapping[str, Callable[[_Node], Markdown]]] = {
    **dict.fromkeys(_HEADINGS, _heading),
    "blockquote": _quote,
    "ul": _list,
    "ol": _list,
    "pre": _code,
    # Three hyphens would be a list's item, or a heading's underline, where stars are still a rule.
    "hr": lambda _node: "***",
    "table": _table,
    "summary": _summary,
    "end": lambda _node: "",
}

_EMPHASIS: Final[Mapping[str, str]] = {"b": "**", "strong": "**", "i": "*", "em": "*", "del": "~~", "s": "~~"}
_MARKED: Final[Mapping[str, re.Pattern[str]]] = {
    "**": re.compile(r"(?<!\\)\*\*"),
    "*": re.compile(r"(?<![\\*])\*(?!\*)"),
    "~~": re.compile(r"(?<!\\)~~"),
}
"""Where an emphasis is marked inside; another mark of its kind around it would pair with the wrong one."""


def _inline(children: Sequence[_Node | str], before: str = "", after: str = "") -> Markdown:
    """Write inline content on one line; a forced line break is a backslash at the line's end.

    `before` and `after` are the letters around it, by which emphasis decides whether its marks will be seen.
    """
    written = ""
    for child, following in zip(children, _letters_behind(children, after), strict=True):
        if isinstance(child, str):
            written += escape_with_urls(_SPACE.sub(" ", child))
        elif child.tag == "br":
            written = written.rstrip(" ") + "\\\n"
        else:
            piece = _inline_element(child, (written or before)[-1:], following)
            # A bang in front of a link would make it a picture.
            bang = written.endswith("!") and piece.startswith("[")
            written = f"{written[:-1]}\\!{piece}" if bang else written + piece
    return written


def _letters_behind(children: Sequence[_Node | str], after: str) -> list[str]:
    """Return, for each child, the first letter that stands behind it."""
    letters = []
    for child in reversed(children):
        letters.append(after)
        after = next(filter(None, _texts([child])), after)[:1]
    return letters[::-1]


def _inline_element(node: _Node, before: str, after: str) -> Markdown:
    if node.tag in _EMPHASIS:
        return _emphasis(node, before, after)
    if node.tag in {"code", "pre"}:
        # Two code spans side by side would be read as one.
        return code_span(_text(node)) if before != "`" else escape_inline(_SPACE.sub(" ", _text(node)))
    if node.tag == "a":
        return _link(node)
    if node.tag == "img":
        return escape_inline(_SPACE.sub(" ", _alternative(node)))
    if node.tag in _BLOCK_TAGS:
        return f" {_inline(node.children)} "
    return _inline(node.children, before, after)


def _link(node: _Node) -> Markdown:
    words = _inline(node.children, "[", "]").replace("\\\n", " ").strip()
    url = node.attributes.get("href", "")
    if not url or not (words or _elements(node, {"img"})):
        return words
    return link(_AUTOLINK.sub(_unlink, words), url)


def _unlink(found: re.Match[str]) -> Markdown:
    """A link inside a link would end it, so a bare URL among its words is only words."""
    url = found["url"]
    return re.sub(r"\\?&", r"\\&", escape(url)) if url else found[0]


def _emphasis(node: _Node, before: str, after: str) -> Markdown:
    """Mark emphasis where CommonMark will see it (section 6.2, flanking runs), else leave the words alone."""
    inner = _inline(node.children, before, after)
    words = inner.strip(" ")
    mark = _EMPHASIS[node.tag]
    lead, tail = inner[: len(inner) - len(inner.lstrip(" "))], inner[len(inner.rstrip(" ")) :]
    if _MARKED[mark].search(words):
        return inner
    if not words or "\n" in words or words[0] in "*~" or words[-1] in "*~\\" or before in {"*", "~", "\\"}:
        return inner
    seen = _may_flank(words[0], lead or before) and _may_flank(words[-1], tail or after)
    return f"{lead}{mark}{words}{mark}{tail}" if seen else inner


def _may_flank(inside: str, outside: str) -> bool:
    """Whether a mark between these letters counts, which white space and punctuation decide."""
    edge = not outside or outside.isspace() or _is_punctuation(outside)
    return not inside.isspace() and (edge or not _is_punctuation(inside))


def _is_punctuation(text: str) -> bool:
    return unicodedata.category(text[-1])[0] in "PS"


def _text(node: _Node) -> str:
    return "".join(_texts([node]))


def _texts(nodes: Sequence[_Node | str]) -> Iterator[str]:
    """Yield all text below some nodes, line breaks and the words of pictures included, without recursion."""
    stack: list[_Node | str] = [*reversed(nodes)]
    while stack:
        current = stack.pop()
        if isinstance(current, str):
            yield current
        elif current.tag == "br":
            yield "\n"
        elif current.tag == "img":
            yield _alternative(current)
        else:
            stack.extend(reversed(current.children))


def _alternative(picture: _Node) -> str:
    return picture.attributes.get("alt") or picture.attributes.get("title") or ""

"""Matrix HTML becomes garden Markdown.

The cleaned tree of a `formatted_body` is walked and written down block by block; an element that Markdown
cannot say gives its words only, and what would grow without measure is not written at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from garden.pages.escape import allowed_length, code_block, escape_line_starts
from garden.pages.html_inline import BREAK, FORMATS, InlineWriter, formula_of, reason_of
from garden.pages.html_tree import HEADINGS, Node, find_elements, read_html, text_of
from garden.pages.page import Markdown
from garden.pages.span import ATTRIBUTES
from garden.pages.wording import BARE, Wording

_BARS: Final = re.compile(rf"\\.|{ATTRIBUTES}|(?P<ticks>`+).+?(?<!`)(?P=ticks)(?!`)")
"""Where a bar may stand unescaped: in attributes and in code."""
_DEFINITION: Final = re.compile(r"\s*\[(?:[^\[\]\\]|\\.)*\]:", re.DOTALL)
"""The beginning of a link reference definition (CommonMark 4.7), which is read before any code in it."""
_CLOSING_HASHES: Final = re.compile(r"(?<!\S)(#+)$")
_COLONS: Final = re.compile(r"(?m)^[ \t>]*(:{3,})")
_LANGUAGE: Final = re.compile(r"(?:^|\s)language-([\w+#.-]{1,30})(?=\s|$)")
_LONGEST_NUMBER: Final = 9
"""Digits of a list's start, one less (CommonMark 5.2 allows nine)."""

Around = tuple[Node, ...]
"""Inline elements that hold around some blocks, outermost first."""


def write_html(formatted_body: str, wording: Wording = BARE) -> Markdown:
    """Write an untrusted `formatted_body` as Markdown.

    Empty where nothing readable is in it, and where it is made to blow up: then the plain body says it.
    """
    tree = read_html(formatted_body)
    if tree is None:
        return ""
    try:
        return _HtmlWriter(wording, allowed_length(formatted_body)).blocks(tree, ()).strip("\n")
    except _TooLongError:
        return ""


class _TooLongError(Exception):
    """The Markdown outgrows what its HTML may become."""


class _HtmlWriter:
    """Writes the blocks of one message."""

    def __init__(self, wording: Wording, allowed: int) -> None:
        self._inline = InlineWriter(wording)
        self._allowed = allowed
        self._writers: Mapping[str, Callable[[Node, Around], Markdown]] = {
            **dict.fromkeys(HEADINGS, self._heading),
            "blockquote": self._quote,
            "ul": self._list,
            "ol": self._list,
            "pre": self._code,
            "hr": self._rule,
            "table": self._table,
            "details": self._details,
        }

    def blocks(self, node: Node, around: Around) -> Markdown:
        """Write the children of a block: runs of inline content are paragraphs, blocks write themselves."""
        blocks: list[Markdown] = []
        run: list[Node | str] = []
        for child in node.children:
            if isinstance(child, Node) and child.is_block:
                blocks += [self._paragraph(run, around), self._block(child, around)]
                run = []
            else:
                run.append(child)
        blocks.append(self._paragraph(run, around))
        return "\n\n".join(block for block in blocks if block.strip())

    def _block(self, node: Node, around: Around) -> Markdown:
        if formula_of(node):
            if node.tag == "div" and not _is_hidden(around):
                return self._count(code_block(formula_of(node), "math"))
            return self._paragraph([node], around)
        if node.tag in self._writers:
            return self._writers[node.tag](node, around)
        return self.blocks(node, _enter(node, around))

    def _count(self, written: Markdown) -> Markdown:
        """Take what was written off what may be; raises `_TooLongError` where that is more."""
        self._allowed -= len(written)
        if self._allowed < 0:
            raise _TooLongError
        return written

    def _paragraph(self, children: Sequence[Node | str], around: Around) -> Markdown:
        if all(isinstance(child, str) and not child.strip() for child in children):
            return ""
        children = _wrap(children, around)
        written = self._count(self._inline.write(children))
        if _DEFINITION.match(written):
            written = self._count(self._inline.write(_take_code_off(children)))
        lines = [line.strip(" ") for line in written.split(BREAK)]
        while lines and not lines[-1].strip():
            lines.pop()
        first = next((number for number, line in enumerate(lines) if line.strip()), 0)
        # An empty line would end the paragraph, so that a forced one is written with a no-break space.
        return BREAK.join(escape_line_starts(line) or "\N{NO-BREAK SPACE}" for line in lines[first:])

    def _one_line(self, children: Sequence[Node | str], around: Around) -> Markdown:
        written = self._count(self._inline.write(_wrap(children, around)))
        return " ".join(written.replace(BREAK, " ").split())

    def _heading(self, node: Node, around: Around) -> Markdown:
        """Headings inside a message come below the page's own three levels."""
        words = _CLOSING_HASHES.sub(r"\\\1", self._one_line(node.children, around))
        return f"{'#' * min(6, int(node.tag[1]) + 3)} {words}" if words else ""

    def _quote(self, node: Node, around: Around) -> Markdown:
        return "\n".join(f"> {line}".rstrip() for line in self.blocks(node, around).split("\n"))

    def _list(self, node: Node, around: Around) -> Markdown:
        start = node.attributes.get("start", "1")
        number = int(start) if start.isascii() and start.isdecimal() and len(start) < _LONGEST_NUMBER else 1
        items = []
        for child in node.children:
            if isinstance(child, str) and not child.strip():
                continue
            body = self._item(child, around)
            if not body:
                continue
            marker = "- " if node.tag == "ul" else f"{number}. "
            number += 1
            lines = body.split("\n")
            indent = " " * len(marker)
            items.append(
                "\n".join([marker + lines[0], *(indent + line if line else "" for line in lines[1:])])
            )
        separator = "\n\n" if any("\n\n" in item for item in items) else "\n"
        return separator.join(items)

    def _item(self, child: Node | str, around: Around) -> Markdown:
        if isinstance(child, Node) and child.tag == "li":
            return self.blocks(child, around)
        return self.blocks(Node("li", {}, [child]), around)

    def _code(self, node: Node, around: Around) -> Markdown:
        """Write a code block; one that holds a spoiler is hidden as a whole, line by line."""
        if not (_is_hidden(around) or node.has_spoiler):
            return self._count(code_block(text_of(node), _language_of(node)))
        lines = text_of(node).strip("\n").split("\n")
        code: list[Node | str] = []
        for line in lines:
            code += [Node("code", {}, [line]), Node("br")]
        hidden = Node("span", {"data-mx-spoiler": reason_of(node)}, code[:-1])
        return self._paragraph([hidden], around)

    def _rule(self, _node: Node, _around: Around) -> Markdown:
        """Three hyphens would be a list's item, or a heading's underline, where stars are still a rule."""
        return "***"

    def _table(self, node: Node, around: Around) -> Markdown:
        """Write a table with its first row as the head, since Markdown tables cannot do without (GFM 4.10).

        A caption stands above. Other rows keep their length: filled up, two long ones could make a million
        cells.
        """
        rows = [
            [self._cell(cell, around) for cell in find_elements(row, {"th", "td"})] for row in _rows(node)
        ]
        rows = [row for row in rows if row]
        if not rows:
            return self.blocks(Node("div", {}, node.children), around)
        width = max(len(row) for row in rows)
        head = rows[0] + [""] * (width - len(rows[0]))
        lines = ["| " + " | ".join(row) + " |" for row in [head, *rows[1:]]]
        captions = (self._caption(caption, around) for caption in find_elements(node, {"caption"}))
        table = "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])
        return "\n\n".join([*filter(None, captions), table])

    def _cell(self, node: Node, around: Around) -> Markdown:
        """A bar ends a cell even inside code or attributes, where it is escaped all the same (GFM 4.10)."""
        words = self._one_line(node.children, around)
        return _BARS.sub(_escape_bars, words) if "|" in words else words

    def _caption(self, node: Node, around: Around) -> Markdown:
        """Write words that are one paragraph whatever they hold."""
        return (
            escape_line_starts(self._one_line(node.children, around))
            if node.has_block
            else self._paragraph(node.children, around)
        )

    def _details(self, node: Node, around: Around) -> Markdown:
        """Write a division whose first block is the summary; its fence is longer than any inside."""
        summary = next(iter(find_elements(node, {"summary"})), None)
        words = self._caption(summary, around) if summary is not None else ""
        rest = self.blocks(
            Node("div", {}, [child for child in node.children if child is not summary]), around
        )
        if not words and not rest:
            return ""
        inside = "\n\n".join(filter(None, (words, rest)))
        fence = ":" * max(3, 1 + max(map(len, _COLONS.findall(inside)), default=0))
        return f"{fence} {{.details{'' if words else ' .unnamed'}}}\n{inside}\n{fence}"


def _enter(node: Node, around: Around) -> Around:
    """Return what holds around the blocks inside a node: each format once, so that no nesting can pile up."""
    if node.tag in FORMATS:
        same = [each for each in around if FORMATS.get(each.tag) == FORMATS[node.tag]]
        return around if same else (*around, Node(node.tag))
    if node.tag in {"a", "code"}:
        same = [each for each in around if each.tag == node.tag]
        return around if same else (*around, Node(node.tag, node.attributes))
    if node.tag != "span":
        return around
    colors = {key: value for key, value in node.attributes.items() if "color" in key}
    if colors:
        around = (
            *(each for each in around if each.tag != "span" or _is_hidden((each,))),
            Node("span", colors),
        )
    if "data-mx-spoiler" in node.attributes and not _is_hidden(around):
        hidden = {"data-mx-spoiler": node.attributes["data-mx-spoiler"]}
        return (Node("span", hidden), *around)
    return around


def _is_hidden(around: Around) -> bool:
    return any("data-mx-spoiler" in node.attributes for node in around)


def _wrap(children: Sequence[Node | str], around: Around) -> Sequence[Node | str]:
    for each in reversed(around):
        below = [child for child in children if isinstance(child, Node)]
        has_spoiler = any(child.has_spoiler or _is_hidden((child,)) for child in below)
        children = [Node(each.tag, each.attributes, [*children], has_spoiler=has_spoiler)]
    return children


def _take_code_off(children: Sequence[Node | str]) -> list[Node | str]:
    """Return the same words without code in them, which cannot be escaped."""
    return [
        Node(
            "span" if child.tag == "code" else child.tag,
            child.attributes,
            _take_code_off(child.children),
            has_spoiler=child.has_spoiler,
        )
        if isinstance(child, Node)
        else child
        for child in children
    ]


def _rows(table: Node) -> Iterator[Node]:
    """The table's own rows; a table inside a cell gives its words to that cell."""
    for child in find_elements(table, {"tr", "thead", "tbody"}):
        if child.tag == "tr":
            yield child
        else:
            yield from _rows(child)


def _escape_bars(found: re.Match[str]) -> Markdown:
    return found[0] if found[0].startswith("\\") else found[0].replace("|", r"\|")


def _language_of(node: Node) -> str:
    """Return the language of a code block; formulas keep the name `math` for themselves."""
    for each in (node, *find_elements(node, {"code"})):
        found = _LANGUAGE.search(each.attributes.get("class", ""))
        if found:
            return "tex" if found[1].lower() == "math" else found[1]
    return ""

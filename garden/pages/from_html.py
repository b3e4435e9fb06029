"""Matrix HTML becomes garden Markdown.

The cleaned tree of a `formatted_body` is walked and written down; an element that Markdown cannot say gives
its words only, and the cells of a table are bounded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from garden.pages.escape import (
    code_block,
    code_span,
    escape,
    escape_inline,
    escape_line_starts,
    escape_with_urls,
    link,
)
from garden.pages.html_tree import (
    BLOCK_TAGS,
    HEADINGS,
    Node,
    alternative_of,
    find_elements,
    iterate_texts,
    read_html,
    text_of,
)
from garden.pages.page import Markdown

_CODE_SPAN: Final = re.compile(r"\\.|(?P<ticks>`+).+?(?<!`)(?P=ticks)(?!`)")
_AUTOLINK: Final = re.compile(_CODE_SPAN.pattern + r"|<(?P<url>[a-z]+:[^<>]*)>")
_CLOSING_HASHES: Final = re.compile(r"(?<!\S)(#+)$")
_SPACE: Final = re.compile(r"[ \t\n\f]+")


def write_html(formatted_body: str) -> Markdown:
    """Write an untrusted `formatted_body` as Markdown; empty where nothing readable is in it."""
    return _blocks(read_html(formatted_body)).strip("\n")


def _is_block(child: Node | str) -> bool:
    return isinstance(child, Node) and (
        child.tag in BLOCK_TAGS or any(_is_block(grandchild) for grandchild in child.children)
    )


def _blocks(node: Node) -> Markdown:
    """Write the children of a block: runs of inline content are paragraphs, blocks write themselves."""
    blocks: list[str] = []
    run: list[Node | str] = []
    for child in [*node.children, Node("end")]:
        if isinstance(child, Node) and (child.tag == "end" or _is_block(child)):
            blocks.append(_paragraph(run))
            run = []
            blocks.append(_BLOCK_WRITERS.get(child.tag, _blocks)(child))
        else:
            run.append(child)
    return "\n\n".join(block for block in blocks if block.strip())


def _paragraph(children: list[Node | str]) -> Markdown:
    lines = [line.strip(" ") for line in _inline(children).split("\\\n")]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    # An empty line would end the paragraph, so that a forced one is written with a no-break space.
    return "\\\n".join(escape_line_starts(line) or "\N{NO-BREAK SPACE}" for line in lines)


def _heading(node: Node) -> Markdown:
    """Headings inside a message come below the page's own three levels."""
    words = _CLOSING_HASHES.sub(r"\\\1", _one_line(node))
    return f"{'#' * min(6, int(node.tag[1]) + 3)} {words}" if words else ""


def _quote(node: Node) -> Markdown:
    return "\n".join(f"> {line}".rstrip() for line in _blocks(node).split("\n"))


_LONGEST_NUMBER: Final = 9
"""Digits of a list's start, one less (CommonMark 5.2 allows nine)."""


def _list(node: Node) -> Markdown:
    start = node.attributes.get("start", "1")
    number = int(start) if start.isascii() and start.isdecimal() and len(start) < _LONGEST_NUMBER else 1
    items = []
    for child in node.children:
        if isinstance(child, str) and not child.strip():
            continue
        body = _blocks(child if isinstance(child, Node) and child.tag == "li" else Node("li", {}, [child]))
        if not body:
            continue
        marker = "- " if node.tag == "ul" else f"{number}. "
        number += 1
        lines = body.split("\n")
        indent = " " * len(marker)
        items.append("\n".join([marker + lines[0], *(indent + line if line else "" for line in lines[1:])]))
    separator = "\n\n" if any("\n\n" in item for item in items) else "\n"
    return separator.join(items)


def _code(node: Node) -> Markdown:
    return code_block(text_of(node), node.attributes.get("class", "").removeprefix("language-"))


def _table(node: Node) -> Markdown:
    """Write a table with its first row as the head, since Markdown tables cannot do without (GFM 4.10).

    A caption stands above. Other rows keep their length: filled up, two long ones could make a million cells.
    """
    rows = [[_cell(cell) for cell in find_elements(row, {"th", "td"})] for row in _rows(node)]
    rows = [row for row in rows if row]
    if not rows:
        return _blocks(Node("div", {}, node.children))
    width = max(len(row) for row in rows)
    head = rows[0] + [""] * (width - len(rows[0]))
    lines = ["| " + " | ".join(row) + " |" for row in [head, *rows[1:]]]
    captions = (_paragraph(caption.children) for caption in find_elements(node, {"caption"}))
    table = "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])
    return "\n\n".join([*filter(None, captions), table])


def _rows(table: Node) -> Iterator[Node]:
    """The table's own rows; a table inside a cell gives its words to that cell."""
    for child in find_elements(table, {"tr", "thead", "tbody"}):
        if child.tag == "tr":
            yield child
        else:
            yield from _rows(child)


def _cell(node: Node) -> Markdown:
    """A bar ends a cell even inside code, where it is escaped all the same (GFM 4.10)."""
    return _CODE_SPAN.sub(
        lambda found: found[0].replace("|", r"\|") if found["ticks"] else found[0], _one_line(node)
    )


def _one_line(node: Node) -> Markdown:
    return " ".join(_inline(node.children).replace("\\\n", " ").split())


def _summary(node: Node) -> Markdown:
    words = _paragraph(node.children)
    return f"**{words}**" if words and not re.search(r"[*~`\\\n]|^\s|\s$", words) else words


_BLOCK_WRITERS: Final[Mapping[str, Callable[[Node], Markdown]]] = {
    **dict.fromkeys(HEADINGS, _heading),
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


def _inline(children: Sequence[Node | str], before: str = "", after: str = "") -> Markdown:
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


def _letters_behind(children: Sequence[Node | str], after: str) -> list[str]:
    """Return, for each child, the first letter that stands behind it."""
    letters = []
    for child in reversed(children):
        letters.append(after)
        after = next(filter(None, iterate_texts([child])), after)[:1]
    return letters[::-1]


def _inline_element(node: Node, before: str, after: str) -> Markdown:
    if node.tag in _EMPHASIS:
        return _emphasis(node, before, after)
    if node.tag in {"code", "pre"}:
        # Two code spans side by side would be read as one.
        return code_span(text_of(node)) if before != "`" else escape_inline(_SPACE.sub(" ", text_of(node)))
    if node.tag == "a":
        return _link(node)
    if node.tag == "img":
        return escape_inline(_SPACE.sub(" ", alternative_of(node)))
    if node.tag in BLOCK_TAGS:
        return f" {_inline(node.children)} "
    return _inline(node.children, before, after)


def _link(node: Node) -> Markdown:
    words = _inline(node.children, "[", "]").replace("\\\n", " ").strip()
    url = node.attributes.get("href", "")
    if not url or not (words or find_elements(node, {"img"})):
        return words
    return link(_AUTOLINK.sub(_unlink, words), url)


def _unlink(found: re.Match[str]) -> Markdown:
    """A link inside a link would end it, so a bare URL among its words is only words."""
    url = found["url"]
    return re.sub(r"\\?&", r"\\&", escape(url)) if url else found[0]


def _emphasis(node: Node, before: str, after: str) -> Markdown:
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

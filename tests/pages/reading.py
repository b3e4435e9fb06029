"""What a browser would find in rendered HTML: its elements, their attributes, its words and how they look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from xml.etree.ElementTree import Element

import html5lib

from garden.site.markdown import render_markdown

_FORMATS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("b", "strong"), "strong"),
    **dict.fromkeys(("i", "em"), "em"),
    **dict.fromkeys(("s", "del", "strike"), "del"),
    **{name: name for name in ("u", "sup", "sub", "a", "code", "summary", "details", "blockquote")},
}
_INTERFACE: Final = frozenset({"why"})
"""Classes of words that are the garden's own: what the button of a spoiler says."""
_UNNAMED: Final = "<summary>Details</summary>"
"""What the garden says where details have no summary."""


@dataclass
class Reading:
    """The elements, attributes and words of a piece of HTML."""

    elements: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    """Element, attribute, value."""
    text: str = ""

    @property
    def letters(self) -> str:
        return letters_of(self.text)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.reading = Reading()
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.reading.elements.append(tag)
        self.reading.attributes += [(tag, key, value or "") for key, value in attrs]
        if self._silent or (dict(attrs).get("class") in _INTERFACE):
            self._silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.reading.text += data


def read_html(html: str) -> Reading:
    reader = _Reader()
    reader.feed(html.replace(_UNNAMED, "<summary></summary>"))
    reader.close()
    return reader.reading


def read_markdown(markdown: str) -> Reading:
    """Render as the site does, and read what comes out."""
    return read_html(render_markdown(markdown))


def letters_of(text: str) -> str:
    """The text without white space."""
    return "".join(text.split())


Letter = tuple[str, frozenset[str]]
"""A letter and how it looks."""


def read_letters(html: str) -> list[Letter]:
    """Return every letter but white space with the formats that hold for it, by a parser that is not ours."""
    tree = html5lib.parseFragment(
        html.replace(_UNNAMED, ""), treebuilder="etree", namespaceHTMLElements=False
    )
    return list(_iterate_letters(tree, frozenset()))


def _iterate_letters(element: Element, formats: frozenset[str]) -> Iterator[Letter]:
    if element.get("class") in _INTERFACE:
        return
    inside = formats | _formats_of(element)
    yield from ((letter, inside) for letter in letters_of(element.text or ""))
    for child in element:
        yield from _iterate_letters(child, inside)
        yield from ((letter, inside) for letter in letters_of(child.tail or ""))


def _formats_of(element: Element) -> frozenset[str]:
    """Name what an element does to its words, whether Matrix or the garden says it."""
    found = {_FORMATS[element.tag]} if element.tag in _FORMATS else set()
    if element.get("class") == "spoiler" or element.get("data-mx-spoiler") is not None:
        found.add("spoiler")
    return frozenset(found)

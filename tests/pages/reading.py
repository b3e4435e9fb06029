"""What a browser would find in rendered HTML: its elements, their attributes, its words."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from garden.site.markdown import render_markdown


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

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.reading.elements.append(tag)
        self.reading.attributes += [(tag, key, value or "") for key, value in attrs]

    def handle_data(self, data: str) -> None:
        self.reading.text += data


def read_html(html: str) -> Reading:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.reading


def read_markdown(markdown: str) -> Reading:
    """Render as the site does, and read what comes out."""
    return read_html(render_markdown(markdown))


def letters_of(text: str) -> str:
    """The text without white space."""
    return "".join(text.split())

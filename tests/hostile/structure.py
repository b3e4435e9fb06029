"""The bones of a built page: HTML comes in, whose message stands where comes out.

It is read more strictly than browsers do.
A page whose every element is closed by its own end is the same page in every parser.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

_VOID: Final = frozenset({"meta", "link", "br", "hr", "img", "source", "input", "wbr"})
_FRAME: Final = frozenset({"h1", "h2", "h3", "article", "section", "main", "nav", "header", "footer"})
"""What the page is made of, and no message."""
_ONCE: Final = frozenset({"html", "head", "title", "body", "main", "h1"})


@dataclass(slots=True)
class Shown:
    """One message as the page shows it."""

    anchor: str
    parent: str
    """Element and classes of what holds it."""
    author: str = ""
    text: str = ""
    """The words of its body."""


@dataclass(slots=True)
class Structure:
    """What a page is made of."""

    messages: list[Shown] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    """Anchors of quiet lines that stand in a folded list."""
    identifiers: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)
    """What stands in a message's body and belongs to the page: identifiers, headings of the page's levels."""
    problems: list[str] = field(default_factory=list)
    """Ends that do not fit, elements that may stand once and do not."""


@dataclass(slots=True)
class _Open:
    tag: str
    classes: frozenset[str]
    message: Shown | None


def read_structure(html: str) -> Structure:
    """Read a page; what is wrong with its form stands in `problems`."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.finish()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._found = Structure()
        self._open: list[_Open] = []
        self._count: dict[str, int] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {key: value or "" for key, value in attrs}
        classes = frozenset(attributes.get("class", "").split())
        identifier = attributes.get("id")
        # A drawing's title is another element than the page's.
        name = f"svg {tag}" if any(each.tag == "svg" for each in self._open) else tag
        self._count[name] = self._count.get(name, 0) + 1
        if self._is_in_body():
            if identifier is not None or tag in _FRAME:
                self._found.inside.append(f"<{tag} id={identifier!r}>")
        elif identifier is not None and tag == "li":
            self._found.lines.append(identifier)
        if identifier is not None:
            self._found.identifiers.append(identifier)
        if tag not in _VOID:
            self._open.append(_Open(tag, classes, self._start_message(classes, identifier)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """In SVG and MathML an element may end where it starts."""
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1].tag != tag:
            at = ">".join(each.tag for each in self._open[-3:])
            self._found.problems.append(f"line {self.getpos()[0]}: </{tag}> inside {at}")
        elif self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        message = next((each.message for each in reversed(self._open) if each.message), None)
        if message is None:
            return
        classes = [each.classes for each in self._open]
        if self._is_in_body() and not any("history" in each for each in classes):
            message.text += data
        elif any("p-name" in each for each in classes[-2:]) and not self._is_in_body():
            message.author += data

    def handle_comment(self, data: str) -> None:
        self._found.problems.append(f"a comment: {data[:40]!r}")

    def handle_pi(self, data: str) -> None:
        self._found.problems.append(f"an instruction: {data[:40]!r}")

    def unknown_decl(self, data: str) -> None:
        self._found.problems.append(f"a declaration: {data[:40]!r}")

    def finish(self) -> Structure:
        """Return what was found; whatever is still open is a problem."""
        self._found.problems += [f"<{each.tag}> is never closed" for each in self._open]
        self._found.problems += [
            f"{count} elements <{tag}>" for tag in _ONCE if (count := self._count.get(tag, 0)) != 1
        ]
        return self._found

    def _start_message(self, classes: frozenset[str], identifier: str | None) -> Shown | None:
        if "message" not in classes or identifier is None:
            return None
        holder = self._open[-1] if self._open else _Open("", frozenset(), None)
        shown = Shown(identifier, f"{holder.tag}.{'.'.join(sorted(holder.classes))}")
        self._found.messages.append(shown)
        return shown

    def _is_in_body(self) -> bool:
        return any("body" in each.classes and each.tag == "div" for each in self._open)

"""Inline Matrix HTML becomes Markdown on one line: emphasis, spans, links, code, formulas and pictures.

Nodes of the cleaned tree come in with the letters around them, by which CommonMark decides whether a mark
counts; what its marks cannot say is written as a span.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from garden.archive.event import MediaForm, MxcUri
from garden.pages.escape import code_span, escape_inline, escape_with_urls, link, write_mention
from garden.pages.html_tree import BLOCK_TAGS, Node, alternative_of, iterate_texts, text_of
from garden.pages.media import MediaFile, MissingMedia
from garden.pages.mention import name_in_link, user_in_link
from garden.pages.page import Markdown
from garden.pages.plain import excerpt
from garden.pages.span import picture, span
from garden.pages.wording import Wording

FORMATS: Final = {
    **dict.fromkeys(("b", "strong"), "strong"),
    **dict.fromkeys(("i", "em"), "em"),
    **dict.fromkeys(("del", "s"), "del"),
    "u": "underline",
    "sup": "sup",
    "sub": "sub",
}
"""What a tag means; inside itself none means anything."""

_MARKS: Final = {"strong": "**", "em": "*", "del": "~~"}
_MARKED: Final = {
    "**": re.compile(r"(?<!\\)\*\*"),
    "*": re.compile(r"(?<![\\*])\*(?!\*)"),
    "~~": re.compile(r"(?<!\\)~~"),
}
"""Where an emphasis is marked inside; another mark of its kind around it would pair with the wrong one."""

_WHOLE: Final = re.compile(r"\*{1,2}[^*~`\\<\[\]\n]+\*{1,2}")
"""Words in nothing but the other emphasis: `***words***`."""

_COLOR: Final = re.compile(r"#[0-9a-f]{6}")
_COLORS_INSIDE: Final = 3
"""Colours inside one another; what a renderer follows is limited, and what a reader makes out too."""
_REASON_LENGTH: Final = 200
_SPACE: Final = re.compile(r"[ \t\n\f]+")
_EMOTE_HEIGHT: Final = 32
_EMOTE_WIDTH: Final = 96

BREAK: Final = "\\\n"
"""A forced line break."""

Inside = frozenset[str]
"""The formats that hold around some words."""

NOWHERE: Final[Inside] = frozenset()


class InlineWriter:
    """Writes the inline content of one message."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def write(
        self, children: Sequence[Node | str], before: str = "", after: str = "", inside: Inside = NOWHERE
    ) -> Markdown:
        """Write inline content on one line; a forced line break is a backslash at the line's end.

        `before` and `after` are the letters around it, `inside` the formats that hold there already.
        """
        written = ""
        children = _join_code(children)
        for child, following in zip(children, _letters_behind(children, after), strict=True):
            if isinstance(child, str):
                written += self._text(child, inside)
            elif child.tag == "br":
                written = written.rstrip(" ") + BREAK
            else:
                piece = self._element(child, (written or before)[-1:], following, inside)
                # A bang in front of a bracket would make it a picture.
                bang = written.endswith("!") and piece.startswith("[")
                written = f"{written[:-1]}\\!{piece}" if bang else written + piece
        return written

    def _text(self, text: str, inside: Inside) -> Markdown:
        text = _SPACE.sub(" ", text)
        return escape_inline(text) if "link" in inside else escape_with_urls(text, self._wording)

    def _element(self, node: Node, before: str, after: str, inside: Inside) -> Markdown:
        if source := formula_of(node):
            return self._code(source, before, "{.math}")
        if node.tag in {"code", "pre"}:
            return self._code_span(node, before, inside)
        if node.tag == "img":
            return self._picture(node)
        if node.tag in BLOCK_TAGS:
            return f" {self.write(node.children, '', '', inside)} "
        write = self._format if node.tag in FORMATS else self._link if node.tag == "a" else self._span
        return write(node, before, after, inside)

    def _format(self, node: Node, before: str, after: str, inside: Inside) -> Markdown:
        """Mark emphasis where CommonMark will see it (section 6.2, flanking runs), else by a span."""
        name = FORMATS[node.tag]
        if name in inside:
            return self.write(node.children, before, after, inside)
        mark = _MARKS.get(name)
        around = (before, after) if mark else ("[", "]")
        lead, words, tail = _split_edges(self.write(node.children, *around, inside | {name}))
        if not words:
            return lead + tail
        if mark is not None and _is_seen(mark, words, (lead or before)[-1:], (tail or after)[:1]):
            return f"{lead}{mark}{words}{mark}{tail}"
        return lead + span(words, (name,)) + tail

    def _span(self, node: Node, before: str, after: str, inside: Inside) -> Markdown:
        """Write colours, and around them a spoiler; inside another spoiler it is only words."""
        if "data-mx-spoiler" in node.attributes and "spoiler" not in inside:
            hidden = Node(node.tag, {**node.attributes}, node.children)
            lead, words, tail = _split_edges(self._span(hidden, "[", "]", inside | {"spoiler"}))
            return lead + _hide(words, reason_of(node)) + tail if words else lead + tail
        keys = {
            "color": _color_of(node, "data-mx-color", "color"),
            "bg": _color_of(node, "data-mx-bg-color"),
        }
        level = sum(each.startswith("color") for each in inside)
        if not any(keys.values()) or level == _COLORS_INSIDE:
            return self.write(node.children, before, after, inside)
        lead, words, tail = _split_edges(self.write(node.children, "[", "]", inside | {f"color {level}"}))
        return lead + span(words, (), keys) + tail if words else lead + tail

    def _code_span(self, node: Node, before: str, inside: Inside) -> Markdown:
        if node.has_spoiler and "spoiler" not in inside:
            return _hide(self._code(text_of(node), "["), reason_of(node))
        return self._code(text_of(node), before)

    def _code(self, text: str, before: str, attributes: Markdown = "") -> Markdown:
        """Two code spans side by side would be read as one."""
        if before == "`" or not text.strip():
            return escape_inline(_SPACE.sub(" ", text))
        return code_span(text) + attributes

    def _link(self, node: Node, before: str, after: str, inside: Inside) -> Markdown:
        """Write a link; one that holds a spoiler is hidden as a whole, and one to somebody is a mention."""
        url = node.attributes.get("href", "")
        if not url or url.lower().startswith("mxc:") or "link" in inside:
            return self.write(node.children, before, after, inside)
        user = user_in_link(url)
        if user is not None:
            return self._mention(node, name_in_link(user, text_of(node), self._wording), inside)
        hidden = node.has_spoiler and "spoiler" not in inside
        within = inside | ({"link", "spoiler"} if hidden else {"link"})
        words = self.write(node.children, "[", "]", within).replace(BREAK, " ").strip(" ")
        if not words and not any(each.tag == "img" for each in node.children if isinstance(each, Node)):
            return ""
        written = link(words, url)
        return _hide(written, reason_of(node)) if hidden else written

    def _mention(self, node: Node, name: str, inside: Inside) -> Markdown:
        hidden = node.has_spoiler and "spoiler" not in inside
        return _hide(write_mention(name), reason_of(node)) if hidden else write_mention(name)

    def _picture(self, node: Node) -> Markdown:
        """Write a picture of the media folder; without a copy its words stand for it."""
        words = _SPACE.sub(" ", alternative_of(node))
        source = node.attributes.get("src", "")
        is_emote = "data-mx-emoticon" in node.attributes
        found = (
            self._wording.locate(MxcUri(source), MediaForm.SMALL if is_emote else MediaForm.PICTURE)
            if source.startswith("mxc://")
            else None
        )
        if isinstance(found, MediaFile):
            url = f"{self._wording.up}media/{found.path}"
            if is_emote:
                return picture(words, url, ("emote",), _fit_emote(found))
            keys = {"width": found.width, "height": found.height, "thumb": found.thumb, "color": found.color}
            return picture(words, url, (), keys)
        if isinstance(found, MissingMedia) and words.strip() and not is_emote:
            return span(escape_inline(words), ("missing",), {"what": "image", "why": found.reason})
        return escape_inline(words)


def formula_of(node: Node) -> str:
    """Return the TeX that an element stands for; its content is only a fallback."""
    source = node.attributes.get("data-mx-maths", "")
    return source if source.strip() else ""


def reason_of(node: Node) -> str:
    """Return the reason of the first spoiler that a node is or holds."""
    stack: list[Node] = [node]
    while stack:
        current = stack.pop()
        if "data-mx-spoiler" in current.attributes:
            return current.attributes["data-mx-spoiler"]
        stack.extend(
            child
            for child in reversed(current.children)
            if isinstance(child, Node) and (child.has_spoiler or "data-mx-spoiler" in child.attributes)
        )
    return ""


def _hide(words: Markdown, reason: str) -> Markdown:
    return span(words, ("spoiler",), {"reason": excerpt(reason, _REASON_LENGTH)})


def _color_of(node: Node, *names: str) -> str:
    colors = (node.attributes.get(name, "").strip().lower() for name in names)
    return next(filter(_COLOR.fullmatch, colors), "")


def _fit_emote(file: MediaFile) -> dict[str, object]:
    """An emote is as high as a line, where it is not very wide."""
    if not file.width or not file.height:
        return {"height": _EMOTE_HEIGHT}
    scale = min(_EMOTE_HEIGHT / file.height, _EMOTE_WIDTH / file.width)
    return {"width": max(1, round(file.width * scale)), "height": max(1, round(file.height * scale))}


def _join_code(children: Sequence[Node | str]) -> Sequence[Node | str]:
    """Make one of code elements that stand side by side, which would be read as one piece anyway."""
    if not any(isinstance(child, Node) and child.tag == "code" for child in children):
        return children
    joined: list[Node | str] = []
    for child in children:
        last = joined[-1] if joined else ""
        if isinstance(child, Node) and isinstance(last, Node) and child.tag == last.tag == "code":
            below = [*last.children, *child.children]
            joined[-1] = Node("code", {}, below, has_spoiler=last.has_spoiler or child.has_spoiler)
        else:
            joined.append(child)
    return joined


def _letters_behind(children: Sequence[Node | str], after: str) -> Sequence[str]:
    """Return, for each child, the first letter that stands behind it."""
    letters = []
    for child in reversed(children):
        letters.append(after)
        after = (
            child or after if isinstance(child, str) else next(filter(None, iterate_texts([child])), after)
        )[:1]
    return letters[::-1]


def _split_edges(text: Markdown) -> tuple[str, Markdown, str]:
    """Part spaces and line breaks at both ends from the words between."""
    start, end = 0, len(text)
    while text.startswith((" ", BREAK), start):
        start += 1 if text[start] == " " else len(BREAK)
    while end > start and text[end - 1] in " \n":
        end -= 1 if text[end - 1] == " " else len(BREAK)
    return text[:start], text[start:end], text[end:]


def _is_seen(mark: str, words: Markdown, before: str, after: str) -> bool:
    """Whether a mark around these words will count, and pair with its like."""
    if mark != "~~" and _WHOLE.fullmatch(words):
        return before not in {"*", "~", "\\"}
    if words[0] in "*~" or words[-1] in "*~\\" or before in {"*", "~", "\\"} or _MARKED[mark].search(words):
        return False
    return _may_flank(words[0], before) and _may_flank(words[-1], after)


def _may_flank(inside: str, outside: str) -> bool:
    """Whether a mark between these letters counts, which white space and punctuation decide."""
    edge = not outside or outside.isspace() or _is_punctuation(outside)
    return not inside.isspace() and (edge or not _is_punctuation(inside))


def _is_punctuation(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "PS"

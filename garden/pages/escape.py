"""Write text as Markdown that says these characters and nothing else; what people write is never HTML to us.

Text comes in as somebody typed it; Markdown goes out in which no character of it can start a structure:
whatever could is escaped, or fenced by a run longer than any inside. Only a mention is more than its letters.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, urlsplit

from garden.archive.event import COVERED_SERVER
from garden.pages.mention import name_in_link, split_mentions, user_in_link
from garden.pages.page import Markdown
from garden.pages.wording import BARE, Wording

_INLINE_SPECIAL: Final = re.compile(r"[\\`*\[\]<~|{]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")
_LINE_START: Final = re.compile(r"(?m)^([ \t]*)(?:([#>+=-]|:(?=[:|\s-]))|(\d{1,9})([.)](?=\s|$)))")
"""A colon can begin the second line of a table (GFM 4.10), three of them a division of the dialect."""

_URL: Final = re.compile(
    r"\b(?:https?|ftp|matrix|mailto|magnet):[^\s<>\[\]`\"\\|]*[^\s<>\[\]`\"\\|.,;:!?'()*_~]"
    r"|(?<![\w#/&@:.=-])(?P<alias>\#[^\s:\#<>\[\]`\"\\|()/?]{1,100}:"
    r"[a-zA-Z0-9-]{1,63}(?:\.[a-zA-Z0-9-]{1,63}){0,5}\.[a-zA-Z][a-zA-Z0-9-]{0,61}[a-zA-Z0-9](?::\d{1,5})?(?!\w))"
)
"""A URL, or the alias of a room as people type it (appendices, "Room Aliases")."""
_ORDINARY: Final = re.compile(r"[^\W\d_](?:[^\W_]|[ ,.;!?'()/%+=-]|:(?=[ )]))*(?<! )")
"""One line, as most messages are, that is its own Markdown."""
_BLANK: Final = re.compile(r"\n(?:[^\S\n]*\n)+")
_SPACE: Final = re.compile(r"[ \t\n\f]+")
_ENTITY: Final = re.compile(r"&(?=#?\w+;)")


def allowed_length(text: str) -> int:
    """Return how many characters of Markdown a text may become: escapes and marks are short."""
    return 8 * len(text) + 50_000


def write_plain(body: str, wording: Wording = BARE) -> Markdown:
    """Write a plain body so that it shows the same characters and lines, with its URLs as links.

    People whom it mentions by their identifiers are named, as `wording` has it.
    """
    if _ORDINARY.fullmatch(body):
        return body
    paragraphs = _BLANK.split(f"\n\n{body}\n\n")
    written = "\n\n".join(_plain_paragraph(each, wording) for each in paragraphs if each.strip())
    # Few letters that name somebody with many, over and over, could fill a disk.
    return written if wording is BARE or len(written) <= allowed_length(body) else write_plain(body)


def escape(text: str) -> Markdown:
    """Escape plain text that stands at the start of a line."""
    return escape_line_starts(escape_inline(text))


def escape_inline(text: str) -> Markdown:
    """Escape plain text that stands inside a line."""
    return _INLINE_SPECIAL.sub(lambda found: "\\" + found[0], text)


def escape_line_starts(text: Markdown) -> Markdown:
    """Escape what would start a heading, quotation, list or rule at the start of a line."""
    return _LINE_START.sub(_escape_line_start, text)


def escape_with_urls(text: str, wording: Wording = BARE) -> Markdown:
    """Escape plain text inside a line, make its URLs and rooms' aliases links and name whom it mentions."""
    pieces, end = [], 0
    for found in _URL.finditer(text) if ":" in text else ():
        if found["alias"]:
            pieces += [_escape_with_mentions(text[end : found.start()], wording), _link_alias(found[0])]
            end = found.end()
        elif _is_url(found[0]):
            user = user_in_link(found[0])
            # Somebody who is covered has an address that leads nowhere.
            is_covered = user is not None and user.endswith(COVERED_SERVER)
            name = name_in_link(user, "", wording) if user is not None and is_covered else ""
            shown = write_mention(name) if name else f"<{found[0]}>"
            pieces += [_escape_with_mentions(text[end : found.start()], wording), shown]
            end = found.end()
    return "".join([*pieces, _escape_with_mentions(text[end:], wording)])


def write_mention(name: str) -> Markdown:
    """Write the name of somebody who is mentioned, or `@room`; `name` is plain text."""
    return f"[{escape_inline(' '.join(name.split()))}]{{.mention}}"


def code_span(text: str) -> Markdown:
    """Write a code span whose fence is longer than any run of backticks inside (CommonMark 6.1)."""
    text = _SPACE.sub(" ", text)
    if not text.strip():
        return escape(text)
    fence = "`" * (_longest_run(text, "`") + 1)
    padding = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def code_block(text: str, language: str = "") -> Markdown:
    """Write a fenced code block whose fence is longer than any run of backticks inside (CommonMark 4.5)."""
    fence = "`" * max(3, _longest_run(text, "`") + 1)
    return f"{fence}{language}\n{text.strip(chr(10))}\n{fence}"


def link(words: Markdown, url: str) -> Markdown:
    """Write a link; a URL that is its own words becomes an autolink."""
    target = re.sub(r"[<>\s\\|]", lambda found: quote(found[0]), url)
    if not _is_url(target):
        return words or escape(url)
    if not words or words == escape(url):
        return f"<{target}>"
    return f"[{words}](<{_ENTITY.sub('&amp;', target)}>)"


def _link_alias(alias: str) -> Markdown:
    return link(escape_inline(alias), f"https://matrix.to/#/{quote(alias, safe='!:')}")


def _is_url(text: str) -> bool:
    """A URL that Python cannot take apart is no link, here or wherever links are followed."""
    try:
        urlsplit(text)
    except ValueError:
        return False
    return True


def _escape_with_mentions(text: str, wording: Wording) -> Markdown:
    if "@" not in text or not (wording.names or wording.mentions_room):
        return escape_inline(text)
    pieces = []
    for before, name in split_mentions(text, wording):
        # A bang in front of a bracket would make it a picture.
        bang = bool(name) and before.endswith("!")
        pieces += [escape_inline(before.removesuffix("!") if bang else before), "\\!" if bang else ""]
        pieces += [write_mention(name)] if name else []
    return "".join(pieces)


def _plain_paragraph(paragraph: str, wording: Wording) -> Markdown:
    lines = [_keep_indent(line.rstrip()) for line in paragraph.split("\n")]
    text = "\\\n".join(escape_line_starts(escape_with_urls(line, wording)) for line in lines)
    # markdown-it-py strips a paragraph of no-break spaces too, unless the first is spelt out.
    return f"&nbsp;{text[1:]}" if text.startswith("\N{NO-BREAK SPACE}") else text


def _keep_indent(line: str) -> str:
    """Leading spaces would vanish, or make a code block: no-break spaces look the same and stay."""
    text = line.lstrip(" \t")
    indent = len(line[: len(line) - len(text)].expandtabs(4))
    return "\N{NO-BREAK SPACE}" * indent + text


def _escape_line_start(found: re.Match[str]) -> str:
    indent, mark, number, dot = found.groups()
    return f"{indent}\\{mark}" if mark else f"{indent}{number}\\{dot}"


def _longest_run(text: str, letter: str) -> int:
    return max((len(run) for run in re.findall(re.escape(letter) + "+", text)), default=0)

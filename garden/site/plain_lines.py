r"""The quick way for most messages: text that is only lines of words becomes HTML without a parser.

Markdown comes in; where it holds nothing but paragraphs of words, escaped characters, forced line breaks and
bare URLs, the same HTML comes out that the parser would write, and None otherwise. A test compares the two.
"""

from __future__ import annotations

import re
from typing import Final

from garden.pages.page import Markdown

_URL: Final = (
    r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)++(?::[0-9]{1,5})?"
    r"(?:/(?:[A-Za-z0-9/._~!$&'()*+,;=:@?#-]|%[0-9A-F]{2})*+)?"
)
"""Addresses that are already written as a parser would normalise them."""
_SAFE: Final = r"[^\\`*_\[\]<>&~{}\"\x00-\x1f\x7f-\x9f\ufffd]"
"""Characters that mean nothing but themselves, wherever in a line they stand."""
_ESCAPED: Final = r"\\[!-/:-@\[-`{-~]"
_LINE: Final = (
    r"(?![#>+=\-:|\s]|[0-9]{1,9}[.)])"
    rf'(?:{_SAFE}++|{_ESCAPED}|[>"]|(?<=[^\W_])_++(?=[^\W_])|<{_URL}>|&nbsp;|&(?!\#?\w))++(?<!\s)'
)
"""One that starts no block: no heading, quotation, list, rule, table or division."""
_TEXT: Final = re.compile(rf"{_LINE}(?:(?:\\?\n|\n\n){_LINE})*+")
_SPECIAL: Final = re.compile(r'\\(.|\n)|<([^>]*)>|&nbsp;|[&>"]')
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def render_plain_lines(text: Markdown) -> str | None:
    """Render text that holds only lines of words; None where a parser is needed. Takes linear time."""
    if not _TEXT.fullmatch(text):
        return None
    words = _SPECIAL.sub(_show, text).replace("\n\n", "</p>\n<p>")
    return f"<p>{words}</p>\n"


def _show(found: re.Match[str]) -> str:
    escaped, url = found.groups()
    if escaped == "\n":
        return "<br>\n"
    if escaped:
        return _ENTITIES.get(escaped, escaped)
    if url:
        address = url.replace("&", "&amp;")
        return f'<a href="{address}" rel="nofollow ugc">{address}</a>'
    return "\N{NO-BREAK SPACE}" if found[0] == "&nbsp;" else _ENTITIES[found[0]]

"""Divisions of a text, for markdown-it: what opens, `::: {.details}`, and what is shown, `::: {.embed}`.

Lines of Markdown come in and tokens come out. Of what opens, the first block stays in sight, if it is a
paragraph or a heading; of what is shown from another page, the last paragraph says whose it is. Other
divisions are text.
"""

from __future__ import annotations

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from garden.language import msgid

_OPENING: Final = re.compile(
    r"(:{3,})[ \t]*\{[ ]*\.(?:(?P<details>details)(?P<unnamed>[ ]+\.unnamed)?"
    r"|embed(?P<gone>[ ]+\.gone)?)[ ]*\}[ \t]*"
)
_COLONS: Final = re.compile(r"(:{3,})[ \t]*")
_CODE_INDENT: Final = 4
_UNNAMED: Final = msgid("Details")


def add_divisions(parser: MarkdownIt) -> None:
    """Teach a parser divisions."""
    interrupts: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("fence", "division", _read_division, interrupts)
    parser.core.ruler.after("block", "summaries", _name_details)
    parser.core.ruler.after("block", "captions", _name_embeds)


def _read_division(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:  # noqa: FBT001  # as called
    opening = _OPENING.fullmatch(_line(state, start_line))
    if opening is None or state.is_code_block(start_line):
        return False
    if silent:
        return True
    end = _find_end(state, start_line, end_line, len(opening[1]))
    parent, line_max, state.parentType, state.lineMax = state.parentType, state.lineMax, "container", end
    name, tag = ("details", "details") if opening["details"] else ("embed", "figure")
    token = state.push(f"{name}_open", tag, 1)
    token.map = [start_line, end]
    token.meta["unnamed"] = opening["unnamed"] is not None
    if name == "embed":
        token.attrs = {"class": "embed gone" if opening["gone"] else "embed"}
    state.md.block.tokenize(state, start_line + 1, end)
    state.push(f"{name}_close", tag, -1)
    state.parentType, state.lineMax = parent, line_max
    state.line = min(end + 1, end_line)
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _find_end(state: StateBlock, start_line: int, end_line: int, length: int) -> int:
    """Find the line that closes a division, or the first one behind what it stands in."""
    for number in range(start_line + 1, end_line):
        if not state.isEmpty(number) and state.sCount[number] < state.blkIndent:
            return number
        closing = _COLONS.fullmatch(_line(state, number))
        if closing and len(closing[1]) >= length and not state.is_code_block(number):
            return number
    return end_line


def _name_details(state: StateCore) -> None:
    """Make the first paragraph or heading of each division its summary, or give it one."""
    tokens: list[Token] = []
    for index, token in enumerate(state.tokens):
        tokens.append(token)
        if token.type != "details_open":
            continue
        first = state.tokens[index + 1]
        if not token.meta["unnamed"] and first.type in {"paragraph_open", "heading_open"}:
            for each, kind in ((first, "summary_open"), (state.tokens[index + 3], "summary_close")):
                each.type, each.tag, each.hidden = kind, "summary", False
            state.tokens[index + 2].meta["summary"] = True
        else:
            words = Token(
                "inline", "", 0, content=state.env["language"].gettext(_UNNAMED), children=[], block=True
            )
            tokens += [
                Token("summary_open", "summary", 1, block=True),
                words,
                Token("summary_close", "summary", -1, block=True),
            ]
    state.tokens = tokens


def _name_embeds(state: StateCore) -> None:
    """Make the last paragraph of what is shown its caption; where it stands alone it says all there is."""
    for index, token in enumerate(state.tokens):
        last = state.tokens[index - 1]
        if token.type == "embed_close" and last.type == "paragraph_close" and last.level == token.level + 1:
            for each, kind in ((state.tokens[index - 3], "caption_open"), (last, "caption_close")):
                each.type, each.tag, each.hidden = kind, "figcaption", False

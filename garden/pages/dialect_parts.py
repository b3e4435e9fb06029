"""What belongs to a message beside its words: its poll, its earlier wordings, its reactions.

Each is written as a division that follows the message's own, and read back from it, for `dialect`.

    ::: {.poll voters="5" choices="1" ended="2025-03-04T08:00:00.000Z"}
    - **4**: Saturday morning
    - 1: Sunday
    :::

    ::: {.reactions}
    - 🌱: Ada Lindqvist, Ben Ode
    - ![:bean:](../../media/ab/bean.webp): Cleo
    :::

The lists are Markdown that says the same to a reader: what people chose is escaped, `:` and `,` too where
they part a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote, unquote

from garden.conversations.conversation import Poll, PollAnswer
from garden.pages.division import Division, escape_line_ends, unescape
from garden.pages.escape import escape_inline, escape_line_starts
from garden.pages.moment import format_time, parse_time
from garden.pages.page import Markdown, PageMessage, PageReaction, PageVersion

_ANSWER: Final = re.compile(r"- (\*\*)?([0-9]+|\?)(?:\*\*)?:(?: (.*))?")
_REACTION: Final = re.compile(
    r"- (?:!\[(?P<shortcode>[^\\\]]*(?:\\.[^\\\]]*)*)\]\((?:\.\./)*media/(?P<image>[^()\s]*)\)"
    r"|(?P<key>[^\\:]*(?:\\.[^\\:]*)*)): (?P<people>.*)"
)
_PERSON: Final = re.compile(r"(?:^|, )([^\\,]*(?:\\.[^\\,]*)*)")
_PARTING: Final = re.compile("[:,]")


def write_parts(message: PageMessage, up: str) -> Iterator[Division]:
    """Yield the divisions that follow a message's own; `up` leads from its page to the folder of `media`."""
    if message.poll is not None:
        yield _write_poll(message.poll)
    for version in message.history:
        yield Division("version", {"at": format_time(version.sent_at)}, version.text)
    if message.reactions:
        lines = (_write_reaction(reaction, up) for reaction in message.reactions)
        yield Division("reactions", {}, "\n".join(lines))


def read_poll(division: Division) -> Poll:
    """Read a poll. Raises KeyError and ValueError."""
    attributes = division.attributes
    return Poll(
        answers=tuple(_read_answer(line) for line in _lines(division)),
        voters=int(attributes["voters"]),
        max_selections=int(attributes["choices"]),
        ended_at=parse_time(attributes["ended"]) if "ended" in attributes else None,
    )


def read_version(division: Division) -> PageVersion:
    """Read an earlier wording. Raises KeyError and ValueError."""
    return PageVersion(parse_time(division.attributes["at"]), division.text)


def read_reactions(division: Division) -> tuple[PageReaction, ...]:
    """Read reactions in their order. Raises ValueError."""
    return tuple(_read_reaction(line) for line in _lines(division))


def _write_poll(poll: Poll) -> Division:
    attributes = {
        "voters": str(poll.voters),
        "choices": str(poll.max_selections),
        "ended": format_time(poll.ended_at) if poll.ended_at is not None else "",
    }
    return Division("poll", attributes, "\n".join(map(_write_answer, poll.answers)))


def _write_answer(answer: PollAnswer) -> Markdown:
    votes = "?" if answer.votes is None else str(answer.votes)
    count = f"**{votes}**" if answer.is_winner else votes
    text = escape_line_ends(escape_inline(answer.text))
    return f"- {count}: {text}" if text else f"- {count}:"


def _read_answer(line: str) -> PollAnswer:
    found = _ANSWER.fullmatch(line)
    if found is None:
        raise ValueError(f"no answer of a poll such as `- 3: words`: {line[:60]!r}")
    winner, votes, text = found.groups()
    return PollAnswer(unescape(text or ""), None if votes == "?" else int(votes), winner is not None)


def _write_reaction(reaction: PageReaction, up: str) -> Markdown:
    key = (
        f"![{escape_line_ends(escape_inline(reaction.key))}]({up}media/{quote(reaction.image)})"
        if reaction.image
        else escape_line_starts(_escape_piece(reaction.key))
    )
    return f"- {key}: {', '.join(map(_escape_piece, reaction.people))}"


def _read_reaction(line: str) -> PageReaction:
    found = _REACTION.fullmatch(line)
    if found is None:
        raise ValueError(f"no reaction such as `- 🌱: Ada, Ben`: {line[:60]!r}")
    people = tuple(unescape(name) for name in _PERSON.findall(found["people"]))
    key = found["key"] if found["image"] is None else found["shortcode"]
    return PageReaction(unescape(key), people, unquote(found["image"] or ""))


def _escape_piece(text: str) -> Markdown:
    return escape_line_ends(_PARTING.sub(r"\\\g<0>", escape_inline(text)))


def _lines(division: Division) -> Sequence[str]:
    return division.text.split("\n") if division.text else ()

"""Passages: pages come in, those of their messages that notes show go out, as much as notes show of each.

Which ones are wanted is known before any page is grown, since notes are read first: so a large garden keeps
the words of these few messages in memory and of no others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from garden.archive.event import NOBODY, EventId
from garden.pages.address import Address, Anchor, local_target, message_anchor
from garden.pages.escape import escape
from garden.pages.link import hide_permalinks, matrix_identifiers
from garden.pages.page import Markdown, Note, Page, PageMessage
from garden.pages.plain import excerpt, plain_text
from garden.pages.rewrite import find_embeds

_WHOLE: Final = 1200
"""Characters of a message that are shown with all their marks; a longer one is cut."""
_PLAIN: Final = 600
"""Characters that are shown of a message that cannot be cut between its paragraphs."""
_MOST_BRACKETS: Final = 30
_MOST_BARS: Final = 8
"""More of these in a message, or in a line of it, make a note slow to render: their words are shown alone."""
_UNCUT: Final = ("```", "~~~", ":::", "\n|", "\n    ")
"""What a cut between two paragraphs could fall into."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A message that a note shows."""

    address: Address
    """The page that it stands on."""
    title: str
    anchor: Anchor
    author: str
    """Empty where nobody is to be named."""
    sent_at: int
    """Milliseconds since 1970, UTC."""
    edited_at: int | None
    text: Markdown
    """As on its page, before that is linked; empty where it may not be shown elsewhere."""
    is_named: bool
    """Whether links may lead to messages in Matrix, where their senders' names stand."""


def find_wanted(notes: Iterable[Note], base_url: str) -> frozenset[Anchor]:
    """Return the anchors of all messages that notes want to show, whether or not there are such messages."""
    targets = (embed.target for note in notes for embed in find_embeds(note.text))
    return frozenset(anchor for target in targets if (anchor := find_anchor(target, base_url)))


def take_passages(
    page: Page, wanted: Collection[Anchor], *, is_named: bool, is_listed: bool
) -> Iterator[Passage]:
    """Yield the wanted messages of a page; the page itself need not be kept for them.

    `is_named` says whether people are named there as they name themselves, `is_listed` whether search engines
    may list the page, as they list notes.
    """
    for message in page.speaking if wanted else ():
        if message.anchor in wanted:
            yield Passage(
                address=page.address,
                title=page.title,
                anchor=message.anchor,
                author=message.author if is_named and is_listed and message.sender != NOBODY else "",
                sent_at=message.sent_at,
                edited_at=message.edited_at,
                text=_cut(write_down(message)) if is_listed else "",
                is_named=is_named,
            )


def find_anchor(target: str, base_url: str) -> Anchor | None:
    """Return the anchor of the message that a permalink, or a URL of this garden, leads to, if to one."""
    identifiers = matrix_identifiers(target)
    if identifiers is not None:
        return message_anchor(EventId(identifiers[1])) if identifiers[1] else None
    found = local_target(base_url, target)
    return Anchor(found[1]) if found and found[1].startswith("m-") else None


def write_down(message: PageMessage) -> Markdown:
    """Return what a message says where it stands alone; of a poll how it stands is told on its page only."""
    if message.poll is None:
        return message.text
    return "\n\n".join([message.text, "\n".join(f"- {escape(each.text)}" for each in message.poll.answers)])


def _cut(text: Markdown) -> Markdown:
    """Return a message, or its first paragraphs, or its first words."""
    kept = text if len(text) <= _WHOLE else _first_paragraphs(text)
    is_light = kept.count("[") <= _MOST_BRACKETS and all(
        line.count("|") <= _MOST_BARS for line in kept.split("\n")
    )
    return kept if kept and is_light else _first_words(text)


def _first_paragraphs(text: Markdown) -> Markdown:
    """Return what fits without cutting anything in two; empty where nothing does."""
    kept = text[: text.rfind("\n\n", 0, _WHOLE) + 1].rstrip("\n")
    return f"{kept}\n\n…" if kept and not any(mark in f"\n{kept}" for mark in _UNCUT) else ""


def _first_words(text: Markdown) -> Markdown:
    """Brackets and bars are written so that they are nothing else."""
    words = escape(excerpt(plain_text(hide_permalinks(text)), _PLAIN))
    return words.replace("\\[", "&#91;").replace("\\|", "&#124;")

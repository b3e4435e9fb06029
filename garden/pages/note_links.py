"""A note's links: a note comes in and its links go out, for its card; later the note with its links written.

An embed, `![[…]]`, shows a message of another page, or the first words of a page, as a quotation that says
whose words these are. It stands in the text as a division of the dialect (docs/reference/page-format.md):

    ::: {.embed}
    > Dry them first.

    [Ada]{.author} · [3 March 2025]{at="2025-03-03T11:12:00.000Z"} · [How do we store beans?](<…#m-…>)
    :::

What somebody else wrote stands in the quotation alone, and none of it is looked at for further embeds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import quote

from garden.archive.event import RoomId
from garden.language import Language, msgid
from garden.pages.address import Address, Anchor, relative_markdown
from garden.pages.escape import escape, escape_inline
from garden.pages.link import Directory, is_note_file, locate, matrix_identifiers, may_be_local, place_link
from garden.pages.moment import format_time, read_moment
from garden.pages.page import LinkOut, Markdown, Note, PageCard, PageLinks, Target
from garden.pages.passage import Passage, find_anchor
from garden.pages.plain import excerpt, plain_text
from garden.pages.quote import quote_sentences
from garden.pages.rewrite import Embed, Place, replace_targets, target_of
from garden.pages.scan import Mark, scan
from garden.pages.span import span
from garden.pages.wikilink import name_key, name_of

NOT_HERE: Final = msgid("This message is not here.")
"""Stands for a message that nobody can read in this garden, whatever the reason."""

MOST_SHOWN: Final = 100
"""Embeds of one note that are shown; further ones are links."""

_MEDIA: Final = re.compile(r"(?:\.\./)+(media/.+)")
_HEADING: Final = re.compile(r"(?m)^#{1,6}[ \t]+(.+?)[ \t]*#*$")
_MARKER: Final = re.compile(r"[^>\s]")


@dataclass(frozen=True, slots=True)
class Shelf:
    """What notes may show of other pages."""

    directory: Directory
    passages: Mapping[Anchor, Passage]
    cards: Mapping[Address, PageCard]
    unlisted: frozenset[RoomId]
    """Rooms that search engines may not list, while they list notes: of these only titles are told."""
    language: Language


def find_note_links(note: Note, base_url: str) -> tuple[LinkOut, ...]:
    """Return the links of a note that may lead to a page of this garden, and those to what it grew from."""
    embeds: dict[str, bool] = {}
    for piece in scan(note.text):
        target = target_of(piece)
        if target and (may_be_local(target, base_url) or is_note_file(target)):
            embeds[target] = embeds.get(target, False) or piece.mark is Mark.EMBED
    own = _own_headings(note, embeds)
    said = quote_sentences(note.text, embeds)
    first_words = excerpt(note.summary or plain_text(note.text))
    links = [
        LinkOut(target, None, said.get(target, first_words), "", note.tended, embedded)
        for target, embedded in embeds.items()
        if target not in own
    ]
    origins = [target for target in note.grew_from if target not in embeds]
    return (*links, *(LinkOut(target, None, first_words, "", note.tended) for target in origins))


def _own_headings(note: Note, targets: Mapping[str, object]) -> frozenset[str]:
    """Return the links `[[#heading]]` that lead to a heading of the note itself."""
    candidates = [target for target in targets if target.startswith("[[#")]
    if not candidates:
        return frozenset()
    headings = {name_key(plain_text(found[1])) for found in _HEADING.finditer(note.text)}
    return frozenset(
        target for target in candidates if name_key(name_of(target[2:-2]).lstrip("# ")) in headings
    )


def link_note(note: Note, links: PageLinks, shelf: Shelf) -> Note:
    """Rewrite a note's links as relative Markdown links, and its embeds as what they show.

    A wikilink without a page keeps its words; in place of a message that cannot be read here the note says
    so, in the garden's language.
    """
    writing = _Writing(note, dict(links.targets), shelf)
    text = replace_targets(
        note.text, lambda target: place_link(note.address, writing.found.get(target)), writing.show
    )
    return replace(note, text=text, shown=tuple(writing.shown.items()))


@dataclass(slots=True)
class _Writing:
    """One note while its embeds are written in."""

    note: Note
    found: Mapping[str, Target]
    shelf: Shelf
    shown: dict[Anchor, int | None] = field(default_factory=dict)
    count: int = 0

    def show(self, embed: Embed) -> Markdown | None:
        """Return what an embed shows; None where it is no more than a link."""
        target = self.found.get(embed.target)
        if target is None:
            is_message = find_anchor(embed.target, self.shelf.directory.base_url) is not None
            return self._say_absent(embed) if is_message else None
        passage = self.shelf.passages.get(target.anchor) if target.anchor else None
        if target.anchor and passage is None:
            return self._say_absent(embed)
        if embed.lead is None or self.count >= MOST_SHOWN or target.address == self.note.address:
            return None
        self.count += 1
        quotation, caption = self._show_message(passage) if passage else self._show_page(target)
        return _write_division(embed.lead, quotation, caption)

    def _show_message(self, passage: Passage) -> tuple[Markdown, Markdown]:
        url = relative_markdown(self.note.address, passage.address, passage.anchor)
        if not passage.text:
            return "", _caption("", "", passage.title, url)
        self.shown[passage.anchor] = passage.edited_at
        text = replace_targets(passage.text, lambda target: self._place(target, passage))
        return text, _caption(passage.author, self._date(passage.sent_at), passage.title, url)

    def _show_page(self, target: Target) -> tuple[Markdown, Markdown]:
        """Of a page stand its summary or its first words, as in every list of pages."""
        url = relative_markdown(self.note.address, target.address, None)
        card = self.shelf.cards.get(target.address)
        if card is None or card.room_id in self.shelf.unlisted:
            return "", _caption("", "", target.title, url)
        date = self._date(card.planted) if card.planted is not None else ""
        return escape(card.excerpt), _caption("", date, target.title, url)

    def _place(self, target: str, passage: Passage) -> Place | None:
        """Let a link in somebody's words lead from the note where it leads from their page."""
        media = _MEDIA.fullmatch(target)
        if media:
            return Place("../" * self.note.address.count("/") + media[1], "")
        found = place_link(self.note.address, locate(target, self.shelf.directory, passage.address))
        identifiers = matrix_identifiers(target)
        if found is not None or passage.is_named or identifiers is None:
            return found
        url = f"https://matrix.to/#/{quote(identifiers[0], safe='!:')}"
        return Place(url, url)

    def _say_absent(self, embed: Embed) -> Markdown:
        words = escape(self.shelf.language.gettext(NOT_HERE))
        return f"*{words}*" if embed.lead is None else _write_division(embed.lead, "", words, " .gone")

    def _date(self, milliseconds: int) -> Markdown:
        day = self.shelf.language.day(read_moment(milliseconds))
        return span(escape_inline(day), (), {"at": format_time(milliseconds)})


def _caption(author: str, date: Markdown, title: str, url: str) -> Markdown:
    by = span(escape_inline(author), ("author",)) if author else ""
    return " · ".join(filter(None, (by, date, f"[{escape_inline(title)}](<{url}>)")))


def _write_division(lead: str, quotation: Markdown, caption: Markdown, more: str = "") -> Markdown:
    """Write a division that goes on as its line began: in the same list item or quotation."""
    quoted = [f"> {line}" if line else ">" for line in quotation.split("\n")] if quotation else []
    lines = [f"::: {{.embed{more}}}", *quoted, *([""] if quoted else []), caption, ":::"]
    return f"\n{_MARKER.sub(' ', lead)}".join(lines)

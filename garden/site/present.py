"""Linked pages become views: what a template will see of a conversation or a note.

Relative links between Markdown files become relative URLs between the site's pages; times become words;
answers are nested below what they answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, urlsplit
from zlib import crc32

from garden.conversations.conversation import ConversationKind, MessageKind
from garden.conversations.room import Room
from garden.pages.address import (
    Address,
    Anchor,
    follow_markdown,
    relative_url,
    tag_address,
)
from garden.pages.link import Place, replace_targets
from garden.pages.moment import day_in_words, format_time, read_moment
from garden.pages.page import Backlink, Markdown, Note, Page, PageCard, PageLinks, PageMessage
from garden.site.view import (
    BacklinkView,
    CardView,
    ConversationView,
    FrameView,
    LinkView,
    MessageView,
    NoteView,
    ReactionView,
    TimeView,
)

MAX_NESTING: Final = 3
"""Levels of answers; deeper ones stand flat and name whom they answer."""

_SAME_BREATH_MS: Final = 5 * 60 * 1000
"""Within five minutes the same author needs no second header."""


@dataclass(frozen=True, slots=True)
class RoomPlace:
    """A room and the folder its pages stand in."""

    room: Room
    address: Address


def present_conversation(
    page: Page, links: PageLinks, place: RoomPlace, frame: FrameView
) -> ConversationView:
    """Show a page that `link_page` has gone over."""
    mentions = _by_anchor(page.address, links.backlinks)
    shown = [_present_message(message, page, place, mentions) for message in page.messages]
    has_lead = page.kind is not ConversationKind.DAY and page.messages[0].event_id == page.root_id
    lead, rest = (shown[0], shown[1:]) if has_lead else (None, shown)
    speaking = page.speaking
    return ConversationView(
        frame=frame,
        title=page.title,
        kind=page.kind.value,
        room=LinkView(place.room.name, relative_url(page.address, place.address)),
        home=home_link(frame),
        planted=present_time(page.planted),
        tended=present_time(page.tended),
        message_count=len(speaking),
        people_count=len({message.sender for message in speaking}),
        planted_by=speaking[0].author if speaking else "",
        tags=present_tags(page.address, page.tags),
        lead=lead,
        messages=_nest(rest, page.messages, lead.anchor if lead else None),
        backlinks=mentions.get("", ()),
        links_out=_present_links_out(page.address, links),
        continue_url=permalink(place.room, page.root_id),
    )


def present_note(note: Note, links: PageLinks, frame: FrameView) -> NoteView:
    """Show a note that `link_note` has gone over."""
    return NoteView(
        frame=frame,
        title=note.title,
        home=home_link(frame),
        planted=present_time(note.planted) if note.planted is not None else None,
        tended=present_time(note.tended) if note.tended is not None else None,
        tags=present_tags(note.address, note.tags),
        text=site_links(note.address, note.text),
        backlinks=tuple(_present_backlink(note.address, backlink) for backlink in links.backlinks),
        links_out=_present_links_out(note.address, links),
    )


def present_card(start: Address, card: PageCard, room: str = "") -> CardView:
    """Show a page in a list that stands at `start`."""
    return CardView(
        title=card.title,
        url=relative_url(start, card.address),
        kind=card.kind,
        excerpt=card.excerpt,
        room=room,
        planted=present_time(card.planted) if card.planted is not None else None,
        tended=present_time(card.tended) if card.tended is not None else None,
        message_count=card.message_count,
        people_count=card.people_count,
        tags=card.tags,
    )


def present_time(milliseconds: int) -> TimeView:
    """Show a moment, UTC."""
    moment = read_moment(milliseconds)
    return TimeView(format_time(milliseconds), day_in_words(moment), f"{moment:%H:%M}")


def present_tags(start: Address, tags: Iterable[str]) -> tuple[LinkView, ...]:
    """Show tags as links to their pages."""
    return tuple(LinkView(tag, relative_url(start, tag_address(tag))) for tag in tags)


def home_link(frame: FrameView) -> LinkView:
    """Return the link that leads home from any page."""
    return LinkView(frame.site_title, frame.root)


def permalink(room: Room, event_id: str | None = None) -> str:
    """Return the matrix.to URL of a room or of an event in it (appendix "matrix.to navigation").

    The `#` of an alias is percent-encoded, since a fragment cannot hold one (RFC 3986, section 3.5).
    """
    identifier = room.alias if room.alias and event_id is None else room.room_id
    parts = [quote(part, safe="!$:") for part in (identifier, event_id) if part]
    via = f"?via={quote(room.via)}" if room.via and not identifier.startswith("#") else ""
    return f"https://matrix.to/#/{'/'.join(parts)}{via}"


def site_links(address: Address, text: Markdown) -> Markdown:
    """Turn links between Markdown files into links between the site's pages."""

    def find(target: str) -> Place | None:
        path, _, fragment = target.partition("#")
        if not target.startswith("#m-") and (not path.endswith(".md") or urlsplit(target).scheme):
            return None
        page, _ = follow_markdown(address, target)
        return Place(relative_url(address, page, fragment or None), target)

    return replace_targets(text, find)


def _present_message(
    message: PageMessage, page: Page, place: RoomPlace, mentions: Mapping[str, tuple[BacklinkView, ...]]
) -> MessageView:
    removed = message.kind is MessageKind.REMOVED
    return MessageView(
        anchor=message.anchor,
        author="" if removed else message.author,
        initial=next((letter.upper() for letter in message.author if letter.isalnum()), "?")[0],
        hue=crc32(message.sender.encode("utf-8", "replace")) % 360,
        time=present_time(message.sent_at),
        edited=present_time(message.edited_at) if message.edited_at is not None else None,
        kind=message.kind.value,
        text=site_links(page.address, message.text),
        reply_to=None,
        continues=False,
        reactions=tuple(ReactionView(key, count) for key, count in message.reactions),
        mentions=mentions.get(message.anchor, ()),
        permalink=permalink(place.room, message.event_id),
        replies=(),
    )


def _nest(
    views: Sequence[MessageView], messages: Sequence[PageMessage], lead: str | None
) -> tuple[MessageView, ...]:
    """Hang every message below the one it answers, at most `MAX_NESTING` levels deep.

    An answer to the lead is the discussion's first level. The nesting says whom a message answers; where it
    cannot, `reply_to` does.
    """
    by_anchor = {message.anchor: message for message in messages}
    present: set[str] = {view.anchor for view in views}
    level: dict[str, int] = {}
    parents: dict[str, str | None] = {}
    parent: str | None
    for view in views:
        answered = by_anchor[Anchor(view.anchor)].reply_to
        parent = answered if answered in level and answered != view.anchor else None
        while parent is not None and level[parent] >= MAX_NESTING:
            parent = parents[parent]
        parents[view.anchor] = parent
        level[view.anchor] = 1 if parent is None else level[parent] + 1
    children: dict[str | None, list[MessageView]] = {}
    for view in views:
        answered = by_anchor[Anchor(view.anchor)].reply_to
        shown = answered is None or answered in {lead, parents[view.anchor], view.anchor}
        known = answered in present or answered == lead
        label = None
        if not shown and known and answered is not None:
            label = LinkView(_name_answered(by_anchor[answered]), f"#{answered}")
        children.setdefault(parents[view.anchor], []).append(replace(view, reply_to=label))
    return _assemble(children, None, by_anchor)


def _name_answered(message: PageMessage) -> str:
    return "a removed message" if message.kind is MessageKind.REMOVED else message.author


def _assemble(
    children: Mapping[str | None, Sequence[MessageView]],
    parent: str | None,
    messages: Mapping[Anchor, PageMessage],
) -> tuple[MessageView, ...]:
    """Recursion is bounded by `MAX_NESTING`."""
    nested = [
        replace(view, replies=_assemble(children, view.anchor, messages)) for view in children.get(parent, ())
    ]
    return tuple(
        replace(view, continues=before is not None and _continues(before, view, messages))
        for before, view in zip([None, *nested], nested, strict=False)
    )


def _continues(before: MessageView, view: MessageView, messages: Mapping[Anchor, PageMessage]) -> bool:
    """The account decides, not the name it shows: nobody gets to speak under somebody else's header."""
    if before.replies or before.mentions or view.reply_to or "removed" in {before.kind, view.kind}:
        return False
    former, latter = messages[Anchor(before.anchor)], messages[Anchor(view.anchor)]
    same = (former.sender, former.author) == (latter.sender, latter.author)
    return same and 0 <= latter.sent_at - former.sent_at <= _SAME_BREATH_MS


def _by_anchor(address: Address, backlinks: Iterable[Backlink]) -> dict[str, tuple[BacklinkView, ...]]:
    grouped: dict[str, list[BacklinkView]] = {}
    for backlink in backlinks:
        grouped.setdefault(backlink.target_anchor or "", []).append(_present_backlink(address, backlink))
    return {anchor: tuple(views) for anchor, views in grouped.items()}


def _present_backlink(address: Address, backlink: Backlink) -> BacklinkView:
    return BacklinkView(
        title=backlink.title,
        url=relative_url(address, backlink.address, backlink.source_anchor),
        sentence=backlink.sentence,
        author=backlink.author,
        time=present_time(backlink.sent_at) if backlink.sent_at is not None else None,
    )


def _present_links_out(address: Address, links: PageLinks) -> tuple[LinkView, ...]:
    """Show each page that is linked to once, however many of its messages are."""
    targets = {target.address: target.title for _, target in links.targets if target.address != address}
    return tuple(LinkView(title, relative_url(address, target)) for target, title in targets.items())
